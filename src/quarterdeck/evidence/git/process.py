"""Runs git on a clone of our own: no configuration but what stands here, no network, bounded memory and time."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.hostile import LARGEST_LINE, LARGEST_TEXT, MEBIBYTE

try:
    import resource
except ImportError:  # no such limits outside Unix
    resource = None  # type: ignore[assignment]

Process = subprocess.Popen[bytes]
LARGEST_OUTPUT = 16_384 * MEBIBYTE  # of one process into a file
MOST_MEMORY = 4_096 * MEBIBYTE  # a process may ask for; packs that are only mapped do not count
MOST_SECONDS = 6 * 3600  # of one process's own computing
RENAME_LIMIT = 1000

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
# What decides how lines are counted; told with every repository, so that a figure can be counted again.
COUNTING = ("diff.algorithm=myers", "diff.renames=true", f"diff.renameLimit={RENAME_LIMIT}", "diff.context=3")
_SETTINGS = (
    *COUNTING,
    "diff.interHunkContext=0",
    "diff.indentHeuristic=true",
    "log.showRoot=true",
    "i18n.logOutputEncoding=UTF-8",
    "core.bigFileThreshold=512m",
    "core.deltaBaseCacheLimit=256m",  # a sixth less computing than with the 96m of the default
    "core.attributesFile=/dev/null",
    f"attr.tree={_EMPTY_TREE}",  # newer versions read attributes from the head of a bare clone
    "mailmap.blob=HEAD:.mailmap",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.multiPackIndex=false",
    "gc.auto=0",
    "fetch.unpackLimit=1",
    "maintenance.auto=false",
    "protocol.allow=never",
    "protocol.file.allow=always",
)
# Keep freed memory instead of giving it back between any two files: a twentieth less computing.
_ALLOCATION = ":".join(
    f"glibc.malloc.{name}={mebibytes * MEBIBYTE}"
    for name, mebibytes in (("trim_threshold", 1024), ("top_pad", 32), ("mmap_threshold", 256))
)


def environment() -> dict[str, str]:
    """The whole environment git gets: nothing of the caller's but where programs are found."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "false",
        "GLIBC_TUNABLES": _ALLOCATION,
    }


def words(*command: str, directory: Path | None = None) -> list[str]:
    """The whole command line of one git command on one repository of our own."""
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    place = [f"--git-dir={directory}"] if directory else []
    return ["git", "--no-pager", *place, *settings, *command]


def _bound(process: Process, largest_file: int | None) -> None:
    """Limit what a started process may take; a limit set after the start needs no code in the forked child."""
    if resource is None or not hasattr(resource, "prlimit"):
        return
    limits = {resource.RLIMIT_DATA: MOST_MEMORY, resource.RLIMIT_CPU: MOST_SECONDS, resource.RLIMIT_CORE: 0}
    if largest_file is not None:
        limits[resource.RLIMIT_FSIZE] = largest_file
    for kind, value in limits.items():
        try:
            resource.prlimit(process.pid, kind, (value, value))
        except (ProcessLookupError, ValueError, PermissionError):
            return  # ended already, or bound more tightly from outside


def _failed(name: str, command: str, code: int, errors: IO[bytes]) -> Refused:
    errors.seek(0)
    lines = errors.read(64 * 1024).decode("utf-8", "replace").strip().splitlines()
    last = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
    return Refused(name, f"git {command} failed ({code}): {last[:300] or 'no message; memory or time ran out'}")


