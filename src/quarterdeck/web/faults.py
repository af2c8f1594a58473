"""Turns refusals into the answers of the web: not allowed, not found, not a sensible question; pages and API alike."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

from quarterdeck.kinds.access import BadQuestion, NotFound
from quarterdeck.kinds.roles import Denied

API = "/api/"
NUL = ("\0", "%00")  # in an address: no name, key or word holds it, and databases choke on it


class Faults:
    """The middleware that does so for every page, and lets nobody but the reader's browser keep what it was sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any(sign in text for sign in NUL for text in (request.path, request.META.get("QUERY_STRING", ""))):
            response = _told(request, HTTPStatus.BAD_REQUEST) or render(request, "404.html", status=400)
        else:
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Denied):
            return render(request, "403.html", {"reason": str(error)}, status=403)
        if isinstance(error, NotFound | Http404):
            return _told(request, HTTPStatus.NOT_FOUND) or render(request, "404.html", status=404)
        if isinstance(error, BadQuestion):
            return render(request, "404.html", {"reason": str(error)}, status=400)
        return None


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be read at all: too large, of no known host, not an address."""
    return _told(request, HTTPStatus.BAD_REQUEST) or defaults.bad_request(request, exception)


def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address."""
    return _told(request, HTTPStatus.NOT_FOUND) or defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Our own fault."""
    return _told(request, HTTPStatus.INTERNAL_SERVER_ERROR) or defaults.server_error(request)


def _told(request: HttpRequest, status: HTTPStatus) -> HttpResponse | None:
    """The API's own form of an answer; None for pages."""
    if not request.path.startswith(API):
        return None
    return JsonResponse({"errors": [{"message": status.phrase}]}, status=status)
