"""Reads a column of values into what a field holds: from people's text, a sheet's cells or typed values alike."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _

from quarterdeck.kinds import keys
from quarterdeck.kinds.declare import Attribute, Sort

_YES = frozenset({"true", "yes", "1", "y", "是", "x"})
_NO = frozenset({"false", "no", "0", "n", "否"})
LONGEST_TEXT = 32_000  # characters: what one cell of a workbook holds, so that every text survives a sheet
_LARGEST_WHOLE = 2**63 - 1
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")  # 12,345.6 – and never 12,5, which would become 125
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]")


def _text(attribute: Attribute, value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    if "\r" in text:  # browsers and sheets disagree on line ends, and on blanks around a text; records do not
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.strip()
    if _CONTROL.search(text):
        raise ValueError(_("holds a control character"))
    most = getattr(attribute.field, "max_length", None) or LONGEST_TEXT
    if len(text) > most:
        raise ValueError(_("has %(found)d characters; at most %(most)d fit") % {"found": len(text), "most": most})
    return text


def _key(attribute: Attribute, value: object) -> str:
    key = keys.normalise(str(value))
    fault = keys.fault(key)
    if fault:
        raise ValueError(fault)
    return key


def _whole(attribute: Attribute, value: object) -> int:
    number = _decimal(attribute, value)
    if number != number.to_integral_value():
        raise ValueError(_("is not a whole number"))
    if abs(number) > _LARGEST_WHOLE:
        raise ValueError(_("is too large"))
    return int(number)


def _number(attribute: Attribute, value: object) -> float:
    return float(_decimal(attribute, value))


def _decimal(attribute: Attribute, value: object) -> Decimal:
    if isinstance(value, bool):
        raise ValueError(_("is not a number"))
    text = str(value).strip()
    if isinstance(value, str) and _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if len(text) > 60 or "_" in text:
        raise ValueError(_("is not a number"))
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(_("is not a number")) from None
    if not number.is_finite():
        raise ValueError(_("is not a number"))
    if abs(number.adjusted()) > 300:
        raise ValueError(_("is too large"))
    return number


def _exact(attribute: Attribute, value: object) -> Decimal:
    number = _decimal(attribute, value)
    places, digits = attribute.field.decimal_places, attribute.field.max_digits  # type: ignore[attr-defined]
    if number and number.adjusted() >= digits - places:
        raise ValueError(_("is too large"))
    if number and number.normalize(_WIDE).as_tuple().exponent < -places:
        raise ValueError(_("has more than %(places)d decimal places") % {"places": places})
    return number


def _yes_no(attribute: Attribute, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(int(value)) if isinstance(value, float) and value in (0.0, 1.0) else str(value).strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError(_("is neither yes nor no"))


def _date(attribute: Attribute, value: object) -> date:
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    day, rest = text[:10].replace("/", "-"), text[10:]
    if rest and not _MIDNIGHT.fullmatch(rest):  # a sheet says midnight where it means the day; nothing else is cut
        raise ValueError(_("is not a date like 2026-11-20"))
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError(_("is not a date like 2026-11-20")) from None


def _time(attribute: Attribute, value: object) -> datetime:
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise ValueError(_("is not a time like 2026-11-20T08:30:00Z")) from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _choice(attribute: Attribute, value: object) -> Any:
    """The choice as the field holds it; people may type the value or its label, and a number as text."""
    word = str(value).strip().casefold()
    choices = attribute.field.flatchoices or ()
    for choice, _label in choices:
        if word == str(choice).casefold():
            return choice
    for choice, label in choices:
        if word == str(label).casefold():
            return choice
    raise ValueError(
        _("is not one of: %(choices)s") % {"choices": ", ".join(str(choice) for choice, _label in choices)}
    )


def _link(attribute: Attribute, value: object) -> str:
    if value == keys.HIDDEN:
        return keys.HIDDEN
    return keys.normalise(str(value).removeprefix(f"{attribute.target.name}:"))


_WIDE = Context(prec=400)  # keeps every digit that was typed

_READERS: dict[Sort, Callable[[Attribute, object], Any]] = {
    Sort.KEY: _key,
    Sort.TEXT: _text,
    Sort.LONG_TEXT: _text,
    Sort.CHOICE: _choice,
    Sort.WHOLE: _whole,
    Sort.NUMBER: _number,
    Sort.DECIMAL: _exact,
    Sort.YES_NO: _yes_no,
    Sort.DATE: _date,
    Sort.TIME: _time,
    Sort.LINK: _link,
}


def read_column(attribute: Attribute, values: Sequence[object]) -> tuple[list[Any], dict[int, str]]:
    """Values as the field holds them, and what is wrong by place; equal values are read once."""
    read, validators = _READERS[attribute.sort], _validators(attribute)
    empty, required = (None if attribute.sort is Sort.LINK else attribute.empty()), attribute.required
    known: dict[object, Any] = {}
    found: list[Any] = []
    faults: dict[int, str] = {}
    for place, value in enumerate(values):
        if value is None or value == "" or (isinstance(value, str) and value.isspace()):
            found.append(empty)
            if required:
                faults[place] = _("is needed")
            continue
        memo = (type(value), value) if isinstance(value, str | int | float | bool | date | Decimal) else None
        if memo is not None and memo in known:
            found.append(known[memo])
            continue
        try:
            result = read(attribute, value)
            for validator in validators:
                validator(result)
        except ValueError as error:
            faults[place] = str(error)
            result = empty
        except ValidationError as error:
            faults[place] = " ".join(error.messages)
            result = empty
        else:
            if memo is not None and len(known) < 10_000:
                known[memo] = result
        found.append(result)
    return found, faults


def _validators(attribute: Attribute) -> list[Callable[[Any], None]]:
    """The field's own validators, less the one on length, which `_text` has done."""
    if attribute.sort is Sort.LINK:
        return []
    return [check for check in attribute.field.validators if not isinstance(check, MaxLengthValidator)]
