"""The background task that builds a document."""

from collections.abc import Callable
from typing import Any

from quarterdeck.kinds.models import User
from quarterdeck.kinds.users import reader_of
from quarterdeck.runs import jobs


@jobs.task("document")
def make(arguments: dict[str, Any], step: Callable[[float], None]) -> object:
    """Build a board pack for a user."""
    from quarterdeck.office.documents import building  # noqa: PLC0415 — registered at every start, needed at few

    user = User.objects.get(username=arguments["user"], is_active=True)
    made = building.build(reader_of(user), arguments["languages"], arguments["formats"], step)
    return {"edition": made.key}
