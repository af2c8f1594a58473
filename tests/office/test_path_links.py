"""Paths end at the row and the record they speak of, as these were when the answer was computed."""

from pathlib import Path
from typing import Any

import pytest
from candidate_home import DAY, START, TODAY, Home, advisory, histories, reader, rests, system
from django.test import Client

from quarterdeck.chapters.strategy.architecture.structure import STRUCTURE
from quarterdeck.engines import candidates as engine
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import service
from quarterdeck.kinds.users import give_roles
from quarterdeck.kinds.write import Change, write
from quarterdeck.lake import tables
from quarterdeck.office import evidence_rows, paths
from quarterdeck.office.candidates import shown
from quarterdeck.runs import answers
from quarterdeck.runs.analysis import conditions
from quarterdeck.runs.candidates import SOURCES, Harvest

pytestmark = pytest.mark.django_db
INCIDENTS = "incident,started,resolved,system,cause\n" + "".join(
    f"INC-{n},2026-10-{n:02}T08:00:00Z,2026-10-{n:02}T10:00:00Z,shop,expired certificate\n" for n in range(1, 6)
)


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Home:
    """A company with repositories, pins, advisories and incidents."""
    settings.LAKE_URL = str(tmp_path / "lake")
    found = Home(tmp_path)
    history = histories().History()
    big = b"".join(b"line %d\n" % n for n in range(300))
    history.commit({b"src/hot.py": big, b"src/calm.py": big}, at=START - 400 * DAY)
    for number in range(10):
        changed = big.replace(b"line 7\n", b"line seven %d\n" % number)
        history.commit({b"src/hot.py": changed}, subject=b"Fix rounding", at=START + number * 20 * DAY)
    found.repository("shop", history)
    ledger = histories().History()
    for number in range(12):
        ledger.commit(
            {b"src/part%02d.py" % number: b"one\n" * 30}, author=b"Ada <a@example.invalid>", at=START + number * DAY
        )
    found.repository("ledger", ledger)
    found.text("dependencies", "shop/requirements.txt", "flask==2.0.1\ndjango==3.2.3\n")
    found.advisories(advisory("PYSEC-1", "django", "3.2.10"), advisory("PYSEC-2", "django", "3.2.25"))
    found.text("incidents", "incidents.csv", INCIDENTS)
    found.records(system("shop", criticality=4), system("till"), system("ledger"), rests("till", "ledger"))
    return found


@pytest.fixture
def client() -> Client:
    user = User.objects.create(username="chief")
    give_roles(user, ["cto"])
    made = Client(headers={"accept-language": "en"})
    made.force_login(user)
    return made


def referred() -> list[tuple[str, Any, str]]:
    """Every reference of every candidate, with its source and its link."""
    found = []
    for name, source in SOURCES.items():
        harvest = Harvest(reader(), TODAY, {}, engine)
        for candidate in source.find(harvest):
            marks = {rested.what: rested.mark for rested in harvest.rested}
            found += [(name, reference, shown.step(reference, marks)["url"]) for reference in candidate.path]
    return found


def marked(client: Client, url: str) -> list[list[str]]:
    rows = client.get(url).context["table"]["rows"]
    return [[str(cell["text"]) for cell in row["cells"]] for row in rows if row["marked"]]


def test_every_reference_leads_to_its_row(home: Home, client: Client) -> None:
    found = referred()
    assert {reference.table for _name, reference, _url in found} >= {
        "advisories", "components", "commits", "commit_files", "tree_files", "incidents", "kind:dependency",
    }  # fmt: skip
    for name, reference, url in found:
        if reference.table.startswith("kind:"):
            assert client.get(url).status_code == 200
            continue
        rows = marked(client, url)
        assert len(rows) == 1 or reference.table == "commit_files", (name, reference)
        said = reference.says.split()[0].rstrip(":,")
        assert rows, (name, reference)
        assert all(any(said in cell for cell in row) for row in rows), (name, reference)


def test_a_link_leads_to_the_row_as_it_was_read(home: Home, client: Client) -> None:
    url = next(url for _name, reference, url in referred() if "django 3.2.3" in reference.says)
    home.text("dependencies", "shop/requirements.txt", "a==1\nb==1\nc==1\n")
    assert any("3.2.3" in cell for cell in marked(client, url)[0])
    page = client.get(url)
    today = next(act["url"] for act in page.context["head"]["acts"] if act["title"] == "As of today")
    assert "As it stood after snapshot" in page.context["shown"]
    assert all("django" not in row for row in marked(client, today))


def test_from_a_row_to_its_neighbours_and_to_the_whole_table(home: Home, client: Client) -> None:
    url = evidence_rows.url("incidents", {"source": "", "origin": "incidents.csv", "line": 4})
    acts = {act["title"]: act["url"] for act in client.get(url).context["head"]["acts"]}
    near = client.get(acts["The rows around it"]).context["table"]["rows"]
    assert [row["marked"] for row in near] == [False, False, True, False, False]
    whole = client.get(acts["The whole table"]).context["table"]["rows"]
    assert len(whole) == 5
    assert not any(row["marked"] for row in whole)
    assert client.get(f"{url}&line=nonsense&snapshot=x&page=9").status_code == 200
    assert marked(client, evidence_rows.url("incidents", {"line": 99})) == []


def test_a_column_out_of_sight_narrows_nothing(home: Home) -> None:
    home.text("roster", "r.csv", "key,email,start_date,pay,pay_currency\nv1,a@example.invalid,2020-01-01,90000,EUR\n")
    private = [c.name for c in tables.TABLES["roster_people"].columns if c.private]
    user = User.objects.create(username="lead")
    give_roles(user, ["direct-subordinate"])
    client = Client()
    client.force_login(user)
    rows = [client.get(f"/evidence/table/roster_people?{name}=1") for name in private]
    whole = client.get("/evidence/table/roster_people").context["table"]["rows"]
    assert private
    assert all(page.context["table"]["rows"] == whole for page in rows)


def test_no_column_has_the_name_of_another_parameter() -> None:
    taken = {evidence_rows.SNAPSHOT, evidence_rows.AROUND, "page"}
    for table in tables.TABLES.values():
        assert not taken & {"source", *(column.name for column in table.columns)}, table.name


# ---- records


def test_records_are_shown_as_they_were_and_only_to_whom_may_see_them(home: Home, client: Client) -> None:
    given = answers.answer(STRUCTURE.name, reader())
    place = next(n for n, rested in enumerate(given.rested) if rested.what == "kind:system")
    assert f"/path/{given.id}/records/{place}" in {step["url"] for step in paths.steps(given, reader())}
    write(
        service("test"),
        [Change("system", "late", {"name_en": "Late"}), Change("system", "shop", {"name_en": "New"})],
        "t",
    )
    page = client.get(f"/path/{given.id}/records/{place}")
    said = [[cell["text"] for cell in row["cells"]] for row in page.context["table"]["rows"]]
    assert len(said) == given.rested[place].count
    assert not any("Late" in row or "New" in row for row in said)
    assert client.get(f"/path/{given.id}/records/999").status_code == 404
    auditor = User.objects.create(username="nobody")
    client.force_login(auditor)
    assert client.get(f"/path/{given.id}/records/{place}").status_code in (403, 404)


def test_a_filter_is_read_back_as_it_was_asked() -> None:
    asked = {"state__in": ["proposed", "funded"], "retired__empty": True, "sort": "capital"}
    text = ", ".join(f"{name}={value}" for name, value in sorted(asked.items()))
    assert conditions(text) == asked
    assert conditions("") == {}
