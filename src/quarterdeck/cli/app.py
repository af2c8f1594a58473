"""The program, its common options, and how it opens a home."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from quarterdeck.kinds.models import User
    from quarterdeck.kinds.roles import Authority, Reader

app = typer.Typer(
    name="quarterdeck",
    help="The system in which a Chief Technology Officer's office is run.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Misused(Exception):
    """A command that cannot be carried out as it was given: one line says why."""


@dataclass
class Options:
    """What holds for every command."""

    home: Path
    user: str
    language: str


OPTIONS = Options(Path("~/quarterdeck"), "", "en")


@app.callback()
def common(
    home: Annotated[
        Path | None, typer.Option(help="The home folder; else QUARTERDECK_HOME, else ~/quarterdeck.")
    ] = None,
    user: Annotated[str, typer.Option("--as", help="Act as this user; else as the operator of this home.")] = "",
    language: Annotated[str, typer.Option(help="Language of what is printed: en or zh.")] = "en",
) -> None:
    """Options that come before the command."""
    OPTIONS.home = (home or Path(os.environ.get("QUARTERDECK_HOME", "~/quarterdeck"))).expanduser().resolve()
    OPTIONS.user = user or os.environ.get("QUARTERDECK_USER", "")
    OPTIONS.language = "zh-hans" if language.startswith("zh") else "en"


def open_home(*, existing: bool = True) -> Path:
    """Make the records of the home reachable. Raises Misused where there is no home."""
    from quarterdeck.web import home as homes  # noqa: PLC0415 — nothing heavy before a command needs it

    if existing and not homes.is_home(OPTIONS.home):
        raise Misused(f"{OPTIONS.home} is not a home; make one with: quarterdeck init {OPTIONS.home}")
    os.environ["QUARTERDECK_HOME"] = str(OPTIONS.home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.web.settings")
    import django  # noqa: PLC0415
    from django.utils import translation  # noqa: PLC0415

    django.setup()
    translation.activate(OPTIONS.language)
    return OPTIONS.home


def acting_user() -> "User":
    """The user named by --as. Raises Misused where none is named or there is none such."""
    from quarterdeck.kinds.models import User  # noqa: PLC0415

    if not OPTIONS.user:
        raise Misused("say who acts: quarterdeck --as USER …")
    found = User.objects.filter(username=OPTIONS.user, is_active=True).first()
    if found is None:
        raise Misused(f"there is no user {OPTIONS.user!r}")
    return found


def reader() -> "Reader":
    """Whose eyes a command sees with: the user's, or those of the home's operator, who holds its files anyway."""
    from quarterdeck.kinds.roles import SYSTEM, Reader  # noqa: PLC0415
    from quarterdeck.kinds.users import reader_of  # noqa: PLC0415

    return reader_of(acting_user()) if OPTIONS.user else Reader("service:command-line", (SYSTEM,))


def authority() -> "Authority":
    """By whose right a command writes."""
    from quarterdeck.kinds.roles import Authority  # noqa: PLC0415

    return Authority(reader())
