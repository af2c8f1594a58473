"""Addresses for the tests of decisions: its pages and API beside the kernel's, without chapters and office."""

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from quarterdeck.decisions.routes import router
from quarterdeck.kinds import api, views

API = api.build("Decisions", "1")
API.urls_namespace = "decisions-under-test"
API.add_router("/decisions", router)

urlpatterns = [
    path("sign-in", LoginView.as_view(template_name="sign_in.html"), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign_out"),
    path("language", set_language, name="set_language"),
    path("search", views.search, name="search"),
    path("evidence", lambda request: HttpResponse(), name="evidence"),
    path("api/", API.urls),
    path("records/", include("quarterdeck.kinds.urls")),
    path("decisions", include("quarterdeck.decisions.urls")),
]
