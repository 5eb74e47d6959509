"""Answers of assignment 04 and what students get wrong in it."""
# ruff: noqa: E741  (O is the output's weighted sum, as on the slide)

import numpy as np

from autograder.answers import Answer, Mistake
from course import network
from course.activations import sigmoid
from course.losses import binary_cross_entropy, output_delta

# --- forward: z^l = W^l a^(l−1) + b^l (SKKU), ∂z/∂w = the input of the edge (NSYSU) ----------


def weighted_sums(W, b, A):
    return W @ A + b


def dz_dw(W, a):
    return np.ones_like(W) * a


# --- backward: ∂L/∂z = σ'(z) Σ w ∂L/∂z' (NSYSU) ---------------------------------------------


def backward_neuron(gain, w, dL_dz):
    return gain * (w @ dL_dz)


# --- written out for one example, L = ½ Σ (t − o)² (SKKU) -----------------------------------


def output_delta_written_out(t, o):
    return -(t - o) * o * (1 - o)


def output_weights_gradient(t, o, h):  # case 1
    return np.outer(output_delta_written_out(t, o), h)


def hidden_weights_gradient(t, o, W2, h, x):  # case 2
    return np.outer(h * (1 - h) * (W2.T @ output_delta_written_out(t, o)), x)


# --- sensitivities, with cross-entropy (XJTLU) ----------------------------------------------


def output_sensitivity(Z, T):
    return output_delta(binary_cross_entropy, sigmoid, Z, sigmoid.value(Z), T)


def loss_slope(Z, T):
    """∂L/∂a alone, without the step from a back to z."""
    a = sigmoid.value(Z)
    return -T / a + (1 - T) / (1 - a)


def entropy_of_each(Z, T):
    a = sigmoid.value(Z)
    return -(T * np.log(a) + (1 - T) * np.log(1 - a))


def one_minus_only(Z, T):
    a = sigmoid.value(Z)
    return -T * (1 - a) - (1 - T) * a


def two_steps(Z, T):
    a = sigmoid.value(Z)
    return loss_slope(Z, T) * a * (1 - a)


def hidden_sensitivity(W, delta, Z):
    return sigmoid.backward(Z, sigmoid.value(Z), W.T @ delta)


# --- one layer, in matrices (SKKU) ----------------------------------------------------------


def layer_backward(W, A, delta):
    dW, db = network.gradients([None, delta], [A, delta])
    return W.T @ delta, dW[1], db[1]


def layer_with(dA=None, dW=None, db=None):
    """layer_backward with one of its three results computed in another way."""

    def layer(W, A, delta):
        right = layer_backward(W, A, delta)
        return tuple(
            way(W, A, delta) if way else result
            for way, result in zip((dA, dW, db), right, strict=True)
        )

    return layer


# --- one step for the whole network: Δw = −α δ a (XJTLU) ------------------------------------


def gradient_step(W1, b1, W2, b2, X, T, learning_rate):
    W, b, activations = [None, W1, W2], [None, b1, b2], [None, sigmoid, sigmoid]
    Z, A = network.forward(W, b, activations, X)
    delta = network.deltas(W, activations, Z, A, T, binary_cross_entropy)
    W, b = network.step(W, b, *network.gradients(delta, A), learning_rate)
    return W[1], b[1], W[2], b[2]


def step_with(
    *,
    output=lambda a, T: a - T,
    inputs=lambda Z1, A1: A1,
    back=lambda W2, new_W2, dW2, delta2: W2.T @ delta2,
    slope=lambda a: a * (1 - a),
    scale=lambda N: (1.0, 1.0, 1.0),
    bias=lambda delta: delta.sum(axis=1, keepdims=True),
    move=lambda old, gradient, rate: old - rate * gradient,
    moves=(True, True, True, True),
):
    """gradient_step with one thing done differently: the mistakes below say which.

    scale: factors of the output delta, of the output gradients, of the hidden gradients.
    """

    def step(W1, b1, W2, b2, X, T, learning_rate):
        Z1 = W1 @ X + b1
        A1 = sigmoid.value(Z1)
        A2 = sigmoid.value(W2 @ A1 + b2)
        of_delta, of_output, of_hidden = scale(X.shape[1])
        delta2 = of_delta * output(A2, T)
        dW2, db2 = of_output * delta2 @ inputs(Z1, A1).T, of_output * bias(delta2)
        new_W2 = move(W2, dW2, learning_rate)
        delta1 = slope(A1) * back(W2, new_W2, dW2, delta2)
        dW1, db1 = of_hidden * delta1 @ X.T, of_hidden * bias(delta1)
        pairs = [(W1, dW1), (b1, db1), (W2, dW2), (b2, db2)]
        return tuple(
            move(old, gradient, learning_rate) if moved else old
            for (old, gradient), moved in zip(pairs, moves, strict=True)
        )

    return step


