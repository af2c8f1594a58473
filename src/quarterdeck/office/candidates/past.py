"""What past work took here: person-days of changes to manifests, and lines changed in a person-day, by repository."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl
from django.utils.translation import gettext_noop as _

from quarterdeck.engines.candidate import Past, Reference, Steps, Words
from quarterdeck.evidence.git.classification import role
from quarterdeck.office.candidates.words import say
from quarterdeck.runs.candidates import Harvest

TABLES = ("commits", "commit_files", "side_commits")
COMMITS = (
    "source",
    "repository",
    "commit",
    "author",
    "authored_at",
    "is_merge",
    "subject",
    "is_fix",
    "added",
    "deleted",
)
FILES = ("repository", "commit", "path", "old_path", "change", "added", "deleted")
YEARS = 3  # how far back past changes are taken: teams and tools of longer ago are not those of today
GAP = timedelta(days=3)  # commits of one person nearer than this belong to one change; a weekend does not part them
FEWEST = 5  # changes below which a repository's own past says too little, and all repositories' past is taken
SHOWN = 3  # newest changes shown in the path
MOST = 201  # quantiles kept of a long past: enough for any that is asked, and the inputs stay small


@dataclass(frozen=True)
class Changes:
    """How many past changes, their person-days, the files each touched (median), and the newest as references."""

    count: int
    days: tuple[float, ...]
    files: float
    newest: tuple[Reference, ...]


@dataclass(frozen=True)
class Upgrades:
    """Past changes of dependencies: of each repository, and of all together."""

    own: dict[str, Changes]
    all: Changes

    def of(self, repository: str) -> Changes:
        """The repository's own past where it has enough of it, else that of all."""
        found = self.own.get(repository)
        return found if found and found.count >= FEWEST else self.all

    def past(self, repository: str) -> Past | None:
        """What an upgrade can be estimated from; None where nothing is on record."""
        found = self.of(repository)
        return Past(found.days, say(_("past changes of dependencies")), count=found.count) if found.days else None


def said(changes: Changes, steps: Steps) -> Words:
    """On what the effort of an upgrade rests, in a sentence."""
    values = {"changes": changes.count, "files": round(changes.files), "major": steps.major}
    if steps.major:
        return say(
            _(
                "The effort is that of %(changes)s past changes of dependencies, widened for the "
                "major versions between: %(major)s."
            ),
            **values,
        )
    return say(
        _("The effort is that of %(changes)s past changes of dependencies, which touched %(files)s files as a rule."),
        **values,
    )


def commits(harvest: Harvest) -> pl.DataFrame:
    """Commits of default branches that are no merges, with `share`: the part of its author's day that each was.

    A day on which somebody commits is counted as one day of their work and parted evenly among that day's commits;
    days without a commit are not seen.
    """
    return harvest.once("past commits", lambda: _commits(harvest))


def _commits(harvest: Harvest) -> pl.DataFrame:
    frame = harvest.table("commits", *COMMITS)
    side = harvest.table("side_commits", "repository", "commit")
    frame = frame.filter(~pl.col("is_merge") & pl.col("authored_at").is_not_null() & pl.col("author").is_not_null())
    frame = frame.join(side, on=["repository", "commit"], how="anti").unique(["repository", "commit"], keep="first")
    frame = frame.with_columns(day=pl.col("authored_at").dt.date())
    share = 1.0 / pl.len().over("author", "day")
    return frame.with_columns(share=share).sort("repository", "authored_at", "commit")


def upgrades(harvest: Harvest) -> Upgrades:
    """What past changes of manifests and lock files took, the files they touched included."""
    return harvest.once("past upgrades", lambda: _upgrades(harvest))


