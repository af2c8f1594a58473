"""Commands of evidence: readers, collect, evidence, suggestions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterdeck.cli.app import Misused, app, authority, kind_named, open_home, reader, reader_who_may
from quarterdeck.cli.faults import WRONG, say
from quarterdeck.cli.output import Json, Limit, left_out, put, put_json, put_table, remark
from quarterdeck.cli.words import _, language, ngettext
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


@app.command()
def readers(as_json: Json = False) -> None:
    """List the readers there are, and the tables each fills."""
    from quarterdeck.evidence.readers import READERS  # noqa: PLC0415 — nothing heavy before a command needs it

    chinese = language() == "zh"
    rows = [(r.name, r.title_zh if chinese else r.title_en, ", ".join(t.name for t in r.tables)) for r in READERS]
    put_table({"reader": _("reader"), "reads": _("reads"), "tables": _("tables")}, rows, as_json=as_json)


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
    columns = {
        "source": _("source"),
        "rows": _("rows"),
        "problems": _("problems"),
        "suggestions": _("suggestions"),
        "state": _("state"),
    }
    states = {True: "new", False: "nothing new"} if as_json else {True: _("new"), False: _("nothing new")}
    put_table(columns, [(*counts, states[fresh]) for *counts, fresh in rows], as_json=as_json)
    if any(problems for _name, _rows, problems, _open, _fresh in rows):
        remark(_("What could not be read: %(command)s") % {"command": "quarterdeck evidence problems SOURCE"})
    for fault in failed:
        say(str(fault), WRONG)
    if failed:
        raise typer.Exit(WRONG)


def _collect(chosen: "Reader", path: Path, by: str, name: str) -> tuple[str, int, int, int, bool]:
    """Collect one source: its name, rows, problems, open suggestions, and whether anything was new. Far fewer rows than
    stood there before are told at once."""
    from quarterdeck.estate import sources  # noqa: PLC0415
    from quarterdeck.lake import collect as lake  # noqa: PLC0415
    from quarterdeck.lake.models import EvidenceSource  # noqa: PLC0415

    with working(f"{chosen.name} {path.name}") as going:
        found = lake.collect(chosen, path, by=by, name=name, progress=going.rows)
        entry = EvidenceSource.objects.get(reader=chosen.name, name=found.source)
        open_ones = sources.suggest(entry)
    for one in found.fallen:
        said = {"source": found.source, "table": one.table, "before": one.before, "now": one.now}
        remark(_("%(source)s held %(before)d rows of %(table)s and now holds %(now)d: is it the same source?") % said)
    return found.source, sum(found.rows.values()), found.problems, open_ones, bool(found.snapshot)


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
    from quarterdeck.evidence.readers import READERS  # noqa: PLC0415
    from quarterdeck.lake import tables  # noqa: PLC0415

    who, rows = reader(), []
    readable = {one.name for one in READERS if any(tables.may_read(who, table.name) for table in one.tables)}
    for one in tables.freshness():
        source, taken = one.source, one.snapshot
        if source.reader not in readable:
            continue
        at = taken.at.isoformat(timespec="seconds")
        rows.append((source.reader, source.name, one.rows, taken.problems, at, source.policy))
    columns = {
        "reader": _("reader"),
        "source": _("source"),
        "rows": _("rows"),
        "problems": _("problems"),
        "collected": _("collected"),
        "policy": _("policy"),
    }
    put_table(columns, rows, as_json=as_json)


@evidence.command("forget")
def forget_(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")], as_json: Json = False
) -> None:
    """Take what was read of a source out of sight."""
    from quarterdeck.evidence import readers as registry  # noqa: PLC0415

    open_home()
    from quarterdeck.estate import sources  # noqa: PLC0415
    from quarterdeck.lake import collect as lake  # noqa: PLC0415

    rows = []
    for one in _named(source):
        who = reader_who_may("collect", "forget", one.reader)
        rows.append(
            (one.reader, one.name, lake.forget(registry.by_name(one.reader), one, by=who.name), sources.suggest(one))
        )
    columns = {"reader": _("reader"), "source": _("source"), "rows": _("rows"), "suggestions": _("suggestions")}
    put_table(columns, rows, as_json=as_json)


@evidence.command("problems")
def problems_(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")],
    limit: Limit = 50,
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
    columns = {"file": _("file"), "line": _("line"), "why": _("why"), "text": _("text")}
    put_table(columns, rows, as_json=as_json)
    if found.count() > limit:
        left_out(limit, found.count())


@evidence.command("rows")
def rows_(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Name of the table; see quarterdeck readers.")],
    limit: Limit = 20,
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
        put_table({name: name for name in frame.columns}, frame.rows(), as_json=False)


@suggestions.command("list")
def listed(source: OfSource = "", kind: OfKind = "", as_json: Json = False) -> None:
    """List what is open."""
    open_home()
    from quarterdeck.lake import suggestions as lake  # noqa: PLC0415

    rows: list[tuple[Any, ...]] = []
    sorts = {"create": _("new"), "update": _("changed"), "conflict": _("conflict"), "retire": _("gone")}
    for one in lake.seen(reader(), lake.open_suggestions(*_narrowed(source, kind))):
        wants = one.wants if as_json else json.dumps(one.wants, ensure_ascii=False, default=str)
        rows.append((one.source, one.kind, one.key, one.sort if as_json else sorts[one.sort], wants))
    columns = {
        "source": _("source"),
        "kind": _("kind"),
        "key": _("key"),
        "sort": _("sort"),
        "wants": _("wants"),
    }
    put_table(columns, rows, as_json=as_json)


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
    lake.permit(reader())
    with working(_("suggestions")):
        if key:
            found = [s for s in lake.open_suggestions(source, kind) if s.key == key]
            if not found:
                raise Misused(f"nothing is suggested to a record {key!r}")
            chosen = [s for s in found if conflicts or s.sort != "conflict"]
            taken = lake.accept(authority(), chosen, f"suggestion of {key}")
        else:
            heard = _named(source) if source else list(EvidenceSource.objects.order_by("pk"))
            taken = sources.accept(authority(), heard, kind=kind, conflicts=conflicts)
    said = ngettext("%(count)d suggestion accepted", "%(count)d suggestions accepted", taken) % {"count": taken}
    put({"accepted": taken}, said, as_json=as_json)


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

    lake.permit(reader())
    found = [s for s in lake.open_suggestions(*_narrowed(source, kind)) if not key or s.key == key]
    if key and not found:
        raise Misused(f"nothing is suggested to a record {key!r}")
    done = lake.refuse(found, authority())
    said = ngettext("%(count)d suggestion refused", "%(count)d suggestions refused", done) % {"count": done}
    put({"refused": done}, said, as_json=as_json)


@suggestions.command("policy")
def policy(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")],
    wanted: Annotated[str, typer.Argument(metavar="POLICY", help="ask, or accept: what only the source moved.")],
    as_json: Json = False,
) -> None:
    """Say whether a source's suggestions wait for a person."""
    open_home()
    from quarterdeck.estate import sources  # noqa: PLC0415

    who = reader()
    for one in _named(source):
        try:
            sources.trust(who, one, wanted)
        except ValueError as error:
            raise Misused(str(error)) from error
    put({"source": source, "policy": wanted}, f"{source}: {wanted}", as_json=as_json)