def step_in_place(*args):
    for old, new in zip(args[:4], gradient_step(*args), strict=True):
        old[...] = new
    return args[:4]


def step_in_place_too_early(*args):
    early = step_with(back=lambda W2, new_W2, dW2, delta2: new_W2.T @ delta2)(*args)
    for old, new in zip(args[:4], early, strict=True):
        old[...] = new
    return args[:4]


# --- the 3 → 4 → 1 network in detail (Classical) --------------------------------------------


def classical_backward(W, w, x, GT):
    return classical_with()(W, w, x, GT)


def classical_with(
    *,
    dP=lambda GT, P: -2 * (GT - P),
    dO=lambda dP, slope: dP * slope,
    slope_P=lambda O, P: sigmoid.derivative(O),
    dw=lambda dO, w, y, z: dO * y,
    dy=lambda dO, w, y, dw: dO * w,
    slope_y=lambda z, y: sigmoid.derivative(z),
    dW=np.outer,
):
    """classical_backward with one of its lines done differently."""

    def backward(W, w, x, GT):
        z = W @ x
        y = sigmoid.value(z)
        O = w @ y
        P = sigmoid.value(O)
        by = {"dP": dP(GT, P)}  # L = (GT − P)²
        by["dO"] = dO(by["dP"], slope_P(O, P))  # P = φ(O)
        by["dw"] = dw(by["dO"], w, y, z)  # O = w·y
        by["dy"] = dy(by["dO"], w, y, by["dw"])
        by["dz"] = by["dy"] * slope_y(z, y)  # y = φ(z)
        by["dW"] = dW(by["dz"], x)  # z = W x
        return by

    return backward


# --- messages that several exercises share --------------------------------------------------

WRONG_SIGN = (
    "Every number has the right size and the opposite sign: one step with this would raise the "
    "loss. Look at the order of output and target."
)
DOUBLE = (
    "Every number is exactly twice the right one. The square's derivative brings a 2; what does "
    "the ½ in front of this loss do with it?"
)
NO_SLOPE_OUTPUT = (
    "Your numbers match those without the slope of the output's sigmoid. The step from o_k back "
    "to its weighted sum is missing."
)
ON_ITS_SIDE = (
    "Your result lies on its side: rows and columns are exchanged. Entry [row, column] of a "
    "weight matrix is [where the edge leads, where it comes from]."
)

