"""What a declaration brings by itself: a child's grid on its parent's page, a word of help at every field."""

import dataclasses
import io
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from quarterdeck.kinds import checks, forms, history, sheets, show
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.declare import KINDS, Kind
from quarterdeck.kinds.roles import Authority
from quarterdeck.kinds.write import Change, write

EVERY = sorted(KINDS)


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Kind]:
    """Declares for the time of a test that a kind is part of what one of its links leads to."""

    def declare(name: str, link: str) -> Kind:
        declared = dataclasses.replace(KINDS[name], part_of=link)
        monkeypatch.setitem(KINDS, name, declared)
        return declared

    return declare


def test_a_child_names_its_parent_and_the_parent_needs_no_line(part: Callable[[str, str], Kind]) -> None:
    assert KINDS["vendor"].children == ()
    part("contractor", "vendor")
    part("system", "vendor")
    assert dict(KINDS["vendor"].children) == {"contractor": "vendor", "system": "vendor"}
    assert KINDS["skill"].children == (), "another link of the same child makes no grid"


def test_a_part_of_its_own_kind_stands_under_itself(part: Callable[[str, str], Kind]) -> None:
    part("team", "parent")
    assert KINDS["team"].children == (("team", "parent"),)


@pytest.mark.django_db
def test_a_new_child_is_edited_as_a_grid_on_its_parents_page(
    part: Callable[[str, str], Kind], operator: Authority, signed_in: Callable[..., Client]
) -> None:
    vendor = Change("vendor", "acme", {"name_en": "Acme"})
    write(operator, [vendor, Change("system", "shop", {"name_en": "Shop", "vendor": "acme"})], "x")
    part("system", "vendor")
    client, declared = signed_in("cto"), KINDS["vendor"]
    address = show.url("grid", declared, "acme", "system")
    assert address in client.get(show.url("record", declared, "acme")).content.decode()
    page = client.get(address)
    held = page.context["formset"].forms
    posted = {f"g-{name}": page.context["formset"].management_form[name].value() for name in ("TOTAL_FORMS",)}
    posted |= {"g-INITIAL_FORMS": "1"}
    posted |= {f"g-{n}-{name}": str(f[name].value() or "") for n, f in enumerate(held) for name in f.fields}
    posted = {name: value for name, value in posted.items() if not name.endswith("DELETE")}
    posted |= {"g-1-key": "till", "g-1-name_en": "Till"}
    before = history.head()[0]
    assert client.post(address, posted).status_code == 302
    assert history.head()[0] == before + 1
    keys = {row.key for row in Access(operator.reader).select("system").where(vendor="acme").rows()}
    assert keys == {"shop", "till"}


@pytest.mark.parametrize("link", ["nothing", "cost", "key"])
def test_a_part_of_what_is_no_link_is_a_fault_at_start(link: str, part: Callable[[str, str], Kind]) -> None:
    assert f"is part of {link!r}, which is no link of its own" in list(checks._faults(part("contractor", link)))
    assert list(checks._faults(part("contractor", "vendor"))) == []


@pytest.mark.parametrize("kind", EVERY)
def test_every_field_is_explained_in_both_languages(kind: str) -> None:
    for attribute in KINDS[kind].attributes.values():
        with translation.override("en"):
            english = attribute.help
        assert english.endswith("."), f"{kind}.{attribute.name} has no help"
        with translation.override("zh-hans"):
            assert attribute.help not in ("", english), f"{kind}.{attribute.name} has no help in Chinese"
        assert attribute.label.casefold() != english.rstrip(".").casefold(), f"{kind}.{attribute.name} repeats its name"


@pytest.mark.django_db
def test_the_help_stands_on_forms_grids_and_the_headings_of_workbooks(operator: Authority) -> None:
    declared, book = KINDS["effort"], io.BytesIO()
    text = "Over the whole initiative: two people for three months are 6."
    assert text in {field.help_text for field in forms.form_class(declared, operator.reader)().fields.values()}
    grid = forms.grid_class(declared, "initiative", operator.reader)(prefix="g")
    assert ("Person-months", text) in forms.grid_helps(declared, grid)
    sheets.to_workbook([Access(operator.reader).select("effort")], book)
    with zipfile.ZipFile(book) as archive:
        notes = archive.read("xl/comments1.xml").decode()
    assert f"person-months, low: {text}" in notes
    assert notes.count("<comment ") == len(declared.attributes)
