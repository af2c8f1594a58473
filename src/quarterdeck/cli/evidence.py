"""Commands of evidence: readers, collect, evidence, suggestions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterdeck.cli.app import Misused, app, authority, kind_named, open_home, reader, reader_who_may
from quarterdeck.cli.faults import WRONG, say
from quarterdeck.cli.output import Json, put, put_json, put_table, remark
from quarterdeck.cli.working import working

if TYPE_CHECKING:
    from quarterdeck.evidence.batch import Reader
    from quarterdeck.lake.models import EvidenceSource

evidence = typer.Typer(help="Look at what was collected.", no_args_is_help=True)
suggestions = typer.Typer(help="Settle what evidence suggests to the estate.", no_args_is_help=True)
app.add_typer(evidence, name="evidence")
app.add_typer(suggestions, name="suggestions")
OfSource = Annotated[str, typer.Option(help="Only of this source.")]
OfKind = Annotated[str, typer.Option(help="Only to this kind.")]
POLICIES = ("ask", "accept")


@app.command()
def readers(as_json: Json = False) -> None:
    """List the readers there are, and the tables each fills."""
    from quarterdeck.evidence.readers import READERS  # noqa: PLC0415 — nothing heavy before a command needs it

    rows = [(r.name, r.title_en, ", ".join(t.name for t in r.tables)) for r in READERS]
    put_table(("reader", "reads", "tables"), rows, as_json=as_json)


@app.command()
def collect(
    reader_name: Annotated[str, typer.Argument(metavar="READER", help="One of: quarterdeck readers.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, folders or repositories.")],
    source: Annotated[str, typer.Option(help="What to call the source, where its file changes name.")] = "",
    as_json: Json = False,
) -> None:
    """Read evidence into the lake; again, it reads what is new."""
    from quarterdeck.evidence import batch  # noqa: PLC0415
    from quarterdeck.evidence import readers as registry  # noqa: PLC0415

    try:
        chosen = registry.by_name(reader_name)
    except LookupError as error:
        raise Misused(str(error.args[0])) from error
    open_home()
    from quarterdeck.lake.collect import Overtaken  # noqa: PLC0415

    who = reader_who_may("collect", "collect", chosen.name)
    rows, failed = [], []
    for path in paths:
        try:
            rows.append(_collect(chosen, path, who.name, source))
        except (batch.Refused, Overtaken) as error:
            failed.append(error)
    if failed and len(paths) == 1:
        raise failed[0]
    put_table(("source", "rows", "problems", "suggestions", "state"), rows, as_json=as_json)
    if any(problems for _name, _rows, problems, _open, _state in rows):
        remark("What could not be read: quarterdeck evidence problems SOURCE")
    for fault in failed:
        say(str(fault), WRONG)
    if failed:
        raise typer.Exit(WRONG)


def _collect(chosen: "Reader", path: Path, by: str, name: str) -> tuple[str, int, int, int, str]:
    """Collect one source: its name, rows, problems, open suggestions, and whether anything was new."""
    from quarterdeck.estate import sources  # noqa: PLC0415
    from quarterdeck.lake import collect as lake  # noqa: PLC0415
    from quarterdeck.lake.models import EvidenceSource  # noqa: PLC0415

    with working(f"{chosen.name} {path.name}") as going:
        found = lake.collect(chosen, path, by=by, name=name, progress=going.rows)
        entry = EvidenceSource.objects.get(reader=chosen.name, name=found.source)
        open_ones = sources.suggest(entry)
    state = "new" if found.snapshot else "nothing new"
    return found.source, sum(found.rows.values()), found.problems, open_ones, state


def _named(source: str) -> "list[EvidenceSource]":
    """The sources of a name; readers may each have one. Raises Misused where there is none."""
    from quarterdeck.lake.models import EvidenceSource  # noqa: PLC0415

    found = list(EvidenceSource.objects.filter(name=source).order_by("pk"))
    if not found:
        raise Misused(f"there is no source {source!r}; quarterdeck evidence list names them")
    return found


@evidence.command("list")
def sources_(as_json: Json = False) -> None:
    """List the sources: rows, when collected, what went wrong."""
    open_home()
    from quarterdeck.lake import tables  # noqa: PLC0415

    reader()
    rows = []
    for one in tables.freshness():
        source, taken = one.source, one.snapshot
        at = taken.at.isoformat(timespec="seconds")
        rows.append((source.reader, source.name, one.rows, taken.problems, at, source.policy))
    put_table(("reader", "source", "rows", "problems", "collected", "policy"), rows, as_json=as_json)


@evidence.command("problems")
def problems_(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")],
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """List what could not be read of a source, line by line."""
    open_home()
    from quarterdeck.kinds.roles import Denied  # noqa: PLC0415
    from quarterdeck.lake import tables  # noqa: PLC0415
    from quarterdeck.lake.models import Problem, Snapshot  # noqa: PLC0415

    who, named = reader(), _named(source)
    if hidden := [one.reader for one in named if not tables.may_read_source(who, one.reader)]:
        raise Denied("read", source, hidden[0])
    newest = [Snapshot.objects.filter(source=one).order_by("-pk").first() for one in named]
    found = Problem.objects.filter(snapshot__in=[one for one in newest if one]).order_by("pk")
    rows = [(p.origin, p.line, p.reason, p.text) for p in found[:limit]]
    put_table(("file", "line", "why", "text"), rows, as_json=as_json)
    if found.count() > limit:
        remark(f"{limit} of {found.count():,}; --limit shows more")


@evidence.command("rows")
def rows_(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Name of the table; see quarterdeck readers.")],
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Show rows of a table of evidence."""
    open_home()
    from quarterdeck.lake import tables  # noqa: PLC0415

    if table not in tables.TABLES:
        raise Misused(f"there is no table {table!r}; there are: {', '.join(sorted(tables.TABLES))}")
    frame = tables.scan(reader(), table).head(limit).collect()
    if as_json:
        put_json(frame.to_dicts())
    else:
        put_table(frame.columns, frame.rows(), as_json=False)


