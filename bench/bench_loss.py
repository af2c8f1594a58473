"""The loss engine beside pyfair, aggregate and plain NumPy on generated scenarios, in one run: CPU seconds and errors.

Run: python bench/bench_loss.py [--scenarios N …] [--trials N]
The error is that of the 99.9 % quantile, relative to the engine's own lattice of 2^18 points (2^17 for 500
scenarios), whose distance from one half as fine is printed too. A simulation's is its standard error, which falls
with the root of the trials: "at 1e-4" is its time so extrapolated. With a correlation it is the engine's own bound, the
largest of all quantiles. pyfair multiplies one magnitude by the frequency and seeds all models alike, so its error is
its model's and no number of trials mends it. aggregate, with its default settings, takes a fixed rate, the PERT law's
mean, and is measured against the same of ours. Numba is warm.
"""

import argparse
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np

from quarterdeck.engines.loss import Evaluator, Inputs, assess
from quarterdeck.engines.loss.annual import Source, distribution, source
from quarterdeck.engines.loss.marginals import marginal
from quarterdeck.engines.loss.rates import Rate
from quarterdeck.engines.loss.simulation import NORMAL, Sample, simulate, simulate_dependent
from quarterdeck.engines.programme import Control, Estimate, Scenario

try:
    from pyfair import FairMetaModel, FairModel
except ImportError:
    FairModel = None
try:
    from aggregate import build
except ImportError:
    build = None

RAREST = 0.999
Found = TypeVar("Found")
SEED = 1


@dataclass(frozen=True)
class Row:
    """One line of the table: CPU seconds, the quantile's relative error, and the seconds that 1e-4 would take."""

    name: str
    seconds: float
    error: float | None = None
    equal: float | None = None


def made_scenarios(count: int) -> tuple[Scenario, ...]:
    """Rare and frequent, narrow and wide: rates of 0.01 to 5 a year, intervals of 5 to 300 times their low end."""
    generator, found = np.random.default_rng(SEED), []
    for number in range(count):
        low = 10 ** generator.uniform(3, 5)
        high = low * 10 ** generator.uniform(0.7, 2.5)
        found.append(
            Scenario(f"s{number}", Estimate(*np.sort(10 ** generator.uniform(-2, 0.7, 3)).tolist()), low, high)
        )
    return tuple(found)


def timed(work: Callable[[], Found]) -> tuple[float, Found]:
    """CPU seconds and what was found."""
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def simulated(name: str, work: Callable[[], Sample]) -> Row:
    """A simulation, by the standard error of its quantile: one run's own error would be luck."""
    seconds, sample = timed(work)
    error = sample.half_width(RAREST) / NORMAL / sample.quantile(RAREST)
    return Row(name, seconds, error, seconds * (error / 1e-4) ** 2)


def plain(sources: list[Source], trials: int) -> Sample:
    """What one would write with NumPy: rates, numbers and magnitudes, scenario by scenario."""
    generator, totals = np.random.default_rng(SEED), np.zeros(trials)
    for one in sources:
        rates = one.rate.low + one.rate.width * generator.beta(one.rate.rising, 6 - one.rate.rising, trials)
        counts = generator.poisson(rates)
        years = np.repeat(np.arange(trials), counts)
        totals += np.bincount(
            years, generator.lognormal(one.magnitude.location, one.magnitude.scale, years.size), trials
        )
    return Sample(np.sort(totals), np.zeros(0))


def with_pyfair(scenarios: tuple[Scenario, ...], trials: int) -> Callable[[], float] | None:
    if FairModel is None:
        return None

    def work() -> float:
        models, generator = [], np.random.default_rng(SEED)
        for one in scenarios:
            law = source(one).magnitude
            model = FairModel(name=one.key, n_simulations=trials)
            rates = one.frequency
            model.input_data("Loss Event Frequency", low=rates.low, mode=rates.likely, high=rates.high)
            model.input_raw_data("Loss Magnitude", generator.lognormal(law.location, law.scale, trials).tolist())
            models.append(model)
        whole = FairMetaModel(name="all", models=models)
        whole.calculate_all()
        return float(whole.export_results()["Risk"].quantile(RAREST))

    return work


