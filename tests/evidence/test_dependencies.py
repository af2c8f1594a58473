"""The reader of components: each kind of manifest by hand, and installed packages."""

from pathlib import Path

import polars as pl
import pytest
from manifests import BILL, CARGO, GO_MOD, GO_SUM, NPM, NPM_1, REQUIREMENTS, UV, frames, one, pairs, short, write

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.dependencies import CURRENT, READER, read

# --- each kind by hand ---------------------------------------------------------------------------------------------


def test_uv_lock(tmp_path: Path) -> None:
    rows, edges, batch = one(tmp_path, "uv.lock", UV)
    assert rows == [
        ("pkg:pypi/web@2.0", "2.0", True, "runtime", True, 18),
        ("pkg:pypi/fork@1.0", "1.0", False, "runtime", False, 28),
        ("pkg:pypi/fork@2.0", "2.0", False, "dev", False, 32),
        ("pkg:pypi/quick@3.10", "3.10", False, "runtime", False, 36),
        ("pkg:pypi/mailer@1%211.0", "1!1.0", True, "runtime", False, 40),
        ("pkg:pypi/tester@9", "9", True, "dev", False, 44),
    ]
    assert edges == pairs(
        "pypi",
        "shop@0.1.0 web@2.0",
        "shop@0.1.0 mailer@1%211.0",
        "shop@0.1.0 tester@9",
        "web@2.0 fork@1.0",
        "web@2.0 quick@3.10",
        "tester@9 fork@2.0",
        "tester@9 web@2.0",
    )
    assert [(problem.line, problem.reason) for problem in batch.problems] == [
        (44, "tester needs gone, which the file does not hold")
    ]


def test_package_lock(tmp_path: Path) -> None:
    rows, edges, batch = one(tmp_path, "package-lock.json", NPM)
    assert batch.problems == []
    assert rows == [
        ("pkg:npm/left@1.2.3", "1.2.3", True, "runtime", True, 2),
        ("pkg:npm/pad@0.9.0", "0.9.0", False, "runtime", False, 3),
        ("pkg:npm/pad@2.0.0", "2.0.0", False, "dev", False, 4),
        ("pkg:npm/%40types/left@1.0.0", "1.0.0", True, "dev", False, 5),
        ("pkg:npm/real@4.0.0", "4.0.0", True, "runtime", False, 8),
    ]
    assert edges == pairs("npm", "left@1.2.3 pad@0.9.0", "%40types/left@1.0.0 pad@2.0.0")
    components, _ = frames(batch)
    assert components.select("ecosystem", "name", "licence").row(3) == ("npm", "@types/left", None)
    assert components["licence"][0] == "MIT"


def test_package_lock_of_version_1(tmp_path: Path) -> None:
    rows, edges, _ = one(tmp_path, "package-lock.json", NPM_1)
    assert sorted(rows) == [
        ("pkg:npm/%40acme/real@4.0.0", "4.0.0", None, "runtime", False, 4),
        ("pkg:npm/far", None, None, "runtime", False, 3),
        ("pkg:npm/left@1.2.3", "1.2.3", None, "runtime", False, 1),
        ("pkg:npm/pad@0.9.0", "0.9.0", None, "dev", False, 5),
        ("pkg:npm/pad@2.0.0", "2.0.0", None, "runtime", True, 2),
    ]
    assert edges == pairs("npm", "left@1.2.3 pad@0.9.0", "left@1.2.3 far")


