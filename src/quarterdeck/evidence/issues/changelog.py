"""Takes the histories out of trackers' JSON: Jira's changelog beside each issue, GitHub's list of events."""

from collections.abc import Iterator

from quarterdeck.evidence.records.grids import Entry

_STATES = {"closed": "closed", "reopened": "open"}


def changes(entry: Entry) -> Iterator[Entry]:
    """The changes that one JSON record holds, as records with the headings of `issue_changes`."""
    if isinstance(entry.value.get("changelog"), dict):
        yield from _jira(entry)
    elif isinstance(entry.value.get("event"), str):
        yield from _github(entry)


def _jira(entry: Entry) -> Iterator[Entry]:
    for history in _dicts(_dict(entry.value["changelog"]).get("histories")):
        for item in _dicts(history.get("items")):
            row: dict[str, object] = {
                "tracker": "jira",
                "issue": entry.value.get("key"),
                "at": history.get("created"),
                "by": _person(_dict(history.get("author"))),
                "field": item.get("field"),
                "from": item.get("fromString"),
                "to": item.get("toString"),
            }
            yield Entry(entry.line, row)


def _github(entry: Entry) -> Iterator[Entry]:
    event = str(entry.value["event"])
    row: dict[str, object] = {
        "tracker": "github",
        "issue": _dict(entry.value.get("issue")).get("html_url") or _dict(entry.value.get("issue")).get("number"),
        "at": entry.value.get("created_at"),
        "by": _dict(entry.value.get("actor")).get("login"),
    }
    login = _dict(entry.value.get("assignee")).get("login")
    label = _dict(entry.value.get("label")).get("name")
    title = _dict(entry.value.get("milestone")).get("title")
    if event in _STATES:
        before = "open" if event == "closed" else "closed"
        yield Entry(entry.line, {**row, "field": "status", "from": before, "to": _STATES[event]})
    elif event in ("assigned", "unassigned"):
        yield Entry(entry.line, {**row, "field": "assignee", "to" if event == "assigned" else "from": login})
    elif event in ("labeled", "unlabeled"):
        yield Entry(entry.line, {**row, "field": "labels", "to" if event == "labeled" else "from": label})
    elif event in ("milestoned", "demilestoned"):
        yield Entry(entry.line, {**row, "field": "milestone", "to" if event == "milestoned" else "from": title})


def _person(author: dict[str, object]) -> object:
    return author.get("emailAddress") or author.get("displayName") or author.get("accountId") or author.get("name")


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
