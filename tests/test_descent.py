"""Descent: trajectories against closed forms, mini-batches counted one by one, start weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.activations import sigmoid, tanh
from course.datasets import four_points
from course.descent import (
    gradient_descent,
    initial_weights,
    loss_below,
    minibatches,
    newton,
    sgd,
    weights_settled,
)
from course.losses import squared_error
from course.network import deltas, forward, gradients, step

seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
rates = st.floats(0.01, 0.9)
unhurried = settings(deadline=None)  # a busy machine is no failure


@unhurried
@given(theta=st.floats(-5, 5), curvature=st.floats(0.1, 2), rate=rates, steps=st.integers(0, 30))
def test_descent_on_a_parabola_follows_its_closed_form(theta, curvature, rate, steps):
    """On L = c w² / 2 the k-th weight is (1 − ηc)^k w⁰; the start is kept, no step is missing."""
    trajectory = gradient_descent(lambda w: curvature * w, theta, rate, steps)
    expected = theta * (1 - rate * curvature) ** np.arange(steps + 1)
    assert trajectory.shape == (steps + 1,)
    np.testing.assert_allclose(trajectory, expected, rtol=1e-12, atol=1e-12)


@unhurried
@given(rng=seeds, epsilon=st.floats(1e-4, 1), rate=rates)
def test_descent_stops_after_the_first_step_shorter_than_epsilon(rng, epsilon, rate):
    """NSYSU's rule looks at ‖w_new − w‖ over all weights and ends with the step that meets it."""
    trajectory = gradient_descent(lambda w: w, rng.normal(0, 3, (2, 3)), rate, 2000, epsilon)
    lengths = np.sqrt(np.sum(np.diff(trajectory, axis=0) ** 2, axis=(1, 2)))
    assert len(lengths) < 2000
    assert lengths[-1] < epsilon
    assert np.all(lengths[:-1] >= epsilon)


def test_the_line_through_nsysu_four_points_is_found():
    """h(x) = x·w reaches the least-squares slope, and L(w) falls from epoch 0 to 10 to 100."""
    x, y = four_points()
    trajectory = gradient_descent(lambda w: 2 * np.sum((x * w - y) * x), 0.0, 0.002, 100)
    loss = np.sum((x * trajectory[:, None] - y) ** 2, axis=1)
    slope = np.linalg.lstsq(x[:, None], y)[0][0]
    assert loss[0] > 5 * loss[10] > 25 * loss[100]
    assert trajectory[100] == pytest.approx(slope, abs=1e-5)


@unhurried
@given(rng=seeds, N=st.integers(1, 20), batch_size=st.integers(1, 25))
def test_minibatches_hold_every_example_once_beside_its_own_target(rng, N, batch_size):
    """All batches are full but the last; pairs stay together; nothing is lost or doubled."""
    X = np.stack([np.arange(N), 100 + np.arange(N)])
    T = 1000.0 + np.arange(N)
    batches = list(minibatches(X, T, batch_size, rng))
    sizes = [x.shape[1] for x, _ in batches]
    assert sizes[:-1] == [batch_size] * (len(batches) - 1)
    assert sizes[-1] == N - batch_size * (len(batches) - 1) > 0
    X_seen = np.concatenate([x for x, _ in batches], axis=1)
    T_seen = np.concatenate([t for _, t in batches])
    assert sorted(X_seen[0]) == list(range(N))
    np.testing.assert_array_equal(X_seen[1] - 100, X_seen[0])
    np.testing.assert_array_equal(T_seen - 1000, X_seen[0])


def test_minibatches_come_in_a_new_order_each_epoch():
    """Two epochs from one random generator differ, and neither is the order of the data."""
    rng, x = np.random.default_rng(0), np.arange(50)
    first, second = (np.concatenate([b for b, _ in minibatches(x, x, 8, rng)]) for _ in range(2))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, x)


