"""Erases a person from documents: an edition stands as it was handed out, so it is told which names them."""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

from quarterdeck.kinds import keys
from quarterdeck.kinds.erase import Cleared, Hit, Subject, place
from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.office.documents import editions
from quarterdeck.office.documents.editions import Damaged, Edition, KeptFile

_TAG = re.compile(r"<[^>]*>")
_PACKED = ("docx", "pptx")  # what says the same as a PDF beside it, and can be searched


@place
def documents(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Files that name the subject; where none of a language can be searched, each file that cannot."""
    for edition in editions.every() if subject.needles else ():
        if isinstance(edition, Damaged):
            yield Hit("documents", "edition", edition.key, "", keys.HIDDEN)
            continue
        seen = _may_see(edition, reader)
        for file in edition.files:
            text = _text(edition, file)
            if text is None and any(_text(edition, one) for one in edition.files if one.language == file.language):
                continue
            excerpt = keys.HIDDEN if text is None else subject.marks(text)
            if excerpt is not None:
                yield Hit("documents", "edition", edition.key, file.name, excerpt if seen else keys.HIDDEN)


def _may_see(edition: Edition, reader: Reader) -> bool:
    try:
        editions.permit(edition, reader)
    except Denied:
        return False
    return True


def _text(edition: Edition, file: KeptFile) -> str | None:
    """What a file says; None where that cannot be searched."""
    path = editions.folder() / edition.key / file.name
    if path.is_symlink() or not path.is_file() or file.format not in ("md", *_PACKED):
        return None
    content = path.read_bytes()
    if file.format not in _PACKED:
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = [packed.read(name).decode("utf-8", "replace") for name in packed.namelist() if name.endswith(".xml")]
    return unescape(" ".join(_TAG.sub("", part) for part in parts))
