"""What people do with candidates: accept (as they are or edited), merge several into one, refuse, open again."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.engines.programme import Estimate
from quarterdeck.kinds.access import Access
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.candidates import drafts, remembered
from quarterdeck.office.candidates.drafts import Draft, Unclear
from quarterdeck.runs.answers import Answered

SOURCE = "candidates"
RIGHT = "plan"


def accept(reader: Reader, weighed: Any, draft: Draft) -> str:
    """Make the initiative of a draft, with efforts and treatments, and remember it, as one commit; returns its key.

    Raises Denied, Unclear (an effort without a skill), write.Refused.
    """
    return _make(reader, draft, {"accepted": [weighed]})


def merge(reader: Reader, several: list[Any], draft: Draft) -> str:
    """Make one initiative of several candidates and remember them all; returns its key. Raises as `accept` does."""
    if len(several) < 2:
        raise Unclear(_("merging takes two candidates or more"))
    return _make(reader, draft, {"merged": several})


def accept_first(reader: Reader, answered: Answered, most: int) -> tuple[str, ...]:
    """Accept the first open candidates as they are, at most so many; returns the initiatives' keys.

    Passed over are those of which evidence cannot tell effort or duration, which a plan could not hold, and those of
    which it tells no effect, which no plan would choose. Raises Denied.
    """
    today, made = timezone.localdate(), list[str]()
    for seen in remembered.seen(reader, answered.result.candidates):
        candidate = seen.weighed.candidate
        known = candidate.efforts and candidate.duration and (candidate.loss or candidate.saving)
        if seen.open and known and len(made) < most:
            try:
                made.append(accept(reader, seen.weighed, drafts.draft(reader, seen.weighed, today)))
            except Unclear:  # a skill is missing for this one; the next may have it
                continue
    return tuple(made)


def refuse(reader: Reader, weighed: Any, reason: str) -> None:
    """Remember that a candidate was refused, and what was known; more brings it up again. Raises Denied, Refused."""
    _permit(reader)
    write(Authority(reader), _remember(weighed, "refused", reason=reason, initiative=None), SOURCE)


def reopen(reader: Reader, weighed: Any) -> None:
    """Bring a candidate up again. Raises Denied, Refused."""
    _permit(reader)
    write(Authority(reader), _remember(weighed, "open", reason="", initiative=None), SOURCE)


def _permit(reader: Reader) -> None:
    if not reader.may(RIGHT):
        raise Denied("decide on", "candidates")


def _make(reader: Reader, draft: Draft, decided: dict[str, list[Any]]) -> str:
    _permit(reader)
    if any(not work.skill for work in draft.efforts):
        raise Unclear(_("an effort needs a skill: choose one, or enter the company’s skills first"))
    if len({money.currency for money in (draft.capital, draft.running, draft.benefit) if money}) > 1:
        raise Unclear(_("an initiative’s money is in one currency: say all of it in one"))
    key = _free(reader, draft.key)
    changes = [Change("initiative", key, drafts.values(draft), new=True)]
    for work in draft.efforts:
        months = {f"months_{end}": getattr(work.months, end) for end in ("low", "likely", "high")}
        changes.append(Change("effort", "", {"initiative": key, "skill": work.skill, **months}))
    for effect in draft.effects:
        factors = {**_factor("frequency_factor", effect.frequency), **_factor("magnitude_factor", effect.magnitude)}
        changes.append(Change("treatment", "", {"initiative": key, "scenario": effect.scenario, **factors}))
    for state, several in decided.items():
        changes += [change for weighed in several for change in _remember(weighed, state, reason="", initiative=key)]
    write(Authority(reader), changes, SOURCE)
    return key


def _factor(name: str, factor: Estimate) -> dict[str, float | None]:
    """The likeliest value, and the ends where they differ from it."""
    exact = factor.low == factor.high
    return {
        name: factor.likely,
        f"{name}_low": None if exact else factor.low,
        f"{name}_high": None if exact else factor.high,
    }


def _remember(weighed: Any, state: str, *, reason: str, initiative: str | None) -> list[Change]:
    """One record for the candidate and for each that was the same, so that none comes up again by itself."""
    candidate = weighed.candidate
    said = {"state": state, "reason": reason, "initiative": initiative, "fingerprint": weighed.fingerprint}
    names = zip(
        (candidate.key, *weighed.also), (candidate.source, *(k.split("/")[0] for k in weighed.also)), strict=True
    )
    return [Change("candidate", key, {"source": source[:60], **said}) for key, source in names]


def _free(reader: Reader, key: str) -> str:
    """The key, or with a number where an earlier initiative has it."""
    access = Access(reader)
    taken = {
        row.key.casefold()
        for row in access.select("initiative").where(key__in=[key, *(f"{key}-{n}" for n in range(2, 100))]).rows()
    }
    return next(name for name in (key, *(f"{key}-{n}" for n in range(2, 100))) if name.casefold() not in taken)
