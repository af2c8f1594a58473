"""Every page needs someone signed in, but for the sign-in itself; the API has doors of its own."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

OPEN = ("/sign-in", "/language", "/static/")


class Doors(LoginRequiredMiddleware):
    """The middleware that asks for it."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if request.path.startswith("/api/") or request.path.startswith(OPEN):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