def regression(theta, x, t):
    """Gradient of ½ Σ (theta x − t)²: theta (1, n_0), examples as columns."""
    return (theta @ x - t) @ x.T


@unhurried
@given(seed=st.integers(0, 2**32 - 1), N=st.integers(1, 9), epochs=st.integers(0, 3))
def test_sgd_visits_every_example_once_per_epoch(seed, N, epochs):
    """Each epoch is a permutation of the examples, and the steps are those of batches of one."""
    rng = np.random.default_rng(seed)
    X, T, theta = rng.normal(size=(2, N)), np.arange(N)[None], rng.normal(size=(1, 2))
    visited = []

    def gradient_of_one(theta, x, t):
        assert x.shape == (2, 1)
        np.testing.assert_array_equal(x, X[:, t[0]])
        visited.append(t.item())
        return regression(theta, x, t)

    trajectory = sgd(gradient_of_one, theta, X, T, 0.1, epochs, np.random.default_rng(seed))
    assert all(sorted(visited[k * N : (k + 1) * N]) == list(range(N)) for k in range(epochs))
    expected, rng = [theta], np.random.default_rng(seed)
    for _ in range(epochs):
        for x, t in minibatches(X, T, 1, rng):
            expected.append(expected[-1] - 0.1 * regression(expected[-1], x, t))
    assert len(trajectory) == epochs * N + 1
    np.testing.assert_array_equal(trajectory, expected)


def test_sgd_hands_out_numbers_where_the_data_are_vectors():
    """With x (N,) and t (N,) a gradient written for numbers works, and finds t = 2x."""
    x = np.linspace(0.5, 2, 8)
    trajectory = sgd(
        lambda w, x, t: (x * w - t) * x, 0.0, x, 2 * x, 0.3, 40, np.random.default_rng(1)
    )
    assert trajectory.shape == (321,)
    assert trajectory[-1] == pytest.approx(2)


@unhurried
@given(rng=seeds, n=st.integers(1, 6))
def test_newton_reaches_the_minimum_of_a_quadratic_in_one_step(rng, n):
    """On ½ θᵀHθ − cᵀθ with any positive definite H, step 1 solves Hθ = c and step 2 stays."""
    root, minimum = rng.normal(size=(n, n)), rng.normal(size=n)
    H = root @ root.T + np.eye(n)
    trajectory = newton(lambda w: H @ (w - minimum), lambda w: H, rng.normal(size=n), 2)
    assert trajectory.shape == (3, n)
    np.testing.assert_allclose(trajectory[1:], [minimum, minimum], rtol=1e-9, atol=1e-9)


def test_newton_on_numbers_finds_a_root_of_the_slope_quadratically():
    """On L = w³/3 − 2w (L′ = w² − 2) the weight tends to √2, its digits doubling at each step."""
    error = np.abs(newton(lambda w: w**2 - 2, lambda w: 2 * w, 1.0, 4) - np.sqrt(2))
    assert np.all(error[1:] <= error[:-1] ** 2)


def test_newton_says_where_the_hessian_is_singular():
    """A flat direction is an error with the step and the way out, not a numpy traceback."""
    with pytest.raises(ValueError, match=r"step 1: the Hessian is singular at theta = .*0. 0."):
        newton(lambda w: w, lambda w: np.zeros((2, 2)), np.zeros(2), 3)


def test_every_descent_keeps_float32_and_its_arguments():
    """float32 parameters give a float32 trajectory, integers float64; theta is left unchanged."""
    theta, x, rng = np.ones(2, np.float32), np.ones((2, 3), np.float32), np.random.default_rng(0)
    rate = np.float64(0.1)
    for trajectory in (
        gradient_descent(np.cos, theta, rate, 3),
        newton(np.cos, lambda w: np.eye(2), theta, 3),
        sgd(lambda w, x, t: w, theta, x, x, rate, 2, rng),
    ):
        assert trajectory.dtype == np.float32
        assert not np.array_equal(trajectory[-1], theta)
    np.testing.assert_array_equal(theta, [1, 1])
    assert gradient_descent(lambda w: w, [3, 4], 0.5, 1).tolist() == [[3, 4], [1.5, 2]]


