"""Commands of privacy: erase."""

from typing import Annotated

import typer

from quarterdeck.cli.app import app, authority, open_home, split
from quarterdeck.cli.output import Json, put_json, put_table, remark
from quarterdeck.cli.working import working


@app.command()
def erase(
    reference: Annotated[str, typer.Argument(metavar="KIND:KEY", help="The record of the person: person:p-7.")],
    pseudonym: Annotated[
        list[str] | None, typer.Option(help="Of evidence, and theirs too, as an erasure listed it; say it again.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a person for good, and list what is left."""
    open_home()
    from quarterdeck.kinds import erase as erasure  # noqa: PLC0415 — nothing heavy before a command needs it

    split(reference)
    erasure.found(authority(), reference)
    if not yes:
        typer.confirm(f"Erase {reference}? Nobody can bring it back.", abort=True, err=True)
    with working("erase"):
        done = erasure.erase(authority(), reference, pseudonym or ())
    hits = [(hit.place, hit.what, hit.key, hit.field, hit.excerpt) for hit in done.hits]
    if as_json:
        names = ("place", "what", "key", "field", "excerpt")
        left = [dict(zip(names, hit, strict=True)) for hit in hits]
        put_json({"erased": done.subject, "cleared": done.cleared, "left": left, "overwritten": done.overwritten})
        return
    counts = ", ".join(f"{number} {what}" for what, number in done.cleared.items()) or "nothing personal was there"
    print(f"{done.subject} erased: {counts}")
    if not done.overwritten:
        remark("Others are at work in the records; say it again later, so that the disk holds nothing of it either.")
    if hits:
        print("These still name the person; redact them where you can:")
        put_table(("place", "what", "key", "field", "words"), hits, as_json=False)
