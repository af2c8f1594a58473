"""The REST API of every kind, typed from its declaration: reads through the one door out, writes through the one door in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Body, NinjaAPI, Query, Router, Schema, Status
from ninja.errors import ValidationError as BadRequest
from ninja.security import HttpBearer, SessionAuth
from pydantic import Field, create_model

from quarterdeck.kinds import canonical, users
from quarterdeck.kinds.access import Access, BadQuestion, NotFound, Row
from quarterdeck.kinds.declare import Attribute, Kind, Sort, in_order
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.write import Change, Refused, write

_TYPES: dict[Sort, Any] = {
    Sort.WHOLE: int,
    Sort.NUMBER: float,
    Sort.YES_NO: bool,
}


class Problem(Schema):
    """What is wrong with one value."""

    key: str = ""
    field: str = ""
    message: str


class Problems(Schema):
    """All that is wrong with a request."""

    errors: list[Problem]


class ByToken(HttpBearer):
    """A token in the Authorization header."""

    def authenticate(self, request: HttpRequest, token: str) -> Reader | None:
        found = users.reader_of_token(token)
        return found[1] if found else None


class BySession(SessionAuth):
    """The browser's own session; unsafe methods need the form token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Reader | None:
        user = request.user
        return users.reader_of(user) if user.is_authenticated and user.is_active else None  # type: ignore[arg-type]


def build(title: str, version: str) -> NinjaAPI:
    """The API of all kinds; chapters and the office add their own routers to it."""
    api = NinjaAPI(title=title, version=version, auth=[ByToken(), BySession()], urls_namespace="api", docs_url=None)
    for kind in in_order():
        api.add_router(f"/{kind.name}", _router(kind), tags=[kind.name])

    def failed(status: int) -> Any:
        def handler(request: HttpRequest, error: Exception) -> HttpResponse:
            return api.create_response(
                request, {"errors": [{"message": str(error) or type(error).__name__}]}, status=status
            )

        return handler

    api.exception_handler(Denied)(failed(403))
    api.exception_handler(NotFound)(failed(404))
    api.exception_handler(BadQuestion)(failed(422))

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        errors = [{"key": t.key, "field": t.field, "message": t.message} for t in error.troubles]
        return api.create_response(request, {"errors": errors}, status=422)

    @api.exception_handler(BadRequest)
    def bad(request: HttpRequest, error: BadRequest) -> HttpResponse:
        errors = [{"field": ".".join(map(str, e.get("loc", ()))), "message": e.get("msg", "")} for e in error.errors]
        return api.create_response(request, {"errors": errors}, status=422)

    return api


def _field(attribute: Attribute) -> Any:
    kind_of_value = _TYPES.get(attribute.sort, str)
    return (kind_of_value | None, Field(None, description=attribute.help or attribute.label))


def _schema(kind: Kind) -> type[Schema]:
    """Every field optional: absent keeps, null clears; private fields are left out for readers without clearance."""
    fields: dict[str, Any] = {name: _field(attribute) for name, attribute in kind.attributes.items()}
    return create_model("".join(part.title() for part in kind.name.split("-")), __base__=Schema, **fields)


def value(row: Row) -> dict[str, Any]:
    """A row as the API says it: decimals as text, so that no digit is lost; links as keys."""
    return {name: canonical.plain(found) for name, found in row.values.items()}


def _router(kind: Kind) -> Router:
    router, schema = Router(), _schema(kind)
    pages = create_model(
        f"{schema.__name__}Page",
        __base__=Schema,
        items=(list[schema], ...),
        next=(str | None, None),
        count=(int, ...),
        more=(bool, ...),  # type: ignore[valid-type]
    )
    refusals: dict[Any, Any] = {403: Problems, 404: Problems, 422: Problems}

    def save(reader: Reader, key: str, payload: Schema, *, new: bool) -> dict[str, Any]:
        change = Change(kind.name, key, payload.dict(exclude_unset=True), new=new)
        done = write(Authority(reader), [change], "api")
        return value(Access(reader).select(kind.name).one(done.keys[0]))

    @router.get(
        "",
        response={200: pages, **refusals},
        operation_id=f"list_{kind.name}",
        description=kind.description,
        exclude_unset=True,
    )
    def index(
        request: HttpRequest,
        q: str = Query("", max_length=200),
        after: str = Query("", max_length=200),
        order: str = Query("key", max_length=60),
        size: int = Query(50, ge=1, le=500),
    ) -> Any:
        found = Access(request.auth).select(kind.name).matching(q).ordered(order).page(after, size)  # type: ignore[attr-defined]
        return {
            "items": [value(row) for row in found.rows],
            "next": found.next,
            "count": found.count,
            "more": found.more,
        }

    @router.get("/{path:key}", response={200: schema, **refusals}, operation_id=f"read_{kind.name}", exclude_unset=True)
    def read(request: HttpRequest, key: str) -> Any:
        return value(Access(request.auth).select(kind.name).one(key))  # type: ignore[attr-defined]

    @router.post("", response={201: schema, **refusals}, operation_id=f"create_{kind.name}", exclude_unset=True)
    def create(request: HttpRequest, payload: schema = Body(...)) -> Any:  # type: ignore[valid-type]
        key = str(payload.dict().get("key") or "")  # type: ignore[attr-defined]
        return Status(201, save(request.auth, key, payload, new=True))  # type: ignore[attr-defined]

    @router.patch(
        "/{path:key}", response={200: schema, **refusals}, operation_id=f"update_{kind.name}", exclude_unset=True
    )
    def update(request: HttpRequest, key: str, payload: schema = Body(...)) -> Any:  # type: ignore[valid-type]
        Access(request.auth).select(kind.name).one(key)  # type: ignore[attr-defined]
        return save(request.auth, key, payload, new=False)  # type: ignore[attr-defined]

    @router.delete("/{path:key}", response={204: None, **refusals}, operation_id=f"delete_{kind.name}")
    def remove(request: HttpRequest, key: str) -> Any:
        Access(request.auth).select(kind.name).one(key)  # type: ignore[attr-defined]
        write(Authority(request.auth), [Change(kind.name, key, None)], "api")  # type: ignore[attr-defined]
        return Status(204, None)

    return router
