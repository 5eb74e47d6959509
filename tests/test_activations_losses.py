"""Activations and losses: against autograd, numeric gradients, the slides and extreme inputs."""

import warnings

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course.activations import ACTIVATIONS, identity, relu, sigmoid, softmax, tanh
from course.gradcheck import compare, numeric_gradient
from course.losses import (
    LOSSES,
    binary_cross_entropy,
    cross_entropy,
    output_delta,
    squared_error,
)

quick = settings(max_examples=40, deadline=None)
either_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
shapes = st.tuples(st.integers(1, 5), st.integers(1, 4)) | st.tuples(st.integers(1, 5))
ELEMENTWISE = [identity, sigmoid, tanh, relu]

# The textbook formulas, overflow and all, for autograd to differentiate.
TEXTBOOK = {
    "identity": lambda z: 1.0 * z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": lambda z: (anp.exp(z) - anp.exp(-z)) / (anp.exp(z) + anp.exp(-z)),
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=0),
    "squared_error": lambda y, t: anp.sum((y - t) ** 2) / 2,
    "binary_cross_entropy": lambda y, t: -anp.sum(t * anp.log(y) + (1 - t) * anp.log(1 - y)),
    "cross_entropy": lambda y, t: -anp.sum(t * anp.log(y)),
}


def numbers(low, high):
    """Arrays of shape (n,) or (n, N) with entries between low and high."""
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(low, high)))


def pairs(*ranges):
    """Several arrays of one shape, each with entries in its own range."""
    return shapes.flatmap(
        lambda shape: st.tuples(
            *(arrays(np.float64, shape, elements=st.floats(*ends)) for ends in ranges)
        )
    )


@pytest.fixture
def no_warning():
    """Turn every warning, and every overflow or invalid value inside numpy, into an error."""
    with warnings.catch_warnings(), np.errstate(over="raise", divide="raise", invalid="raise"):
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda a: a.name)
@quick
@given(z=numbers(-8, 8))
def test_value_and_derivative(activation, z):
    """Value and derivative are those of the textbook formula, by autograd and numerically."""
    assume(np.all(np.abs(z) > 1e-3) or activation is not relu)  # relu has a corner at 0
    textbook = TEXTBOOK[activation.name]
    np.testing.assert_allclose(activation.value(z), textbook(z), rtol=1e-12, atol=1e-14)
    derivative = activation.derivative(z)
    independent = autograd.elementwise_grad(textbook)(z)
    np.testing.assert_allclose(derivative, independent, rtol=1e-11, atol=1e-13)
    numeric = numeric_gradient(lambda z: np.sum(activation.value(z)), z)
    comparison = compare(derivative, numeric, 1e-6)
    assert comparison.agrees, str(comparison)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda a: a.name)
@quick
@given(z_and_grad=pairs((-8, 8), (-3, 3)))
def test_backward(activation, z_and_grad):
    """backward gives dL/dz for any dL/da, by autograd and numerically, softmax included."""
    z, grad_a = z_and_grad
    assume(np.all(np.abs(z) > 1e-3) or activation is not relu)
    grad_z = activation.backward(z, activation.value(z), grad_a)
    textbook = TEXTBOOK[activation.name]
    independent = autograd.grad(lambda z: anp.sum(grad_a * textbook(z)))(z)
    np.testing.assert_allclose(grad_z, independent, rtol=1e-11, atol=1e-12)
    numeric = numeric_gradient(lambda z: np.sum(grad_a * activation.value(z)), z)
    comparison = compare(grad_z, numeric, 1e-6)
    assert comparison.agrees, str(comparison)


@given(z_and_grad=pairs((-8, 8), (-3, 3)))
@quick
def test_softmax_backward_is_the_jacobian(z_and_grad):
    """softmax's backward, built without the Jacobian, equals (diag(a) - a a^T) grad_a."""
    z, grad_a = z_and_grad
    a = softmax.value(z)
    grad_z = softmax.backward(z, a, grad_a)
    columns = zip(a.T.reshape(-1, len(a)), grad_a.T.reshape(-1, len(a)), strict=True)
    by_jacobian = [(np.diag(column) - np.outer(column, column)) @ grad for column, grad in columns]
    np.testing.assert_allclose(grad_z.T.reshape(-1, len(a)), by_jacobian, rtol=1e-11, atol=1e-13)
    assert softmax.derivative is None


