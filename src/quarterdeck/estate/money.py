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


def _currency(help_text: object = _("Three-letter code (ISO 4217), like EUR.")) -> models.CharField:
    return models.CharField(_("currency"), max_length=3, validators=[CURRENCY], help_text=help_text)  # type: ignore[arg-type]


@kind(columns=("currency", "base", "on", "rate"), filters=("currency",), key_from=("currency", "base", "on"))
class ExchangeRate(Record):
    """What one unit of a currency was worth in another on a day; a day without a rate takes the last one before it."""

    currency = _currency()
    base = models.CharField(
        pgettext_lazy("currency", "in"),
        max_length=3,
        validators=[CURRENCY],
        help_text=_("The currency that the rate is told in: a three-letter code (ISO 4217), like CNY."),
    )
    on = models.DateField(_("day"), help_text=_("Day of the rate."))
    rate = models.DecimalField(
        _("rate"),
        max_digits=18,
        decimal_places=8,
        validators=[MinValueValidator(0)],
        help_text=_("Units of the second currency for one of the first: 7.8 where 1 EUR is 7.8 CNY."),
    )

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")


@kind(columns=("key", "annual_cost", "currency"), chapter="people")
class CostBand(Record):
    """What a post of this band costs in a year, all in; declared once, used instead of anyone's pay."""

    annual_cost = _money(_("annual cost"), help_text=_("Pay, charges, workplace and all else for one full-time post."))
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
        help_text=_(
            "Capital is spent once on initiatives; running money pays for their operation, hires and contractors."
        ),
    )
    amount = _money(_("amount"), help_text=_("The most that may be spent in the quarter."))
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

    skill = models.ForeignKey(
        "estate.Skill",
        models.PROTECT,
        related_name="+",
        verbose_name=_("skill"),
        help_text=_("The skill of those who are hired."),
    )
    cost = _money(_("cost a hire"), default=0, help_text=_("Paid once for each, like a recruiter's fee."))
    currency = _currency()
    cost_band = models.ForeignKey(
        CostBand,
        models.PROTECT,
        related_name="+",
        verbose_name=_("cost band"),
        help_text=_("What each of them costs from the first day on."),
    )
    time = ThreePoints(_("months to hire"), help_text=_("From the decision to the first day."))
    ramp = models.IntegerField(
        _("months to full work"),
        default=3,
        validators=[MinValueValidator(0), MaxValueValidator(36)],
        help_text=_("Months from the first day until they do a full share of work; it grows evenly until then."),
    )
    limit = models.IntegerField(
        _("hires a quarter, at most"),
        default=1,
        validators=[MinValueValidator(0)],
        help_text=_("How many can be hired this way in a quarter."),
    )

    class Meta:
        verbose_name = _("hiring route")
        verbose_name_plural = _("hiring routes")


@kind(columns=("key", "skill", "cost", "currency", "limit"), filters=("skill",), chapter="people")
class Contractor(Record):
    """A way to buy months of one skill."""

    skill = models.ForeignKey(
        "estate.Skill",
        models.PROTECT,
        related_name="+",
        verbose_name=_("skill"),
        help_text=_("The skill that is bought."),
    )
    vendor = models.ForeignKey(
        "estate.Vendor",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("vendor"),
        help_text=_("Whose people they are; empty: nobody's in particular."),
    )
    cost = _money(_("cost a person-month"), help_text=_("What one person costs for one month."))
    currency = _currency()
    limit = models.FloatField(
        _("person-months a quarter, at most"),
        default=3,
        validators=[MinValueValidator(0)],
        help_text=_("How much can be bought in a quarter."),
    )

    class Meta:
        verbose_name = _("contractor")
        verbose_name_plural = _("contractors")


@kind(columns=("key", "name", "hours"))
class Calendar(Record):
    """Working days: Monday to Friday less its holidays, plus the weekend days that are worked instead."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    hours = models.FloatField(
        _("hours a day"),
        default=8.0,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
        help_text=_("Working hours of a full-time day."),
    )

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")


@kind(
    columns=("calendar", "day", "name", "worked"),
    filters=("calendar",),
    part_of="calendar",
    key_from=("calendar", "day"),
)
class Holiday(Record):
    """A day that differs from its weekday: off, or (worked) a weekend day on which people work."""

    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        related_name="+",
        verbose_name=_("calendar"),
        help_text=_("The calendar it belongs to."),
    )
    day = models.DateField(_("day"), help_text=_("The day that differs from its weekday."))
    name = models.CharField(
        _("name"), max_length=120, blank=True, help_text=_("What the day is called, like New Year.")
    )
    worked = models.BooleanField(
        _("worked"), default=False, help_text=_("Yes: a weekend day that is worked; no: a weekday off.")
    )

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

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    start = models.DateField(_("first day"), help_text=_("First day of the first quarter."))
    quarters = models.IntegerField(
        _("quarters"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("How many quarters are planned."),
    )
    current = models.BooleanField(
        _("the one in use"),
        default=True,
        help_text=_("Plans are made within the frame in use; others are kept for later."),
    )
    currency = _currency(help_text=_("All money of a plan is told in it: a three-letter code (ISO 4217), like EUR."))
    discount = models.FloatField(
        _("discount rate a year"),
        default=0.08,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("What later money counts less by in a year: 0.08 is 8 %."),
    )
    carry_over = models.BooleanField(
        _("unspent capital moves to the next quarter"), default=True, help_text=_("No: what a quarter leaves is lost.")
    )
    most_at_once = models.IntegerField(
        _("initiatives in work at once, at most"),
        null=True,
        blank=True,
        help_text=_("In any quarter; empty: no limit."),
    )
    operations_share = ThreePoints(
        _("part of working time that operations take"),
        help_text=_("From 0 to 1: 0.3 is 30 %; only the rest is left for initiatives."),
    )
    attrition = models.FloatField(
        _("departures a head a year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(3)],
        help_text=_("Empty: measured from the roster."),
    )
    correlation = models.FloatField(
        _("correlation between losses"),
        default=0.2,
        validators=[MinValueValidator(0), MaxValueValidator(0.95)],
        help_text=_("0: losses strike independently of each other; near 1: in the same years."),
    )

    class Meta:
        verbose_name = _("plan frame")
        verbose_name_plural = _("plan frames")
