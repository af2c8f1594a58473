"""Commands of records: list, show, set, import, export, erase."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from quarterdeck.cli.app import Misused, app, authority, open_home, reader
from quarterdeck.cli.output import Json, put, put_json, put_table


def _split(reference: str) -> tuple[str, str]:
    kind, colon, key = reference.partition(":")
    if not colon or not key:
        raise Misused(f"a record is named KIND:KEY, not {reference!r}")
    return kind, key


@app.command("list")
def listed(
    kind: str,
    where: Annotated[list[str] | None, typer.Option(help="Narrow: field=value; say it again for more.")] = None,
    words: Annotated[str, typer.Option(help="Narrow to records with these words.")] = "",
    order: Annotated[str, typer.Option(help="Order by this field; a minus before it for falling.")] = "key",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_of: Annotated[str, typer.Option(help="As it was known at this time (2026-11-20T08:00).")] = "",
    as_json: Json = False,
) -> None:
    """Records of a kind."""
    open_home()
    from quarterdeck.kinds import canonical, show  # noqa: PLC0415
    from quarterdeck.kinds.access import Access  # noqa: PLC0415

    selection = Access(reader(), _moment(as_of)).select(kind).matching(words).ordered(order)
    for condition in where or []:
        name, equals, value = condition.partition("=")
        if not equals:
            raise Misused(f"a condition is field=value, not {condition!r}")
        selection = selection.where(**{name: value})
    rows = selection.rows(limit)
    if as_json:
        put_json([{name: canonical.plain(value) for name, value in row.values.items()} for row in rows])
        return
    visible = {a.name: a for a in selection.attributes}
    names = list(
        dict.fromkeys(["key", *(n for c in selection.kind.columns for n in selection.kind.spread(c) if n in visible)])
    )
    put_table(
        [visible[n].label for n in names],
        [[show.value(visible[n], row[n]) for n in names] for row in rows],
        as_json=False,
    )


def _moment(text: str) -> Any:
    if not text:
        return None
    from datetime import UTC, datetime  # noqa: PLC0415

    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Misused(f"{text!r} is not a time like 2026-11-20T08:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@app.command()
def show(reference: Annotated[str, typer.Argument(metavar="KIND:KEY")], as_json: Json = False) -> None:
    """One record."""
    open_home()
    from quarterdeck.kinds import canonical  # noqa: PLC0415
    from quarterdeck.kinds import show as shown  # noqa: PLC0415
    from quarterdeck.kinds.access import Access  # noqa: PLC0415

    kind, key = _split(reference)
    selection = Access(reader()).select(kind)
    row = selection.one(key)
    if as_json:
        put_json({name: canonical.plain(value) for name, value in row.values.items()})
        return
    put_table(("field", "value"), [(a.label, shown.value(a, row[a.name])) for a in selection.attributes], as_json=False)


@app.command("set")
def set_(
    reference: Annotated[str, typer.Argument(metavar="KIND:KEY")],
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…")],
    as_json: Json = False,
) -> None:
    """Change fields of a record, or make it; an empty value clears."""
    open_home()
    from quarterdeck.kinds.write import Change, write  # noqa: PLC0415

    kind, key = _split(reference)
    given = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise Misused(f"a value is field=value, not {value!r}")
        given[name] = text
    done = write(authority(), [Change(kind, key, given)], "command line")
    state = "made" if done.created else "changed" if done.updated else "as it was"
    put({"key": done.keys[0], "state": state}, f"{kind}:{done.keys[0]} {state}", as_json=as_json)


@app.command("import")
def import_(
    path: Path,
    kind: Annotated[str, typer.Option(help="The kind of a CSV sheet; a workbook's sheets name theirs.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change.")] = False,
    as_json: Json = False,
) -> None:
    """Import a sheet or a whole workbook: all of it, or nothing and every reason why."""
    if not path.is_file():
        raise Misused(f"there is no file {path}")
    open_home()
    from quarterdeck.kinds import sheets  # noqa: PLC0415
    from quarterdeck.kinds import write as door  # noqa: PLC0415
    from quarterdeck.kinds.declare import KINDS  # noqa: PLC0415

    data = path.read_bytes()
    if path.suffix.lower() == ".xlsx" and not kind:
        changes = sheets.workbook_changes(sheets.from_workbook(data, path.name))
    else:
        if kind not in KINDS:
            raise Misused(f"say with --kind which kind the sheet holds: {', '.join(sorted(KINDS))}")
        sheet = (
            sheets.from_csv(data, path.name)
            if path.suffix.lower() != ".xlsx"
            else sheets.from_workbook(data, path.name)[0]
        )
        changes = sheets.changes(KINDS[kind], sheet)
    if preview:
        _preview(door.preview(authority(), changes), as_json=as_json)
        return
    try:
        done = door.write(authority(), changes, f"sheet {path.name}")
    except door.Refused as refused:
        _troubles(refused.troubles, as_json=as_json)
        raise typer.Exit(1) from refused
    counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    put(counts, f"{done.created} created, {done.updated} changed, {done.unchanged} as they were", as_json=as_json)


def _troubles(troubles: Any, *, as_json: bool) -> None:
    rows = [(t.index + 1, t.kind, t.key, t.field, t.message) for t in troubles]
    if as_json:
        put_table(("record", "kind", "key", "field", "why"), rows, as_json=True)
        return
    print(f"quarterdeck: nothing was imported; {len(rows)} faults:", file=sys.stderr)
    for row in rows[:50]:
        print("  " + "  ".join(str(cell) for cell in row if cell != ""), file=sys.stderr)


def _preview(seen: Any, *, as_json: bool) -> None:
    rows = [
        (d.action, d.kind, d.key, "; ".join(f"{n}: {b} → {a}" for n, (b, a) in d.fields.items()))
        for d in seen.differences
        if d.action != "unchanged"
    ]
    put_table(("action", "kind", "key", "changes"), rows, as_json=as_json)
    if seen.troubles:
        _troubles(seen.troubles, as_json=as_json)
        raise typer.Exit(1)


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="A .csv for one kind, an .xlsx for one or all.")],
    kind: Annotated[str, typer.Option(help="The kind; without it the whole workbook.")] = "",
    as_json: Json = False,
) -> None:
    """Export a kind, or everything, as a sheet that can be imported again."""
    open_home()
    from quarterdeck.kinds import sheets  # noqa: PLC0415
    from quarterdeck.kinds.access import Access  # noqa: PLC0415
    from quarterdeck.kinds.declare import in_order  # noqa: PLC0415

    access = Access(reader())
    if path.suffix.lower() == ".csv":
        if not kind:
            raise Misused("a CSV holds one kind: say which with --kind")
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(sheets.to_csv(access.select(kind)))
    else:
        names = [kind] if kind else [k.name for k in in_order() if access.reader.reads(k.name)]
        with path.open("wb") as binary:
            sheets.to_workbook([access.select(name) for name in names], binary)
    put({"path": str(path)}, f"{path} written", as_json=as_json)
