"""The outlook against closed forms, textbook answers and published networks."""

import json
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from quarterdeck.engines.outlook import Inputs, Result, look_ahead
from quarterdeck.engines.outlook.model import build
from quarterdeck.engines.outlook.trial import Outcome, simulate
from quarterdeck.engines.programme import (
    Bias,
    Contribution,
    Control,
    Effort,
    Estimate,
    Hires,
    Initiative,
    KeyResult,
    Plan,
    Precedence,
    Programme,
    Route,
    Scenario,
    Skill,
    Start,
)

TRIALS = 20_000
LEVEL = 1e-3  # a test of a distribution fails below this probability; seeds are fixed, so it fails always or never


def known(value: float) -> Estimate:
    """An estimate without spread."""
    return Estimate(value, value, value)


def programme(*initiatives: Initiative, quarters: int = 8, **more: object) -> Programme:
    """A programme that starts with the year 2027."""
    return Programme(start=date(2027, 1, 1), quarters=quarters, initiatives=initiatives, **more)


def everything(made: Programme) -> Plan:
    """The plan that starts everything at once, in the programme's order."""
    return Plan(tuple(Start(initiative.key, 0) for initiative in made.initiatives))


def looked(made: Programme, plan: Plan | None = None, **more: object) -> Result:
    """The outlook on a programme in which everything starts at once."""
    settings = {"trials": TRIALS, "keep_trials": True, "keep_finishes": True} | more
    return look_ahead(Inputs(made, plan or everything(made), **settings))


def trials(made: Programme, plan: Plan | None = None, count: int = TRIALS, horizon: int = 24) -> Outcome:
    """The trials themselves."""
    return simulate(build(Inputs(made, plan or everything(made), count, horizon)), 0, count)


def moments(result: Result, place: int = 0) -> NDArray[np.float64]:
    """One initiative's kept finish moments."""
    return np.array(result.kept.finishes[place], dtype=float)


def pert(estimate: Estimate) -> stats.rv_continuous:
    """SciPy's distribution for an estimate."""
    width = estimate.high - estimate.low
    mode = (estimate.likely - estimate.low) / width
    return stats.beta(1 + 4 * mode, 5 - 4 * mode, loc=estimate.low, scale=width)


def test_one_initiative_finishes_as_pert_times_lognormal() -> None:
    estimate, bias = Estimate(2.0, 3.0, 7.0), Bias(1.2, 0.15, 0.25)
    result = looked(programme(Initiative("a", estimate), duration_bias=bias))
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    factors = bias.median * np.exp(math.hypot(bias.common, bias.own) * nodes)
    weights = weights / weights.sum()

    def chance(moment: NDArray[np.float64]) -> NDArray[np.float64]:
        return (pert(estimate).cdf(np.asarray(moment)[..., None] / factors) * weights).sum(axis=-1)

    assert stats.kstest(moments(result), chance).pvalue > LEVEL
    for quantile in result.finishes[0].quantiles:
        error = math.sqrt(quantile.probability * (1 - quantile.probability) / TRIALS)
        assert chance(np.array(quantile.moment)) == pytest.approx(quantile.probability, abs=4 * error)
    assert result.finishes[0].deterministic == pytest.approx(
        estimate.mean * bias.median * math.exp((bias.common**2 + bias.own**2) / 2)
    )
    assert result.checks.duration_departure < 4.0


def test_a_series_finishes_as_the_sum() -> None:
    """Three in a row, each Beta(1, 5), the PERT distribution nearest to an exponential: convolved on a fine grid."""
    estimate, step = Estimate(0.0, 0.0, 6.0), 1e-3
    chain = [Initiative("a", estimate)]
    chain += [
        Initiative(name, estimate, predecessors=(Precedence(before),)) for before, name in (("a", "b"), ("b", "c"))
    ]
    result = looked(programme(*reversed(chain)))
    edges = np.arange(0.0, 6.0 + step, step)
    one = np.diff(pert(estimate).cdf(edges))
    total = np.convolve(np.convolve(one, one), one)
    ends = np.arange(1, len(total) + 1) * step + step / 2  # three half cells on from the lowest corner
    last = moments(result, 0)
    assert stats.kstest(last, lambda x: np.interp(x, ends, np.cumsum(total))).pvalue > LEVEL
    assert last.mean() == pytest.approx(3.0, abs=4 * last.std() / math.sqrt(TRIALS))
    assert last.var() == pytest.approx(3 * 36 * 5 / (36 * 7), rel=0.05)


