"""Where the lake's files are: a folder or an object store; a file is whole or not there."""

import hashlib
import io
import os
import uuid
from functools import lru_cache
from pathlib import Path

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
    """Write a frame under a new name. Returns its path and the digest of its bytes."""
    system, root = place()
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    data = buffer.getvalue()
    path = f"{table}/{uuid.uuid4().hex}.parquet"
    if "file" in system.protocol:
        _put_on_disk(Path(root, path), data)
    else:
        system.pipe_file(f"{root}/{path}", data)  # an object store shows an object when all of it is there
    return path, hashlib.sha256(data).hexdigest()


def _put_on_disk(path: Path, data: bytes) -> None:
    """Write beside, bring to the disk, rename, bring the folder to the disk: whole or not there, even without power."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.partial")
    with scratch.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
