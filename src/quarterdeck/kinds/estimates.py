"""Estimates in three points: one declared field, three columns, always in order or all empty."""

from collections.abc import Iterable
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.kinds.declare import Fault, Kind

POINTS = ("low", "likely", "high")
_LABELS = {"low": gettext_lazy("low"), "likely": gettext_lazy("likely"), "high": gettext_lazy("high")}


class ThreePoints:
    """Declares an estimate on a model: `effort = ThreePoints(_("effort"))` makes `effort_low`, `_likely`, `_high`."""

    def __init__(self, label: Any, *, money: bool = False, least: float | None = 0, help_text: Any = "") -> None:
        self.label, self.money, self.least, self.help_text = label, money, least, help_text

    def contribute_to_class(self, model: type[models.Model], name: str) -> None:
        validators = [] if self.least is None else [MinValueValidator(self.least)]
        for point in POINTS:
            options: dict[str, Any] = {
                "null": True,
                "blank": True,
                "help_text": self.help_text,
                "validators": validators,
            }
            field: Any
            if self.money:
                field = models.DecimalField(self.label, max_digits=18, decimal_places=2, **options)
            else:
                field = models.FloatField(self.label, **options)
            field.estimate = name
            field.point = _LABELS[point]
            model.add_to_class(f"{name}_{point}", field)


def faults(kind: Kind, rows: list[dict[str, Any]]) -> Iterable[tuple[int, Fault]]:
    """Estimates that are half given or out of order."""
    names = dict.fromkeys(e for a in kind.attributes.values() if (e := getattr(a.field, "estimate", None)))
    for name in names:
        low, likely, high = (f"{name}_{point}" for point in POINTS)
        for place, row in enumerate(rows):
            given = [row[low], row[likely], row[high]]
            if all(value is None for value in given):
                continue
            if any(value is None for value in given):
                yield place, Fault(low, _("all three points are needed, or none"))
            elif not given[0] <= given[1] <= given[2]:
                yield place, Fault(low, _("low, likely and high are not in order"))
