"""Answers of assignment 05 and what students get wrong in it."""
# ruff: noqa: E741  (l is the layer, as on the slides)

import numpy as np

from autograder.answers import Answer, Mistake
from course import losses, network
from course.activations import ACTIVATIONS


def activate(name, z):
    return ACTIVATIONS[name].value(z)


def activate_prime(name, z):
    return ACTIVATIONS[name].derivative(z)


# --- forward, layer by layer: z^l = W^l a^(l−1) + b^l, a^l = σ_l(z^l) (SKKU, XJTLU) ----------


def forward_pass(W, b, activations, X):
    return network.forward(W, b, [None, *(ACTIVATIONS[name] for name in activations[1:])], X)


def forward(
    W,
    b,
    activations,
    X,
    *,
    matrix=lambda l, W, b, Z, A: W[l] @ A[l - 1] + b[l],
    name=lambda l, activations: activations[l],
):
    """forward_pass with one thing done differently: the mistakes below say which."""
    Z, A = [None], [X]
    for l in range(1, len(W)):
        Z.append(matrix(l, W, b, Z, A))
        A.append(activate(name(l, activations), Z[l]))
    return Z, A


def activation_everywhere(which):
    """forward_pass with one layer's activation in all layers."""
    return lambda W, b, activations, X: forward(
        W, b, activations, X, name=lambda l, activations: activations[which]
    )


def named_everywhere(name):
    """forward_pass with the activation of that name in all layers."""
    return lambda W, b, activations, X: forward(W, b, activations, X, name=lambda l, names: name)


# --- backward: δ_k, then δ_j from δ_k, then δ_i from δ_j (SKKU, XJTLU) -----------------------


def output_delta(y, t, z, activation):
    return losses.output_delta(losses.squared_error, ACTIVATIONS[activation], z, y, t)


def hidden_delta(W_next, delta_next, z, activation):
    return (W_next.T @ delta_next) * activate_prime(activation, z)


def all_deltas(W, Z, A, T, activations):
    named = [None, *(ACTIVATIONS[name] for name in activations[1:])]
    return network.deltas(W, named, Z, A, T, losses.squared_error)


def one_before(l, W, Z, A, delta, activations):
    """δ of layer l from that of layer l + 1."""
    return hidden_delta(W[l + 1], delta[l + 1], Z[l], activations[l])


def backward(W, Z, A, T, activations, *, output=output_delta, hidden=one_before, first=1):
    """all_deltas with one thing done differently: the mistakes below say which."""
    L = len(W) - 1
    delta = [None] * (L + 1)
    delta[L] = output(A[L], T, Z[L], activations[L])
    for l in range(L - 1, first - 1, -1):
        delta[l] = hidden(l, W, Z, A, delta, activations)
    return delta


def deltas_with(**different):
    """all_deltas with one thing done differently, as a function of its own."""
    return lambda W, Z, A, T, activations: backward(W, Z, A, T, activations, **different)


def output_without_slope(y, t, z, activation):
    return y - t


def output_z_for_y(y, t, z, activation):
    return (z - t) * activate_prime(activation, z)


def output_slope_of_y(y, t, z, activation):
    return (y - t) * activate_prime(activation, y)


def hidden_without_slope(l, W, Z, A, delta, activations):
    return W[l + 1].T @ delta[l + 1]


def hidden_slope_of_a(l, W, Z, A, delta, activations):
    return hidden_delta(W[l + 1], delta[l + 1], A[l], activations[l])


def hidden_slope_of_next_activation(l, W, Z, A, delta, activations):
    return hidden_delta(W[l + 1], delta[l + 1], Z[l], activations[l + 1])


def hidden_slope_at_next_z(l, W, Z, A, delta, activations):
    return hidden_delta(W[l + 1], delta[l + 1], Z[l + 1], activations[l])


def hidden_with_output_activation(l, W, Z, A, delta, activations):
    return hidden_delta(W[l + 1], delta[l + 1], Z[l], activations[-1])


def hidden_through_own_weights(l, W, Z, A, delta, activations):
    return hidden_delta(W[l], delta[l + 1], Z[l], activations[l])


def hidden_not_turned(l, W, Z, A, delta, activations):
    return hidden_delta(W[l + 1].T, delta[l + 1], Z[l], activations[l])


def hidden_from_the_output(l, W, Z, A, delta, activations):
    return hidden_delta(W[l + 1], delta[-1], Z[l], activations[l])


def hidden_averaged(l, W, Z, A, delta, activations):
    return one_before(l, W, Z, A, delta, activations) / A[0].shape[1]


def deltas_one_too_far(W, Z, A, T, activations):
    delta = all_deltas(W, Z, A, T, activations)
    return [W[1].T @ delta[1], *delta[1:]]


def deltas_never_turned_round(W, Z, A, T, activations):
    return [None, *all_deltas(W, Z, A, T, activations)[:0:-1]]


def deltas_in_place(W, Z, A, T, activations):
    A[-1] -= T
    delta = [None] * len(W)
    delta[-1] = A[-1] * activate_prime(activations[-1], Z[-1])
    for l in range(len(W) - 2, 0, -1):
        delta[l] = one_before(l, W, Z, A, delta, activations)
    return delta


# --- gradients and steps: ∂L/∂W^l = δ^l (a^(l−1))ᵀ, ∂L/∂b^l = δ^l (SKKU) ---------------------


def all_gradients(delta, A):
    return network.gradients(delta, A)


def gradients_of_weights(change):
    """all_gradients with ``change(δ[l], A[l − 1])`` for ∂L/∂W[l]."""
    return lambda delta, A: (
        [None, *(change(d, a) for d, a in zip(delta[1:], A[:-1], strict=True))],
        all_gradients(delta, A)[1],
    )


def gradients_of_biases(change):
    """all_gradients with ``change(δ[l])`` for ∂L/∂b[l]."""
    return lambda delta, A: (all_gradients(delta, A)[0], each(change, delta))


def update_all(W, b, dW, db, learning_rate):
    return network.step(W, b, dW, db, learning_rate)


def each(change, *lists):
    """A list with ``change`` of the entries of all layers, None first."""
    return [None, *(change(*entries) for entries in zip(*(one[1:] for one in lists), strict=True))]


def update_in_place(W, b, dW, db, learning_rate):
    for l in range(1, len(W)):
        W[l] -= learning_rate * dW[l]
        b[l] -= learning_rate * db[l]
    return W, b


