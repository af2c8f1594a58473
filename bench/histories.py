"""Writes large git histories for benches: seeded, so that the same arguments give the same commits everywhere."""

import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FIRST_SECOND = 1_400_000_000
TEXT = "account balance cache client config cursor entry error field filter handler index invoice ledger message order"
WORDS = TEXT.split()


def environment() -> dict[str, str]:
    """An environment in which git reads no configuration of this machine."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


@dataclass
class _Writer:
    """A working tree that moves on commit by commit; files have 30 to 900 lines, a commit touches two on average."""

    seed: int
    start_files: int
    dice: random.Random = field(init=False)
    files: dict[str, list[str]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    written: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def line(self) -> str:
        self.written += 1
        words = " ".join(self.dice.choices(WORDS, k=self.dice.randint(2, 8)))
        return f"{' ' * 4 * self.dice.randint(0, 3)}{words} {self.written % 5000}"

    def new_path(self) -> str:
        depth = self.dice.randint(1, 5)
        folders = [f"{self.dice.choice(WORDS)}{self.dice.randint(0, 3)}" for _ in range(depth)]
        return "/".join([*folders, f"{self.dice.choice(WORDS)}_{len(self.paths)}.py"])

    def add(self) -> str:
        path = self.new_path()
        self.files[path] = [self.line() for _ in range(int(min(900, max(30, self.dice.lognormvariate(5, 0.8)))))]
        self.paths.append(path)
        return path

    def edit(self) -> str:
        """Change a few places of one file; files changed before are changed more often, as in real histories."""
        place = int(len(self.paths) * self.dice.random() ** 3)
        lines = self.files[self.paths[place]]
        for _ in range(self.dice.randint(1, 4)):
            at = self.dice.randrange(len(lines))
            cut = self.dice.randint(0, 3) if len(lines) > 30 else 0
            lines[at : at + cut] = [self.line() for _ in range(self.dice.randint(0 if cut else 1, 5))]
        return self.paths[place]

    def rename(self) -> tuple[str, str]:
        place = self.dice.randrange(len(self.paths))
        old, new = self.paths[place], self.new_path()
        self.files[new] = self.files.pop(old)
        self.paths[place] = new
        return old, new


def _inline(path: str, lines: list[str]) -> bytes:
    data = ("\n".join(lines) + "\n").encode()
    return b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data)


def _header(mark: int, person: int, parents: list[int]) -> bytes:
    who = b"Developer %d <d%d@example.invalid> %d +0000" % (person, person, FIRST_SECOND + 600 * mark)
    subject = b"Fix case %d" % mark if mark % 5 == 0 else b"Change %d" % mark
    words = b"".join(b"%s :%d\n" % (b"merge" if place else b"from", parent) for place, parent in enumerate(parents))
    return b"commit refs/heads/main\nmark :%d\nauthor %s\ncommitter %s\ndata %d\n%s\n%s" % (
        mark, who, who, len(subject), subject, words
    )  # fmt: skip


def stream(commits: int, seed: int, start_files: int) -> Iterator[bytes]:
    """A fast-import stream: every sixth commit is a merge, one in fifty renames a file, one in ten adds some."""
    writer = _Writer(seed, start_files)
    for mark in range(1, commits + 1):
        person = int(60 * writer.dice.random() ** 2)
        if mark == 1:
            paths = [writer.add() for _ in range(start_files)]
        elif mark % 6 == 0:
            yield _header(mark, person, [mark - 1, mark - 2])
            continue
        else:
            paths = [writer.edit() for _ in range(1 + int(writer.dice.expovariate(0.7)))]
            paths += [writer.add() for _ in range(writer.dice.randint(1, 3)) if mark % 10 == 1]
        yield _header(mark, person, [mark - 1] if mark > 1 else [])
        if mark % 50 == 7:
            old, new = writer.rename()
            paths = [new if path == old else path for path in paths]
            yield b"R %s %s\n" % (old.encode(), new.encode())
        for path in dict.fromkeys(paths):
            yield _inline(path, writer.files[path])
        yield b"\n"


def write(folder: Path, commits: int, seed: int = 1, start_files: int = 3000) -> Path:
    """Write a bare repository of that many commits, packed as a server packs it; kept if it is there already."""
    done = folder / "quarterdeck-bench"
    wanted = f"{commits} {seed} {start_files} 1\n"
    if done.exists() and done.read_text() == wanted:
        return folder
    folder.mkdir(parents=True)
    run = {"cwd": folder, "env": environment(), "check": True}
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main"], **run)
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=folder, env=environment(), stdin=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        for block in stream(commits, seed, start_files):
            process.stdin.write(block)
        process.stdin.close()
    assert process.returncode == 0
    subprocess.run(["git", "repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=10"], **run)
    done.write_text(wanted)
    return folder
