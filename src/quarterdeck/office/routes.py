"""The office's part of the API: any analysis by name, with what it rests on."""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Router, Schema

from quarterdeck.decisions.routes import router as decisions
from quarterdeck.kinds.access import NotFound
from quarterdeck.kinds.api import REFUSALS
from quarterdeck.office.plan.changes import BadChange
from quarterdeck.office.plan.frame import NotReady
from quarterdeck.runs import answers, values
from quarterdeck.runs.analysis import ANALYSES

router = Router(tags=["analyses"])


class AnswerOut(Schema):
    """An answer: the result as the engine gave it, and its path."""

    analysis: str
    answer: int
    run: str
    engine: str
    version: str
    result: dict[str, Any]
    rested: list[dict[str, Any]]


class Named(Schema):
    """One analysis."""

    name: str
    title: str
    question: str
    parameters: dict[str, str]


@router.get("", response={200: list[Named], **REFUSALS}, operation_id="list_analyses")
def index(request: HttpRequest) -> Any:
    """The analyses there are, and the parameters each takes."""
    return [
        Named(name=a.name, title=str(a.title), question=str(a.question), parameters=a.defaults)
        for a in ANALYSES.values()
    ]


@router.get("/{name}", response={200: AnswerOut, **REFUSALS}, operation_id="read_analysis")
def read(request: HttpRequest, name: str) -> Any:
    """The answer of one analysis; its parameters stand in the query."""
    if name not in ANALYSES:
        raise NotFound(name)
    given = {key: str(request.GET[key])[:2_000] for key in ANALYSES[name].defaults if key in request.GET}
    found = answers.answer(name, request.auth, given)  # type: ignore[attr-defined]
    rested = [{"what": r.what, "filter": r.filter, "count": r.count} for r in found.rested]
    return AnswerOut(
        analysis=name,
        answer=found.id,
        run=found.run,
        engine=found.engine,
        version=found.version,
        result=values.plain(found.result),
        rested=rested,
    )


def add_routes(api: NinjaAPI) -> None:
    """Add the office's routes and how its refusals are answered."""
    api.add_router("/analyses", router)
    api.add_router("/decisions", decisions)

    @api.exception_handler(NotReady)
    @api.exception_handler(BadChange)
    def unready(request: HttpRequest, error: Exception) -> Any:
        return api.create_response(request, {"errors": [{"message": str(error)}]}, status=422)
