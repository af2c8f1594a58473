"""Addresses of every kind's pages."""

from django.urls import path

from quarterdeck.kinds import views

app_name = "kinds"
urlpatterns = [
    path("", views.index, name="index"),
    path("workbook.xlsx", views.workbook, name="workbook"),
    path("<str:kind>/", views.listing, name="list"),
    path("<str:kind>/new", views.edit, name="new"),
    path("<str:kind>/import", views.bring, name="import"),
    path("<str:kind>/export", views.export, name="export"),
    path("<str:kind>/record/<path:key>/edit", views.edit, name="edit"),
    path("<str:kind>/record/<path:key>/delete", views.delete, name="delete"),
    path("<str:kind>/record/<path:key>/grid/<str:child>", views.grid, name="grid"),
    path("<str:kind>/record/<path:key>", views.record, name="record"),
]
