"""Forms of a kind: they collect what people type; whether it is right is for the one door in to say."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from quarterdeck.kinds.access import Access, Row
from quarterdeck.kinds.declare import NUMBERS, Attribute, Kind, Sort
from quarterdeck.kinds.drafts import Change, Trouble
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.sheets import written

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


def _options(attribute: Attribute, reader: Reader) -> list[tuple[str, str]] | None:
    """What can be chosen, the empty choice first; None: it is typed."""
    if attribute.sort is Sort.CHOICE:
        return [("", "—"), *((value, str(label)) for value, label in attribute.choices)]
    if attribute.sort is Sort.YES_NO:
        return [("", "—"), ("yes", "✓"), ("no", "✗")]
    if attribute.sort is not Sort.LINK:
        return None
    try:
        rows = Access(reader).select(attribute.target.name).rows(_MOST_OPTIONS + 1)
    except Denied:
        return None
    if len(rows) > _MOST_OPTIONS:
        return None
    return [("", "—"), *((row.key, called(row, attribute.target)) for row in rows)]


def called(row: Row, kind: Kind) -> str:
    """How a record is named in a choice: its key and, where it has one, its name."""
    name = row.values.get(kind.named) or row.values.get(kind.named.replace("_en", "_zh")) or ""
    return f"{row.key} – {name}" if name and name != row.key else row.key


def form_class(kind: Kind, reader: Reader, names: Iterable[str] | None = None) -> type[forms.Form]:
    """A form with a field for each attribute the reader may see, or for those named."""
    wanted = None if names is None else set(names)
    fields: dict[str, Any] = {}
    for attribute in kind.visible(reader):
        if wanted is not None and attribute.name not in wanted:
            continue
        options = _options(attribute, reader)
        fields[attribute.name] = forms.CharField(
            label=attribute.label[:1].upper() + attribute.label[1:],
            help_text=attribute.help,
            required=False,
            strip=True,
            widget=_widget(attribute, options),
            max_length=100_000,
        )
    return type("RecordForm", (forms.Form,), fields)


def initial(kind: Kind, row: Row) -> dict[str, str]:
    """A record's values as a form shows them."""
    return {name: "" if value is None else _typed(kind.attributes[name], value) for name, value in row.values.items()}


def _typed(attribute: Attribute, value: Any) -> str:
    text = written(attribute, value)
    return text[1:] if text.startswith("'") and attribute.sort not in NUMBERS else text


def put_troubles(form: forms.Form, troubles: Iterable[Trouble]) -> None:
    """Show each trouble at its field, or on top where the form has no such field."""
    for trouble in troubles:
        form.add_error(trouble.field if trouble.field in form.fields else None, trouble.message)


def grid_class(child: Kind, link: str, reader: Reader) -> type[BaseFormSet]:
    """A grid over the records of a child kind: all visible fields but the link to the parent and what makes up the key."""
    hidden = {link, "retired"} | ({"key"} if child.key_from else set())
    names = [attribute.name for attribute in child.visible(reader) if attribute.name not in hidden]
    row = form_class(child, reader, names)
    row.base_fields["record"] = forms.CharField(required=False, widget=forms.HiddenInput)
    for field in row.base_fields.values():
        if isinstance(field.widget, forms.Textarea):
            field.widget = forms.TextInput()
    return formset_factory(row, extra=1, can_delete=True, max_num=1_000)


def grid_changes(child: Kind, link: str, parent: str, grid: BaseFormSet) -> list[Change]:
    """What a filled grid asks for: rows changed, added, deleted; empty rows are passed over."""
    found = []
    for form in grid.forms:
        if not form.is_valid():
            continue
        given = {name: value for name, value in form.cleaned_data.items() if name not in ("record", "DELETE")}
        record = form.cleaned_data.get("record", "")
        if form.cleaned_data.get("DELETE"):
            if record:
                found.append(Change(child.name, record, None))
        elif record or any(given.values()):
            key = record or str(given.pop("key", "") or "")
            found.append(Change(child.name, key, {**given, link: parent}, new=not record))
    return found
