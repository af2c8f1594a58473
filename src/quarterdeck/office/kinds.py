"""The office's own kinds: what people have decided about candidates."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from quarterdeck.kinds.declare import kind
from quarterdeck.kinds.records import Record

STATES = [("open", _("open")), ("accepted", _("accepted")), ("merged", _("merged")), ("refused", _("refused"))]


@kind(columns=("key", "source", "state", "initiative", "reason"), filters=("source", "state", "initiative"))
class Candidate(Record):
    """What was decided about something that evidence says should be done."""

    source = models.CharField(_("source"), max_length=60, help_text=_("Which sort of evidence it was born from."))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=STATES,
        default="open",
        help_text=_("Open until somebody accepts, merges or refuses it."),
    )
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why it was refused, in the words of who did."))
    initiative = models.ForeignKey(
        "estate.Initiative",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("initiative"),
        help_text=_("The initiative that came of it."),
    )
    fingerprint = models.TextField(
        _("what was known"),
        blank=True,
        help_text=_("Marks of the facts known when it was decided; more brings it up again."),
    )

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
