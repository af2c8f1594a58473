"""How long people took here to get to know a repository they did not begin: person-days a source file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import polars as pl
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Past, Reference, Words
from quarterdeck.engines.programme import Estimate
from quarterdeck.office.candidates import histories, past
from quarterdeck.office.candidates.places import places
from quarterdeck.office.candidates.words import say
from quarterdeck.runs.candidates import Harvest, engine

TABLES = histories.TABLES
BEGINNING = timedelta(days=90)  # who comes within a quarter of the first commit is one of those who began it
FIRST_YEAR = timedelta(days=365)  # what somebody touches later they know already
FAMILIAR = 0.1  # share of the source files that somebody must have touched to count as having got to know them
SHOWN = 3  # newest of them shown in a path; nobody is named


@dataclass(frozen=True)
class Learnt:
    """Person-days a file of those who got to know a repository, and the newest of them as references."""

    count: int
    rates: tuple[float, ...]
    newest: tuple[Reference, ...]

    def past(self, files: Estimate) -> Past:
        """What getting to know so many files can be estimated from."""
        return Past(self.rates, say(_("people who got to know a repository")), files, count=self.count)

    def said(self, files: Estimate) -> Words:
        """On what the effort rests, in a sentence."""
        return say(
            _(
                "The effort is what %(count)s people needed in their first year to get to know a source file of a "
                "repository that others had begun, for %(low)s to %(high)s files."
            ),
            count=self.count,
            low=round(files.low),
            high=round(files.high),
        )


def learnt(harvest: Harvest) -> Learnt | None:
    """What getting to know a file took in all repositories; None where too few have done so."""
    return harvest.once("learnt", lambda: _learnt(harvest))


def _learnt(harvest: Harvest) -> Learnt | None:
    found = newcomers(past.commits(harvest), harvest.table("commit_files", *past.FILES), _standing(harvest))
    if found.height < engine("candidates.effort").LEAST_SAMPLE:
        return None
    newest = found.sort("came", "repository").tail(SHOWN).reverse()
    columns = ("source", "repository", "commit", "days", "files")
    shown = tuple(
        past.committed(source, repository, commit, f"{commit[:12]} {repository}: {days:.1f} d, {files} files")
        for source, repository, commit, days, files in newest.select(columns).iter_rows()
    )
    return Learnt(found.height, past.sample(found["days"] / found["files"]), shown)


def _standing(harvest: Harvest) -> pl.DataFrame:
    files = harvest.table("tree_files", "repository", "path", "role").filter(pl.col("role") == "source")
    return files.select("repository", "path").unique()


def newcomers(commits: pl.DataFrame, files: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """One row a person and repository: the commit they came with, person-days of their first year in it, and source
    files they touched then.

    commits: as `past.commits` gives them, with the day each belongs to and its share of it. Those who began a
    repository, and those who touched less than FAMILIAR of it, are no newcomers who got to know it.
    """
    person, day = ["repository", "author"], pl.col("day")
    known = commits.with_columns(began=day.min().over("repository"), came=day.min().over(person))
    known = known.filter((pl.col("came") > pl.col("began") + BEGINNING) & (day < pl.col("came") + FIRST_YEAR))
    first = pl.col("commit", "source").sort_by("day", "commit").first()
    work = known.group_by(*person, "came").agg(first, days=pl.col("share").sum())
    touched = known.select("repository", "commit", "author").join(
        files.select("repository", "commit", "path").unique(), on=["repository", "commit"]
    )
    touched = touched.join(standing, on=["repository", "path"], how="semi")
    width = touched.group_by(person).agg(files=pl.col("path").n_unique())
    whole = standing.group_by("repository").agg(whole=pl.len())
    joined = work.join(width, on=person).join(whole, on="repository")
    return joined.filter(pl.col("files") >= FAMILIAR * pl.col("whole"))


def to_half(files: int, held: int | None = None, known: float = 0.0) -> Estimate:
    """Source files somebody must get to know so that half of them have an author besides whoever holds them.

    Half is the truck factor's own rule. At best what the nearest person knows counts already (`known`: a share of
    what is held), at most everything that is held.
    """
    held = files if held is None else held
    half = -(-files // 2)
    least = max(1.0, half - known * held)
    return Estimate(min(least, half), float(half), float(max(half, held)))


def source_files(harvest: Harvest, systems: Iterable[str]) -> int | None:
    """Source files in the repositories of systems; None where one of the systems has no repository with a history."""
    known, named = places(harvest), set(systems)
    found: dict[str, int] = {}
    for repository in histories.repositories(harvest):
        system = known.system(repository)
        if system in named:
            found[system] = found.get(system, 0) + len(histories.sources(harvest, repository))
    return sum(found.values()) if named and set(found) == named and all(found.values()) else None
