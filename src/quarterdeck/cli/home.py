"""Commands of the home: init, serve, worker, history."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from quarterdeck.cli.app import OPTIONS, Misused, app, open_home, reader, reader_who_may, split
from quarterdeck.cli.output import Json, put, put_json, put_table
from quarterdeck.cli.words import _, ngettext
from quarterdeck.cli.working import working

history = typer.Typer(help="Look at the chain of changes.", no_args_is_help=True)
app.add_typer(history, name="history")


@app.command()
def init(
    home: Annotated[Path | None, typer.Argument(metavar="HOME", help="The folder; else --home says which.")] = None,
    as_json: Json = False,
) -> None:
    """Make a home, or bring one up to date; a home is one folder."""
    from quarterdeck.web import home as homes  # noqa: PLC0415 — nothing heavy before a command needs it

    if home is not None:
        OPTIONS.home = home.expanduser().resolve()
    own = (*homes.FOLDERS, homes.SECRET)  # of another process that is making it just now
    if OPTIONS.home.is_dir() and not homes.is_home(OPTIONS.home) and not _holds_only(OPTIONS.home, own):
        raise Misused(f"{OPTIONS.home} holds other things; a home is a new or an empty folder")
    make_home()
    following = f"quarterdeck --home {OPTIONS.home} user NAME --role cto"
    said = _("%(home)s is ready. Next: %(command)s") % {"home": OPTIONS.home, "command": following}
    put({"home": str(OPTIONS.home)}, said, as_json=as_json)


def _holds_only(folder: Path, names: tuple[str, ...]) -> bool:
    return all(path.name.startswith(names) for path in folder.iterdir())


def make_home() -> None:
    """Make the home and its records, or bring them up to date."""
    from quarterdeck.web import home as homes  # noqa: PLC0415

    fresh = not homes.is_home(OPTIONS.home)
    homes.make(OPTIONS.home)
    if fresh:
        OPTIONS.home.chmod(0o700)  # the folder may have been there before
    open_home()
    migrate()


def migrate() -> None:
    """Bring the records to this version's form; of two processes that start at once the second waits."""
    from django.core.management import call_command  # noqa: PLC0415

    with _alone(OPTIONS.home / "scratch" / "migrating"):
        call_command("migrate", verbosity=0)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8400,
    workers: Annotated[int, typer.Option(help="Web processes.", min=1, max=256)] = 2,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Also run a worker for background work.")] = False,
    as_json: Json = False,
) -> None:
    """Serve the pages and the API until stopped."""
    open_home()
    _free(host, port)
    migrate()
    url = f"http://{host}:{port}"
    put({"url": url}, _("Quarterdeck answers at %(url)s (Ctrl-C stops it)") % {"url": url}, as_json=as_json)
    sys.stdout.flush()
    helper = subprocess.Popen([sys.executable, "-m", "quarterdeck", "worker"]) if with_worker else None
    limits = f"--workers {workers} --blocking-threads {THREADS} --backpressure {REQUESTS}"
    words = f"--interface wsgi --host {host} --port {port} {limits} --no-ws --log-level warning"
    command = [sys.executable, "-m", "granian", *words.split(), "quarterdeck.web.wsgi:application"]
    server = subprocess.Popen(command, stdout=sys.stderr)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.terminate())
    try:
        code = server.wait()
    finally:
        if helper:
            helper.terminate()
            helper.wait()
    raise typer.Exit(0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else 1)


THREADS = 2 * (os.cpu_count() or 1) + 1  # of one web process
REQUESTS = 64  # that one web process takes up at once; more wait


def _free(host: str, port: int) -> None:
    """Whether the address can be listened on. Raises Misused."""
    try:
        family, _type, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise Misused(f"{host}:{port} cannot be listened on: {error.strerror}") from error


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what waits, then stop.")] = False, as_json: Json = False
) -> None:
    """Do background work until stopped."""
    open_home()
    from quarterdeck.runs import jobs  # noqa: PLC0415

    going = True

    def stop(*_: object) -> None:
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    done = jobs.work(once=once, idle=lambda: going)
    put({"jobs": done}, ngettext("%(count)d job done", "%(count)d jobs done", done) % {"count": done}, as_json=as_json)


@history.command("verify")
def verify(as_json: Json = False) -> None:
    """Recompute the chain of changes; exit code 1 where it breaks."""
    open_home()
    from quarterdeck.kinds import history as chain  # noqa: PLC0415

    reader_who_may("history", "verify", "the history")
    with working(_("history")):
        broken = list(chain.verify())
    number, mark = chain.head()
    if as_json:
        faults = [{"commit": one.number, "why": one.reason} for one in broken]
        put_json({"commits": number, "head": mark, "holds": not broken, "faults": faults})
    elif broken:
        columns = {"commit": _("commit"), "why": _("what is wrong")}
        put_table(columns, [(one.number, one.reason) for one in broken], as_json=False)
    else:
        print(_("%(count)s commits, the chain holds; head %(head)s") % {"count": number, "head": mark})
    if broken:
        raise typer.Exit(1)


@history.command("show")
def of_record(
    reference: Annotated[str, typer.Argument(metavar="KIND:KEY", help="The record, like system:shop.")],
    as_json: Json = False,
) -> None:
    """Show who changed a record, when, and what."""
    open_home()
    from quarterdeck.kinds import show  # noqa: PLC0415
    from quarterdeck.kinds.access import Access  # noqa: PLC0415
    from quarterdeck.kinds.declare import KINDS  # noqa: PLC0415

    who, (kind, key) = reader(), split(reference)
    row = Access(who).select(kind).one(key)
    rows = [
        (
            change["at"].isoformat(timespec="seconds"),
            change["by"]["by"],
            change["source"] if as_json else show.origin(change["source"]),
            one["field"],
            one["before"],
            one["after"],
        )
        for change in show.changes(KINDS[kind], row, who)
        for one in change["changes"]
    ]
    columns = {
        "at": _("at"),
        "by": _("by"),
        "source": _("source"),
        "field": _("field"),
        "before": _("before"),
        "after": _("after"),
    }
    put_table(columns, rows, as_json=as_json)
