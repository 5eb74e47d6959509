"""The fast loop: the numbers of the plain loop, SKKU's table, and no array made on the way."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course import network
from course.activations import ACTIVATIONS, Activation, identity, relu, sigmoid, softmax, tanh
from course.datasets import digits, xor
from course.losses import Loss, binary_cross_entropy, cross_entropy, squared_error
from course.network import forward
from course.training import prepare, train

OUTPUTS = [(squared_error, activation) for activation in ACTIVATIONS.values()] + [
    (loss, activation)
    for loss in (binary_cross_entropy, cross_entropy)
    for activation in (sigmoid, softmax)
]

SKKU_START = (
    [
        None,
        np.array([[-0.00583007, -0.14475012], [-0.07277553, 0.22191933]]),
        np.array([[0.09857424, -0.59855973]]),
    ],
    [None, np.array([[0.65321837], [-0.65520787]]), np.array([[0.24280205]])],
    [None, sigmoid, sigmoid],
)

# Outputs for the inputs 00, 01, 10, 11 after so many steps at learning rate 0.5.
SKKU_TABLE = {
    0: [0.52, 0.50, 0.52, 0.55],
    1000: [0.50, 0.48, 0.50, 0.52],
    2000: [0.53, 0.48, 0.50, 0.48],
    3000: [0.30, 0.81, 0.81, 0.11],
    5000: [0.05, 0.96, 0.96, 0.03],
    10000: [0.02, 0.98, 0.98, 0.02],
}


def problem(sizes, activations, loss, N, rng):
    """Random W, b, activations, X, T and the loss, in the order in which train takes them."""
    shapes = list(zip(sizes[1:], sizes, strict=False))
    W = [None] + [rng.normal(0, 1 / np.sqrt(n_in), (n_out, n_in)) for n_out, n_in in shapes]
    b = [None] + [rng.normal(0, 0.5, (n_out, 1)) for n_out, _ in shapes]
    T = rng.random((sizes[-1], N))
    return W, b, [None, *activations], rng.normal(size=(sizes[0], N)), T / T.sum(axis=0), loss


def assert_same(fast, plain, tolerance):
    for ours, theirs in zip(
        (*fast[0][1:], *fast[1][1:], fast[2]), (*plain[0][1:], *plain[1][1:], plain[2]), strict=True
    ):
        assert ours.shape == theirs.shape
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale)


def test_skku_xor_table():
    """Each figure of the slides' table within 0.031, the last row exact to its two decimals."""
    W, b, activations = SKKU_START
    X, T = xor()
    done, outputs = 0, {}
    for iteration in SKKU_TABLE:
        W, b, _ = train(W, b, activations, X, T, squared_error, 0.5, iteration - done)
        done = iteration
        outputs[iteration] = forward(W, b, activations, X)[1][-1][0]
    for iteration, expected in SKKU_TABLE.items():
        assert np.abs(outputs[iteration] - expected).max() <= 0.031, iteration
    assert np.round(outputs[10000], 2).tolist() == SKKU_TABLE[10000]


