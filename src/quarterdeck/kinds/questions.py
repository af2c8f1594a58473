"""Turns what is asked of a kind into database expressions: conditions, order, where the next page starts."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, TextField
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from quarterdeck.kinds import keys
from quarterdeck.kinds.declare import Attribute, Kind, Sort
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.sight import seen_fold
from quarterdeck.kinds.values import read_column

OPERATORS = {"": "exact", "in": "in", "gte": "gte", "lte": "lte", "gt": "gt", "lt": "lt", "empty": "", "not": "exact"}


class BadQuestion(ValueError):
    """A condition or order that names no visible attribute, or asks for what it cannot hold."""


@dataclass(frozen=True)
class Asked:
    """One condition: an attribute, how it is compared, and with what – values as the field holds them, keys folded."""

    attribute: Attribute
    operator: str
    value: Any


def asked(attribute: Attribute, operator: str, value: Any) -> Asked:
    """A condition, its value read as the attribute's own. Raises BadQuestion."""
    if operator not in OPERATORS:
        raise BadQuestion(
            _("%(operator)s is not something to ask of %(name)s") % {"operator": operator, "name": attribute.name}
        )
    if operator == "empty":
        return Asked(attribute, operator, value not in (False, None, "", "0", "no", "false"))
    if operator in ("", "not") and value in (None, ""):
        return Asked(attribute, "empty", operator == "")
    if operator == "in":
        return Asked(attribute, operator, tuple(_read(attribute, one) for one in value))
    if value in (None, ""):
        raise BadQuestion(_("%(name)s is compared with nothing") % {"name": attribute.name})
    return Asked(attribute, operator, _read(attribute, value))


def _read(attribute: Attribute, value: Any) -> Any:
    if attribute.sort in (Sort.KEY, Sort.LINK):
        return keys.fold(str(value).replace("\0", keys.HIDDEN))  # nobody's key, in any database
    found, faults = read_column(attribute, [value])
    if faults:
        raise BadQuestion(f"{attribute.name}: {faults[0]}")
    return found[0]


def paths(kind: Kind, reader: Reader) -> dict[str, Combinable]:
    """For every link, an alias of the query and the expression behind it: its target's fold, as far as it is in
    sight."""
    return {f"seen_{link.name}": seen_fold(link, reader) for link in kind.links}


def path(attribute: Attribute) -> str:
    """What an attribute is compared and ordered by."""
    if attribute.sort is Sort.LINK:
        return f"seen_{attribute.name}"
    return "fold" if attribute.sort is Sort.KEY else attribute.name


def condition(one: Asked) -> Q:
    """The condition as the database takes it; needs the aliases of `paths`."""
    attribute, where = one.attribute, path(one.attribute)
    if one.operator == "empty":
        nothing = Q(**{f"{attribute.name}__isnull": True}) if attribute.field.null else Q(pk__in=[])
        if isinstance(attribute.field, CharField | TextField):
            nothing |= Q(**{attribute.name: ""})
        return nothing if one.value else ~nothing
    found = Q(**{f"{where}__{OPERATORS[one.operator]}": one.value})
    if one.operator != "not":
        return found
    return ~found | Q(**{f"{where}__isnull": True}) if attribute.field.null else ~found


def ordering(kind: Kind, order: tuple[str, ...]) -> list[Any]:
    """Order expressions: empty values last whichever way; links by key."""
    found: list[Any] = []
    for name in order:
        attribute = kind.attributes[name.removeprefix("-")]
        by = F(path(attribute))
        nulls = {"nulls_last": True} if attribute.field.null or attribute.sort is Sort.LINK else {}
        found.append(by.desc(**nulls) if name.startswith("-") else by.asc(**nulls))
    return found


def beyond(kind: Kind, order: tuple[str, ...], last: tuple[Any, ...]) -> Q:
    """Rows that come after the row with these values in the order's attributes."""
    further, same = Q(), Q()
    for name, value in zip(order, last, strict=True):
        attribute = kind.attributes[name.removeprefix("-")]
        where, nullable = path(attribute), attribute.field.null or attribute.sort is Sort.LINK
        if value is None:
            more = Q(pk__in=[])  # empty values stand last: nothing further on this attribute
            equal = Q(**{f"{where}__isnull": True})
        else:
            more = Q(**{f"{where}__{'lt' if name.startswith('-') else 'gt'}": value})
            if nullable:
                more |= Q(**{f"{where}__isnull": True})
            equal = Q(**{where: value})
        further |= same & more
        same &= equal
    return further


def holds(one: Asked, value: Any) -> bool:
    """Whether a value meets a condition, where no database compares it; a covered link is nobody's key."""
    if one.operator == "empty":
        return (value in (None, "")) == one.value
    if value is not None and one.attribute.sort in (Sort.KEY, Sort.LINK):
        value = None if value == keys.HIDDEN else keys.fold(value)
    if one.operator == "in":
        return value in one.value
    if one.operator in ("", "not"):
        return (value == one.value) == (one.operator == "")
    if value is None:
        return False
    return {"gte": value >= one.value, "lte": value <= one.value, "gt": value > one.value, "lt": value < one.value}[
        one.operator
    ]