def test_parallel_work_without_limits_finishes_as_the_maximum() -> None:
    estimate = Estimate(1.0, 2.0, 5.0)
    legs = [Initiative(f"leg-{n}", estimate) for n in range(6)]
    end = Initiative("end", known(0.0), predecessors=tuple(Precedence(leg.key) for leg in legs))
    result = looked(programme(end, *legs))
    assert stats.kstest(moments(result), lambda x: pert(estimate).cdf(x) ** 6).pvalue > LEVEL
    # The deterministic date of a merge is optimistic: all six legs at their means finish at once.
    assert result.finishes[0].by_deterministic.probability < 0.1


def test_a_lag_and_a_start_quarter_move_the_finish() -> None:
    made = programme(Initiative("a", known(1.5)), Initiative("b", known(2.25), predecessors=(Precedence("a", 2),)))
    result = looked(made, Plan((Start("a", 1), Start("b", 0))), trials=10)
    assert moments(result, 0)[0] == pytest.approx(4.5)
    assert moments(result, 1)[0] == pytest.approx(4.5 + 2 + 2.25)


def test_published_networks_finish_on_their_critical_path(shared_data: Path) -> None:
    """PSPLIB without resources: the finish of the last activity is the published critical path's length."""
    folder = shared_data / "09_scheduling_psplib"
    rows = [line.split(",") for line in (folder / "expected_makespans.csv").read_text().splitlines()[1:]]
    for name, length in [(row[0], int(row[4])) for row in rows if row[0].startswith(("j30_1_", "j60_1_", "j120_1_"))]:
        numbers = iter(map(int, (folder / name.split("_")[0] / f"{name}.rcp").read_text().split()))
        made = programme(*activities(numbers), quarters=100)
        result = looked(made, trials=1, horizon=0)
        assert max(row[0] for row in result.kept.finishes) == pytest.approx(length)


def activities(numbers: Iterator[int]) -> list[Initiative]:
    """A network in Patterson's format as initiatives that need no one."""
    count, resources = next(numbers), next(numbers)
    [next(numbers) for _ in range(resources)]
    durations, before = [], [[] for _ in range(count)]
    for activity in range(count):
        durations.append(next(numbers))
        [next(numbers) for _ in range(resources)]
        for _ in range(next(numbers)):
            before[next(numbers) - 1].append(Precedence(str(activity)))
    return [Initiative(str(n), known(float(d)), predecessors=tuple(before[n])) for n, d in enumerate(durations)]


def test_people_leave_exponentially() -> None:
    """Fifty heads: the number still there is binomial with the exponential's survival."""
    hazard, operations = 0.6, Estimate(0.2, 0.2, 0.2)
    made = programme(skills=(Skill("s", (40.0,), attrition=hazard, operations=operations),))
    supply = trials(made).supply[0]
    rate = hazard / 12.0
    for quarter in (0, 3, 7):
        begin, end = 3.0 * quarter, 3.0 * quarter + 3.0
        expected = 40.0 * (math.exp(-rate * begin) - math.exp(-rate * end)) / rate
        values = supply[quarter]
        assert values.mean() == pytest.approx(expected, abs=4 * values.std() / math.sqrt(TRIALS))
    # One head's months in quarter 7: 3 if it outlives it, 0 if it left before, else a part of an exponential.
    moments_of = stats.expon(scale=1 / rate)
    grid = np.linspace(21.0, 24.0, 3001)
    squared = 9 * moments_of.sf(24.0) + np.sum(np.diff(moments_of.cdf(grid)) * ((grid[1:] + grid[:-1]) / 2 - 21.0) ** 2)
    mean = (math.exp(-rate * 21.0) - math.exp(-rate * 24.0)) / rate
    variance = 50 * 0.8**2 * (squared - mean**2)
    assert supply[7].var() == pytest.approx(variance, rel=5 * math.sqrt(2 / TRIALS))


