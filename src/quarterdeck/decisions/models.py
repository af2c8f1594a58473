"""The ledgers of decisions: proposals, who was asked and what they said, every change of state, comments."""

import json
from datetime import date
from typing import Any, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from quarterdeck.kinds.text import TwoLanguages


class State(models.TextChoices):
    """Where a proposal stands."""

    DRAFT = "draft", pgettext_lazy("decision", "draft")
    PROPOSED = "proposed", pgettext_lazy("decision", "proposed")
    CONFIRMED = "confirmed", pgettext_lazy("decision", "confirmed")
    CARRIED_OUT = "carried-out", pgettext_lazy("decision", "carried out")
    DECLINED = "declined", pgettext_lazy("decision", "declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("decision", "withdrawn")
    OVERTAKEN = "overtaken", pgettext_lazy("decision", "overtaken")


OPEN = (State.DRAFT, State.PROPOSED)


class Part(models.TextChoices):
    """What somebody is asked for."""

    CONSULTED = "consulted", pgettext_lazy("decision", "is consulted")
    CONFIRMER = "confirmer", pgettext_lazy("decision", "confirms")
    TOLD = "told", pgettext_lazy("decision", "is told")


class Verdict(models.TextChoices):
    """What somebody who was asked said."""

    NONE = "", pgettext_lazy("decision", "has not answered")
    AGREES = "agrees", pgettext_lazy("decision", "agrees")
    OBJECTS = "objects", pgettext_lazy("decision", "objects")
    CONFIRMED = "confirmed", pgettext_lazy("decision", "confirmed")
    DECLINED = "declined", pgettext_lazy("decision", "declined")


class Rewritten(TypeError):
    """Someone tried to change or delete what is remembered for good."""


class _Kept(models.QuerySet[Any]):
    """Rows that are only ever added."""

    def update(self, **values: Any) -> NoReturn:
        raise Rewritten(f"{self.model.__name__} is never rewritten")

    def delete(self) -> NoReturn:
        raise Rewritten(f"{self.model.__name__} is never deleted")


class Remembered(models.Model):
    """A row that is only ever added."""

    objects = _Kept.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if self.pk is not None:
            raise Rewritten(f"{type(self).__name__} is never rewritten")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise Rewritten(f"{type(self).__name__} is never deleted")


class Proposal(models.Model):
    """A change that somebody wants made, with what it rests on; its contents stand as they were proposed."""

    sort = models.CharField(max_length=60)  # names a row of the table of policies
    title = TwoLanguages(pgettext_lazy("decision", "title"))
    reason = models.TextField(blank=True)
    proposer = models.CharField(max_length=150)  # name of the user
    proposer_person = models.CharField(max_length=200, blank=True)  # key of their person record, as it was then
    proposer_record = models.BigIntegerField(null=True)  # id of that record, which no renaming changes
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    changes = models.TextField()  # canonical JSON, see quarterdeck.decisions.differences
    answers = models.TextField(default="[]")  # canonical JSON: ids of the answers it rests on, pinned
    digest = models.CharField(
        max_length=64
    )  # of sort, changes and answers: the same thing is not proposed twice at once
    deadline = models.DateField(null=True)
    made = models.DateTimeField(default=timezone.now)
    proposed = models.DateTimeField(null=True)
    closed = models.DateTimeField(null=True)  # when it left the open states
    commit = models.BigIntegerField(null=True)  # of the history, once carried out; null where nothing was different

    class Meta:
        indexes = (models.Index(fields=("state", "deadline"), name="proposal_waiting"),)
        constraints = (
            models.UniqueConstraint(
                fields=("proposer", "digest"), condition=models.Q(state__in=("draft", "proposed")), name="proposed_once"
            ),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """How it is called everywhere: D-12."""
        return f"D-{self.pk}"

    @property
    def rests(self) -> tuple[int, ...]:
        """Ids of the answers it rests on."""
        return tuple(json.loads(self.answers))

    @property
    def open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.state in OPEN

    def late(self, today: date) -> bool:
        """Whether it still waits after its deadline."""
        return self.state == State.PROPOSED and self.deadline is not None and self.deadline < today


class Step(models.Model):
    """Somebody who was asked, by role or in person, and what they said; a verdict is given once."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="steps")
    part = models.CharField(max_length=10, choices=Part)
    stage = models.IntegerField(default=0)  # of confirmation: 1 first; 0 for the other parts
    role = models.CharField(max_length=60, blank=True)
    person = models.CharField(max_length=200, blank=True)  # key, where a person was asked and not a role
    person_record = models.BigIntegerField(null=True)
    question = models.TextField(blank=True)
    asked_by = models.CharField(max_length=200)  # name of the reader
    asked = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="")
    comment = models.TextField(blank=True)
    answered_by = models.CharField(max_length=200, blank=True)  # name of the reader
    answered_user = models.CharField(max_length=150, blank=True)
    answered_person = models.CharField(max_length=200, blank=True)
    answered_record = models.BigIntegerField(null=True)
    answered = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("role", "verdict"), name="step_of_role"),)


class Turn(Remembered):
    """One change of a proposal's state: by whom, when, why, and what had moved where it was overtaken."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="turns")
    before = models.CharField(max_length=12, choices=State, blank=True)
    after = models.CharField(max_length=12, choices=State)
    by = models.CharField(max_length=200)  # name of the reader
    user = models.CharField(max_length=150)
    person = models.CharField(max_length=200, blank=True)
    comment = models.TextField(blank=True)
    moved = models.TextField(default="[]")  # canonical JSON, see quarterdeck.decisions.differences
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)


class Comment(Remembered):
    """Something said about a proposal."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="comments")
    by = models.CharField(max_length=200)  # name of the reader
    user = models.CharField(max_length=150)
    person = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
