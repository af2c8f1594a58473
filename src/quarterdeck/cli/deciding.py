"""Commands of decisions: candidates, plan, what-if, propose, decide, drift."""

from typing import Annotated, Any

import typer

from quarterdeck.cli.app import Misused, acting_user, app, open_home, reader
from quarterdeck.cli.output import Json, put, put_json, put_table

VERDICTS = ("confirm", "decline", "withdraw")


def _plain(value: Any) -> Any:
    """A view's frozen dataclass as JSON-ready values, its pictures as tables."""
    from dataclasses import fields, is_dataclass  # noqa: PLC0415

    from quarterdeck.charts.chart import Chart, Drawing  # noqa: PLC0415

    if isinstance(value, Chart | Drawing):
        return {"caption": value.caption, "columns": list(value.columns), "rows": [list(row) for row in value.rows]}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value


@app.command()
def candidates(
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    accept: Annotated[str, typer.Option(help="Accept the candidate of this key as it stands.")] = "",
    refuse: Annotated[str, typer.Option(help="Refuse the candidate of this key; it is remembered.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is refused.")] = "",
    as_json: Json = False,
) -> None:
    """Initiatives born from evidence: list them, accept or refuse one."""
    open_home()
    from django.utils import timezone  # noqa: PLC0415

    from quarterdeck.office.candidates import deeds, drafts, remembered  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    who = reader()
    seen = remembered.seen(who, answers.answer("candidates", who).result.candidates)
    by_key = {entry.weighed.candidate.key: entry.weighed for entry in seen}
    for key in filter(None, (accept, refuse)):
        if key not in by_key:
            raise Misused(f"there is no candidate {key!r}")
    if accept:
        made = deeds.accept(who, by_key[accept], drafts.draft(who, by_key[accept], timezone.localdate()))
        put({"initiative": made}, f"accepted as initiative:{made}", as_json=as_json)
    elif refuse:
        deeds.refuse(who, by_key[refuse], reason)
        put({"refused": refuse}, f"refused {refuse}", as_json=as_json)
    else:
        rows = [_candidate(entry.weighed.candidate) for entry in seen if entry.open][:limit]
        put_table(("key", "source", "what", "person-months", "missing"), rows, as_json=as_json)


def _candidate(candidate: Any) -> tuple[str, str, str, str, str]:
    months = " + ".join(f"{w.months.low:.1f}–{w.months.high:.1f}" for w in candidate.efforts) or "cannot tell"
    return candidate.key, candidate.source, candidate.title.en, months, ", ".join(map(str, candidate.missing))


@app.command()
def plan(as_json: Json = False) -> None:
    """Which initiatives to fund, when, with whom, and how likely each goal is."""
    open_home()
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.office.plan.view import view  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    who = reader()
    chosen, ahead = answers.answer("plan", who), answers.answer("outlook", who)
    shown = view(chosen, ahead, who, currency_of(who))
    if as_json:
        put_json({"answer": chosen.name, "outlook": ahead.name, **_plain(shown)})
        return
    print(f"{shown.sentence}\n{shown.lede}\n{shown.proof}\n")
    put_table(("initiative", "start", "finish as planned", "80 % date", "chance of it"), shown.starts, as_json=False)
    for title, lines in (("What binds", shown.binds), ("Left out", shown.left)):
        print(f"\n{title}")
        for line in lines:
            print(f"  {line.title}: {'; '.join(line.effects)}")
    print()
    put_table(("key result", "chance", "due"), [(g.title, g.chance, g.due) for g in shown.goals], as_json=False)