def test_a_hire_arrives_ramps_up_and_leaves() -> None:
    made = programme(
        skills=(Skill("s", (0.0,), attrition=0.9),),
        routes=(Route("r", "s", cost=10.0, salary=6.0, time_to_hire=Estimate(1.0, 2.0, 5.0), ramp=4, limit=9),),
    )
    plan = Plan((), hires=(Hires("r", 1, 1),))
    outcome, rate = trials(made, plan), 0.9 / 12.0
    waits = pert(Estimate(1.0, 2.0, 5.0))
    for quarter in (1, 2, 4):
        expected = paid = 0.0
        for moment in np.linspace(3.0 * quarter, 3.0 * quarter + 3.0, 3001)[:-1] + 0.0005:
            ages = np.linspace(0.0005, 0.9995, 200)
            age = moment - 3.0 - waits.ppf(ages)
            here = np.where(age > 0, np.exp(-rate * np.maximum(age, 0.0)), 0.0)
            expected += (here * np.clip(age / 4.0, 0.0, 1.0)).mean() * 0.001
            paid += here.mean() * 0.001
        values = outcome.supply[0, quarter]
        assert values.mean() == pytest.approx(expected, abs=4 * values.std() / math.sqrt(TRIALS) + 2e-3)
        cost = 6.0 * paid + (10.0 if quarter == 1 else 0.0)
        spent = -outcome.cash[quarter]
        assert spent.mean() == pytest.approx(cost, abs=4 * spent.std() / math.sqrt(TRIALS) + 1e-2)


def test_incidents_are_poisson_and_losses_lognormal() -> None:
    scenario = Scenario("leak", known(1.7), low=1.0, high=10.0)
    outcome = trials(programme(scenarios=(scenario,)))
    counts = outcome.counts[0, 2]
    expected = stats.poisson.pmf(np.arange(7), 1.7) * TRIALS
    observed = np.bincount(counts, minlength=7)[:7]
    rest = [TRIALS - observed.sum(), TRIALS - expected.sum()]
    assert stats.chisquare(np.append(observed, rest[0]), np.append(expected, rest[1])).pvalue > LEVEL
    middle, spread = math.log(10.0) / 2, math.log(10.0) / (2 * stats.norm.ppf(0.95))
    single = outcome.losses[0, 2][counts == 1]
    assert stats.kstest(single, stats.lognorm(spread, scale=math.exp(middle)).cdf).pvalue > LEVEL
    assert np.array_equal(outcome.losses[0], outcome.losses[1])
    squares = 1.7 * math.exp(2 * middle + 2 * spread**2)
    assert outcome.losses[0, 2].var() == pytest.approx(squares, rel=0.1)


def test_mean_annual_losses_are_the_published_ones(shared_data: Path) -> None:
    cases = json.loads((shared_data / "16_fair" / "fair_cases_share.json").read_text())["cases"]
    checked = 0
    for case in cases:
        given = case["input"]
        if not isinstance(given, dict) or {"frequency_per_year", "loss_low_p05", "loss_high_p95"} - given.keys():
            continue
        rate, low, high = given["frequency_per_year"], given["loss_low_p05"], given["loss_high_p95"]
        if "annualized_loss" not in case["expected"]:
            continue
        result = looked(programme(quarters=4, scenarios=(Scenario("s", known(rate), low, high),)), horizon=0)
        year = result.loss_years[0].before
        assert year.mean == pytest.approx(case["expected"]["annualized_loss"], abs=4 * year.standard_error)
        checked += 1
    assert checked >= 2


def test_compound_losses_are_the_textbook_ones(shared_data: Path) -> None:
    """Loss Models, exercises 9.34 and 9.9: by Poisson splitting, each fixed amount is a scenario of its own."""
    cases = json.loads((shared_data / "17_compound_loss" / "compound_loss_cases.json").read_text())["cases"]
    case = next(case for case in cases if case["id"] == "LM-9.34")
    rate, expected = case["input"]["frequency"]["mean"], case["expected"]
    parts = [(rate * share, float(amount)) for amount, share in case["input"]["severity"].items()]
    losses = trials(split(parts)).losses[0].round(6).ravel()
    error = math.sqrt(expected["variance"] / losses.size)
    assert losses.mean() == pytest.approx(expected["mean"], abs=4 * error)
    assert losses.var() == pytest.approx(expected["variance"], rel=0.05)
    assert np.mean(losses == 600) == pytest.approx(expected["P(S=600)"], abs=4 * 0.24 / math.sqrt(losses.size))
    assert np.mean(losses <= 600) == pytest.approx(expected["P(S<=600)"], abs=4 * 0.5 / math.sqrt(losses.size))
    year = looked(split(parts)).loss_years[1].before
    assert (round(year.p95, 6), round(year.p99, 6)) == (expected["VaR95"], expected["VaR99"])
    case = next(case for case in cases if case["id"] == "LM-9.9")
    parts = [
        (side["poisson_mean"] * share, float(amount))
        for side in (case["input"]["A"], case["input"]["B"])
        for amount, share in side["severity"].items()
    ]
    losses, expected = trials(split(parts)).losses[0].round(6).ravel(), case["expected"]
    assert np.mean(losses == 0) == pytest.approx(expected["P(total=0)"], abs=4 * 0.25 / math.sqrt(losses.size))
    assert np.mean(losses == 2) == pytest.approx(expected["P(total=2)"], abs=4 * 0.35 / math.sqrt(losses.size))
    assert losses.mean() == pytest.approx(expected["mean_total"], abs=4 * losses.std() / math.sqrt(losses.size))


