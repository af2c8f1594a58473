"""Initiatives: what they need, what they bring, what must come before; and how past ones turned out."""

from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quarterdeck.kinds.declare import Fault, kind
from quarterdeck.kinds.estimates import ThreePoints
from quarterdeck.kinds.records import Record
from quarterdeck.kinds.text import TwoLanguages

STATES = [
    ("idea", _("idea")),
    ("proposed", _("proposed")),
    ("funded", _("funded")),
    ("running", _("running")),
    ("done", _("done")),
    ("dropped", _("dropped")),
]
PINS = [("free", _("free to choose")), ("in", _("must be in")), ("out", _("must stay out"))]


def _initiative_clean(rows: list[dict[str, Any]]) -> Iterable[tuple[int, Fault]]:
    for place, row in enumerate(rows):
        if row["earliest"] and row["latest"] and row["latest"] < row["earliest"]:
            yield place, Fault("latest", now("lies before the earliest start"))
        if row["state"] == "running" and not row["started"]:
            yield place, Fault("started", now("is needed for an initiative that runs"))


@kind(
    columns=("key", "name", "theme", "state", "owner", "duration", "mandate"),
    filters=("state", "owner", "origin"),
    sections=(
        (_("What and why"), ("name", "theme", "description", "owner", "state", "origin")),
        (_("When"), ("earliest", "latest", "mandate", "duration", "started", "done_share")),
        (_("Money"), ("capital", "running_cost", "benefit", "ramp", "benefit_months", "currency")),
        (_("Choice"), ("pin", "excludes")),
    ),
    clean=_initiative_clean,
    decided={"state": ("funded", "running", "done")},
    chapter="strategy",
)
class Initiative(Record):
    """Something that may be funded, is being done, or was done."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    theme = TwoLanguages(_("theme"), blank=True, help_text=_("What it is about in a word or two, like reliability."))
    description = models.TextField(_("description"), blank=True, help_text=_("What is to be done, and why."))
    owner = models.ForeignKey(
        "estate.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        help_text=_("The person who answers for it."),
    )
    system = models.ForeignKey(
        "estate.System",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("system"),
        help_text=_("The system it is mainly about."),
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=STATES,
        default="proposed",
        help_text=_("Plans choose among the proposed; funded, running and done come of a confirmed decision alone."),
    )
    origin = models.CharField(
        _("born from"), max_length=60, blank=True, help_text=_("The source of candidates it came from.")
    )
    earliest = models.DateField(
        _("earliest start"),
        null=True,
        blank=True,
        help_text=_("It starts in the quarter of this day or later; empty: at any time."),
    )
    latest = models.DateField(
        _("latest start"),
        null=True,
        blank=True,
        help_text=_("It starts in the quarter of this day or earlier; empty: at any time."),
    )
    mandate = models.DateField(
        _("must be finished by"),
        null=True,
        blank=True,
        help_text=_("Where a law or a contract demands it: a plan then has no choice but to do it."),
    )
    duration = ThreePoints(
        _("duration in months"), help_text=_("Months from start to finish: the least, the likeliest and the most.")
    )
    started = models.DateField(_("started"), null=True, blank=True, help_text=_("Day on which work began."))
    done_share = models.FloatField(
        _("part done"),
        default=0.0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Part of its work that is done, from 0 to 1: 0.4 is 40 %."),
    )
    capital = ThreePoints(_("capital spend"), money=True, help_text=_("One-time spend over the whole duration."))
    running_cost = ThreePoints(
        _("running cost a month"), money=True, help_text=_("What it costs each month once it is finished.")
    )
    benefit = ThreePoints(
        _("benefit a month"),
        money=True,
        least=None,
        help_text=_("What it brings or saves each month in full effect; negative where it takes."),
    )
    ramp = models.IntegerField(
        _("months to full benefit"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(60)],
        help_text=_("Months from the finish until the benefit is whole; it grows evenly until then."),
    )
    benefit_months = models.IntegerField(
        _("months the benefit lasts"),
        default=36,
        validators=[MinValueValidator(0), MaxValueValidator(240)],
        help_text=_("How long the benefit lasts after the finish."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        help_text=_("Three-letter code (ISO 4217), like EUR; empty: that of the plan frame."),
    )
    pin = models.CharField(
        _("choice"),
        max_length=5,
        choices=PINS,
        default="free",
        help_text=_("Whether a plan is free to choose it, or a person has settled that already."),
    )
    excludes = models.CharField(
        _("exclusion group"), max_length=60, blank=True, help_text=_("At most one of a group is chosen.")
    )

    class Meta:
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")


@kind(
    columns=("initiative", "skill", "months"),
    filters=("initiative", "skill"),
    part_of="initiative",
    key_from=("initiative", "skill"),
    chapter="strategy",
)
class Effort(Record):
    """Person-months of one skill that an initiative needs."""

    initiative = models.ForeignKey(
        Initiative,
        models.PROTECT,
        related_name="+",
        verbose_name=_("initiative"),
        help_text=_("The initiative that needs it."),
    )
    skill = models.ForeignKey(
        "estate.Skill",
        models.PROTECT,
        related_name="+",
        verbose_name=_("skill"),
        help_text=_("The skill that is needed."),
    )
    months = ThreePoints(
        _("person-months"), help_text=_("Over the whole initiative: two people for three months are 6.")
    )

    class Meta:
        verbose_name = _("effort")
        verbose_name_plural = _("efforts")


@kind(
    columns=("initiative", "key_result", "amount"),
    filters=("initiative", "key_result"),
    part_of="initiative",
    key_from=("initiative", "key_result"),
    chapter="strategy",
)
class Contribution(Record):
    """What an initiative adds to a key result's measure once it is finished."""

    initiative = models.ForeignKey(
        Initiative,
        models.PROTECT,
        related_name="+",
        verbose_name=_("initiative"),
        help_text=_("The initiative that brings it."),
    )
    key_result = models.ForeignKey(
        "estate.KeyResult",
        models.PROTECT,
        related_name="+",
        verbose_name=_("key result"),
        help_text=_("The key result whose measure it moves."),
    )
    amount = ThreePoints(
        pgettext_lazy("contribution", "amount"),
        least=None,
        help_text=_("Change of the measure, in its unit, once the initiative is finished; negative lowers it."),
    )

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")


