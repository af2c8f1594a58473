"""Chinese is whole: nothing is untranslated or unused, and catalogues are set as Chinese is."""

import re
from datetime import date, datetime
from pathlib import Path

import polib
import pytest
from django.utils import formats, translation
from django.utils.translation import gettext, ngettext, npgettext, pgettext, trans_real

from quarterdeck.evidence import readers
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import ROLES
from quarterdeck.web import messages

HAN = "\u3400-\u9fff"


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The catalogues as they stand now; Django reads them anew where one was older."""
    if messages.compile_catalogues():
        trans_real._translations.clear()
        trans_real._default = None


@pytest.fixture(scope="module")
def everything() -> set[str]:
    """All texts that are said."""
    return {one.message.text for one in messages.collect()}


# ---- the catalogues


def test_everything_said_is_translated():
    assert messages.faults() == []


def test_nothing_translated_is_no_longer_said():
    assert messages.unused() == []


def test_catalogues_compile_to_the_same_bytes(tmp_path: Path):
    made = []
    for name in ("first", "second"):
        root = tmp_path / name
        for path in messages.catalogues():
            copy = root / path.relative_to(messages.PACKAGE)
            copy.parent.mkdir(parents=True)
            copy.write_bytes(path.read_bytes())
        written = messages.compile_catalogues(root)
        assert len(written) == len(messages.catalogues())
        assert messages.compile_catalogues(root) == []
        made.append({path.relative_to(root): path.read_bytes() for path in written})
    assert made[0] == made[1]


def test_readers_get_what_the_catalogues_say():
    """No other catalogue of Django's stands in front of ours, and ours do not stand in each other's way."""
    other = []
    with translation.override("zh-hans"):
        for (text, context), entry in messages.translated(messages.catalogues()).items():
            if entry.msgid_plural:
                plural = (context, text, entry.msgid_plural, 2)
                got, wanted = npgettext(*plural) if context else ngettext(*plural[1:]), entry.msgstr_plural[0]
            else:
                got, wanted = pgettext(context, text) if context else gettext(text), entry.msgstr
            if got != wanted:
                other.append((text, got, wanted))
    assert other == []


SLIPS = {
    "ASCII punctuation between Chinese": rf"[{HAN}）][,;:!?] ?[{HAN}（]|[{HAN}]\.$",
    "a blank inside Chinese": rf"[{HAN}，。；：、）] +[{HAN}，。；：、（]",
    "a blank at a quotation mark": rf"[{HAN}] “|” [{HAN}]|“ | ”",
    "straight quotation marks": rf"[{HAN}][\"']|[\"'][{HAN}]",
    "ASCII brackets around Chinese": rf"\([{HAN}]|[{HAN}]\)",
    "three dots": r"\.\.\.|…(?!…)(?<!……)",
    "a sentence that ends otherwise": rf"[{HAN}]。.*[{HAN}]$",
}


@pytest.mark.parametrize("slip", SLIPS, ids=lambda name: name.replace(" ", "-"))
def test_translations_are_set_as_chinese_is(slip: str):
    found = [
        (entry.msgid, text)
        for entry in messages.translated(messages.catalogues()).values()
        for text in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr])
        if re.search(SLIPS[slip], text)
    ]
    assert found == []


def test_translations_are_in_chinese():
    """A translation without a Chinese sign is a sign, a number or a name."""
    plain = re.compile(r"(%\(\w+\)\w|%%|[\W\d_]|CSV|XLSX|sha1|sha256|dependsOn|consumesApi)*")
    latin = [
        entry.msgid
        for entry in messages.translated(messages.catalogues()).values()
        if not re.search(f"[{HAN}]", entry.msgstr or entry.msgstr_plural[0])
        and not plain.fullmatch(entry.msgstr or entry.msgstr_plural[0])
    ]
    assert latin == []


# ---- what is collected


def said(source: str) -> set[tuple[str, str]]:
    return {(one.message.text, one.message.context) for one in messages.in_python(source, "x.py")}


def test_gettext_is_found_under_any_name():
    source = (
        "from django.utils.translation import gettext as now, pgettext_lazy as placed\n"
        "now('one'); placed('where', 'two'); _('three'); later('four'); translation.gettext('five')\n"
    )
    assert said(source) == {("one", ""), ("two", "where"), ("three", ""), ("five", "")}


def test_docstrings_of_kinds_are_found_as_pages_look_them_up(everything: set[str]):
    assert len(KINDS) > 20
    assert {declared.description for declared in KINDS.values()} <= everything


def test_other_docstrings_are_not():
    source = 'class Other:\n    """Not a kind."""\n\n@kind(columns=())\nclass Thing:\n    """A\n    thing."""\n'
    assert [one.message.text for one in messages.in_kinds(source, "x.py")] == ["A thing."]


def test_titles_of_roles_are_found(everything: set[str]):
    assert {role.title for role in ROLES.values() if role.name not in ("system", "company")} <= everything


def test_rules_of_engines_are_found(everything: set[str]):
    """Every sentence of a delivery figure's rule that is the same for all inputs."""
    from quarterdeck.engines.delivery import metrics

    fixed = [metrics.LEAD_TIME, metrics.FREQUENCY, metrics.REWORK]
    assert {sentence for definition in fixed for sentence in definition.rule} <= everything
    assert {*metrics.ATTRIBUTION.values(), *metrics.RECOVERY.values()} <= everything


def test_columns_of_evidence_are_found(everything: set[str]):
    assert {c.help for reader in readers.READERS for table in reader.tables for c in table.columns} <= everything


def test_a_lost_or_invented_value_is_a_fault(tmp_path: Path):
    (tmp_path / "views.py").write_text("_('%(count)d left'); _('%(share)s %%'); _('never said')\n")
    folder = tmp_path / f"locale/{messages.LANGUAGE}/LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="%(count)d left", msgstr="剩余"))
    catalogue.append(polib.POEntry(msgid="%(share)s %%", msgstr="%(part)s%%"))
    catalogue.save(str(folder / "django.po"))
    assert [fault.reason for fault in messages.faults(tmp_path)] == [
        "shows [] instead of ['count']",
        "shows ['part'] instead of ['share']",
        "not translated",
    ]


def test_two_catalogues_may_not_disagree(tmp_path: Path):
    for app, word in (("one", "开始"), ("two", "启动")):
        folder = tmp_path / app / f"locale/{messages.LANGUAGE}/LC_MESSAGES"
        folder.mkdir(parents=True)
        catalogue = polib.POFile()
        catalogue.append(polib.POEntry(msgid="start", msgstr=word))
        catalogue.save(str(folder / "django.po"))
    with pytest.raises(ValueError, match="unlike another"):
        messages.translated(messages.catalogues(tmp_path))


# ---- numbers and dates


@pytest.mark.parametrize(
    ("language", "day", "moment", "month"),
    [
        ("en", "20 November 2026", "20 November 2026, 08:05", "November 2026"),
        ("zh-hans", "2026年11月20日", "2026年11月20日 08:05", "2026年11月"),
    ],
)
def test_dates_and_numbers_are_written_in_the_reader_s_way(language: str, day: str, moment: str, month: str):
    with translation.override(language):
        assert formats.date_format(date(2026, 11, 20), "DATE_FORMAT") == day
        assert formats.date_format(datetime(2026, 11, 20, 8, 5), "DATETIME_FORMAT") == moment
        assert formats.date_format(date(2026, 11, 20), "YEAR_MONTH_FORMAT") == month
        assert formats.number_format(1234567.5, decimal_pos=1, force_grouping=True) == "1,234,567.5"
