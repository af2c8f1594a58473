"""The form in which a candidate is edited before it is accepted: the draft of its initiative."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from quarterdeck.engines.candidate import Money, Work
from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import Reader
from quarterdeck.office.candidates.drafts import Draft
from quarterdeck.office.candidates.remembered import Seen

ENDS = ("low", "likely", "high")
LABELS = {"low": _("low"), "likely": _("likely"), "high": _("high")}
GROUPS = (
    ("duration", _("Duration in months")),
    ("months", _("Effort in person-months")),
    ("capital", _("Capital spend")),
    ("running", _("Running cost a month")),
    ("benefit", _("Benefit a month")),
)
MONEY = frozenset({"capital", "running", "benefit"})


class DraftForm(forms.Form):
    """Names, times, effort in one skill, and money; each interval whole or empty."""

    name_en = forms.CharField(label=_("Name (English)"), max_length=300, required=False)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=300, required=False)
    mandate = forms.DateField(
        label=_("Must be finished by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)

    def __init__(self, reader: Reader, *arguments: Any, **further: Any) -> None:
        super().__init__(*arguments, **further)
        skills = Access(reader).select("skill").where(retired__empty=True).rows() if reader.reads("skill") else []
        choices = [("", "—"), *((row.key, show.name(KINDS["skill"], row) or row.key) for row in skills)]
        self.fields["skill"] = forms.ChoiceField(label=_("Skill"), required=False, choices=choices)
        for group, label in GROUPS:
            for end in ENDS:
                named = now("%(label)s, %(point)s") % {"label": label, "point": LABELS[end]}
                options: dict[str, Any] = {"label": named, "required": False}
                if group in MONEY:
                    self.fields[f"{group}_{end}"] = forms.DecimalField(max_digits=18, decimal_places=2, **options)
                else:
                    self.fields[f"{group}_{end}"] = forms.FloatField(min_value=0, **options)

    def clean(self) -> dict[str, Any]:
        """Each interval is whole, or empty, and in order; money has a currency."""
        found: dict[str, Any] = super().clean() or {}
        for group, _label in GROUPS:
            ends = [found.get(f"{group}_{end}") for end in ENDS]
            given = [value for value in ends if value is not None]
            if given and len(given) < len(ENDS):
                self.add_error(f"{group}_low", _("all three points are needed, or none"))
            elif given and not ends[0] <= ends[1] <= ends[2]:  # type: ignore[operator]
                self.add_error(f"{group}_low", _("low, likely and high are not in order"))
            elif given and group in MONEY and not found.get("currency"):
                self.add_error("currency", _("is needed for an amount"))
        if found.get("months_low") is not None and not found.get("skill"):
            self.add_error("skill", _("is needed for an effort"))
        return found

    def applied(self, draft: Draft) -> Draft:
        """The draft as the form says it."""
        said = self.cleaned_data
        currency = str(said["currency"]).upper()
        months = _three(said, "months")
        return replace(
            draft,
            name_en=said["name_en"],
            name_zh=said["name_zh"],
            mandate=said["mandate"],
            duration=_three(said, "duration"),
            efforts=(Work(said["skill"], months),) if months else (),
            capital=_money(said, "capital", currency),
            running=_money(said, "running", currency),
            benefit=_money(said, "benefit", currency),
        )


def _three(said: dict[str, Any], group: str) -> Estimate | None:
    ends = [said[f"{group}_{end}"] for end in ENDS]
    return None if ends[0] is None else Estimate(*ends)


def _money(said: dict[str, Any], group: str, currency: str) -> Money | None:
    ends = [said[f"{group}_{end}"] for end in ENDS]
    if ends[0] is None:
        return None
    low, likely, high = (Decimal(end) for end in ends)
    return Money(low, likely, high, currency)


def initial(draft: Draft) -> dict[str, Any]:
    """What the form shows first: the draft, with all its effort in one skill."""
    found: dict[str, Any] = {
        "name_en": draft.name_en,
        "name_zh": draft.name_zh,
        "mandate": draft.mandate,
        "currency": draft.currency,
    }
    found["skill"] = draft.efforts[0].skill if draft.efforts else ""
    for end in ENDS:
        found[f"duration_{end}"] = round(getattr(draft.duration, end), 3) if draft.duration else None
        found[f"months_{end}"] = round(sum(getattr(w.months, end) for w in draft.efforts), 3) if draft.efforts else None
        for group in sorted(MONEY):
            money = getattr(draft, group)
            found[f"{group}_{end}"] = getattr(money, end) if money else None
    return found


class FilterForm(forms.Form):
    """What narrows the list."""

    def __init__(self, sources: list[tuple[str, str]], *arguments: Any, **further: Any) -> None:
        super().__init__(*arguments, **further)
        self.fields["source"] = forms.ChoiceField(label=_("Source"), required=False, choices=[("", _("all")), *sources])
        self.fields["state"] = forms.ChoiceField(label=_("State"), required=False, choices=STATES)

    def narrowed(self, seen: list[Seen]) -> list[Seen]:
        """The candidates asked for; without a question those that stand open."""
        self.is_valid()
        state, source = self.cleaned_data.get("state") or "open", self.cleaned_data.get("source")
        return [s for s in seen if s.state == state and (not source or source in s.weighed.sources)]


STATES = [("", _("open")), ("accepted", _("accepted")), ("merged", _("merged")), ("refused", _("refused"))]
