"""The REST API of every kind, typed from its declaration: reads through the one door out, writes through the one door
in."""

from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.db.models import IntegerField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Body, NinjaAPI, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.errors import ValidationError as BadRequest
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer, SessionAuth
from pydantic import ConfigDict, Field, create_model

from quarterdeck.evidence.batch import Refused as Unreadable
from quarterdeck.kinds import canonical, sheets, users
from quarterdeck.kinds.access import Access, BadQuestion, NotFound, Row
from quarterdeck.kinds.declare import Attribute, Kind, Sort, in_order
from quarterdeck.kinds.roles import Authority, Denied, Reader
from quarterdeck.kinds.write import Change, Refused, write

_TYPES: dict[Sort, Any] = {
    Sort.WHOLE: int | None,
    Sort.NUMBER: float | None,
    Sort.YES_NO: bool | None,
    Sort.DECIMAL: str | int | float | None,
}


class _Exact(Schema):
    """A record; a field it does not have is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")


_WHERE = "Conditions: field=value, field__in=a,b, field__gte=1; all must hold."
_AS_OF = "As it was then; without a time zone, UTC."


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
        return users.reader_of(user) if user.is_authenticated and user.is_active else None


REFUSALS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 422), Problems)


class Described(NinjaAPI):
    """An API whose description, which anybody may ask for again and again, is put together once."""

    @cached_property
    def _description(self) -> OpenAPISchema:
        return super().get_openapi_schema()

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description of everything there is; the same for everybody."""
        return self._description


def build(title: str, version: str) -> NinjaAPI:
    """The API of all kinds; chapters and the office add their own routers to it."""
    api = Described(title=title, version=version, auth=[ByToken(), BySession()], urls_namespace="api", docs_url=None)
    for kind in in_order():
        api.add_router(f"/{kind.name}", _router(kind), tags=[kind.name])
    incoming = Router(tags=["sheets"])
    for kind in in_order():
        _add_sheet(incoming, kind)
    api.add_router("/sheets", incoming)

    def failed(status: int) -> Any:
        def handler(request: HttpRequest, error: Exception) -> HttpResponse:
            return api.create_response(
                request, {"errors": [{"message": str(error) or type(error).__name__}]}, status=status
            )

        return handler

    api.exception_handler(Denied)(failed(403))
    api.exception_handler(NotFound)(failed(404))
    api.exception_handler(BadQuestion)(failed(422))
    api.exception_handler(Unreadable)(failed(422))

    @api.exception_handler(HttpError)
    def unheard(request: HttpRequest, error: HttpError) -> HttpResponse:
        errors = [{"message": str(error)}]
        response = api.create_response(request, {"errors": errors}, status=error.status_code)
        if error.status_code == HTTPStatus.UNAUTHORIZED:
            response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        errors = [{"key": t.key, "field": t.field, "message": t.message} for t in error.troubles]
        return api.create_response(request, {"errors": errors}, status=422)

    @api.exception_handler(BadRequest)
    def bad(request: HttpRequest, error: BadRequest) -> HttpResponse:
        errors = [{"field": ".".join(map(str, e.get("loc", ()))), "message": e.get("msg", "")} for e in error.errors]
        return api.create_response(request, {"errors": errors}, status=422)

    return api


def _type(attribute: Attribute) -> Any:
    if attribute.sort is Sort.CHOICE and isinstance(attribute.field, IntegerField):
        return int | str | None
    return _TYPES.get(attribute.sort, str | None)


def _schema(kind: Kind) -> type[Schema]:
    """Every field optional: absent keeps, null clears; private fields are left out for readers without clearance."""
    fields: dict[str, Any] = {
        name: (_type(attribute), Field(None, description=attribute.help or attribute.label))
        for name, attribute in kind.attributes.items()
    }
    return create_model(_title(kind), __base__=_Exact, **fields)


def _title(kind: Kind) -> str:
    return "".join(part.title() for part in kind.name.split("-"))


def value(row: Row) -> dict[str, Any]:
    """A row as the API says it: decimals as text, so that no digit is lost; links as keys."""
    return {name: canonical.plain(found) for name, found in row.values.items()}


def _router(kind: Kind) -> Router:
    router, schema = Router(), _schema(kind)
    _add_reading(router, kind, schema)
    _add_writing(router, kind, schema)
    return router