def test_go_mod_with_its_sums(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    write(folder, "go.mod", GO_MOD)
    write(folder, "go.sum", GO_SUM)
    batch = read(folder, None)
    components, edges = frames(batch)
    assert batch.problems == []
    assert short(components) == [
        ("pkg:golang/example.org/a@v1.2.3", "v1.2.3", True, None, True, 6),
        ("pkg:golang/example.org/b/v2@v2.0.0", "v2.0.0", False, None, False, 7),
        ("pkg:golang/example.org/d@v0.2.0", "v0.2.0", True, None, False, 10),
    ]
    assert components["name"].to_list() == ["example.org/a", "example.org/b/v2", "example.org/d"]
    assert edges.height == 0


def test_go_sum_alone(tmp_path: Path) -> None:
    rows, _, _ = one(tmp_path, "go.sum", GO_SUM)
    assert rows == [
        ("pkg:golang/example.org/a@v1.2.3", "v1.2.3", None, None, True, 1),
        ("pkg:golang/example.org/old@v0.0.1", "v0.0.1", None, None, True, 3),
    ]


def test_cargo_lock(tmp_path: Path) -> None:
    rows, edges, batch = one(tmp_path, "Cargo.lock", CARGO)
    assert batch.problems == []
    assert rows == [
        ("pkg:cargo/serde@1.0.1", "1.0.1", True, None, True, 8),
        ("pkg:cargo/rand@0.8.5", "0.8.5", True, None, False, 15),
        ("pkg:cargo/rand@0.9.0", "0.9.0", False, None, False, 20),
    ]
    assert edges == pairs("cargo", "shop@0.1.0 serde@1.0.1", "shop@0.1.0 rand@0.8.5", "serde@1.0.1 rand@0.9.0")


def test_requirements(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    write(folder, "requirements.txt", REQUIREMENTS)
    write(folder, "extra/base.txt", "base==1.0\n-r ../requirements.txt\n")
    batch = read(folder / "requirements.txt", None)
    components, edges = frames(batch)
    assert batch.problems == []
    assert short(components) == [
        ("pkg:pypi/web@2.0", "2.0", True, "runtime", True, 3),
        ("pkg:pypi/quick@3.10", "3.10", False, "runtime", False, 7),
        ("pkg:pypi/loose", None, None, "runtime", False, 9),
        ("pkg:pypi/tool", None, None, "runtime", False, 11),
        ("pkg:pypi/base@1.0", "1.0", None, "runtime", False, 1),
    ]
    assert components["origin"].to_list() == ["requirements.txt"] * 4 + ["extra/base.txt"]
    assert set(edges.select("from_purl", "to_purl").rows()) == pairs("pypi", "web@2.0 quick@3.10")
    assert "secret" not in str(batch.problems) + components.write_json() + edges.write_json()


def test_cyclonedx(tmp_path: Path) -> None:
    rows, edges, batch = one(tmp_path, "bom.json", BILL)
    assert rows == [
        ("pkg:maven/org.acme/web@2.0", "2.0", True, "runtime", True, 1),
        ("pkg:generic/inner@1", "1", False, "dev", False, 2),
    ]
    assert edges == {
        ("pkg:generic/shop@1", "pkg:maven/org.acme/web@2.0"),
        ("pkg:generic/shop@1", "s"),
        ("pkg:maven/org.acme/web@2.0", "pkg:generic/inner@1"),
    }
    components, _ = frames(batch)
    assert components.select("ecosystem", "name", "licence").row(0) == ("Maven", "org.acme:web", "MIT; Own")
    assert [problem.reason for problem in batch.problems] == [
        "pkg:maven/org.acme/web@2.0 depends on 'unknown', which the document does not hold"
    ]


def test_poetry_and_pipfile(tmp_path: Path) -> None:
    poetry = '[[package]]\nname = "A.b"\nversion = "1"\ngroups = ["main", "dev"]\nfiles = [{file = "a", hash = "0"}]\n'
    poetry += '[package.dependencies]\nC = "*"\n[[package]]\nname = "c"\nversion = "2"\ngroups = ["dev"]\nfiles = []\n'
    rows, edges, _ = one(tmp_path, "poetry.lock", poetry)
    assert rows == [
        ("pkg:pypi/a.b@1", "1", None, "runtime", True, 1),
        ("pkg:pypi/c@2", "2", None, "dev", False, 8),
    ]
    assert edges == pairs("pypi", "a.b@1 c@2")
    pipfile = {
        "_meta": {},
        "default": {"x": {"version": "==1.0", "hashes": ["sha256:0"]}},
        "develop": {"y": {"path": "."}},
    }
    rows, _, _ = one(tmp_path, "Pipfile.lock", pipfile)
    assert rows == [("pkg:pypi/x@1.0", "1.0", None, "runtime", True, 1)]


# --- installed packages --------------------------------------------------------------------------------------------


def _install(folder: Path, name: str, version: str, metadata: str = "", requested: bool = False) -> None:
    place = f"{name}-{version}.dist-info"
    write(folder, f"{place}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\n\nText\n")
    if requested:
        write(folder, f"{place}/REQUESTED", "")


def test_a_site_packages_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / ".venv" / "lib" / "python3.11" / "site-packages"
    needs = 'Requires-Dist: Pad>=1\nRequires-Dist: left ; extra == "x"\nRequires-Dist: gone\nRequires-Dist: ???'
    _install(folder, "web", "2.0", f"License-Expression: MIT\n{needs}", requested=True)
    _install(folder, "pad", "1.0", "License: BSD\nClassifier: License :: OSI Approved :: BSD License")
    _install(folder, "left", "3.0", "License: " + "long " * 100)
    batch = read(folder, None)
    components, edges = frames(batch)
    assert components.select("subject", "purl", "direct", "licence").rows() == [
        ("shop", "pkg:pypi/left@3.0", False, None),
        ("shop", "pkg:pypi/pad@1.0", False, "BSD License"),
        ("shop", "pkg:pypi/web@2.0", True, "MIT"),
    ]
    assert edges.select("from_purl", "to_purl").rows() == [("pkg:pypi/web@2.0", "pkg:pypi/pad@1.0")]
    assert [problem.reason[:31] for problem in batch.problems] == ["web needs something unreadable:"]
    assert list(read(folder, batch.state).parts) == []


def test_the_current_environment_holds_what_runs_this_test() -> None:
    components, edges = frames(read(Path(CURRENT), None))
    found = dict(components.select("name", "version").iter_rows())
    assert found["polars"] == pl.__version__
    assert found["pytest"] == pytest.__version__
    assert ("packaging", "pytest") not in set(edges.select("from_purl", "to_purl").rows())
    assert edges.height > 10


def test_huge_metadata_is_refused(tmp_path: Path) -> None:
    _install(tmp_path / "site-packages", "web", "2.0", "License: " + "x" * (5 * 1024 * 1024))
    with pytest.raises(Refused, match="larger"):
        read(tmp_path / "site-packages", None)


def test_the_page_tells_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs/readers/dependencies.md").read_text()
    for table in READER.tables:
        assert f"### `{table.name}`" in page
        for column in table.columns:
            assert f"| `{column.name}` |" in page
            assert column.help in page
