"""Addresses of the product."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from quarterdeck import __version__
from quarterdeck.kinds import api, views
from quarterdeck.office.routes import add_routes

API = api.build("Quarterdeck", __version__)
add_routes(API)

handler400 = "quarterdeck.web.faults.not_understood"
handler404 = "quarterdeck.web.faults.nothing_here"
handler500 = "quarterdeck.web.faults.failed"

urlpatterns = [
    path("sign-in", LoginView.as_view(template_name="sign_in.html", redirect_authenticated_user=True), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign_out"),
    path("language", set_language, name="set_language"),
    path("search", views.search, name="search"),
    path("api/", API.urls),
    path("records/", include("quarterdeck.kinds.urls")),
    path("", include("quarterdeck.office.urls")),
]
