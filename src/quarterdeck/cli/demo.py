"""The command demo: an example company's files, and real evidence, taken through the whole line."""

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, TextIO

import typer

from quarterdeck.cli.app import OPTIONS, Misused, app
from quarterdeck.cli.home import make_home, serve
from quarterdeck.cli.output import Json, put_json
from quarterdeck.cli.words import _
from quarterdeck.cli.working import working

USERS = (
    ("cto", "cto", "Chief Technology Officer"),
    ("gm", "general-manager", "General manager"),
    ("head", "head-of-department", "Head of department"),
    ("lead", "direct-subordinate", "Engineering manager"),
    ("hr", "hr", "Human resources"),
    ("finance", "finance", "Finance"),
    ("engineer", "engineer", "Engineer"),
    ("auditor", "auditor", "Auditor"),
    ("admin", "administrator", "Administrator"),
)
PASSWORD = "quarterdeck-example"  # noqa: S105 — of an example on this machine alone
LATER = 35  # days between the two collections of the example
REPORT = "example.json"  # in the example's home, once all of it was made
ACCEPTED = 12  # candidates that the example's CTO takes into the plan


@app.command()
def demo(
    home: Annotated[
        Path | None,
        typer.Option(help="Where the example's home is made; else --home of the program, else example-home."),
    ] = None,
    files: Annotated[Path, typer.Option(help="Where the example company's files are written.")] = Path("example-files"),
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop before serving.")] = False,
    port: Annotated[int, typer.Option(help="Port to serve on.", min=1, max=65_535)] = 8400,
    today: Annotated[str, typer.Option(help="The example's day (YYYY-MM-DD); today where none is given.")] = "",
    as_json: Json = False,
) -> None:
    """Make an example company, walk the line with it, and serve."""
    day = _day(today)
    out = sys.stderr if as_json else sys.stdout
    OPTIONS.home = home.resolve() if home else OPTIONS.home if OPTIONS.named else Path("example-home").resolve()
    if (OPTIONS.home / REPORT).is_file():
        report = json.loads((OPTIONS.home / REPORT).read_text(encoding="utf-8"))
    elif OPTIONS.home.exists() and any(OPTIONS.home.iterdir()):
        raise Misused(f"{OPTIONS.home} is not an example that was finished; remove it, or name another with --home")
    elif files.exists() and (not files.is_dir() or any(files.iterdir())):
        raise Misused(f"{files} holds something already; remove it, or name another folder with --files")
    else:
        report = _walk(files.resolve(), day, out)
    if as_json:
        put_json(report)
    signing = {"names": ", ".join(name for name, _role, _title in USERS), "password": PASSWORD}
    print("\n" + _("Sign in as %(names)s; the password is %(password)s") % signing, file=out)
    if no_serve:
        return
    serve(host="127.0.0.1", port=port, workers=2, with_worker=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError as error:
        raise Misused(f"{text!r} is not a day like 2026-11-20") from error


class _Steps:
    """Says what was done, and how long it took."""

    def __init__(self, out: TextIO) -> None:
        self._began, self._out = time.monotonic(), out
        self.said: list[str] = []

    def __call__(self, text: str) -> None:
        self.said.append(text)
        print(f"  {time.monotonic() - self._began:6.1f} s  {text}", file=self._out, flush=True)


def _walk(files: Path, day: date, out: TextIO) -> dict[str, object]:
    """The whole line; what was done, which is also kept in the home once all of it is."""
    from quarterdeck import sample  # noqa: PLC0415 — nothing heavy before a command needs it

    say = _Steps(out)
    with working(_("the example company's files")):
        layout = sample.write(files, day - timedelta(days=LATER))
        sample.materialise(files)
    say(_("wrote the example company's files to %(folder)s") % {"folder": files})
    make_home()
    from quarterdeck.cli import line  # noqa: PLC0415 — needs the records
    from quarterdeck.kinds.roles import Authority, service  # noqa: PLC0415

    line.users(USERS, PASSWORD)
    line.take_in(layout, say, service("set-up"))  # what was decided before there was a Quarterdeck is in it
    line.own_evidence(_checkout(), say)
    line.decide(ACCEPTED, say)
    with working(_("the files of five weeks later")):
        later = sample.write_later(files, day)
        sample.materialise(files)
    line.take_in(later, say, Authority(line.who("cto")))
    line.report(say)
    users = {name: role for name, role, _title in USERS}
    report: dict[str, object] = {
        "home": str(OPTIONS.home),
        "files": str(files),
        "users": users,
        "password": PASSWORD,
        "steps": say.said,
    }
    (OPTIONS.home / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return report


def _checkout() -> Path | None:
    """This program's own repository, where it runs from one."""
    found = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "rev-parse", "--show-toplevel"],
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(found.stdout.strip()) if found.returncode == 0 else None
