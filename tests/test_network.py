"""The network: its gradients against numbers, against autograd, and against the lectures."""
# ruff: noqa: E741  (l is the layer, I a number of units, as in the lectures)

from dataclasses import dataclass

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.activations import ACTIVATIONS, Activation, identity, relu, sigmoid, softmax, tanh
from course.gradcheck import compare, numeric_gradient
from course.losses import binary_cross_entropy, cross_entropy, squared_error
from course.network import deltas, forward, gradients, step

LOSSES_FOR = {
    activation: [squared_error]
    + [binary_cross_entropy, cross_entropy] * (activation in (sigmoid, softmax))
    for activation in ACTIVATIONS.values()
}


@dataclass
class Case:
    """A network with a batch and a loss, all that one training step needs."""

    W: list
    b: list
    activations: list
    X: np.ndarray
    T: np.ndarray
    loss: object

    def __repr__(self) -> str:
        sizes = [self.X.shape[0]] + [len(w) for w in self.W[1:]]
        names = [activation.name for activation in self.activations[1:]]
        return f"{sizes} {names} {self.loss.name} batch of {self.X.shape[1]}"


@st.composite
def cases(draw):
    """Networks of 1 to 6 layers, 1 to 9 units wide, any activations, batches of 1 to 7."""
    activations = draw(
        st.lists(st.sampled_from(list(ACTIVATIONS.values())), min_size=1, max_size=6)
    )
    sizes = [draw(st.integers(1, 9)) for _ in range(len(activations) + 1)]
    loss = draw(st.sampled_from(LOSSES_FOR[activations[-1]]))
    # The one unit of a softmax is always exactly 1, where log(1 − y) has no value.
    assume(not (activations[-1] is softmax and loss is binary_cross_entropy and sizes[-1] == 1))
    N = draw(st.integers(1, 7))
    return case(sizes, activations, loss, N, np.random.default_rng(draw(st.integers(0, 2**32 - 1))))


def case(sizes, activations, loss, N, rng):
    shapes = list(zip(sizes[1:], sizes, strict=False))
    T = rng.normal(size=(sizes[-1], N)) if loss is squared_error else rng.random((sizes[-1], N))
    return Case(
        W=[None] + [rng.normal(0, 1 / np.sqrt(n_in), (n_out, n_in)) for n_out, n_in in shapes],
        b=[None] + [rng.normal(0, 0.5, (n_out, 1)) for n_out, _ in shapes],
        activations=[None, *activations],
        X=rng.normal(size=(sizes[0], N)),
        T=T / T.sum(axis=0) if loss is cross_entropy else T,
        loss=loss,
    )


def backpropagated(net):
    Z, A = forward(net.W, net.b, net.activations, net.X)
    delta = deltas(net.W, net.activations, Z, A, net.T, net.loss)
    return gradients(delta, A)


@settings(deadline=None, max_examples=150)
@given(net=cases())
def test_gradients_agree_with_numeric_gradients(net):
    """Every entry of every dW[l] and db[l] is the slope of the loss that differences measure."""
    Z, _ = forward(net.W, net.b, net.activations, net.X)
    for z, activation in zip(Z, net.activations, strict=True):
        # A step across the corner of relu would measure neither of its two slopes.
        assume(activation is not relu or np.abs(z).min() > 2e-4)
    dW, db = backpropagated(net)
    for analytic, parameters in ((dW, net.W), (db, net.b)):
        for l in range(1, len(net.W)):

            def loss_of(value, l=l, parameters=parameters):
                kept, parameters[l] = parameters[l], value
                _, A = forward(net.W, net.b, net.activations, net.X)
                parameters[l] = kept
                return net.loss.value(A[-1], net.T)

            report = compare(analytic[l], numeric_gradient(loss_of, parameters[l]), 1e-5)
            assert report.agrees, f"layer {l} of {net}: {report}"


PLAIN = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": lambda z: (anp.exp(2 * z) - 1) / (anp.exp(2 * z) + 1),
    "relu": lambda z: z * (z > 0),
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=0),
    "squared_error": lambda y, t: anp.sum((y - t) ** 2) / 2,
    "binary_cross_entropy": lambda y, t: -anp.sum(t * anp.log(y) + (1 - t) * anp.log(1 - y)),
    "cross_entropy": lambda y, t: -anp.sum(t * anp.log(y)),
}


