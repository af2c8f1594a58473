"""Money and time: currencies' rates by date, cost bands, budgets, hiring routes, contractors, calendars, the plan's
frame."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quarterdeck.kinds.declare import kind
from quarterdeck.kinds.estimates import ThreePoints
from quarterdeck.kinds.records import Record
from quarterdeck.kinds.text import TwoLanguages

CURRENCY = RegexValidator(r"^[A-Z]{3}$", _("is not a currency code like EUR"))


def _money(label: object, **options: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=18, decimal_places=2, validators=[MinValueValidator(0)], **options)  # type: ignore[arg-type]


def _currency() -> models.CharField:
    return models.CharField(_("currency"), max_length=3, validators=[CURRENCY])


@kind(columns=("currency", "base", "on", "rate"), filters=("currency",), key_from=("currency", "base", "on"))
class ExchangeRate(Record):
    """What one unit of a currency was worth in another on a day; a day without a rate takes the last one before it."""

    currency = _currency()
    base = models.CharField(pgettext_lazy("currency", "in"), max_length=3, validators=[CURRENCY])
    on = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")


@kind(columns=("key", "annual_cost", "currency"), chapter="people")
class CostBand(Record):
    """What a post of this band costs in a year, all in; declared once, used instead of anyone's pay."""

    annual_cost = _money(_("annual cost"))
    currency = _currency()

    class Meta:
        verbose_name = _("cost band")
        verbose_name_plural = _("cost bands")


@kind(
    columns=("key", "quarter", "sort", "amount", "currency"),
    filters=("sort",),
    key_from=("quarter", "sort"),
    chapter="strategy",
)
class Budget(Record):
    """What may be spent in one quarter."""

    quarter = models.DateField(_("quarter"), help_text=_("First day of the quarter."))
    sort = models.CharField(
        _("sort"),
        max_length=10,
        choices=[("capital", _("capital")), ("running", pgettext_lazy("budget", "running"))],
        default="capital",
    )
    amount = _money(_("amount"))
    currency = _currency()

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")


@kind(
    columns=("key", "skill", "cost", "cost_band", "time", "limit"),
    filters=("skill",),
    chapter="people",
)
class HiringRoute(Record):
    """A way to employ people of one skill: what it costs, how long it takes, how many it brings a quarter."""

    skill = models.ForeignKey("estate.Skill", models.PROTECT, related_name="+", verbose_name=_("skill"))
    cost = _money(_("cost a hire"), default=0)
    currency = _currency()
    cost_band = models.ForeignKey(CostBand, models.PROTECT, related_name="+", verbose_name=_("cost band"))
    time = ThreePoints(_("months to hire"))
    ramp = models.IntegerField(
        _("months to full work"), default=3, validators=[MinValueValidator(0), MaxValueValidator(36)]
    )
    limit = models.IntegerField(_("hires a quarter, at most"), default=1, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("hiring route")
        verbose_name_plural = _("hiring routes")


@kind(columns=("key", "skill", "cost", "currency", "limit"), filters=("skill",), chapter="people")
class Contractor(Record):
    """A way to buy months of one skill."""

    skill = models.ForeignKey("estate.Skill", models.PROTECT, related_name="+", verbose_name=_("skill"))
    vendor = models.ForeignKey(
        "estate.Vendor", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("vendor")
    )
    cost = _money(_("cost a person-month"))
    currency = _currency()
    limit = models.FloatField(_("person-months a quarter, at most"), default=3, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("contractor")
        verbose_name_plural = _("contractors")


@kind(columns=("key", "name", "hours"), children=(("holiday", "calendar"),))
class Calendar(Record):
    """Working days: Monday to Friday less its holidays, plus the weekend days that are worked instead."""

    name = TwoLanguages(_("name"))
    hours = models.FloatField(_("hours a day"), default=8.0, validators=[MinValueValidator(1), MaxValueValidator(24)])

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")


@kind(columns=("calendar", "day", "name", "worked"), filters=("calendar",), key_from=("calendar", "day"))
class Holiday(Record):
    """A day that differs from its weekday: off, or (worked) a weekend day on which people work."""

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+", verbose_name=_("calendar"))
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    worked = models.BooleanField(_("worked"), default=False)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")


@kind(
    columns=("key", "name", "start", "quarters", "currency", "discount"),
    sections=(
        (_("Span"), ("name", "start", "quarters", "current")),
        (_("Money"), ("currency", "discount", "carry_over")),
        (_("Limits"), ("most_at_once", "operations_share", "attrition", "correlation")),
    ),
    chapter="strategy",
)
class PlanFrame(Record):
    """What a plan is made within: its span, its currency, and the limits that hold for all of it."""

    name = TwoLanguages(_("name"))
    start = models.DateField(_("first day"))
    quarters = models.IntegerField(_("quarters"), default=8, validators=[MinValueValidator(1), MaxValueValidator(20)])
    current = models.BooleanField(_("the one in use"), default=True)
    currency = _currency()
    discount = models.FloatField(
        _("discount rate a year"), default=0.08, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    carry_over = models.BooleanField(_("unspent capital moves to the next quarter"), default=True)
    most_at_once = models.IntegerField(_("initiatives in work at once, at most"), null=True, blank=True)
    operations_share = ThreePoints(_("part of working time that operations take"))
    attrition = models.FloatField(
        _("departures a head a year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(3)],
        help_text=_("Empty: measured from the roster."),
    )
    correlation = models.FloatField(
        _("correlation between losses"), default=0.2, validators=[MinValueValidator(0), MaxValueValidator(0.95)]
    )

    class Meta:
        verbose_name = _("plan frame")
        verbose_name_plural = _("plan frames")