ANSWERS = {
    "weighted_sums": Answer(
        weighted_sums,
        {
            "bias forgotten": Mistake(
                lambda W, b, A: W @ A,
                "Changing b changes nothing in your result: the biases are left out. Each unit "
                "adds its own.",
            ),
            "bias subtracted": Mistake(
                lambda W, b, A: W @ A - b,
                "The biases are taken away where they should be added. Look at the sign.",
            ),
            "bias once per edge": Mistake(
                lambda W, b, A: W @ A + W.shape[1] * b,
                "Each bias is in your sums as often as its unit has edges. It belongs to the "
                "unit: is it added inside the loop over the edges?",
            ),
            "one bias for all": Mistake(
                lambda W, b, A: W @ A + b[0],
                "The first unit's bias is added to every unit. Each has its own: b has one row "
                "per unit.",
            ),
            "on its side": Mistake(
                lambda W, b, A: (W @ A + b).T,
                "The numbers are right, but they lie on their side: your rows are examples. In "
                "this course examples are columns.",
            ),
            "squashed already": Mistake(
                lambda W, b, A: sigmoid.value(W @ A + b),
                "Your numbers match those after the sigmoid. Here the weighted sums themselves "
                "are asked, before it.",
            ),
            "not summed": Mistake(
                lambda W, b, A: W * A.T + b,
                "For one example you return one number per edge. Each entry of a row belongs to "
                "the same unit: what is still to be done with them?",
            ),
            "mean for sum": Mistake(
                lambda W, b, A: W @ A / W.shape[1] + b,
                "The products are averaged over the edges. A unit adds them up.",
            ),
            "only the last edge": Mistake(
                lambda W, b, A: W[:, -1:] * A[-1:] + b,
                "Only the last edge of each unit is in your sums. In a loop, `=` forgets what "
                "was there before; which operator adds to it?",
            ),
        },
    ),
    "dz_dw": Answer(
        dz_dw,
        {
            "the weights": Mistake(
                lambda W, a: W * 1.0,
                "You return the weights. That is how z_j changes with the *input* of the edge. "
                "Here the input stays, and the weight is turned.",
            ),
            "weight times input": Mistake(
                lambda W, a: W * a,
                "You return w_ji · a_i, which is what the edge adds to z_j. By how much does it "
                "grow when w_ji grows by 1?",
            ),
            "one row": Mistake(
                lambda W, a: a * 1.0,
                "You return one row. Every edge has an entry of its own, also those that "
                "share their input: the shape is that of W.",
            ),
            "on its side": Mistake(lambda W, a: np.ones_like(W.T) * a[:, None], ON_ITS_SIDE),
            "the sum itself": Mistake(
                lambda W, a: np.ones_like(W) * (W @ a)[:, None],
                "You return the weighted sum of each unit in its row. Asked is how this sum "
                "changes when a single weight is turned.",
            ),
            "a slope too many": Mistake(
                lambda W, a: np.ones_like(W) * a * (1 - a),
                "Your entries are a (1 − a), a sigmoid's slope. Between w_ji and z_j there is no "
                "sigmoid.",
            ),
        },
    ),
    "backward_neuron": Answer(
        backward_neuron,
        {
            "gain missing": Mistake(
                lambda gain, w, dL_dz: w @ dL_dz,
                "Your number is the ∂L/∂a of this neuron. The step from its a back to its z is "
                "missing: what does the amplifier do?",
            ),
            "weights missing": Mistake(
                lambda gain, w, dL_dz: gain * np.sum(dL_dz),
                "Changing the weights changes nothing in your result. A signal that comes back "
                "along an edge is multiplied by its weight.",
            ),
            "not summed": Mistake(
                lambda gain, w, dL_dz: gain * w * dL_dz,
                "You return one number per path. The neuron has a single z, and all paths act "
                "on it together.",
            ),
            "mean for sum": Mistake(
                lambda gain, w, dL_dz: gain * np.mean(w * dL_dz),
                "You take the mean over the paths. Contributions of several paths add up.",
            ),
            "paths multiplied": Mistake(
                lambda gain, w, dL_dz: gain * np.prod(w * dL_dz),
                "You multiply the paths with one another. Along one path the factors are "
                "multiplied; what happens where several paths meet?",
            ),
            "sums multiplied": Mistake(
                lambda gain, w, dL_dz: gain * np.sum(w) * np.sum(dL_dz),
                "You add up the weights and the signals separately. Each signal meets the weight "
                "of its own edge first.",
            ),
            "first path only": Mistake(
                lambda gain, w, dL_dz: gain * w[0] * dL_dz[0],
                "Only the first path is in your number. Does a `return` stand inside the loop, or "
                "an index 0 where all are meant?",
            ),
            "last path only": Mistake(
                lambda gain, w, dL_dz: gain * w[-1] * dL_dz[-1],
                "Only the last path is in your number. In a loop, `=` forgets the earlier paths; "
                "which operator adds to them?",
            ),
            "slope of the gain": Mistake(
                lambda gain, w, dL_dz: gain * (1 - gain) * (w @ dL_dz),
                "You differentiate once more: x (1 − x) was applied to the gain. `gain` is "
                "σ′(z) already, use it as it is.",
            ),
        },
    ),
    "output_weights_gradient": Answer(
        output_weights_gradient,
        {
            "wrong sign": Mistake(lambda t, o, h: -output_weights_gradient(t, o, h), WRONG_SIGN),
            "σ' missing": Mistake(lambda t, o, h: np.outer(o - t, h), NO_SLOPE_OUTPUT),
            "double": Mistake(lambda t, o, h: 2 * output_weights_gradient(t, o, h), DOUBLE),
            "half a slope": Mistake(
                lambda t, o, h: np.outer((o - t) * o, h),
                "Your numbers match those with o_k as the slope of the sigmoid. That is only one "
                "of its two factors.",
            ),
            "σ' of o": Mistake(
                lambda t, o, h: np.outer((o - t) * sigmoid.derivative(o), h),
                "The sigmoid was applied once more, to o. o_k is its result already: how do you "
                "get the slope from the result?",
            ),
            "h missing": Mistake(
                lambda t, o, h: np.outer(output_delta_written_out(t, o), np.ones_like(h)),
                "All edges to one output have the same number. Edges with a larger input have "
                "more influence: what does the last link of the chain say?",
            ),
            "slope of h": Mistake(
                lambda t, o, h: np.outer(output_delta_written_out(t, o), h * (1 - h)),
                "Your numbers have h_j (1 − h_j) in place of h_j. The hidden sigmoid's slope is "
                "not on the way from the loss to these weights.",
            ),
            "on its side": Mistake(lambda t, o, h: output_weights_gradient(t, o, h).T, ON_ITS_SIDE),
            "outputs summed": Mistake(
                lambda t, o, h: h * np.sum(output_delta_written_out(t, o)),
                "You return one number per hidden unit, summed over the outputs. Each edge has a "
                "weight of its own, and only its own output depends on it.",
            ),
        },
    ),
    "hidden_weights_gradient": Answer(
        hidden_weights_gradient,
        {
            "wrong sign": Mistake(lambda *args: -hidden_weights_gradient(*args), WRONG_SIGN),
            "σ' missing at the output": Mistake(
                lambda t, o, W2, h, x: np.outer(h * (1 - h) * ((o - t) @ W2), x), NO_SLOPE_OUTPUT
            ),
            "σ' missing at the hidden layer": Mistake(
                lambda t, o, W2, h, x: np.outer(output_delta_written_out(t, o) @ W2, x),
                "Your numbers match those without the slope of the hidden sigmoids. The step from "
                "h_j back to its weighted sum is missing.",
            ),
            "double": Mistake(lambda *args: 2 * hidden_weights_gradient(*args), DOUBLE),
            "σ' of h": Mistake(
                lambda t, o, W2, h, x: np.outer(
                    sigmoid.derivative(h) * (output_delta_written_out(t, o) @ W2), x
                ),
                "The sigmoid was applied once more, to h. h_j is its result already: how do you "
                "get the slope from the result?",
            ),
            "weights missing": Mistake(
                lambda t, o, W2, h, x: np.outer(
                    h * (1 - h) * np.sum(output_delta_written_out(t, o)), x
                ),
                "Changing W2 changes nothing in your result: every hidden unit gets the same "
                "from the outputs. How strongly does h_j act on output k?",
            ),
            "first output only": Mistake(
                lambda t, o, W2, h, x: np.outer(
                    h * (1 - h) * W2[0] * output_delta_written_out(t, o)[0], x
                ),
                "Only the first output is in your numbers. A hidden unit acts on every output: "
                "one path is not enough.",
            ),
            "last output only": Mistake(
                lambda t, o, W2, h, x: np.outer(
                    h * (1 - h) * W2[-1] * output_delta_written_out(t, o)[-1], x
                ),
                "Only the last output is in your numbers. In a loop over k, `=` forgets the "
                "earlier ones; which operator adds to them?",
            ),
            "wrong index summed": Mistake(
                lambda t, o, W2, h, x: np.outer(
                    h * (1 - h) * (W2 @ output_delta_written_out(t, o)), x
                ),
                "Where W2 is square, your numbers match a sum over the other index. Hidden unit j "
                "collects from every output k that it feeds: which axis of W2 is k?",
            ),
            "x missing": Mistake(
                lambda t, o, W2, h, x: (
                    hidden_weights_gradient(t, o, W2, h, x) / x * np.ones_like(x)
                ),
                "All edges to one hidden unit have the same number. The last link of the chain, "
                "from the weighted sum to the weight, is missing.",
            ),
            "on its side": Mistake(lambda *args: hidden_weights_gradient(*args).T, ON_ITS_SIDE),
        },
    ),
    "output_sensitivity": Answer(
        output_sensitivity,
        {
            "wrong sign": Mistake(lambda Z, T: -output_sensitivity(Z, T), WRONG_SIGN),
            "σ' missing": Mistake(
                loss_slope,
                "For ordinary z your δ equals ∂L/∂a. The step from a back to z is missing.",
            ),
            "σ' counted twice": Mistake(
                lambda Z, T: output_sensitivity(Z, T) * sigmoid.derivative(Z),
                "Your numbers have the sigmoid's slope once too often. With this loss it cancels: "
                "what is left after multiplying the two links out?",
            ),
            "minus on both terms": Mistake(
                one_minus_only,
                "Where t = 1 your numbers are right, where t = 0 they have the opposite sign. "
                "Differentiate log(1 − a) once more: what is inside has a derivative too.",
            ),
            "not simplified": Mistake(
                two_steps,
                "Right for ordinary z, nan at z = ±1000: there a is exactly 0 or 1, and 0 · 1/0 "
                "is no number. Multiply the links on paper first, until nothing is divided.",
            ),
            "sigmoid forgotten": Mistake(
                lambda Z, T: Z - T,
                "You compare the weighted sum with the target. The network's answer is what the "
                "sigmoid makes of it.",
            ),
            "sigmoid twice": Mistake(
                lambda Z, T: sigmoid.value(sigmoid.value(Z)) - T,
                "The sigmoid was applied twice. Z holds the weighted sums, before any sigmoid.",
            ),
            "mean for sum": Mistake(
                lambda Z, T: output_sensitivity(Z, T) / Z.shape[1],
                "Every entry is divided by N, the number of examples. This loss is the sum over "
                "the examples, not their mean.",
            ),
            "examples summed": Mistake(
                lambda Z, T: output_sensitivity(Z, T).sum(axis=1, keepdims=True),
                "The examples were added up: one column is left. Each example has a δ of its own.",
            ),
            "the loss itself": Mistake(
                entropy_of_each,
                "For ordinary z you return the share of each output in the loss. Asked is how "
                "the loss changes with z.",
            ),
        },
    ),
    "hidden_sensitivity": Answer(
        hidden_sensitivity,
        {
            "σ' missing": Mistake(
                lambda W, delta, Z: W.T @ delta,
                "Your result equals ∂L/∂a of the hidden layer. The step from a back to z is "
                "missing there.",
            ),
            "σ' of a": Mistake(
                lambda W, delta, Z: sigmoid.derivative(sigmoid.value(Z)) * (W.T @ delta),
                "Your slopes are taken at σ(z) where they belong at z: the sigmoid has been "
                "applied once too often. What does your slope want, z or a?",
            ),
            "z for a": Mistake(
                lambda W, delta, Z: Z * (1 - Z) * (W.T @ delta),
                "Your numbers match x (1 − x) applied to z. That form of the slope wants the "
                "sigmoid's result.",
            ),
            "σ for σ'": Mistake(
                lambda W, delta, Z: sigmoid.value(Z) * (W.T @ delta),
                "You multiply by σ(z), the sigmoid's value. What the amplifier needs is its slope.",
            ),
            "extra factor z": Mistake(
                lambda W, delta, Z: hidden_sensitivity(W, delta, Z) * Z,
                "Your result has an extra factor z. In σ′(z) the z is where the slope is taken; "
                "nothing is multiplied by it.",
            ),
            "W not transposed": Mistake(
                lambda W, delta, Z: sigmoid.derivative(Z) * (W @ delta),
                "Where W is square, your numbers match a sum over the wrong index. Unit j "
                "collects from every unit that it feeds: is that a row of W or a column?",
            ),
            "weights left out": Mistake(
                lambda W, delta, Z: sigmoid.derivative(Z) * delta.sum(axis=0),
                "Changing W changes nothing in your result. What comes back along an edge is "
                "multiplied by its weight.",
            ),
            "matrix product (units)": Mistake(
                lambda W, delta, Z: sigmoid.derivative(Z) @ (W.T @ delta).T,
                "Your result has a row and a column for each hidden unit. Either the slope was "
                "joined on by a matrix product, where it belongs entry by entry, or one of the two "
                "lies on its side. Print the shapes of both factors.",
            ),
            "matrix product (examples)": Mistake(
                lambda W, delta, Z: sigmoid.derivative(Z).T @ (W.T @ delta),
                "Your result has a row and a column for each example: a matrix product has "
                "collected over the units once more. A sigmoid acts entry by entry, and so does "
                "its slope.",
            ),
            "first example only": Mistake(
                lambda W, delta, Z: hidden_sensitivity(W, delta[:, :1], Z[:, :1]),
                "Right for one example; of several, only the first is in your result.",
            ),
            "mean over examples": Mistake(
                lambda W, delta, Z: hidden_sensitivity(W, delta, Z) / Z.shape[1],
                "Right for one example; for N of them every entry is divided by N. The loss is a "
                "sum, nothing is averaged on the way back.",
            ),
            "examples summed": Mistake(
                lambda W, delta, Z: hidden_sensitivity(W, delta, Z).sum(axis=1, keepdims=True),
                "Right for one example; several are added up into one column. Each example keeps "
                "its own δ.",
            ),
            "wrong sign": Mistake(
                lambda W, delta, Z: -hidden_sensitivity(W, delta, Z),
                "Every number has the right size and the opposite sign. The δ of the next layer "
                "carries its sign already.",
            ),
        },
    ),
    "layer_backward": Answer(
        layer_backward,
        {
            "W not transposed": Mistake(
                layer_with(dA=lambda W, A, delta: W @ delta),
                "Where W is square, your dA matches a sum over the wrong index. Input i collects "
                "from every unit that it feeds: is that a row of W or a column?",
            ),
            "dW sent back": Mistake(
                layer_with(dA=lambda W, A, delta: (delta @ A.T).T @ delta),
                "Your dA was computed with dW in the place of W. Blame travels through the "
                "weight itself.",
            ),
            "σ' in dA": Mistake(
                layer_with(dA=lambda W, A, delta: A * (1 - A) * (W.T @ delta)),
                "Your dA goes one step too far: it has the slope of the sigmoid before this layer "
                "in it. Asked is the derivative by A.",
            ),
            "dA not summed": Mistake(
                layer_with(dA=lambda W, A, delta: W.T * delta.T),
                "For one example, your dA has an entry for each edge: entries were multiplied and "
                "not added up. An input collects from all the units that it feeds.",
            ),
            "dW on its side": Mistake(
                layer_with(dW=lambda W, A, delta: A @ delta.T),
                "Your dW lies on its side. It must have the shape of W to be subtracted from it.",
            ),
            "dW not summed": Mistake(
                layer_with(dW=lambda W, A, delta: delta[:, None, :] * A[None, :, :]),
                "Your dW still holds one table per example. A weight is shared by all examples: "
                "what does that do with their contributions?",
            ),
            "summed too early": Mistake(
                layer_with(dW=lambda W, A, delta: np.outer(delta.sum(axis=1), A.sum(axis=1))),
                "For several examples, your dW adds up δ and A first and multiplies afterwards. "
                "That also pairs the δ of one example with the inputs of another.",
            ),
            "first example only": Mistake(
                layer_with(dW=lambda W, A, delta: np.outer(delta[:, 0], A[:, 0])),
                "Your dW is that of the first example alone. The others have to be added to it.",
            ),
            "db not summed": Mistake(
                layer_with(db=lambda W, A, delta: +delta),
                "Your db has a column for each example. b is shared by all of them: what does "
                "that do with their contributions?",
            ),
            "one bias gradient for all": Mistake(
                layer_with(db=lambda W, A, delta: delta.sum()),
                "Your db is one number: it is summed over the units too. Each unit has a bias of "
                "its own. Over which axis should the sum go?",
            ),
            "db summed over units": Mistake(
                layer_with(db=lambda W, A, delta: delta.sum(axis=0, keepdims=True)),
                "Your db has one entry per example: the sum went over the units. It should go "
                "over the examples.",
            ),
            "db flat": Mistake(
                layer_with(db=lambda W, A, delta: delta.sum(axis=1)),
                "The numbers in db are right, but its shape is (n_out,) and b has a column. "
                "Subtracted from each other, NumPy would stretch them into a square.",
            ),
            "mean": Mistake(
                lambda W, A, delta: (
                    W.T @ delta,
                    delta @ A.T / A.shape[1],
                    delta.mean(axis=1, keepdims=True),
                ),
                "dW and db are divided by N, the number of examples. Here the loss is the sum "
                "over the examples.",
            ),
            "dW mean": Mistake(
                layer_with(dW=lambda W, A, delta: delta @ A.T / A.shape[1]),
                "dA and db are right; dW is divided by N, the number of examples. Both are sums "
                "here.",
            ),
            "db mean": Mistake(
                layer_with(db=lambda W, A, delta: delta.mean(axis=1, keepdims=True)),
                "dA and dW are right; db is divided by N, the number of examples. Both are sums "
                "here.",
            ),
            "other order": Mistake(
                lambda W, A, delta: tuple(layer_backward(W, A, delta)[i] for i in (1, 2, 0)),
                "The three results are right, but they come as (dW, db, dA). Asked is dA first.",
            ),
        },
    ),
    "gradient_step": Answer(
        gradient_step,
        {
            "uphill": Mistake(
                step_with(move=lambda old, gradient, rate: old + rate * gradient),
                "Every weight moves the right distance in the wrong direction: the loss rises. "
                "There is a minus too few or too many: in the step, or in your output's δ?",
            ),
            "output of the answers": Mistake(
                step_with(output=lambda a, T: sigmoid.value(a) - T),
                "Your output's δ has the sigmoid applied twice. `output_sensitivity` wants the "
                "weighted sums and applies it itself.",
            ),
            "slope at the activations": Mistake(
                step_with(slope=sigmoid.derivative),
                "The output layer is right; in the hidden layer the sigmoid was applied twice. "
                "`hidden_sensitivity` wants the weighted sums.",
            ),
            "weighted sums sent on": Mistake(
                step_with(inputs=lambda Z1, A1: Z1),
                "All is right but for W2. Its edges carry the hidden layer's activations, and "
                "something else stands in their place.",
            ),
            "output layer stands still": Mistake(
                step_with(moves=(True, True, False, False)),
                "The hidden layer is right, the output layer has not moved.",
            ),
            "updated too early": Mistake(
                step_with(back=lambda W2, new_W2, dW2, delta2: new_W2.T @ delta2),
                "The output layer is right; the hidden layer's δ was computed with the *new* W2. "
                "Finish the backward pass before you change any weight.",
            ),
            "dW2 sent back": Mistake(
                step_with(back=lambda W2, new_W2, dW2, delta2: dW2.T @ delta2),
                "The output layer is right; the hidden layer's δ was computed with dW2 in the "
                "place of W2. Blame travels through the weight itself.",
            ),
            "W2 not transposed": Mistake(
                step_with(back=lambda W2, new_W2, dW2, delta2: W2 @ delta2),
                "Where W2 is square, the hidden layer moves as if W2 had been used without "
                "turning it on its side. Which of its axes belongs to the hidden units?",
            ),
            "σ' missing at the hidden layer": Mistake(
                step_with(slope=lambda a: 1.0),
                "The output layer is right; the hidden layer moves as if its sigmoids had slope "
                "1. The step from a back to z is missing there.",
            ),
            "σ' of the squared loss": Mistake(
                step_with(output=lambda a, T: (a - T) * a * (1 - a)),
                "Your steps match those with the sigmoid's slope in the output δ, as for the "
                "squared loss. With cross-entropy it cancels.",
            ),
            "mean for sum": Mistake(
                step_with(scale=lambda N: (1.0, 1 / N, 1 / N)),
                "Right for one example; for N of them every step is N times too short. The loss "
                "here is the sum over the examples, not the mean.",
            ),
            "1/N at every layer": Mistake(
                step_with(scale=lambda N: (1 / N, 1.0, 1 / N)),
                "The output layer moves 1/N of what it should, the hidden layer 1/N². "
                "Something is averaged at every layer; the loss here is a sum.",
            ),
            "1/N at the hidden layer": Mistake(
                step_with(scale=lambda N: (1.0, 1.0, 1 / N)),
                "The output layer is right; the hidden layer moves 1/N of what it should, N the "
                "number of examples. Both layers add up over the examples.",
            ),
            "biases forgotten": Mistake(
                step_with(moves=(True, False, True, False)),
                "The weights are right, the biases have not moved. They learn as well.",
            ),
            "hidden layer stands still": Mistake(
                step_with(moves=(False, False, True, True)),
                "The output layer is right, the hidden layer has not moved. It has a δ too, "
                "though nobody gives it targets.",
            ),
            "bias gradient not summed": Mistake(
                step_with(bias=lambda delta: delta),
                "Your new biases have a column for each example. A bias is shared by all "
                "examples: add up what they contribute.",
            ),
            "bias gradient flat": Mistake(
                step_with(bias=lambda delta: delta.sum(axis=1)),
                "Your new biases are square tables: a column minus a flat array is stretched in "
                "both directions. Look at the shape of the bias gradient.",
            ),
            "one bias gradient for all": Mistake(
                step_with(bias=np.sum),
                "All biases of a layer move by the same amount: their gradient was summed over "
                "the units too. Each unit has a bias of its own.",
            ),
            "learning rate ignored": Mistake(
                step_with(move=lambda old, gradient, rate: old - gradient),
                "Changing the learning rate changes nothing in your result. Where should it act?",
            ),
            "learning rate twice": Mistake(
                step_with(move=lambda old, gradient, rate: old - rate**2 * gradient),
                "Your steps are too short by one more factor of the learning rate. Is it in the "
                "gradient and in the step?",
            ),
            "gradients for weights": Mistake(
                step_with(move=lambda old, gradient, rate: gradient),
                "You return the gradients. Asked are the weights after the step that follows from "
                "them.",
            ),
            "in place": Mistake(
                step_in_place,
                "The new weights are right, but the old ones have changed as well: `-=` works in "
                "place. Make new arrays.",
            ),
            "in place and too early": Mistake(
                step_in_place_too_early,
                "W2 was changed in place before the hidden layer's δ was computed from it, and "
                "the caller's weights are changed too. Make new arrays, at the very end.",
            ),
        },
    ),
    "classical_backward": Answer(
        classical_backward,
        {
            "half": Mistake(
                classical_with(dP=lambda GT, P: -(GT - P)),
                "Every derivative is half the right one. This lecture's loss has no ½ in front: "
                "differentiate it as it stands.",
            ),
            "wrong sign": Mistake(
                classical_with(dP=lambda GT, P: 2 * (GT - P)),
                "Every derivative has the right size and the opposite sign. In (GT − P)², what is "
                "the derivative of the inside by P?",
            ),
            "φ' missing at the output": Mistake(
                classical_with(slope_P=lambda O, P: 1.0),
                "dP is right; dO equals dP. The step from P back to O is missing.",
            ),
            "cancelled at the output": Mistake(
                classical_with(dO=lambda dP, slope: dP / 2),
                "dP is right; dO is P − GT. That is what cross-entropy leaves. This loss is a "
                "square: does φ's slope cancel in it?",
            ),
            "dP forgotten": Mistake(
                classical_with(dO=lambda dP, slope: slope),
                "dP is right; dO is φ's slope alone. What has come back so far must be in it: "
                "each derivative is the one before it times one local one.",
            ),
            "O (1 − O)": Mistake(
                classical_with(slope_P=lambda O, P: O * (1 - O)),
                "dP is right; dO matches x (1 − x) applied to O. That form of the slope wants φ's "
                "result.",
            ),
            "the size of the error": Mistake(
                classical_with(dP=lambda GT, P: 2 * np.abs(GT - P)),
                "Right where the prediction is too large; where it is too small, every derivative "
                "has the opposite sign. The error has a sign, and the derivative keeps it.",
            ),
            "φ' missing at the hidden layer": Mistake(
                classical_with(slope_y=lambda z, y: 1.0),
                "All is right down to dy; dz equals dy. The step from y back to z is missing.",
            ),
            "φ' of P": Mistake(
                classical_with(slope_P=lambda O, P: sigmoid.derivative(P)),
                "dP is right; dO has φ's slope at P. It belongs at O: φ has been applied once too "
                "often.",
            ),
            "φ' of y": Mistake(
                classical_with(slope_y=lambda z, y: sigmoid.derivative(y)),
                "All is right down to dy; dz has φ's slope at y. It belongs at z: φ has been "
                "applied once too often.",
            ),
            "z (1 − z)": Mistake(
                classical_with(slope_y=lambda z, y: z * (1 - z)),
                "All is right down to dy; dz matches x (1 − x) applied to z. That form of the "
                "slope wants φ's result.",
            ),
            "z for y": Mistake(
                classical_with(dw=lambda dO, w, y, z: dO * z),
                "dw has z in it. In O = w·y, what is multiplied by w?",
            ),
            "w missing": Mistake(
                classical_with(dy=lambda dO, w, y, dw: dO * np.ones_like(w)),
                "All entries of dy are dO: the weights are left out. In O = w·y, by how much does "
                "O grow with one entry of y?",
            ),
            "dw sent back": Mistake(
                classical_with(dy=lambda dO, w, y, dw: dO * dw),
                "dy was computed with dw in the place of w. Blame travels through the weight "
                "itself.",
            ),
            "dW on its side": Mistake(
                classical_with(dW=lambda dz, x: np.outer(x, dz)),
                "All is right but for dW, which lies on its side. It must have the shape of W.",
            ),
            "x missing": Mistake(
                classical_with(dW=lambda dz, x: np.outer(dz, np.ones_like(x))),
                "All is right but for dW: its columns are alike. In z = W x, what is an entry of "
                "W multiplied by?",
            ),
            "dw and dy exchanged": Mistake(
                classical_with(dw=lambda dO, w, y, z: dO * w, dy=lambda dO, w, y, dw: dO * y),
                "dw and dy are exchanged. In O = w·y, the derivative by one of them is the other.",
            ),
        },
    ),
}
