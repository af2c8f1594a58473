"""Addresses of every kind's pages; a key stands last in its address, so that no key can be taken for a page."""

from django.urls import path

from quarterdeck.kinds import editing, views

app_name = "kinds"
urlpatterns = [
    path("", views.index, name="index"),
    path("workbook.xlsx", views.workbook, name="workbook"),
    path("<str:kind>/", views.listing, name="list"),
    path("<str:kind>/new", editing.edit, name="new"),
    path("<str:kind>/import", editing.bring, name="import"),
    path("<str:kind>/export", views.export, name="export"),
    path("<str:kind>/edit/<path:key>", editing.edit, name="edit"),
    path("<str:kind>/delete/<path:key>", editing.delete, name="delete"),
    path("<str:kind>/grid/<str:child>/<path:key>", editing.grid, name="grid"),
    path("<str:kind>/record/<path:key>", views.record, name="record"),
]
