"""Commands of privacy: erase."""

from typing import Annotated

import typer

from quarterdeck.cli.app import app, authority, open_home, split
from quarterdeck.cli.output import Json, plain, put_json, put_table, remark
from quarterdeck.cli.words import _
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
        typer.confirm(plain(_("Erase %(what)s? Nobody can bring it back.") % {"what": reference}), abort=True, err=True)
    with working(_("erase")):
        done = erasure.erase(authority(), reference, pseudonym or ())
    hits = [(hit.place, hit.what, hit.key, hit.field, hit.excerpt) for hit in done.hits]
    columns = {
        "place": _("place"),
        "what": _("what"),
        "key": _("key"),
        "field": _("field"),
        "excerpt": _("words"),
    }
    if as_json:
        left = [dict(zip(columns, hit, strict=True)) for hit in hits]
        put_json({"erased": done.subject, "cleared": done.cleared, "left": left, "overwritten": done.overwritten})
        return
    told = [f"{what}{_(': ')}{number}" for what, number in done.cleared.items()]
    counts = _(", ").join(told) or _("nothing personal was there")
    print(plain(_("%(what)s erased: %(counts)s") % {"what": done.subject, "counts": counts}))
    if not done.overwritten:
        remark(_("Others are at work in the records; say it again later, so that the disk holds nothing of it either."))
    if hits:
        print(_("These still name the person; redact them where you can:"))
        put_table(columns, hits, as_json=False)
