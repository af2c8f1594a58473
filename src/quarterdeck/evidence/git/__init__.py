"""Reads git repositories without trusting them: commits, changed files, tags, the head's files and contents."""

from quarterdeck.evidence.git.content import GOVERNANCE, MANIFESTS, pack_files, repository_files
from quarterdeck.evidence.git.reading import READER, read
from quarterdeck.evidence.git.tables import COMMIT_FILES, COMMITS, REPOSITORIES, SIDE_COMMITS, TABLES, TAGS, TREE_FILES

__all__ = [
    "COMMITS",
    "COMMIT_FILES",
    "GOVERNANCE",
    "MANIFESTS",
    "READER",
    "REPOSITORIES",
    "SIDE_COMMITS",
    "TABLES",
    "TAGS",
    "TREE_FILES",
    "pack_files",
    "read",
    "repository_files",
]
