"""The linear and mixed-integer solver behind the choice: HiGHS, one thread, fixed seed, effort counted, not timed."""

from dataclasses import dataclass

import highspy
import numpy as np

from quarterdeck.engines.portfolio.course import Floats
from quarterdeck.engines.portfolio.model import Model

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Relaxed:
    """A solved linear relaxation; money divided by the model's scale."""

    objective: float  # worth, to be maximised
    columns: Floats
    reduced: Floats  # worth gained per unit of a column, 0 for those inside their bounds
    prices: Floats  # worth gained per unit of a row's limit
    iterations: int


@dataclass(frozen=True)
class Branched:
    """Where branch and bound ended; money divided by the model's scale."""

    columns: Floats | None
    bound: float  # no solution of this model is worth more
    closed: bool
    infeasible: bool
    nodes: int
    iterations: int


class Solver:
    """One HiGHS instance with one model in it."""

    def __init__(self, model: Model, whole: bool) -> None:
        self.model = model
        self.highs = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("parallel", "off"),
            ("random_seed", 1),
            ("primal_feasibility_tolerance", TOLERANCE),
            ("dual_feasibility_tolerance", TOLERANCE),
            ("mip_feasibility_tolerance", TOLERANCE),
            # The plan comes from the search; branch and bound is here for the proof.
            ("mip_heuristic_run_rens", False),
            ("mip_heuristic_run_rins", False),
            ("mip_heuristic_run_root_reduced_cost", False),
        ):
            self.highs.setOptionValue(name, value)
        self.highs.passModel(_lp(model, whole))

    def relax(self) -> Relaxed | None:
        """Solve as linear programme, warm after earlier solves; None if nothing is feasible."""
        if not self.model.cost:
            return Relaxed(-self.model.constant, np.zeros(0), np.zeros(0), np.zeros(len(self.model.row_lower)), 0)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution, info = self.highs.getSolution(), self.highs.getInfo()
        return Relaxed(
            -info.objective_function_value,
            np.array(solution.col_value),
            -np.array(solution.col_dual),
            -np.array(solution.row_dual),
            int(info.simplex_iteration_count),
        )

    def branch(self, start: dict[int, float] | None, checks: int, nodes: int, gap: float) -> Branched:
        """Branch and bound from a known solution, interrupted when it has looked so often whether to go on."""
        self.highs.setOptionValue("mip_max_nodes", nodes)
        self.highs.setOptionValue("mip_rel_gap", gap)
        self.highs.setOptionValue("mip_abs_gap", 1e-9)
        if start is not None:
            index = np.fromiter(start.keys(), dtype=np.int32, count=len(start))
            self.highs.setSolution(len(start), index, np.fromiter(start.values(), dtype=float, count=len(start)))
        spent = [0]

        def interrupt(event: highspy.HighsCallbackEvent) -> None:
            spent[0] += 1
            if spent[0] >= checks:
                event.interrupt()

        self.highs.cbMipInterrupt.subscribe(interrupt)
        self.highs.run()
        self.highs.cbMipInterrupt.unsubscribe(interrupt)
        status, info = self.highs.getModelStatus(), self.highs.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return Branched(
            np.array(self.highs.getSolution().col_value) if found else None,
            -float(info.mip_dual_bound),
            status == highspy.HighsModelStatus.kOptimal,
            status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible),
            int(info.mip_node_count),
            int(info.simplex_iteration_count),
        )

    def limit(self, row: int, upper: float) -> None:
        """Change the upper limit of a row."""
        self.highs.changeRowBounds(row, float(self.model.row_lower[row]), upper)

    def bound(self, column: int, lower: float, upper: float) -> None:
        """Change the bounds of a column."""
        self.highs.changeColBounds(column, lower, upper)

    def add(self, row: int) -> None:
        """Take over a row that was added to the model since."""
        _, where, amount = self.model.entries[row]
        lower, upper = self.model.row_lower[row], self.model.row_upper[row]
        self.highs.addRow(lower, upper, len(where), where.astype(np.int32), amount)


def _lp(model: Model, whole: bool) -> highspy.HighsLp:
    """The model in the solver's own form, by rows."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_lower)
    lp.col_cost_ = np.array(model.cost)
    lp.col_lower_, lp.col_upper_ = np.array(model.lower), np.array(model.upper)
    lp.row_lower_, lp.row_upper_ = np.array(model.row_lower), np.array(model.row_upper)
    lp.offset_ = model.constant
    sizes = [entry[1].size for entry in model.entries]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    lp.a_matrix_.index_ = np.concatenate([np.zeros(0), *(entry[1] for entry in model.entries)]).astype(np.int32)
    lp.a_matrix_.value_ = np.concatenate([np.zeros(0), *(entry[2] for entry in model.entries)])
    if whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in model.integer]
    return lp
