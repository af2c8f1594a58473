"""The program, its common options, and how it opens a home."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from quarterdeck import __version__
from quarterdeck.cli.words import LANGUAGES, language_of, of_terminal, speak

if TYPE_CHECKING:
    from quarterdeck.kinds.declare import Kind
    from quarterdeck.kinds.models import User
    from quarterdeck.kinds.roles import Authority, Reader

ORDER = (  # commands as an office comes to need them; one that is not named here stands at the end
    *("demo", "init", "user", "token", "serve", "worker"),
    *("readers", "collect", "evidence", "suggestions"),
    *("list", "show", "set", "delete", "import", "export"),
    *("candidates", "plan", "what-if", "propose", "decide", "drift", "document"),
    *("analyse", "engine", "history", "erase"),
)


class InOrder(TyperGroup):
    """A group whose commands stand in the order in which they are needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


app = typer.Typer(
    name="quarterdeck",
    cls=InOrder,
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
    named: bool = False  # whether --home was given


OPTIONS = Options(Path("~/quarterdeck"), "", "en")


def _say_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit()


@app.callback()
def common(
    home: Annotated[
        Path | None, typer.Option(help="The home folder; else QUARTERDECK_HOME, else ~/quarterdeck.")
    ] = None,
    user: Annotated[
        str, typer.Option("--as", help="Act as this user; else QUARTERDECK_USER, else the operator of this home.")
    ] = "",
    language: Annotated[
        str,
        typer.Option(help="Language of answers, en or zh; else QUARTERDECK_LANGUAGE, else the terminal's."),
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that come before the command."""
    named = language or os.environ.get("QUARTERDECK_LANGUAGE", "")
    spoken = language_of(named) if named else of_terminal()
    if spoken is None:
        raise Misused(f"there is no language {named!r}; there are: {', '.join(LANGUAGES)}")
    speak(spoken)
    OPTIONS.home = (home or Path(os.environ.get("QUARTERDECK_HOME") or "~/quarterdeck")).expanduser().resolve()
    OPTIONS.named = home is not None
    OPTIONS.user = user or os.environ.get("QUARTERDECK_USER", "")
    OPTIONS.language = LANGUAGES[spoken]


def open_home() -> Path:
    """Make the records of the home reachable. Raises Misused where there is no home."""
    from quarterdeck.web import home as homes  # noqa: PLC0415 — nothing heavy before a command needs it

    if not homes.is_home(OPTIONS.home):
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


def reader_who_may(right: str, action: str, what: str) -> "Reader":
    """The same, where they have a right. Raises Denied ("you may not ACTION WHAT")."""
    from quarterdeck.kinds.roles import Denied  # noqa: PLC0415

    found = reader()
    if not found.may(right):
        raise Denied(action, what)
    return found


def authority() -> "Authority":
    """By whose right a command writes."""
    from quarterdeck.kinds.roles import Authority  # noqa: PLC0415

    return Authority(reader())


def kind_named(name: str) -> "Kind":
    """A kind of records, once a home is open. Raises Misused where there is none of this name."""
    from quarterdeck.kinds.declare import KINDS  # noqa: PLC0415

    if name not in KINDS:
        raise Misused(f"there is no kind {name!r}; there are: {', '.join(sorted(KINDS))}")
    return KINDS[name]


def split(reference: str) -> tuple[str, str]:
    """Kind and key of a record named KIND:KEY, once a home is open. Raises Misused."""
    kind, colon, key = reference.partition(":")
    if not colon or not key:
        raise Misused(f"a record is named KIND:KEY, not {reference!r}")
    return kind_named(kind).name, key


def pairs(given: list[str] | None, what: str) -> dict[str, str]:
    """Words like name=value, each name once. Raises Misused where one is not like that."""
    found = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Misused(f"{what} is name=value, not {text!r}")
        if name in found:
            raise Misused(f"{name!r} is given twice")
        found[name] = value
    return found