def test_xor_after_1000_steps_is_that_of_the_plain_loop():
    """Weight by weight to 1e-10 relative, and the loss of every step on the way."""
    W, b, activations = SKKU_START
    arguments = (W, b, activations, *xor(), squared_error, 0.5, 1000)
    fast, plain = train(*arguments), network.train(*arguments)
    for ours, theirs in zip(fast[0][1:] + fast[1][1:], plain[0][1:] + plain[1][1:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    np.testing.assert_allclose(fast[2], plain[2], rtol=1e-10)


@pytest.mark.parametrize("loss, output", OUTPUTS, ids=lambda part: part.name)
@pytest.mark.parametrize("hidden", ACTIVATIONS.values(), ids=lambda part: part.name)
def test_1000_steps_of_every_kind_of_layer_and_loss(hidden, loss, output):
    """Each activation, hidden and as output, with each loss: 1,000 steps, equal to 1e-10."""
    rng = np.random.default_rng(1)
    arguments = (*problem((3, 5, 4, 2), [hidden, tanh, output], loss, 6, rng), 0.01, 1000)
    fast, plain = train(*arguments), network.train(*arguments)
    assert_same(fast, plain, 1e-10)
    assert fast[2][-1] < fast[2][0]


@settings(deadline=None)
@given(
    layers=st.lists(st.sampled_from(list(ACTIVATIONS.values())), max_size=5),
    sizes=st.lists(st.integers(2, 9), min_size=7, max_size=7),
    end=st.sampled_from(OUTPUTS),
    N=st.integers(1, 7),
    steps=st.integers(0, 20),
    seed=st.integers(0, 2**32 - 1),
)
def test_networks_of_any_shape_train_alike(layers, sizes, end, N, steps, seed):
    """1 to 6 layers of any widths and kinds: same weights, same steps + 1 losses, W untouched."""
    loss, output = end
    rng = np.random.default_rng(seed)
    W, b, *rest = problem(sizes[: len(layers) + 2], [*layers, output], loss, N, rng)
    before = [parameters.copy() for parameters in (*W[1:], *b[1:])]
    fast = train(W, b, *rest, 0.01, steps)
    assert fast[2].shape == (steps + 1,)
    assert fast[0][0] is None and fast[1][0] is None
    assert_same(fast, network.train(W, b, *rest, 0.01, steps), 1e-9)
    for kept, given_ones in zip(before, (*W[1:], *b[1:]), strict=True):
        np.testing.assert_array_equal(kept, given_ones)


@pytest.mark.parametrize("loss, output", OUTPUTS, ids=lambda part: part.name)
def test_float32_stays_float32(loss, output):
    """float32 weights and inputs train in float32, as near to float64 as float32 can be."""
    W, b, activations, X, T, loss = problem(
        (3, 5, 2), [relu, output], loss, 6, np.random.default_rng(4)
    )
    single = ([None] + [p.astype(np.float32) for p in layers[1:]] for layers in (W, b))
    W32, b32, losses = train(
        *single, activations, X.astype(np.float32), T, loss, np.float64(0.01), 200
    )
    assert {array.dtype for array in (*W32[1:], *b32[1:], losses)} == {np.dtype(np.float32)}
    double = train(W, b, activations, X, T, loss, 0.01, 200)
    assert_same((W32, b32, losses), double, 2e-4)


def test_mixed_dtypes_train_as_in_the_plain_loop():
    """float32 weights fed with float64 or integers continue in float64, as numpy has it."""
    W, b, activations = SKKU_START
    W, b = ([None] + [p.astype(np.float32) for p in layers[1:]] for layers in (W, b))
    X, T = (array.astype(int) for array in xor())
    arguments = (W, b, activations, X, T, squared_error, 0.5, 50)
    fast = train(*arguments)
    assert {array.dtype for array in (*fast[0][1:], *fast[1][1:])} == {np.dtype(np.float64)}
    assert_same(fast, network.train(*arguments), 1e-12)


def most_memory(run):
    """The most bytes that run() holds at any moment beyond what was there before it."""
    run()
    tracemalloc.start()
    try:
        run()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        run()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss, output", OUTPUTS, ids=lambda part: part.name)
def test_a_step_allocates_no_array(loss, output, dtype):
    """During steps memory never rises by as much as one row of the batch, let alone an array.

    The smallest array in play is that row, 2,000 entries. The plain loop, measured in the same
    way, does rise by more: the measure would see an array that is made and dropped.
    """
    N, kinds = 2000, [softmax, relu, tanh, identity, sigmoid, output]
    W, b, activations, X, T, loss = problem(
        (3, 8, 7, 6, 7, 8, 5), kinds, loss, N, np.random.default_rng(0)
    )
    W, b = ([None] + [p.astype(dtype) for p in layers[1:]] for layers in (W, b))
    X, row = X.astype(dtype), N * np.dtype(dtype).itemsize
    _, _, forward_pass, backward_pass = prepare(W, b, activations, X, T, loss, 1e-4)
    three_steps = 3 * (forward_pass + backward_pass)

    def fast():
        for operation in three_steps:
            operation()

    assert most_memory(fast) < row / 2
    assert most_memory(lambda: network.train(W, b, activations, X, T, loss, 1e-4, 3)) > 10 * row


def test_memory_does_not_grow_with_the_number_of_steps():
    """Ten times the steps need no more memory than the longer list of losses, 8 bytes a step."""
    W, b, activations = SKKU_START
    few, many = (
        most_memory(lambda n=n: train(W, b, activations, *xor(), squared_error, 0.5, n))
        for n in (200, 2000)
    )
    assert many - few < 1800 * 8 + 1000


def test_handwritten_digits_are_learnt():
    """A whole run on real data: 64 → 16 → 10 with softmax tells nine of ten digits apart."""
    X, T, labels = (part[..., :500] for part in digits())
    rng = np.random.default_rng(0)
    W = [None, rng.normal(0, 0.1, (16, 64)), rng.normal(0, 0.1, (10, 16))]
    b = [None, np.zeros((16, 1)), np.zeros((10, 1))]
    W, b, losses = train(W, b, [None, tanh, softmax], X, T, cross_entropy, 3e-3, 150)
    _, A = forward(W, b, [None, tanh, softmax], X)
    assert np.mean(A[-1].argmax(axis=0) == labels) > 0.9
    assert losses[-1] == pytest.approx(cross_entropy.value(A[-1], T))


def test_saturated_and_diverging_runs_warn_no_more_than_the_plain_loop(recwarn):
    """Sigmoids at ±1e4 train without a warning; a learning rate far too large ends in inf."""
    X, T = np.array([[1e4, -1e4, 3e3]]), np.array([[0.0, 1.0, 1.0]])
    W, b = [None, np.array([[1.0]])], [None, np.zeros((1, 1))]
    arguments = (W, b, [None, sigmoid], X, T, binary_cross_entropy, 1e-3, 5)
    assert_same(train(*arguments), network.train(*arguments), 1e-12)
    assert not recwarn.list
    with np.errstate(all="ignore"):
        _, _, losses = train(W, b, [None, identity], X, T, squared_error, 1.0, 60)
    assert not np.isfinite(losses[-1])


def test_what_cannot_be_trained_is_refused_with_the_reason():
    """Unknown parts, shapes and outputs outside 0..1 raise ValueError, at the step it happens."""
    W, b, activations = SKKU_START
    X, T = xor()
    swish = Activation("swish", np.sin, np.cos, lambda z, a, g: g)
    absolute = Loss("absolute", lambda y, t: 0.0, lambda y, t: y)
    with pytest.raises(ValueError, match=r"layer 2: the activation .*swish.* course\.network"):
        train(W, b, [None, sigmoid, swish], X, T, squared_error, 0.5, 1)
    with pytest.raises(ValueError, match=r"the loss .*absolute"):
        train(W, b, activations, X, T, absolute, 0.5, 1)
    with pytest.raises(ValueError, match=r"layer 1: W\[1\] has shape \(2, 2\), but \(2, 1\)"):
        train(W, b, activations, X[:1], T, squared_error, 0.5, 1)
    with pytest.raises(ValueError, match=r"targets T have shape \(4, 1\)"):
        train(W, b, activations, X, T.T, squared_error, 0.5, 1)
    # The first outputs of the identity lie in 0..1, those after one long step do not.
    start = train(W, b, [None, sigmoid, identity], X, T, binary_cross_entropy, 0.01, 0)
    for loop in (train, network.train):
        with pytest.raises(ValueError, match="cross-entropy needs outputs y between 0 and 1"):
            loop(*start[:2], [None, sigmoid, identity], X, T, binary_cross_entropy, 9.0, 3)
