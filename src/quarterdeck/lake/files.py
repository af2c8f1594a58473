"""Where the lake's files are: a folder or an object store; a file is whole or not there."""

import hashlib
import io
import uuid
from functools import lru_cache

import fsspec
import polars as pl
from django.conf import settings


@lru_cache(maxsize=4)
def _place(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    system, root = fsspec.core.url_to_fs(url)
    return system, root.rstrip("/")


def place() -> tuple[fsspec.AbstractFileSystem, str]:
    """The file system of the lake and its root in it."""
    return _place(settings.LAKE_URL)


def address(path: str) -> str:
    """Where Polars finds a file of the lake."""
    system, root = place()
    return f"{root}/{path}" if "file" in system.protocol else system.unstrip_protocol(f"{root}/{path}")


def put(table: str, frame: pl.DataFrame) -> tuple[str, str]:
    """Write a frame under a new name: beside, then renamed. Returns its path and the digest of its bytes."""
    system, root = place()
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    data = buffer.getvalue()
    path = f"{table}/{uuid.uuid4().hex}.parquet"
    system.makedirs(f"{root}/{table}", exist_ok=True)
    scratch = f"{root}/{path}.partial"
    with system.open(scratch, "wb") as file:
        file.write(data)
    system.mv(scratch, f"{root}/{path}")
    return path, hashlib.sha256(data).hexdigest()


def remove(paths: list[str]) -> None:
    """Remove files, as far as they are there."""
    system, root = place()
    for path in paths:
        if system.exists(f"{root}/{path}"):
            system.rm(f"{root}/{path}")


def listed() -> list[str]:
    """All files of the lake, finished and partial, by their paths."""
    system, root = place()
    if not system.exists(root):
        return []
    return sorted(found.removeprefix(f"{root}/") for found in system.find(root))
