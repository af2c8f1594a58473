"""Commands of the home: init, serve, worker, user, token, history."""

import secrets
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from quarterdeck.cli.app import OPTIONS, Misused, app, open_home, reader
from quarterdeck.cli.output import Json, put, put_table

history = typer.Typer(help="The chain of changes.", no_args_is_help=True)
app.add_typer(history, name="history")


@app.command()
def init(home: Path, as_json: Json = False) -> None:
    """Make a home: a folder for records, evidence, documents and the secret key."""
    from quarterdeck.web import home as homes  # noqa: PLC0415

    OPTIONS.home = home.expanduser().resolve()
    homes.make(OPTIONS.home)
    open_home()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    put(
        {"home": str(OPTIONS.home)},
        f"{OPTIONS.home} is ready. Next: quarterdeck --home {home} user NAME --role cto",
        as_json=as_json,
    )


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8400,
    workers: Annotated[int, typer.Option(help="Web processes.")] = 2,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Also run a worker for background work.")] = False,
) -> None:
    """Serve the pages and the API with a production server."""
    open_home()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    helper = subprocess.Popen([sys.executable, "-m", "quarterdeck", "worker"]) if with_worker else None
    print(f"Quarterdeck answers at http://{host}:{port} (Ctrl-C stops it)", flush=True)
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--no-ws",
        "--log-level",
        "warning",
        "quarterdeck.web.wsgi:application",
    ]
    server = subprocess.Popen(command)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.terminate())
    try:
        code = server.wait()
    finally:
        if helper:
            helper.terminate()
            helper.wait()
    raise typer.Exit(0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else 1)


@app.command()
def worker(once: Annotated[bool, typer.Option("--once", help="Do what waits, then stop.")] = False) -> None:
    """Do background work until stopped."""
    open_home()
    from quarterdeck.runs import jobs  # noqa: PLC0415

    going = True

    def stop(*_: object) -> None:
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    jobs.work(once=once, idle=lambda: going)


@app.command()
def user(
    name: str,
    role: Annotated[list[str] | None, typer.Option(help="A role; say it again for another.")] = None,
    person: Annotated[str, typer.Option(help="Key of the user's own person record.")] = "",
    password: Annotated[str, typer.Option(help="Password; made and printed once where none is given.")] = "",
    full_name: Annotated[str, typer.Option(help="Name as shown.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Let this user no longer sign in.")] = False,
    as_json: Json = False,
) -> None:
    """Make a user, or change their roles."""
    open_home()
    from quarterdeck.kinds.models import User  # noqa: PLC0415
    from quarterdeck.kinds.roles import ROLES, Denied  # noqa: PLC0415
    from quarterdeck.kinds.users import give_roles  # noqa: PLC0415

    if not reader().may("users"):
        raise Denied("change", "users")
    unknown = [name for name in role or [] if name not in ROLES]
    if unknown:
        raise Misused(f"there is no role {unknown[0]!r}; there are: {', '.join(ROLES)}")
    found, born = User.objects.get_or_create(username=name)
    made = password or (secrets.token_urlsafe(12) if born else "")
    if made:
        found.set_password(made)
    found.is_active = not remove
    found.first_name = full_name or found.first_name
    found.person = person or found.person
    found.save()
    if role is not None:
        give_roles(found, role)
    shown = {"user": name, "roles": role or [], "password": "" if password else made, "active": not remove}
    sentence = f"{name}: {', '.join(role or []) or 'no change of roles'}" + (
        f"; password {made} (shown once)" if made and not password else ""
    )
    put(shown, sentence, as_json=as_json)


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    owner: Annotated[str, typer.Option("--user", help="Whose rights it has, at most.")],
    rights: Annotated[str, typer.Option(help="read, write or import.")] = "read",
    days: Annotated[int, typer.Option(help="How long it lasts.")] = 90,
    as_json: Json = False,
) -> None:
    """Make a token for the API; it is shown once."""
    open_home()
    from django.utils import timezone  # noqa: PLC0415

    from quarterdeck.kinds.models import User  # noqa: PLC0415
    from quarterdeck.kinds.users import make_token  # noqa: PLC0415

    if rights not in ("read", "write", "import"):
        raise Misused(f"rights are read, write or import, not {rights!r}")
    found = User.objects.filter(username=owner).first()
    if found is None:
        raise Misused(f"there is no user {owner!r}")
    text = make_token(found, name, rights, timezone.now() + timedelta(days=days))
    put({"token": text}, text, as_json=as_json)


@history.command("verify")
def verify(as_json: Json = False) -> None:
    """Recompute the whole chain of changes; exit code 1 where it does not hold."""
    open_home()
    from quarterdeck.kinds import history as chain  # noqa: PLC0415

    broken = list(chain.verify())
    number, mark = chain.head()
    if broken:
        put_table(("commit", "what is wrong"), [(b.number, b.reason) for b in broken], as_json=as_json)
        raise typer.Exit(1)
    put(
        {"commits": number, "head": mark, "holds": True},
        f"{number} commits, the chain holds; head {mark}",
        as_json=as_json,
    )