@either_dtype
@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda a: a.name)
def test_extreme_inputs(activation, dtype, no_warning):
    """For |z| up to 1e6: no warning, finite, dtype and shape kept, arguments left alone."""
    ends = np.array([0, 1e-30, 1e-3, 17, 40, 89, 104, 710, 746, 1e3, 1e6])
    z = np.random.default_rng(5).permutation(np.tile(np.r_[-ends, ends], (6, 1)), axis=1)
    z = np.c_[z, np.full((6, 2), [1e6, -1e6])].astype(dtype)
    grad_a = np.ones_like(z) * np.arange(6, dtype=dtype)[:, np.newaxis]
    untouched = z.copy(), grad_a.copy()
    a = activation.value(z)
    results = [a, activation.backward(z, a, grad_a)]
    if activation.derivative:
        results.append(activation.derivative(z))
    for result in results:
        assert result.dtype == dtype and result.shape == z.shape
        assert np.all(np.isfinite(result))
        assert not np.shares_memory(result, z) and not np.shares_memory(result, grad_a)
    np.testing.assert_array_equal((z, grad_a), untouched)
    if activation is softmax:
        np.testing.assert_allclose(a.sum(axis=0), 1, rtol=8 * np.finfo(dtype).eps)
    if activation is sigmoid:
        assert a.min() == 0 and a.max() == 1
        # The far left end keeps its digits: sigma(z) is exp(z) there.
        low = (z < -36) & (z > -80)
        np.testing.assert_allclose(a[low], np.exp(z[low]), rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda a: a.name)
def test_numbers_and_integers(activation):
    """Python numbers, lists and integer arrays give the float64 result of the same values."""
    assert activation.value(2) == activation.value(np.array([2.0]))[0]
    assert activation.derivative(2) == activation.derivative(np.array([2.0]))[0]
    whole = np.array([[-3, 0, 2]])
    for argument in (whole, whole.tolist()):
        assert activation.value(argument).dtype == np.float64
        np.testing.assert_array_equal(activation.value(argument), activation.value(whole * 1.0))
        backward = activation.backward(argument, activation.value(argument), whole)
        np.testing.assert_array_equal(backward, activation.derivative(whole) * whole)


def test_relu_corner():
    """At its corner z = 0 relu takes the derivative 0."""
    assert relu.derivative(0.0) == 0 and relu.backward(0.0, 0.0, 5.0) == 0


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.name)
@quick
@given(y_and_t=pairs((0.02, 0.98), (0, 1)))
def test_loss_value_and_gradient(loss, y_and_t):
    """Value and gradient are those of the textbook formula; a batch is the sum of its examples."""
    y, t = y_and_t
    textbook = TEXTBOOK[loss.name]
    value, gradient = loss.value(y, t), loss.gradient(y, t)
    assert type(value) is float
    np.testing.assert_allclose(value, textbook(y, t), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(gradient, autograd.grad(textbook)(y, t), rtol=1e-11, atol=1e-12)
    comparison = compare(gradient, numeric_gradient(lambda y: loss.value(y, t), y), 1e-5)
    assert comparison.agrees, str(comparison)
    each = [loss.value(y[..., n], t[..., n]) for n in range(y.shape[-1])]
    np.testing.assert_allclose(value, sum(each), rtol=1e-12, atol=1e-13)


def test_formulas_of_the_slides():
    """Worked by hand: XJTLU's dJ/dy = -t/y + (1-t)/(1-y), the half of SKKU's squared loss."""
    y, t = np.array([[0.8, 0.8, 0.25]]), np.array([[1.0, 0.0, 0.0]])
    np.testing.assert_allclose(binary_cross_entropy.gradient(y, t), [[-1.25, 5, 4 / 3]])
    np.testing.assert_allclose(binary_cross_entropy.value(y, t), -np.log(0.8 * 0.2 * 0.75))
    np.testing.assert_allclose(cross_entropy.gradient(y, t), [[-1.25, 0, 0]])
    np.testing.assert_allclose(cross_entropy.value(y, t), -np.log(0.8))
    np.testing.assert_allclose(squared_error.gradient(y, t), [[-0.2, 0.8, 0.25]])
    np.testing.assert_allclose(squared_error.value(y, t), (0.04 + 0.64 + 0.0625) / 2)


@either_dtype
@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.name)
def test_loss_is_finite_at_0_and_1(loss, dtype, no_warning):
    """At y = 0 and 1, right or wrong, value and gradient are finite; right answers cost nothing."""
    y = np.array([[0, 0, 1, 1, 1e-45, 1e-30]], dtype=dtype)
    t = np.array([[0, 1, 0, 1, 1, 1]])
    assert np.isfinite(loss.value(y, t))
    gradient = loss.gradient(y, t)
    assert np.all(np.isfinite(gradient)) and gradient.dtype == dtype and gradient.shape == y.shape
    assert np.all(gradient * (y - t) >= 0), "the gradient points away from the target"
    assert loss.value(y[:, [0, 3]], t[:, [0, 3]]) == 0
    assert loss.value(y[:, 1:2], t[:, 1:2]) > 0
    # Down to the smallest normal number nothing is cut off.
    if loss is not squared_error:
        np.testing.assert_allclose(loss.value(y[:, 5:], t[:, 5:]), 30 * np.log(10), rtol=1e-6)


