"""Portfolio choice beside HiGHS, CBC, SCIP and CP-SAT on the core model, and the full model at the size of a company.

    python bench/bench_portfolio.py [--peers PYTHON] [--seconds 30] [--case tight|loose|small|frontier|company ...]

`--peers` is the Python of an environment made from requirements/bench.txt; without it only our own figures are printed.
Each peer runs in its own process on the same model, written as MPS, with a limit of wall seconds and two threads where
it takes them. Every value printed is recomputed by us from the solution that the peer hands back.
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

import programmes
from quarterdeck.engines.portfolio import Inputs, Settings, choose
from quarterdeck.engines.portfolio.board import all_within, board, empty, put, sound
from quarterdeck.engines.portfolio.model import Model, build
from quarterdeck.engines.portfolio.options import Options
from quarterdeck.engines.portfolio.solver import Solver
from quarterdeck.engines.portfolio.tabulate import tabulate
from quarterdeck.engines.programme import Programme

CASES = {
    "small": lambda: programmes.core(200, low=0.25, high=0.60),
    "tight": lambda: programmes.core(1000, low=0.25, high=0.60),
    "loose": lambda: programmes.core(1000, low=0.45, high=0.90),
}
ROUNDS = {"small": 40_000, "tight": 10_000, "loose": 10_000}  # of our search
PEERS = ("highs", "cbc", "scip", "cpsat")


@dataclass(frozen=True)
class Outcome:
    """What one solver reached."""

    name: str
    worth: float | None
    bound: float | None
    seconds: float
    said: str = ""


def write(options: Options, model: Model, file: str) -> None:
    """The model as MPS for those that read it, and as arrays for those that do not."""
    solver = Solver(model, whole=True)
    lp = solver.highs.getLp()
    lp.col_names_ = [f"c{index}" for index in range(len(model.cost))]
    lp.row_names_ = [f"r{index}" for index in range(len(model.row_lower))]
    solver.highs.passModel(lp)
    solver.highs.writeModel(file + ".mps")
    start = np.concatenate(([0], np.cumsum([len(entry[1]) for entry in model.entries])))
    np.savez(
        file + ".npz",
        cost=np.array(model.cost),
        upper=np.array(model.row_upper),
        start=start,
        index=np.concatenate([entry[1] for entry in model.entries]),
        value=np.concatenate([entry[2] for entry in model.entries]),
    )


def recompute(options: Options, columns: list[float] | None) -> tuple[float | None, str]:
    """Worth of a peer's solution by our own evaluation."""
    if columns is None:
        return None, "nothing found"
    made = board(options)
    state = empty(made)
    for option in np.flatnonzero(np.array(columns[: options.size]) > 0.5):
        put(made, state, int(option))
    return float(state.total[0]), "" if sound(made, state) and all_within(made, state) else "breaks a limit"


def run_peer(python: str, name: str, options: Options, file: str, seconds: float) -> Outcome:
    command = [python, str(Path(__file__).with_name("portfolio_peers.py")), name, file, str(seconds)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return Outcome(name, None, None, 0.0, "absent or failed: " + run.stderr.strip().splitlines()[-1][:80])
    answer = json.loads(run.stdout.strip().splitlines()[-1])
    worth, said = recompute(options, answer["columns"])
    return Outcome(name, worth, -answer["bound"] * options.scale, answer["seconds"], said)


def ours(programme: Programme, settings: Settings) -> Outcome:
    started, burnt = time.perf_counter(), time.process_time()
    result = choose(Inputs(programme, settings))
    seconds, spent = time.perf_counter() - started, time.process_time() - burnt
    said = f"{result.bounds.value}; {spent:.1f} s CPU"
    return Outcome("quarterdeck", result.worth.total, result.bound, seconds, said)


def show(case: str, outcomes: list[Outcome]) -> None:
    best = max((one.worth for one in outcomes if one.worth is not None), default=0.0)
    print(f"\n{case}\n{'':14}{'worth':>16}{'of best':>9}{'bound':>16}{'seconds':>9}")
    for one in outcomes:
        worth = "-" if one.worth is None else f"{one.worth:,.0f}"
        share = "-" if one.worth is None else f"{one.worth / best:.2%}"
        bound = "-" if one.bound is None else f"{one.bound:,.0f}"
        print(f"{one.name:14}{worth:>16}{share:>9}{bound:>16}{one.seconds:>9.1f}  {one.said}")


def core_case(case: str, python: str | None, seconds: float) -> None:
    programme = CASES[case]()
    settings = Settings(after=0, search_rounds=ROUNDS[case], prices=0, left_out=0)
    choose(Inputs(programmes.core(30, 6, 8), settings))  # compile, so that the cache is warm
    outcomes = [ours(programme, settings)]
    options = tabulate(programme, 0)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "model")
        write(options, build(options), file)
        outcomes += [run_peer(python, name, options, file, seconds) for name in PEERS] if python else []
    show(f"{case}: {len(programme.initiatives)} initiatives, {programme.quarters} quarters, "
         f"{len(programme.skills)} skills; peers {seconds:g} s", outcomes)  # fmt: skip


def frontier_case() -> None:
    programme = programmes.core(1000)
    scales = tuple(0.1 * step for step in range(1, 21))
    started, burnt = time.perf_counter(), time.process_time()
    result = choose(Inputs(programme, Settings(after=0, prices=0, left_out=0), scales))
    wall, spent = time.perf_counter() - started, time.process_time() - burnt
    print(f"\nfrontier of 20 points with the plan: {wall:.1f} s, {spent:.1f} s CPU")
    for point in result.frontier:
        print(f"  {point.scale:4.1f}  {point.value or 0:16,.0f}  bound {point.bound or 0:16,.0f}  {point.chosen}")


def company_case() -> None:
    programme = programmes.company()
    choose(Inputs(programmes.company(20)))  # compile, so that the cache is warm
    for scales in ((), tuple(0.2 * step for step in range(1, 11))):
        started, burnt = time.perf_counter(), time.process_time()
        result = choose(Inputs(programme, frontier=scales))
        print(
            f"\ncompany, 150 initiatives, full model, {len(scales)} frontier points: "
            f"{time.perf_counter() - started:.1f} s, {time.process_time() - burnt:.1f} s CPU, "
            f"worth {result.worth.total:,.0f}, bound {result.bound:,.0f} ({result.bounds.value}), gap {result.gap:.3%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    here = sys.executable if importlib.util.find_spec("ortools") else None
    parser.add_argument("--peers", default=here, help="Python of the peers' environment, where this one has none")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--case", nargs="*", default=["company", "small", "tight", "loose", "frontier"])
    arguments = parser.parse_args()
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; "
          "Numba compile cache warm")  # fmt: skip
    if not arguments.peers:
        print("peers absent: neither in this environment nor named with --peers")
    for case in arguments.case:
        if case == "company":
            company_case()
        elif case == "frontier":
            frontier_case()
        else:
            core_case(case, arguments.peers, arguments.seconds)


if __name__ == "__main__":
    main()
