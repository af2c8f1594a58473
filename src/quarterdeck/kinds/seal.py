"""Seals personal values under a key per subject, so that destroying one key makes them unreadable everywhere."""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from quarterdeck.kinds import keys
from quarterdeck.kinds.models import SubjectKey, Tombstone

PREFIX = "sealed:"
GONE = "erased"
_NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM


def _home_key(purpose: str) -> bytes:
    """A key of this home for one purpose, derived from its secret (HKDF-like: one HMAC, one 32-byte block)."""
    return hmac.new(settings.SECRET_KEY.encode(), f"quarterdeck/{purpose}".encode(), hashlib.sha256).digest()


def keyed(purpose: str, value: str) -> str:
    """A keyed digest of a value: the same here for the same value, meaningless elsewhere."""
    return hmac.new(_home_key(purpose), value.encode(), hashlib.sha256).hexdigest()


def subject_of(sealed: str) -> str:
    """Whose key a sealed value needs; it is bound into the seal, so that no value can be passed off as another's."""
    return sealed.removeprefix(PREFIX).rpartition(":")[0]


class Sealer:
    """Seals and opens values of many subjects; keys are fetched and made in sets."""

    def __init__(self) -> None:
        self._keys: dict[str, AESGCM | None] = {}
        self._home = AESGCM(_home_key("subject-keys"))

    def load(self, subjects: Iterable[str]) -> None:
        """Fetch the keys of these subjects, as far as they have one."""
        wanted = [subject for subject in set(subjects) if subject not in self._keys]
        for start in range(0, len(wanted), 5000):
            chunk = wanted[start : start + 5000]
            self._keys.update(dict.fromkeys(chunk))
            for row in SubjectKey.objects.filter(subject__in=chunk):
                self._keys[row.subject] = AESGCM(self._unwrap(row.subject, bytes(row.wrapped)))

    def make(self, subjects: Iterable[str]) -> None:
        """Make a key for each subject that has none yet."""
        wanted = set(subjects)
        self.load(wanted)
        made = []
        for subject in sorted(wanted):
            if self._keys[subject] is None:
                key = AESGCM.generate_key(bit_length=256)
                self._keys[subject] = AESGCM(key)
                made.append(SubjectKey(subject=subject, wrapped=self._wrap(subject, key)))
        SubjectKey.objects.bulk_create(made, batch_size=2000)

    def seal(self, subject: str, text: str) -> str:
        """The text under the subject's key; the subject is bound in, so that a value cannot be moved to another."""
        cipher = self._keys[subject]
        if cipher is None:
            raise KeyError(f"no key for {subject}")
        nonce = os.urandom(_NONCE)
        sealed = nonce + cipher.encrypt(nonce, text.encode(), subject.encode())
        return f"{PREFIX}{subject}:{base64.b64encode(sealed).decode()}"

    def open(self, subject: str, sealed: str) -> str | None:
        """The text again, or None where the subject was erased. Raises ValueError where the value was altered or
        moved."""
        if subject not in self._keys:
            self.load([subject])
        cipher = self._keys[subject]
        if cipher is None:
            return None
        try:
            raw = base64.b64decode(sealed.rpartition(":")[2], validate=True)
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], subject.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise ValueError(f"a sealed value of {subject} was altered") from error

    def _wrap(self, subject: str, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._home.encrypt(nonce, key, subject.encode())

    def _unwrap(self, subject: str, wrapped: bytes) -> bytes:
        return self._home.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject.encode())


def tombstone(value: str) -> str:
    """The keyed trace of an erased identity, whatever its case: tells that it was erased, not who it was."""
    return keyed("tombstones", keys.fold(value))


def blocked(values: Iterable[str]) -> set[str]:
    """Those of the values (keys, e-mails, identities) that belong to an erased subject."""
    if not Tombstone.objects.exists():
        return set()
    traces = {value: tombstone(value) for value in set(values) if value}
    wanted, gone = sorted(set(traces.values())), set[str]()
    for start in range(0, len(wanted), 5000):
        gone.update(Tombstone.objects.filter(trace__in=wanted[start : start + 5000]).values_list("trace", flat=True))
    return {value for value, trace in traces.items() if trace in gone}
