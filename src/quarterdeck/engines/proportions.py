"""Intervals of shares that are counted, and of their differences, which hold where none or all were counted."""

from math import sqrt

from scipy.special import ndtri


def wilson(successes: int, total: int, confidence: float) -> tuple[float, float]:
    """The score interval of a share. Source: Wilson (1927), Journal of the American Statistical Association 22(158)."""
    if total == 0:
        return 0.0, 1.0
    z = float(ndtri(0.5 + confidence / 2))
    share = successes / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == total else min(1.0, centre + half)
    return low, high


def paired(gained: int, lost: int, total: int, confidence: float) -> tuple[float, float]:
    """The interval of the difference of two shares of the same cases, of which some count in only one of the two.

    Source: Bonett and Price (2012), "Adjusted Wald confidence interval for a difference of binomial proportions based
    on paired data", Journal of Educational and Behavioral Statistics 37(4).
    """
    z = float(ndtri(0.5 + confidence / 2))
    gain, loss = (gained + 1) / (total + 2), (lost + 1) / (total + 2)
    half = z * sqrt((gain + loss - (gain - loss) ** 2) / (total + 2))
    return max(-1.0, gain - loss - half), min(1.0, gain - loss + half)
