"""Commands of those who sign in: user, token."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from quarterdeck.cli.app import OPTIONS, Misused, acting_user, app, open_home, reader_who_may
from quarterdeck.cli.output import Json, put, put_table
from quarterdeck.cli.words import _

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from quarterdeck.kinds.models import Token, User

RIGHTS = ("read", "write", "import")


@app.command()
def user(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name to sign in with; empty lists the users.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="A role; say it again for another.")] = None,
    person: Annotated[str, typer.Option(help="Key of the user's own person record.")] = "",
    password: Annotated[str, typer.Option(help="Password; made and printed once where none is given.")] = "",
    full_name: Annotated[str, typer.Option(help="Name as shown.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Let this user no longer sign in.")] = False,
    as_json: Json = False,
) -> None:
    """Make a user, change their roles, or list the users."""
    open_home()
    from quarterdeck.kinds.models import User  # noqa: PLC0415 — nothing heavy before a command needs it
    from quarterdeck.kinds.roles import ROLES  # noqa: PLC0415
    from quarterdeck.kinds.users import give_roles  # noqa: PLC0415

    reader_who_may("users", "change", "users")
    if not name:
        _list(as_json=as_json)
        return
    unknown = [one for one in role or [] if one not in ROLES]
    if unknown:
        raise Misused(f"there is no role {unknown[0]!r}; there are: {', '.join(ROLES)}")
    found = User.objects.filter(username=name).first()
    if remove and found is None:
        raise Misused(f"there is no user {name!r}")
    made = password or ("" if found else secrets.token_urlsafe(12))
    found = found or User(username=name)
    _change(found, made, person, full_name, active=not remove)
    if role is not None:
        give_roles(found, role)
    roles = sorted(found.groups.values_list("name", flat=True))
    shown = {"user": name, "roles": roles, "password": "" if password else made, "active": found.is_active}
    said = ", ".join(roles) or _("no role, so sees nothing; give one with --role")
    said = said if found.is_active else _("may no longer sign in")
    once = _("; password %(password)s (shown once)") % {"password": made} if made and not password else ""
    put(shown, f"{name}: {said}{once}", as_json=as_json)


def _change(user: "User", password: str, person: str, full_name: str, *, active: bool) -> None:
    """Save what was given. Raises Misused where the password is weak, or the name or the person cannot be."""
    from django.contrib.auth.password_validation import validate_password  # noqa: PLC0415
    from django.core.exceptions import ValidationError  # noqa: PLC0415

    from quarterdeck.kinds.access import Access, NotFound  # noqa: PLC0415
    from quarterdeck.kinds.roles import company  # noqa: PLC0415

    try:
        if password:
            validate_password(password, user)
            user.set_password(password)
        if person:
            user.person = Access(company).select("person").one(person).key
        user.first_name = full_name or user.first_name
        user.is_active = active
        user.full_clean()
    except ValidationError as error:
        raise Misused(" ".join(error.messages)) from error
    except NotFound as error:
        raise Misused(f"there is no {error}") from error
    user.save()


def _list(*, as_json: bool) -> None:
    from quarterdeck.kinds.models import User  # noqa: PLC0415

    answers = {True: _("yes"), False: _("no")}
    rows = [
        (
            one.username,
            one.first_name,
            ", ".join(sorted(group.name for group in one.groups.all())),
            one.person,
            one.is_active if as_json else answers[one.is_active],
        )
        for one in User.objects.order_by("username").prefetch_related("groups")
    ]
    columns = {
        "user": _("user"),
        "name": _("name"),
        "roles": _("roles"),
        "person": _("person"),
        "active": _("active"),
    }
    put_table(columns, rows, as_json=as_json)


@app.command()
def token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for; empty lists the tokens.")] = "",
    owner: Annotated[str, typer.Option("--user", help="Whose rights it has, at most; else those of --as.")] = "",
    rights: Annotated[str, typer.Option(help="read, write or import.")] = "read",
    days: Annotated[int, typer.Option(help="How long it lasts.", min=1, max=3_650)] = 90,
    remove: Annotated[bool, typer.Option("--remove", help="Take back the tokens of this name.")] = False,
    as_json: Json = False,
) -> None:
    """Make a token for the API, take it back, or list the tokens."""
    if rights not in RIGHTS:
        raise Misused(f"rights are one of: {', '.join(RIGHTS)}")
    open_home()
    whose = owner or OPTIONS.user
    if OPTIONS.user and whose == OPTIONS.user:
        acting_user()
    else:
        reader_who_may("users", "see or change", "tokens of others")
    if not name:
        _list_tokens(whose, as_json=as_json)
    elif remove:
        gone = _tokens(whose).filter(name=name).delete()[0]
        if not gone:
            raise Misused(f"there is no token {name!r}")
        put(
            {"removed": gone},
            _("tokens %(name)s taken back: %(count)d") % {"name": name, "count": gone},
            as_json=as_json,
        )
    else:
        text = _make_token(whose, name, rights, days)
        put({"token": text}, text, as_json=as_json)


def _tokens(owner: str) -> "QuerySet[Token]":
    from quarterdeck.kinds.models import Token  # noqa: PLC0415

    return Token.objects.filter(user__username=owner) if owner else Token.objects.all()


def _list_tokens(owner: str, *, as_json: bool) -> None:
    found = _tokens(owner).select_related("user").order_by("pk")
    rows = [(one.name, one.user.username, one.rights, one.expires) for one in found]
    columns = {"token": _("token"), "user": _("user"), "rights": _("rights"), "until": _("until")}
    put_table(columns, rows, as_json=as_json)


def _make_token(owner: str, name: str, rights: str, days: int) -> str:
    from django.utils import timezone  # noqa: PLC0415

    from quarterdeck.kinds.models import User  # noqa: PLC0415
    from quarterdeck.kinds.users import make_token  # noqa: PLC0415

    if not owner:
        raise Misused("say with --user whose token it is")
    found = User.objects.filter(username=owner, is_active=True).first()
    if found is None:
        raise Misused(f"there is no user {owner!r}")
    return make_token(found, name, rights, timezone.now() + timedelta(days=days))
