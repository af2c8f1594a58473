"""Goals and the key results by which they are measured."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from quarterdeck.kinds.declare import kind
from quarterdeck.kinds.records import Record
from quarterdeck.kinds.text import TwoLanguages


@kind(
    columns=("key", "name", "theme", "parent"),
    filters=("parent",),
    children=(("key-result", "goal"),),
    chapter="strategy",
)
class Goal(Record):
    """What the company's technology is to reach."""

    name = TwoLanguages(_("name"))
    theme = TwoLanguages(_("theme"), blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("serves")
    )

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")


@kind(
    columns=("key", "name", "goal", "today", "target", "unit", "due"),
    filters=("goal",),
    sections=(
        (_("Measure"), ("name", "goal", "unit", "figure")),
        (_("From here to there"), ("today", "measured", "drift", "drift_error", "target", "due", "worth")),
    ),
    chapter="strategy",
)
class KeyResult(Record):
    """A measure that is to reach a target by a day; where a published figure is named, today's value is measured, not
    typed."""

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="+", verbose_name=_("goal"))
    name = TwoLanguages(_("name"))
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    figure = models.CharField(_("published figure"), max_length=120, blank=True)
    today = models.FloatField(_("today's value"), null=True, blank=True)
    measured = models.DateField(_("measured on"), null=True, blank=True)
    drift = models.FloatField(_("change a month if nothing is done"), default=0.0)
    drift_error = models.FloatField(_("standard error of that change"), default=0.0, validators=[MinValueValidator(0)])
    target = models.FloatField(_("target"))
    due = models.DateField(_("due"))
    worth = models.DecimalField(_("worth of reaching it"), max_digits=18, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("key result")
        verbose_name_plural = _("key results")
