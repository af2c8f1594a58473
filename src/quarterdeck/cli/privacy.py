"""Commands of privacy: erase."""

from typing import Annotated

import typer

from quarterdeck.cli.app import Misused, app, authority, open_home
from quarterdeck.cli.output import Json, put_json, put_table


@app.command()
def erase(
    reference: Annotated[str, typer.Argument(metavar="KIND:KEY", help="The record of the person: person:p-7.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a person for good: their personal fields, their key, who is behind their pseudonyms; lists what is left."""
    if ":" not in reference:
        raise Misused(f"a record is named KIND:KEY, not {reference!r}")
    open_home()
    from quarterdeck.kinds import erase as erasure  # noqa: PLC0415 — nothing heavy before a command needs it

    if not yes and not typer.confirm(f"Erase {reference}? Nobody can bring it back."):
        raise typer.Exit(1)
    done = erasure.erase(authority(), reference)
    hits = [(hit.place, hit.what, hit.key, hit.field, hit.excerpt) for hit in done.hits]
    if as_json:
        names = ("place", "what", "key", "field", "excerpt")
        put_json(
            {
                "erased": done.subject,
                "cleared": done.cleared,
                "left": [dict(zip(names, hit, strict=True)) for hit in hits],
            }
        )
        return
    counts = ", ".join(f"{number} {what}" for what, number in done.cleared.items()) or "nothing personal was there"
    print(f"{done.subject} erased: {counts}")
    if hits:
        print("These still name the person; redact them where you can:")
        put_table(("place", "what", "key", "field", "words"), hits, as_json=False)
