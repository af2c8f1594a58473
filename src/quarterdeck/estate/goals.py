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
    chapter="strategy",
)
class Goal(Record):
    """What the company's technology is to reach."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    theme = TwoLanguages(_("theme"), blank=True, help_text=_("What it is about in a word or two, like reliability."))
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("serves"),
        help_text=_("The wider goal that it helps to reach; empty: none."),
    )

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")


@kind(
    columns=("key", "name", "goal", "today", "target", "unit", "due"),
    filters=("goal",),
    part_of="goal",
    sections=(
        (_("Measure"), ("name", "goal", "unit", "figure")),
        (_("From here to there"), ("today", "measured", "drift", "drift_error", "target", "due", "worth")),
    ),
    chapter="strategy",
)
class KeyResult(Record):
    """A measure that is to reach a target by a day; where a published figure is named, today's value is measured, not
    typed."""

    goal = models.ForeignKey(
        Goal,
        models.PROTECT,
        related_name="+",
        verbose_name=_("goal"),
        help_text=_("The goal whose progress it measures."),
    )
    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    unit = models.CharField(
        _("unit"), max_length=40, blank=True, help_text=_("What it is measured in, like % or days.")
    )
    figure = models.CharField(
        _("published figure"),
        max_length=120,
        blank=True,
        help_text=_("Name of a published figure, like knowledge.islands: its value counts instead of the one typed."),
    )
    today = models.FloatField(
        _("today's value"),
        null=True,
        blank=True,
        help_text=_("The newest value; without it, or a published figure, plans leave the key result out."),
    )
    measured = models.DateField(
        _("measured on"), null=True, blank=True, help_text=_("Day on which today's value was taken.")
    )
    drift = models.FloatField(
        _("change a month if nothing is done"),
        default=0.0,
        help_text=_("In the measure's unit; negative where it falls."),
    )
    drift_error = models.FloatField(
        _("standard error of that change"),
        default=0.0,
        validators=[MinValueValidator(0)],
        help_text=_("In the measure's unit; 0: the change is known exactly."),
    )
    target = models.FloatField(
        _("target"), help_text=_("The value to reach, in the measure's unit; below today's value where less is better.")
    )
    due = models.DateField(_("due"), help_text=_("Day by which the target is to be reached."))
    worth = models.DecimalField(
        _("worth of reaching it"),
        max_digits=18,
        decimal_places=2,
        default=0,
        help_text=_("What reaching all of it is worth, in the plan frame's currency; part of the way counts in part."),
    )

    class Meta:
        verbose_name = _("key result")
        verbose_name_plural = _("key results")
