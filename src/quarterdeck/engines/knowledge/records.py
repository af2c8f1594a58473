"""What knowledge is judged from: who touched which file in which order, and how files are grouped into units."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Touch:
    """One change of one file.

    person: who made it, None when it cannot be given to a person (a machine, say). order: number of the commit; those
    of one commit are equal and happen at once, later ones are larger. added, removed: lines, None for a binary file.
    """

    person: str | None
    path: str
    order: int
    created: bool = False
    deleted: bool = False
    renamed_from: str | None = None
    added: int | None = None
    removed: int | None = None
    fix: bool = False


@dataclass(frozen=True)
class Touches:
    """Touches by column, for large histories. A column may be empty: then the source does not have it.

    Raises ValueError for columns of different lengths.
    """

    person: tuple[str | None, ...] = ()
    path: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    created: tuple[bool, ...] = ()
    deleted: tuple[bool, ...] = ()
    renamed_from: tuple[str | None, ...] = ()
    added: tuple[int | None, ...] = ()
    removed: tuple[int | None, ...] = ()
    fix: tuple[bool, ...] = ()

    def __post_init__(self) -> None:
        number = len(self.path)
        for column in fields(self):
            length = len(getattr(self, column.name))
            needed = column.name in ("person", "path", "order")
            if length != number and (needed or length):
                raise ValueError(f"{column.name} has {length} values, path has {number}")

    @classmethod
    def of(cls, touches: Iterable[Touch]) -> "Touches":
        """The columns of single records."""
        rows = tuple(touches)
        return cls(*(tuple(getattr(row, column.name) for row in rows) for column in fields(cls)))


@dataclass(frozen=True)
class File:
    """A file that stands now; lines None when its size is not known."""

    path: str
    lines: int | None = None


@dataclass(frozen=True)
class System:
    """A system and the folders or files it consists of; a file belongs to the system with its longest matching path."""

    key: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """When a person is an author of a file, and when a unit has lost too many of them.

    relative: degree of authorship must be above this part of the file's best. absolute: and at least this much; None
    leaves it out. creators: whoever created the file is an author without the absolute bound, as in the implementation
    published with the method. coverage: the unit is lost when less than this part of its files has an author left.
    """

    relative: float = 0.75
    absolute: float | None = 3.293
    creators: bool = False
    coverage: float = 0.5


@dataclass(frozen=True)
class Inputs:
    """Everything knowledge is judged from.

    files: the files that stand now; None derives them from the touches (touched and not deleted since).
    departed: persons who have left. depth: levels of directories that are units (0: only the whole).
    recent_from: first commit number that counts for hotspots. first_touch_creates: take the first touch of a path on
    record as its creation; for sources that do not say which touch created a file.
    """

    touches: Touches
    files: tuple[File, ...] | None = None
    systems: tuple[System, ...] = ()
    departed: tuple[str, ...] = ()
    depth: int = 3
    rule: Rule = field(default_factory=Rule)
    first_touch_creates: bool = False
    recent_from: int | None = None
    candidates: int = 3  # persons named a unit who could take over
    hotspots: int = 50  # files listed
    island_files: int = 5  # a directory with fewer files is not listed as an island
    confidence: float = 0.8
