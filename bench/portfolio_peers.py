"""One solver of others on a model written by bench_portfolio.py: reads it, solves it, prints its solution as JSON.

A process of its own, because highspy and ortools cannot be loaded into one. Run with the peers' Python:
python bench/portfolio_peers.py NAME FILE SECONDS
"""

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

Found = tuple[list[float] | None, float]


def run_highs(file: str, seconds: float) -> Found:
    highspy = importlib.import_module("highspy")

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", seconds)
    highs.setOptionValue("threads", 2)
    highs.readModel(file + ".mps")
    highs.run()
    return list(highs.getSolution().col_value) or None, float(highs.getInfo().mip_dual_bound)


def run_cbc(file: str, seconds: float) -> Found:
    pulp = importlib.import_module("pulp")

    out = file + ".sol"
    command = [pulp.apis.PULP_CBC_CMD().path, file + ".mps", "sec", str(seconds), "timemode", "elapsed"]
    command += ["threads", "2", "branch", "printingOptions", "all", "solution", out]
    log = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    size = len(np.load(file + ".npz")["cost"])
    columns = [0.0] * size
    for line in Path(out).read_text().splitlines()[1:]:
        words = line.replace("**", "").split()
        if len(words) >= 3 and words[1].startswith("c"):
            columns[int(words[1][1:])] = float(words[2])
    bounds = [line.split()[-1] for line in log.splitlines() if line.startswith(("Lower bound:", "Upper bound:"))]
    return columns, float(bounds[-1]) if bounds else float("nan")


def run_scip(file: str, seconds: float) -> Found:
    pyscipopt = importlib.import_module("pyscipopt")

    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(file + ".mps")
    scip.setParam("limits/time", seconds)
    scip.optimize()
    if not scip.getNSols():
        return None, float(scip.getDualbound())
    found = sorted(((int(v.name[1:]), scip.getVal(v)) for v in scip.getVars()), key=lambda pair: pair[0])
    return [value for _, value in found], float(scip.getDualbound())


def run_cpsat(file: str, seconds: float) -> Found:
    cp_model = importlib.import_module("ortools.sat.python.cp_model")

    data = np.load(file + ".npz")
    model = cp_model.CpModel()
    columns = [model.new_bool_var(f"c{index}") for index in range(len(data["cost"]))]
    fine = 1000
    for row in range(len(data["upper"])):
        part = slice(data["start"][row], data["start"][row + 1])
        # Whole numbers: what is taken is rounded up, what there is down, so every solution is feasible for us too.
        takes = np.ceil(data["value"][part] * fine - 1e-6).astype(int)
        upper = int(np.floor(data["upper"][row] * fine + 1e-6))
        names = [columns[index] for index in data["index"][part]]
        if np.all(takes % fine == 0) and upper % fine == 0:
            takes, upper = takes // fine, upper // fine
        model.add(cp_model.LinearExpr.weighted_sum(names, takes.tolist()) <= upper)
    worth = np.round(-data["cost"] * 1e6).astype(int)
    model.maximize(cp_model.LinearExpr.weighted_sum(columns, worth.tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, float("nan")
    return [float(solver.value(column)) for column in columns], -solver.best_objective_bound / 1e6


SOLVERS = {"highs": run_highs, "cbc": run_cbc, "scip": run_scip, "cpsat": run_cpsat}


def main() -> None:
    name, file, seconds = sys.argv[1:]
    started = time.perf_counter()
    columns, bound = SOLVERS[name](file, float(seconds))
    print(json.dumps({"columns": columns, "bound": bound, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
