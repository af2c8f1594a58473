"""Parsing of YAML, JSON and TOML that others made: the same values as other parsers, and bounds that hold."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.documents import (
    MalformedError,
    Record,
    Value,
    day_of,
    flag_of,
    instant_of,
    json_document,
    records,
    text_of,
    texts,
    toml_document,
    yaml_documents,
)

letters = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
values = st.recursive(
    letters | st.booleans() | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=20,
)


def _plain(value: object) -> object:
    """Numbers as text, as our parsers leave them."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(values)
def test_json_is_read_as_it_was_written(value: object) -> None:
    assert json_document(json.dumps(value), "x") == _plain(value)


def _nulls(value: object) -> object:
    """BaseLoader makes text of everything; a plain null is None here."""
    if isinstance(value, dict):
        return {key: _nulls(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_nulls(inner) for inner in value]
    return "" if value is None else value


def test_yaml_is_read_as_another_loader_reads_it(shared_data: Path) -> None:
    paths = [
        *sorted((shared_data / "02_eol/products").glob("*.yaml")),
        *sorted((shared_data / "06_architecture").rglob("*.yaml")),
        *sorted((shared_data / "05_sbom_lockfiles/lockfiles").glob("*.yaml")),
    ]
    assert len(paths) > 45
    for path in paths:
        text = path.read_text()
        ours = [_nulls(document) for document in yaml_documents(text, path.name)]
        theirs = [
            _nulls(json.loads(json.dumps(document).replace('"null"', '""').replace('"~"', '""')))
            for document in yaml.load_all(text, Loader=yaml.BaseLoader)
        ]
        assert json.loads(json.dumps(ours).replace('"null"', '""').replace('"~"', '""')) == theirs, path.name


def test_a_number_stays_what_stood_there() -> None:
    [document] = yaml_documents("a: 3.10\nb: 0x1F\nc: no\nd: 2026-01-01\ne: ~\nf: ''\ng: '~'\n", "x")
    assert document == {"a": "3.10", "b": "0x1F", "c": "no", "d": "2026-01-01", "e": None, "f": "", "g": "~"}
    assert json_document('{"a": 1.10, "b": 1e999}', "x") == {"a": "1.10", "b": "1e999"}
    assert toml_document("a = 1.5\nb = 2026-01-01\nc = true", "x") == {"a": "1.5", "b": "2026-01-01", "c": True}


def test_lines_are_kept() -> None:
    documents = list(yaml_documents("# one\na:\n  - b: 1\n\n  - b: 2\n---\nc: 3\n", "x"))
    first, second = documents
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert [first.line, *[entry.line for entry in records(first, "a")], second.line] == [2, 3, 5, 7]
    table = toml_document("x = 1\n[[package]]\nname = 'a'\n\n[[package]]\nname = 'b'\n", "x")
    assert [entry.line for entry in records(table, "package")] == [2, 5]


def test_an_alias_stands_for_its_anchor_within_bounds() -> None:
    assert list(yaml_documents("a: &x [1, 2]\nb: *x\n", "x")) == [{"a": ["1", "2"], "b": ["1", "2"]}]
    with pytest.raises(Refused, match="alias"):
        list(yaml_documents("a: &x [1]\n---\nb: *x\n", "x"))


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "? " * 100_000])
def test_depth_is_a_number_and_not_a_crash(text: str) -> None:
    with pytest.raises(Refused):
        list(yaml_documents(text, "x"))
    with pytest.raises(Refused):
        json_document(text, "x")


@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for parse in (
        lambda: list(yaml_documents(text, "x")),
        lambda: json_document(text, "x"),
        lambda: toml_document(text, "x"),
    ):
        with suppress(Refused):
            parse()


@pytest.mark.parametrize(
    ("value", "read", "reason"),
    [
        ([], text_of, "not text"),
        ("maybe", flag_of, "neither true nor false"),
        ("x", texts, "not a list"),
        ([None], texts, "not text"),
        ([[]], records, "not a mapping"),
        ("2026-02-30", day_of, "not a date"),
        ("0001-01-01T00:00:00+14:00", instant_of, "out of range"),
        ("yesterday", instant_of, "not a time"),
    ],
)
def test_a_value_of_the_wrong_kind_is_said(value: Value, read: object, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        read(Record([("x", value)]), "x")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("parse", "text", "line"),
    [
        (json_document, '{\n"a": "x\\u0000"}', 2),
        (lambda text, origin: list(yaml_documents(text, origin)), 'a: b\nc: "x\\0"\n', 2),
        (toml_document, 'a = "x\\u0000"\n', None),
    ],
)
def test_the_sign_that_no_text_has_is_refused_however_it_is_written(
    parse: Callable[[str, str], object], text: str, line: int | None
) -> None:
    with pytest.raises(Refused, match=r"U\+0000") as refused:
        parse(text, "x")
    assert refused.value.line == line
