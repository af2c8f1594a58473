"""Commands of decisions: candidates, propose, decide."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterdeck.cli.app import Misused, acting_user, app, open_home, reader
from quarterdeck.cli.output import Json, put, put_json, put_table, remark
from quarterdeck.cli.working import working

if TYPE_CHECKING:
    from quarterdeck.decisions.models import Proposal
    from quarterdeck.kinds.roles import Reader

VERDICTS = ("confirm", "decline", "withdraw", "agree", "object")


@app.command()
def candidates(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    accept: Annotated[str, typer.Option(help="Accept the candidate of this key as it stands.")] = "",
    refuse: Annotated[str, typer.Option(help="Refuse the candidate of this key; it is remembered.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is refused.")] = "",
    as_json: Json = False,
) -> None:
    """List what evidence says should be done; accept or refuse it."""
    if accept and refuse:
        raise Misused("a candidate is accepted or refused, not both at once")
    open_home()
    from django.utils import timezone  # noqa: PLC0415 — nothing heavy before a command needs it

    from quarterdeck.office.candidates import deeds, drafts, remembered  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    who = reader()
    with working("candidates") as going:
        seen = remembered.seen(who, answers.answer("candidates", who, progress=going.part).result.candidates)
    by_key = {entry.weighed.candidate.key: entry.weighed for entry in seen}
    for key in filter(None, (accept, refuse)):
        if key not in by_key:
            raise Misused(f"there is no candidate {key!r}")
    if accept:
        made = deeds.accept(who, by_key[accept], drafts.draft(who, by_key[accept], timezone.localdate()))
        missing = list(map(str, by_key[accept].candidate.missing))
        left = f"; still to say: {', '.join(missing)}" if missing else ""
        put({"initiative": made, "missing": missing}, f"accepted as initiative:{made}{left}", as_json=as_json)
    elif refuse:
        deeds.refuse(who, by_key[refuse], reason)
        put({"refused": refuse}, f"refused {refuse}", as_json=as_json)
    else:
        rows = [_candidate(entry.weighed.candidate) for entry in seen if entry.open]
        names = ("key", "source", "title", "person_months", "missing")
        put_table(("key", "source", "what", "person-months", "missing"), rows[:limit], as_json=as_json, names=names)
        if len(rows) > limit:
            remark(f"{limit} of {len(rows)}; --limit shows more")


def _candidate(candidate: Any) -> tuple[str, str, str, str, str]:
    months = " + ".join(f"{w.months.low:.1f}–{w.months.high:.1f}" for w in candidate.efforts) or "cannot tell"
    return candidate.key, candidate.source, _said(candidate.title), months, ", ".join(map(str, candidate.missing))


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
        with working("plan") as going:
            chosen = answers.answer("plan", who, progress=going.part)
        with working("outlook") as going:
            ahead = answers.answer("outlook", who, progress=going.part)
        made = baseline.propose(who, chosen, ahead, currency_of(who), reason)
    else:
        made = proposing.fund(who, key, reason)
    put({"decision": made.key, "state": str(made.state)}, f"{made.key} {made.state}", as_json=as_json)


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
        put({"decision": done.key, "state": str(done.state)}, f"{done.key} {done.state}", as_json=as_json)


def _list(who: "Reader", *, every: bool, as_json: bool) -> None:
    from quarterdeck.decisions import ledger, showing  # noqa: PLC0415

    found = ledger.visible(who).order_by("-pk") if every else [w.proposal for w in ledger.inbox(who)]
    rows = [(one.key, str(one.state), showing.title(one), one.deadline) for one in found]
    put_table(("decision", "state", "what", "until"), rows, as_json=as_json)


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
    columns = ("record", "what becomes of it", "field", "before", "after")
    if as_json:
        brief = {name: getattr(proposal, name) for name in ("key", "sort", "proposer", "deadline", "reason")}
        changes = [dict(zip(("record", "action", "field", "before", "after"), row, strict=True)) for row in rows]
        put_json({**brief, "state": str(proposal.state), "sentence": sentence, "changes": changes})
        return
    print(sentence)
    if proposal.reason:
        print(proposal.reason)
    put_table(columns, rows, as_json=False)
