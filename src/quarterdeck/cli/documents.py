"""Commands of documents: build a board pack, list the editions, check that one still stands."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quarterdeck.cli.app import Misused, app, open_home, reader, reader_who_may
from quarterdeck.cli.output import Json, plain, put_json, put_table
from quarterdeck.cli.words import _, language
from quarterdeck.cli.working import working

if TYPE_CHECKING:
    from quarterdeck.office.documents.editions import Edition

document = typer.Typer(help="Build documents, and check their editions.", no_args_is_help=True)
app.add_typer(document, name="document")


@document.command("board-pack")
def board_pack(
    language: Annotated[str, typer.Option(help="en, zh, or both.")] = "both",
    formats: Annotated[
        str, typer.Option("--format", help="pdf, pptx, docx, md, with commas between.")
    ] = "pdf,pptx,docx,md",
    out: Annotated[Path | None, typer.Option(help="A folder to copy the files to.")] = None,
    as_json: Json = False,
) -> None:
    """Build the board pack and keep it as an edition."""
    open_home()
    from quarterdeck.office.documents import building, editions  # noqa: PLC0415

    try:
        languages = building.chosen([] if language == "both" else [language], building.LANGUAGES)
        names = building.chosen([name.strip() for name in formats.split(",") if name.strip()], building.FORMATS)
    except KeyError as error:
        known = f"{', '.join((*building.LANGUAGES, 'both'))}; {', '.join(building.FORMATS)}"
        raise Misused(f"there is no language or format {error.args[0]!r}; there are: {known}") from error
    if out is not None and out.exists() and not out.is_dir():
        raise Misused(f"{out} is not a folder")
    with working(_("board pack")) as going:
        edition = building.build(reader(), languages, names, going.part)
    place = editions.folder() / edition.key
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for file in edition.files:
            (out / file.name).write_bytes(editions.content(edition, file.name)[1])
        place = out
    if as_json:
        put_json(
            {
                "edition": edition.key,
                "answers": [f"{one.analysis}#{one.number}" for one in edition.rests],
                "files": [str(place / file.name) for file in edition.files],
            }
        )
        return
    print(plain(f"{edition.key}: {_sentence(edition)}"))
    for file in edition.files:
        print(place / file.name)


def _sentence(edition: "Edition") -> str:
    """What an edition says first, in the language asked for, else in the first it has."""
    said = {one.language: one.sentence for one in edition.said}
    return said.get(language()) or next(iter(said.values()), "")


@document.command("list")
def listing(as_json: Json = False) -> None:
    """List the editions, and whether they still stand."""
    open_home()
    from quarterdeck.office.documents import editions, verdicts  # noqa: PLC0415

    who = reader_who_may(editions.RIGHT, "see", "documents")
    found = [(one, verdicts.verdict(one)) for one in editions.visible(who)]
    rows = [
        (one.key, _sentence(one), _("; ").join(verdict.moved), _("; ").join(verdict.altered)) for one, verdict in found
    ]
    columns = {
        "edition": _("edition"),
        "sentence": _("sentence"),
        "moved": _("evidence moved"),
        "altered": _("evidence altered"),
    }
    put_table(columns, rows, as_json=as_json)


@document.command("verify")
def verify(
    key: Annotated[str, typer.Argument(metavar="EDITION", help="Key of the edition.")], as_json: Json = False
) -> None:
    """Check an edition thoroughly; exit code 1 where it was altered.

    Files, runs, history, records and evidence are held against what stood when it was built.
    """
    open_home()
    from quarterdeck.office.documents import editions, verdicts  # noqa: PLC0415

    edition = editions.one(key)
    editions.permit(edition, reader())
    with working(_("verify")):
        found = verdicts.verdict(edition, thorough=True)
    if as_json:
        put_json({"edition": key, "moved": list(found.moved), "altered": list(found.altered)})
    else:
        moved, altered = {"what": _("; ").join(found.moved)}, {"what": _("; ").join(found.altered)}
        print(
            plain(_("evidence has moved since: %(what)s") % moved if found.moved else _("evidence has not moved since"))
        )
        print(plain(_("evidence was altered: %(what)s") % altered if found.altered else _("nothing was altered")))
    if found.altered:
        raise typer.Exit(1)
