"""What may a company's loss scenarios cost in a year, how surely, and which scenarios make the bad years?

Method: compound Poisson sums with uncertain rates, by the fast Fourier transform of mean-preserving lattices, given the
one common factor of a Gaussian copula where scenarios are dependent; simulation as the check. Source: Klugman, Panjer,
Willmot, "Loss Models"; the parts name their own. Limits: frequencies are PERT, magnitudes lognormal and independent of
their number; one factor binds all scenarios alike; probabilities up to 99.99 %.
"""

from quarterdeck.engines.loss.annual import AnnualLoss
from quarterdeck.engines.loss.assessment import (
    Checks,
    Exceedance,
    Inputs,
    Limit,
    Quantile,
    Result,
    Share,
    TailMean,
    Verdict,
    assess,
)
from quarterdeck.engines.loss.evaluator import Evaluator, annual_loss

VERSION = "1"

__all__ = [
    "VERSION",
    "AnnualLoss",
    "Checks",
    "Evaluator",
    "Exceedance",
    "Inputs",
    "Limit",
    "Quantile",
    "Result",
    "Share",
    "TailMean",
    "Verdict",
    "annual_loss",
    "assess",
]
