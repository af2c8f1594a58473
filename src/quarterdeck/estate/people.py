"""People, teams, posts and skills."""

from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quarterdeck.estate.money import CostBand
from quarterdeck.kinds import keys
from quarterdeck.kinds.declare import Fault, kind
from quarterdeck.kinds.records import Record
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.text import TwoLanguages


@kind(columns=("key", "name", "category"), filters=("category",), chapter="people")
class Skill(Record):
    """Something that people can do and initiatives need."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    category = models.CharField(
        _("category"), max_length=60, blank=True, help_text=_("What it belongs with, like engineering or data.")
    )

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")


@kind(
    columns=("key", "name", "department", "parent", "purpose"),
    filters=("department", "parent"),
    chapter="people",
)
class Team(Record):
    """People who work together and own systems together."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    department = models.CharField(
        _("department"), max_length=120, blank=True, help_text=_("As the organisation chart names it, like Research.")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("part of"),
        help_text=_("The larger team it belongs to; empty: none."),
    )
    purpose = models.TextField(_("purpose"), blank=True, help_text=_("What the team is there for."))

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")


@kind(columns=("key", "name", "level"), filters=("level",), chapter="people")
class Post(Record):
    """A position that a person holds, whoever holds it."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    level = models.CharField(
        _("level"), max_length=20, blank=True, help_text=_("Grade of the post, like L4 or senior.")
    )
    duties = models.TextField(_("duties"), blank=True, help_text=_("What its holder answers for."))

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")


def _people_seen(reader: Reader) -> Q:
    """Without a wider role people see those who work here today, and themselves."""
    return Q(end_date=None) | Q(end_date__gte=timezone.localdate()) | Q(fold=keys.fold(reader.person))


def _skills_seen(reader: Reader) -> Q:
    """The skills of those one sees."""
    return Q(person__in=Person.objects.filter(_people_seen(reader)).values("id"))


def _people_clean(rows: list[dict[str, Any]]) -> Iterable[tuple[int, Fault]]:
    for place, row in enumerate(rows):
        if row["manager"] and keys.fold(row["manager"]) == keys.fold(row["key"]):
            yield place, Fault("manager", now("nobody is their own manager"))
        if row["start_date"] and row["end_date"] and row["end_date"] < row["start_date"]:
            yield place, Fault("end_date", now("lies before the first day"))


@kind(
    columns=("key", "name", "team", "post", "level", "manager", "start_date", "end_date"),
    filters=("team", "department", "post", "level", "location"),
    sections=(
        (_("Who"), ("name", "email", "location", "calendar")),
        (_("Work"), ("department", "team", "post", "level", "manager", "fte", "start_date", "end_date")),
        (_("Cost"), ("cost_band", "salary", "salary_currency")),
    ),
    private={"salary": "pay", "salary_currency": "pay"},
    personal=("name", "email", "salary", "salary_currency"),
    scope=_people_seen,
    clean=_people_clean,
    chapter="people",
)
class Person(Record):
    """Someone who works here, worked here, or is about to."""

    name = models.CharField(
        pgettext_lazy("person", "name"),
        max_length=200,
        blank=True,
        help_text=_("Full name; sealed in the history, and erased with the person."),
    )
    email = models.CharField(
        _("e-mail"), max_length=200, blank=True, help_text=_("Address at work; sealed and erased like the name.")
    )
    department = models.CharField(
        _("department"), max_length=120, blank=True, help_text=_("As the organisation chart names it, like Research.")
    )
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team"),
        help_text=_("The team the person works in."),
    )
    post = models.ForeignKey(
        Post,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("post"),
        help_text=_("The post the person holds."),
    )
    level = models.CharField(
        _("level"), max_length=20, blank=True, help_text=_("Grade of the person, like L4 or senior.")
    )
    manager = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("manager"),
        help_text=_("The person reported to."),
    )
    cost_band = models.ForeignKey(
        CostBand,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cost band"),
        help_text=_("What the person counts for in costs; plans never use anyone's pay."),
    )
    fte = models.FloatField(
        _("full-time equivalent"),
        default=1.0,
        validators=[MinValueValidator(0), MaxValueValidator(1.5)],
        help_text=_("1 is full time, 0.5 half of it."),
    )
    start_date = models.DateField(_("first day"), null=True, blank=True, help_text=_("First day of work here."))
    end_date = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Last day of work here; empty: none is known.")
    )
    location = models.CharField(_("location"), max_length=120, blank=True, help_text=_("City or site, like Berlin."))
    calendar = models.CharField(_("calendar"), max_length=60, blank=True, help_text=_("Key of the working calendar."))
    salary = models.DecimalField(
        _("salary a year"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Gross, full year; only those cleared for pay see it."),
    )
    salary_currency = models.CharField(
        _("salary currency"), max_length=3, blank=True, help_text=_("Three-letter code (ISO 4217), like EUR.")
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")


@kind(
    columns=("person", "skill", "level"),
    filters=("skill", "level"),
    part_of="person",
    key_from=("person", "skill"),
    subject="person",
    scope=_skills_seen,
    chapter="people",
)
class PersonSkill(Record):
    """How well one person masters one skill: 1 learning, 2 works with help, 3 works alone, 4 teaches, 5 leads the
    field."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("person"), help_text=_("Whose skill it is.")
    )
    skill = models.ForeignKey(
        Skill, models.PROTECT, related_name="+", verbose_name=_("skill"), help_text=_("The skill that is mastered.")
    )
    level = models.IntegerField(
        pgettext_lazy("skill", "level"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 learning, 2 works with help, 3 works alone, 4 teaches, 5 leads the field."),
    )

    class Meta:
        verbose_name = _("person's skill")
        verbose_name_plural = _("people's skills")
