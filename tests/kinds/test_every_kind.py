"""What every kind promises, written once and run on each: a new kind is held to it without a line here."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from kind_examples import BY_HAND, NAMES, examples, value, world

from quarterdeck.kinds import docs, history, proof, search, sheets, show
from quarterdeck.kinds.access import Access, NotFound
from quarterdeck.kinds.canonical import plain
from quarterdeck.kinds.declare import KINDS, Sort
from quarterdeck.kinds.roles import ALL, ROLES, Authority, Reader, Role
from quarterdeck.kinds.write import Change, Refused, preview, write

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "zh-hans")
SignedIn = Callable[..., Client]


@pytest.fixture
def filled(operator: Authority) -> Authority:
    """A home with a few records of every kind, made in one call."""
    write(operator, world(), "examples")
    return operator


def test_the_world_is_made_in_one_call_and_its_chain_holds(filled: Authority) -> None:
    assert history.head()[0] == 1
    assert list(proof.examine()) == []
    assert preview(filled, world()).troubles == ()
    assert write(filled, world(), "again").commit is None


@pytest.mark.parametrize("kind", NAMES)
def test_values_come_out_as_they_went_in(kind: str, filled: Authority) -> None:
    selection = Access(filled.reader).select(kind)
    for row in examples(kind):
        found = selection.one(row["key"])
        assert {name: plain(value) for name, value in found.values.items()} == {n: plain(v) for n, v in row.items()}


@pytest.mark.parametrize("kind", NAMES)
def test_a_sheet_out_and_in_again_changes_nothing_and_restores_everything(kind: str, filled: Authority) -> None:
    declared, selection = KINDS[kind], Access(filled.reader).select(kind)
    before = [dict(row.values) for row in selection.rows()]
    text = "".join(sheets.to_csv(selection)).encode()
    book = io.BytesIO()
    sheets.to_workbook([selection], book)
    (tab,) = sheets.from_workbook(book.getvalue(), "book.xlsx")
    assert tab.name == kind
    for sheet in (sheets.from_csv(text, "sheet.csv"), tab):
        wanted = sheets.changes(declared, sheet)
        seen = preview(filled, wanted)
        assert seen.troubles == ()
        assert {d.action for d in seen.differences} == {"unchanged"}
        _scramble(kind, filled)
        assert [dict(row.values) for row in selection.rows()] != before
        write(filled, wanted, "sheet")
        assert [dict(row.values) for row in selection.rows()] == before


def _scramble(kind: str, authority: Authority) -> None:
    """Change the records in some field, so that bringing them back has something to do."""
    keys = [row["key"] for row in examples(kind)]
    write(authority, [Change(kind, key, {"retired": "2031-12-31"}) for key in keys], "scramble")


def test_the_whole_workbook_out_and_in_again_changes_nothing(filled: Authority) -> None:
    book = io.BytesIO()
    sheets.to_workbook([Access(filled.reader).select(name) for name in NAMES], book)
    wanted = sheets.workbook_changes(sheets.from_workbook(book.getvalue(), "book.xlsx"))
    assert len(wanted) == len(world())
    assert write(filled, wanted, "workbook").commit is None


def test_the_whole_workbook_fills_an_empty_home(operator: Authority) -> None:
    write(operator, world(), "examples")
    book = io.BytesIO()
    sheets.to_workbook([Access(operator.reader).select(name) for name in NAMES], book)
    before = {name: [dict(r.values) for r in Access(operator.reader).select(name).rows()] for name in NAMES}
    write(operator, [Change(c.kind, c.key, None) for c in world()], "clear")
    assert all(Access(operator.reader).select(name).count() == (0, False) for name in NAMES)
    write(operator, sheets.workbook_changes(sheets.from_workbook(book.getvalue(), "book.xlsx")), "workbook")
    assert {name: [dict(r.values) for r in Access(operator.reader).select(name).rows()] for name in NAMES} == before
    assert list(proof.examine()) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", NAMES)
def test_its_pages_open_in_both_languages(kind: str, language: str, filled: Authority, signed_in: SignedIn) -> None:
    client = signed_in("cto")
    row = examples(kind)[0]
    declared = KINDS[kind]
    by_hand = kind in BY_HAND
    addresses = [show.url(page, declared) for page in ("list", "export", *(("new", "import") if by_hand else ()))]
    addresses += [show.url("export", declared) + "?format=xlsx"]
    addresses += [show.url(page, declared, row["key"]) for page in ("record", *(("edit",) if by_hand else ()))]
    addresses += [show.url("grid", declared, row["key"], child) for child, _link in declared.children]
    for address in addresses:
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == 200, address
        content = b"".join(answer) if answer.streaming else answer.content
        assert b"<script>alert(1)</script>" not in content or "export" in address
        if "export" not in address:
            assert f'lang="{language}"' in content.decode()


@pytest.mark.parametrize("kind", NAMES)
def test_its_pages_are_refused_to_whoever_may_not(kind: str, filled: Authority, signed_in: SignedIn) -> None:
    row, declared, client = examples(kind)[0], KINDS[kind], signed_in("administrator")
    for page in ("list", "new", "import", "export"):
        assert client.get(show.url(page, declared)).status_code == 403
    for page in ("record", "edit"):
        assert client.get(show.url(page, declared, row["key"])).status_code == 403
    assert client.post(show.url("delete", declared, row["key"])).status_code == 403
    assert client.get(f"/api/{kind}").status_code == 403
    assert client.post(f"/api/{kind}", "{}", content_type="application/json").status_code == 403
    assert client.delete(f"/api/{kind}/{row['key']}").status_code == 403
    strange = Client()
    assert strange.get(show.url("list", declared)).status_code == 302
    assert strange.get(f"/api/{kind}").status_code == 401


@pytest.mark.parametrize("kind", NAMES)
def test_the_api_makes_reads_changes_and_deletes(kind: str, filled: Authority, signed_in: SignedIn) -> None:
    client, row = signed_in("cto"), examples(kind)[0]
    fresh = {**{n: plain(v) for n, v in row.items()}, "key": "made-by-api"}
    for attribute in KINDS[kind].attributes.values():
        if attribute.field.unique and attribute.sort is not Sort.KEY:
            fresh[attribute.name] = f"{fresh[attribute.name]} 2"
    made = client.post(f"/api/{kind}", json.dumps(fresh), content_type="application/json")
    if "key" in KINDS[kind].decided:
        assert made.status_code == 422, "only a confirmed decision makes one"
        return
    assert made.status_code == 201, made.content
    assert made.json() == fresh
    again = client.post(f"/api/{kind}", json.dumps(fresh), content_type="application/json")
    assert again.status_code == 422
    assert again.json()["errors"][0]["field"] == "key"
    assert client.get(f"/api/{kind}/made-by-api").json() == fresh
    changed = client.patch(f"/api/{kind}/made-by-api", '{"retired": "2030-01-31"}', content_type="application/json")
    assert changed.json() == {**fresh, "retired": "2030-01-31"}
    listed = client.get(f"/api/{kind}", {"where": "retired=2030-01-31"}).json()
    assert listed["items"] == [changed.json()]
    typo = client.patch(f"/api/{kind}/made-by-api", '{"retiered": null}', content_type="application/json")
    assert typo.status_code == 422
    assert client.delete(f"/api/{kind}/made-by-api").status_code == 204
    assert client.get(f"/api/{kind}/made-by-api").status_code == 404
    assert client.patch(f"/api/{kind}/made-by-api", "{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize("kind", BY_HAND)
def test_a_form_saved_as_it_was_filled_changes_nothing(kind: str, filled: Authority, signed_in: SignedIn) -> None:
    """Nothing a record holds is lost, or bent, by opening its form and pressing save."""
    client, declared = signed_in("cto"), KINDS[kind]
    before = history.head()
    for row in examples(kind):
        page = client.get(show.url("edit", declared, row["key"]))
        form = page.context["form"]
        posted = {name: form[name].value() or "" for name in form.fields}
        posted = {name: str(text).replace("\n", "\r\n") for name, text in posted.items()}  # as browsers send texts
        assert all(_offered(form[name], posted[name]) for name in form.fields)
        answer = client.post(show.url("edit", declared, row["key"]), {**posted, "edition": page.context["edition"]})
        assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert history.head() == before


def _offered(field: Any, posted: str) -> bool:
    """A choice that does not offer what is chosen would lose it."""
    choices = getattr(field.field.widget, "choices", None)
    return choices is None or posted in {str(choice) for choice, _label in choices}


@pytest.mark.parametrize("kind", [name for name in NAMES if KINDS[name].children])
def test_the_grids_of_its_children_keep_add_and_delete(kind: str, filled: Authority, signed_in: SignedIn) -> None:
    client, declared = signed_in("cto"), KINDS[kind]
    for child, link in declared.children:
        parent = next((row[link] for row in examples(child) if row[link]), None)
        if parent is None:
            continue
        address = show.url("grid", declared, parent, child)
        page = client.get(address)
        posted = _posted(page.context["formset"])
        before = history.head()
        assert client.post(address, posted).status_code == 302
        assert history.head() == before, f"{child}: a grid saved as it was shown changed something"
        count = Access(filled.reader).select(child).where(**{link: parent}).count()[0]
        removed = {**posted, "g-0-DELETE": "on"}
        answer = client.post(address, removed)
        if _is_used(child, posted["g-0-record"]):
            assert answer.status_code == 422
            assert "is used by" in answer.content.decode()
            continue
        assert answer.status_code == 302
        assert Access(filled.reader).select(child).where(**{link: parent}).count()[0] == count - 1
        assert client.post(address, posted).status_code == 422  # the row it speaks of has gone meanwhile


def _is_used(kind: str, key: str) -> bool:
    links = [(other, link.name) for other in KINDS.values() for link in other.links if link.target.name == kind]
    return any(row[name] == key for other, name in links for row in examples(other.name))


def _posted(formset: Any) -> dict[str, str]:
    posted = {f"g-{name}": str(formset.management_form[name].value()) for name in formset.management_form.fields}
    for number, form in enumerate(formset.forms):
        for name in form.fields:
            posted[f"g-{number}-{name}"] = str(form[name].value() or "")
    return {name: text for name, text in posted.items() if not name.endswith("-DELETE")}


@pytest.mark.parametrize("kind", BY_HAND)
def test_an_upload_shows_its_differences_and_then_makes_them(kind: str, filled: Authority, signed_in: SignedIn) -> None:
    client, declared = signed_in("cto"), KINDS[kind]
    text = client.get(show.url("export", declared))
    lines = b"".join(text).decode("utf-8-sig").replace("\r\n", "\n")
    book = b"".join(client.get(show.url("export", declared) + "?format=xlsx"))
    _scramble(kind, filled)
    for file in (SimpleUploadedFile("s.csv", lines.encode()), SimpleUploadedFile("s.xlsx", book)):
        page = client.post(show.url("import", declared), {"file": file})
        assert page.status_code == 200, page.context.get("unreadable") or page.context.get("troubles")
        assert page.context["counts"] == {"create": 0, "update": len(examples(kind)), "unchanged": 0}
        posted = {"sheet": page.context["sheet"].replace("\r\n", "\n").replace("\n", "\r\n"), "commit": "1"}
        assert client.post(show.url("import", declared), posted).status_code == 302
        assert {row["retired"] for row in Access(filled.reader).select(kind).rows()} == {None}
        _scramble(kind, filled)


@pytest.mark.parametrize("kind", NAMES)
def test_its_past_answers_as_it_was(kind: str, filled: Authority) -> None:
    declared, key = KINDS[kind], examples(kind)[0]["key"]
    then = timezone.now()
    before = {row.key: dict(row.values) for row in Access(filled.reader).select(kind).rows()}
    write(filled, [Change(kind, key, {"retired": "2030-06-30"})], "later")
    row = Access(filled.reader).select(kind).one(key)
    past = Access(filled.reader, as_of=then).select(kind)
    assert row["retired"] is not None
    assert {r.key: {n: plain(v) for n, v in r.values.items()} for r in past.rows()} == {
        k: {n: plain(v) for n, v in values.items()} for k, values in before.items()
    }
    assert past.one(key)["retired"] is None
    assert past.count() == (len(before), False)
    assert past.where(retired__empty=True).count() == (len(before), False)
    assert Access(filled.reader, as_of=then - timedelta(days=1)).select(kind).rows() == []
    with pytest.raises(NotFound):
        Access(filled.reader, as_of=then - timedelta(days=1)).select(kind).one(key)
    visible = [name for name in declared.attributes if name != "key"]
    assert past.ordered(f"-{visible[-1]}").rows()


@pytest.mark.parametrize("kind", NAMES)
def test_its_changes_are_told_with_who_made_them(kind: str, filled: Authority) -> None:
    key = examples(kind)[0]["key"]
    write(filled, [Change(kind, key, {"retired": "2030-06-30"})], "a test")
    row = Access(filled.reader).select(kind).one(key)
    newest, first = show.changes(KINDS[kind], row, filled.reader)
    assert newest["source"] == "a test"
    assert newest["by"] == {"by": "service:tests"}
    assert [change["field"] for change in newest["changes"]] == [KINDS[kind].attributes["retired"].label]
    assert first["action"] == "create"


@pytest.mark.parametrize("kind", NAMES)
def test_it_can_be_asked_by_every_attribute_now_and_then(kind: str, filled: Authority) -> None:
    """The database and the memory that answers for the past agree on every condition and order."""
    now = Access(filled.reader).select(kind)
    then = Access(filled.reader, as_of=timezone.now()).select(kind)
    for name in KINDS[kind].attributes:
        values = {row[name] for row in now.rows() if row[name] not in (None, "")}
        values = set(sorted(values, key=plain_text)[:1])
        conditions: list[dict[str, Any]] = [{f"{name}__empty": True}, {f"{name}__empty": False}]
        for found in values:
            conditions += [{name: found}, {f"{name}__not": found}, {f"{name}__gte": found}, {f"{name}__lt": found}]
            conditions += [{f"{name}__in": [found]}, {name: str(plain(found))}]
        for condition in conditions:
            assert {r.key for r in now.where(**condition).rows()} == {r.key for r in then.where(**condition).rows()}, (
                condition
            )
        for order in (name, f"-{name}"):
            keys = [row.key for row in now.ordered(order).rows()]
            first = now.ordered(order).page(size=2)
            second = now.ordered(order).page(after=first.next or "", size=2)
            assert [row.key for row in (*first.rows, *second.rows)] == keys, order
            assert sorted(keys) == sorted(row.key for row in then.ordered(order).rows())


def plain_text(value: Any) -> str:
    return str(plain(value))


@pytest.mark.parametrize("kind", NAMES)
def test_its_records_are_found_by_their_words(kind: str, filled: Authority) -> None:
    declared, selection = KINDS[kind], Access(filled.reader).select(kind)
    named = [a for a in declared.attributes.values() if a.sort in (Sort.KEY, Sort.TEXT) and a.private is None]
    for row in examples(kind):
        for attribute in named:
            text = str(row[attribute.name] or "")
            if search.wanted(text):
                assert row["key"] in {found.key for found in selection.matching(text).rows()}, text


@pytest.mark.parametrize("kind", NAMES)
def test_a_required_value_that_is_missing_is_named(kind: str, filled: Authority) -> None:
    for attribute in KINDS[kind].attributes.values():
        if not attribute.required or attribute.sort is Sort.KEY:
            continue
        row = examples(kind)[0]
        bad = {**row, "key": "incomplete", attribute.name: None}
        with pytest.raises(Refused) as refused:
            write(filled, [Change(kind, "incomplete", bad, new=True)], "x")
        assert attribute.name in {trouble.field for trouble in refused.value.troubles}


def test_a_reader_of_one_kind_reads_no_other(filled: Authority) -> None:
    for kind in NAMES:
        reader = Reader("user:one", (Role("one", "One", reads=frozenset({kind}), everything=True),))
        selection = Access(reader).select(kind)
        for row in selection.rows():
            links = {a.name for a in KINDS[kind].links if a.target.name != kind}
            assert {row[name] for name in links} <= {None, "…"}
        assert [k.name for k in Access(reader).kinds()] == [kind]


def test_every_role_names_kinds_that_are_there() -> None:
    for role in ROLES.values():
        for names in (role.reads, role.writes):
            assert names == ALL or names <= set(NAMES), role.name


def test_values_are_made_for_every_attribute() -> None:
    import random

    for kind in KINDS.values():
        for attribute in kind.attributes.values():
            if attribute.sort not in (Sort.LINK, Sort.KEY):
                value(attribute, random.Random(2))


def test_the_reference_pages_say_what_the_kinds_declare(tmp_path: Path) -> None:
    assert docs.differing(docs.FOLDER) == [], "run python -m quarterdeck.kinds.docs"
    docs.put(tmp_path)
    assert docs.differing(tmp_path) == []
    (tmp_path / "team.md").write_text("stale")
    (tmp_path / "gone.md").write_text("of a kind that is no more")
    assert docs.differing(tmp_path) == ["gone.md", "team.md"]


@pytest.mark.parametrize("kind", NAMES)
def test_every_field_is_explained(kind: str) -> None:
    page = docs.pages()[f"{kind}.md"]
    for attribute in KINDS[kind].attributes.values():
        assert f"| `{attribute.name}` | {attribute.label}" in page