@settings(deadline=None, max_examples=300)
@given(net=cases())
def test_gradients_agree_with_autograd(net):
    """A program that differentiates by itself, given the textbook formulas, finds the same."""

    def loss(parameters):
        a = net.X
        for (W, b), activation in zip(parameters, net.activations[1:], strict=True):
            a = PLAIN[activation.name](anp.dot(W, a) + b)
        return PLAIN[net.loss.name](a, net.T)

    expected = autograd.grad(loss)(list(zip(net.W[1:], net.b[1:], strict=True)))
    dW, db = backpropagated(net)
    largest = max(np.abs(g).max() for pair in expected for g in pair)
    for l, (dW_l, db_l) in enumerate(expected, start=1):
        np.testing.assert_allclose(dW[l], dW_l, rtol=1e-8, atol=1e-12 * max(1, largest))
        np.testing.assert_allclose(db[l], db_l, rtol=1e-8, atol=1e-12 * max(1, largest))


def test_an_activation_of_ones_own_fits_into_any_layer():
    """XJTLU: any nonlinearity goes. Softplus, whose slope σ(z) is had from z, not from a."""
    softplus = Activation(
        "softplus", lambda z: np.log(1 + np.exp(z)), sigma, lambda z, a, grad_a: sigma(z) * grad_a
    )
    net = case((3, 4, 2), [softplus, softplus], squared_error, 5, np.random.default_rng(6))
    dW, _ = backpropagated(net)
    for l in (1, 2):

        def loss_of(w, l=l):
            W = [*net.W[:l], w, *net.W[l + 1 :]]
            return squared_error.value(forward(W, net.b, net.activations, net.X)[1][-1], net.T)

        report = compare(dW[l], numeric_gradient(loss_of, net.W[l]))
        assert report.agrees, report


@settings(deadline=None)
@given(net=cases())
def test_the_gradient_of_a_batch_is_the_sum_over_its_examples(net):
    """NSYSU: ∂L/∂w = Σ_n ∂lⁿ/∂w, the examples taken one at a time."""
    whole = backpropagated(net)
    X, T = net.X, net.T
    total = None
    for n in range(X.shape[1]):
        net.X, net.T = X[:, [n]], T[:, [n]]
        one = backpropagated(net)
        total = (
            one if total is None else [add_layers(*pair) for pair in zip(total, one, strict=True)]
        )
    for ours, theirs in zip(whole, total, strict=True):
        for l in range(1, len(ours)):
            np.testing.assert_allclose(ours[l], theirs[l], rtol=1e-9, atol=1e-11)


def add_layers(p, q):
    return [None] + [p[l] + q[l] for l in range(1, len(p))]


def sigma(z):
    return 1 / (1 + np.exp(-z))


def two_layers(loss, sizes=(3, 4, 2), N=5):
    return case(sizes, [sigmoid, sigmoid], loss, N, np.random.default_rng(11))


def by_loops(net):
    """Hidden h[j][n] and output o[k][n] of a two-layer sigmoid network, summed one by one."""
    (W1, W2), (b1, b2), X = net.W[1:], net.b[1:], net.X
    h, o = np.empty((len(W1), X.shape[1])), np.empty((len(W2), X.shape[1]))
    for n in range(X.shape[1]):
        for j in range(len(W1)):
            h[j, n] = sigma(b1[j, 0] + sum(W1[j, i] * X[i, n] for i in range(len(X))))
        for k in range(len(W2)):
            o[k, n] = sigma(b2[k, 0] + sum(W2[k, j] * h[j, n] for j in range(len(W1))))
    return h, o


def test_forward_pass_is_the_sum_over_edges():
    """SKKU: z_j = w_j0 + Σ_i w_ji x_i unit by unit; A[0] is the input, Z[0] None."""
    net = two_layers(squared_error)
    Z, A = forward(net.W, net.b, net.activations, net.X)
    h, o = by_loops(net)
    assert Z[0] is None and A[0] is net.X
    np.testing.assert_allclose(A[1], h, rtol=1e-13)
    np.testing.assert_allclose(A[2], o, rtol=1e-13)


def test_skku_case_1_output_weights():
    """∂L/∂w_kj = −(t_k − o_k) o_k (1 − o_k) h_j, the bias being the weight of h_0 = 1."""
    net = two_layers(squared_error)
    h, o = by_loops(net)
    dW, db = backpropagated(net)
    (m, p), N, t = net.W[2].shape, net.X.shape[1], net.T
    for k in range(m):
        error = [-(t[k, n] - o[k, n]) * o[k, n] * (1 - o[k, n]) for n in range(N)]
        assert db[2][k, 0] == pytest.approx(sum(error), rel=1e-12)
        for j in range(p):
            expected = sum(error[n] * h[j, n] for n in range(N))
            assert dW[2][k, j] == pytest.approx(expected, rel=1e-12)


