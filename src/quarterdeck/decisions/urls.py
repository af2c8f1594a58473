"""Addresses of decisions, to be included at `decisions` (without a slash, so that the list stands there itself)."""

from django.urls import include, path

from quarterdeck.decisions import views

urlpatterns = [
    path("", views.listing, name="decisions"),
    path(
        "/",
        include(
            [
                path("fund/<path:initiative>", views.fund, name="fund"),
                path("<str:key>", views.detail, name="decision"),
                path("<str:key>/<str:act>", views.act, name="decision-act"),
            ]
        ),
    ),
]
