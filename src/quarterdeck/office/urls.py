"""Addresses of the office's pages."""

from django.urls import include, path

from quarterdeck.office import desk, evidence, evidence_rows, paths, records, waiting
from quarterdeck.office.plan import deeds, pages

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("plan", pages.plan, name="plan"),
    path("plan/propose", deeds.propose, name="plan-propose"),
    path("what-if", pages.what_if, name="what-if"),
    path("drift", deeds.drift, name="drift"),
    path("evidence", evidence.index, name="evidence"),
    path("evidence/suggestions", evidence.settle, name="suggestions-settle"),
    path("evidence/suggested", evidence.suggested, name="suggestions-all"),
    path("evidence/source/<int:number>", evidence.source, name="evidence-source"),
    path("evidence/table/<str:table>", evidence_rows.table, name="evidence-table"),
    path("path/<int:number>", paths.path, name="path"),
    path("path/<int:number>/records/<int:place>", records.records, name="path-records"),
    path("job/<int:number>", waiting.job, name="job"),
    path("job/<int:number>/cancel", waiting.cancel, name="job-cancel"),
    path("decisions", include("quarterdeck.decisions.urls")),
    path("", include("quarterdeck.office.candidates.urls")),
    path("", include("quarterdeck.office.documents.urls")),
]
