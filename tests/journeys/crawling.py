"""Walks every door of the product that opens by GET, as one user: pages, exports, search, the API, every analysis."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from django.test import Client

from quarterdeck.kinds.declare import KINDS
from quarterdeck.kinds.models import User
from quarterdeck.lake.tables import TABLES
from quarterdeck.runs.analysis import ANALYSES

RECORDS = 1  # of each kind that are opened, besides the one that is looked for
LINK = re.compile(rb'(?:href|src|hx-get)="([^"#]+)"')
ELSEWHERE = re.compile(r"^(?:[a-z]+:|//)|^/(?:static|sign-out|language)")
DECLARED = re.compile(r"^/records/[^/]+/")  # addresses that are made from the declarations and need not be followed
WORDS = ("person", "a", "96000", "数据")  # what is searched for


@dataclass(frozen=True)
class Opened:
    """What came of opening a door."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Record:
    """One record: its kind, its key."""

    kind: str
    key: str


def some_records(also: Iterable[Record]) -> list[Record]:
    """A few records of every kind, and those named."""
    found = list(also)
    for name, kind in KINDS.items():
        keys = kind.model._default_manager.order_by("id").values_list("key", flat=True)[:RECORDS]
        found += [Record(name, key) for key in keys]
    return list(dict.fromkeys(found))


def doors(records: Iterable[Record], answers: Iterable[int]) -> list[str]:
    """Addresses of everything that is declared: kinds, records, tables of evidence, analyses, paths of answers."""
    return list(dict.fromkeys([*_of_kinds(), *_of_records(records), *_of_office(answers)]))


def _of_kinds() -> Iterator[str]:
    for name, kind in KINDS.items():
        yield from (f"/records/{name}/", f"/records/{name}/new", f"/records/{name}/import", f"/api/{name}")
        yield f"/records/{name}/export?format=csv"  # as XLSX the workbook holds them all
        for column in kind.private:
            yield from (f"/records/{name}/export?format=xlsx", f"/records/{name}/export?format=csv&order={column}")
            yield from (f"/records/{name}/?order={column}", f"/api/{name}?order=-{column}&size=500")
            yield from (f"/records/{name}/?{column}=71234.56", f"/api/{name}?where={column}__gte=1")
            yield f"/api/{name}?as_of=2030-01-01T00:00:00&size=500"


def _of_records(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        key = quote(record.key)
        yield from (f"/records/{record.kind}/{page}/{key}" for page in ("record", "edit"))
        yield from (f"/records/{record.kind}/grid/{child}/{key}" for child, _link in KINDS[record.kind].children)
        yield f"/api/{record.kind}/{key}"


def _of_office(answers: Iterable[int]) -> Iterator[str]:
    yield from ("/", "/records/", "/records/workbook.xlsx", "/evidence", "/candidates", "/plan", "/plan/propose")
    yield from ("/what-if", "/what-if?ask=1&change=lose-person:ada", "/drift", "/decisions", "/documents")
    yield from ("/api/openapi.json", "/api/analyses", "/api/decisions")
    yield from (f"/search?q={quote(word)}" for word in WORDS)
    yield from (f"/evidence/table/{table}" for table in TABLES)
    yield from (f"/api/analyses/{name}" for name in ANALYSES)
    yield from (f"/path/{number}" for number in answers)


def client(user: User) -> Client:
    """A browser in which somebody is signed in; what breaks is an answer and no exception."""
    made = Client(raise_request_exception=False)
    made.force_login(user)
    return made


def crawl(user: User, addresses: Iterable[str], *, follow: bool = True) -> dict[str, Opened]:
    """Open all addresses, and whatever the pages lead to."""
    browser, found = client(user), dict[str, Opened]()
    waiting = list(addresses)
    while waiting:
        address = waiting.pop(0)
        if address in found:
            continue
        answer = browser.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[address] = Opened(answer.status_code, _head(answer.headers) + body)
        if follow and answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [link for link in links(address, body) if link not in found]
    return found


def _head(headers: Iterable[str]) -> bytes:
    """The head of an answer, which says something too; how long it is, its body says."""
    kept = [f"{name}: {headers[name]}" for name in sorted(headers) if name not in ("Set-Cookie", "Content-Length")]  # type: ignore[index]
    return "\n".join(kept).encode() + b"\n\n"


def links(address: str, body: bytes) -> list[str]:
    """Addresses inside the product that a page leads to."""
    found = []
    for raw in LINK.findall(body):
        link = urljoin(address, raw.decode().replace("&amp;", "&"))
        parts = urlsplit(link)
        if parts.path.startswith("/") and not ELSEWHERE.match(link) and not DECLARED.match(link):
            found.append(link)
    return list(dict.fromkeys(found))
