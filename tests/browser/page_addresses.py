"""Every address that a page of the product can have: views out of the url configuration, their parameters out of a home."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

ELSEWHERE = ("api/",)  # answers in JSON: no pages
SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x"}


@dataclass(frozen=True)
class View:
    """A named view and the parameters its address takes, each with the name of its converter."""

    name: str
    parameters: tuple[tuple[str, str], ...]

    def address(self, values: dict[str, str]) -> str:
        return reverse(self.name, kwargs=values or None)

    def sample(self) -> str:
        """An address that fits the pattern, whatever stands there."""
        return self.address({name: SAMPLES[converter] for name, converter in self.parameters})


def views() -> list[View]:
    """The views of the product, in the order in which they are declared."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns: list, namespace: str, around: tuple[tuple[str, str], ...]) -> Iterator[View]:
    for pattern in patterns:
        taken = (*around, *((name, _converter(one)) for name, one in pattern.pattern.converters.items()))
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) not in ELSEWHERE:
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from _walk(pattern.url_patterns, inner, taken)
        elif isinstance(pattern, URLPattern):
            yield View(f"{namespace}{pattern.name}", taken)


def _converter(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


Values = Callable[[], list[dict[str, str]]]


def of_kinds() -> dict[tuple[str, ...], Values]:
    """What stands in the address of a page that every kind has, by the parameters it takes; of records, the first."""
    from quarterdeck.kinds.access import Access
    from quarterdeck.kinds.declare import KINDS
    from quarterdeck.kinds.roles import service

    access = Access(service("tests").reader)
    first = {name: access.select(name).rows(1) for name in KINDS}
    keys = {name: rows[0].key for name, rows in first.items() if rows}
    return {
        ("kind",): lambda: [{"kind": name} for name in KINDS],
        ("kind", "key"): lambda: [{"kind": name, "key": key} for name, key in keys.items()],
        ("kind", "child", "key"): lambda: [
            {"kind": name, "child": child, "key": key}
            for name, key in keys.items()
            for child, _l in KINDS[name].children
        ],
    }


def of_office() -> dict[str, Values]:
    """What stands in the address of the other pages that are about one thing, by the name of their view."""
    from decided_company import CTO

    from quarterdeck.decisions.models import Proposal
    from quarterdeck.kinds.access import Access
    from quarterdeck.lake.models import EvidenceSource, TableHead
    from quarterdeck.runs import answers
    from quarterdeck.runs.models import Answer

    candidates = lambda: [{"key": w.candidate.key} for w in answers.answer("candidates", CTO).result.candidates]  # noqa: E731
    return {
        "path": lambda: [{"number": str(one.pk)} for one in Answer.objects.order_by("pk")],
        "path-records": lambda: [
            {"number": str(one.pk), "place": str(place)}
            for one in Answer.objects.order_by("pk")[:1]
            for place, rested in enumerate(answers.recall(one.pk).rested)
            if rested.what.startswith("kind:") and rested.mark
        ],
        "evidence-source": lambda: [{"number": str(one.pk)} for one in EvidenceSource.objects.order_by("pk")],
        "evidence-table": lambda: [{"table": one.table} for one in TableHead.objects.order_by("pk")],
        "decision": lambda: [{"key": one.key} for one in Proposal.objects.order_by("pk")],
        "fund": lambda: [
            {"initiative": row.key} for row in Access(CTO).select("initiative").where(state="proposed").rows(1)
        ],
        "candidate": candidates,
        "candidate-path": candidates,
        "document-file": list,  # is saved, not shown
        "job": list,  # a part of the page that waits
    }


QUERIES = {
    "search": ("?q=shop", "?q=nothing-is-called-this"),
    "what-if": ("?ask=1&budget=cut-budget::0.2&replan=no", "?ask=1&change=nonsense"),
    "candidates": ("?state=refused",),
    "kinds:list": ("?q=nothing-is-called-this", "?as_of=2001-01-01"),  # of the first kind
}