@app.command("what-if")
def what_if(
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="CHANGE…", help="Like lose-person:KEY cut-budget::0.2")
    ] = None,
    keep_plan: Annotated[
        bool, typer.Option("--keep-plan", help="Keep the plan as it is; else it is chosen anew.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What changes would do to dates, goals, money, loss and capacity."""
    open_home()
    from quarterdeck.office.plan import changes as typed  # noqa: PLC0415
    from quarterdeck.office.plan import whatif  # noqa: PLC0415
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    text = " ".join(changes or [])
    typed.read(text)
    who = reader()
    before = answers.answer("outlook", who, {"frontier": "no"})
    asked = {"changes": text, "replan": "no" if keep_plan else "yes", "frontier": "no"}
    seen = whatif.compare(before, answers.answer("outlook", who, asked), who, currency_of(who))
    if as_json:
        put_json(_plain(seen))
        return
    print(f"{seen.sentence} {seen.lede}\n")
    rows = [(line.title, line.before, line.after, line.difference, line.interval) for line in seen.lines]
    put_table(("what", "before", "after", "difference", "90 % interval"), rows, as_json=False)


@app.command()
def propose(
    what: Annotated[str, typer.Argument(help="plan, or initiative:KEY.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: Json = False,
) -> None:
    """Propose the plan, or the funding of an initiative, for another person to confirm."""
    open_home()
    from quarterdeck.decisions import proposing  # noqa: PLC0415
    from quarterdeck.office.plan import baseline  # noqa: PLC0415
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    acting_user()
    who = reader()
    if what == "plan":
        made = baseline.propose(
            who, answers.answer("plan", who), answers.answer("outlook", who), currency_of(who), reason
        )
    elif what.startswith("initiative:"):
        made = proposing.fund(who, what.partition(":")[2], reason)
    else:
        raise Misused(f"propose plan, or initiative:KEY, not {what!r}")
    put({"decision": made.key, "state": str(made.state)}, f"{made.key} {made.state}", as_json=as_json)


@app.command()
def decide(
    key: Annotated[str, typer.Argument(help="Like D-1; empty lists what waits for you.")] = "",
    verdict: Annotated[str, typer.Argument(help="confirm, decline or withdraw.")] = "",
    comment: Annotated[str, typer.Option(help="What to say with it.")] = "",
    as_json: Json = False,
) -> None:
    """Confirm, decline or withdraw a decision; without words, what waits for you."""
    open_home()
    from quarterdeck.decisions import deciding, ledger, showing  # noqa: PLC0415

    acting_user()
    who = reader()
    if not key:
        rows = [(w.proposal.key, showing.title(w.proposal), w.deadline) for w in ledger.inbox(who)]
        put_table(("decision", "what", "until"), rows, as_json=as_json)
        return
    if verdict not in VERDICTS:
        raise Misused(f"a decision is one of: {', '.join(VERDICTS)}")
    done = getattr(deciding, verdict)(who, key, comment)
    put({"decision": done.key, "state": str(done.state)}, f"{done.key} {done.state}", as_json=as_json)


@app.command()
def drift(as_json: Json = False) -> None:
    """Where reality departs from the approved plan, and why."""
    open_home()
    from quarterdeck.office.plan import baseline as baselines  # noqa: PLC0415
    from quarterdeck.office.plan import drift as drifts  # noqa: PLC0415
    from quarterdeck.office.plan.ground import NotReady  # noqa: PLC0415
    from quarterdeck.office.plan.pages import currency_of  # noqa: PLC0415
    from quarterdeck.runs import answers  # noqa: PLC0415

    who, base = reader(), baselines.baseline()
    if base is None:
        raise NotReady("no plan has been approved yet: propose one, and have it confirmed")
    found = answers.answer("drift", who, {"baseline": str(base.plan.id)})
    shown = drifts.view(found, base, who, currency_of(who))
    if as_json:
        put_json({"baseline": base.key, "answer": found.name, **_plain(shown)})
        return
    print(f"{shown.sentence} {shown.lede}")
    for title, lines in (("Key results", shown.goals), ("Initiatives", shown.finishes), ("Causes", shown.causes)):
        print(f"\n{title}")
        for line in lines:
            print(f"  {line.title}: {'; '.join(line.effects)}")
