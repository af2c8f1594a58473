"""The pages of decisions: what waits, one decision, and the proposal to fund an initiative."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quarterdeck.decisions import deciding, differences, ledger, proposing, showing, telling
from quarterdeck.decisions.actors import Actor, looker
from quarterdeck.decisions.models import Part, Proposal, State, Step
from quarterdeck.decisions.policy import POLICIES
from quarterdeck.decisions.sight import sight
from quarterdeck.decisions.sorts import FUNDED
from quarterdeck.kinds import show
from quarterdeck.kinds.access import Access, NotFound
from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.roles import ROLES, Denied, Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.kinds.write import Refused

PAGE = 50


def _reader(request: HttpRequest) -> Reader:
    return reader_of(request.user)


def badge(request: HttpRequest) -> int | None:
    """How many decisions wait for whoever asks; None for none: the number in the navigation."""
    return ledger.waiting_count(_reader(request)) or None


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, what they proposed, what else is open, what was decided."""
    reader = _reader(request)
    who, names = looker(reader), showing.Names(reader)
    waiting = ledger.inbox(reader)
    seen = ledger.visible(reader).prefetch_related("steps")
    still = list(seen.filter(state__in=("draft", "proposed")).order_by("deadline", "pk")[:500])
    mine = [p for p in still if who.proposed(p)]
    known = {p.pk for p in mine} | {w.proposal.pk for w in waiting}
    page = Paginator(seen.exclude(closed=None).order_by("-closed", "-pk"), PAGE).get_page(request.GET.get("page"))
    head = {"sentence": showing.waiting_sentence(len(waiting), sum(w.late for w in waiting))}
    context = {
        "head": head,
        "groups": [
            _group(
                _("Waits for you"), [w.proposal for w in waiting], names, [showing.asked_for(w.part) for w in waiting]
            ),
            _group(_("Proposed by you"), mine, names),
            _group(_("Open elsewhere"), [p for p in still if p.pk not in known], names),
        ],
        "decided": _group(pgettext("decision", "Decided"), list(page.object_list), names),
        "page_obj": page,
        "empty": {
            "title": _("Nothing has been decided yet that you may see."),
            "collect": _("Propose a plan from its page, or an initiative from its record; others then confirm it."),
            "shows": _("Who was asked, what was said and what it changed stay here for good."),
        },
    }
    return render(request, "decisions/list.html", context)


def _group(
    title: str, proposals: list[Proposal], names: showing.Names, parts: list[str] | None = None
) -> dict[str, Any]:
    """One table of proposals; parts: what the reader is asked for, where that is a column."""
    titles = (
        pgettext("decision", "Decision"),
        pgettext("decision", "Sort"),
        pgettext("decision", "Proposed by"),
        pgettext("decision", "State"),
        pgettext("decision", "Day"),
    )
    columns = [{"title": title} for title in titles]
    rows = []
    for place, proposal in enumerate(proposals):
        state = parts[place] if parts else proposal.get_state_display()
        late = proposal.late(timezone.localdate())
        cells = [
            {"text": showing.title(proposal), "note": proposal.key, "long": True},
            {"text": showing.sort_title(proposal)},
            {"text": names.person(proposal.proposer, proposal.proposer_person)},
            {"text": state},
            {"text": showing.day(proposal.closed or proposal.deadline) or None, "state": "bad" if late else None,
             "note": pgettext("decision", "past its day") if late else None},
        ]  # fmt: skip
        rows.append({"url": reverse("decision", args=[proposal.key]), "cells": cells})
    return {"title": title, "table": {"columns": columns, "rows": rows, "label": title}, "count": len(rows)}