@dataclass(frozen=True)
class Git:
    """Git on one repository of our own. `name` is what a person knows the repository by, for messages."""

    directory: Path
    name: str
    inside: bool = True  # False for the one command that runs beside repositories: clone
    indexed: bool = True  # False to read every commit itself instead of git's index of them

    def start(self, *command: str, given: IO[bytes], into: IO[bytes] | int, errors: IO[bytes]) -> Process:
        """Start one command; output into a file is bounded in size."""
        command_line = words(*self._how(), *command, directory=self.directory if self.inside else None)
        place, surroundings = self.directory, environment()
        try:
            process = subprocess.Popen(
                command_line, stdin=given, stdout=into, stderr=errors, env=surroundings, cwd=place
            )
        except OSError as error:
            raise Refused(self.name, f"the git command does not start: {error.strerror}") from error
        _bound(process, LARGEST_OUTPUT if into != subprocess.PIPE else None)
        return process

    def _how(self) -> tuple[str, ...]:
        return () if self.indexed else ("-c", "core.commitGraph=false")

    def output(self, *command: str, given: bytes = b"", largest: int = LARGEST_TEXT) -> bytes:
        """All that one command says; more than `largest` bytes or a failure is refused."""
        blocks: list[bytes] = []
        total = 0
        for block in self._blocks(*command, given=given):
            total += len(block)
            if total > largest:
                raise Refused(self.name, f"git {command[0]} says more than {largest // MEBIBYTE} MiB")
            blocks.append(block)
        return b"".join(blocks)

    def records(self, *command: str, given: bytes = b"", separator: bytes = b"\n") -> Iterator[bytes]:
        """What one command says, cut at its separators, without ever holding all of it."""
        return split(self._blocks(*command, given=given), separator, self.name)

    def _blocks(self, *command: str, given: bytes) -> Iterator[bytes]:
        with self.reading(*command, given=given) as said:
            while block := said.read(MEBIBYTE):
                yield block

    @contextlib.contextmanager
    def reading(self, *command: str, given: bytes) -> Iterator[IO[bytes]]:
        """What one command says, as a file to read; a failure is refused once all of it was read."""
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as errors:
            asked.write(given)
            asked.seek(0)
            process = self.start(*command, given=asked, into=subprocess.PIPE, errors=errors)
            try:
                yield cast(IO[bytes], process.stdout)
                process.wait()
            finally:
                end(process)
            if process.returncode:
                raise _failed(self.name, command[0], process.returncode, errors)

    def spool(self, *command: str, given: bytes, folder: Path, running: set[Process]) -> IO[bytes]:
        """What one command says, in a nameless file of `folder`; `running` holds the process while it runs."""
        into = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller reads and closes it
        with tempfile.TemporaryFile(dir=folder) as asked, tempfile.TemporaryFile(dir=folder) as errors:
            asked.write(given)
            asked.seek(0)
            process = self.start(*command, given=asked, into=into, errors=errors)
            running.add(process)
            try:
                process.wait()
            finally:
                running.discard(process)
                end(process)
            if not process.returncode and os.fstat(into.fileno()).st_size > LARGEST_OUTPUT:
                into.close()  # it ended before its limit was set
                raise Refused(self.name, f"git {command[0]} says more than {LARGEST_OUTPUT // MEBIBYTE} MiB")
            if process.returncode:
                into.close()
                raise _failed(self.name, command[0], process.returncode, errors)
        into.seek(0)
        return into


def split(blocks: Iterator[bytes], separator: bytes, name: str) -> Iterator[bytes]:
    """Blocks of bytes cut at a separator; what follows the last separator is given only if it is not empty."""
    rest = b""
    for block in blocks:
        pieces = (rest + block).split(separator)
        rest = pieces.pop()
        if len(rest) > LARGEST_LINE:
            raise Refused(name, f"holds a name or message of more than {LARGEST_LINE // MEBIBYTE} MiB")
        yield from pieces
    if rest:
        yield rest


def end(process: Process) -> None:
    """End a process that may still run, and let go of its output."""
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def version() -> str:
    """The version of git in use; refused where there is none."""
    try:
        done = subprocess.run(["git", "version"], capture_output=True, env=environment(), check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise Refused("git", "the git command is not installed or does not run") from error
    return done.stdout.decode().strip()