def split(parts: list[tuple[float, float]]) -> Programme:
    """Scenarios with fixed magnitudes."""
    scenarios = [Scenario(str(n), known(rate), amount, amount) for n, (rate, amount) in enumerate(parts)]
    return programme(quarters=4, scenarios=tuple(scenarios))


@pytest.mark.parametrize("multiplier", [0.0, 0.35, 1.0, 2.6])
def test_a_control_multiplies_the_rate(multiplier: float) -> None:
    """In force from the start: counts are Poisson with the multiplied rate, and the incidents before are as ever."""
    scenario = Scenario("leak", known(1.1), low=1.0, high=10.0)
    done = Initiative("a", known(3.0), controls=(Control("leak", multiplier, 0.5),), started=-4, done=1.0)
    outcome, plain = trials(programme(done, scenarios=(scenario,))), trials(programme(scenarios=(scenario,)))
    counts = outcome.counts[1, 1]
    expected = stats.poisson.pmf(np.arange(9), 1.1 * multiplier) * TRIALS
    observed = np.bincount(counts, minlength=9)[:9]
    if multiplier:
        kept = expected > 5
        sides = [np.append(side[kept], TRIALS - side[kept].sum()) for side in (observed, expected)]
        assert stats.chisquare(*sides).pvalue > LEVEL
    else:
        assert observed[0] == TRIALS
    assert np.array_equal(outcome.losses[0], plain.losses[0])
    error = 4 * outcome.losses[1].std() / math.sqrt(outcome.losses[1].size)
    assert outcome.losses[1].mean() == pytest.approx(outcome.losses[0].mean() * multiplier * 0.5, abs=error + 0.05)


def test_a_control_works_from_its_finish_on() -> None:
    """Finished at month 6 for certain: a year loses half its incidents' second half."""
    scenario = Scenario("leak", known(4.0), low=2.0, high=2.0)
    made = programme(Initiative("a", known(6.0), controls=(Control("leak", frequency=0.0),)), scenarios=(scenario,))
    outcome = trials(made)
    first, second = outcome.counts[1, 0], outcome.counts[1, 1]
    assert first.mean() == pytest.approx(2.0, abs=4 * math.sqrt(2.0 / TRIALS))
    assert first.var() == pytest.approx(2.0, rel=0.05)
    assert second.max() == 0


def test_one_factor_moves_scenarios_together() -> None:
    """The chance that two scenarios both happen in a year is the bivariate normal's; each alone is as without it."""
    rates, correlation = (0.3, 0.5), 0.4
    scenarios = tuple(Scenario(f"s{n}", known(rate), float(10**n), float(10**n)) for n, rate in enumerate(rates))
    losses = trials(programme(scenarios=scenarios, correlation=correlation)).losses[0].round(6)
    happened = [np.mod(losses, 10) > 0, losses >= 10]
    chances = [1 - math.exp(-rate) for rate in rates]
    for yes, chance in zip(happened, chances, strict=True):
        assert yes.mean() == pytest.approx(chance, abs=4 * 0.5 / math.sqrt(losses.size))
    thresholds = [stats.norm.ppf(chance) for chance in chances]
    both = stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf(thresholds)
    assert np.mean(happened[0] & happened[1]) == pytest.approx(both, abs=4 * 0.35 / math.sqrt(losses.size))
    assert both > 1.3 * chances[0] * chances[1]


