"""Calls the API as its own description allows, and as it does not, in this process and as one reader."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from quarterdeck.kinds import canonical
from quarterdeck.kinds.declare import KINDS
from quarterdeck.web.urls import API

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kinds"))
import kind_examples

HOST = "http://testserver"
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
NEVER = frozenset({"host", "content-length", "cookie", "authorization"})  # headers that a caller does not choose here


def operations() -> list[APIOperation]:
    """Every operation that the description names."""
    schema = schemathesis.openapi.from_dict(API.get_openapi_schema())
    return [result.ok() for result in schema.get_all_operations()]


@st.composite
def cases(draw: st.DrawFn, some: list[APIOperation]) -> Case:
    """Requests to these operations: as described or not, to records that are there or not, about real fields or not."""
    operation = draw(st.sampled_from(some))
    mode = draw(st.sampled_from((GenerationMode.POSITIVE, GenerationMode.NEGATIVE)))
    case: Case = draw(operation.as_strategy(generation_mode=mode))
    kind = KINDS.get(operation.path.removeprefix("/api/").partition("/")[0])
    if kind is None or draw(st.integers(0, 2)) == 0:
        return case
    known = [dict(change.values or {}) for change in kind_examples.world(2) if change.kind == kind.name]
    row = {name: canonical.plain(value) for name, value in draw(st.sampled_from(known)).items()}
    if "key" in (case.path_parameters or {}):
        case.path_parameters["key"] = row["key"]
    if isinstance(case.body, dict):
        case.body = {**row, **case.body} if draw(st.booleans()) else {**case.body, **row}
        case.body["key"] = draw(st.sampled_from((row["key"], f"{row['key']}-2", "", case.body.get("key"))))
    if isinstance(case.query, dict) and case.method == "GET":
        case.query |= draw(_questions(list(kind.attributes)))
    return case


def _questions(fields: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Conditions and orders on fields that are there, with values that may stand in them and others."""
    name, sign = st.sampled_from(fields), st.sampled_from(("", "__in", "__gte", "__lt", "__not", "__empty", "__like"))
    value = st.sampled_from(("1", "", "x", "2026-01-01", "1e999", "nan", "yes", "…", "9" * 40, "\x00", "-0"))
    condition = st.builds("{}{}={}".format, name, sign, value)
    asked = {
        "where": st.lists(condition, max_size=2),
        "order": st.builds("{}{}".format, st.sampled_from(("", "-")), name),
    }
    moment = st.sampled_from(("2026-01-01T00:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00"))
    return st.fixed_dictionaries({}, optional={**asked, "as_of": moment, "known": st.booleans()})


def send(browser: Client, case: Case) -> Response:
    """What the product answers; what breaks is an answer and no exception."""
    given = case.as_transport_kwargs(base_url=HOST)
    request = requests.Request(**{name: value for name, value in given.items() if name in _REQUEST}).prepare()
    headers = {name: value for name, value in request.headers.items() if name.lower() not in NEVER}
    body = request.body if request.body is not None else b""
    answer = browser.generic(
        case.method,
        request.path_url,
        body.encode() if isinstance(body, str) else body,
        content_type=headers.pop("Content-Type", "application/octet-stream"),
        headers=headers,
    )
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    told = {name.lower(): [value] for name, value in answer.items()}
    return Response(answer.status_code, told, content, request, 0.0, verify=False)


_REQUEST = frozenset({"method", "url", "headers", "files", "data", "json", "params", "auth", "cookies"})


def attack(browser: Client, some: list[APIOperation], examples: int) -> list[tuple[Case, Response]]:
    """Send so many requests, the same at every run; what was sent and answered."""
    seen: list[tuple[Case, Response]] = []

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases(some))
    def one(case: Case) -> None:
        seen.append((case, send(browser, case)))

    one()
    return seen


def contradictions(seen: list[tuple[Case, Response]]) -> Iterator[str]:
    """Answers that break, or are not what the description says."""
    for case, response in seen:
        if response.status_code >= 500:
            yield f"{response.status_code} {told(case)}"
            continue
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as found:
            yield f"{response.status_code} {told(case)}: {'; '.join(str(one) for one in found.exceptions)}"


def told(case: Case) -> str:
    """A request in one line."""
    return f"{case.method} {case.formatted_path} {case.query} {case.body!r}"[:600]


Seen = list[tuple[Case, Response]]
__all__: tuple[Any, ...] = ("Seen", "attack", "contradictions", "operations", "told")
