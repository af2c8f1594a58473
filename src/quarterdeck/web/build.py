"""Build the third-party assets of the pages and documents: typefaces, htmx and the Vega bundle."""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import vl_convert

ROOT = Path(__file__).resolve().parents[3]
DECLARED = ROOT / "assets"
ASSETS = Path(__file__).resolve().parent / "assets"
BUILD_ENVIRONMENT = ROOT / ".build"
STAMP = "stamp.json"
DECLARATIONS = ("package.json", "package-lock.json", ".npmrc")
FACE = re.compile(r"@font-face\s*\{(?P<body>[^}]*)\}")
SOURCE = re.compile(r"url\(\./files/(?P<file>[\w.-]+\.woff2)\)")
RANGE = re.compile(r"unicode-range:\s*(?P<range>[^;]+);")


@dataclass(frozen=True)
class WebFont:
    """A variable typeface cut in slices, served to browsers under one family name."""

    family: str
    package: str
    sheet: str


@dataclass(frozen=True)
class DocumentFont:
    """A static TrueType file used by documents and by charts drawn on the server."""

    package: str
    file: str


WEB_FONTS = (
    WebFont("Inter", "@fontsource-variable/inter", "wght.css"),
    WebFont("Noto Sans SC", "@fontsource-variable/noto-sans-sc", "wght.css"),
)
DOCUMENT_FONTS = (
    DocumentFont("@expo-google-fonts/inter", "400Regular/Inter_400Regular.ttf"),
    DocumentFont("@expo-google-fonts/inter", "500Medium/Inter_500Medium.ttf"),
    DocumentFont("@expo-google-fonts/inter", "600SemiBold/Inter_600SemiBold.ttf"),
    DocumentFont("@expo-google-fonts/inter", "700Bold/Inter_700Bold.ttf"),
    DocumentFont("@expo-google-fonts/noto-sans-sc", "400Regular/NotoSansSC_400Regular.ttf"),
    DocumentFont("@expo-google-fonts/noto-sans-sc", "500Medium/NotoSansSC_500Medium.ttf"),
    DocumentFont("@expo-google-fonts/noto-sans-sc", "700Bold/NotoSansSC_700Bold.ttf"),
)


class BuildError(Exception):
    """The assets cannot be built; the message says what is missing."""


def find_npm(wanted: str | None = None) -> str:
    """Path of npm: the one asked for, the build environment's, else the system's. Raises BuildError."""
    own = BUILD_ENVIRONMENT / "bin" / "npm"
    found = wanted or (str(own) if own.exists() else shutil.which("npm"))
    if not found:
        raise BuildError(
            "npm was not found: install requirements/build.txt into a virtual environment at .build, "
            "or put npm on the path, or name it with --npm"
        )
    return found


def install_packages(npm: str, folder: Path) -> Path:
    """Install the locked packages in `folder`, every one checked against its hash; return their folder."""
    for name in DECLARATIONS:
        shutil.copy(DECLARED / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"npm ci failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return folder / "node_modules"


def font_faces(family: str, sheet: str) -> list[tuple[str, str]]:
    """Read (file, unicode range) of every slice of a typeface's sheet; raises BuildError when one has neither."""
    slices = []
    for face in FACE.finditer(sheet):
        source, covered = SOURCE.search(face["body"]), RANGE.search(face["body"])
        if not source or not covered:
            raise BuildError(f"a slice of {family} names no file or no range")
        slices.append((source["file"], " ".join(covered["range"].split())))
    if not slices:
        raise BuildError(f"{family} has no slices")
    return slices


def write_web_fonts(packages: Path, target: Path) -> None:
    """Copy the slices beside a sheet `fonts.css` which names them by range."""
    target.mkdir(parents=True)
    lines = []
    for font in WEB_FONTS:
        package = packages / font.package
        for file, covered in font_faces(font.family, (package / font.sheet).read_text("utf-8")):
            shutil.copyfile(package / "files" / file, target / file)
            lines.append(
                f'@font-face {{ font-family: "{font.family}"; font-style: normal; font-weight: 100 900; '
                f'font-display: swap; src: url("{file}") format("woff2"); unicode-range: {covered}; }}'
            )
        shutil.copyfile(package / "LICENSE", target / f"{font.package.rsplit('/', 1)[1]}-licence.txt")
    (target / "fonts.css").write_text("\n".join(lines) + "\n", "utf-8")


def write_document_fonts(packages: Path, target: Path) -> None:
    """Copy the TrueType files which documents and server-drawn charts embed."""
    target.mkdir(parents=True)
    for font in DOCUMENT_FONTS:
        package = packages / font.package
        shutil.copyfile(package / font.file, target / Path(font.file).name)
        shutil.copyfile(package / "LICENSE_FONT", target / f"{font.package.rsplit('/', 1)[1]}-licence.txt")


def write_scripts(target: Path) -> None:
    """Write htmx and the Vega bundle; the bundle declares constants, so it is closed in a function."""
    target.mkdir(parents=True)
    htmx = distribution("django-htmx").locate_file("django_htmx/static/django_htmx/htmx-2.min.js")
    (target / "htmx.js").write_text(Path(str(htmx)).read_text("utf-8"), "utf-8")
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    (target / "vega.js").write_text(f'(function () {{\n"use strict";\n{bundle}\n}})();\n', "utf-8")


def wanted_digest() -> str:
    """Digest of everything the assets are made from."""
    made_from = hashlib.sha256(Path(__file__).read_bytes())
    for name in DECLARATIONS:
        made_from.update((DECLARED / name).read_bytes())
    for name in ("django-htmx", "vl-convert-python"):
        made_from.update(f"{name} {distribution(name).version}\n".encode())
    return made_from.hexdigest()


def inventory(folder: Path) -> dict[str, int]:
    """Size in bytes of every file under `folder`, by its relative name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != STAMP)
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def is_current(folder: Path = ASSETS) -> bool:
    """Whether the assets are there, whole, and made from what is declared now."""
    stamp = folder / STAMP
    if not stamp.is_file():
        return False
    return bool(json.loads(stamp.read_text("utf-8")) == {"made_from": wanted_digest(), "files": inventory(folder)})


def build(npm: str | None = None, target: Path = ASSETS) -> bool:
    """Make the assets unless they are current; returns whether anything was built. Raises BuildError.

    `target/static` is served; `target/typefaces` holds the files documents and server-drawn charts use.
    """
    if is_current(target):
        return False
    with tempfile.TemporaryDirectory(prefix="quarterdeck-assets-") as scratch:
        new = Path(scratch) / "new"
        packages = install_packages(find_npm(npm), Path(scratch))
        write_web_fonts(packages, new / "static" / "fonts")
        write_document_fonts(packages, new / "typefaces")
        write_scripts(new / "static" / "vendor")
        stamp = {"made_from": wanted_digest(), "files": inventory(new)}
        (new / STAMP).write_text(json.dumps(stamp, indent=1, sort_keys=True) + "\n", "utf-8")
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(new, target)
    return True


def main() -> int:
    """Run from the command line; returns the exit code."""
    reader = argparse.ArgumentParser(prog="python -m quarterdeck.web.build", description=__doc__)
    reader.add_argument("--npm", help="the npm to use; otherwise .build/bin/npm, then the system's")
    try:
        built = build(reader.parse_args().npm)
    except BuildError as failure:
        print(failure, file=sys.stderr)
        return 1
    size = sum(inventory(ASSETS).values()) / 1e6
    print(f"{ASSETS.relative_to(ROOT)}: {'built' if built else 'current'}, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