@require_GET
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """One decision: what it changes, what it rests on, who was asked, what was said, and what the reader may do."""
    reader = _reader(request)
    proposal = ledger.find(reader, key)
    who, names, steps = looker(reader), showing.Names(reader), list(proposal.steps.all())
    entries, turns = differences.entries(proposal.changes), list(proposal.turns.all())
    moves = differences.moved(entries) if proposal.open else [m for t in turns for m in differences.moves(t.moved)]
    seen = sight(reader, [*entries, *showing.keyed(moves)])
    context = {
        "proposal": proposal,
        "head": _head(proposal, steps, names),
        "tables": showing.tables(entries, seen, names),
        "moved": showing.moved(moves, seen, names),
        "rests": telling.told(showing.rests(proposal.rests, reader), entries, reader),
        "steps": showing.steps_table(proposal, steps, names),
        "turns": [{"who": names.person(t.user, t.person), "turn": t, "state": t.get_after_display()} for t in turns],
        "comments": [{"who": names.person(c.user, c.person), "comment": c} for c in proposal.comments.all()],
        "buttons": _buttons(who, proposal, steps),
        "roles": _askable(who, proposal, steps),
        "commit": proposal.commit if reader.may("history") else None,
    }
    return render(request, "decisions/detail.html", context)


def _head(proposal: Proposal, steps: list[Step], names: showing.Names) -> dict[str, Any]:
    eyebrow = f"{proposal.key} · {showing.sort_title(proposal)}"
    proposer = names.person(proposal.proposer, proposal.proposer_person)
    lede = _("Proposed by %(who)s.") % {"who": proposer}
    if proposal.reason:
        lede = f"{lede} {proposal.reason}"
    return {"eyebrow": eyebrow, "sentence": showing.sentence(proposal, steps, names), "lede": lede}


def _buttons(who: Actor, proposal: Proposal, steps: list[Step]) -> list[dict[str, Any]]:
    """What the reader may do now, the likeliest first."""
    found = []
    own = who.proposed(proposal)
    part = ledger.wanted(who, steps) if proposal.state == State.PROPOSED and not own else None
    if part == Part.CONFIRMER:
        found.append(("confirm", _("Confirm and carry out"), "first"))
        found.append(("decline", pgettext("decision", "Decline"), "grave"))
    if part is not None and any(s.part == Part.CONSULTED and not s.verdict and who.asked(s) for s in steps):
        found.append(("agree", pgettext("decision", "Agree"), "" if found else "first"))
        found.append(("object", pgettext("decision", "Object"), ""))
    if own and proposal.state == State.DRAFT:
        found.append(("submit", pgettext("decision", "Put forward"), "first"))
    if own and proposal.open:
        found.append(("withdraw", pgettext("decision", "Withdraw"), "grave"))
    found.append(("comment", pgettext("decision", "Comment"), "" if found else "first"))
    return [{"url": reverse("decision-act", args=[proposal.key, act]), "title": t, "style": s} for act, t, s in found]


def _askable(who: Actor, proposal: Proposal, steps: list[Step]) -> list[dict[str, str]]:
    """The roles that the reader may ask for their opinion; none where they may ask nobody."""
    asks = who.proposed(proposal) or any(s.part == Part.CONFIRMER and who.asked(s) for s in steps)
    if not asks or proposal.state != State.PROPOSED:
        return []
    return [{"name": name, "title": _(role.title)} for name, role in ROLES.items()]


_Act = Callable[[Reader, str, HttpRequest], object]


def _words(request: HttpRequest) -> str:
    return request.POST.get("comment", "")


ACTS: dict[str, tuple[_Act, Any]] = {
    "confirm": (lambda r, k, q: deciding.confirm(r, k, _words(q)), pgettext_lazy("decision", "Confirmed.")),
    "decline": (lambda r, k, q: deciding.decline(r, k, _words(q)), pgettext_lazy("decision", "Declined.")),
    "withdraw": (lambda r, k, q: deciding.withdraw(r, k, _words(q)), pgettext_lazy("decision", "Withdrawn.")),
    "submit": (lambda r, k, q: proposing.submit(r, k), pgettext_lazy("decision", "Put forward.")),
    "agree": (lambda r, k, q: deciding.advise(r, k, True, _words(q)), pgettext_lazy("decision", "Said.")),
    "object": (lambda r, k, q: deciding.advise(r, k, False, _words(q)), pgettext_lazy("decision", "Said.")),
    "comment": (lambda r, k, q: deciding.remark(r, k, _words(q)), pgettext_lazy("decision", "Said.")),
    "consult": (
        lambda r, k, q: deciding.consult(
            r,
            k,
            role=q.POST.get("role", ""),
            person=q.POST.get("person", "").strip(),
            question=q.POST.get("question", ""),
        ),
        pgettext_lazy("decision", "Asked."),
    ),
}