def with_aggregate(sources: list[Source], log2: int, reach: float) -> Callable[[], float] | None:
    if build is None:
        return None
    lines = [
        f"agg s{number} {one.rate.mean!r} claims sev {float(np.exp(one.magnitude.location))!r} * lognorm"
        f" {one.magnitude.scale!r} poisson"
        for number, one in enumerate(sources)
    ]

    def work() -> float:
        step = 2.0 ** np.ceil(np.log2(2 * reach / 2**log2))
        return float(build("port All " + " ".join(lines), log2=log2, bs=step).q(RAREST))

    return work


def ours(scenarios: tuple[Scenario, ...], truth: float) -> list[Row]:
    """The engine, all of it: every quantile within 1e-4, tail means, curve, shares; and one more choice of controls."""
    seconds, amount = timed(lambda: assess(Inputs(scenarios, trials=0)).quantiles[-1].amount)
    rows = [Row("quarterdeck, whole assessment", seconds, abs(amount / truth - 1), seconds)]
    if len(scenarios) <= 100:
        bound = Inputs(scenarios, correlation=0.3, trials=1000)
        seconds, largest = timed(lambda: assess(bound).checks.largest_error)
        rows.append(Row("quarterdeck, whole assessment, correlation 0.3", seconds, largest))
    evaluator = Evaluator(scenarios)
    evaluator.loss()
    seconds, _ = timed(lambda: evaluator.loss([Control("s0", 0.5, 0.9)]).quantile(RAREST))
    return [*rows, Row("quarterdeck, one more choice of controls", seconds)]


def measured(count: int, trials: int) -> None:
    """One table."""
    scenarios, points = made_scenarios(count), 2**18 if count <= 100 else 2**17
    sources, keys = [source(one) for one in scenarios], [one.key for one in scenarios]
    reach = assess(Inputs(scenarios, trials=0)).checks.reach
    fine, half = (distribution(sources, 2 * reach / size, size).quantile(RAREST) for size in (points, points // 2))
    rows = ours(scenarios, fine)
    rows.append(simulated(f"quarterdeck, events, {trials:,} trials", lambda: simulate(sources, keys, SEED, trials)))
    seconds, bound = timed(lambda: [marginal(one) for one in sources])
    rows.append(Row("quarterdeck, marginals for the copula", seconds))
    seconds, _ = timed(lambda: simulate_dependent(bound, keys, 0.3, SEED, trials, 0.99).quantile(RAREST))
    rows.append(Row(f"quarterdeck, copula, {trials:,} trials ({trials / seconds / 1e6:.2f} M trials/s)", seconds))
    rows.append(simulated(f"NumPy, {trials:,} trials", lambda: plain(sources, trials)))
    work = with_pyfair(scenarios, 10_000)
    if work is None:
        rows.append(Row("pyfair: not installed", 0.0))
    else:
        seconds, amount = timed(work)
        rows.append(Row("pyfair, 10,000 trials", seconds, abs(amount / fine - 1)))
    steady = [Source(Rate(one.rate.mean, 0.0, 1.0), one.magnitude) for one in sources]
    truth = distribution(steady, 2 * reach / points, points).quantile(RAREST)
    for log2 in (14, 16):
        work = with_aggregate(steady, log2, reach)
        if work is None:
            rows.append(Row("aggregate: not installed", 0.0))
            break
        seconds, amount = timed(work)
        rows.append(Row(f"aggregate, 2^{log2} points", seconds, abs(amount / truth - 1)))
    print(f"\n{count} scenarios; reference {fine:,.0f}, distance from one half as fine {abs(fine / half - 1):.1e}")
    print(f"{'':58}{'CPU s':>9}{'error':>10}{'at 1e-4':>10}")
    for row in rows:
        error = "" if row.error is None else f"{row.error:.1e}"
        print(f"{row.name:58}{row.seconds:9.3f}{error:>10}{'' if row.equal is None else f'{row.equal:10.1f}':>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--trials", type=int, default=200_000)
    options = parser.parse_args()
    assess(Inputs(made_scenarios(2), trials=10))
    assess(Inputs(made_scenarios(2), correlation=0.1, trials=1000))
    machine = platform.processor() or platform.machine()
    print(f"{machine}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}")
    for count in options.scenarios:
        measured(count, options.trials)


if __name__ == "__main__":
    main()
