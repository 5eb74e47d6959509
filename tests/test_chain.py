"""The chain rule, for every number of paths and steps, against numeric derivatives and autograd."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.chain import case_1, case_2, many_paths
from course.gradcheck import compare, numeric_gradient

quick = settings(max_examples=60, deadline=None)

# Functions with their derivatives; bounded, so that any composition stays computable.
STEPS = [
    (anp.sin, np.cos),
    (anp.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
    (lambda x: 0.5 * x - 1, lambda x: 0.5 + 0 * x),
    (lambda x: anp.exp(-(x**2)), lambda x: -2 * x * np.exp(-(x**2))),
]
steps = st.sampled_from(STEPS)
x_values = st.floats(-2, 2)


def assert_is_derivative(derivative, f, x):
    comparison = compare(derivative, numeric_gradient(f, x), 1e-7)
    assert comparison.agrees, str(comparison)


@given(g=steps, h=steps, x=x_values)
@quick
def test_case_1(g, h, x):
    """dz/dx of z = h(g(x)) for any two functions in either order."""
    z, dz_dx = case_1(x, g[0], h[0], g[1], h[1])
    assert z == h[0](g[0](x))
    assert_is_derivative(dz_dx, lambda x: h[0](g[0](x)), x)


@given(g=steps, h=steps, s=x_values)
@quick
def test_case_2(g, h, s):
    """dz/ds where s reaches z = x sin(y) + x^2 on two paths that count differently."""
    k = (
        lambda x, y: x * anp.sin(y) + x**2,
        lambda x, y: np.sin(y) + 2 * x,
        lambda x, y: x * np.cos(y),
    )
    z, dz_ds = case_2(s, g[0], h[0], k[0], g[1], h[1], k[1], k[2])
    assert z == k[0](g[0](s), h[0](s))
    assert_is_derivative(dz_ds, lambda s: k[0](g[0](s), h[0](s)), s)
    independent = autograd.grad(lambda s: k[0](g[0](s), h[0](s)))(s)
    np.testing.assert_allclose(dz_ds, independent, rtol=1e-12, atol=1e-14)


@given(paths=st.lists(st.tuples(steps, st.floats(-3, 3)), max_size=7), x=x_values)
@quick
def test_many_paths(paths, x):
    """dz/dx of z = sum_j weight_j sin(y_j(x)) over 0 to 7 paths."""
    dz_dy = [weight * np.cos(y(x)) for (y, _), weight in paths]
    dy_dx = [y_prime(x) for (_, y_prime), _ in paths]
    z = lambda x: sum((weight * anp.sin(y(x)) for (y, _), weight in paths), 0.0)  # noqa: E731
    assert_is_derivative(many_paths(dz_dy, dy_dx), z, x)
    assert many_paths(np.array(dz_dy), np.array(dy_dx)) == many_paths(dz_dy, dy_dx)


def test_two_paths_of_the_slide():
    """Princeton's f = (x3 + x5) - sigma(w3 x3 + w4 x4): x3 counts twice, 1 - sigma' w3."""
    w3, net2 = 0.7, 0.3
    sigma_prime = np.exp(-net2) / (1 + np.exp(-net2)) ** 2
    assert many_paths([1, -1], [1, sigma_prime * w3]) == pytest.approx(1 - sigma_prime * w3)


def test_errors():
    """Sequences that do not pair up are refused with both lengths."""
    with pytest.raises(ValueError, match=r"2 entries.* 1:"):
        many_paths([1.0, 2.0], [3.0])