@require_POST
def act(request: HttpRequest, key: str, act: str) -> HttpResponseRedirect:
    """Do something to a decision and go back to its page, with what came of it."""
    if act not in ACTS:
        raise NotFound(act)
    function, done = ACTS[act]
    try:
        found = function(_reader(request), key, request)
    except Refused as refused:
        messages.error(request, "; ".join(trouble.message for trouble in refused.troubles[:3]))
    except ledger.Closed as closed:
        messages.error(request, str(closed))
    else:
        if isinstance(found, Proposal) and found.state == State.OVERTAKEN:
            messages.warning(request, _("Overtaken: records moved underneath, and nothing was written."))
        else:
            messages.success(request, str(done))
    return redirect("decision", key=key)


class FundForm(forms.Form):
    """Why an initiative should be funded, and the answers that say so."""

    reason = forms.CharField(
        label=pgettext_lazy("decision", "Reason"),
        max_length=ledger.LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    answer = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    def clean_answer(self) -> list[int]:
        """Ids of answers, written with commas between."""
        return _numbers(self.cleaned_data["answer"])

    def resting(self) -> list[int]:
        """The answers that it names as it stands; none where that is no list of answers."""
        try:
            return _numbers(self["answer"].value() or "")
        except forms.ValidationError:
            return []


def _numbers(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.isdigit() and len(word) < 19 for word in words):
        raise forms.ValidationError(_("is not a list of answers"))
    return [int(word) for word in words]


@require_http_methods(["GET", "POST"])
def fund(request: HttpRequest, initiative: str) -> HttpResponse:
    """Propose that an initiative be funded: what that changes, who will be asked and until when."""
    reader, policy = _reader(request), POLICIES[FUNDED]
    if not policy.proposes(reader) or not reader.writes("initiative"):
        raise Denied("propose", FUNDED)
    kind, row = KINDS["initiative"], Access(reader).select("initiative").one(initiative)
    named = request.GET.getlist("answer") or map(str, telling.backing(reader, FUNDED))
    form = FundForm(request.POST if request.method == "POST" else None, initial={"answer": ",".join(named)})
    context: dict[str, Any] = {"form": form, "back": show.url("record", kind, row.key)}
    try:
        entries, _mark = proposing.taken(reader, policy, proposing.funding(row))
        names = showing.Names(reader)
        context["tables"] = showing.tables(entries, sight(reader, entries), names)
        if request.method == "POST" and form.is_valid():
            proposal = proposing.fund(reader, row.key, form.cleaned_data["reason"], form.cleaned_data["answer"])
            messages.success(request, _("%(key)s is proposed.") % {"key": proposal.key})
            return redirect("decision", key=proposal.key)
        context["rests"] = telling.told(showing.rests(form.resting(), reader), entries, reader)
        stages = [names.roles(sorted(roles)) for roles in policy.stages(reader)]
        context["asked"] = {"confirm": stages, "consult": [names.roles([r]) for r in sorted(policy.consulted)]}
        context["until"] = showing.day(proposing.due(reader, policy))
    except Refused as refused:
        context["troubles"] = [trouble.message for trouble in refused.troubles]
    called = show.name(kind, row) or row.key
    context["head"] = {
        "eyebrow": f"{show.capital(kind.title)} {row.key}",
        "sentence": _("Propose to fund “%(initiative)s”.") % {"initiative": called},
    }
    status = 422 if form.errors or context.get("troubles") else 200
    return render(request, "decisions/fund.html", context, status=status)
