"""The base of every kind's model."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """A record with a key that people can type; its other form, `fold`, is what keys are compared by."""

    key = models.CharField(
        _("key"),
        max_length=200,
        help_text=_("Letters of any script, digits and - _ . / @ : + ; compared without case."),
    )
    fold = models.CharField(max_length=200, unique=True, editable=False)
    retired = models.DateField(_("retired"), null=True, blank=True, help_text=_("Since when it is no longer in use."))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key
