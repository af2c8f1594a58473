"""Forms of a kind: they collect what people type; whether it is right is for the one door in to say."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _

from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.canonical import canonical
from quarterdeck.kinds.declare import NUMBERS, Attribute, Kind, Sort
from quarterdeck.kinds.drafts import Change, Trouble
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.seal import keyed
from quarterdeck.kinds.sheets import written
from quarterdeck.kinds.values import LONGEST_TEXT

MOST_ROWS = 1_000  # of a grid
_OURS = frozenset({"record", "edition", "DELETE"})  # fields of a grid that are none of the record
_MOST_OPTIONS = 500  # records offered to choose a link from; beyond, its key is typed


def _widget(attribute: Attribute, options: list[tuple[str, str]] | None) -> forms.Widget:
    if attribute.sort is Sort.LONG_TEXT:
        return forms.Textarea(attrs={"rows": 3})
    if attribute.sort is Sort.DATE:
        return forms.DateInput(attrs={"type": "date"})
    if options is not None:
        return forms.Select(choices=options)
    numeric = {"inputmode": "decimal"} if attribute.sort in NUMBERS else {}
    return forms.TextInput(attrs={"autocomplete": "off", **numeric})


def _options(attribute: Attribute, reader: Reader, held: Collection[str] = ()) -> list[tuple[str, str]] | None:
    """What can be chosen, the empty choice first, and what is chosen already (held); None: it is typed."""
    found = _choices(attribute, reader)
    if found is None:
        return None
    known = {value for value, _label in found}
    return [*found, *((value, value) for value in dict.fromkeys(held) if value not in known)]


def _choices(attribute: Attribute, reader: Reader) -> list[tuple[str, str]] | None:
    if attribute.sort is Sort.CHOICE:
        return [("", "—"), *((value, str(label)) for value, label in attribute.choices)]
    if attribute.sort is Sort.YES_NO:
        return [("", "—"), ("yes", _("yes")), ("no", _("no"))]
    if attribute.sort is not Sort.LINK:
        return None
    try:
        rows = Access(reader).select(attribute.target.name).rows(_MOST_OPTIONS + 1)
    except Denied:
        return None
    if len(rows) > _MOST_OPTIONS:
        return None
    return [("", "—"), *sorted(((row.key, called(row, attribute.target)) for row in rows), key=_by_label)]


def _by_label(option: tuple[str, str]) -> str:
    return option[1].casefold()


def called(row: Row, kind: Kind) -> str:
    """How a record is named in a choice: its name, where it has one, and its key."""
    name = show.name(kind, row)
    return f"{name} · {row.key}" if name and name != row.key else row.key


def form_class(
    kind: Kind, reader: Reader, names: Iterable[str] | None = None, rows: Sequence[Row] = ()
) -> type[forms.Form]:
    """A form with a field for each attribute the reader may see and a word of help for each declared field; or with
    fields, without help, for those named. rows: what it is to show."""
    wanted = None if names is None else set(names)
    visible = {attribute.name for attribute in kind.visible(reader)}
    fields: dict[str, Any] = {}
    helped: set[str] = set()
    for attribute in (kind.attributes[name] for _title, some in _groups(kind) for name in some if name in visible):
        if wanted is not None and attribute.name not in wanted:
            continue
        held = [_typed(attribute, row[attribute.name]) for row in rows if row[attribute.name] is not None]
        options = _options(attribute, reader, held)
        fields[attribute.name] = forms.CharField(
            label=attribute.label[:1].upper() + attribute.label[1:],
            help_text=attribute.help if wanted is None and attribute.stem not in helped else "",
            required=False,
            strip=True,
            widget=_widget(attribute, options),
            max_length=LONGEST_TEXT,
        )
        helped.add(attribute.stem)
    return type("RecordForm", (forms.Form,), fields)


def _groups(kind: Kind) -> list[tuple[str, tuple[str, ...]]]:
    """The attributes in titled groups as a record shows them; the key first, or last where it is made of others."""
    groups = [(title, tuple(n for one in names for n in kind.spread(one))) for title, names in show.reading_order(kind)]
    place = -1 if kind.key_from else 0
    title, names = groups[place]
    groups[place] = (title, (*names, "key") if kind.key_from else ("key", *names))
    return groups


@dataclass(frozen=True)
class Line:
    """What stands on one line of a form: a field, the halves of a text, or the points of an estimate."""

    title: str
    fields: tuple[forms.BoundField, ...]
    points: tuple[tuple[str, forms.BoundField], ...] = ()  # of an estimate: each with its own word


def sections(kind: Kind, form: forms.Form) -> list[dict[str, Any]]:
    """A form's fields in titled groups of lines."""
    found = []
    for title, names in _groups(kind):
        lines: dict[str, list[Attribute]] = {}
        for attribute in (kind.attributes[name] for name in names if name in form.fields):
            lines.setdefault(attribute.stem, []).append(attribute)
        if lines:
            found.append({"title": title, "lines": [_line(some, form) for some in lines.values()]})
    return found


