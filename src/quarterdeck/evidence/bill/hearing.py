"""Hears a text of any length block by block, and tells whether it is text in an encoding, and if not, where."""

import codecs

from quarterdeck.evidence import hostile
from quarterdeck.evidence.batch import Refused
from quarterdeck.evidence.chinese import Judge


def marked_utf16(begin: bytes) -> bool:
    """Whether a file begins with UTF-16's mark."""
    return begin[:2] in hostile.UTF16_MARKS


class Hearing:
    """One pass over a file's bytes; memory holds one block.

    failed: where UTF-8 first went wrong, which is how a text in GB18030 begins. Any other failure raises Refused.
    """

    def __init__(self, origin: str, encoding: str, not_utf8: Refused | None = None) -> None:
        self.origin, self.encoding = origin, encoding
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.not_utf8 = not_utf8
        self.failed: Refused | None = None
        self.judge = Judge()
        self.bytes = self.lines = 0

    def hear(self, block: bytes) -> None:
        """Decode one more block; Refused where it is no text at all."""
        self._decode(block, final=False)

    def close(self) -> None:
        """Say that the file has ended; Refused where it ends, or is, what no text is."""
        self._decode(b"", final=True)
        if self.not_utf8 and not self.judge.is_chinese:
            raise self.not_utf8

    def _decode(self, block: bytes, *, final: bool) -> None:
        if self.failed:
            return
        held = len(self.decoder.getstate()[0])
        try:
            text = self.decoder.decode(block, final)
        except UnicodeDecodeError as error:
            self._fail(error, self.bytes - held, final)
            return
        hostile.refuse_noise(text, self.origin, chinese=self.not_utf8 is not None, after=self.lines)
        if self.not_utf8:
            self.judge.hear(text)
        self.bytes += len(block)
        self.lines += text.count("\n")

    def _fail(self, error: UnicodeDecodeError, before: int, final: bool) -> None:
        line = self.lines + error.object.count(b"\n", 0, error.start) + 1
        if self.not_utf8:
            raise self.not_utf8
        if self.encoding == "utf-16":
            raise Refused(self.origin, hostile.not_utf16(error, before), line) from error
        self.failed = Refused(self.origin, hostile.neither(error, before, final), line)