def test_skku_case_2_hidden_weights():
    """∂L/∂w_ji = h_j (1 − h_j) x_i Σ_k −w_kj (t_k − o_k) o_k (1 − o_k), the bias having x_0 = 1."""
    net = two_layers(squared_error)
    h, o = by_loops(net)
    dW, db = backpropagated(net)
    (p, d), m, N, t = net.W[1].shape, len(net.W[2]), net.X.shape[1], net.T
    for j in range(p):
        for i in range(-1, d):
            expected = 0.0
            for n in range(N):
                x = 1.0 if i < 0 else net.X[i, n]
                blame = sum(
                    -net.W[2][k, j] * (t[k, n] - o[k, n]) * o[k, n] * (1 - o[k, n])
                    for k in range(m)
                )
                expected += h[j, n] * (1 - h[j, n]) * x * blame
            found = db[1][j, 0] if i < 0 else dW[1][j, i]
            assert found == pytest.approx(expected, rel=1e-12)


def test_xjtlu_sensitivities_and_updates():
    """With cross-entropy: δ_i = ∂J/∂ŷ_i σ′(z_i), δ_j = σ′(z_j) Σ_i w_ij δ_i, and Δw = −α δ a."""
    net, alpha = two_layers(binary_cross_entropy, N=1), 0.3
    a, y_hat = by_loops(net)
    Z, A = forward(net.W, net.b, net.activations, net.X)
    delta = deltas(net.W, net.activations, Z, A, net.T, net.loss)
    W, b = step(net.W, net.b, *gradients(delta, A), alpha)
    I, J, K = 2, 4, 3
    sensitivity = [None] * I
    for i in range(I):
        y, y_i = net.T[i, 0], y_hat[i, 0]
        sensitivity[i] = (-y / y_i + (1 - y) / (1 - y_i)) * y_i * (1 - y_i)
        assert delta[2][i, 0] == pytest.approx(sensitivity[i], rel=1e-12)
        assert b[2][i, 0] == pytest.approx(net.b[2][i, 0] - alpha * sensitivity[i], rel=1e-12)
        for j in range(J):
            expected = net.W[2][i, j] - alpha * sensitivity[i] * a[j, 0]
            assert W[2][i, j] == pytest.approx(expected, rel=1e-12)
    for j in range(J):
        slope = a[j, 0] * (1 - a[j, 0])
        hidden = slope * sum(net.W[2][i, j] * sensitivity[i] for i in range(I))
        assert delta[1][j, 0] == pytest.approx(hidden, rel=1e-12)
        assert b[1][j, 0] == pytest.approx(net.b[1][j, 0] - alpha * hidden, rel=1e-12)
        for k in range(K):
            expected = net.W[1][j, k] - alpha * hidden * net.X[k, 0]
            assert W[1][j, k] == pytest.approx(expected, rel=1e-12)


def test_nsysu_backward_pass_is_a_network_with_constant_gains():
    """∂l/∂z = σ′(z) [w_i ∂l/∂z′ + w_j ∂l/∂z″] in each unit of each hidden layer of a deep net."""
    net = case((3, 5, 4, 2), [tanh, sigmoid, identity], squared_error, 2, np.random.default_rng(3))
    Z, A = forward(net.W, net.b, net.activations, net.X)
    delta = deltas(net.W, net.activations, Z, A, net.T, net.loss)
    for n in range(2):
        signal = [net.T[k, n] * -1 + A[3][k, n] for k in range(2)]
        for l in (2, 1):
            gain = net.activations[l].derivative(Z[l][:, n])
            signal = [
                gain[j] * sum(net.W[l + 1][k, j] * signal[k] for k in range(len(signal)))
                for j in range(len(gain))
            ]
            np.testing.assert_allclose(delta[l][:, n], signal, rtol=1e-12)


def test_classical_3_4_1_network():
    """z = Wx, y = φ(z), O = w′·y, P = φ(O), L = (GT − P)²: no ½, so twice our gradients."""
    net = two_layers(squared_error, sizes=(3, 4, 1), N=1)
    net.b = [None, np.zeros((4, 1)), np.zeros((1, 1))]
    (W, w), x, GT = net.W[1:], net.X[:, 0], net.T[0, 0]
    dW, _ = backpropagated(net)
    y = [sigma(sum(W[j, i] * x[i] for i in range(3))) for j in range(4)]
    P = sigma(sum(w[0, j] * y[j] for j in range(4)))
    dL_dO = -2 * (GT - P) * P * (1 - P)
    for j in range(4):
        assert 2 * dW[2][0, j] == pytest.approx(dL_dO * y[j], rel=1e-12)
        dL_dz = dL_dO * w[0, j] * y[j] * (1 - y[j])
        for i in range(3):
            assert 2 * dW[1][j, i] == pytest.approx(dL_dz * x[i], rel=1e-12)


