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
    children=(
        ("effort", "initiative"),
        ("contribution", "initiative"),
        ("treatment", "initiative"),
        ("precedence", "initiative"),
    ),
    clean=_initiative_clean,
    decided={"state": ("funded", "running", "done")},
    chapter="strategy",
)
class Initiative(Record):
    """Something that may be funded, is being done, or was done."""

    name = TwoLanguages(_("name"))
    theme = TwoLanguages(_("theme"), blank=True)
    description = models.TextField(_("description"), blank=True)
    owner = models.ForeignKey(
        "estate.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    system = models.ForeignKey(
        "estate.System", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    state = models.CharField(_("state"), max_length=10, choices=STATES, default="proposed")
    origin = models.CharField(
        _("born from"), max_length=60, blank=True, help_text=_("The source of candidates it came from.")
    )
    earliest = models.DateField(_("earliest start"), null=True, blank=True)
    latest = models.DateField(_("latest start"), null=True, blank=True)
    mandate = models.DateField(_("must be finished by"), null=True, blank=True)
    duration = ThreePoints(_("duration in months"))
    started = models.DateField(_("started"), null=True, blank=True)
    done_share = models.FloatField(_("part done"), default=0.0, validators=[MinValueValidator(0), MaxValueValidator(1)])
    capital = ThreePoints(_("capital spend"), money=True)
    running_cost = ThreePoints(_("running cost a month"), money=True)
    benefit = ThreePoints(_("benefit a month"), money=True, least=None)
    ramp = models.IntegerField(
        _("months to full benefit"), default=0, validators=[MinValueValidator(0), MaxValueValidator(60)]
    )
    benefit_months = models.IntegerField(
        _("months the benefit lasts"), default=36, validators=[MinValueValidator(0), MaxValueValidator(240)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    pin = models.CharField(_("choice"), max_length=5, choices=PINS, default="free")
    excludes = models.CharField(
        _("exclusion group"), max_length=60, blank=True, help_text=_("At most one of a group is chosen.")
    )

    class Meta:
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")


@kind(
    columns=("initiative", "skill", "months"),
    filters=("initiative", "skill"),
    key_from=("initiative", "skill"),
    chapter="strategy",
)
class Effort(Record):
    """Person-months of one skill that an initiative needs."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="+", verbose_name=_("initiative"))
    skill = models.ForeignKey("estate.Skill", models.PROTECT, related_name="+", verbose_name=_("skill"))
    months = ThreePoints(_("person-months"))

    class Meta:
        verbose_name = _("effort")
        verbose_name_plural = _("efforts")


@kind(
    columns=("initiative", "key_result", "amount"),
    filters=("initiative", "key_result"),
    key_from=("initiative", "key_result"),
    chapter="strategy",
)
class Contribution(Record):
    """What an initiative adds to a key result's measure once it is finished."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="+", verbose_name=_("initiative"))
    key_result = models.ForeignKey("estate.KeyResult", models.PROTECT, related_name="+", verbose_name=_("key result"))
    amount = ThreePoints(pgettext_lazy("contribution", "amount"), least=None)

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")


@kind(
    columns=("initiative", "scenario", "frequency_factor", "magnitude_factor"),
    filters=("initiative", "scenario"),
    key_from=("initiative", "scenario"),
    chapter="risk",
)
class Treatment(Record):
    """What a finished initiative does to a loss scenario: 0.5 halves it, 1 leaves it."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="+", verbose_name=_("initiative"))
    scenario = models.ForeignKey("estate.Scenario", models.PROTECT, related_name="+", verbose_name=_("loss scenario"))
    frequency_factor = models.FloatField(
        _("factor on frequency"), default=1.0, validators=[MinValueValidator(0), MaxValueValidator(10)]
    )
    magnitude_factor = models.FloatField(
        _("factor on magnitude"), default=1.0, validators=[MinValueValidator(0.01), MaxValueValidator(10)]
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
    key_from=("initiative", "after"),
    clean=_precedence_clean,
    chapter="strategy",
)
class Precedence(Record):
    """One initiative starts only after another has finished."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="+", verbose_name=_("initiative"))
    after = models.ForeignKey(
        Initiative, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("initiative", "after")
    )
    lag = models.IntegerField(_("months between"), default=0, validators=[MinValueValidator(0), MaxValueValidator(60)])

    class Meta:
        verbose_name = _("precedence")
        verbose_name_plural = _("precedences")


@kind(
    columns=("key", "name", "finished", "planned_effort", "actual_effort", "planned_months", "actual_months"),
    chapter="strategy",
)
class Outcome(Record):
    """How a past initiative turned out against its plan: what the estimates' bias is measured from."""

    name = TwoLanguages(_("name"))
    finished = models.DateField(_("finished"))
    planned_effort = models.FloatField(_("planned person-months"), validators=[MinValueValidator(0.01)])
    actual_effort = models.FloatField(_("actual person-months"), validators=[MinValueValidator(0.01)])
    planned_months = models.FloatField(_("planned months"), validators=[MinValueValidator(0.01)])
    actual_months = models.FloatField(_("actual months"), validators=[MinValueValidator(0.01)])
    planned_benefit = models.DecimalField(
        _("promised benefit a month"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    actual_benefit = models.DecimalField(
        _("realised benefit a month"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("outcome of a past initiative")
        verbose_name_plural = _("outcomes of past initiatives")
