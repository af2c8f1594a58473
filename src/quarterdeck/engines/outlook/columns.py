"""The list of what is drawn once a trial: each column is one quantity of one record, with its own stream."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quarterdeck.engines.draws import Floats, digest
from quarterdeck.engines.programme import Bias, Estimate


class Streams(NamedTuple):
    """Keys and indices of columns; for PERT columns also the estimates. All of shape (columns,)."""

    keys: NDArray[np.uint64]
    indices: NDArray[np.int64]
    low: Floats
    width: Floats
    mode: Floats  # where the mode lies between low and high, 0 to 1
    mean: Floats


@dataclass
class Columns:
    """Collects columns while a model is built. Where a column stands has no influence on what is drawn for it."""

    seed: int
    pert_streams: list[tuple[int, int]] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)
    normal_streams: list[tuple[int, int]] = field(default_factory=list)

    def pert(self, estimate: Estimate, purpose: str, *key: str, index: int = 0) -> int:
        """Add a PERT column and return its number."""
        self.pert_streams.append((digest(self.seed, purpose, *key), index))
        self.estimates.append(estimate)
        return len(self.estimates) - 1

    def normal(self, purpose: str, *key: str, index: int = 0) -> int:
        """Add a standard normal column and return its number."""
        self.normal_streams.append((digest(self.seed, purpose, *key), index))
        return len(self.normal_streams) - 1

    def pert_arrays(self) -> Streams:
        """The PERT columns as arrays."""
        low = np.array([e.low for e in self.estimates], dtype=np.float64)
        width = np.array([e.high - e.low for e in self.estimates], dtype=np.float64)
        likely = np.array([e.likely for e in self.estimates], dtype=np.float64)
        mean = np.array([e.mean for e in self.estimates], dtype=np.float64)
        mode = np.divide(likely - low, width, out=np.zeros_like(low), where=width > 0)
        return Streams(*arrays(self.pert_streams), low, width, mode, mean)

    def normal_arrays(self) -> Streams:
        """The normal columns as arrays."""
        none = np.zeros(0)
        return Streams(*arrays(self.normal_streams), none, none, none, none)


def arrays(streams: list[tuple[int, int]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Keys and indices as arrays."""
    keys = np.array([key for key, _ in streams], dtype=np.uint64)
    return keys, np.array([index for _, index in streams], dtype=np.int64)


def ranges(lengths: list[int]) -> NDArray[np.int64]:
    """Where each of several runs laid end to end begins, and where the last one ends: shape (runs + 1,)."""
    return np.concatenate(([0], np.cumsum(np.array(lengths, dtype=np.int64)))).astype(np.int64)


def mean_factor(bias: Bias) -> float:
    """Mean of the lognormal factor actual over planned."""
    return bias.median * math.exp((bias.common**2 + bias.own**2) / 2.0)


def occurrences(keys: list[str]) -> list[int]:
    """For each key, how often it stood before in the list."""
    seen: dict[str, int] = {}
    numbers = []
    for key in keys:
        numbers.append(seen.get(key, 0))
        seen[key] = numbers[-1] + 1
    return numbers
