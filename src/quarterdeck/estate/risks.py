"""Loss scenarios and the appetite for them."""

from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from quarterdeck.kinds.declare import Fault, kind
from quarterdeck.kinds.estimates import ThreePoints
from quarterdeck.kinds.records import Record
from quarterdeck.kinds.text import TwoLanguages

CATEGORIES = [
    ("obsolescence", _("obsolescence")),
    ("delivery", _("delivery")),
    ("supplier", _("supplier")),
    ("key-person", _("key person")),
    ("failure", _("failure")),
    ("attack", _("attack")),
    ("law", _("law")),
]


def _scenario_clean(rows: list[dict[str, Any]]) -> Iterable[tuple[int, Fault]]:
    for place, row in enumerate(rows):
        if row["loss_low"] is not None and row["loss_low"] <= 0:
            yield place, Fault("loss_low", now("must be above zero"))
        if row["loss_low"] is not None and row["loss_high"] is not None and row["loss_high"] <= row["loss_low"]:
            yield place, Fault("loss_high", now("must lie above the 5 % quantile"))


@kind(
    columns=("key", "name", "category", "system", "frequency", "loss_low", "loss_high"),
    filters=("category", "system", "owner"),
    sections=(
        (_("What may happen"), ("name", "description", "category", "system", "owner")),
        (_("How often and how much"), ("frequency", "loss_low", "loss_high", "currency", "basis")),
    ),
    clean=_scenario_clean,
    chapter="risk",
)
class Scenario(Record):
    """Something that may go wrong: how often a year, and between which amounts nine events of ten cost."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    description = models.TextField(_("description"), blank=True, help_text=_("What happens, and what follows from it."))
    category = models.CharField(
        _("category"), max_length=20, choices=CATEGORIES, default="failure", help_text=_("What brings the loss about.")
    )
    system = models.ForeignKey(
        "estate.System",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("system"),
        help_text=_("The system that it strikes."),
    )
    owner = models.ForeignKey(
        "estate.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        help_text=_("The person who answers for it."),
    )
    frequency = ThreePoints(_("events a year"), help_text=_("How often in a year: 0.1 is once in ten years."))
    loss_low = models.DecimalField(
        _("loss, 5 % quantile"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(1)],
        help_text=_("One event in twenty costs less."),
    )
    loss_high = models.DecimalField(
        _("loss, 95 % quantile"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(1)],
        help_text=_("One event in twenty costs more."),
    )
    currency = models.CharField(_("currency"), max_length=3, help_text=_("Three-letter code (ISO 4217), like EUR."))
    basis = models.TextField(_("basis"), blank=True, help_text=_("What the figures rest on."))

    class Meta:
        verbose_name = _("loss scenario")
        verbose_name_plural = _("loss scenarios")


@kind(columns=("key", "probability", "amount", "currency"), chapter="risk")
class Appetite(Record):
    """The most a year may cost, but for one year in so many (0.95: one in twenty)."""

    probability = models.FloatField(
        _("probability"),
        validators=[MinValueValidator(0.5), MaxValueValidator(0.9999)],
        help_text=_("Part of years that must stay within the amount: 0.95 lets one year in twenty cost more."),
    )
    amount = models.DecimalField(
        _("amount"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=_("The most that all losses of a year may cost together."),
    )
    currency = models.CharField(_("currency"), max_length=3, help_text=_("Three-letter code (ISO 4217), like EUR."))

    class Meta:
        verbose_name = _("appetite for loss")
        verbose_name_plural = _("appetites for loss")
