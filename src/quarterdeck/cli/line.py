"""The line from evidence to board pack, step by step, as the example company's people would walk it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from quarterdeck.cli.words import _, ngettext
from quarterdeck.cli.working import working
from quarterdeck.decisions import deciding
from quarterdeck.estate import sources
from quarterdeck.evidence import readers
from quarterdeck.kinds import sheets
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import Authority, Reader
from quarterdeck.kinds.users import give_roles, reader_of
from quarterdeck.kinds.write import write
from quarterdeck.lake import collect
from quarterdeck.lake.models import EvidenceSource
from quarterdeck.office.candidates import deeds
from quarterdeck.office.documents import building, editions
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import drift as drifts
from quarterdeck.office.plan.pages import currency_of
from quarterdeck.office.plan.view import view
from quarterdeck.runs import answers

Say = Callable[[str], None]


def users(wanted: Iterable[tuple[str, str, str]], password: str) -> None:
    """Make the example's users, each with one role."""
    for name, role, title in wanted:
        user, _born = User.objects.get_or_create(username=name)
        user.first_name = title
        user.set_password(password)
        user.save()
        give_roles(user, [role])


def who(name: str) -> Reader:
    """One of the example's users, as a reader."""
    return reader_of(User.objects.get(username=name))


def take_in(layout: Any, say: Say, importer: Authority) -> None:
    """Collect every source of a layout, accept what it suggests, and import its workbook by somebody's authority."""
    cto = Authority(who("cto"))
    for reader_name, path, name in layout.collect:
        gather(reader_name, path, name, say)
    with working(_("suggestions")):
        taken = sources.accept(cto, EvidenceSource.objects.order_by("pk"))
    said = ngettext(
        "accepted %(count)d suggestion to the estate", "accepted %(count)d suggestions to the estate", taken
    )
    say(said % {"count": taken})
    if layout.workbook:
        with working(layout.workbook.name):
            book = sheets.from_workbook(layout.workbook.read_bytes(), layout.workbook.name)
            done = write(importer, sheets.workbook_changes(book), f"sheet {layout.workbook.name}")
        counts = {"file": layout.workbook.name, "created": done.created, "updated": done.updated}
        say(_("imported %(file)s: %(created)d records created, %(updated)d changed") % counts)


def gather(reader_name: str, path: Path, name: str, say: Say) -> None:
    """Collect one source."""
    with working(f"{reader_name} {path.name}") as going:
        found = collect.collect(readers.by_name(reader_name), path, by="user:cto", name=name, progress=going.rows)
    open_ones = sources.suggest(EvidenceSource.objects.get(reader=reader_name, name=found.source))
    counts = {"rows": sum(found.rows.values()), "problems": found.problems, "suggestions": open_ones}
    told = _("%(rows)d rows, %(problems)d problems, %(suggestions)d suggestions") % counts
    state = told if found.snapshot else _("nothing new")
    say(
        _("collected %(reader)s %(source)s: %(state)s")
        % {"reader": reader_name, "source": found.source, "state": state}
    )


def own_evidence(checkout: Path | None, say: Say) -> None:
    """Real evidence beside the example's: this program's own history, and the packages it runs on."""
    if checkout is not None:
        gather("git", checkout, "quarterdeck", say)
    gather("dependencies", Path("current-environment"), "quarterdeck", say)


def _answer(name: str, reader: Reader, parameters: dict[str, str] | None = None) -> answers.Answered:
    """The answer of an analysis, with how far it is."""
    with working(name) as going:
        return answers.answer(name, reader, parameters, progress=going.part)


def decide(accepted: int, say: Say) -> None:
    """Candidates, plan, proposal, confirmation by another person."""
    cto = who("cto")
    found = _answer("candidates", cto)
    ranked = found.result.candidates
    kinds = sorted({weighed.candidate.source for weighed in ranked})
    born = {"count": len(ranked), "sources": len(kinds), "names": ", ".join(kinds)}
    say(_("%(count)d candidates were born from evidence, from %(sources)d sources: %(names)s") % born)
    taken = deeds.accept_first(cto, found, accepted)
    first = {"count": len(taken), "names": ", ".join(taken[:4])}
    say(_("the CTO accepted %(count)d of them as they are: %(names)s …") % first)
    plan, outlook = _answer("plan", cto), _answer("outlook", cto)
    shown = view(plan, outlook, cto, currency_of(cto))
    say(_("plan: %(said)s") % {"said": f"{shown.sentence} {shown.lede} ({shown.proof})"})
    proposal = baselines.propose(cto, plan, outlook, currency_of(cto), "The plan over evidence and estimates of today.")
    deciding.confirm(who("gm"), proposal.key, "Agreed.")
    say(_("the general manager confirmed %(key)s: the plan is the baseline") % {"key": proposal.key})


def report(say: Say) -> None:
    """Drift after the later collection, and the board pack."""
    cto = who("cto")
    base = baselines.baseline()
    if base is None:
        raise LookupError("no plan was approved")
    for name in ("plan", "outlook"):
        _answer(name, cto)
    found = _answer("drift", cto, {"baseline": str(base.plan.id)})
    shown = drifts.view(found, base, cto, currency_of(cto))
    say(_("drift: %(said)s") % {"said": f"{shown.sentence} {shown.lede}"})
    with working(_("board pack")) as going:
        edition = building.build(cto, step=going.part)
    for file in edition.files:
        say(_("board pack: %(file)s") % {"file": editions.folder() / edition.key / file.name})
