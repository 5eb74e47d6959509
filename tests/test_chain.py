"""The chain rule, for every number of paths and steps, against numeric derivatives and autograd."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.chain import case_1, case_2, compose, many_paths
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


@given(chosen=st.lists(steps, max_size=12), x=x_values)
@quick
def test_compose(chosen, x):
    """Values, local derivatives and running products of 0 to 12 functions, each one checked."""
    functions, derivatives = [f for f, _ in chosen], [f_prime for _, f_prime in chosen]

    def tail(start):  # the rest of the composition, from values[start] to z
        def z(value):
            for f in functions[start:]:
                value = f(value)
            return value

        return z

    values, local, products = compose(functions, derivatives, x)
    n = len(chosen)
    assert (len(values), len(local), len(products)) == (n + 1, n, n + 1)
    assert values[0] == x and values[-1] == tail(0)(x) and products[-1] == 1
    for i in range(n):
        assert_is_derivative(local[i], functions[i], values[i])
    for i in range(n + 1):
        assert_is_derivative(products[i], tail(i), values[i])


def test_compose_on_arrays():
    """On an array the functions act entry by entry, and so do the derivatives; x is left alone."""
    x = np.linspace(-2, 2, 12).reshape(3, 4)
    before = x.copy()
    functions, derivatives = zip(*STEPS, strict=True)
    values, local, products = compose(functions, derivatives, x)
    np.testing.assert_array_equal(x, before)
    assert all(np.shape(entry) == (3, 4) for entry in values + local + products)
    one_by_one = [compose(functions, derivatives, entry)[2][0] for entry in x.flat]
    np.testing.assert_allclose(products[0].ravel(), one_by_one, rtol=1e-14)


def test_10_000_steps():
    """A long composition neither recurses nor loses the product: 10,000 times x + 1e-4."""
    step, slope = lambda x: x + 1e-4, lambda x: 1.0
    values, _, products = compose([step] * 10_000, [slope] * 10_000, 1.0)
    assert values[-1] == pytest.approx(2) and products[0] == 1


def test_errors():
    """Sequences that do not pair up are refused with both lengths."""
    with pytest.raises(ValueError, match=r"2 entries.* 1:"):
        many_paths([1.0, 2.0], [3.0])
    with pytest.raises(ValueError, match="1 functions but 2 derivatives"):
        compose([np.sin], [np.cos, np.cos], 1.0)
