"""Addresses of the candidates' pages."""

from django.urls import path

from quarterdeck.office.candidates import pages

urlpatterns = [
    path("candidates", pages.listing, name="candidates"),
    path("candidates/merge", pages.merge, name="candidate-merge"),
    path("candidates/one/<path:key>", pages.one, name="candidate"),
    path("candidates/path/<path:key>", pages.path, name="candidate-path"),
    path("candidates/accept/<path:key>", pages.accept, name="candidate-accept"),
    path("candidates/refuse/<path:key>", pages.refuse, name="candidate-refuse"),
    path("candidates/reopen/<path:key>", pages.reopen, name="candidate-reopen"),
]