@settings(deadline=None)
@given(net=cases())
def test_a_small_step_lowers_the_loss_by_the_gradient(net):
    """Princeton: l(θ + εv) ≈ l(θ) + ε v·∇l, here with v = −∇l; and no argument is changed."""
    before = [a.copy() for a in (*net.W[1:], *net.b[1:], net.X, net.T)]
    _, A = forward(net.W, net.b, net.activations, net.X)
    dW, db = backpropagated(net)
    slope = sum(np.sum(g**2) for g in (*dW[1:], *db[1:]))
    loss, epsilon = net.loss.value(A[-1], net.T), 1e-6 / max(1, slope)
    W, b = step(net.W, net.b, dW, db, epsilon)
    stepped = net.loss.value(forward(W, b, net.activations, net.X)[1][-1], net.T)
    assert loss - stepped == pytest.approx(epsilon * slope, rel=0.01, abs=1e-13 * max(1, loss))
    for kept, now in zip(before, (*net.W[1:], *net.b[1:], net.X, net.T), strict=True):
        np.testing.assert_array_equal(kept, now)


@settings(deadline=None)
@given(net=cases())
def test_float32_stays_float32(net):
    """A float32 network has float32 gradients and steps, close to those in float64."""
    dW, db = backpropagated(net)
    net.W = [None] + [w.astype(np.float32) for w in net.W[1:]]
    net.b = [None] + [b.astype(np.float32) for b in net.b[1:]]
    net.X = net.X.astype(np.float32)
    Z, _ = forward(net.W, net.b, net.activations, net.X)
    for z, activation in zip(Z, net.activations, strict=True):
        assume(activation is not relu or np.abs(z).min() > 1e-4)
    dW32, db32 = backpropagated(net)
    W, b = step(net.W, net.b, dW32, db32, np.float64(0.1))
    assert {array.dtype for array in W[1:] + b[1:] + dW32[1:] + db32[1:]} == {np.dtype(np.float32)}
    largest = max(np.abs(g).max() for g in dW[1:] + db[1:])
    for ours, exact in zip(dW32[1:] + db32[1:], dW[1:] + db[1:], strict=True):
        np.testing.assert_allclose(ours, exact, atol=1e-3 * max(1, largest))


def test_shapes_that_do_not_fit_are_named():
    """Each misfit raises a ValueError with the layer, both shapes, and what to look at."""
    net = two_layers(squared_error)
    W, b, activations, X, T = net.W, net.b, net.activations, net.X, net.T
    Z, A = forward(W, b, activations, X)
    delta = deltas(W, activations, Z, A, T, squared_error)
    dW, db = gradients(delta, A)
    for message, call in {
        r"layer 2: W\[2\] has shape \(2, 3\), but \(2, 4\)": lambda: forward(
            [None, W[1], W[2][:, :3]], b, activations, X
        ),
        r"layer 1: W\[1\] has shape \(4, 3\), but \(4, 2\)": lambda: forward(
            W, b, activations, X[:2]
        ),
        r"layer 1: b\[1\] has shape \(4,\), but \(4, 1\)": lambda: forward(
            W, [None, b[1][:, 0], b[2]], activations, X
        ),
        r"layer 0: X has shape \(3,\), but examples are columns": lambda: forward(
            W, b, activations, X[:, 0]
        ),
        "W has 3 entries and activations 2": lambda: forward(W, b, activations[1:], X),
        "b needs 3 entries, None for the input": lambda: forward(W, b[1:], activations, X),
        "W needs 3 entries, .* the first is not None": lambda: forward(
            [W[1], *W[1:]], b, activations, X
        ),
        r"layer 2: targets T have shape \(5, 2\), but .* have shape \(2, 5\)": lambda: deltas(
            W, activations, Z, A, T.T, squared_error
        ),
        r"layer 1: W\[1\] has shape \(3, 4\), but \(4, 3\)": lambda: deltas(
            [None, W[1].T, W[2]], activations, Z, A, T, squared_error
        ),
        r"layer 1: delta\[1\] has shape \(4, 3\), but \(4, 5\)": lambda: gradients(
            [None, delta[1][:, :3], delta[2]], A
        ),
        r"layer 2: db\[2\] has shape \(2, 5\), but \(2, 1\)": lambda: step(
            W, b, dW, [None, db[1], delta[2]], 0.1
        ),
    }.items():
        with pytest.raises(ValueError, match=message):
            call()
