"""The parts of the annual loss: lattices, numbers of events and their transforms, against recursion and quadrature."""

from math import exp, log, sqrt

import numpy as np
import pytest
from compounding import discrete, fixed, panjer
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.stats import norm, poisson

from quarterdeck.engines.loss.annual import distribution, rough_quantile, source
from quarterdeck.engines.loss.rates import kummer, probabilities, rate, spread, spread_slope
from quarterdeck.engines.loss.severity import fit, lattices
from quarterdeck.engines.programme import Estimate, Scenario


@pytest.mark.parametrize(("rate_a_year", "low", "high"), [(0.3, 1e3, 5e5), (4.0, 1e4, 3e4), (25.0, 1e3, 1e5)])
def test_panjer_on_the_same_lattice(rate_a_year: float, low: float, high: float) -> None:
    one = source(Scenario("a", fixed(rate_a_year), low, high))
    points = 2**11
    step = 2.5 * rough_quantile([one], 0.999) / points
    masses = lattices([one.magnitude], step, points // 2)[0]
    found = distribution([one], step, points).masses
    np.testing.assert_allclose(found, panjer(rate_a_year, masses, found.size), atol=1e-12)


def test_panjer_mixed_over_an_uncertain_rate() -> None:
    one = source(Scenario("a", Estimate(0.5, 2.0, 6.0), 1e4, 1e5))
    points, step = 2**9, 4e3
    masses = lattices([one.magnitude], step, points // 2)[0]
    nodes, weights = np.polynomial.legendre.leggauss(60)
    rates, rising = 0.5 + 5.5 * (nodes + 1) / 2, one.rate.rising
    density = ((nodes + 1) / 2) ** (rising - 1) * ((1 - nodes) / 2) ** (5 - rising) / beta_function(rising, 6 - rising)
    chances = weights / 2 * density
    expected = sum(chance * panjer(each, masses, points // 2 + 1) for each, chance in zip(rates, chances, strict=True))
    np.testing.assert_allclose(distribution([one], step, points).masses, expected, atol=1e-8)


@pytest.mark.parametrize(("width", "rising"), [(0.5, 2.3), (8.0, 1.0), (59.0, 4.2), (61.0, 1.0), (880.0, 1.36)])
@pytest.mark.parametrize("point", [0.0, 0.9 + 0.1j, -0.5 + 0.5j, 0.999 + 0.02j, 0.97 - 0.2j])
def test_the_number_of_events_against_quadrature(width: float, rising: float, point: complex) -> None:
    """E[point^N] = E[exp(rate (point - 1))], integrated over the beta density."""
    law = rate(Estimate(0.0, (rising - 1) / 4 * width, width))

    def part(x: float, take: str, power: int) -> float:
        value = np.exp(width * x * (point - 1)) * (width * x) ** power * x ** (rising - 1) * (1 - x) ** (5 - rising)
        return getattr(complex(value), take) / beta_function(rising, 6 - rising)

    def integral(power: int) -> complex:
        cuts = [c for c in (1 / width, 5 / width, 20 / width) if c < 1]
        real = quad(part, 0, 1, ("real", power), points=cuts, limit=2000, epsabs=1e-12)[0]
        return complex(real, quad(part, 0, 1, ("imag", power), points=cuts, limit=2000, epsabs=1e-12)[0])

    at = np.array([point], dtype=complex)
    assert spread(law, at)[0] == pytest.approx(integral(0), abs=1e-10)
    assert spread_slope(law, at)[0] == pytest.approx(integral(1), abs=1e-8 * max(width, 1))


def test_the_two_ways_to_the_number_of_events_meet() -> None:
    points = np.exp(1j * np.linspace(0, np.pi, 400)) * np.linspace(1, 0.2, 400)
    for rising in (1.0, 2.5, 5.0):
        by_series = np.polynomial.polynomial.polyval(points, probabilities(58.0, rising))
        np.testing.assert_allclose(kummer(rising, 6.0, 58.0 * (points - 1)), by_series, atol=1e-12)


def test_fixed_rate_counts_are_poisson() -> None:
    masses = discrete([3.7], [{"1": 1.0}], 1, 128)
    np.testing.assert_allclose(masses, poisson.pmf(np.arange(65), 3.7), atol=1e-13)


def test_the_lattice_keeps_mass_and_mean() -> None:
    law = fit(1e3, 8e4)
    step, cells = 500.0, 4096
    masses, nodes = lattices([law], step, cells)[0], np.arange(cells + 1) * step
    end = (log(nodes[-1]) - law.location) / law.scale
    expected = quad(lambda z: exp(law.location + law.scale * z) * norm.pdf(z), -12, end, epsabs=1e-9, epsrel=1e-12)[0]
    assert masses.sum() == pytest.approx(norm.cdf(end), rel=1e-12)
    assert masses @ nodes == pytest.approx(expected, rel=1e-9)
    assert masses.min() > -1e-12


def test_moments_of_the_lattice_agree_with_the_closed_forms() -> None:
    sources = [source(Scenario("a", Estimate(1.0, 3.0, 8.0), 1e4, 4e4)), source(Scenario("b", fixed(2.0), 2e4, 5e4))]
    found = distribution(sources, 2 * 2e6 / 2**15, 2**15)
    amounts = np.arange(found.masses.size) * found.step
    assert found.masses.sum() == pytest.approx(1.0, abs=1e-11)
    assert found.masses @ amounts == pytest.approx(found.mean, rel=1e-9)
    assert sqrt(found.masses @ (amounts - found.mean) ** 2) == pytest.approx(found.deviation, rel=1e-5)
    assert found.nothing == pytest.approx(found.masses[0], rel=1e-6)
