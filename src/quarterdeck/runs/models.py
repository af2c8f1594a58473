"""The ledgers of computation: runs, answers, published figures, background jobs."""

from django.db import models


class Run(models.Model):
    """A computation: what went in and what came out. Never updated; unpinned ones may be evicted."""

    digest = models.CharField(
        max_length=64, unique=True
    )  # of the engine, its closure, the numeric libraries, the inputs
    engine = models.CharField(max_length=100)
    version = models.CharField(max_length=20)
    inputs = models.TextField()  # canonical JSON
    result = models.TextField()  # canonical JSON
    at = models.DateTimeField()
    seconds = models.FloatField()
    pinned = models.BooleanField(default=False)


class Answer(models.Model):
    """What a page shows: an analysis under parameters for an audience, on what was known at a watermark."""

    analysis = models.CharField(max_length=80)
    parameters = models.TextField()  # canonical JSON
    audience = models.TextField()
    watermark = models.CharField(max_length=64)  # digest over the commits and snapshots it could have seen
    run = models.ForeignKey(Run, models.PROTECT, related_name="answers")
    provenance = models.TextField()  # canonical JSON
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("analysis", "watermark"), name="answer_sought"),)


class Published(models.Model):
    """A figure that an analysis makes known to others, by name."""

    figure = models.CharField(max_length=120)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="figures")
    value = models.FloatField(null=True)  # null: cannot tell
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("figure", "answer"), name="published_once"),)


class Job(models.Model):
    """Work that takes longer than a page should: claimed by a worker, with a heartbeat, progress and a cancel
    button."""

    task = models.CharField(max_length=80)
    arguments = models.TextField()  # canonical JSON
    owner = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, default="waiting", db_index=True
    )  # waiting, running, done, failed, cancelled
    progress = models.FloatField(default=0.0)
    message = models.TextField(blank=True)
    result = models.TextField(blank=True)
    worker = models.CharField(max_length=100, blank=True)
    attempts = models.IntegerField(default=0)
    made = models.DateTimeField(auto_now_add=True)
    beat = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    cancel = models.BooleanField(default=False)


class Worker(models.Model):
    """A process that does background work, and when it was last heard of."""

    name = models.CharField(max_length=100, primary_key=True)
    beat = models.DateTimeField()