def update_of_layers(chosen):
    """update_all for those layers alone that ``chosen(l, number of layers)`` picks."""

    def update(W, b, dW, db, learning_rate):
        new_W, new_b = update_all(W, b, dW, db, learning_rate)
        kept = [l for l in range(1, len(W)) if not chosen(l, len(W) - 1)]
        for l in kept:
            new_W[l], new_b[l] = W[l], b[l]
        return new_W, new_b

    return update


# --- N stages of blocks, W ← W − η ∂L/∂W, ∂L/∂x handed on as ∂L/∂y (Classical) ---------------


def block_backward(block, x, dL_dy):
    if isinstance(block, str):
        return dL_dy * activate_prime(block, x), None  # ∂L/∂x = ∂L/∂y ∂y/∂x
    return block.T @ dL_dy, dL_dy @ x.T  # ∂L/∂W = ∂L/∂y ∂y/∂W


def for_matrices(change):
    """block_backward with ``change(W, x, dL_dy)`` where the block is a matrix."""
    return lambda block, x, dL_dy: (
        block_backward(block, x, dL_dy) if isinstance(block, str) else change(block, x, dL_dy)
    )


def for_nonlinearities(change):
    """block_backward with ``change(name, x, dL_dy)`` in place of ∂L/∂x of a nonlinearity."""
    return lambda block, x, dL_dy: (
        (change(block, x, dL_dy), None)
        if isinstance(block, str)
        else block_backward(block, x, dL_dy)
    )


def train_blocks(blocks, values, dL_dy, learning_rate):
    return stages_backward(blocks, values, dL_dy, learning_rate)


def stages_backward(
    blocks,
    values,
    dL_dy,
    learning_rate,
    *,
    one=block_backward,
    order=lambda N: range(N, 0, -1),
    step=lambda W, dW, learning_rate: W - learning_rate * dW,
    hand_on=lambda dL_dx, dL_dy: dL_dx,
    passes_through_new=False,
):
    """train_blocks with one thing done differently: the mistakes below say which."""
    new_blocks, dL_dx = list(blocks), dL_dy
    for s in order(len(blocks) - 1):
        dL_dx, dL_dW = one(blocks[s], values[s - 1], dL_dy)
        if dL_dW is not None:
            new_blocks[s] = step(blocks[s], dL_dW, learning_rate)
            if passes_through_new:
                dL_dx, _ = one(new_blocks[s], values[s - 1], dL_dy)
        dL_dy = hand_on(dL_dx, dL_dy)
    return new_blocks, dL_dx


def blocks_with(**different):
    """train_blocks with one thing done differently, as a function of its own."""
    return lambda blocks, values, dL_dy, learning_rate: stages_backward(
        blocks, values, dL_dy, learning_rate, **different
    )


def blocks_with_outputs_as_inputs(blocks, values, dL_dy, learning_rate):
    inputs = [
        values[s + 1] if isinstance(block, str) else values[s] for s, block in enumerate(blocks[1:])
    ]
    return stages_backward(blocks, inputs, dL_dy, learning_rate)


def blocks_handed_on_by_matrices(blocks, values, dL_dy, learning_rate):
    new_blocks = list(blocks)
    for s in range(len(blocks) - 1, 0, -1):
        dL_dx, dL_dW = block_backward(blocks[s], values[s - 1], dL_dy)
        if dL_dW is not None:
            new_blocks[s] = blocks[s] - learning_rate * dL_dW
            dL_dy = dL_dx
    return new_blocks, dL_dx


def blocks_in_place(blocks, values, dL_dy, learning_rate):
    new_blocks, dL_dx = train_blocks(blocks, values, dL_dy, learning_rate)
    blocks[:] = new_blocks
    return blocks, dL_dx


def blocks_of_last_matrix(blocks, values, dL_dy, learning_rate):
    new_blocks, dL_dx = train_blocks(blocks, values, dL_dy, learning_rate)
    last = max(s for s in range(1, len(blocks)) if not isinstance(blocks[s], str))
    return [*blocks[:last], *new_blocks[last:]], dL_dx


# --- the whole network ----------------------------------------------------------------------


def network_gradients(W, b, activations, X, T):
    Z, A = forward_pass(W, b, activations, X)
    return all_gradients(all_deltas(W, Z, A, T, activations), A)


def gradients_with(forward=forward_pass, backward=all_deltas, gradients=all_gradients):
    """network_gradients with one part done differently."""

    def own(W, b, activations, X, T):
        Z, A = forward(W, b, activations, X)
        return gradients(backward(W, Z, A, T, activations), A)

    return own


def gradients_with_one_activation(W, b, activations, X, T):
    return network_gradients(W, b, [None] + [activations[1]] * (len(W) - 1), X, T)


def take_steps(W, b, activations, X, T, learning_rate, steps):
    return walk(W, b, activations, X, T, learning_rate, steps)


def walk(
    W,
    b,
    activations,
    X,
    T,
    learning_rate,
    steps,
    *,
    gradients=network_gradients,
    update=update_all,
):
    """take_steps with one thing done differently: the mistakes below say which."""
    for _ in range(steps):
        W, b = update(W, b, *gradients(W, b, activations, X, T), learning_rate)
    return W, b


def steps_with(**different):
    """take_steps with one thing done differently, as a function of its own."""
    return lambda *args: walk(*args, **different)


def steps_with_start_gradient(W, b, activations, X, T, learning_rate, steps):
    fixed = network_gradients(W, b, activations, X, T)
    return walk(W, b, activations, X, T, learning_rate, steps, gradients=lambda *_: fixed)


def steps_with_old_gradients(W, b, activations, X, T, learning_rate, steps):
    dW, db = each(np.zeros_like, W), each(np.zeros_like, b)
    for _ in range(steps):
        new_dW, new_db = network_gradients(W, b, activations, X, T)
        dW, db = each(np.add, dW, new_dW), each(np.add, db, new_db)
        W, b = update_all(W, b, dW, db, learning_rate)
    return W, b


def steps_with_early_updates(W, b, activations, X, T, learning_rate, steps):
    W, b = list(W), list(b)
    for _ in range(steps):
        Z, A = forward_pass(W, b, activations, X)
        delta = output_delta(A[-1], T, Z[-1], activations[-1])
        for l in range(len(W) - 1, 0, -1):
            W[l] = W[l] - learning_rate * delta @ A[l - 1].T
            b[l] = b[l] - learning_rate * delta.sum(axis=1, keepdims=True)
            if l > 1:
                delta = hidden_delta(W[l], delta, Z[l - 1], activations[l - 1])
    return W, b


