"""Who could take over a unit, and where the knowledge of a unit lies with one person alone."""

from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.knowledge.authorship import Authorship
from quarterdeck.engines.knowledge.truck import NEVER, Factors, join
from quarterdeck.engines.knowledge.units import Membership, Sort


@dataclass(frozen=True)
class Candidate:
    """Someone who could take over.

    share: relative authorship (0 to 1) averaged over the unit's files that would be orphaned; 1 knows each of them as
    well as its best author. files: how many of them the person has changed. last: commit number of the newest such
    change.
    """

    person: str
    share: float
    files: int
    last: int


@dataclass(frozen=True)
class Island:
    """A directory of which one person is the only author of more than half of the files."""

    directory: str
    person: str
    files: int
    sole: int  # files of which the person is the only author
    share: float


def take_over(
    membership: Membership,
    factors: Factors,
    authorship: Authorship,
    present: np.ndarray,
    people: tuple[str, ...],
    files: int,
    most: int,
) -> list[tuple[Candidate, ...]]:
    """By unit, the present persons who know most of the files that losing its key authors would orphan."""
    at_stake = (factors.lost_at <= np.maximum(factors.factor, 0)[membership.unit]) & (factors.lost_at != NEVER)
    stake = Membership(membership.names, membership.sorts, membership.unit[at_stake], membership.file[at_stake])
    joined = join(stake, authorship.file, authorship.person, np.arange(len(authorship.file)), files)
    number = max(len(people), 1)
    key = factors.ranked.rank < factors.factor[factors.ranked.unit]
    leaving = factors.ranked.unit[key] * number + factors.ranked.person[key]
    wanted = joined.unit * number + joined.person
    kept = present[joined.person] & ~np.isin(wanted, leaving)
    keys, row = np.unique(wanted[kept], return_inverse=True)
    source = joined.changes[kept]
    share = np.bincount(row, weights=authorship.relative[source], minlength=len(keys)) / stake.sizes[keys // number]
    changed = np.bincount(row, minlength=len(keys))
    last = np.full(len(keys), np.iinfo(np.int64).min)
    np.maximum.at(last, row, authorship.last[source])
    order = np.lexsort((keys % number, -last, -share, keys // number))
    found: list[list[Candidate]] = [[] for _ in membership.names]
    for place in order.tolist():
        unit = int(keys[place]) // number
        if len(found[unit]) < most:
            person = people[int(keys[place]) % number]
            found[unit].append(Candidate(person, float(share[place]), int(changed[place]), int(last[place])))
    return [tuple(each) for each in found]


def islands(
    membership: Membership,
    authors: tuple[np.ndarray, np.ndarray],
    present: np.ndarray,
    people: tuple[str, ...],
    files: int,
    least: int,
) -> tuple[Island, ...]:
    """Directories that rest on one present person, the outermost of nested ones, by number of files.

    authors: (file, person) of every author, ascending by file.
    """
    file, person = (column[present[authors[1]]] for column in authors)
    alone = np.bincount(file, minlength=files)[file] == 1
    joined = join(membership, file[alone], person[alone], person[alone], files)
    number = max(len(people), 1)
    keys, sole = np.unique(joined.unit * number + joined.person, return_counts=True)
    sizes = membership.sizes
    found: dict[str, Island] = {}
    for key, count in zip(keys.tolist(), sole.tolist(), strict=True):
        unit, who = divmod(key, number)
        size = int(sizes[unit])
        if membership.sorts[unit] is Sort.DIRECTORY and size >= least and 2 * count > size:
            name = membership.names[unit]
            found[name] = Island(name, people[who], size, count, count / size)
    outer = [island for name, island in found.items() if not _inside(name, found)]
    return tuple(sorted(outer, key=lambda island: (-island.files, island.directory)))


def _inside(directory: str, found: dict[str, Island]) -> bool:
    """Whether a directory above is an island of the same person."""
    above = directory
    while above:
        above = above.rpartition("/")[0]
        if above in found and found[above].person == found[directory].person:
            return True
    return False