def _add_reading(router: Router, kind: Kind, schema: Any) -> None:
    page = create_model(
        f"{_title(kind)}Page", __base__=Schema, items=(list[schema], ...), next=(str | None, None), count=(int, ...),
        more=(bool, ...),
    )  # fmt: skip

    @router.get(
        "",
        response={200: page, **REFUSALS},
        operation_id=f"list_{kind.name}",
        description=kind.description,
        exclude_unset=True,
    )
    def index(
        request: HttpRequest,
        q: str = Query("", max_length=200, description="Words."),
        where: list[str] = Query([], description=_WHERE),
        after: str = Query("", max_length=200, description="`next` of the page before."),
        order: str = Query("key", max_length=60),
        size: int = Query(50, ge=1, le=500),
        as_of: datetime | None = Query(None, description=_AS_OF),
        known: bool = Query(True, description="As it was known then; false: as it was effective then."),
    ) -> Any:
        found = _access(request, as_of, known).select(kind.name).matching(q).where(**_conditions(where)).ordered(order)
        rows = found.page(after, size)
        return {"items": [value(row) for row in rows.rows], "next": rows.next, "count": rows.count, "more": rows.more}

    @router.get("/{path:key}", response={200: schema, **REFUSALS}, operation_id=f"read_{kind.name}", exclude_unset=True)
    def read(request: HttpRequest, key: str, as_of: datetime | None = None, known: bool = True) -> Any:
        return value(_access(request, as_of, known).select(kind.name).one(key))


def _access(request: HttpRequest, as_of: datetime | None, known: bool) -> Access:
    try:
        moment = as_of and (as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC))
    except OverflowError as error:
        raise BadQuestion(_("that moment lies outside of all time")) from error
    return Access(request.auth, moment, known)  # type: ignore[attr-defined]


def _conditions(where: list[str]) -> dict[str, Any]:
    """Conditions as the door out takes them. Raises BadQuestion."""
    found: dict[str, Any] = {}
    for text in where:
        name, equals, wanted = text.partition("=")
        if not equals or name in found:
            raise BadQuestion(_("a condition is field=value, each field once, not %(text)s") % {"text": text})
        found[name] = wanted.split(",") if name.endswith("__in") else wanted
    return found


def _add_writing(router: Router, kind: Kind, schema: Any) -> None:
    def save(reader: Reader, key: str, payload: Schema, *, new: bool) -> dict[str, Any]:
        change = Change(kind.name, key, payload.dict(exclude_unset=True), new=new)
        done = write(Authority(reader), [change], "api")
        if not reader.reads(
            kind.name
        ):  # a token that may only import is told the key, and nothing that it did not send
            return {"key": done.keys[0]}
        return value(Access(reader).select(kind.name).one(done.keys[0]))

    def there(reader: Reader, key: str) -> None:
        if reader.reads(kind.name):
            Access(reader).select(kind.name).one(key)

    @router.post("", response={201: schema, **REFUSALS}, operation_id=f"create_{kind.name}", exclude_unset=True)
    def create(request: HttpRequest, payload: schema = Body(...)) -> Any:
        key = str(payload.dict().get("key") or "")
        return Status(201, save(request.auth, key, payload, new=True))  # type: ignore[attr-defined]

    @router.patch(
        "/{path:key}", response={200: schema, **REFUSALS}, operation_id=f"update_{kind.name}", exclude_unset=True
    )
    def update(request: HttpRequest, key: str, payload: schema = Body(...)) -> Any:
        there(request.auth, key)  # type: ignore[attr-defined]
        return save(request.auth, key, payload, new=False)  # type: ignore[attr-defined]

    @router.delete("/{path:key}", response={204: None, **REFUSALS}, operation_id=f"delete_{kind.name}")
    def remove(request: HttpRequest, key: str) -> Any:
        there(request.auth, key)  # type: ignore[attr-defined]
        write(Authority(request.auth), [Change(kind.name, key, None)], "api")  # type: ignore[attr-defined]
        return Status(204, None)


class Imported(Schema):
    """What a sheet came to."""

    created: int
    updated: int
    unchanged: int


def _add_sheet(router: Router, kind: Kind) -> None:
    body = {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}

    @router.post(
        f"/{kind.name}",
        response={200: Imported, **REFUSALS},
        operation_id=f"import_{kind.name}",
        openapi_extra={"requestBody": body},
    )
    def bring(request: HttpRequest) -> Any:
        """Import a CSV sheet: all of it, or nothing and every reason why."""
        if not request.auth.writes(kind.name):  # type: ignore[attr-defined]
            raise Denied("write", kind.name)  # a sheet without rows would pass unasked
        wanted = sheets.changes(kind, sheets.from_csv(request.body, "sheet.csv"))
        done = write(Authority(request.auth), wanted, "api sheet")  # type: ignore[attr-defined]
        return Imported(created=done.created, updated=done.updated, unchanged=done.unchanged)