FUSED = [(binary_cross_entropy, sigmoid), (cross_entropy, softmax)]
by_name = {"ids": lambda either: either.name}


@pytest.mark.parametrize(("loss", "activation"), FUSED, **by_name)
@quick
@given(data=st.data())
def test_fused_delta(loss, activation, data):
    """The fused y - t is the chain rule of activation and loss, and what autograd finds."""
    z, t = data.draw(pairs((-8, 8), (0.01, 1)))
    if activation is softmax:
        t = t / t.sum(axis=0)
    y = activation.value(z)
    delta = output_delta(loss, activation, z, y, t)
    np.testing.assert_array_equal(delta, y - t)
    unfused = activation.backward(z, y, loss.gradient(y, t))
    np.testing.assert_allclose(delta, unfused, rtol=1e-9, atol=1e-12)
    composed = autograd.grad(lambda z: TEXTBOOK[loss.name](TEXTBOOK[activation.name](z), t))
    np.testing.assert_allclose(delta, composed(z), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), **by_name)
@pytest.mark.parametrize("loss", LOSSES.values(), **by_name)
@quick
@given(z_and_t=pairs((0.05, 0.9), (0.01, 1)))
def test_delta_of_every_pair(loss, activation, z_and_t):
    """For every loss with every activation, delta is dL/dz by autograd."""
    z, t = z_and_t
    if activation is softmax:
        assume(len(z) > 1)
        t = t / t.sum(axis=0)
    delta = output_delta(loss, activation, z, activation.value(z), t)
    composed = autograd.grad(lambda z: TEXTBOOK[loss.name](TEXTBOOK[activation.name](z), t))
    np.testing.assert_allclose(delta, composed(z), rtol=1e-9, atol=1e-11)


@either_dtype
@pytest.mark.parametrize(("loss", "activation"), FUSED, **by_name)
def test_delta_of_a_saturated_output(loss, activation, dtype, no_warning):
    """A confident wrong answer at |z| = 1e6 keeps its full delta of +-1, where sigma' is 0."""
    z = np.array([[1e6, 1e6], [-1e6, -1e6]], dtype=dtype)
    t = np.array([[1, 0], [0, 1]])
    y = activation.value(z)
    assert np.isfinite(loss.value(y, t))
    delta = output_delta(loss, activation, z, y, t)
    np.testing.assert_array_equal(delta, [[0, 1], [0, -1]])
    assert delta.dtype == dtype
    assert np.all(np.isfinite(activation.backward(z, y, loss.gradient(y, t))))


def test_errors():
    """Shapes that would broadcast, outputs that are no probabilities: a ValueError with both."""
    for loss in LOSSES.values():
        for function in (loss.value, loss.gradient):
            with pytest.raises(ValueError, match=r"\(4, 1\).*\(4,\)"):
                function(np.full((4, 1), 0.5), np.zeros(4))
    for loss, y in ((binary_cross_entropy, 1.5), (cross_entropy, -0.25)):
        for function in (loss.value, loss.gradient):
            with pytest.raises(ValueError, match=f"between 0 and 1.* {y}"):
                function(np.array([[0.5, y]]), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"\(2, 1\).*\(1, 2\)"):
        output_delta(cross_entropy, softmax, np.ones((2, 1)), np.ones((2, 1)), np.ones((1, 2)))
    with pytest.raises(ValueError, match="vector"):
        softmax.value(3.0)
