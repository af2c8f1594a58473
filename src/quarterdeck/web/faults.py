"""Turns the kernel's refusals into the answers of the web: not allowed, not found, not a sensible question."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.kinds.access import BadQuestion, NotFound
from quarterdeck.kinds.roles import Denied


class Faults:
    """The middleware that does so for every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Denied):
            return render(request, "403.html", {"reason": str(error)}, status=403)
        if isinstance(error, NotFound | Http404):
            return render(request, "404.html", status=404)
        if isinstance(error, BadQuestion):
            return render(request, "404.html", {"reason": str(error)}, status=400)
        return None