def test_drift_decides_a_goal_by_the_normal_distribution() -> None:
    goal = KeyResult("uptime", "g", 1.0, today=10.0, target=8.0, due=11, drift=-0.1, drift_error=0.06)
    result = looked(programme(key_results=(goal,)))
    expected = stats.norm.cdf((-2.0 / 11 - -0.1) / 0.06)
    assert result.goals[0].met.probability == pytest.approx(expected, abs=4 * result.goals[0].met.standard_error)
    standing = result.goals[0].attainment[3]  # month 11
    assert standing.p50 == pytest.approx(0.1 * 11 / 2, abs=0.02)
    assert standing.p90 == pytest.approx((0.1 + 0.06 * stats.norm.ppf(0.9)) * 11 / 2, abs=0.02)


def test_a_goal_is_met_by_what_finishes_in_its_month() -> None:
    contribution = (Contribution("k", Estimate(2.0, 3.0, 4.0)),)
    goals = tuple(KeyResult(key, "g", 1.0, 0.0, 3.0, due=due) for key, due in (("k", 4), ("late", 60)))
    made = programme(Initiative("a", Estimate(3.0, 4.0, 8.0), contributions=contribution), key_results=goals)
    result = looked(made)
    expected = pert(Estimate(3.0, 4.0, 8.0)).cdf(5.0) * 0.5
    assert result.goals[0].met.probability == pytest.approx(expected, abs=4 * result.goals[0].met.standard_error)
    assert result.goals[1].met is None
    assert result.checks.due_beyond == ("late",)


def test_a_mandate_is_kept_by_what_finishes_in_its_month() -> None:
    result = looked(programme(Initiative("a", Estimate(3.0, 4.0, 8.0), mandate=4)))
    kept = result.finishes[0].by_mandate
    assert kept.probability == pytest.approx(pert(Estimate(3.0, 4.0, 8.0)).cdf(5.0), abs=4 * kept.standard_error)


def test_the_share_cut_at_the_horizon_is_the_chance_of_being_late() -> None:
    estimate = Estimate(2.0, 4.0, 12.0)
    result = looked(programme(Initiative("a", estimate), Initiative("b", known(1.0)), quarters=1), horizon=2)
    late = pert(estimate).sf(5.0)
    assert result.finishes[0].cut == pytest.approx(late, abs=4 * math.sqrt(late / TRIALS))
    assert result.finishes[1].cut == 0.0
    assert result.checks.cut == result.finishes[0].cut
    assert result.finishes[0].quantiles[-1].moment is None


def test_someone_short_of_people_takes_effort_over_supply() -> None:
    skills = (Skill("s", (1.0,)), Skill("t", (9.0,)))
    efforts = (Effort("s", known(10.5)), Effort("t", known(1.0)))
    result = looked(programme(Initiative("a", known(2.0), efforts), skills=skills), trials=10)
    assert moments(result)[0] == pytest.approx(10.5)


def test_a_result_reads_and_prints_as_plain_values() -> None:
    pydantic = pytest.importorskip("pydantic")
    made = programme(Initiative("a", Estimate(1.0, 2.0, 3.0)))
    given = Inputs(made, everything(made), trials=100)
    adapter, results = pydantic.TypeAdapter(Inputs), pydantic.TypeAdapter(Result)
    assert adapter.validate_json(adapter.dump_json(given)) == given
    assert adapter.json_schema()["title"] == "Inputs"
    result = look_ahead(given)
    assert results.validate_json(results.dump_json(result)) == result


def test_means_at_face_value_agree_with_discounting_by_hand() -> None:
    initiative = Initiative(
        "a", known(2.5), capital=known(50.0), running=known(1.0), benefit=known(10.0), ramp=3, benefit_months=5
    )
    result = looked(programme(initiative, quarters=2, discount=0.1), trials=5, horizon=0)
    flows = np.zeros(9)
    flows[:3] -= [20.0, 20.0, 10.0]
    # Ages at the months' ends 0.5, 1.5, 2.5, 3.5, 4.5, 5; full months worked with a ramp of three: a²/6, then a − 1.5.
    worked = np.diff([0.0, 0.25 / 6, 2.25 / 6, 6.25 / 6, 2.0, 3.0, 3.5])
    flows[2:8] += 10.0 * worked - np.array([0.5, 1.0, 1.0, 1.0, 1.0, 0.5])
    value = sum(flow * 1.1 ** (-month / 12) for month, flow in enumerate(flows))
    assert result.net_present_value.mean == pytest.approx(value)
    assert [line.mean for line in result.cash] == pytest.approx([flows[:3].sum(), flows[3:6].sum()])
    assert result.cash[1].cumulative.p50 == pytest.approx(flows[:6].sum())
