"""Turns what can go wrong into one clear line and an exit code: 2 for a wrong argument, 1 for what was refused."""

import sys

import typer

WRONG, FAILED = 2, 1


def guarded(app: typer.Typer) -> int:
    """Run the program; returns its exit code."""
    try:
        code = app(standalone_mode=False)
    except KeyboardInterrupt:
        return _say("stopped", 130)
    except BrokenPipeError:
        return 0
    except Exception as error:
        if type(error).__name__ == "Exit":
            return int(getattr(error, "exit_code", 0))
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)  # type: ignore[attr-defined]
            return WRONG
        if callable(message := getattr(error, "format_message", None)):  # the option parser's own complaints
            return _say(message(), WRONG)
        if type(error).__name__ == "Abort":
            return _say("stopped", FAILED)
        if type(error).__name__ not in _KNOWN or not type(error).__module__.startswith("quarterdeck."):
            if isinstance(error, LookupError | FileNotFoundError | PermissionError | IsADirectoryError):
                return _say(str(error).strip("'\""), WRONG)
            raise
        return _say(str(error), _KNOWN[type(error).__name__])
    return int(code) if isinstance(code, int) else 0


_KNOWN = {
    "Misused": WRONG,
    "BadChange": WRONG,
    "BadQuestion": WRONG,
    "NotFound": WRONG,
    "NotReady": FAILED,
    "Denied": FAILED,
    "Refused": FAILED,
    "Overtaken": FAILED,
    "NoRate": FAILED,
    "Unclear": FAILED,
    "Closed": FAILED,
    "BuildError": FAILED,
}


def _say(text: str, code: int) -> int:
    print(f"quarterdeck: {' '.join(text.split())}", file=sys.stderr)
    return code
