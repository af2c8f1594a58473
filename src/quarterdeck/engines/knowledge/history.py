"""Follows files through renames, deletions and re-creations, and sums up who changed what."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from quarterdeck.engines.knowledge.records import Inputs, Touches


@dataclass(frozen=True)
class Pairs:
    """One row for each file and person: who knows what from where. Files and persons are indices."""

    file: np.ndarray
    person: np.ndarray
    created: np.ndarray  # created the file
    delivered: np.ndarray  # changes other than creations
    changes: np.ndarray  # all touches
    last: np.ndarray  # commit number of the newest touch
    others: np.ndarray  # changes other than creations by everyone else


@dataclass(frozen=True)
class Touched:
    """Each touch with the file it belongs to."""

    file: np.ndarray  # -1: one that does not stand now, or a touch that deletes
    home: np.ndarray  # the same, with the touches that delete
    person: np.ndarray  # -1: nobody
    order: np.ndarray
    created: np.ndarray


@dataclass(frozen=True)
class History:
    """What stands now and who made it. paths and people are sorted; indices elsewhere point into them."""

    paths: tuple[str, ...]
    people: tuple[str, ...]
    touched: Touched
    pairs: Pairs


def follow(touches: Touches, first_touch_creates: bool) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Each touch's file as an identity, whether the touch created it, and the identity of every path that stands now.

    A rename carries the identity to the new path; renames of one commit happen at once, so that swaps come out right. A
    path that is deleted and created again keeps its identity: who creates it again gets a creator's credit.
    """
    number = len(touches.path)
    sequence = np.argsort(np.asarray(touches.order, dtype=np.int64), kind="stable")
    renamed, deleted = touches.renamed_from or (None,) * number, touches.deleted or (False,) * number
    identity = np.empty(number, dtype=np.int64)
    created = np.array(touches.created, dtype=bool) if touches.created else np.zeros(number, dtype=bool)
    at: dict[str, int] = {}  # every path ever seen
    gone: set[str] = set()
    fresh = 0
    moving: dict[int, int] = {}
    commit = None
    renames = _renames(touches)
    for place in sequence.tolist():
        if touches.order[place] != commit:
            commit = touches.order[place]
            moving = _departures(renames[commit], at) if commit in renames else {}
        path = touches.path[place]
        if place in moving:
            at[path] = moving[place]
        elif path not in at:
            at[path] = fresh
            fresh += 1
            created[place] |= first_touch_creates and renamed[place] is None
        identity[place] = at[path]
        if deleted[place]:
            gone.add(path)
        elif path in gone:
            gone.remove(path)
    return identity, created, {path: key for path, key in at.items() if path not in gone}


def _renames(touches: Touches) -> dict[int, list[tuple[int, str]]]:
    """The renames of each commit: the places of the touches, and the old paths."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place, source in enumerate(touches.renamed_from):
        if source is not None:
            found[touches.order[place]].append((place, source))
    return found


def _departures(renames: list[tuple[int, str]], at: dict[str, int]) -> dict[int, int]:
    """The identities that one commit's renames carry, by place; their old paths are free from then on."""
    return {place: at.pop(source) for place, source in renames if source in at}


def read_history(inputs: Inputs) -> History:
    """Touches summed to pairs of file and person, over the files that stand now."""
    touches = inputs.touches
    identity, created, live = follow(touches, inputs.first_touch_creates)
    paths = sorted(live) if inputs.files is None else sorted({file.path for file in inputs.files})
    number = {path: place for place, path in enumerate(paths)}
    index = np.full(int(identity.max(initial=-1)) + 1, -1, dtype=np.int64)
    for path, key in live.items():
        index[key] = number.get(path, -1)
    people = sorted({person for person in touches.person if person is not None})
    who = {person: place for place, person in enumerate(people)}
    person = np.fromiter((-1 if each is None else who[each] for each in touches.person), np.int64, len(touches.person))
    home = index[identity]
    file = home.copy()
    if touches.deleted:
        file[np.array(touches.deleted, dtype=bool)] = -1
    touched = Touched(file, home, person, np.asarray(touches.order, dtype=np.int64), created)
    return History(tuple(paths), tuple(people), touched, sum_pairs(touched, len(paths), len(people)))


def sum_pairs(touched: Touched, files: int, people: int) -> Pairs:
    """One row for each file that stands and person who touched it, ordered by file, then person."""
    kept = (touched.file >= 0) & (touched.person >= 0)
    keys, row = np.unique(touched.file[kept] * max(people, 1) + touched.person[kept], return_inverse=True)
    number = len(keys)
    created = np.bincount(row, weights=touched.created[kept], minlength=number) > 0
    delivered = np.bincount(row, weights=~touched.created[kept], minlength=number).astype(np.int64)
    last = np.full(number, np.iinfo(np.int64).min)
    np.maximum.at(last, row, touched.order[kept])
    file = keys // max(people, 1)
    standing = touched.file >= 0
    total = np.bincount(touched.file[standing], weights=~touched.created[standing], minlength=files).astype(np.int64)
    return Pairs(
        file,
        keys % max(people, 1),
        created,
        delivered,
        np.bincount(row, minlength=number),
        last,
        total[file] - delivered,
    )
