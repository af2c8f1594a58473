"""The tables a repository gives: itself, its commits, the files they changed, its tags and the files it holds now."""

import polars as pl

from quarterdeck.evidence.schema import Column, Mode, Table

INSTANT = pl.Datetime("us", "UTC")
REPOSITORY = Column(
    "repository", pl.String(), "Name of the repository: what the caller names it, else its folder's name."
)
COMMIT = Column("commit", pl.String(), "Full hexadecimal name of the commit (40 digits, 64 in a SHA-256 repository).")

REPOSITORIES = Table(
    "repositories",
    "One row a repository: its default branch and how far its history goes.",
    (
        REPOSITORY,
        Column("remote", pl.String(), "Where the clone says it came from, without credentials; unverified."),
        Column(
            "branch", pl.String(), "Default branch: the origin's HEAD where the clone knows it, else the clone's own."
        ),
        Column("head", pl.String(), "Newest commit of the default branch; empty in an empty repository."),
        Column("commits", pl.Int64(), "Commits reachable from the head, merges included."),
        Column("side_commits", pl.Int64(), "Commits on other branches and tags only."),
        Column("branches", pl.Int64(), "Branches, the clone's own and those of its remotes."),
        Column("tags", pl.Int64(), "Tags."),
        Column("first_at", INSTANT, "Earliest commit time (committer's clock) reachable from the head."),
        Column("last_at", INSTANT, "Latest commit time (committer's clock) reachable from the head."),
        Column("files", pl.Int64(), "Files in the tree of the head, links included, submodules not."),
        Column("object_format", pl.String(), "sha1 or sha256."),
        Column("counted_by", pl.String(), "Version of git and the settings under which lines were counted."),
    ),
    key=("repository",),
)

COMMITS = Table(
    "commits",
    "One row a commit of any branch or tag. Whoever wants the default branch only leaves out those in side_commits.",
    (
        REPOSITORY,
        COMMIT,
        Column("author", pl.String(), "Author as 'Name <address>', through the mailmap of the head.", person=True),
        Column("authored_at", INSTANT, "Author's clock; empty where the commit holds no readable time."),
        Column(
            "committer", pl.String(), "Committer as 'Name <address>', through the mailmap of the head.", person=True
        ),
        Column("committed_at", INSTANT, "Committer's clock; clocks can be wrong and times can run backwards."),
        Column("parents", pl.List(pl.String()), "Parent commits in their order; none for a root commit."),
        Column("is_merge", pl.Boolean(), "Has more than one parent."),
        Column("subject", pl.String(), "First paragraph of the message on one line, cut to 500 characters."),
        Column("is_fix", pl.Boolean(), "The subject says a fault was repaired; see the rule on the reader's page."),
        Column("files", pl.Int64(), "Files changed; empty for a merge, whose changes are counted in what it merges."),
        Column("added", pl.Int64(), "Lines added in text files; empty for a merge."),
        Column("deleted", pl.Int64(), "Lines deleted in text files; empty for a merge."),
    ),
    key=("repository", "commit"),
    mode=Mode.APPEND,
)

COMMIT_FILES = Table(
    "commit_files",
    "One row a file that a commit changed against its parent; merges have none.",
    (
        REPOSITORY,
        COMMIT,
        Column("path", pl.String(), "Path in the tree, / between its parts; quoted as git does where it is not UTF-8."),
        Column("old_path", pl.String(), "Path before, where the file was renamed; else empty."),
        Column("change", pl.String(), "added, modified, deleted, renamed or retyped (a file became a link, say)."),
        Column("similarity", pl.UInt8(), "Of a renamed file: how much stayed the same, in percent."),
        Column("kind", pl.String(), "file, link or submodule (after the change; before it where deleted)."),
        Column("added", pl.Int64(), "Lines added; empty for a binary file."),
        Column("deleted", pl.Int64(), "Lines deleted; empty for a binary file."),
    ),
    key=("repository", "commit", "path"),
    mode=Mode.APPEND,
)

SIDE_COMMITS = Table(
    "side_commits",
    "Commits in the commits table that are not in the history of the default branch.",
    (
        REPOSITORY,
        COMMIT,
        Column("reason", pl.String(), "unmerged: on another branch or tag; withdrawn: a rewritten history dropped it."),
    ),
    key=("repository", "commit"),
)

TAGS = Table(
    "tags",
    "One row a tag that leads to a commit.",
    (
        REPOSITORY,
        Column("tag", pl.String(), "Name of the tag without refs/tags/."),
        COMMIT,
        Column("is_annotated", pl.Boolean(), "An annotated tag holds its own author, time and message."),
        Column("tagger", pl.String(), "Who made an annotated tag, through the mailmap of the head.", person=True),
        Column("tagged_at", INSTANT, "When an annotated tag was made; of a light one the commit's own time."),
        Column("subject", pl.String(), "First paragraph of an annotated tag's message, cut to 500 characters."),
    ),
    key=("repository", "tag"),
)

TREE_FILES = Table(
    "tree_files",
    "One row a file in the tree of the head.",
    (
        REPOSITORY,
        Column("path", pl.String(), "Path in the tree, / between its parts; quoted as git does where it is not UTF-8."),
        Column("kind", pl.String(), "file, executable, link or submodule."),
        Column("size", pl.Int64(), "Size in bytes; empty for a submodule."),
        Column("blob", pl.String(), "Name of the content (a submodule's commit): equal names, equal content."),
        Column("role", pl.String(), "What the file is by its place and name; see the list on the reader's page."),
        Column("language", pl.String(), "Source language by the name's ending; empty where none is known."),
    ),
    key=("repository", "path"),
)

TABLES = (REPOSITORIES, COMMITS, COMMIT_FILES, SIDE_COMMITS, TAGS, TREE_FILES)
