"""Turns what can go wrong into one clear line and an exit code: 2 for a wrong argument, 1 for what was refused."""

import sys

import typer

from quarterdeck.cli.output import plain

WRONG, FAILED, STOPPED = 2, 1, 130
OUTCOMES = {  # by full name, so that nothing heavy is loaded to look for it
    "quarterdeck.cli.app.Misused": WRONG,
    "quarterdeck.evidence.batch.Refused": WRONG,
    "quarterdeck.kinds.access.NotFound": WRONG,
    "quarterdeck.kinds.questions.BadQuestion": WRONG,
    "quarterdeck.office.plan.changes.BadChange": WRONG,
    "builtins.OSError": WRONG,
    "quarterdeck.charts.render.TypefacesMissingError": FAILED,
    "quarterdeck.decisions.ledger.Closed": FAILED,
    "quarterdeck.estate.exchange.NoRate": FAILED,
    "quarterdeck.kinds.roles.Denied": FAILED,
    "quarterdeck.kinds.write.Refused": FAILED,
    "quarterdeck.lake.collect.Overtaken": FAILED,
    "quarterdeck.office.candidates.drafts.Unclear": FAILED,
    "quarterdeck.office.plan.frame.NotReady": FAILED,
}
DATABASE = "django.db.utils.DatabaseError"
UNUSABLE = ("CANTOPEN", "READONLY", "NOTADB", "CORRUPT", "PERM", "IOERR", "FULL", "BUSY")  # what SQLite says of a file


def guarded(app: typer.Typer) -> int:
    """Run the program; returns its exit code."""
    try:
        code = app(prog_name="quarterdeck", standalone_mode=False)
    except KeyboardInterrupt:
        return say("stopped", STOPPED)
    except BrokenPipeError:
        return 0
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort:
        return say("stopped", FAILED)
    except Exception as error:
        return _outcome(error)
    return int(code) if isinstance(code, int) else 0


def _outcome(error: Exception) -> int:
    """The line and the code of what went wrong; what nobody foresaw is a fault of the program and raised again."""
    if callable(message := getattr(error, "format_message", None)):  # the option parser's own complaints
        if type(error).__name__ == "NoArgsIsHelpError":
            print(message(), file=sys.stderr)
            return WRONG
        return say(message(), WRONG)
    names = [f"{one.__module__}.{one.__qualname__}" for one in type(error).__mro__]
    if DATABASE in names and (line := _of_records(error)):
        return say(line, WRONG)
    known = next((name for name in names if name in OUTCOMES), None)
    if known is None:
        raise error
    return say(_LINES.get(known, str)(error), OUTCOMES[known])


def _of_file(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _of_records(error: Exception) -> str:
    """What is wrong with the home's records: that they are of another version, or cannot be used; else nothing."""
    from django.db import DatabaseError, connection  # noqa: PLC0415 — Django is there, since its error is
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    from quarterdeck.cli.app import OPTIONS  # noqa: PLC0415

    code = getattr(error.__cause__, "sqlite_errorname", "")
    if code.removeprefix("SQLITE_").startswith(UNUSABLE):
        return f"the records of {OPTIONS.home} cannot be used: {error}"
    try:
        executor = MigrationExecutor(connection)
        behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as other:
        return f"the records of {OPTIONS.home} cannot be reached: {other}"
    again = f"{OPTIONS.home} is of an older version; bring it up to date with: quarterdeck init {OPTIONS.home}"
    return again if behind else ""


_LINES = {
    "builtins.OSError": _of_file,
    "quarterdeck.kinds.access.NotFound": lambda error: f"there is no {error}",
}


def say(text: str, code: int) -> int:
    """One line on the error stream; returns the code."""
    print(f"quarterdeck: {plain(' '.join(text.split()))}", file=sys.stderr)
    return code
