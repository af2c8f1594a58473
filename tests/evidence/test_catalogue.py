"""The reader of Backstage catalogues, and what their owners' names tell."""

import json
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from quarterdeck.evidence import catalogue
from quarterdeck.evidence.batch import Batch, Refused
from quarterdeck.evidence.catalogue.entities import complete, repository

SHOP = """\
# two documents
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Shop
  title: The shop
  description: Sells things
  tags: [python, web]
  annotations:
    backstage.io/source-location: url:https://git.example.org/acme/shop/tree/main/
    example.org/released: '2026-01-02T03:04:05Z'
spec:
  type: service
  lifecycle: production
  owner: sales
  system: storefront
  subcomponentOf: portal
  dependsOn: ['resource:orders', component:ops/queue]
  dependencyOf: [component:web]
  providesApis: [orders-api]
  consumesApis: [billing/prices]
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders, namespace: default}
spec: {type: database, owner: user:ada}
"""
PEOPLE = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: sales}
spec: {type: team, parent: company, children: [], members: [ada]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ada}
spec:
  profile: {displayName: Ada Lovelace, email: ada@example.org}
  memberOf: [sales, company]
"""


def _frames(batch: Batch) -> dict[str, pl.DataFrame]:
    assert all(part.frame.schema == part.table.schema for part in batch.parts)
    return {part.table.name: part.frame for part in batch.parts}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "catalog-info.yaml").write_text(SHOP)
    (tmp_path / "org.yml").write_text(PEOPLE)
    (tmp_path / "deployment.yaml").write_text("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n")
    return tmp_path


def test_a_small_folder_gives_these_frames(folder: Path) -> None:
    batch = catalogue.read(folder, None)
    assert batch.problems == []
    frames = _frames(batch)
    place = "shop/catalog-info.yaml"
    assert frames["catalogue_entities"].rows() == [
        (
            *(
                "group:default/sales",
                "Group",
                "default",
                "sales",
                None,
                None,
                None,
                None,
                None,
                None,
                "team",
                None,
                None,
            ),
            *([], [], [], None, "org.yml", 1),
        ),
        (
            *("component:default/shop", "Component", "default", "Shop", "The shop", "Sells things"),
            *("group:default/sales", "sales", None, "production", "service", "system:default/storefront", None),
            *(["python", "web"], ["backstage.io/source-location", "example.org/released"]),
            ["url:https://git.example.org/acme/shop/tree/main/", "2026-01-02T03:04:05Z"],
            *("acme/shop", place, 2),
        ),
        (
            *("resource:default/orders", "Resource", "default", "orders", None, None, None, None, "user:default/ada"),
            *(None, "database", None, None, [], [], [], None, place, 23),
        ),
    ]
    shop = "component:default/shop"
    assert frames["catalogue_relations"].rows() == [
        ("group:default/sales", "childOf", "group:default/company", "company", "org.yml", 1),
        (shop, "ownedBy", "group:default/sales", "sales", place, 2),
        (shop, "partOf", "system:default/storefront", "storefront", place, 2),
        (shop, "subcomponentOf", "component:default/portal", "portal", place, 2),
        (shop, "dependsOn", "resource:default/orders", "resource:orders", place, 2),
        (shop, "dependsOn", "component:ops/queue", "component:ops/queue", place, 2),
        ("component:default/web", "dependsOn", shop, "component:web", place, 2),
        (shop, "consumesApi", "api:billing/prices", "billing/prices", place, 2),
        (shop, "providesApi", "api:default/orders-api", "orders-api", place, 2),
    ]
    assert frames["catalogue_people"].rows() == [("user:default/ada", "Ada Lovelace", "ada@example.org", "org.yml", 6)]
    assert frames["catalogue_members"].rows() == [
        ("user:default/ada", "memberOf", "group:default/sales", "org.yml", 1),
        ("user:default/ada", "memberOf", "group:default/company", "org.yml", 6),
    ]


def test_people_stand_only_in_columns_that_say_so(folder: Path) -> None:
    (folder / "bad.yaml").write_text(PEOPLE.replace("[sales, company]", "[': :']"))
    batch = catalogue.read(folder, None)
    for part in batch.parts:
        open_columns = [column.name for column in part.table.columns if not column.person]
        assert "ada" not in part.frame.select(open_columns).write_json().lower()
    assert batch.problems
    assert not any("ada" in (problem.reason + problem.text).lower() for problem in batch.problems)


def test_a_zip_and_nothing_new(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    packed = tmp_path_factory.mktemp("zip") / "catalogue.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("org.yml", "shop/catalog-info.yaml", "deployment.yaml"):
            archive.write(folder / name, name)
    first = catalogue.read(packed, None)
    ours, theirs = _frames(catalogue.read(folder, None)), _frames(first)
    assert all(frame.equals(theirs[name]) for name, frame in ours.items())
    again = catalogue.read(packed, first.state)
    assert list(again.parts) == []
    assert again.source == first.source


@pytest.mark.parametrize(
    ("written", "namespace", "kind", "expected"),
    [
        ("sales", "default", "group", "group:default/sales"),
        ("Group:Acme/Sales", "default", "group", "group:acme/sales"),
        ("acme/sales", "default", "group", "group:acme/sales"),
        ("user:guest", "shop", "group", "user:shop/guest"),
        ("orders", "default", None, None),
        ("a b", "default", "group", None),
        ("group:", "default", "group", None),
        ("x" * 1_000, "default", "group", None),
    ],
)
def test_references_are_completed(written: str, namespace: str, kind: str | None, expected: str | None) -> None:
    assert complete(written, namespace, kind) == expected


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({"github.com/project-slug": "acme/shop"}, "acme/shop"),
        ({"gitlab.com/project-slug": "group/sub/shop"}, "group/sub/shop"),
        ({"backstage.io/source-location": "url:https://git.example.org/acme/shop.git"}, "acme/shop"),
        ({"backstage.io/source-location": "url:https://u:secret@git.example.org/g/s/-/blob/main/a.yaml"}, "g/s"),
        ({"backstage.io/source-location": "file:/srv/shop"}, None),
        ({}, None),
    ],
)
def test_the_repository_is_found_in_annotations(annotations: dict[str, str], expected: str | None) -> None:
    assert repository(annotations) == expected


# --- owners --------------------------------------------------------------------------------------------------------


def _owned(tmp_path: Path, owners: list[str | None]) -> pl.DataFrame:
    documents = [
        f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: c{number}}}\n"
        + (f"spec: {{type: service, owner: {owner}}}\n" if owner else "spec: {type: service}\n")
        for number, owner in enumerate(owners)
    ]
    documents.append("apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: sales}\nspec: {type: team}\n")
    (tmp_path / "all.yaml").write_text("---\n".join(documents))
    return _frames(catalogue.read(tmp_path / "all.yaml", None))["catalogue_entities"]


def test_an_owner_spelt_in_several_ways_is_shown_with_all_of_them(tmp_path: Path) -> None:
    entities = _owned(tmp_path, ["sales", "group:default/sales", "Sales", "sales", "acme/ops", "ops", "hr"])
    same, slip = sorted(catalogue.spellings(entities), key=lambda each: each.name, reverse=True)
    assert same.forms == (("sales", 2), ("Sales", 1), ("group:default/sales", 1))
    assert same.same
    assert same.references == ("group:default/sales",)
    assert (slip.name, slip.same, slip.references) == ("ops", False, ("group:acme/ops", "group:default/ops"))
    assert dict(slip.forms) == {"acme/ops": 1, "ops": 1}


def test_unowned_and_dangling(tmp_path: Path) -> None:
    entities = _owned(tmp_path, ["sales", None, "group:acme/unspecified", "user:ada", "hr", "hr"])
    assert catalogue.unowned(entities)["name"].to_list() == ["c1", "c2"]
    assert catalogue.dangling_owners(entities).rows() == [("group:default/hr", 2)]


def test_a_real_catalogue(shared_data: Path) -> None:
    folder = shared_data / "06_architecture/backstage_giantswarm"
    expected = json.loads((folder / "expected.json").read_text())
    batch = catalogue.read(folder, None)
    assert batch.problems == []
    frames = _frames(batch)
    entities = frames["catalogue_entities"]
    components = entities.filter(pl.col("kind") == "Component")
    assert components.height == expected["entities"]
    for column, key in (("kind", "kinds"), ("type", "types"), ("lifecycle", "lifecycles"), ("owner", "owners")):
        assert dict(components[column].value_counts().iter_rows()) == expected[key]
    assert catalogue.unowned(entities).height == expected["unowned(group:giantswarm/unspecified)"]
    annotation, on = "giantswarm.io/latest-release-date", date.fromisoformat(expected["as_of"])
    assert sorted(catalogue.stale(components, annotation, on)["name"]) == expected["no_release_for_365d"]
    assert catalogue.without_sign(components, annotation)["name"].to_list() == expected["without_release_date"]
    groups = set(entities.filter(pl.col("kind") == "Group")["entity"])
    dangling = {name: count for name, count in expected["owners"].items() if name not in groups}
    assert dangling.pop("group:giantswarm/unspecified") == 37  # told as unowned instead
    assert dict(catalogue.dangling_owners(entities).iter_rows()) == dangling
    assert frames["catalogue_members"].height == 46
    assert components["repository"].is_not_null().all()


def test_the_examples_of_the_format(shared_data: Path) -> None:
    batch = catalogue.read(shared_data / "06_architecture/backstage_examples", None)
    assert batch.problems == []
    frames = _frames(batch)
    assert frames["catalogue_entities"].height == 8
    relations = set(frames["catalogue_relations"].select("from_entity", "relation", "to_entity").iter_rows())
    assert len(relations) == 18
    assert ("component:default/artist-lookup", "dependsOn", "resource:default/artists-db") in relations
    assert ("component:default/www-artist", "consumesApi", "component:default/artist-lookup") in relations
    assert ("component:default/wayback-search", "consumesApi", "api:default/wayback-archive") in relations
    person = frames["catalogue_entities"].filter(pl.col("name") == "playback-order")
    assert person.select("owner", "owner_person").row(0) == (None, "user:default/guest")


# --- hostile -------------------------------------------------------------------------------------------------------

_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"a{depth}: &a{depth} [" + ",".join([f"*a{depth - 1}"] * 10) + "]" for depth in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("kind: Component\nmetadata: {}\n", 1, "no metadata.name"),
        ("metadata: {name: x}\n", 1, "no kind"),
        ("kind: Component\nmetadata: {name: 'a b'}\n", 1, "sign that no reference may hold"),
        ("kind: Group\nmetadata: {name: sales}\n", 1, "group:default/sales was read already, from org.yml:1"),
        ("kind: Component\nmetadata: {name: x, tags: one}\n", 1, "tags is not a list"),
        ("kind: Component\nmetadata: {name: x}\nspec: {dependsOn: [orders]}\n", 1, "dependsOn names no kind"),
        ("kind: Component\nmetadata: {name: x}\nspec: {dependsOn: ['user:ada']}\n", 1, "names a person"),
        ("kind: Component\nkind: System\n", 3, "twice"),
        ("kind: !ruby/object Component\n", 2, "tag"),
        ("kind: {{ values.kind }}\n", 2, "key that is not text"),
        ("metadata: " + "{a: " * 5_000, 2, "nested deeper"),
        ("metadata: &a [*a]\n", 2, "alias"),
        ("metadata: [\n", 3, "not valid YAML"),
        (_BOMB, 8, "unfolds"),
    ],
)
def test_a_broken_document_is_a_problem_with_its_place(folder: Path, text: str, line: int, reason: str) -> None:
    (folder / "zz.yaml").write_text("apiVersion: backstage.io/v1alpha1\n" + text)
    batch = catalogue.read(folder, None)
    [problem] = batch.problems
    assert (problem.origin, problem.line) == ("zz.yaml", line)
    assert reason in problem.reason
    assert {"Group", "Component", "Resource"} <= set(_frames(batch)["catalogue_entities"]["kind"])


def test_encodings(folder: Path) -> None:
    (folder / "cn.yaml").write_bytes(SHOP.replace("Shop", "s2").replace("The shop", "商店").encode("gb18030"))
    (folder / "wide.yaml").write_bytes(SHOP.replace("Shop", "s3").encode("utf-16"))
    (folder / "noise.yaml").write_bytes(b"backstage.io/\x00\x01")
    batch = catalogue.read(folder, None)
    entities = _frames(batch)["catalogue_entities"]
    assert "商店" in entities["title"].to_list()
    assert "s3" in entities["name"].to_list()
    assert "noise.yaml" in {problem.origin for problem in batch.problems}


def test_what_cannot_be_taken_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("../catalog-info.yaml", SHOP)
    (tmp_path / "plain.yaml").write_text("kind: Deployment\n")
    (tmp_path / "empty").mkdir()
    for name in ("out.zip", "plain.yaml", "empty", "nothing.yaml"):
        with pytest.raises(Refused):
            catalogue.read(tmp_path / name, None)


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "catalog-info.yaml"
    outside.write_text(SHOP.replace("Shop", "secret"))
    (folder / "catalog-info.yaml").symlink_to(outside)
    assert "secret" not in _frames(catalogue.read(folder, None))["catalogue_entities"]["name"].to_list()


def test_the_page_tells_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs/readers/catalogue.md").read_text()
    for table in catalogue.READER.tables:
        assert f"### `{table.name}`" in page
        for column in table.columns:
            assert f"| `{column.name}` |" in page
            assert column.help in page
