"""Many networks at once: each learns exactly as it would alone."""

import numpy as np
import pytest

from course.activations import identity, relu, sigmoid, softmax, tanh
from course.datasets import xor
from course.ensemble import passes, train_many
from course.losses import squared_error
from course.training import train
from tests.test_training import most_memory


def starts(sizes, K, seed=0):
    """W and b of K networks of these sizes, between −1 and 1."""
    rng, pairs = np.random.default_rng(seed), list(zip(sizes[1:], sizes, strict=False))
    W = [None] + [rng.uniform(-1, 1, (K, n_out, n_in)) for n_out, n_in in pairs]
    b = [None] + [rng.uniform(-1, 1, (K, n_out, 1)) for n_out, _ in pairs]
    return W, b


def one_of(layers, k):
    return [None] + [stack[k] for stack in layers[1:]]


@pytest.mark.parametrize(
    ("sizes", "kinds", "steps"),
    [
        ((2, 2, 1), [sigmoid, sigmoid], 10_000),
        ((2, 4, 3, 2), [tanh, relu, identity], 300),
        ((2, 3), [sigmoid], 300),
    ],
    ids=lambda part: str(len(part)) if isinstance(part, list) else str(part),
)
def test_each_network_learns_as_if_alone(sizes, kinds, steps):
    """Weights, biases and every loss on the way, to 1e-10; the starts are left as they are."""
    (W, b), X = starts(sizes, 7), xor()[0]
    T = np.random.default_rng(1).integers(0, 2, (sizes[-1], 4))
    T = xor()[1] if sizes[-1] == 1 else T
    before = [stack.copy() for stack in (*W[1:], *b[1:])]
    rate = 0.5 if kinds[-1] is sigmoid else 0.02
    ends = train_many(W, b, [None, *kinds], X, T, rate, steps)
    for k in range(7):
        alone = train(one_of(W, k), one_of(b, k), [None, *kinds], X, T, squared_error, rate, steps)
        for ours, theirs in zip(
            (*one_of(ends[0], k)[1:], *one_of(ends[1], k)[1:], ends[2][:, k]),
            (*alone[0][1:], *alone[1][1:], alone[2]),
            strict=True,
        ):
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)
    for kept, given in zip(before, (*W[1:], *b[1:]), strict=True):
        np.testing.assert_array_equal(kept, given)


def test_no_array_is_made_during_a_step():
    """During steps memory never rises by the smallest array there is, one number per network.

    With 20,000 networks that is more than the buffers of einsum, which do not grow.
    """
    K, kinds = 20_000, [None, tanh, relu, identity, sigmoid]
    layers = [None] + [np.ones((n, m + 1, K)) for n, m in ((3, 2), (4, 3), (2, 4), (1, 2))]
    forward_pass, backward_pass, _ = passes(layers, kinds, *xor(), 1e-6)

    def steps():
        for operation in 3 * (forward_pass + backward_pass):
            operation()

    assert most_memory(steps) < K * 8
    assert most_memory(lambda: np.einsum("jik,in->jnk", layers[1], np.ones((3, 4)))) > K * 8


def test_what_cannot_be_stacked_is_refused_with_the_reason():
    """Softmax, stacks of different lengths, single networks, misshapen targets: ValueError."""
    W, b = starts((2, 2, 1), 3)
    X, T = xor()
    with pytest.raises(ValueError, match=r"layer 2: the activation .*softmax"):
        train_many(W, b, [None, sigmoid, softmax], X, T, 0.5, 1)
    with pytest.raises(ValueError, match=r"for K networks each W\[l\] is \(K, n_l"):
        train_many(W, [None, b[1], b[2][:2]], [None, sigmoid, sigmoid], X, T, 0.5, 1)
    with pytest.raises(ValueError, match=r"for K networks each W\[l\] is \(K, n_l"):
        train_many(one_of(W, 0), one_of(b, 0), [None, sigmoid, sigmoid], X, T, 0.5, 1)
    with pytest.raises(ValueError, match=r"layer 2: targets T have shape \(4, 1\)"):
        train_many(W, b, [None, sigmoid, sigmoid], X, T.T, 0.5, 1)
    with pytest.raises(ValueError, match=r"layer 1: W\[1\] has shape \(2, 2\), but \(2, 3\)"):
        train_many(W, b, [None, sigmoid, sigmoid], np.ones((3, 4)), T, 0.5, 1)
