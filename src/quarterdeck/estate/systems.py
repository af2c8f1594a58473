"""Systems, what they depend on, where their code is, the products they carry and the vendors behind them."""

from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quarterdeck.kinds.declare import Fault, kind
from quarterdeck.kinds.records import Record
from quarterdeck.kinds.text import TwoLanguages

CRITICALITY = [
    (1, _("1 – nobody notices")),
    (2, _("2 – an annoyance")),
    (3, _("3 – work stops")),
    (4, _("4 – the company stops")),
]


@kind(columns=("key", "name", "country"), chapter="risk")
class Vendor(Record):
    """A company that something is bought from."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    country = models.CharField(
        _("country"), max_length=60, blank=True, help_text=_("Where it is established, like Germany.")
    )

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")


@kind(columns=("key", "name", "revenue", "currency"), chapter="strategy")
class Product(Record):
    """What customers get."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    revenue = models.DecimalField(
        _("revenue a year"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("What customers pay for it."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Three-letter code (ISO 4217), like EUR.")
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")


@kind(
    columns=("key", "name", "domain", "owner", "criticality", "lifecycle"),
    filters=("domain", "owner", "criticality", "lifecycle", "type"),
    sections=(
        (_("What it is"), ("name", "description", "domain", "type", "lifecycle", "product")),
        (_("Who and where"), ("owner", "owner_named", "vendor", "criticality")),
    ),
    chapter="strategy",
)
class System(Record):
    """Something that runs and that others rest on: a service, an application, a platform, a data store."""

    name = TwoLanguages(_("name"), help_text=_("What people call it; one language is enough."))
    description = models.TextField(_("description"), blank=True, help_text=_("What it does, and for whom."))
    domain = models.CharField(
        _("domain"), max_length=120, blank=True, help_text=_("Part of the business that it serves, like payments.")
    )
    type = models.CharField(
        _("type"), max_length=60, blank=True, help_text=_("What sort of system it is, like service or database.")
    )
    lifecycle = models.CharField(
        _("lifecycle"), max_length=40, blank=True, help_text=_("Stage of its life, like production or deprecated.")
    )
    owner = models.ForeignKey(
        "estate.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("team", "owner"),
        help_text=_("The team that answers for it."),
    )
    owner_named = models.CharField(
        _("owner as named by the source"), max_length=200, blank=True, help_text=_("Kept where it matches no team.")
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
        help_text=_("The product that it carries."),
    )
    vendor = models.ForeignKey(
        Vendor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("vendor"),
        help_text=_("The company that supplies or runs it, where it is not ours."),
    )
    criticality = models.IntegerField(
        _("criticality"), choices=CRITICALITY, null=True, blank=True, help_text=_("Empty: nobody has said yet.")
    )

    class Meta:
        verbose_name = _("system")
        verbose_name_plural = pgettext_lazy("kind", "systems")


def _dependency_clean(rows: list[dict[str, Any]]) -> Iterable[tuple[int, Fault]]:
    for place, row in enumerate(rows):
        if row["system"] and row["system"] == row["on"]:
            yield place, Fault("on", now("a system does not depend on itself"))


@kind(
    columns=("system", "on", "group", "needed", "sort"),
    filters=("system", "on"),
    part_of="system",
    key_from=("system", "on"),
    clean=_dependency_clean,
    chapter="strategy",
)
class Dependency(Record):
    """One system rests on another; those of one group stand in for each other, and `needed` of them suffice."""

    system = models.ForeignKey(
        System,
        models.PROTECT,
        related_name="+",
        verbose_name=_("system"),
        help_text=_("The system that needs the other."),
    )
    on = models.ForeignKey(
        System,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("system", "rests on"),
        help_text=_("The system that is needed."),
    )
    group = models.CharField(
        pgettext_lazy("alternatives", "group"),
        max_length=60,
        blank=True,
        help_text=_(
            "Dependencies of one system under the same word stand in for each other; empty: nothing stands in for it."
        ),
    )
    needed = models.IntegerField(
        _("needed of the group"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("How many of the group must work: 1 where any of them will do."),
    )
    sort = models.CharField(
        _("sort"), max_length=60, blank=True, help_text=_("As the source calls it, like dependsOn.")
    )

    class Meta:
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")


@kind(columns=("key", "system", "url"), filters=("system",), part_of="system", chapter="strategy")
class Repository(Record):
    """Where the code of a system is kept; its key is the name its history is collected under."""

    system = models.ForeignKey(
        System,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("system"),
        help_text=_("The system whose code it holds."),
    )
    url = models.CharField(_("address"), max_length=300, blank=True, help_text=_("Where it is cloned from."))

    class Meta:
        verbose_name = _("repository")
        verbose_name_plural = _("repositories")
