"""The keyed generator: published vectors, quantiles against SciPy, and independence from position."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from quarterdeck.engines import draws

SEED = 20270101


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_the_generator_gives_the_published_vectors(counter: str, key: str, expected: str) -> None:
    """Random123's known answers for philox4x32-10 (its file kat_vectors)."""
    c, k = ([int(word, 16) for word in text.split()] for text in (counter, key))
    pairs = [np.uint64(low | high << 32) for low, high in ((k[0], k[1]), (c[0], c[1]), (c[2], c[3]))]
    first, second = (int(word) for word in draws.words(*pairs))
    words = [first & 0xFFFFFFFF, first >> 32, second & 0xFFFFFFFF, second >> 32]
    assert " ".join(f"{word:08x}" for word in words) == expected


def test_a_digest_is_a_hash_of_parts_with_their_lengths() -> None:
    text = b"".join(len(part).to_bytes(8, "little") + part for part in (b"7", b"duration", b"a", "b\u8239".encode()))
    expected = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
    assert draws.digest(7, "duration", "a", "b\u8239") == expected
    different = [("duration", "ab"), ("duration", "a", "b"), ("durationa", "b"), ("duration", "", "ab")]
    assert len({draws.digest(7, *parts) for parts in different} | {draws.digest(8, *different[0])}) == 5


def test_uniforms_leave_out_both_ends() -> None:
    assert 0.0 < draws.fraction(np.uint64(0)) < 1e-15
    assert 1.0 - 1e-15 < draws.fraction(np.uint64(2**64 - 1)) < 1.0


@pytest.mark.parametrize("axis", ["trials", "indices", "keys"])
def test_uniforms_are_uniform_and_uncorrelated_along_each_axis(axis: str) -> None:
    key = draws.digest(SEED, "test", "a")
    counts = range(20_000)
    values = {
        "trials": lambda: [draws.uniform(np.uint64(key), t, 0) for t in counts],
        "indices": lambda: [draws.uniform(np.uint64(key), 0, i) for i in counts],
        "keys": lambda: [draws.uniform(np.uint64(draws.digest(SEED, "test", str(k))), 0, 0) for k in counts],
    }[axis]()
    assert stats.kstest(values, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 4 / np.sqrt(20_000)


def test_two_uniforms_are_independent_and_begin_with_the_one() -> None:
    key = np.uint64(draws.digest(SEED, "test", "pair"))
    pairs = np.array([draws.two_uniforms(key, t, 3) for t in range(20_000)])
    assert pairs[5, 0] == draws.uniform(key, 5, 3)
    assert stats.kstest(pairs[:, 1], "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / np.sqrt(20_000)


def test_the_normal_quantile_agrees_with_scipy() -> None:
    chances = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 4_001), 10.0 ** -np.arange(1, 17), [2.0**-53, 1 - 2.0**-53]])
    ours = np.array([draws.normal_quantile(chance) for chance in chances])
    np.testing.assert_allclose(ours, ndtri(chances), rtol=1e-13, atol=1e-15)
    back = [draws.normal_chance(score) for score in ours]
    np.testing.assert_allclose(back, chances, rtol=1e-10)


@pytest.mark.parametrize("mode", [0.0, 0.003, 0.1, 0.25, 1 / 3, 0.5, 0.77, 0.999, 1.0])
def test_the_pert_quantile_agrees_with_the_beta_distribution(mode: float) -> None:
    values, slopes = np.empty(draws.BINS + 1), np.empty(draws.BINS + 1)
    for table, row in zip(draws.pert_table(), (values, slopes), strict=True):
        draws.blend(table, mode, row)
    chances = (np.arange(20_000) + 0.5) / 20_000
    ours = np.array([draws.pert_quantile(chance, mode, values, slopes) for chance in chances])
    exact = stats.beta.ppf(chances, 1 + 4 * mode, 5 - 4 * mode)
    assert np.abs(ours - exact).max() < 4e-4
    assert np.abs(ours - exact).mean() < 1e-5
    assert np.diff(ours).min() >= 0.0
    assert ours.mean() == pytest.approx((4 * mode + 1) / 6, abs=3e-6)


@pytest.mark.parametrize("mean", [0.05, 1.0, 7.5, 99.0, 150.0, 1_000.0, 250_000.0])
def test_the_poisson_quantile_agrees_with_scipy(mean: float) -> None:
    chances = np.linspace(0.0005, 0.9995, 1_000)
    ours = [draws.poisson_quantile(chance, mean)[0] for chance in chances]
    np.testing.assert_array_equal(ours, stats.poisson.ppf(chances, mean))


def test_no_rate_no_events() -> None:
    assert draws.poisson_quantile(0.999999, 0.0)[0] == 0


def test_the_rest_of_a_poisson_quantile_is_uniform_whatever_the_count() -> None:
    key = np.uint64(draws.digest(SEED, "test", "poisson"))
    pairs = np.array([draws.poisson_quantile(draws.uniform(key, t, 0), 1.3) for t in range(40_000)])
    for count in range(4):
        assert stats.kstest(pairs[pairs[:, 0] == count, 1], "uniform").pvalue > 1e-3


def pert_draws(names: list[str], first: int, count: int) -> dict[str, np.ndarray]:
    """Draws of a PERT column for each name, all with the estimate 1, 2, 5."""
    keys = np.array([draws.digest(SEED, "test", name) for name in names], dtype=np.uint64)
    n, out = len(names), np.empty((len(names), count))
    terms = (np.zeros(n, np.int64), np.ones(n), np.full(n, 4.0), np.full(n, 0.25))
    draws.fill_pert(keys, *terms, *draws.pert_table(), first, out)
    return dict(zip(names, out, strict=True))


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(max_size=8), unique=True, min_size=1, max_size=12).flatmap(
        lambda names: st.tuples(st.just(names), st.permutations(names), st.integers(1, len(names)))
    ),
    st.integers(0, 2**40),
    st.integers(1, 6),
)
def test_a_draw_does_not_depend_on_what_else_is_drawn(
    case: tuple[list[str], list[str], int], first: int, cut: int
) -> None:
    names, shuffled, kept = case
    whole = pert_draws(names, first, 7)
    for name, values in pert_draws(shuffled[:kept], first, 7).items():
        np.testing.assert_array_equal(values, whole[name])
    for name, values in pert_draws(names, first + cut, 7 - cut).items():
        np.testing.assert_array_equal(values, whole[name][cut:])


def test_a_higher_estimate_never_draws_lower() -> None:
    keys = np.full(2, draws.digest(SEED, "test", "moved"), dtype=np.uint64)
    out = np.empty((2, 2_000))
    low, width, mode = np.array([1.0, 1.0]), np.array([4.0, 5.0]), np.array([0.25, 0.3])
    draws.fill_pert(keys, np.zeros(2, np.int64), low, width, mode, *draws.pert_table(), 0, out)
    assert (out[1] >= out[0]).all()