@suggestions.command("list")
def listed(source: OfSource = "", kind: OfKind = "", as_json: Json = False) -> None:
    """List what is open."""
    open_home()
    from quarterdeck.lake import suggestions as lake  # noqa: PLC0415

    rows: list[tuple[Any, ...]] = []
    for one in lake.seen(reader(), lake.open_suggestions(*_narrowed(source, kind))):
        wants = one.wants if as_json else json.dumps(one.wants, ensure_ascii=False, default=str)
        rows.append((one.source, one.kind, one.key, one.sort, wants))
    put_table(("source", "kind", "key", "sort", "wants"), rows, as_json=as_json)


def _narrowed(source: str, kind: str) -> tuple[str, str]:
    """The same names, once it is known that there are such. Raises Misused."""
    if source:
        _named(source)
    if kind:
        kind_named(kind)
    return source, kind


@suggestions.command("accept")
def accept(
    source: OfSource = "",
    kind: OfKind = "",
    key: Annotated[str, typer.Option(help="Only this record.")] = "",
    conflicts: Annotated[bool, typer.Option("--conflicts", help="Also where a person changed the same field.")] = False,
    as_json: Json = False,
) -> None:
    """Take suggestions over into the estate."""
    open_home()
    from quarterdeck.estate import sources  # noqa: PLC0415
    from quarterdeck.lake import suggestions as lake  # noqa: PLC0415
    from quarterdeck.lake.models import EvidenceSource  # noqa: PLC0415

    _narrowed(source, kind)
    with working("suggestions"):
        if key:
            found = [s for s in lake.open_suggestions(source, kind) if s.key == key]
            if not found:
                raise Misused(f"nothing is suggested to a record {key!r}")
            chosen = [s for s in found if conflicts or s.sort != "conflict"]
            taken = lake.accept(authority(), chosen, f"suggestion of {key}")
        else:
            heard = _named(source) if source else list(EvidenceSource.objects.order_by("pk"))
            taken = sources.accept(authority(), heard, kind=kind, conflicts=conflicts)
    put({"accepted": taken}, f"{taken} suggestions accepted", as_json=as_json)


@suggestions.command("refuse")
def refuse(
    source: OfSource = "",
    kind: OfKind = "",
    key: Annotated[str, typer.Option(help="Only this record.")] = "",
    as_json: Json = False,
) -> None:
    """Refuse suggestions; the same values are not suggested again."""
    if not (source or kind or key):
        raise Misused("say which: --source, --kind or --key")
    open_home()
    from quarterdeck.lake import suggestions as lake  # noqa: PLC0415

    reader_who_may("suggestions", "refuse", "suggestions")
    found = [s for s in lake.open_suggestions(*_narrowed(source, kind)) if not key or s.key == key]
    if key and not found:
        raise Misused(f"nothing is suggested to a record {key!r}")
    done = lake.refuse(found)
    put({"refused": done}, f"{done} suggestions refused", as_json=as_json)


@suggestions.command("policy")
def policy(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")],
    wanted: Annotated[str, typer.Argument(metavar="POLICY", help="ask, or accept: what only the source moved.")],
    as_json: Json = False,
) -> None:
    """Say whether a source's suggestions wait for a person."""
    if wanted not in POLICIES:
        raise Misused(f"a policy is one of: {', '.join(POLICIES)}")
    open_home()
    reader_who_may("suggestions", "settle", "suggestions")
    for one in _named(source):
        one.policy = wanted
        one.save(update_fields=["policy"])
    put({"source": source, "policy": wanted}, f"{source}: {wanted}", as_json=as_json)
