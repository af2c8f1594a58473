"""The command demo: an example company's files, and real evidence, taken through the whole line."""

import subprocess
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from quarterdeck.cli.app import OPTIONS, app, open_home

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
ACCEPTED = 12  # candidates that the example's CTO takes into the plan


@app.command()
def demo(
    home: Annotated[Path, typer.Option(help="Where the example's home is made.")] = Path("example-home"),
    files: Annotated[Path, typer.Option(help="Where the example company's files are written.")] = Path("example-files"),
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop before serving.")] = False,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8400,
    today: Annotated[str, typer.Option(help="The example's day (YYYY-MM-DD); today where none is given.")] = "",
) -> None:
    """Make the example company, walk the whole line with it, and serve it."""
    day = date.fromisoformat(today) if today else date.today()
    OPTIONS.home = home.resolve()
    if not (OPTIONS.home / "records.sqlite3").exists():
        _walk(files.resolve(), day)
    if no_serve:
        return
    print(f"\nSign in at http://127.0.0.1:{port} as {', '.join(name for name, _r, _t in USERS)}; password {PASSWORD}")
    from quarterdeck.cli.home import serve  # noqa: PLC0415

    serve(host="127.0.0.1", port=port, workers=2, with_worker=True)


class _Steps:
    """Says what is being done, and how long it took."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()

    def __call__(self, text: str) -> None:
        now = time.monotonic()
        print(f"  {now - self._began:6.1f} s  {text}", flush=True)
        self._last = now


def _walk(files: Path, day: date) -> None:
    from quarterdeck import sample  # noqa: PLC0415
    from quarterdeck.web import home as homes  # noqa: PLC0415

    say = _Steps()
    layout = sample.write(files, day - timedelta(days=LATER))
    sample.materialise(files)
    say(f"wrote the example company's files to {files}")
    homes.make(OPTIONS.home)
    open_home()
    from django.core.management import call_command  # noqa: PLC0415

    from quarterdeck.cli import line  # noqa: PLC0415 — needs the records

    call_command("migrate", verbosity=0)
    line.users(USERS, PASSWORD)
    line.take_in(layout, say)
    line.own_evidence(_checkout(), say)
    line.decide(ACCEPTED, say)
    later = sample.write_later(files, day)
    sample.materialise(files)
    line.take_in(later, say)
    line.report(say)


def _checkout() -> Path | None:
    """This program's own repository, where it runs from one."""
    found = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "rev-parse", "--show-toplevel"],
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(found.stdout.strip()) if found.returncode == 0 else None
