"""Commands of records: list, show, set, delete, import, export."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterdeck.cli.app import Misused, app, authority, kind_named, open_home, pairs, reader, split
from quarterdeck.cli.output import Json, Limit, left_out, plain, put, put_json, put_table, remark
from quarterdeck.cli.words import _, ngettext
from quarterdeck.cli.working import working

if TYPE_CHECKING:
    from quarterdeck.kinds.drafts import Change, Trouble
    from quarterdeck.kinds.write import Preview

SHOWN = 50  # faults of a sheet that people are shown
AsOf = Annotated[str, typer.Option(help="As it was known at this time (2026-11-20 or 2026-11-20T08:00, UTC).")]


@app.command("list")
def listed(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Name of the kind; empty lists the kinds.")] = "",
    where: Annotated[list[str] | None, typer.Option(help="Narrow: field=value; say it again for more.")] = None,
    words: Annotated[str, typer.Option(help="Narrow to records with these words.")] = "",
    order: Annotated[str, typer.Option(help="Order by this field; a minus before it for falling.")] = "key",
    limit: Limit = 50,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """List the records of a kind, or the kinds there are."""
    open_home()
    from quarterdeck.kinds import canonical, show  # noqa: PLC0415 — nothing heavy before a command needs it
    from quarterdeck.kinds.access import Access  # noqa: PLC0415

    access = Access(reader(), _moment(as_of))
    if not kind:
        rows = [(found.name, found.description if as_json else show.about(found)) for found in access.kinds()]
        put_table({"kind": _("kind"), "what it is": _("what it is")}, rows, as_json=as_json)
        return
    selection = access.select(kind_named(kind).name).matching(words).ordered(order)
    selection = selection.where(**pairs(where, "a condition"))
    found = selection.rows(limit)
    if as_json:
        put_json([{name: canonical.plain(value) for name, value in row.values.items()} for row in found])
    else:
        visible = {a.name: a for a in selection.attributes}
        spread = [name for column in selection.kind.columns for name in selection.kind.spread(column)]
        names = [name for name in dict.fromkeys(["key", *spread]) if name in visible]
        cells = [[show.value(visible[name], row[name]) for name in names] for row in found]
        put_table({name: visible[name].label for name in names}, cells, as_json=False)
    if len(found) == limit:
        count, more = selection.count()
        if count > limit:
            left_out(limit, count, more=more)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Misused(f"{text!r} is not a time like 2026-11-20T08:00") from error


Reference = Annotated[str, typer.Argument(metavar="KIND:KEY", help="The record, like system:shop.")]


@app.command()
def show(reference: Reference, as_of: AsOf = "", as_json: Json = False) -> None:
    """Show one record."""
    open_home()
    from quarterdeck.kinds import canonical  # noqa: PLC0415
    from quarterdeck.kinds import show as shown  # noqa: PLC0415
    from quarterdeck.kinds.access import Access  # noqa: PLC0415

    kind, key = split(reference)
    selection = Access(reader(), _moment(as_of)).select(kind)
    row = selection.one(key)
    if as_json:
        put_json({name: canonical.plain(value) for name, value in row.values.items()})
        return
    rows = [(a.label, shown.value(a, row[a.name])) for a in selection.attributes]
    put_table({"field": _("field"), "value": _("value")}, rows, as_json=False)


@app.command("set")
def set_(
    reference: Reference,
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE", help="Fields by name; see docs/kinds.")],
    as_json: Json = False,
) -> None:
    """Change fields of a record, or make it; an empty value clears."""
    open_home()
    from quarterdeck.kinds.write import Change, Refused, write  # noqa: PLC0415

    kind, key = split(reference)
    try:
        done = write(authority(), [Change(kind, key, pairs(values, "a value"))], "command line")
    except Refused as refused:  # what is wrong with it stood on the command line
        raise Misused(str(refused)) from refused
    state = "made" if done.created else "changed" if done.updated else "as it was"
    said = {"made": _("%(what)s made"), "changed": _("%(what)s changed"), "as it was": _("%(what)s as it was")}
    put({"key": done.keys[0], "state": state}, said[state] % {"what": f"{kind}:{done.keys[0]}"}, as_json=as_json)


@app.command()
def delete(
    reference: Reference,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a record; the history keeps what it was."""
    open_home()
    from quarterdeck.kinds.access import Access  # noqa: PLC0415
    from quarterdeck.kinds.write import Change, write  # noqa: PLC0415

    kind, key = split(reference)
    found = Access(reader()).select(kind).one(key).key
    if not yes:
        typer.confirm(plain(_("Delete %(what)s?") % {"what": f"{kind}:{found}"}), abort=True, err=True)
    write(authority(), [Change(kind, found, None)], "command line")
    gone = f"{kind}:{found}"
    put({"deleted": gone}, _("%(what)s deleted") % {"what": gone}, as_json=as_json)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="SHEET", help="A .csv of one kind, or an .xlsx workbook.")],
    kind: Annotated[str, typer.Option(help="The kind of a CSV sheet; a workbook's sheets name theirs.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change.")] = False,
    as_json: Json = False,
) -> None:
    """Import a sheet or a workbook: all of it, or nothing and why."""
    data = path.read_bytes()
    open_home()
    from quarterdeck.kinds import write as door  # noqa: PLC0415

    with working(_("import %(file)s") % {"file": path.name}):
        changes = _changes(path, data, kind)
        if preview:
            seen = door.preview(authority(), changes)
        else:
            try:
                done = door.write(authority(), changes, f"sheet {path.name}")
            except door.Refused as refused:
                _faults(refused.troubles, as_json=as_json)
                raise typer.Exit(1) from refused
    if preview:
        _preview(seen, as_json=as_json)
        return
    counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    put(counts, _("%(created)d created, %(updated)d changed, %(unchanged)d as they were") % counts, as_json=as_json)


