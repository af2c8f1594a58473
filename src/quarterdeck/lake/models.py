"""The lake's ledgers: sources, snapshots, their parts and problems, identities, suggestions."""

from django.db import models


class EvidenceSource(models.Model):
    """One place that is collected from, again and again."""

    reader = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    location = models.CharField(max_length=1000)
    policy = models.CharField(
        max_length=10,
        default="ask",
        choices=[("ask", "a person decides"), ("accept", "what only the source moved is accepted")],
    )
    digest = models.CharField(max_length=64, blank=True)
    state = models.TextField(default="{}")  # canonical JSON: the reader's own words on where to go on

    class Meta:
        constraints = (models.UniqueConstraint(fields=("reader", "name"), name="source_once"),)


class Snapshot(models.Model):
    """One collection that is visible; its number is the watermark of the tables it changed."""

    source = models.ForeignKey(EvidenceSource, models.PROTECT, related_name="snapshots")
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    location = models.CharField(max_length=1000)
    rows = models.BigIntegerField()
    problems = models.IntegerField()


class Part(models.Model):
    """One Parquet file: rows of one table that one snapshot brought."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="parts")
    table = models.CharField(max_length=60)
    path = models.CharField(max_length=300)
    rows = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    ended = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")  # the snapshot that replaced it

    class Meta:
        indexes = (models.Index(fields=("table", "ended"), name="part_visible"),)


class TableHead(models.Model):
    """The last snapshot that changed a table."""

    table = models.CharField(max_length=60, primary_key=True)
    snapshot = models.BigIntegerField()


class Problem(models.Model):
    """Something a reader could not read, shown until the source mends it."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="problem_rows")
    origin = models.CharField(max_length=500)
    line = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500)
    text = models.CharField(max_length=200, blank=True)


class Identity(models.Model):
    """Who stands behind a pseudonym of the lake: the one table that knows, and the row that erasure destroys."""

    pseudonym = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=300)
    email = models.CharField(max_length=300, blank=True)
    person = models.CharField(max_length=200, blank=True)  # key of the person record, once matched


class Suggestion(models.Model):
    """What a source says of one record of the estate, against what it said last and what stands there now."""

    source = models.ForeignKey(EvidenceSource, models.CASCADE, related_name="suggestions")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    said = models.TextField()  # canonical JSON of what the source said last that was taken over or refused
    wants = models.TextField(default="{}")  # canonical JSON of what it says now and is not yet so
    sort = models.CharField(max_length=10, default="")  # create, update, conflict, retire; empty: nothing is open
    refused = models.TextField(default="{}")  # canonical JSON of values a person refused: not suggested again

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "kind", "key"), name="suggested_once"),)
        indexes = (models.Index(fields=("sort", "kind"), name="suggestion_open"),)
