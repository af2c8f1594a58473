"""What the journey collects: files made by others, laid out as a company would have them; first, and a month later."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

LOCKS = "05_sbom_lockfiles/lock_vulns"
LATER_ADVISORY = {  # written by hand: what an advisory that comes out in the meantime looks like
    "schema_version": "1.6.0",
    "id": "QD-2026-0001",
    "summary": "Request smuggling in the worker",
    "published": "2026-11-10T09:00:00Z",
    "modified": "2026-11-10T09:00:00Z",
    "aliases": ["CVE-2026-99999"],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N"}],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "gunicorn"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "22.0.0"}]}],
        }
    ],
}


@dataclass(frozen=True)
class Source:
    """One thing to collect: by which reader, from where, under which name."""

    reader: str
    path: Path
    name: str = ""


def first(shared: Path, folder: Path, repositories: list[Path]) -> list[Source]:
    """What is collected the first time. Raises FileNotFoundError where the real inputs are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    advisories = folder / "advisories"
    shutil.copytree(shared / "01_osv_advisories" / "pypa", advisories, copy_function=shutil.copyfile)
    shutil.copytree(
        shared / LOCKS / "advisories", advisories / "matched", copy_function=shutil.copyfile, ignore=_held(advisories)
    )
    return [
        Source("catalogue", shared / "06_architecture" / "backstage_giantswarm"),
        _roster(shared, folder, "2026-10"),
        Source("bill", shared / "04_finops_focus" / "focus_1_0_sample_even_rows.csv"),
        Source("advisories", advisories, "advisories"),
        Source("end_of_life", shared / "02_eol" / "products"),
        Source("issues", shared / "10_issue_tracker" / "agile_project_dataset" / "jira_project_0.csv"),
        *(Source("dependencies", path, path.name) for path in _locks(shared, folder, repositories)),
        *histories(repositories),
    ]


def histories(repositories: list[Path]) -> list[Source]:
    """The repositories: their histories, and the manifests in their checkouts."""
    found = [Source("git", path, path.name) for path in repositories]
    return found + [Source("dependencies", path, f"{path.name}-checkout") for path in repositories]


def later(shared: Path, folder: Path, repositories: list[Path]) -> list[Source]:
    """What is collected a month later: newer commits, one advisory more, the next roster."""
    fresh = folder / "advisories" / f"{LATER_ADVISORY['id']}.json"
    fresh.write_text(json.dumps(LATER_ADVISORY, indent=1), encoding="utf-8")
    return [
        _roster(shared, folder, "2026-11"),
        Source("advisories", folder / "advisories", "advisories"),
        *histories(repositories),
    ]


def _held(folder: Path):  # type: ignore[no-untyped-def]
    """Leaves out what the larger collection holds already."""
    known = {path.name for path in folder.rglob("*.yaml")}
    return lambda _place, names: [name for name in names if name in known]


def _roster(shared: Path, folder: Path, month: str) -> Source:
    """The roster of a month with the cost bands beside it."""
    place = folder / f"people-{month}"
    place.mkdir()
    for name in (f"roster_{month}.csv", "cost_bands.csv"):
        shutil.copyfile(shared / "21_roster" / name, place / name)
    return Source("roster", place, "people")


def _locks(shared: Path, folder: Path, repositories: list[Path]) -> list[Path]:
    """Each lock file in a folder named as a repository, as its checkout would hold it."""
    names = [path.name for path in repositories]
    made = []
    for name, (file, written) in zip(
        names,
        (
            ("netbox_2021-06_requirements.txt", "requirements.txt"),
            ("netbox_2022-06_requirements.txt", "requirements.txt"),
            ("incubator-devlake_2026-06_poetry.lock", "poetry.lock"),
        ),
        strict=False,
    ):
        place = folder / "locks" / name
        place.mkdir(parents=True)
        shutil.copyfile(shared / LOCKS / file, place / written)
        made.append(place)
    return made
