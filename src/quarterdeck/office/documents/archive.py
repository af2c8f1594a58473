"""Makes office files the same bytes for the same content: no clock in their archives, nor in those within."""

import io
import re
import zipfile
from datetime import UTC, datetime

_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest an archive can name
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")
_NESTED = (".xlsx", ".docx", ".pptx")


def settle(content: bytes, at: datetime) -> bytes:
    """The archive with every entry's time fixed and its core properties dated `at`."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        for entry in given.infolist():
            inner = given.read(entry)
            if entry.filename.endswith(_NESTED):
                inner = settle(inner, at)
            elif entry.filename == "docProps/core.xml":
                inner = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<3>", inner)
            target.writestr(_named(entry.filename), inner)
    return made.getvalue()


def _named(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIRST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