# --- messages that several exercises share --------------------------------------------------

WRONG_SIGN = (
    "Every number has the right size and the opposite sign: one step with it would raise the "
    "loss. Look at the order of output and target."
)
FACTOR_TWO = (
    "Your result is twice the right one. The loss has a ½ in front: what is left of it when you "
    "differentiate the square?"
)
MEAN_FOR_SUM = (
    "Your result is the right one divided by N, the number of examples. Here the loss is the sum "
    "over the examples: nothing is averaged."
)
NOT_TURNED = (
    "Where two layers happen to have the same size, your numbers are those of a W that was not "
    "transposed; elsewhere the shapes do not fit. Unit j collects from every unit that it feeds. "
    "Along which axis of W do these stand?"
)
NO_LEARNING_RATE = (
    "Changing the learning rate changes nothing in your result: the step has the length of the "
    "whole gradient. Where should the learning rate act?"
)
LEARNING_RATE_TWICE = (
    "Your step is too short by one more factor of the learning rate: it is multiplied in twice. "
    "Use it once."
)
UPHILL = (
    "Each step goes uphill: the right distance in the opposite direction. Against which sign of "
    "the gradient does the loss fall?"
)

ANSWERS = {
    "forward_pass": Answer(
        forward_pass,
        {
            "bias forgotten": Mistake(
                lambda *args: forward(*args, matrix=lambda l, W, b, Z, A: W[l] @ A[l - 1]),
                "Changing b changes nothing in your result: the biases are left out. What is added "
                "to the matrix product?",
            ),
            "Z handed on for A": Mistake(
                lambda *args: forward(
                    *args,
                    matrix=lambda l, W, b, Z, A: W[l] @ (Z if l > 1 else A)[l - 1] + b[l],
                ),
                "Layer 1 is right. From layer 2 on, your numbers are made from the Z of the layer "
                "before. Which of its two lists does a layer hand on?",
            ),
            "first activation everywhere": Mistake(
                activation_everywhere(1),
                "Every layer uses the activation of layer 1. Each layer has its own: which entry "
                "of `activations` belongs to layer l?",
            ),
            "last activation everywhere": Mistake(
                activation_everywhere(-1),
                "Every layer uses the activation of the last layer. Each layer has its own: which "
                "entry of `activations` belongs to layer l?",
            ),
            "no activation at all": Mistake(
                lambda *args: forward(*args, name=lambda l, activations: "identity"),
                "Your A equals your Z in every layer: no activation was applied. What does "
                "`activate` do?",
            ),
            "output not activated": Mistake(
                lambda *args: forward(
                    *args,
                    name=lambda l, names: names[l] if l < len(names) - 1 else "identity",
                ),
                "The hidden layers are right. In the last layer A equals Z: the output layer has "
                "an activation too.",
            ),
            "Z overwritten by A": Mistake(
                lambda *args: (lambda A: ([None, *A[1:]], A))(forward_pass(*args)[1]),
                "A is right, but your Z holds the same numbers as A. The way back needs both: keep "
                "what the activation is given as well as what it returns.",
            ),
            "lists exchanged": Mistake(
                lambda *args: forward_pass(*args)[::-1],
                "Both lists are right, but they come in the wrong order. Z is asked first.",
            ),
            "no entry 0": Mistake(
                lambda *args: tuple(one[1:] for one in forward_pass(*args)),
                "Both lists begin with layer 1, so every layer stands one place too early. Entry 0 "
                "belongs to the input.",
            ),
            "Z without entry 0": Mistake(
                lambda *args: (lambda Z, A: (Z[1:], A))(*forward_pass(*args)),
                "A is right, and so are the arrays in Z, but Z begins with layer 1: every layer "
                "stands one place too early there. What stands in the place of the input?",
            ),
            "A without entry 0": Mistake(
                lambda *args: (lambda Z, A: (Z, A[1:]))(*forward_pass(*args)),
                "Z is right, and so are the arrays in A, but A begins with layer 1: every layer "
                "stands one place too early there. What belongs to the input?",
            ),
            "X for every layer": Mistake(
                lambda *args: forward(*args, matrix=lambda l, W, b, Z, A: W[l] @ A[0] + b[l]),
                "Layer 1 is right. Where all layers have the same size, every later layer of yours "
                "is made from X too; elsewhere the shapes do not fit. What is the input of layer "
                "l?",
            ),
            "sigmoid everywhere": Mistake(
                named_everywhere("sigmoid"),
                "Every layer uses the sigmoid, whatever `activations` says. Which entry of it "
                "belongs to layer l?",
            ),
            "tanh everywhere": Mistake(
                named_everywhere("tanh"),
                "Every layer uses tanh, whatever `activations` says. Which entry of it belongs to "
                "layer l?",
            ),
            "X missing in A": Mistake(
                lambda *args: (lambda Z, A: (Z, [None, *A[1:]]))(*forward_pass(*args)),
                "All layers are right, but A[0] is None. What does layer 1 get as its input?",
            ),
            "X in Z too": Mistake(
                lambda *args: (lambda Z, A: ([args[3], *Z[1:]], A))(*forward_pass(*args)),
                "All layers are right, but Z[0] holds X. The input was made by no layer: it has no "
                "z, and its place in Z stays empty.",
            ),
            "only the output": Mistake(
                lambda *args: forward_pass(*args)[1][-1],
                "You return the output alone. The way back needs the Z and the A of every layer.",
            ),
        },
    ),
    "output_delta": Answer(
        output_delta,
        {
            "activation's slope missing": Mistake(
                output_without_slope,
                "Your result equals ∂L/∂y, as if the output layer had no activation. The step from "
                "y back to z is missing: what lies between the two? If you have it, is it made "
                "with the argument `activation`?",
            ),
            "slope of y for slope of z": Mistake(
                output_slope_of_y,
                "The activation's derivative was taken at y. The prime marks a function of what "
                "the activation is *given*. Is that y or z?",
            ),
            "always the sigmoid's rule": Mistake(
                lambda y, t, z, name: (y - t) * y * (1 - y),
                "For a sigmoid it is right. For all other activations you use the sigmoid's rule "
                "too. Which activation it is, the argument `activation` says.",
            ),
            "always the sigmoid's slope": Mistake(
                lambda y, t, z, name: (y - t) * activate_prime("sigmoid", z),
                "For a sigmoid it is right. For all other activations you take the slope of the "
                "sigmoid at z. Do you use the argument `activation`?",
            ),
            "always the slope of tanh": Mistake(
                lambda y, t, z, name: (y - t) * activate_prime("tanh", z),
                "For tanh it is right. For all other activations you take the slope of tanh at z. "
                "Do you use the argument `activation`?",
            ),
            "value for slope": Mistake(
                lambda y, t, z, name: (y - t) * activate(name, z),
                "You multiply by the activation itself. What is asked is how steep it is.",
            ),
            "extra factor z": Mistake(
                lambda y, t, z, name: output_delta(y, t, z, name) * z,
                "Your result has an extra factor z. The prime marks a function that is evaluated "
                "at z; z itself is no factor.",
            ),
            "z for slope": Mistake(
                lambda y, t, z, name: (y - t) * z,
                "You multiply by z itself. What is asked is how steep the activation is at z.",
            ),
            "wrong sign": Mistake(lambda *args: -output_delta(*args), WRONG_SIGN),
            "factor 2": Mistake(lambda *args: 2 * output_delta(*args), FACTOR_TWO),
            "mean for sum": Mistake(
                lambda y, t, z, name: output_delta(y, t, z, name) / y.shape[1], MEAN_FOR_SUM
            ),
            "output alone": Mistake(
                lambda y, t, z, name: y * activate_prime(name, z),
                "Changing the targets changes nothing in your result. Blame begins with how far "
                "output and target are apart.",
            ),
            "plus for minus": Mistake(
                lambda y, t, z, name: (y + t) * activate_prime(name, z),
                "Output and target are added. The error is how far apart they are.",
            ),
            "summed over examples": Mistake(
                lambda *args: output_delta(*args).sum(axis=1, keepdims=True),
                "You return one column: the examples were added up. Each example has a δ of its "
                "own.",
            ),
        },
    ),
    "hidden_delta": Answer(
        hidden_delta,
        {
            "activation's slope missing": Mistake(
                lambda W, d, z, name: W.T @ d,
                "Your result is the blame that arrives at the layer's outputs. The step through "
                "this layer's activation, from a back to z, is missing.",
            ),
            "slope of a for slope of z": Mistake(
                lambda W, d, z, name: hidden_delta(W, d, activate(name, z), name),
                "The activation's derivative was taken at a, the layer's output. "
                "`activate_prime` takes what the activation was given.",
            ),
            "always the sigmoid's slope": Mistake(
                lambda W, d, z, name: hidden_delta(W, d, z, "sigmoid"),
                "For a sigmoid it is right. For all other activations you take the slope of the "
                "sigmoid too. Do you use the argument `activation`?",
            ),
            "value for slope": Mistake(
                lambda W, d, z, name: (W.T @ d) * activate(name, z),
                "The collected blame is multiplied by the activation itself. What is asked is how "
                "steep it is at z.",
            ),
            "extra factor z": Mistake(
                lambda W, d, z, name: hidden_delta(W, d, z, name) * z,
                "Your result has an extra factor z. The prime marks a function that is evaluated "
                "at z; z itself is no factor.",
            ),
            "z for slope": Mistake(
                lambda W, d, z, name: (W.T @ d) * z,
                "The collected blame is multiplied by z itself. What is asked is how steep the "
                "activation is at z.",
            ),
            "W not transposed": Mistake(
                lambda W, d, z, name: (W @ d) * activate_prime(name, z), NOT_TURNED
            ),
            "weights forgotten": Mistake(
                lambda W, d, z, name: d.sum(axis=0) * activate_prime(name, z),
                "Changing the weights changes nothing in your result: every unit is given the "
                "whole blame of the next layer. A unit answers for what it sent, through its own "
                "weights.",
            ),
            "mean over the next layer": Mistake(
                lambda W, d, z, name: hidden_delta(W, d, z, name) / len(W),
                "Your result is the right one divided by the number of units in the next layer. "
                "Contributions from several paths add up; they are not averaged.",
            ),
            "mean over the examples": Mistake(
                lambda W, d, z, name: hidden_delta(W, d, z, name) / d.shape[1],
                "Your result is the right one divided by N, the number of examples. An average, "
                "if there is one, is already in the δ of the next layer.",
            ),
            "summed over examples": Mistake(
                lambda *args: hidden_delta(*args).sum(axis=1, keepdims=True),
                "You return one column: the examples were added up. Each example has a δ of its "
                "own.",
            ),
            "wrong sign": Mistake(
                lambda *args: -hidden_delta(*args),
                "Every number has the right size and the opposite sign. The sign of the error is "
                "already in the δ of the next layer.",
            ),
        },
    ),
    "all_deltas": Answer(
        all_deltas,
        {
            "slope missing at the output": Mistake(
                deltas_with(output=output_without_slope),
                "Your output δ equals ∂L/∂y, and the layers before follow from that. At the output "
                "layer, the step from y back to z is missing.",
            ),
            "slope missing in the hidden layers": Mistake(
                deltas_with(hidden=hidden_without_slope),
                "The output δ is right. In the hidden layers you stop at the blame that arrives at "
                "their outputs: the step through their activations is missing.",
            ),
            "slope missing everywhere": Mistake(
                deltas_with(output=output_without_slope, hidden=hidden_without_slope),
                "Nothing in your result depends on the activations: their derivatives are missing "
                "in every layer.",
            ),
            "slope of a at the output": Mistake(
                deltas_with(output=output_slope_of_y),
                "At the output layer the activation's derivative was taken at A[-1]. Which of the "
                "lists holds what the activation was given?",
            ),
            "slope of a in the hidden layers": Mistake(
                deltas_with(hidden=hidden_slope_of_a),
                "The output δ is right. In the hidden layers the activation's derivative was taken "
                "at A[l]. Which of the lists holds what the activation was given?",
            ),
            "slope of a everywhere": Mistake(
                deltas_with(output=output_slope_of_y, hidden=hidden_slope_of_a),
                "In every layer the activation's derivative was taken at A. Which of the lists "
                "holds what the activation was given?",
            ),
            "activation of the next layer": Mistake(
                deltas_with(hidden=hidden_slope_of_next_activation),
                "The output δ is right. In hidden layer l you differentiate the activation of "
                "layer l + 1. Which activation made A[l] out of Z[l]?",
            ),
            "z of the next layer": Mistake(
                deltas_with(hidden=hidden_slope_at_next_z),
                "Where all layers have the same size, your hidden δ match a derivative taken at "
                "Z[l + 1]; elsewhere the shapes do not fit. Which z belongs to the δ that you are "
                "computing?",
            ),
            "output activation everywhere": Mistake(
                deltas_with(hidden=hidden_with_output_activation),
                "The output δ is right. In the hidden layers you differentiate the output layer's "
                "activation. Each layer has its own.",
            ),
            "weights of the layer itself": Mistake(
                deltas_with(hidden=hidden_through_own_weights),
                "Where all layers have the same size, your hidden δ match blame that travels "
                "through W[l]; elsewhere the shapes do not fit. Which matrix lies between layer l "
                "and the layer after it?",
            ),
            "W not transposed": Mistake(deltas_with(hidden=hidden_not_turned), NOT_TURNED),
            "always from the output": Mistake(
                deltas_with(hidden=hidden_from_the_output),
                "The layer just before the output is right. The layers before it seem to take "
                "their blame from the output's δ again. Each δ comes from the one right after it.",
            ),
            "stops one layer early": Mistake(
                deltas_with(first=2),
                "The δ of layer 1 is missing, the others are right. Look at where the loop ends: "
                "`range` leaves out its own end.",
            ),
            "one layer too far": Mistake(
                deltas_one_too_far,
                "The δ of all layers are right, but entry 0 is filled as well. Layer 0 is the "
                "input: it has no z. Where should the loop end?",
            ),
            "layers in the wrong order": Mistake(
                deltas_never_turned_round,
                "The numbers are right, but they stand in the wrong order: entry 1 is the δ of the "
                "output layer. You found the layers from back to front.",
            ),
            "no entry 0": Mistake(
                lambda *args: all_deltas(*args)[1:],
                "The list begins with layer 1, so every layer stands one place too early: your "
                "entry 1 is what is expected in entry 2. Entry 0 belongs to the input.",
            ),
            "1/N at every layer": Mistake(
                deltas_with(hidden=hidden_averaged),
                "The output δ is right; the layer before it is 1/N of ours, and with each layer "
                "one more such factor comes in. You average over the examples again and again; "
                "here nothing is averaged.",
            ),
            "mean for sum": Mistake(
                deltas_with(output=lambda y, *rest: output_delta(y, *rest) / y.shape[1]),
                MEAN_FOR_SUM,
            ),
            "wrong sign": Mistake(
                deltas_with(output=lambda *args: -output_delta(*args)), WRONG_SIGN
            ),
            "factor 2": Mistake(
                deltas_with(output=lambda *args: 2 * output_delta(*args)), FACTOR_TWO
            ),
            "in place": Mistake(
                deltas_in_place,
                "The numbers are right, but A[-1] no longer holds the network's output: it was "
                "changed in place. Give the error an array of its own.",
            ),
        },
    ),
    "all_gradients": Answer(
        all_gradients,
        {
            "A of the same layer": Mistake(
                lambda delta, A: (
                    each(lambda d, a: d @ a.T, delta, A),
                    all_gradients(delta, A)[1],
                ),
                "db is right. In dW[l] you multiply the δ of layer l by the A of the same layer. "
                "What does the weight stand between?",
            ),
            "input for every layer": Mistake(
                lambda delta, A: (
                    each(lambda d: d @ A[0].T, delta),
                    all_gradients(delta, A)[1],
                ),
                "db and dW[1] are right. In every later layer you multiply by A[0], the network's "
                "input. What is that layer's own input?",
            ),
            "dW transposed": Mistake(
                lambda delta, A: (
                    each(np.transpose, all_gradients(delta, A)[0]),
                    all_gradients(delta, A)[1],
                ),
                "Each dW[l] is right, but transposed. Its shape should be that of W[l]: one row "
                "for each unit of layer l.",
            ),
            "nothing transposed": Mistake(
                gradients_of_weights(lambda d, a: d @ a),
                "db is right. Where all sizes are equal, your dW is a product in which nothing was "
                "transposed; elsewhere the shapes do not fit. Which shape has dW[l], and which "
                "have the two factors?",
            ),
            "δ transposed": Mistake(
                gradients_of_weights(lambda d, a: d.T @ a),
                "db is right. Where all sizes are equal, your dW is a product in which the δ was "
                "transposed; elsewhere the shapes do not fit. Over what should the product add up?",
            ),
            "entry by entry": Mistake(
                gradients_of_weights(lambda d, a: d * a),
                "db is right. Where all sizes are equal, your dW is a product entry by entry; "
                "elsewhere the shapes do not fit. Every unit of layer l has a weight to *every* "
                "unit of the layer before.",
            ),
            "db summed over the units": Mistake(
                gradients_of_biases(lambda d: d.sum(axis=0, keepdims=True)),
                "dW is right. db[l] is a row with one number per example: you added up the units "
                "of the layer. Along which axis do the examples stand?",
            ),
            "db summed over the units, without a second dimension": Mistake(
                gradients_of_biases(lambda d: d.sum(axis=0)),
                "dW is right. db[l] has the shape (N,), one number per example: you added up the "
                "units of the layer. Along which axis do the examples stand? `keepdims` keeps the "
                "second dimension.",
            ),
            "db not summed": Mistake(
                lambda delta, A: (all_gradients(delta, A)[0], list(delta)),
                "db has N columns, one for each example. The bias is shared by all examples: what "
                "becomes of their contributions?",
            ),
            "db a row of its own shape": Mistake(
                lambda delta, A: (
                    all_gradients(delta, A)[0],
                    each(lambda d: d.sum(axis=1), delta),
                ),
                "The numbers in db are right, but each db[l] has the shape (n,) where (n, 1) is "
                "asked, that of b[l]. `keepdims` keeps the second dimension.",
            ),
            "db summed over units too": Mistake(
                lambda delta, A: (
                    all_gradients(delta, A)[0],
                    each(lambda d: float(np.sum(d)), delta),
                ),
                "There is one number for all biases of a layer. Each unit has a bias of its own; "
                "add over the examples only.",
            ),
            "db averaged": Mistake(
                lambda delta, A: (
                    all_gradients(delta, A)[0],
                    each(lambda d: d.mean(axis=1, keepdims=True), delta),
                ),
                "dW is right. db is 1/N of the expected one: the mean over the examples where the "
                "sum is asked.",
            ),
            "mean for sum": Mistake(
                lambda delta, A: tuple(
                    each(lambda g: g / A[0].shape[1], one) for one in all_gradients(delta, A)
                ),
                MEAN_FOR_SUM,
            ),
            "first example only": Mistake(
                lambda delta, A: all_gradients(
                    each(lambda d: d[:, :1], delta), [a[:, :1] for a in A]
                ),
                "Only the first example counts in your result. The gradients of all examples add "
                "up.",
            ),
            "layers in the wrong order": Mistake(
                lambda delta, A: tuple([None, *one[:0:-1]] for one in all_gradients(delta, A)),
                "The arrays are right, but they stand in the wrong order: entry 1 belongs to the "
                "last layer.",
            ),
            "no entry 0": Mistake(
                lambda delta, A: tuple(one[1:] for one in all_gradients(delta, A)),
                "dW[1] equals what we expect in dW[2]: both lists begin one layer too early. Entry "
                "0 belongs to the input and is None.",
            ),
            "lists exchanged": Mistake(
                lambda delta, A: all_gradients(delta, A)[::-1],
                "Both lists are right, but they come in the wrong order. dW is asked first.",
            ),
            "wrong sign": Mistake(
                lambda delta, A: tuple(each(np.negative, one) for one in all_gradients(delta, A)),
                "Every number has the right size and the opposite sign. These are the gradients "
                "themselves; the minus comes later, in the step.",
            ),
            "wrong sign in dW": Mistake(
                gradients_of_weights(lambda d, a: -d @ a.T),
                "db is right. dW has the right size and the opposite sign. The minus comes later, "
                "in the step.",
            ),
            "wrong sign in db": Mistake(
                gradients_of_biases(lambda d: -d.sum(axis=1, keepdims=True)),
                "dW is right. db has the right size and the opposite sign. The minus comes later, "
                "in the step.",
            ),
        },
    ),
    "update_all": Answer(
        update_all,
        {
            "uphill": Mistake(lambda W, b, dW, db, rate: update_all(W, b, dW, db, -rate), UPHILL),
            "learning rate missing": Mistake(
                lambda W, b, dW, db, rate: update_all(W, b, dW, db, 1.0), NO_LEARNING_RATE
            ),
            "learning rate twice": Mistake(
                lambda W, b, dW, db, rate: update_all(W, b, dW, db, rate**2), LEARNING_RATE_TWICE
            ),
            "biases never move": Mistake(
                lambda W, b, dW, db, rate: (update_all(W, b, dW, db, rate)[0], list(b)),
                "The weights take their step, the biases stay where they were. They learn too.",
            ),
            "weights never move": Mistake(
                lambda W, b, dW, db, rate: (list(W), update_all(W, b, dW, db, rate)[1]),
                "The biases take their step, the weights stay where they were. They learn too.",
            ),
            "biases moved by dW": Mistake(
                lambda W, b, dW, db, rate: (
                    update_all(W, b, dW, db, rate)[0],
                    each(lambda bias, g: bias - rate * g, b, dW),
                ),
                "The weights are right. The biases became matrices: they were moved by dW. Which "
                "list holds their gradients?",
            ),
            "last layer left out": Mistake(
                update_of_layers(lambda l, L: l < L),
                "The last layer is as it was before, all others are right. Look at where the loop "
                "ends: `range` leaves out its own end.",
            ),
            "first layer left out": Mistake(
                update_of_layers(lambda l, L: l > 1),
                "Layer 1 is as it was before, all others are right. With which layer does the loop "
                "begin?",
            ),
            "the steps alone": Mistake(
                lambda W, b, dW, db, rate: tuple(
                    each(lambda g: -rate * g, one) for one in (dW, db)
                ),
                "You return the steps themselves. What is asked is where they lead from the "
                "present weights and biases.",
            ),
            "lists exchanged": Mistake(
                lambda *args: update_all(*args)[::-1],
                "Both lists are right, but they come in the wrong order. The weights come first.",
            ),
            "no entry 0": Mistake(
                lambda *args: tuple(one[1:] for one in update_all(*args)),
                "Both new lists begin with layer 1, so every layer stands one place too early. "
                "Entry 0 belongs to the input and is None.",
            ),
            "in place": Mistake(
                update_in_place,
                "The numbers are right, but the lists that were handed in have changed: `-=` and "
                "`W[l] = …` work in place. Make new lists with new arrays.",
            ),
        },
    ),
    "block_backward": Answer(
        block_backward,
        {
            "W not transposed": Mistake(
                for_matrices(lambda W, x, g: (W @ g, g @ x.T)),
                "For a square W, your dL_dx is that of a W that was not transposed; for others the "
                "shapes do not fit. Each x feeds all entries of y. Along which axis of W do the "
                "weights of one x stand?",
            ),
            "dL_dW transposed": Mistake(
                for_matrices(lambda W, x, g: (W.T @ g, x @ g.T)),
                "dL_dx is right; dL_dW is transposed. It should have the shape of W: as many rows "
                "as y.",
            ),
            "dL_dW sent back": Mistake(
                for_matrices(lambda W, x, g: (g @ x.T, g @ x.T)),
                "For a matrix you return ∂L/∂W in both places. Blame travels back through the "
                "weights themselves: ∂L/∂x has the shape of x.",
            ),
            "dL_dW averaged": Mistake(
                for_matrices(lambda W, x, g: (W.T @ g, g @ x.T / x.shape[1])),
                "dL_dx is right; dL_dW is 1/N of the expected one: the mean over the examples "
                "where the sum is asked.",
            ),
            "dL_dW of the first example": Mistake(
                for_matrices(lambda W, x, g: (W.T @ g, g[:, :1] @ x[:, :1].T)),
                "dL_dx is right; in dL_dW only the first example counts. All examples share W, so "
                "their contributions add up.",
            ),
            "dL_dW from y": Mistake(
                for_matrices(lambda W, x, g: (W.T @ g, g @ (W @ x).T)),
                "dL_dx is right. dL_dW is made with y, the output of the matrix. A weight matters "
                "as much as the signal that came through it: is that y or x?",
            ),
            "W forgotten": Mistake(
                for_matrices(lambda W, x, g: (np.ones_like(W).T @ g, g @ x.T)),
                "dL_dW is right. Your dL_dx does not change with W: every x gets the whole blame. "
                "It answers for what it sent, through its own weights.",
            ),
            "results exchanged": Mistake(
                lambda *args: block_backward(*args)[::-1],
                "Both results are right, but they come in the wrong order. dL_dx is asked first.",
            ),
            "dL_dx alone": Mistake(
                lambda *args: block_backward(*args)[0],
                "You return dL_dx alone. Two results are asked; for a nonlinearity the second is "
                "None.",
            ),
            "slope missing": Mistake(
                for_nonlinearities(lambda name, x, g: g.copy()),
                "Matrices are right. A nonlinearity hands the blame on unchanged in your result. "
                "How much does y move when x moves a little?",
            ),
            "slope alone": Mistake(
                for_nonlinearities(lambda name, x, g: activate_prime(name, x)),
                "Matrices are right. At a nonlinearity you return its derivative alone: changing "
                "dL_dy changes nothing there. What does the chain rule do with the two?",
            ),
            "slope at y": Mistake(
                for_nonlinearities(lambda name, x, g: g * activate_prime(name, activate(name, x))),
                "Matrices are right. The nonlinearity's derivative was taken at its output y. "
                "`activate_prime` takes what the nonlinearity was given.",
            ),
            "value for slope": Mistake(
                for_nonlinearities(lambda name, x, g: g * activate(name, x)),
                "Matrices are right. At a nonlinearity you multiply by its value y. What is asked "
                "is how steep it is at x.",
            ),
            "extra factor x": Mistake(
                for_nonlinearities(lambda name, x, g: g * activate_prime(name, x) * x),
                "Matrices are right. At a nonlinearity your result has an extra factor x. The "
                "prime marks a function that is evaluated at x; x itself is no factor.",
            ),
        },
    ),
    "train_blocks": Answer(
        train_blocks,
        {
            "passed back through the new W": Mistake(
                blocks_with(passes_through_new=True),
                "The last matrix is right. Your dL_dx matches a W that had already taken its step. "
                "Work out what you hand on with the block as it was, and update afterwards.",
            ),
            "not handed on": Mistake(
                blocks_with(hand_on=lambda dL_dx, dL_dy: dL_dy),
                "The last stage is right. Where all sizes are equal, every other stage starts from "
                "the ∂L/∂y that was handed in. What does stage s − 1 get from stage s?",
            ),
            "from front to back": Mistake(
                blocks_with(order=lambda N: range(1, N + 1)),
                "Where all sizes are equal, your numbers are those of a walk from stage 1 to the "
                "last. At which stage is ∂L/∂y known at the beginning?",
            ),
            "stops one stage early": Mistake(
                blocks_with(order=lambda N: range(N, 1, -1)),
                "Stage 1 was never visited. Look at where the loop ends: `range` leaves out its "
                "own end.",
            ),
            "nonlinearities skipped": Mistake(
                blocks_with(one=for_nonlinearities(lambda name, x, g: g)),
                "The matrices hand the blame on as they should; the nonlinearities hand it on "
                "unchanged. They have no W, but they have a ∂L/∂x.",
            ),
            "output as input of nonlinearities": Mistake(
                blocks_with_outputs_as_inputs,
                "Each nonlinearity's derivative is taken at its output. Which entry of `values` is "
                "the input of stage s?",
            ),
            "outputs as inputs": Mistake(
                lambda blocks, values, *rest: train_blocks(blocks, values[1:], *rest),
                "Where all sizes are equal, every stage of yours works with its own output in "
                "place of its input; elsewhere the shapes do not fit. Which entry of `values` is "
                "the input of stage s?",
            ),
            "handed on by matrices only": Mistake(
                blocks_handed_on_by_matrices,
                "What a nonlinearity finds as ∂L/∂x never reaches the stage before it. Look at "
                "where you hand it on: inside an `if` it happens for some blocks only.",
            ),
            "new blocks alone": Mistake(
                lambda *args: train_blocks(*args)[0],
                "You return the new blocks alone, and they are right. Two results are asked: what "
                "leaves stage 1 to the left is the second.",
            ),
            "dL_dx alone": Mistake(
                lambda *args: train_blocks(*args)[1],
                "You return dL_dx alone, and it is right. Two results are asked: the new blocks "
                "come first.",
            ),
            "results exchanged": Mistake(
                lambda *args: train_blocks(*args)[::-1],
                "Both results are right, but they come in the wrong order. The new blocks come "
                "first.",
            ),
            "dL_dy returned": Mistake(
                lambda *args: (train_blocks(*args)[0], args[2]),
                "The new blocks are right. The second result is the dL_dy that was handed in: what "
                "is asked is what leaves stage 1 to the left.",
            ),
            "1/N at every matrix": Mistake(
                blocks_with(
                    step=lambda W, dW, rate: W - rate * dW,
                    one=for_matrices(lambda W, x, g: (W.T @ g, g @ x.T / x.shape[1])),
                ),
                "dL_dx is right; each matrix takes 1/N of the expected step, N the number of "
                "examples. Here gradients are sums over the examples.",
            ),
            "uphill": Mistake(blocks_with(step=lambda W, dW, rate: W + rate * dW), UPHILL),
            "learning rate missing": Mistake(
                blocks_with(step=lambda W, dW, rate: W - dW), NO_LEARNING_RATE
            ),
            "learning rate twice": Mistake(
                blocks_with(step=lambda W, dW, rate: W - rate**2 * dW), LEARNING_RATE_TWICE
            ),
            "gradient for block": Mistake(
                blocks_with(step=lambda W, dW, rate: dW),
                "dL_dx is right. In the new blocks stand the gradients. What is asked is each "
                "matrix after its step.",
            ),
            "never updated": Mistake(
                lambda blocks, values, dL_dy, rate: train_blocks(blocks, values, dL_dy, 0.0),
                "dL_dx is right. The matrices in your new blocks are the old ones: none has taken "
                "its step.",
            ),
            "only the last matrix": Mistake(
                blocks_of_last_matrix,
                "dL_dx and the last matrix are right; the matrices before it have not moved. Every "
                "stage with a matrix takes a step.",
            ),
            "in place": Mistake(
                blocks_in_place,
                "The numbers are right, but the list `blocks` that was handed in has changed. Work "
                "on a new list, with new matrices.",
            ),
        },
    ),
    "network_gradients": Answer(
        network_gradients,
        {
            "slope missing at the output": Mistake(
                gradients_with(backward=deltas_with(output=output_without_slope)),
                "Your gradients are those of an output layer without its activation's slope: the "
                "step from y back to z is missing there.",
            ),
            "slope missing in the hidden layers": Mistake(
                gradients_with(backward=deltas_with(hidden=hidden_without_slope)),
                "The last layer is right. The gradients before it lack the slopes of the hidden "
                "layers' activations.",
            ),
            "slope of a everywhere": Mistake(
                gradients_with(
                    backward=deltas_with(output=output_slope_of_y, hidden=hidden_slope_of_a)
                ),
                "Your gradients match slopes that were taken at A in every layer. Which of the two "
                "lists of the forward pass does `activate_prime` want?",
            ),
            "one activation everywhere": Mistake(
                gradients_with_one_activation,
                "Your gradients are those of a network in which every layer has the activation of "
                "layer 1. Each layer has its own.",
            ),
            "bias forgotten": Mistake(
                gradients_with(
                    forward=lambda W, b, activations, X: forward_pass(
                        W, each(np.zeros_like, b), activations, X
                    )
                ),
                "Your gradients are those of a network whose biases are all 0: b was left out on "
                "the way forward.",
            ),
            "1/N at every layer": Mistake(
                gradients_with(backward=deltas_with(hidden=hidden_averaged)),
                "The last layer is right; the one before it is 1/N of ours. You average over the "
                "examples again at every layer; here nothing is averaged.",
            ),
            "mean for sum": Mistake(
                gradients_with(
                    backward=deltas_with(output=lambda y, *r: output_delta(y, *r) / y.shape[1])
                ),
                MEAN_FOR_SUM,
            ),
            "db not summed": Mistake(
                gradients_with(gradients=lambda d, A: (all_gradients(d, A)[0], list(d))),
                "dW is right; db has N columns, one for each example. All examples share the "
                "biases.",
            ),
            "W not transposed": Mistake(
                gradients_with(backward=deltas_with(hidden=hidden_not_turned)), NOT_TURNED
            ),
            "wrong sign": Mistake(
                gradients_with(backward=deltas_with(output=lambda *args: -output_delta(*args))),
                WRONG_SIGN,
            ),
            "factor 2": Mistake(
                gradients_with(backward=deltas_with(output=lambda *args: 2 * output_delta(*args))),
                FACTOR_TWO,
            ),
            "no entry 0": Mistake(
                lambda *args: tuple(one[1:] for one in network_gradients(*args)),
                "dW[1] equals what we expect in dW[2]: both lists begin one layer too early. Entry "
                "0 belongs to the input and is None.",
            ),
            "Z for the output": Mistake(
                gradients_with(backward=deltas_with(output=output_z_for_y)),
                "Your gradients match an error that compares Z of the last layer with the targets. "
                "In which order does `all_deltas` take the two lists of the forward pass?",
            ),
            "new weights for gradients": Mistake(
                lambda W, b, *rest: update_all(W, b, *network_gradients(W, b, *rest), 1.0),
                "You return weights and biases after a step. What is asked is the gradients alone; "
                "the step comes in the next exercise.",
            ),
            "dW alone": Mistake(
                lambda *args: network_gradients(*args)[0],
                "You return dW alone, and it is right. Two lists are asked: dW and db.",
            ),
            "lists exchanged": Mistake(
                lambda *args: network_gradients(*args)[::-1],
                "Both lists are right, but they come in the wrong order. dW is asked first.",
            ),
            "the deltas for the gradients": Mistake(
                gradients_with(gradients=lambda d, A: d),
                "You return the δ of all layers. One step is missing, from the δ to the gradients "
                "of weights and biases.",
            ),
        },
    ),
    "take_steps": Answer(
        take_steps,
        {
            "updated before the way back is over": Mistake(
                steps_with_early_updates,
                "The last layer's first step is right. The layers before it match a δ that came "
                "through weights which had already been updated. Finish all gradients, then move "
                "all weights.",
            ),
            "gradient of the start": Mistake(
                steps_with_start_gradient,
                "Every step repeats the first one: the gradients are never computed again. At new "
                "weights the network answers differently, and its gradients are others.",
            ),
            "old gradients kept": Mistake(
                steps_with_old_gradients,
                "The first step is right. In the second one the gradients of the first are still "
                "there, added to the new ones. Begin each step with nothing but fresh gradients.",
            ),
            "one step too many": Mistake(
                lambda *args: take_steps(*args[:-1], args[-1] + 1),
                "Your weights have taken one step too many. Count how often the loop runs.",
            ),
            "one step too few": Mistake(
                lambda *args: take_steps(*args[:-1], args[-1] - 1),
                "Your weights have taken one step too few. Count how often the loop runs.",
            ),
            "nothing moves": Mistake(
                lambda W, b, *rest: (W, b),
                "Your weights and biases are those of the start: nothing has moved. `update_all` "
                "returns new lists. What becomes of them in your loop?",
            ),
            "always one step": Mistake(
                lambda *args: take_steps(*args[:-1], 1),
                "Your weights have taken one step, whatever `steps` is. Where does `return` stand, "
                "inside the loop or after it? And if after it: does each round begin with the "
                "weights that the last one left?",
            ),
            "uphill": Mistake(
                lambda *args: take_steps(*args[:-2], -args[-2], args[-1]),
                UPHILL,
            ),
            "mean for sum": Mistake(
                lambda *args: take_steps(*args[:-2], args[-2] / args[4].shape[1], args[-1]),
                "Your steps are 1/N of the expected ones, N the number of examples: they follow "
                "the mean loss. Here the loss is the sum over the examples.",
            ),
            "factor 2": Mistake(
                lambda *args: take_steps(*args[:-2], 2 * args[-2], args[-1]),
                "Your steps are twice as long as they should be. The loss has a ½ in front.",
            ),
            "biases never move": Mistake(
                steps_with(
                    update=lambda W, b, dW, db, rate: (update_all(W, b, dW, db, rate)[0], b)
                ),
                "The weights learn, the biases stay at their start values. They take a step too.",
            ),
            "only the last layer learns": Mistake(
                steps_with(update=update_of_layers(lambda l, L: l == L)),
                "Only the last layer moves; all others keep their start values. Backpropagation "
                "gave you gradients for them too.",
            ),
            "in place": Mistake(
                steps_with(update=update_in_place),
                "The numbers are right, but the weights that were handed in have changed: "
                "somewhere a list or an array is updated in place. Make new ones.",
            ),
        },
    ),
}
