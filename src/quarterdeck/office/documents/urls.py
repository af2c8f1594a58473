"""Addresses of the documents' pages."""

from django.urls import path

from quarterdeck.office.documents import pages

urlpatterns = [
    path("documents", pages.documents, name="documents"),
    path("documents/build", pages.build, name="document-build"),
    path("documents/<slug:key>/<str:name>", pages.file, name="document-file"),
]
