"""Which commits a merge brought in, and which deployment first carried a commit, from the histories of repositories."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import polars as pl

NEVER = 1 << 62  # the place in the main line of a commit that never came there


class Ancestry:
    """The history of one repository, as far as it was collected."""

    def __init__(self, commits: pl.DataFrame, head: str | None) -> None:
        """commits: each once, with `commit`, `parents` and `authored_at`. head: the newest of the main line."""
        self._place = {name: place for place, name in enumerate(commits["commit"].to_list())}
        self._authored: list[datetime | None] = commits["authored_at"].to_list()
        named = commits["parents"].to_list()
        self._parents = [[self._place[name] for name in names or () if name in self._place] for names in named]
        self._cut = {place for place, names in enumerate(named) if len(names or ()) > len(self._parents[place])}
        order = self._oldest_first()
        self._entry, self._newest = [NEVER] * len(order), [-1] * len(order)
        self._enter(self._main_line(self._place.get(head or "", order[-1] if order else None)))
        for place in order:
            self._newest[place] = max([self._newest[place], *(self._newest[parent] for parent in self._parents[place])])

    def __contains__(self, commit: object) -> bool:
        return commit in self._place

    def first_written(self, commit: str, opened: datetime | None) -> datetime | None:
        """When the first commit of the change that became `commit` was written; None where history does not tell.

        One that is no merge speaks for its change where it is not younger than the opening of the review; else it is
        what a whole branch was squashed to.
        """
        place = self._place[commit]
        if len(self._parents[place]) > 1:
            times = [self._authored[one] for one in self._brought(place)]
            return min((time for time in times if time is not None), default=None)
        written = self._authored[place]
        known = place not in self._cut and written is not None and (opened is None or written <= opened)
        return written if known else None

    def carried(self, deployed: Iterable[tuple[str, str]], asked: Iterable[str]) -> dict[str, str]:
        """Of the commits that are asked for, those that were deployed, by the first deployment that had them in its
        history; deployed: (commit, deployment), the earliest first."""
        first: dict[int, str] = {}
        for commit, deployment in deployed:
            waiting = [self._place[commit]]
            while waiting:
                place = waiting.pop()
                if place not in first:
                    first[place] = deployment
                    waiting += self._parents[place]
        places = ((name, self._place.get(name, -1)) for name in asked)
        return {name: first[place] for name, place in places if place in first}

    def _brought(self, merge: int) -> set[int]:
        """The commits that a merge brought to its first parent; none where the collected history is cut off there."""
        before, *others = self._parents[merge]
        floor = self._newest[before]
        brought = self._beyond(others, floor) - self._beyond([before], floor)
        return set() if merge in self._cut or brought & self._cut else brought

    def _beyond(self, start: Iterable[int], floor: int) -> set[int]:
        """What is reachable, without what had come to the main line up to its place `floor`."""
        found: set[int] = set()
        waiting = list(start)
        while waiting:
            place = waiting.pop()
            if place not in found and self._entry[place] > floor:
                found.add(place)
                waiting += self._parents[place]
        return found

    def _oldest_first(self) -> list[int]:
        """All commits, each after its parents."""
        order, done, begun = [], bytearray(len(self._parents)), bytearray(len(self._parents))
        for start in range(len(self._parents)):
            waiting = [start]
            while waiting:
                place = waiting[-1]
                if not begun[place]:
                    begun[place] = 1
                    waiting += [parent for parent in self._parents[place] if not begun[parent]]
                    continue
                waiting.pop()
                if not done[place]:
                    done[place] = 1
                    order.append(place)
        return order

    def _main_line(self, head: int | None) -> list[int]:
        """The line of first parents that ends at the head, oldest first."""
        line = []
        while head is not None:
            line.append(head)
            head = self._parents[head][0] if self._parents[head] else None
        return line[::-1]

    def _enter(self, line: Sequence[int]) -> None:
        """Note of each commit the place in the main line at which it came there."""
        for at, commit in enumerate(line):
            self._newest[commit] = at
            waiting = [commit]
            while waiting:
                place = waiting.pop()
                if self._entry[place] == NEVER:
                    self._entry[place] = at
                    waiting += self._parents[place]


def histories(commits: pl.DataFrame, repositories: pl.DataFrame, wanted: Collection[str]) -> list[Ancestry]:
    """The histories that hold any of the wanted commits."""
    heads = dict(repositories.select("repository", "head").iter_rows())
    asked = commits.filter(pl.col("commit").is_in(list(wanted)))["repository"].unique(maintain_order=True)
    return [
        Ancestry(commits.filter(pl.col("repository") == name).unique("commit", maintain_order=True), heads.get(name))
        for name in asked
    ]
