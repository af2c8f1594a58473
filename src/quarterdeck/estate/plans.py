"""Approved plans: what the general manager confirmed, frozen as the answer it was."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quarterdeck.kinds.declare import kind
from quarterdeck.kinds.records import Record

STATES = [("approved", _("approved")), ("replaced", _("replaced"))]
_ALL = ("key", "state", "approved", "answer", "outlook", "worth", "currency", "initiatives")


@kind(
    columns=("key", "approved", "state", "worth", "currency", "initiatives"),
    filters=("state",),
    decided=dict.fromkeys(_ALL, ()),
    chapter="strategy",
)
class ApprovedPlan(Record):
    """A plan that was confirmed: the baseline that reality is held against until another replaces it."""

    state = models.CharField(
        _("state"),
        max_length=10,
        choices=STATES,
        default="approved",
        help_text=_("Approved: the baseline of today; replaced: another was approved since."),
    )
    approved = models.DateField(_("approved on"), help_text=_("Day on which it was confirmed."))
    answer = models.IntegerField(_("answer of the plan"), help_text=_("The computation that was confirmed."))
    outlook = models.IntegerField(
        _("answer of its outlook"), help_text=_("The computation of what chance makes of it.")
    )
    worth = models.DecimalField(
        _("worth"), max_digits=18, decimal_places=2, help_text=_("Discounted worth of all it does, in its currency.")
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Three-letter code (ISO 4217), like EUR.")
    )
    initiatives = models.IntegerField(
        pgettext_lazy("number", "initiatives"), default=0, help_text=_("How many initiatives it starts.")
    )

    class Meta:
        verbose_name = _("approved plan")
        verbose_name_plural = _("approved plans")
