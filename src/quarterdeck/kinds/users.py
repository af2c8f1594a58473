"""Users and tokens as readers: roles are groups of the same name."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.kinds.access import Access
from quarterdeck.kinds.models import Token, User
from quarterdeck.kinds.roles import ROLES, Reader

PREFIX = "qd_"


def reader_of(user: User | AnonymousUser) -> Reader:
    """The reader a signed-in user is; nobody without a role sees anything."""
    if not isinstance(user, User):
        return Reader("nobody")
    names = user.groups.order_by("name").values_list("name", flat=True)
    return Reader(f"user:{user.username}", tuple(ROLES[name] for name in names if name in ROLES), user.person)


def called(names: Iterable[str], reader: Reader) -> dict[str, str]:
    """What people call those who act, by the name they act under: services by ours, users by their full names, unless
    those are of people whom the reader may not see."""
    wanted = {name: name.removeprefix("user:").removeprefix("token:").partition("/")[0] for name in set(names)}
    users = list(User.objects.filter(username__in=wanted.values()))
    seen = _seen({user.person for user in users if user.person}, reader)
    full = {user.username: user.get_full_name() for user in users if not user.person or user.person in seen}
    found = {}
    for name, username in wanted.items():
        if name.startswith("service:"):
            found[name] = "Quarterdeck"
        elif name.startswith("token:"):
            found[name] = _("%(user)s (API)") % {"user": full.get(username) or username}
        else:
            found[name] = full.get(username) or username
    return found


def _seen(people: set[str], reader: Reader) -> set[str]:
    """Those of some people whose records a reader may see."""
    if not people or not reader.reads("person"):
        return set()
    return {row.key for row in Access(reader).select("person").where(key__in=sorted(people)).rows()}


def give_roles(user: User, names: list[str]) -> None:
    """Set a user's roles. Raises KeyError for one that is not in the table."""
    for name in names:
        ROLES[name]
    user.groups.set([Group.objects.get_or_create(name=name)[0] for name in names])


def make_token(user: User, name: str, rights: str, expires: datetime | None = None) -> str:
    """A new token, shown this once; only its digest is kept."""
    text = PREFIX + secrets.token_urlsafe(32)
    Token.objects.create(user=user, name=name, digest=_digest(text), rights=rights, expires=expires)
    return text


def reader_of_token(text: str) -> tuple[User, Reader] | None:
    """Who a token stands for, with what it leaves of their rights; None where it is none, has expired, or its user is
    gone."""
    token = Token.objects.select_related("user").filter(digest=_digest(text)).first()
    if token is None or not token.user.is_active or (token.expires and token.expires < timezone.now()):
        return None
    whole = reader_of(token.user)
    return token.user, Reader(f"token:{token.user.username}/{token.name}", whole.roles, whole.person, token.rights)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