def _changes(path: Path, data: bytes, kind: str) -> "list[Change]":
    """What a file says. Raises Misused, or evidence's Refused where it is no sheet."""
    from quarterdeck.kinds import sheets  # noqa: PLC0415

    book = path.suffix.lower() == ".xlsx"
    if not kind and not book:
        raise Misused("say with --kind which kind the sheet holds")
    declared = kind_named(kind) if kind else None
    if declared is None:
        return sheets.workbook_changes(sheets.from_workbook(data, path.name))
    sheet = sheets.from_workbook(data, path.name)[0] if book else sheets.from_csv(data, path.name)
    return sheets.changes(declared, sheet)


def _rows(troubles: "Iterable[Trouble]") -> list[tuple[object, ...]]:
    return [(t.index + 1, t.kind, t.key, t.field, t.message) for t in troubles]


_FAULT = ("record", "kind", "key", "field", "why")


def _faults(troubles: "Sequence[Trouble]", *, as_json: bool) -> None:
    """Every reason why nothing was imported; people are shown the first of them."""
    rows = _rows(troubles)
    if as_json:
        put_json({"faults": [dict(zip(_FAULT, row, strict=True)) for row in rows]})
        return
    said = ngettext(
        "nothing can be imported; %(count)d fault:", "nothing can be imported; %(count)d faults:", len(rows)
    )
    remark(f"quarterdeck: {said % {'count': len(rows)}}")
    for row in rows[:SHOWN]:
        remark("  " + "  ".join(str(cell) for cell in row if cell != ""))
    if len(rows) > SHOWN:
        remark("  " + _("and %(count)d more; --json prints them all") % {"count": len(rows) - SHOWN})


def _preview(seen: "Preview", *, as_json: bool) -> None:
    """What would change, field by field; or every reason why it cannot."""
    changes = [one for one in seen.differences if one.action != "unchanged"]
    if seen.troubles:
        _faults(seen.troubles, as_json=as_json)
        raise typer.Exit(1)
    if as_json:
        put_json({"changes": [_difference(one) for one in changes]})
        return
    actions = {"create": _("create"), "update": _("change")}
    rows = [
        (actions[one.action], one.kind, one.key, "; ".join(f"{n}: {b} → {a}" for n, (b, a) in one.fields.items()))
        for one in changes
    ]
    columns = {"action": _("action"), "kind": _("kind"), "key": _("key"), "changes": _("changes")}
    put_table(columns, rows, as_json=False)


def _difference(one: Any) -> dict[str, Any]:
    from quarterdeck.kinds.canonical import plain  # noqa: PLC0415

    fields = {name: {"before": plain(before), "after": plain(after)} for name, (before, after) in one.fields.items()}
    return {"action": one.action, "kind": one.kind, "key": one.key, "fields": fields}


@app.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv for one kind, an .xlsx for one or all.")],
    kind: Annotated[str, typer.Option(help="The kind; without it the whole workbook.")] = "",
    as_json: Json = False,
) -> None:
    """Export a kind, or everything, as a sheet to import again."""
    ending = path.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise Misused(f"a sheet is a .csv or an .xlsx, not {path.name!r}")
    if ending == ".csv" and not kind:
        raise Misused("a CSV holds one kind: say which with --kind")
    open_home()
    from quarterdeck.kinds import sheets  # noqa: PLC0415
    from quarterdeck.kinds.access import Access  # noqa: PLC0415
    from quarterdeck.kinds.declare import in_order  # noqa: PLC0415
    from quarterdeck.kinds.roles import Denied  # noqa: PLC0415

    access = Access(reader())
    names = [kind_named(kind).name] if kind else [k.name for k in in_order() if access.reader.reads(k.name)]
    if not names:
        raise Denied("read", "any kind of records")
    selections = [access.select(name) for name in names]
    with working(_("export %(file)s") % {"file": path.name}):
        if ending == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(sheets.to_csv(selections[0]))
        else:
            with path.open("wb") as binary:
                sheets.to_workbook(selections, binary)
    put({"path": str(path), "kinds": names}, _("%(file)s written") % {"file": path}, as_json=as_json)
