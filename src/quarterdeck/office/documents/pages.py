"""The pages of documents: what was handed out and whether it still stands, and a button that builds anew."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quarterdeck.estate.exchange import NoRate
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.kinds.users import reader_of
from quarterdeck.office import words
from quarterdeck.office.documents import building, editions
from quarterdeck.office.documents.editions import Edition
from quarterdeck.office.documents.verdicts import Verdict, verdict
from quarterdeck.office.plan.frame import NotReady
from quarterdeck.runs import jobs
from quarterdeck.runs.analysis import ANALYSES
from quarterdeck.runs.models import Job

NATIVE = {"en": "English", "zh": "中文"}
SHOWN = 20  # editions on the page


def _reader(request: HttpRequest) -> Reader:
    reader = reader_of(request.user)
    if not reader.may(editions.RIGHT):
        raise Denied("see", "documents")
    return reader


@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    """The editions, the newest first, each with its verdicts."""
    reader = _reader(request)
    found = editions.visible(reader)
    checked = request.GET.get("check", "")
    rows = [_row(edition, verdict(edition, thorough=edition.key == checked)) for edition in found[:SHOWN]]
    context = {
        "head": {
            "eyebrow": _("Documents"),
            "sentence": _sentence(rows),
            "lede": _("Every figure in a document carries the number of the answer it comes from."),
        },
        "rows": rows,
        "more": max(0, len(found) - SHOWN),
        "damaged": editions.damaged(),
        "work": _work(request, reader),
        "languages": NATIVE.items(),
        "formats": building.FORMATS.values(),
    }
    return render(request, "office/documents.html", context)


def _sentence(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return _("No board pack was built yet.")
    altered = sum(bool(row["altered"]) for row in rows)
    if altered:
        return ngettext("%(count)d edition was altered.", "%(count)d editions were altered.", altered) % {
            "count": altered
        }
    if rows[0]["moved"]:
        return _("Evidence has moved since the newest board pack.")
    return _("The newest board pack says what today’s evidence says.")


def _row(edition: Edition, found: Verdict) -> dict[str, Any]:
    own = "zh" if words.chinese() else "en"
    sentence = next(
        (one.sentence for one in edition.said if one.language == own),
        edition.said[0].sentence if edition.said else edition.key,
    )
    files = [
        {
            "title": NATIVE.get(language, language),
            "language": language,
            "files": [_file(edition, file) for file in edition.files if file.language == language],
        }
        for language in dict.fromkeys(file.language for file in edition.files)
    ]
    return {
        "key": edition.key,
        "sentence": sentence,
        "made": date_format(localtime(edition.made), "DATETIME_FORMAT"),
        "languages": files,
        "answers": [
            {"name": f"{_title(rest.analysis)} #{rest.number}", "url": reverse("path", kwargs={"number": rest.number})}
            for rest in edition.rests
        ],
        "moved": _(", ").join(found.moved),
        "altered": _("; ").join(found.altered),
        "thorough": found.thorough,
    }


def _title(analysis: str) -> str:
    return str(ANALYSES[analysis].title) if analysis in ANALYSES else analysis


def _file(edition: Edition, file: editions.KeptFile) -> dict[str, str]:
    known = building.FORMATS.get(file.format)
    return {
        "title": known.title if known else file.format,
        "url": reverse("document-file", kwargs={"key": edition.key, "name": file.name}),
    }


def _work(request: HttpRequest, reader: Reader) -> dict[str, Any] | None:
    """The job that the page was opened with, while it is not done."""
    number = request.GET.get("job", "")
    job = (
        Job.objects.filter(pk=int(number), owner=reader.name, task="document").first()
        if number.isdecimal() and len(number) < 12
        else None
    )
    if job is None or job.state == "done":
        return None
    ended = job.state in ("failed", "cancelled")
    return {
        "key": job.pk,
        "title": _("Board pack"),
        "percent": round(job.progress * 100) if job.progress else None,
        "failed": (job.message or _("Cancelled.")) if ended else "",
        "poll_url": "" if ended else reverse("job", kwargs={"number": job.pk}),
        "cancel_url": "" if ended else reverse("job-cancel", kwargs={"number": job.pk}),
    }


@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """Build a board pack: in the background where somebody works there, else at once."""
    reader = _reader(request)
    try:
        languages = building.chosen(request.POST.getlist("language"), building.LANGUAGES)
        formats = building.chosen(request.POST.getlist("format"), building.FORMATS)
    except KeyError:
        messages.error(request, _("There is no such language or format."))
        return redirect("documents")
    if jobs.someone_works():
        job = jobs.submit(
            "document", reader.name, user=request.user.get_username(), languages=list(languages), formats=list(formats)
        )
        return redirect(f"{reverse('documents')}?job={job.pk}")
    try:
        building.build(reader, languages, formats)
    except (NotReady, NoRate) as error:
        messages.error(request, str(error))
    return redirect("documents")


@require_GET
def file(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """One file of an edition, to be saved."""
    reader = _reader(request)
    edition = editions.one(key)
    editions.permit(edition, reader)
    kept, content = editions.content(edition, name)
    known = building.FORMATS.get(kept.format)
    response = HttpResponse(content, content_type=known.content_type if known else "application/octet-stream")
    header = content_disposition_header(as_attachment=True, filename=f"{edition.key}.{kept.name}")
    response["Content-Disposition"] = header or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
