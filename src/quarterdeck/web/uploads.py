"""Bounds what is uploaded: a request whose files are larger than any sheet may be is stopped while it comes in."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from quarterdeck.kinds.sheets import LARGEST


class Bounded(FileUploadHandler):
    """Counts the bytes of all files of one request, and hands them on to the handlers after it."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on. Raises RequestDataTooBig."""
        self._bytes += len(raw_data)
        if self._bytes > LARGEST:
            raise RequestDataTooBig(f"files of more than {LARGEST} bytes")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one make the file."""