def _treatment_clean(rows: list[dict[str, Any]]) -> Iterable[tuple[int, Fault]]:
    """A factor's least and most are given together, on either side of its likeliest value."""
    for place, row in enumerate(rows):
        for name in ("frequency_factor", "magnitude_factor"):
            low, likely, high = row[f"{name}_low"], row[name], row[f"{name}_high"]
            if (low is None) != (high is None):
                yield place, Fault(f"{name}_low", now("least and most are given together, or neither"))
            elif low is not None and likely is not None and not low <= likely <= high:
                yield place, Fault(f"{name}_low", now("least, likeliest and most are not in order"))


@kind(
    columns=("initiative", "scenario", "frequency_factor", "magnitude_factor"),
    filters=("initiative", "scenario"),
    part_of="initiative",
    key_from=("initiative", "scenario"),
    clean=_treatment_clean,
    chapter="risk",
)
class Treatment(Record):
    """What a finished initiative does to a loss scenario: 0.5 halves it, 1 leaves it."""

    initiative = models.ForeignKey(
        Initiative,
        models.PROTECT,
        related_name="+",
        verbose_name=_("initiative"),
        help_text=_("The initiative that treats the risk."),
    )
    scenario = models.ForeignKey(
        "estate.Scenario",
        models.PROTECT,
        related_name="+",
        verbose_name=_("loss scenario"),
        help_text=_("The loss scenario that it changes."),
    )
    frequency_factor = models.FloatField(
        _("factor on frequency"),
        default=1.0,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text=_("Events a year are multiplied by it: 0.5 halves them, 0 ends them, 1 changes nothing."),
    )
    frequency_factor_low = models.FloatField(
        _("factor on frequency, least"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text=_("The factor where it helps most; empty where the factor is exact."),
    )
    frequency_factor_high = models.FloatField(
        _("factor on frequency, most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text=_("The factor where it helps least; empty where the factor is exact."),
    )
    magnitude_factor = models.FloatField(
        _("factor on magnitude"),
        default=1.0,
        validators=[MinValueValidator(0.01), MaxValueValidator(10)],
        help_text=_("The loss of an event is multiplied by it: 0.5 halves it, 1 changes nothing."),
    )
    magnitude_factor_low = models.FloatField(
        _("factor on magnitude, least"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(10)],
        help_text=_("The factor where it helps most; empty where the factor is exact."),
    )
    magnitude_factor_high = models.FloatField(
        _("factor on magnitude, most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(10)],
        help_text=_("The factor where it helps least; empty where the factor is exact."),
    )

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")


def _precedence_clean(rows: list[dict[str, Any]]) -> Iterable[tuple[int, Fault]]:
    for place, row in enumerate(rows):
        if row["initiative"] and row["initiative"] == row["after"]:
            yield place, Fault("after", now("an initiative does not wait for itself"))


@kind(
    columns=("initiative", "after", "lag"),
    filters=("initiative", "after"),
    part_of="initiative",
    key_from=("initiative", "after"),
    clean=_precedence_clean,
    chapter="strategy",
)
class Precedence(Record):
    """One initiative starts only after another has finished."""

    initiative = models.ForeignKey(
        Initiative,
        models.PROTECT,
        related_name="+",
        verbose_name=_("initiative"),
        help_text=_("The initiative that waits."),
    )
    after = models.ForeignKey(
        Initiative,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("initiative", "after"),
        help_text=_("The initiative that must be finished first."),
    )
    lag = models.IntegerField(
        _("months between"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(60)],
        help_text=_("Whole months from the finish of the first to the start of the other."),
    )

    class Meta:
        verbose_name = _("precedence")
        verbose_name_plural = _("precedences")


@kind(
    columns=("key", "name", "finished", "planned_effort", "actual_effort", "planned_months", "actual_months"),
    chapter="strategy",
)
class Outcome(Record):
    """How a past initiative turned out against its plan: what the estimates' bias is measured from."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    finished = models.DateField(_("finished"), help_text=_("Day on which it ended."))
    planned_effort = models.FloatField(
        _("planned person-months"),
        validators=[MinValueValidator(0.01)],
        help_text=_("Estimate of when it was approved."),
    )
    actual_effort = models.FloatField(
        _("actual person-months"), validators=[MinValueValidator(0.01)], help_text=_("What it took in the end.")
    )
    planned_months = models.FloatField(
        _("planned months"),
        validators=[MinValueValidator(0.01)],
        help_text=_("Estimated duration when it was approved."),
    )
    actual_months = models.FloatField(
        _("actual months"), validators=[MinValueValidator(0.01)], help_text=_("From its start to its finish.")
    )
    planned_benefit = models.DecimalField(
        _("promised benefit a month"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("As promised when it was approved."),
    )
    actual_benefit = models.DecimalField(
        _("realised benefit a month"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("As measured once it was in full effect."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Three-letter code (ISO 4217), like EUR.")
    )

    class Meta:
        verbose_name = _("outcome of a past initiative")
        verbose_name_plural = _("outcomes of past initiatives")