def test_stopping_rules_are_strict_and_never_met_by_nan():
    """< and not ≤, and nan never counts as settled."""
    assert weights_settled([[3.0], [4.0]], [[0.0], [0.0]], 5.1)
    assert not weights_settled([[3.0], [4.0]], [[0.0], [0.0]], 5.0)
    assert loss_below(0.09, 0.1) and not loss_below(0.1, 0.1)
    assert not weights_settled([np.nan], [0.0], 1) and not loss_below(np.nan, 1)


@pytest.mark.parametrize("shape", [(300, 200), (100, 400)])
def test_start_weights_have_the_variance_of_their_scheme(shape):
    """Variances and ranges as published, within the spread of a sample of this size."""
    n_out, n_in = shape
    for scheme, variance, limit in (
        ("uniform", 1 / 3, 1),
        ("normal", 1, np.inf),
        ("xavier", 2 / (n_in + n_out), np.sqrt(6 / (n_in + n_out))),
        ("he", 2 / n_in, np.inf),
    ):
        weights = initial_weights(shape, scheme, np.random.default_rng(5))
        assert weights.shape == shape
        assert np.var(weights) == pytest.approx(variance, rel=0.04), scheme
        assert abs(np.mean(weights)) < 5 * np.sqrt(variance / weights.size)
        # Far out, but never beyond the limit of a uniform scheme.
        assert 0.99 * min(limit, 3 * np.sqrt(variance)) < np.abs(weights).max() <= limit
    assert not initial_weights(shape, "zeros", np.random.default_rng(5)).any()


@pytest.mark.parametrize("scheme, twins", [("zeros", True), ("xavier", False)])
def test_hidden_units_that_start_at_zero_stay_twins(scheme, twins):
    """From zeros all hidden units keep equal weights however long one trains; from random not."""
    rng = np.random.default_rng(2)
    X, T = rng.normal(size=(3, 10)), rng.uniform(size=(2, 10))
    W = [None, initial_weights((4, 3), scheme, rng), initial_weights((2, 4), scheme, rng)]
    b = [None, np.zeros((4, 1)), np.zeros((2, 1))]
    activations = [None, sigmoid, tanh]
    for _ in range(50):
        Z, A = forward(W, b, activations, X)
        delta = deltas(W, activations, Z, A, T, squared_error)
        W, b = step(W, b, *gradients(delta, A), 0.1)
    assert np.abs(W[1]).max() > 1e-3
    assert np.allclose(W[1], W[1][0], rtol=1e-12) == twins
    assert np.allclose(W[2].T, W[2].T[0], rtol=1e-12) == twins


def test_what_does_not_fit_is_refused_with_the_reason():
    """Shapes, sizes and names that make no sense end in a ValueError that shows them."""
    rng, X = np.random.default_rng(0), np.ones((2, 5))
    with pytest.raises(ValueError, match=r"gradient has shape \(2, 1\), theta has shape \(2,\)"):
        gradient_descent(lambda w: w[:, None], np.ones(2), 0.1, 3)
    with pytest.raises(ValueError, match=r"X has shape \(2, 5\) and T has shape \(5, 1\)"):
        minibatches(X, np.ones((5, 1)), 2, rng)
    with pytest.raises(ValueError, match="batch_size is 0"):
        minibatches(X, X, 0, rng)
    with pytest.raises(ValueError, match=r"no scheme 'glorot'; choose zeros, .* xavier or he"):
        initial_weights((2, 3), "glorot", rng)
    with pytest.raises(ValueError, match=r"shape is \(3,\); a layer's weights"):
        initial_weights((3,), "he", rng)
