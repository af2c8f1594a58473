"""Small manifests written by hand, and short ways to read them, for the tests of the reader of components."""

import json
from pathlib import Path

import polars as pl

from quarterdeck.evidence.batch import Batch
from quarterdeck.evidence.dependencies import read

UV = """\
version = 1
revision = 3

[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "Web", extra = ["fast"] },
]

[package.optional-dependencies]
mail = [{ name = "mailer" }]

[package.dev-dependencies]
dev = [{ name = "tester" }]

[[package]]
name = "web"
version = "2.0"
source = { registry = "https://packages.example.org/simple" }
dependencies = [{ name = "fork", version = "1.0", marker = "python_full_version < '3.12'" }]
wheels = [{ url = "https://packages.example.org/web-2.0.whl", hash = "sha256:00" }]

[package.optional-dependencies]
fast = [{ name = "quick" }]

[[package]]
name = "fork"
version = "1.0"

[[package]]
name = "fork"
version = "2.0"

[[package]]
name = "quick"
version = "3.10"

[[package]]
name = "mailer"
version = "1!1.0"

[[package]]
name = "tester"
version = "9"
dependencies = [{ name = "fork", version = "2.0" }, { name = "web" }, { name = "gone" }]
"""
NPM = {
    "name": "shop",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "shop", "dependencies": {"left": "^1"}, "devDependencies": {"@types/left": "*"}},
        "node_modules/left": {"version": "1.2.3", "license": "MIT", "integrity": "x", "dependencies": {"pad": "*"}},
        "node_modules/left/node_modules/pad": {"version": "0.9.0"},
        "node_modules/pad": {"version": "2.0.0", "dev": True},
        "node_modules/@types/left": {"version": "1.0.0", "dev": True, "dependencies": {"pad": "*"}},
        "packages/tool": {"name": "tool", "version": "1.0.0", "dependencies": {"alias": "*"}},
        "node_modules/tool": {"resolved": "packages/tool", "link": True},
        "node_modules/alias": {"name": "real", "version": "4.0.0"},
    },
}
NPM_1 = {
    "name": "shop",
    "lockfileVersion": 1,
    "dependencies": {
        "left": {
            "version": "1.2.3",
            "requires": {"pad": "*", "far": "*"},
            "dependencies": {"pad": {"version": "0.9.0", "dev": True}},
        },
        "pad": {"version": "2.0.0", "integrity": "x"},
        "far": {"version": "https://packages.example.org/far.tgz"},
        "other": {"version": "npm:@acme/real@4.0.0"},
    },
}
GO_MOD = """\
module example.org/shop

go 1.22

require (
	example.org/a v1.2.3
	example.org/b/v2 v2.0.0 // indirect
	example.org/local v0.0.0
)
require "example.org/c" v0.1.0 // a word
replace example.org/c => example.org/d v0.2.0
replace example.org/local v0.0.0 => ../local
exclude example.org/a v1.2.2
"""
GO_SUM = """\
example.org/a v1.2.3 h1:AAAA=
example.org/a v1.2.3/go.mod h1:BBBB=
example.org/old v0.0.1 h1:CCCC=
example.org/older v0.0.1/go.mod h1:DDDD=
"""
CARGO = """\
version = 4

[[package]]
name = "shop"
version = "0.1.0"
dependencies = ["serde", "rand 0.8.5"]

[[package]]
name = "serde"
version = "1.0.1"
source = "registry+https://packages.example.org/index"
checksum = "00"
dependencies = ["rand 0.9.0 (registry+https://packages.example.org/index)"]

[[package]]
name = "rand"
version = "0.8.5"
source = "registry+https://packages.example.org/index"

[[package]]
name = "rand"
version = "0.9.0"
source = "registry+https://packages.example.org/index"
"""
REQUIREMENTS = """\
# this file is generated
--index-url https://user:secret@packages.example.org/simple
Web[fast]==2.0 ; python_version >= "3.11" \\
    --hash=sha256:00 \\
    --hash=sha256:11
    # via -r requirements.in
quick==3.10  # via web
    # something else
loose>=1.0

tool @ https://packages.example.org/tool.zip
-r extra/base.txt
"""
BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"bom-ref": "root", "name": "shop", "version": "1", "type": "application"}},
    "components": [
        {
            "bom-ref": "w",
            "name": "web",
            "group": "org.acme",
            "version": "2.0",
            "purl": "pkg:maven/org.acme/web@2.0",
            "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}],
            "hashes": [{"alg": "SHA-256", "content": "00"}],
            "components": [{"bom-ref": "i", "name": "inner", "version": "1", "scope": "excluded"}],
        }
    ],
    "services": [{"bom-ref": "s", "name": "store"}],
    "dependencies": [{"ref": "root", "dependsOn": ["w", "s"]}, {"ref": "w", "dependsOn": ["i", "unknown"]}],
}

Row = tuple[str, str | None, bool | None, str | None, bool | None, int | None]


def frames(batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
    components, edges = batch.parts
    for part in (components, edges):
        assert part.frame.schema == part.table.schema
    return components.frame, edges.frame


def short(frame: pl.DataFrame) -> list[Row]:
    return frame.select("purl", "version", "direct", "scope", "hashed", "line").rows()


def write(folder: Path, name: str, content: str | dict | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = (
        content
        if isinstance(content, bytes)
        else (content if isinstance(content, str) else json.dumps(content)).encode()
    )
    path.write_bytes(data)
    return path


def one(tmp_path: Path, name: str, content: str | dict | bytes) -> tuple[list[Row], set[tuple[str, str]], Batch]:
    batch = read(write(tmp_path / "shop", name, content), None)
    components, edges = frames(batch)
    assert set(components["subject"]) <= {"shop"}
    return short(components), set(edges.select("from_purl", "to_purl").rows()), batch


def pairs(kind: str, *pairs: str) -> set[tuple[str, str]]:
    return {tuple(f"pkg:{kind}/{end}" for end in pair.split(" ")) for pair in pairs}  # type: ignore[misc]
