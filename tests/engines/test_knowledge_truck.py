"""Truck factors against published ones and a literal greedy removal."""

import csv
import json
from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_knowledge import judged, whole

from quarterdeck.engines import knowledge
from quarterdeck.engines.knowledge import Inputs, Touch, Touches, assess
from quarterdeck.engines.knowledge.units import members

# --- truck factor -----------------------------------------------------------------------------------------------------


def test_files_without_an_author_stay_in_the_denominator():
    rows = [Touch("ann", f"f{number}", number, created=True) for number in range(4)]
    alone = [Touch(None, f"g{number}", 9 + number, created=True) for number in range(4)]
    assert whole(judged(*rows, *alone)).truck_factor == 1
    assert whole(judged(*rows, *alone)).unattributed == 4
    assert whole(judged(*rows, *alone, Touch(None, "g9", 99))).truck_factor is None


def test_half_of_the_files_is_enough():
    rows = [
        Touch(person, f"{person}{number}", number, created=True) for person in ("ann", "bob") for number in range(2)
    ]
    unit = whole(judged(*rows))
    assert unit.truck_factor == 2  # without ann exactly half is covered, which still counts


def test_ties_go_to_more_changes_then_to_the_name():
    rows = [Touch("ann", "a", 1, created=True), Touch("bob", "b", 2, created=True)]
    assert [holder.person for holder in whole(judged(*rows)).holders] == ["ann", "bob"]
    assert [holder.person for holder in whole(judged(*rows, Touch("bob", "b", 3))).holders] == ["bob", "ann"]


def test_departures():
    rows = [Touch("ann", f"a{number}", number, created=True) for number in range(3)]
    rows += [Touch("bob", f"b{number}", number, created=True) for number in range(2)]
    lost = whole(judged(*rows, departed=("ann",)))
    assert (lost.truck_factor, lost.orphaned) == (0, 3)
    assert lost.candidates == ()
    half = whole(judged(*rows, Touch("cid", "c", 8, created=True), departed=("ann",)))
    assert (half.truck_factor, half.orphaned) == (1, 3)
    assert half.holders[0].person == "bob"


@st.composite
def authorships(draw):
    files = draw(st.integers(1, 12))
    rows = draw(st.sets(st.tuples(st.integers(0, files - 1), st.integers(0, 6)), max_size=40))
    changes = draw(st.lists(st.integers(1, 5), min_size=len(rows), max_size=len(rows)))
    present = draw(st.lists(st.booleans(), min_size=7, max_size=7))
    return files, sorted(rows), changes, present


def literal_removal(files, rows, changes, present, coverage):
    """Take the author of most files away, count again, until fewer than the coverage have one left."""
    of_file, owned, weight = defaultdict(set), defaultdict(set), defaultdict(int)
    for (file, person), number in zip(rows, changes, strict=True):
        of_file[file].add(person)
        owned[person].add(file)
        weight[person] += number
    left = {person: files_of for person, files_of in owned.items() if present[person]}
    if len(set().union(*owned.values())) < coverage * files if owned else coverage * files > 0:
        return -1
    removed = 0
    while len(set().union(*left.values()) if left else ()) >= coverage * files:
        del left[min(left, key=lambda person: (-len(left[person]), -weight[person], person))]
        removed += 1
    return removed


@given(authorships())
@settings(max_examples=300, deadline=None)
def test_the_sorted_form_equals_literal_removal(case):
    files, rows, changes, present = case
    file, person = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
    membership = members([f"f{number:02}" for number in range(files)], (), 0)
    triple = (file, person, np.array(changes, dtype=np.int64))
    got = knowledge.truck_factors(membership, triple, files, np.array(present), 0.5)
    assert got.factor.tolist() == [literal_removal(files, rows, changes, present, 0.5)]


@given(authorships())
@settings(max_examples=60, deadline=None)
def test_no_smaller_set_of_people_is_needed_than_the_best_and_greedy_never_beats_it(case):
    files, rows, changes, _ = case
    everyone = [True] * 7
    greedy = literal_removal(files, rows, changes, everyone, 0.5)
    if greedy < 0:
        return

    def loses(gone):
        return 2 * len({file for file, person in rows if person not in gone}) < files

    best = next(size for size in range(8) if any(loses(set(gone)) for gone in combinations(range(7), size)))
    file, person = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
    membership = members([f"f{number:02}" for number in range(files)], (), 0)
    triple = (file, person, np.array(changes, dtype=np.int64))
    assert knowledge.truck_factors(membership, triple, files, np.array(everyone)).factor[0] >= best


def test_published_truck_factors_of_cpython_directories(shared_data):
    folder = shared_data / "15_truck_factor" / "cpython_authorship"
    rows = list(csv.DictReader((folder / "input_file_authorship.csv").open(encoding="utf-8")))
    paths = sorted({row["file"] for row in rows})
    people = sorted({row["dev"] for row in rows})
    index = {path: place for place, path in enumerate(paths)}
    rows.sort(key=lambda row: (index[row["file"]], row["dev"]))
    file = np.array([index[row["file"]] for row in rows])
    person = np.array([people.index(row["dev"]) for row in rows])
    mask = knowledge.grade(file, np.array([float(row["authorship"]) for row in rows]), len(paths)) > 0.75
    membership = members(paths, (), 20)
    triple = (file[mask], person[mask], np.zeros(int(mask.sum()), dtype=np.int64))
    factors = knowledge.truck_factors(membership, triple, len(paths), np.ones(len(people), dtype=bool))
    got = dict(zip(membership.names, factors.factor.tolist(), strict=True))
    expected = csv.DictReader((folder / "expected_directory_bus_factor.csv").open(encoding="utf-8"))
    wanted = {row["directory"]: int(row["bus_factor"]) for row in expected}
    assert len(wanted) == 102
    assert {name: got[name] for name in wanted} == wanted


@pytest.mark.parametrize("first_touch_creates", [False, True])
def test_truck_factor_of_flask_is_the_published_one_within_one(shared_data, first_touch_creates):
    folder = shared_data / "15_truck_factor" / "commit_logs"
    log = json.loads((folder / "_expected.json").read_text(encoding="utf-8"))["logs"][0]
    rows = list(csv.DictReader((folder / log["file"]).open(encoding="utf-8")))[::-1]
    commits = {commit: place for place, commit in enumerate(dict.fromkeys(row["commit"] for row in rows))}
    assert len(commits) == log["commits"]
    touches = Touches(
        person=tuple(row["dev"] for row in rows),
        path=tuple(row["path"] for row in rows),
        order=tuple(commits[row["commit"]] for row in rows),
    )
    result = assess(Inputs(touches, first_touch_creates=first_touch_creates))
    assert result.checks.people == log["devs_by_name"]
    unit = whole(result)
    assert abs(unit.truck_factor - log["published_bus_factor_jetbrains"]) <= 1
    assert (unit.low, unit.high) == (1, 1)