def _upgrades(harvest: Harvest) -> Upgrades:
    known = commits(harvest).filter(pl.col("day") > harvest.today - timedelta(days=round(365.25 * YEARS)))
    known = known.filter(pl.col("day") <= harvest.today)
    files = harvest.table("commit_files", *FILES).select("repository", "commit", "path").unique()
    roles = {path: role(path) for path in files["path"].unique()}
    chosen = [path for path, found in roles.items() if found in ("lock", "manifest")]
    touching = files.filter(pl.col("path").is_in(chosen)).select("repository", "commit").unique()
    began = _episodes(known.join(touching, on=["repository", "commit"], how="semi"))
    if not began.height:
        return Upgrades({}, Changes(0, (), 0.0, ()))
    measured = _measured(began, known, files)
    own = {str(name[0]): _changes(part) for name, part in measured.group_by("repository", maintain_order=True)}
    return Upgrades(own, _changes(measured))


def _episodes(touching: pl.DataFrame) -> pl.DataFrame:
    """Commits that touch manifests, with the number of the change each belongs to and its first and last moment."""
    person = ["repository", "author"]
    ordered = touching.sort(*person, "authored_at", "commit")
    apart = (pl.col("authored_at").diff().over(person) > GAP).fill_null(True)
    ordered = ordered.with_columns(change=apart.cum_sum())
    return ordered.with_columns(
        first=pl.col("authored_at").min().over("change"), last=pl.col("authored_at").max().over("change")
    )


def _measured(began: pl.DataFrame, known: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    """One row a change: person-days of all commits of its author, to its files, until GAP after its last commit."""
    touched = began.select("change", "repository", "commit", "author", "first", "last").join(
        files, on=["repository", "commit"]
    )
    mine = touched.select("change", "repository", "author", "path", "first", "last").unique()
    later = known.select("repository", "commit", "author", "authored_at", "share").join(
        files, on=["repository", "commit"]
    )
    joined = mine.join(later, on=["repository", "author", "path"])
    within = (pl.col("authored_at") >= pl.col("first")) & (pl.col("authored_at") <= pl.col("last") + GAP)
    work = joined.filter(within).unique(["change", "commit"]).group_by("change").agg(days=pl.col("share").sum())
    width = mine.group_by("change").agg(files=pl.len())
    newest = began.sort("authored_at", "commit").group_by("change", maintain_order=True).last()
    return newest.join(work, on="change").join(width, on="change").sort("authored_at", "commit")


def _changes(rows: pl.DataFrame) -> Changes:
    newest = rows.tail(SHOWN).reverse()
    references = tuple(
        committed(source, repository, commit, f"{commit[:12]} {subject or ''}"[:120].rstrip())
        for source, repository, commit, subject in newest.select(
            "source", "repository", "commit", "subject"
        ).iter_rows()
    )
    return Changes(rows.height, sample(rows["days"]), float(rows["files"].median() or 0), references)  # type: ignore[arg-type]


def committed(source: str, repository: str, commit: str, says: str) -> Reference:
    """A commit as a step of a path."""
    return Reference("commits", source, repository, None, says, (("repository", repository), ("commit", commit)))


def sample(values: pl.Series) -> tuple[float, ...]:
    """All values in order, or so many evenly spaced quantiles of them."""
    ordered = values.sort()
    if len(ordered) <= MOST:
        return tuple(float(v) for v in ordered)
    return tuple(float(ordered.quantile(n / (MOST - 1), "linear") or 0.0) for n in range(MOST))


def line_rates(harvest: Harvest) -> dict[str, tuple[float, ...]]:
    """Lines added and deleted in a person-day, by repository: one value a calendar month."""
    return harvest.once("line rates", lambda: _line_rates(harvest))


def _line_rates(harvest: Harvest) -> dict[str, tuple[float, ...]]:
    known = commits(harvest).filter(pl.col("day") > harvest.today - timedelta(days=round(365.25 * YEARS)))
    lines = pl.col("added").fill_null(0) + pl.col("deleted").fill_null(0)
    months = known.group_by("repository", pl.col("day").dt.truncate("1mo").alias("month")).agg(
        lines=lines.sum(), days=pl.col("share").sum()
    )
    rates = months.filter((pl.col("lines") > 0) & (pl.col("days") > 0))
    rates = rates.with_columns(rate=pl.col("lines") / pl.col("days")).sort("repository", "month")
    return {str(name[0]): sample(part["rate"]) for name, part in rates.group_by("repository", maintain_order=True)}
