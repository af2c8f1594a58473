"""Looking ahead: trials cut into fixed chunks, run here or by workers, and put together in their order."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor

from quarterdeck.engines.outlook.inputs import Inputs
from quarterdeck.engines.outlook.model import Model, build
from quarterdeck.engines.outlook.result import Result
from quarterdeck.engines.outlook.summary import summarise
from quarterdeck.engines.outlook.trial import Outcome, deterministic, join, simulate

CHUNK = 500  # trials; fixed, whatever the number of workers


def look_ahead(
    inputs: Inputs, progress: Callable[[float], None] | None = None, executor: Executor | None = None
) -> Result:
    """Simulate the plan.

    progress is called with the part done, 0 to 1. executor: runs chunks elsewhere (threads, processes or a cluster);
    the result is the same byte for byte with or without one. Raises ValueError where records contradict each other.
    """
    model = build(inputs)
    parts = []
    for outcome in outcomes(model, inputs.trials, executor):
        parts.append(outcome)
        if progress is not None:
            progress(min(1.0, len(parts) * CHUNK / inputs.trials))
    return summarise(inputs, model, join(parts), deterministic(model))


def outcomes(model: Model, trials: int, executor: Executor | None) -> Iterator[Outcome]:
    """Chunks in their order, as they come in."""
    firsts = range(0, trials, CHUNK)
    counts = [min(CHUNK, trials - first) for first in firsts]
    every = [model] * len(counts)
    return map(simulate, every, firsts, counts) if executor is None else executor.map(simulate, every, firsts, counts)