def _line(attributes: list[Attribute], form: forms.Form) -> Line:
    title = show.capital(str(attributes[0].field.verbose_name))
    fields = tuple(form[attribute.name] for attribute in attributes)
    named = tuple(str(point) for a in attributes if (point := getattr(a.field, "point", None)))
    return Line(title, fields, tuple(zip(named, fields, strict=True)) if named else ())


def initial(kind: Kind, row: Row) -> dict[str, str]:
    """A record's values as a form shows them."""
    return {name: "" if value is None else _typed(kind.attributes[name], value) for name, value in row.values.items()}


def _typed(attribute: Attribute, value: Any) -> str:
    text = written(attribute, value)
    if attribute.sort is Sort.NUMBER:
        return text.removesuffix(".0")
    return text[1:] if text.startswith("'") and attribute.sort not in NUMBERS else text


def put_troubles(form: forms.Form, troubles: Iterable[Trouble]) -> None:
    """Show each trouble at its field, or on top where the form has no such field."""
    for trouble in troubles:
        form.add_error(trouble.field if trouble.field in form.fields else None, trouble.message)


def edition(row: Row) -> str:
    """What a form was filled from, as one word: another where a value its reader may see has moved since."""
    return keyed("editions", canonical([row.id, dict(row.values)]))[:32]


def grid_class(child: Kind, link: str, reader: Reader, rows: Sequence[Row] = ()) -> type[BaseFormSet]:
    """A grid over the records of a child kind: all visible fields but the link to the parent and what makes up the
    key."""
    hidden = {link, "retired"} | ({"key"} if child.key_from else set())
    names = [attribute.name for attribute in child.visible(reader) if attribute.name not in hidden]
    row = form_class(child, reader, names, rows)
    row.base_fields["record"] = forms.CharField(required=False, widget=forms.HiddenInput)
    row.base_fields["edition"] = forms.CharField(required=False, widget=forms.HiddenInput)
    for field in row.base_fields.values():
        if isinstance(field.widget, forms.Textarea):
            field.widget = forms.TextInput()
    return formset_factory(row, extra=1, can_delete=True, max_num=MOST_ROWS, absolute_max=2 * MOST_ROWS)


def grid_helps(child: Kind, grid: BaseFormSet) -> list[tuple[str, str]]:
    """What the columns of a grid mean, where a word of help was declared; once for the parts of an estimate."""
    found: dict[str, str] = {}
    for name in grid.empty_form.fields:
        attribute = child.attributes.get(name)
        if attribute is not None and attribute.help:
            found.setdefault(show.capital(str(attribute.field.verbose_name)), attribute.help)
    return list(found.items())


def grid_initial(child: Kind, row: Row) -> dict[str, str]:
    """What one row of a grid shows."""
    return {**initial(child, row), "record": row.key, "edition": edition(row)}


Editions = Mapping[str, tuple[str, int | None]]  # by key: the edition that stands now, the commit that wrote it


def grid_changes(
    child: Kind, link: str, parent: str, grid: BaseFormSet, now: Editions
) -> list[tuple[forms.Form, Change | None]]:
    """What a filled grid asks for, by its rows: changed, added, deleted; None for a row that has moved since it was
    shown.

    Empty rows are passed over.
    """
    found: list[tuple[forms.Form, Change | None]] = []
    for form in grid.forms:
        given = {name: value for name, value in form.cleaned_data.items() if name not in _OURS}
        record, shown = form.cleaned_data.get("record", ""), form.cleaned_data.get("edition", "")
        stands, expected = now.get(record, ("", None))
        deleted = form.cleaned_data.get("DELETE")
        if record and shown and shown != stands:
            found.append((form, None))
        elif deleted and record:
            found.append((form, Change(child.name, record, None, expected=expected)))
        elif not deleted and record:
            found.append((form, Change(child.name, record, {**given, link: parent}, expected=expected)))
        elif not deleted and any(given.values()):
            key = str(given.pop("key", "") or "")
            found.append((form, Change(child.name, key, {**given, link: parent}, new=True)))
    return found


def put_in_row(form: forms.Form, field: str, message: str) -> None:
    """Show a trouble in a row of a grid, at its first field where it is about none that is shown."""
    form.add_error(field if field in form.fields else next(iter(form.fields)), message)
