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

    name = TwoLanguages(_("name"))
    category = models.CharField(_("category"), max_length=60, blank=True)

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

    name = TwoLanguages(_("name"))
    department = models.CharField(_("department"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("part of")
    )
    purpose = models.TextField(_("purpose"), blank=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")


@kind(columns=("key", "name", "level"), filters=("level",), chapter="people")
class Post(Record):
    """A position that a person holds, whoever holds it."""

    name = TwoLanguages(_("name"))
    level = models.CharField(_("level"), max_length=20, blank=True)
    duties = models.TextField(_("duties"), blank=True)

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
    children=(("person-skill", "person"),),
    private={"salary": "pay", "salary_currency": "pay"},
    personal=("name", "email", "salary", "salary_currency"),
    scope=_people_seen,
    clean=_people_clean,
    chapter="people",
)
class Person(Record):
    """Someone who works here, worked here, or is about to."""

    name = models.CharField(pgettext_lazy("person", "name"), max_length=200, blank=True)
    email = models.CharField(_("e-mail"), max_length=200, blank=True)
    department = models.CharField(_("department"), max_length=120, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"))
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("post"))
    level = models.CharField(_("level"), max_length=20, blank=True)
    manager = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("manager")
    )
    cost_band = models.ForeignKey(
        CostBand, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cost band")
    )
    fte = models.FloatField(
        _("full-time equivalent"), default=1.0, validators=[MinValueValidator(0), MaxValueValidator(1.5)]
    )
    start_date = models.DateField(_("first day"), null=True, blank=True)
    end_date = models.DateField(_("last day"), null=True, blank=True)
    location = models.CharField(_("location"), max_length=120, blank=True)
    calendar = models.CharField(_("calendar"), max_length=60, blank=True, help_text=_("Key of the working calendar."))
    salary = models.DecimalField(_("salary a year"), max_digits=14, decimal_places=2, null=True, blank=True)
    salary_currency = models.CharField(_("salary currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")


@kind(
    columns=("person", "skill", "level"),
    filters=("skill", "level"),
    key_from=("person", "skill"),
    subject="person",
    scope=_skills_seen,
    chapter="people",
)
class PersonSkill(Record):
    """How well one person masters one skill: 1 learning, 2 works with help, 3 works alone, 4 teaches, 5 leads the
    field."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+", verbose_name=_("skill"))
    level = models.IntegerField(
        pgettext_lazy("skill", "level"), default=3, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        verbose_name = _("person's skill")
        verbose_name_plural = _("people's skills")
