"""The kernel's own ledgers: users and tokens, commits and versions, aliases, subjects' keys, the search index."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Someone who signs in. Roles are groups of the same name; `person` is the key of their own record."""

    person = models.CharField(_("person"), max_length=200, blank=True, help_text=_("Key of this user's person record."))
    language = models.CharField(_("language"), max_length=10, blank=True)


class Token(models.Model):
    """A token for the API: only its digest is kept, and it can do no more than its user and its rights allow."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    rights = models.CharField(max_length=10, choices=[("read", "read"), ("write", "write"), ("import", "import")])
    made = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(null=True, blank=True)


class Commit(models.Model):
    """One call of the one door in: all its changes, by whom, from where, chained to the commit before."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    authority = models.TextField()  # canonical JSON: who, by which right
    source = models.CharField(max_length=500)
    changes = models.IntegerField()
    root = models.CharField(max_length=64)
    before = models.CharField(max_length=64)  # hash of the commit before; 64 zeros for the first
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)


class Version(models.Model):
    """What one record was from one commit until another."""

    kind = models.CharField(max_length=60)
    record = models.BigIntegerField()
    key = models.CharField(max_length=200)
    action = models.CharField(max_length=6)  # create, update, delete
    effective = models.DateField()
    values = models.TextField()  # canonical JSON; personal values sealed; "null" for a deletion
    began = models.BigIntegerField()  # commit that wrote it
    ended = models.BigIntegerField(null=True)  # commit that wrote the next one

    class Meta:
        indexes = (
            models.Index(fields=("kind", "record", "began"), name="version_of_record"),
            models.Index(fields=("kind", "key", "began"), name="version_by_key"),
            models.Index(fields=("began",), name="version_in_commit"),
        )


class KindHead(models.Model):
    """The last commit that changed what a clearance uncovers of a kind (none: what everybody sees who reads it).

    The watermark an Answer is valid for: a private value that moves says nothing to whoever may not see it.
    """

    kind = models.CharField(max_length=60)
    clearance = models.CharField(max_length=40, blank=True)
    number = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "clearance"), name="headed_once"),)


class Alias(models.Model):
    """A former key of a record."""

    kind = models.CharField(max_length=60)
    fold = models.CharField(max_length=200)
    record = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "fold"), name="alias_once"),)


class SubjectKey(models.Model):
    """The key under which one subject's personal values are sealed, itself wrapped by the home's secret."""

    subject = models.CharField(max_length=260, primary_key=True)
    wrapped = models.BinaryField()


class Tombstone(models.Model):
    """The keyed trace of an identity that was erased and must not come back."""

    trace = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()


class SearchEntry(models.Model):
    """The words of one record, for the search of every page."""

    kind = models.CharField(max_length=60)
    record = models.BigIntegerField()
    words = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "record"), name="searched_once"),)
