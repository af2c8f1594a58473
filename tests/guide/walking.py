"""Follows a page of the guide word by word: writes the files it says, makes its changes, runs its commands."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
FILE = r"`([\w./-]+\.\w+)`"
LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv*",
    ".build",
    "assets",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "example-home",
    "example-files",
    "node_modules",
    "images",
)


@dataclass(frozen=True)
class Step:
    """One thing a page says to do: what, with which text, about which file; the line of the page it stands in."""

    sort: str  # write, append, change, run, expect
    text: str
    path: str
    line: int
    section: str


def steps(page: str) -> Iterator[Step]:
    """What a page says to do, in its order. A block that nothing says what to do with is a fault of the page."""
    last, path, section = 0, "", ""
    for found in BLOCK.finditer(page):
        before = page[last : found.start()]
        last, line = found.end(), page.count("\n", 0, found.start()) + 1
        headings = re.findall(r"^## (.*)$", before, re.MULTILINE)
        section = headings[-1] if headings else section
        said = " ".join(
            before.rpartition("\n\n")[0].rpartition("\n\n")[2].split() + before.rpartition("\n\n")[2].split()
        )
        language, text = found[2], found[3]
        if language == "sh":
            yield Step("run", text, "", line, section)
        elif language == "diff":
            named = re.findall(FILE, said)
            path = named[-1] if named else path
            yield Step("change", text, path, line, section)
        elif written := re.search(rf"Write {FILE}:$", said):
            yield Step("write", text, written[1], line, section)
        elif longer := re.search(rf"At the end of {FILE}:$", said):
            yield Step("append", text, longer[1], line, section)
        elif said.endswith("It prints:"):
            yield Step("expect", text, language, line, section)
        else:
            raise ValueError(f"line {line}: nothing says what to do with this block: {said[-80:]!r}")


def changed(text: str, diff: str) -> str:
    """A text after a change: the lines that stay and go are found once, one after the other, whatever is around."""
    lines = diff.splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if line[:1] in " -")
    after = "".join(f"{line[1:]}\n" for line in lines if line[:1] in " +")
    count = len(re.findall(f"(?=\n{re.escape(before)})", "\n" + text))
    if count != 1:
        raise ValueError(f"stands there {count} times: {before}")
    return ("\n" + text).replace("\n" + before, "\n" + after)[1:]


@dataclass
class Walk:
    """A folder to follow a page in, its home, and what its commands printed, by section."""

    folder: Path
    printed: dict[str, list[str]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tools = self.folder.parent / "bin"
        tools.mkdir()
        for name, module in {"quarterdeck": " -m quarterdeck", "django-admin": " -m django", "python": ""}.items():
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{module} "$@"\n')
            (tools / name).chmod(0o755)
        dropped = ("QUARTERDECK_USER", "QUARTERDECK_LAKE_URL", "QUARTERDECK_DATABASE_URL")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in dropped},
            "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
            "DJANGO_SETTINGS_MODULE": "quarterdeck.web.settings",
            "QUARTERDECK_HOME": str(self.folder.parent / "home"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, text: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run lines of shell in the folder."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert not check or done.returncode == 0, f"{text}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def take(self, step: Step) -> None:
        """Do what one step says."""
        path = self.folder / step.path
        match step.sort:
            case "write":
                assert not path.exists(), f"line {step.line}: {step.path} is there already"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text, encoding="utf-8")
            case "append":
                path.write_text(path.read_text(encoding="utf-8") + ("\n\n" if path.suffix == ".py" else "") + step.text)
            case "change":
                path.write_text(changed(path.read_text(encoding="utf-8"), step.text), encoding="utf-8")
            case "run":
                self.printed.setdefault(step.section, []).append(self.run(step.text).stdout)
            case "expect":
                self.expect(step)

    def expect(self, step: Step) -> None:
        """The last command printed this: the same JSON, or these lines among its own."""
        printed = self.printed[step.section][-1]
        if step.path == "json":
            last = printed[printed.rindex("\n{\n") + 1 :] if "\n{\n" in printed else printed
            assert json.loads(last) == json.loads(step.text), f"line {step.line} prints {last}"
            return
        words = [" ".join(line.split()) for line in printed.splitlines()]
        for line in filter(None, step.text.splitlines()):
            assert any(" ".join(line.split()) in one for one in words), (
                f"line {step.line}: {line!r} is not in {printed}"
            )


def checkout(folder: Path) -> Path:
    """A copy of the checkout, with the assets of the original."""
    found = shutil.copytree(ROOT, folder / "checkout", ignore=LEFT_OUT)
    assets = ROOT / "src" / "quarterdeck" / "web" / "assets"
    if assets.is_dir():
        (found / "src" / "quarterdeck" / "web" / "assets").symlink_to(assets)
    (found / "docs" / "images").symlink_to(ROOT / "docs" / "images")
    return found
