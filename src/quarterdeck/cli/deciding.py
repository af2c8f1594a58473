"""Commands of decisions: candidates, propose, decide."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterdeck.cli.app import Misused, acting_user, app, open_home, reader
from quarterdeck.cli.output import Json, Limit, left_out, plain, put, put_json, put_table
from quarterdeck.cli.words import _
from quarterdeck.cli.working import working

if TYPE_CHECKING:
    from quarterdeck.decisions.models import Proposal
    from quarterdeck.kinds.roles import Reader

VERDICTS = ("confirm", "decline", "withdraw", "agree", "object")


@app.command()
def candidates(
    limit: Limit = 50,
    accept: Annotated[str, typer.Option(help="Accept the candidate of this key as it stands.")] = "",
    refuse: Annotated[str, typer.Option(help="Refuse the candidate of this key; it is remembered.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is refused.")] = "",
    as_json: Json = False,
) -> None:
    """List what evidence says should be done; accept or refuse it."""
    if accept and refuse:
        raise Misused("a candidate is accepted or refused, not both at once")
    if reason and not refuse:
        raise Misused("--reason says why a candidate is refused; say which with --refuse")
    open_home()
    from django.utils import timezone  # noqa: PLC0415 — nothing heavy before a command needs it

    from quarterdeck.office.candidates import deeds, drafts, remembered, shown  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    who = reader()
    with working(_("candidates")) as going:
        seen = remembered.seen(who, answers.answer("candidates", who, progress=going.part).result.candidates)
    by_key = {entry.weighed.candidate.key: entry.weighed for entry in seen}
    for key in filter(None, (accept, refuse)):
        if key not in by_key:
            raise Misused(f"there is no candidate {key!r}")
    if accept:
        made = deeds.accept(who, by_key[accept], drafts.draft(who, by_key[accept], timezone.localdate()))
        missing = list(map(str, by_key[accept].candidate.missing))
        said = _("accepted as initiative:%(key)s") % {"key": made}
        left = _("; still to say: %(what)s") % {"what": shown.lacks(by_key[accept])} if missing else ""
        put({"initiative": made, "missing": missing}, said + left, as_json=as_json)
    elif refuse:
        deeds.refuse(who, by_key[refuse], reason)
        put({"refused": refuse}, _("refused %(what)s") % {"what": refuse}, as_json=as_json)
    else:
        rows = [_candidate(entry.weighed, as_json=as_json) for entry in seen if entry.open]
        columns = {
            "key": _("key"),
            "source": _("source"),
            "title": _("what"),
            "person_months": _("person-months"),
            "missing": _("missing"),
        }
        put_table(columns, rows[:limit], as_json=as_json)
        if len(rows) > limit:
            left_out(limit, len(rows))


def _candidate(weighed: Any, *, as_json: bool) -> tuple[str, str, str, str, str]:
    from quarterdeck.office.candidates import shown  # noqa: PLC0415

    candidate = weighed.candidate
    months = " + ".join(f"{w.months.low:.1f}–{w.months.high:.1f}" for w in candidate.efforts) or (
        "cannot tell" if as_json else _("cannot tell")
    )
    missing = ", ".join(map(str, candidate.missing)) if as_json else shown.lacks(weighed)
    return candidate.key, candidate.source, _said(candidate.title), months, missing


def _said(text: Any) -> str:
    """A text in two languages, in the language asked for."""
    from quarterdeck.office.words import chinese  # noqa: PLC0415

    return str(text.zh if chinese() and text.zh else text.en)


@app.command()
def propose(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="plan, or initiative:KEY.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: Json = False,
) -> None:
    """Propose the plan or an initiative, for another to confirm."""
    kind, _colon, key = what.partition(":")
    if what != "plan" and (kind != "initiative" or not key):
        raise Misused(f"propose plan, or initiative:KEY, not {what!r}")
    open_home()
    from quarterdeck.decisions import proposing  # noqa: PLC0415
    from quarterdeck.office.plan import baseline  # noqa: PLC0415
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    acting_user()
    who = reader()
    if what == "plan":
        with working(_("plan")) as going:
            chosen = answers.answer("plan", who, progress=going.part)
        with working(_("outlook")) as going:
            ahead = answers.answer("outlook", who, progress=going.part)
        made = baseline.propose(who, chosen, ahead, currency_of(who), reason)
    else:
        made = proposing.fund(who, key, reason)
    _put(made, as_json=as_json)


@app.command()
def decide(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Like D-1; empty lists what waits for you.")] = "",
    verdict: Annotated[
        str, typer.Argument(metavar="VERDICT", help=f"{', '.join(VERDICTS)}; empty shows the decision.")
    ] = "",
    comment: Annotated[str, typer.Option(help="What to say with it.")] = "",
    every: Annotated[bool, typer.Option("--all", help="List every decision you may see.")] = False,
    as_json: Json = False,
) -> None:
    """List, show, confirm, decline or withdraw decisions."""
    if verdict and verdict not in VERDICTS:
        raise Misused(f"a verdict is one of: {', '.join(VERDICTS)}")
    open_home()
    from quarterdeck.decisions import deciding, ledger  # noqa: PLC0415

    acting_user()
    who = reader()
    if not key:
        _list(who, every=every, as_json=as_json)
    elif not verdict:
        _show(who, ledger.find(who, key), as_json=as_json)
    else:
        done = (
            deciding.advise(who, key, verdict == "agree", comment)
            if verdict in ("agree", "object")
            else getattr(deciding, verdict)(who, key, comment)
        )
        _put(done, as_json=as_json)


def _put(proposal: "Proposal", *, as_json: bool) -> None:
    """Where a decision stands now."""
    said = f"{proposal.key} {_state(proposal)}"
    put({"decision": proposal.key, "state": str(proposal.state)}, said, as_json=as_json)


def _state(proposal: "Proposal") -> str:
    """The state in words."""
    from quarterdeck.decisions.models import State  # noqa: PLC0415

    return str(State(proposal.state).label)


def _list(who: "Reader", *, every: bool, as_json: bool) -> None:
    from quarterdeck.decisions import ledger, showing  # noqa: PLC0415

    found = ledger.visible(who).order_by("-pk") if every else [w.proposal for w in ledger.inbox(who)]
    states = {one.key: str(one.state) if as_json else _state(one) for one in found}
    rows = [(one.key, states[one.key], showing.title(one), one.deadline) for one in found]
    columns = {"decision": _("decision"), "state": _("state"), "what": _("what"), "until": _("until")}
    put_table(columns, rows, as_json=as_json)


def _show(who: "Reader", proposal: "Proposal", *, as_json: bool) -> None:
    """What a decision would change, as far as the reader may see it, and where it stands."""
    from quarterdeck.decisions import differences, showing  # noqa: PLC0415
    from quarterdeck.decisions.sight import sight  # noqa: PLC0415

    entries, names = differences.entries(proposal.changes), showing.Names(who)
    sentence = showing.sentence(proposal, list(proposal.steps.all()), names)
    tables = showing.tables(entries, sight(who, entries), names)
    rows = [
        (table.title or "…", table.action, line["field"], line["before"], line["after"])
        for table in tables
        for line in table.changes or ({"field": "", "before": None, "after": None},)
    ]
    columns = {
        "record": _("record"),
        "action": _("what becomes of it"),
        "field": _("field"),
        "before": _("before"),
        "after": _("after"),
    }
    if as_json:
        brief = {name: getattr(proposal, name) for name in ("key", "sort", "proposer", "deadline", "reason")}
        changes = [dict(zip(columns, row, strict=True)) for row in rows]
        put_json({**brief, "state": str(proposal.state), "sentence": sentence, "changes": changes})
        return
    print(plain(sentence))
    if proposal.reason:
        print(plain(proposal.reason))
    put_table(columns, rows, as_json=False)
