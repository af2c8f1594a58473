"""Answers that take longer than a page should wait: a worker computes them, the page shows how far it is."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.models import User
from quarterdeck.kinds.roles import Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.runs import answers, jobs
from quarterdeck.runs.analysis import ANALYSES
from quarterdeck.runs.models import Job


@dataclass(frozen=True)
class Pending(Exception):
    """An answer that is being computed; the page shows its job."""

    job: Job
    title: str


@jobs.task("answer")
def compute(arguments: dict[str, Any], step: jobs.Step) -> object:
    """The background task: compute an answer for a user, so that the next look finds it."""
    user = User.objects.get(username=arguments["user"], is_active=True)
    found = answers.answer(arguments["analysis"], reader_of(user), arguments["parameters"], progress=step)
    return {"answer": found.id}


def answer(request: HttpRequest, name: str, parameters: dict[str, str] | None = None) -> answers.Answered:
    """The answer, at once where it is known or nobody works in the background. Raises Pending, Denied."""
    reader: Reader = reader_of(request.user)
    found = answers.cached(name, reader, parameters)
    if found:
        return found
    if not jobs.someone_works():
        return answers.answer(name, reader, parameters)
    job = jobs.submit(
        "answer", reader.name, user=request.user.get_username(), analysis=name, parameters=parameters or {}
    )
    raise Pending(job, str(ANALYSES[name].title))


def page(request: HttpRequest, pending: Pending) -> HttpResponse:
    """The page that waits: it asks again, and shows the answer as soon as it is there."""
    head = {
        "eyebrow": pending.title,
        "sentence": _("Computing …"),
        "lede": _("This page opens by itself when the answer is there."),
    }
    return render(request, "office/waiting.html", {"head": head, "work": _work(pending.job, pending.title)}, status=202)


def _work(job: Job, title: str) -> dict[str, Any]:
    return {
        "key": job.pk,
        "title": title,
        "percent": round(job.progress * 100) if job.progress else None,
        "poll_url": reverse("job", kwargs={"number": job.pk}),
        "cancel_url": reverse("job-cancel", kwargs={"number": job.pk}),
        "failed": job.message if job.state == "failed" else "",
    }


def _own(request: HttpRequest, number: int) -> Job:
    job = Job.objects.filter(pk=number, owner=reader_of(request.user).name).first()
    if job is None:
        raise NotFound(f"job:{number}")
    return job


@require_GET
def job(request: HttpRequest, number: int) -> HttpResponse:
    """How far a job is; once it is done the page is loaded anew."""
    found = _own(request, number)
    if found.state == "done":
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    work = _work(found, str(ANALYSES[_analysis(found)].title) if _analysis(found) else found.task)
    if found.state in ("failed", "cancelled"):
        work |= {"poll_url": "", "cancel_url": "", "failed": found.message or _("Cancelled.")}
    return render(request, "partials/progress.html", {"work": work})


def _analysis(found: Job) -> str:
    return str(json.loads(found.arguments).get("analysis", ""))


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Stop a job."""
    found = _own(request, number)
    jobs.cancel(found.pk)
    found.refresh_from_db()
    return render(
        request,
        "partials/progress.html",
        {"work": {**_work(found, found.task), "cancel_url": "", "note": _("It stops at its next step.")}},
    )
