"""Commands of evidence: readers, collect, suggestions."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from quarterdeck.cli.app import Misused, app, authority, open_home, reader
from quarterdeck.cli.output import Json, put, put_table
from quarterdeck.evidence import readers as registry

suggestions = typer.Typer(help="What evidence suggests to the estate.", no_args_is_help=True)
app.add_typer(suggestions, name="suggestions")


@app.command()
def readers(as_json: Json = False) -> None:
    """The readers there are, and the tables each fills."""
    rows = [(r.name, r.title_en, ", ".join(t.name for t in r.tables)) for r in registry.READERS]
    put_table(("reader", "reads", "tables"), rows, as_json=as_json)


@app.command()
def collect(
    reader_name: Annotated[str, typer.Argument(metavar="READER")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…")],
    source: Annotated[str, typer.Option(help="What to call the source, where its file changes name.")] = "",
    as_json: Json = False,
) -> None:
    """Read evidence into the lake; collecting again reads what is new."""
    try:
        chosen = registry.by_name(reader_name)
    except LookupError as error:
        raise Misused(str(error)) from error
    open_home()
    from quarterdeck.estate import sources  # noqa: PLC0415
    from quarterdeck.kinds.roles import Denied  # noqa: PLC0415
    from quarterdeck.lake import collect as lake  # noqa: PLC0415
    from quarterdeck.lake.models import EvidenceSource  # noqa: PLC0415

    who = reader()
    if not who.may("collect"):
        raise Denied("collect", chosen.name)
    rows = []
    with Progress(transient=True, disable=as_json) as progress:
        for path in paths:
            task = progress.add_task(f"{chosen.name} {path.name}", total=None)
            tell = partial(_tell, progress, task)
            found = lake.collect(chosen, path, by=who.name, name=source, progress=tell)
            entry = EvidenceSource.objects.get(reader=chosen.name, name=found.source)
            rows.append(
                (
                    found.source,
                    sum(found.rows.values()),
                    found.problems,
                    sources.suggest(entry),
                    "new" if found.snapshot else "nothing new",
                )
            )
            progress.remove_task(task)
    put_table(("source", "rows", "problems", "suggestions", "state"), rows, as_json=as_json)


def _tell(progress: Progress, task: TaskID, rows: int) -> None:
    progress.update(task, completed=rows)


@suggestions.command("list")
def listed(
    source: Annotated[str, typer.Option(help="Only of this source.")] = "",
    kind: Annotated[str, typer.Option(help="Only to this kind.")] = "",
    as_json: Json = False,
) -> None:
    """What is open."""
    open_home()
    from quarterdeck.lake import suggestions as lake  # noqa: PLC0415

    who = reader()
    rows = [
        (s.source.name, s.kind, s.key, s.sort, s.wants)
        for s in lake.open_suggestions(source, kind)
        if who.reads(s.kind)
    ]
    put_table(("source", "kind", "key", "sort", "wants"), rows, as_json=as_json)


@suggestions.command("accept")
def accept(
    source: Annotated[str, typer.Option(help="Only of this source.")] = "",
    kind: Annotated[str, typer.Option(help="Only to this kind.")] = "",
    key: Annotated[str, typer.Option(help="Only this record.")] = "",
    conflicts: Annotated[bool, typer.Option("--conflicts", help="Also where a person changed the same field.")] = False,
    as_json: Json = False,
) -> None:
    """Take suggestions over into the estate, one source after the other."""
    open_home()
    from quarterdeck.estate import sources  # noqa: PLC0415
    from quarterdeck.lake import suggestions as lake  # noqa: PLC0415
    from quarterdeck.lake.models import EvidenceSource  # noqa: PLC0415

    if key:
        found = [s for s in lake.open_suggestions(source, kind) if s.key == key and (conflicts or s.sort != "conflict")]
        taken = lake.accept(authority(), found, f"suggestion of {key}")
    else:
        heard = EvidenceSource.objects.order_by("pk")
        chosen = heard.filter(name=source) if source else heard
        taken = sources.accept(authority(), chosen, kind=kind, conflicts=conflicts)
    put({"accepted": taken}, f"{taken} suggestions accepted", as_json=as_json)


@suggestions.command("refuse")
def refuse(
    source: Annotated[str, typer.Option(help="Only of this source.")] = "",
    kind: Annotated[str, typer.Option(help="Only to this kind.")] = "",
    key: Annotated[str, typer.Option(help="Only this record.")] = "",
    as_json: Json = False,
) -> None:
    """Refuse suggestions; the same values are not suggested again."""
    open_home()
    from quarterdeck.kinds.roles import Denied  # noqa: PLC0415
    from quarterdeck.lake import suggestions as lake  # noqa: PLC0415

    if not reader().may("suggestions"):
        raise Denied("refuse", "suggestions")
    if not (source or kind or key):
        raise Misused("say which: --source, --kind or --key")
    done = lake.refuse([s for s in lake.open_suggestions(source, kind) if not key or s.key == key])
    put({"refused": done}, f"{done} suggestions refused", as_json=as_json)
