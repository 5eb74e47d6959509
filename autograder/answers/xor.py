"""Answers of assignment 06 and what students get wrong in it."""

import numpy as np

from autograder.answers import Answer, Mistake
from course import network
from course.activations import sigmoid
from course.losses import binary_cross_entropy, squared_error

LAYERS = [None, sigmoid, sigmoid]


def by_layer(theta):
    """θ = (W1, b1, W2, b2) as the lists W and b of course.network."""
    W1, b1, W2, b2 = theta
    return [None, W1, W2], [None, b1, b2]


# --- forward, loss, backward, step (SKKU) ---------------------------------------------------


def xor_forward(theta, X):
    _, A = network.forward(*by_layer(theta), LAYERS, X)
    return A[1], A[2]


def xor_loss(theta, X, T):
    return squared_error.value(xor_forward(theta, X)[1], T)


def xor_gradients(theta, X, T):
    W, b = by_layer(theta)
    Z, A = network.forward(W, b, LAYERS, X)
    dW, db = network.gradients(network.deltas(W, LAYERS, Z, A, T, squared_error), A)
    return dW[1], db[1], dW[2], db[2]


def xor_step(theta, gradients, learning_rate):
    W, b = network.step(*by_layer(theta), *by_layer(gradients), learning_rate)
    return W[1], b[1], W[2], b[2]


def forward_with(
    theta,
    X,
    *,
    hidden=sigmoid.value,
    output=sigmoid.value,
    hidden_bias=1,
    output_bias=1,
):
    """xor_forward with one thing done differently: the mistakes below say which."""
    W1, b1, W2, b2 = theta
    H = hidden(W1 @ X + hidden_bias * b1)
    return H, output(W2 @ H + output_bias * b2)


def overflowing(z):
    """σ written so that large z become inf / inf."""
    return np.exp(z) / (1 + np.exp(z))


def by_the_activation(z, a):
    return a * (1 - a)


def backward_with(
    theta,
    X,
    T,
    *,
    output_slope=by_the_activation,
    slope_sent_back=None,
    hidden_slope=by_the_activation,
    share=1.0,
    hidden_share=1.0,
    over_examples=lambda delta: delta.sum(axis=1, keepdims=True),
):
    """xor_gradients with one thing done differently."""
    W1, b1, W2, b2 = theta
    Z1 = W1 @ X + b1
    H = sigmoid.value(Z1)
    Z2 = W2 @ H + b2
    Y = sigmoid.value(Z2)
    delta2 = share * (Y - T) * output_slope(Z2, Y)
    sent = share * (Y - T) * (slope_sent_back or output_slope)(Z2, Y)
    delta1 = hidden_share * (W2.T @ sent) * hidden_slope(Z1, H)
    return delta1 @ X.T, over_examples(delta1), delta2 @ H.T, over_examples(delta2)


def reordered(*places):
    """xor_gradients with its four arrays in another order."""

    def gradients(theta, X, T):
        right = xor_gradients(theta, X, T)
        return tuple(right[i] for i in places)

    return gradients


def gradients_transposed(theta, X, T):
    dW1, db1, dW2, db2 = xor_gradients(theta, X, T)
    return dW1.T, db1, dW2.T, db2


def step_by(change):
    """xor_step with change(w, dw, learning_rate) for each array."""

    def step(theta, gradients, learning_rate):
        return tuple(change(w, g, learning_rate) for w, g in zip(theta, gradients, strict=True))

    return step


def step_of_some(*moved):
    """xor_step that leaves all arrays but those at the places ``moved`` as they are."""

    def step(theta, gradients, learning_rate):
        new = xor_step(theta, gradients, learning_rate)
        return tuple(new[i] if i in moved else theta[i] for i in range(4))

    return step


def step_in_place(theta, gradients, learning_rate):
    for w, g in zip(theta, gradients, strict=True):
        w -= learning_rate * g
    return theta


# --- the run of the lecture, and its table (SKKU) -------------------------------------------


def train_xor(theta, X, T, learning_rate, steps, keep):
    return train_with(theta, X, T, learning_rate, steps, keep)


def train_with(
    theta,
    X,
    T,
    learning_rate,
    steps,
    keep,
    *,
    step=xor_step,
    gradients=xor_gradients,
    loss=xor_loss,
    late=0,
):
    """train_xor with one thing done differently. late: steps between looking and keeping."""
    losses, path = [], [theta]
    for _ in range(steps + 1):
        losses.append(loss(theta, X, T))
        theta = step(theta, gradients(theta, X, T), learning_rate)
        path.append(theta)
    return np.array(losses), {k: path[k + late] for k in keep}


def layer_after_layer(theta, X, T, learning_rate, steps, keep):
    """The output layer moves before the error is sent back through it."""

    def updated_too_early(theta, X, T):
        W2 = theta[2]
        H, Y = xor_forward(theta, X)
        delta2 = (Y - T) * Y * (1 - Y)
        dW2 = delta2 @ H.T
        delta1 = ((W2 - learning_rate * dW2).T @ delta2) * H * (1 - H)
        return delta1 @ X.T, delta1.sum(axis=1, keepdims=True), dW2, delta2.sum(1, keepdims=True)

    return train_with(theta, X, T, learning_rate, steps, keep, gradients=updated_too_early)


def train_without_last_look(theta, X, T, learning_rate, steps, keep):
    looks = [k for k in keep if k < steps]
    return train_xor(theta, X, T, learning_rate, steps - 1, looks)


def losses_changed(change):
    """train_xor with change(losses)."""

    def train(*args):
        losses, snapshots = train_xor(*args)
        return change(losses), snapshots

    return train


def snapshots_without(left_out):
    """train_xor without the snapshots for which left_out(k, steps)."""

    def train(theta, X, T, learning_rate, steps, keep):
        kept = [k for k in keep if not left_out(k, steps)]
        return train_xor(theta, X, T, learning_rate, steps, kept)

    return train


def train_by_start_gradient(theta, X, T, learning_rate, steps, keep):
    fixed = xor_gradients(theta, X, T)
    run = theta, X, T, learning_rate, steps, keep
    return train_with(*run, gradients=lambda *_: fixed)


def train_in_place(theta, X, T, learning_rate, steps, keep, copied=True):
    losses, snapshots = [], {}
    for k in range(steps + 1):
        if k in keep:
            snapshots[k] = tuple(w.copy() for w in theta) if copied else theta
        losses.append(xor_loss(theta, X, T))
        if k < steps:
            step_in_place(theta, xor_gradients(theta, X, T), learning_rate)
    return np.array(losses), snapshots


# --- start weights (Classical, step 0) ------------------------------------------------------


def random_start(inputs, hidden, outputs, draw):
    return draw(hidden, inputs), draw(hidden, 1), draw(outputs, hidden), draw(outputs, 1)


def start_changed(change):
    """random_start with change(theta)."""

    def start(inputs, hidden, outputs, draw):
        return change(random_start(inputs, hidden, outputs, draw))

    return start


def one_number(inputs, hidden, outputs, draw):
    start = random_start(inputs, hidden, outputs, draw)
    return tuple(np.full(w.shape, draw(1, 1)[0, 0]) for w in start)


def equal_rows(inputs, hidden, outputs, draw):
    _, *rest = random_start(inputs, hidden, outputs, draw)
    return np.repeat(draw(1, inputs), hidden, axis=0), *rest


def equal_columns(inputs, hidden, outputs, draw):
    _, *rest = random_start(inputs, hidden, outputs, draw)
    return np.repeat(draw(hidden, 1), inputs, axis=1), *rest


# --- which starts get stuck (Classical) -----------------------------------------------------


def wrong_answers(Y, T):
    """True where an output lies on the wrong side of ½."""
    return (Y > 0.5) != (T > 0.5)


def stuck_starts(Y, T):
    return np.flatnonzero(wrong_answers(Y, T).any(axis=1))


# --- the training loop (Classical) ----------------------------------------------------------


def random_batch(X, T, size, seed):
    columns = drawn(X, size, seed)
    return X[:, columns], T[:, columns]


def drawn(X, size, seed, **options):
    """Column numbers as random_batch draws them; options of rng.choice."""
    options = {"replace": False} | options
    return np.random.default_rng(seed).choice(X.shape[1], size, **options)


def batch_of(columns_of):
    """random_batch with columns_of(X, size, seed)."""

    def batch(X, T, size, seed):
        columns = columns_of(X, size, seed)
        return X[:, columns], T[:, columns]

    return batch


def drawn_twice(X, T, size, seed):
    rng, N = np.random.default_rng(seed), X.shape[1]
    x_columns, t_columns = (rng.choice(N, size, replace=False) for _ in range(2))
    return X[:, x_columns], T[:, t_columns]


def train_until(theta, batch, loss, gradients, update, threshold, max_rounds):
    return loop_with(theta, batch, loss, gradients, update, threshold, max_rounds)


def loop_with(
    theta,
    batch,
    loss,
    gradients,
    update,
    threshold,
    max_rounds,
    *,
    below=lambda loss, threshold: loss < threshold,
    keeps_last=True,
    updates_last=False,
    loss_first=True,
    stored=True,
):
    """train_until with one thing done differently."""
    losses = []
    for k in range(max_rounds):
        X, T = batch(k)
        at = loss(theta, X, T)
        new = update(theta, gradients(theta, X, T))
        if not loss_first:
            at = loss(new, X, T)
        stop = below(at, threshold)
        if keeps_last or not stop:
            losses.append(at)
        if stored and (updates_last or not stop or not loss_first):
            theta = new
        if stop:
            break
    return theta, losses


def loop_of_one_batch(theta, batch, *rest):
    fixed = batch(0)
    return loop_with(theta, lambda k: fixed, *rest)


def loop_of_one_loss(theta, batch, loss, *rest):
    fixed = loss(theta, *batch(0))
    return loop_with(theta, batch, lambda *_: fixed, *rest)


def loop_of_start_gradients(theta, batch, loss, gradients, *rest):
    fixed = gradients(theta, *batch(0))
    return loop_with(theta, batch, loss, lambda *_: fixed, *rest)


def loop_of_two_batches(theta, batch, loss, gradients, update, threshold, max_rounds):
    losses = []
    for k in range(max_rounds):
        losses.append(loss(theta, *batch(k)))
        if losses[-1] < threshold:
            break
        theta = update(theta, gradients(theta, *batch(k + 1)))
    return theta, losses


def rounds_changed(by):
    """train_until with another number of rounds at most."""
    return lambda *args: train_until(*args[:-1], args[-1] + by)


# --- messages that several exercises share --------------------------------------------------

WRONG_SIGN = (
    "Every number has the right size and the opposite sign: a step with these would raise the "
    "loss. Look at the order of Y and T."
)
UPHILL = (
    "Your weights go the right distance in the opposite direction, and the loss rises. Against "
    "which sign of the gradient does it fall?"
)
NO_LEARNING_RATE = (
    "Your result does not depend on the learning rate: each step has the length of the whole "
    "gradient. Where should it act?"
)
LEARNING_RATE_TWICE = (
    "Your steps carry one factor of the learning rate too many: it seems to be multiplied in "
    "twice. Look for a second place where it acts."
)
BIASES_STAY = (
    "The weights move as they should, the biases keep their old values. They take the same kind "
    "of step as the weights."
)
HIDDEN_STAYS = (
    "Only the output layer has moved: W1 and b1 are as before. The hidden layer has gradients too."
)
IN_PLACE = (
    "The numbers are right, but the arrays of `theta` that were handed in have changed: `-=` "
    "works in place. Make new arrays for the new weights."
)

ANSWERS = {
    "xor_forward": Answer(
        xor_forward,
        {
            "hidden bias forgotten": Mistake(
                lambda theta, X: forward_with(theta, X, hidden_bias=0),
                "Changing b1 changes nothing in your result. Add it before σ.",
            ),
            "output bias forgotten": Mistake(
                lambda theta, X: forward_with(theta, X, output_bias=0),
                "Your hidden activations are right. Changing b2 changes nothing in your outputs: "
                "the second layer has a bias too.",
            ),
            "both biases forgotten": Mistake(
                lambda theta, X: forward_with(theta, X, hidden_bias=0, output_bias=0),
                "Changing b1 or b2 changes nothing in your result: the biases are left out. Both "
                "layers have one.",
            ),
            "no activation in the hidden layer": Mistake(
                lambda theta, X: forward_with(theta, X, hidden=lambda z: z),
                "Your hidden units hand on z itself; σ is missing there. Without it two layers "
                "can do no more than one.",
            ),
            "no activation in the output layer": Mistake(
                lambda theta, X: forward_with(theta, X, output=lambda z: z),
                "Your hidden activations are right, but the outputs are weighted sums, with no σ "
                "around them. Look whether they stay between 0 and 1.",
            ),
            "activation twice at the output": Mistake(
                lambda theta, X: forward_with(
                    theta, X, output=lambda z: sigmoid.value(sigmoid.value(z))
                ),
                "Your hidden activations are right; to the outputs σ was applied twice. Count "
                "the σ on the way through the second layer.",
            ),
            "sign of the exponent": Mistake(
                lambda theta, X: forward_with(
                    theta, X, hidden=lambda z: sigmoid.value(-z), output=lambda z: sigmoid.value(-z)
                ),
                "Your σ falls where it should rise: a large z gives nearly 0. Check the sign in "
                "the exponent.",
            ),
            "tanh": Mistake(
                lambda theta, X: forward_with(theta, X, hidden=np.tanh, output=np.tanh),
                "Your activations are those of tanh, which lies between −1 and 1. Here σ is "
                "asked, between 0 and 1.",
            ),
            "order exchanged": Mistake(
                lambda theta, X: xor_forward(theta, X)[::-1],
                "Both arrays are right, but the outputs come first. Return the hidden "
                "activations first.",
            ),
            "outputs only": Mistake(
                lambda theta, X: xor_forward(theta, X)[1],
                "You return the outputs alone. The backward pass will need the hidden "
                "activations too: return both.",
            ),
            "overflow": Mistake(
                lambda theta, X: forward_with(theta, X, hidden=overflowing, output=overflowing),
                "Right for ordinary z, but near z = 1000 you return nan: infinity divided by "
                "infinity. Use the form of σ in which the exponential stands in the denominator "
                "only.",
            ),
        },
    ),
    "xor_loss": Answer(
        xor_loss,
        {
            "mean over examples": Mistake(
                lambda theta, X, T: xor_loss(theta, X, T) / X.shape[1],
                "Your loss is the right one divided by N, the number of examples. Here the sum "
                "over the examples is asked.",
            ),
            "mean over all entries": Mistake(
                lambda theta, X, T: xor_loss(theta, X, T) / T.size,
                "Your loss is the right one divided by the number of entries of Y. Add up, do "
                "not average.",
            ),
            "mean of the squares": Mistake(
                lambda theta, X, T: np.mean((xor_forward(theta, X)[1] - T) ** 2),
                "You return the mean of the squared errors, without the ½. Look once more at the "
                "formula: what stands in front, and is anything divided by a number of entries?",
            ),
            "half missing": Mistake(
                lambda theta, X, T: 2 * xor_loss(theta, X, T),
                "Your loss is twice the right one. Look at the factor in front of the sum.",
            ),
            "sum before square": Mistake(
                lambda theta, X, T: np.sum(xor_forward(theta, X)[1] - T) ** 2 / 2,
                "You add up first and square afterwards, so that errors of opposite sign cancel. "
                "Change the order of the two.",
            ),
            "absolute value for square": Mistake(
                lambda theta, X, T: np.sum(np.abs(xor_forward(theta, X)[1] - T)) / 2,
                "You add up the sizes of the errors. Each of them should be squared first.",
            ),
            "not summed over examples": Mistake(
                lambda theta, X, T: np.sum((xor_forward(theta, X)[1] - T) ** 2, axis=0) / 2,
                "You return one number per example. The loss is one number for all of them: look "
                "at the `axis` of your sum.",
            ),
            "not summed": Mistake(
                lambda theta, X, T: (xor_forward(theta, X)[1] - T) ** 2 / 2,
                "You return one number for each output and example. Add them all up.",
            ),
            "root taken": Mistake(
                lambda theta, X, T: np.sqrt(2 * xor_loss(theta, X, T)),
                "Your result is the length of the array of errors: a root was taken. This loss "
                "has none.",
            ),
            "weighted sums for outputs": Mistake(
                lambda theta, X, T: (
                    np.sum((forward_with(theta, X, output=lambda z: z)[1] - T) ** 2) / 2
                ),
                "Your loss compares the targets with z of the output layer. Compare them with "
                "the outputs, after σ.",
            ),
            "cross-entropy": Mistake(
                lambda theta, X, T: binary_cross_entropy.value(xor_forward(theta, X)[1], T),
                "Your number is the cross-entropy. Here the squared error is asked.",
            ),
        },
    ),
    "xor_gradients": Answer(
        xor_gradients,
        {
            "wrong sign": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, share=-1), WRONG_SIGN
            ),
            "mean for sum": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, share=1 / X.shape[1]),
                "All your gradients are the right ones divided by N, the number of examples. The "
                "loss here is a sum over the examples.",
            ),
            "mean in every layer": Mistake(
                lambda theta, X, T: backward_with(
                    theta, X, T, share=1 / X.shape[1], hidden_share=1 / X.shape[1]
                ),
                "Your gradients of the output layer are 1/N of ours, those of the hidden layer "
                "1/N². You divide by the number of examples in each layer; here it is not asked "
                "at all.",
            ),
            "factor 2": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, share=2),
                "All your gradients are twice the right ones. The loss has a ½ in front of the "
                "square: what does it do to the derivative?",
            ),
            "output derivative missing": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, output_slope=lambda z, a: 1.0),
                "Your δ of the output layer equals y − t. The step from y back to z, through σ, "
                "is missing. (With cross-entropy it would be right, but this is the squared "
                "error.)",
            ),
            "output derivative missing on the way back": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, slope_sent_back=lambda z, a: 1.0),
                "The gradients of the output layer are right. Those of the hidden layer match an "
                "error y − t sent back without the output's σ′. Send back the δ that you have.",
            ),
            "hidden derivative missing": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, hidden_slope=lambda z, a: 1.0),
                "The gradients of the output layer are right. In the hidden layer the step from "
                "h back to z, through σ, is missing.",
            ),
            "derivative taken at a": Mistake(
                lambda theta, X, T: backward_with(
                    theta,
                    X,
                    T,
                    output_slope=lambda z, a: sigmoid.derivative(a),
                    hidden_slope=lambda z, a: sigmoid.derivative(a),
                ),
                "Your numbers match σ′ evaluated at the activations, as if σ had been applied "
                "twice. Is the argument of your derivative z or a?",
            ),
            "z for a in the derivative": Mistake(
                lambda theta, X, T: backward_with(
                    theta,
                    X,
                    T,
                    output_slope=lambda z, a: z * (1 - z),
                    hidden_slope=lambda z, a: z * (1 - z),
                ),
                "Your numbers match z (1 − z), which is not a derivative of anything here. Which "
                "of z and a does that form of σ′ want?",
            ),
            "biases averaged": Mistake(
                lambda theta, X, T: backward_with(
                    theta, X, T, over_examples=lambda delta: delta.mean(axis=1, keepdims=True)
                ),
                "The weight gradients are right. The bias gradients are 1/N of the right ones: "
                "averaged over the examples instead of summed.",
            ),
            "biases not summed over examples": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, over_examples=lambda delta: delta),
                "The weight gradients are right. Your bias gradients have a column for each "
                "example, but one bias serves all examples.",
            ),
            "biases summed over units too": Mistake(
                lambda theta, X, T: backward_with(theta, X, T, over_examples=np.sum),
                "The weight gradients are right. Your bias gradient is one number for the whole "
                "layer, but each unit has its own bias.",
            ),
            "bias gradients without their column": Mistake(
                lambda theta, X, T: backward_with(
                    theta, X, T, over_examples=lambda delta: delta.sum(axis=1)
                ),
                "All numbers are right, but your bias gradients have shape (n,) instead of "
                "(n, 1). b − η ∂L/∂b would be stretched into a table: keep the dimension when "
                "you sum.",
            ),
            "weight gradients transposed": Mistake(
                gradients_transposed,
                "Your bias gradients are right. Those of the weights hold the right numbers with "
                "rows and columns exchanged: which of the two factors comes first?",
            ),
            "output layer first": Mistake(
                reordered(2, 3, 0, 1),
                "The four arrays are right, but the output layer comes first. Return them in the "
                "order of `theta`.",
            ),
            "weights before biases": Mistake(
                reordered(0, 2, 1, 3),
                "The four arrays are right, but both weights come before both biases. Return "
                "them in the order of `theta`.",
            ),
        },
    ),
    "xor_step": Answer(
        xor_step,
        {
            "uphill": Mistake(step_by(lambda w, g, rate: w + rate * g), UPHILL),
            "learning rate missing": Mistake(step_by(lambda w, g, rate: w - g), NO_LEARNING_RATE),
            "learning rate twice": Mistake(
                step_by(lambda w, g, rate: w - rate**2 * g), LEARNING_RATE_TWICE
            ),
            "divided by the learning rate": Mistake(
                step_by(lambda w, g, rate: w - g / rate),
                "A smaller learning rate makes your step longer: you divide by it.",
            ),
            "the step alone": Mistake(
                step_by(lambda w, g, rate: -rate * g),
                "You return the steps alone. The new weights are where the steps lead from the "
                "old ones.",
            ),
            "w scaled too": Mistake(
                step_by(lambda w, g, rate: rate * (w - g)),
                "The learning rate multiplies the weights as well. It belongs to the gradient "
                "only: check your parentheses.",
            ),
            "biases stay": Mistake(step_of_some(0, 2), BIASES_STAY),
            "hidden layer stays": Mistake(step_of_some(2, 3), HIDDEN_STAYS),
            "output layer stays": Mistake(
                step_of_some(0, 1),
                "Only the hidden layer has moved: W2 and b2 are as before. All four arrays take "
                "a step.",
            ),
            "in place": Mistake(step_in_place, IN_PLACE),
        },
    ),
    "train_xor": Answer(
        train_xor,
        {
            "uphill": Mistake(
                lambda *args: train_with(*args, step=lambda w, g, rate: xor_step(w, g, -rate)),
                UPHILL,
            ),
            "learning rate missing": Mistake(
                lambda *args: train_with(*args, step=lambda w, g, rate: xor_step(w, g, 1.0)),
                NO_LEARNING_RATE,
            ),
            "learning rate twice": Mistake(
                lambda *args: train_with(*args, step=lambda w, g, rate: xor_step(w, g, rate**2)),
                LEARNING_RATE_TWICE,
            ),
            "mean for sum": Mistake(
                lambda *args: train_with(
                    *args,
                    step=lambda w, g, rate: xor_step(w, g, rate / args[1].shape[1]),
                ),
                "Your steps are shorter by a factor N, the number of examples: the gradients "
                "seem to be averaged over the examples. Here they are summed.",
            ),
            "start loss missing": Mistake(
                losses_changed(lambda losses: losses[1:]),
                "Your list of losses begins after the first step. Look at θ first, then take the "
                "step.",
            ),
            "last loss missing": Mistake(
                train_without_last_look,
                "Your list of losses ends before the last step has been taken. There are steps + "
                "1 moments to look at the loss.",
            ),
            "one loss too many": Mistake(
                lambda theta, X, T, rate, steps, keep: train_xor(
                    theta, X, T, rate, steps + 1, keep
                ),
                "Your list of losses is longer than it should be, by one further step. Count "
                "the steps taken before the last look.",
            ),
            "loss never recomputed": Mistake(
                losses_changed(lambda losses: np.full_like(losses, losses[0])),
                "All your losses are equal to the first one. Compute the loss inside the loop, "
                "from the weights of that moment.",
            ),
            "step not stored": Mistake(
                lambda *args: train_with(*args, step=lambda theta, *_: theta),
                "All your losses are equal to the first one, and all snapshots to the start, as if "
                "the weights never moved. Does the new theta reach the next round?",
            ),
            "start snapshot missing": Mistake(
                snapshots_without(lambda k, steps: k == 0),
                "The losses are right, but the start is missing in your snapshots. Look at θ "
                "before the first step, too.",
            ),
            "last snapshot missing": Mistake(
                snapshots_without(lambda k, steps: k == steps),
                "The losses are right, but the weights after the last step are missing in your "
                "snapshots. Count how many moments there are to look at.",
            ),
            "losses averaged": Mistake(
                lambda theta, X, *rest: train_with(
                    theta, X, *rest, loss=lambda *args: xor_loss(*args) / X.shape[1]
                ),
                "Your losses are 1/N of the right ones, N the number of examples; the steps are "
                "as they should be. The loss is the sum over the examples.",
            ),
            "gradients of the start": Mistake(
                train_by_start_gradient,
                "All your steps are equal: the gradients were computed once, at the start. They "
                "change with the weights.",
            ),
            "updated before the backward pass is over": Mistake(
                layer_after_layer,
                "Your hidden layer's gradients match the *updated* W2: the output layer has "
                "moved before the error was sent back through it. Finish all gradients first.",
            ),
            "biases stay": Mistake(
                lambda *args: train_with(*args, step=step_of_some(0, 2)), BIASES_STAY
            ),
            "hidden layer stays": Mistake(
                lambda *args: train_with(*args, step=step_of_some(2, 3)), HIDDEN_STAYS
            ),
            "snapshots a step late": Mistake(
                lambda *args: train_with(*args, late=1),
                "The losses are right. Your snapshots hold the weights one step later than "
                "asked: keep them before the step of that round.",
            ),
            "in place": Mistake(train_in_place, IN_PLACE),
            "snapshots all alike": Mistake(
                lambda *args: train_in_place(*args, copied=False),
                "All your snapshots hold the last weights: the same arrays were kept each time "
                "and then changed in place. Make new arrays in each step.",
            ),
        },
    ),
    "random_start": Answer(
        random_start,
        {
            "hidden units all alike": Mistake(
                equal_rows,
                "All rows of your W1 are equal, so all hidden units look at the inputs with the "
                "same weights. Draw a number for every single weight.",
            ),
            "weights of a unit all alike": Mistake(
                equal_columns,
                "Within each row of your W1 all weights are equal. Draw a number for every "
                "single weight.",
            ),
            "one number everywhere": Mistake(
                one_number,
                "All weights and biases are the same number, so the hidden units are twins and "
                "will stay twins. Draw a number for every single one.",
            ),
            "rows and columns exchanged": Mistake(
                lambda inputs, hidden, outputs, draw: (
                    draw(inputs, hidden),
                    draw(hidden, 1),
                    draw(hidden, outputs),
                    draw(outputs, 1),
                ),
                "Your W1 and W2 have their rows and columns exchanged. In this course a row "
                "belongs to the unit that the weights lead to.",
            ),
            "drawn in the other shape and transposed": Mistake(
                lambda inputs, hidden, outputs, draw: (
                    draw(inputs, hidden).T,
                    draw(hidden, 1),
                    draw(hidden, outputs).T,
                    draw(outputs, 1),
                ),
                "The shapes are right, but W1 and W2 were drawn in another shape and then "
                "transposed. That is random enough, but to be checked it has to be one call of "
                "`draw` in the final shape.",
            ),
            "biases as rows": Mistake(
                lambda inputs, hidden, outputs, draw: (
                    draw(hidden, inputs),
                    draw(1, hidden),
                    draw(outputs, hidden),
                    draw(1, outputs),
                ),
                "Your biases are rows. One bias per unit, and units are rows: each b has one "
                "column.",
            ),
            "biases without their column": Mistake(
                start_changed(lambda t: (t[0], t[1].ravel(), t[2], t[3].ravel())),
                "Your biases have shape (n,). Added to an array of shape (n, N), they would meet "
                "the wrong axis: keep them as one column.",
            ),
            "one bias per layer": Mistake(
                lambda inputs, hidden, outputs, draw: (
                    draw(hidden, inputs),
                    draw(1, 1),
                    draw(outputs, hidden),
                    draw(1, 1),
                ),
                "Each of your layers has a single bias. Every unit has its own.",
            ),
            "no biases": Mistake(
                start_changed(lambda t: (t[0], t[2])),
                "You return two arrays, the weights. The biases are missing.",
            ),
            "weights before biases": Mistake(
                start_changed(lambda t: (t[0], t[2], t[1], t[3])),
                "The four arrays are right, but both weights come before both biases. Return "
                "them layer by layer.",
            ),
            "hidden and outputs exchanged": Mistake(
                lambda inputs, hidden, outputs, draw: random_start(inputs, outputs, hidden, draw),
                "Your network has as many hidden units as there should be outputs, and the other "
                "way round. Check the two numbers.",
            ),
        },
    ),
    "stuck_starts": Answer(
        stuck_starts,
        {
            "the solved ones": Mistake(
                lambda Y, T: np.flatnonzero(~wrong_answers(Y, T).any(axis=1)),
                "You return the starts that have solved their task. The other ones are asked.",
            ),
            "all wrong for any wrong": Mistake(
                lambda Y, T: np.flatnonzero(wrong_answers(Y, T).all(axis=1)),
                "You find only the starts whose answers are all wrong. One wrong answer is "
                "enough to be stuck.",
            ),
            "sides exchanged": Mistake(
                lambda Y, T: np.flatnonzero(((Y < 0.5) != (T > 0.5)).any(axis=1)),
                "You find the starts with at least one *right* answer. Which answer belongs to an "
                "output of 0.9, and which to a target of 1?",
            ),
            "inputs for starts": Mistake(
                lambda Y, T: np.flatnonzero(wrong_answers(Y, T).any(axis=0)),
                "Your numbers are columns: the inputs that some start gets wrong. Ask row by "
                "row instead.",
            ),
            "one for each wrong answer": Mistake(
                lambda Y, T: np.nonzero(wrong_answers(Y, T))[0],
                "Starts with several wrong answers stand in your list several times. First find "
                "out, for each row, whether any answer is wrong.",
            ),
            "numbered from 1": Mistake(
                lambda Y, T: stuck_starts(Y, T) + 1,
                "Your row numbers are all too large by one. Rows are numbered from 0.",
            ),
            "how many": Mistake(
                lambda Y, T: len(stuck_starts(Y, T)),
                "You return how many starts are stuck. Here the question is which.",
            ),
            "wrong answers of each start": Mistake(
                lambda Y, T: wrong_answers(Y, T).sum(axis=1),
                "You return the number of wrong answers for every start. Return the row numbers "
                "of those that have any.",
            ),
            "tuple of np.where": Mistake(
                lambda Y, T: np.nonzero(wrong_answers(Y, T).any(axis=1)),
                "The numbers are right, but they are wrapped in a tuple: that is how `np.where` "
                "and `np.nonzero` return them. Take them out.",
            ),
            "every start": Mistake(
                lambda Y, T: np.flatnonzero((Y != T).any(axis=1)),
                "You return every start, also those whose answers are all right. No output is "
                "exactly 0 or 1: are outputs turned into answers before they are compared?",
            ),
        },
    ),
    "random_batch": Answer(
        random_batch,
        {
            "inputs without their targets": Mistake(
                lambda X, T, size, seed: (X[:, drawn(X, size, seed)], T[:, :size]),
                "X_batch is right, but T_batch holds the first columns of T: inputs are paired "
                "with the targets of others. Use the same columns for both.",
            ),
            "targets without their inputs": Mistake(
                lambda X, T, size, seed: (X[:, :size], T[:, drawn(X, size, seed)]),
                "T_batch is right, but X_batch holds the first columns of X: targets are paired "
                "with the inputs of others. Use the same columns for both.",
            ),
            "drawn twice": Mistake(
                drawn_twice,
                "X_batch is right. For T_batch the columns were drawn anew, so that inputs meet "
                "the targets of others. Draw once, keep the numbers in a variable.",
            ),
            "the first columns": Mistake(
                lambda X, T, size, seed: (X[:, :size], T[:, :size]),
                "Your batch holds the first columns. Every call would return the same examples: "
                "use the random column numbers.",
            ),
            "with repetition": Mistake(
                batch_of(lambda X, size, seed: drawn(X, size, seed, replace=True)),
                "Your columns were drawn with repetition, so that an example can come twice. "
                "Look at the last argument of `rng.choice`.",
            ),
            "columns in ascending order": Mistake(
                batch_of(lambda X, size, seed: np.sort(drawn(X, size, seed))),
                "These are the right examples in ascending order of their columns. Keep the "
                "order in which they were drawn.",
            ),
            "another way of drawing": Mistake(
                batch_of(
                    lambda X, size, seed: np.random.default_rng(seed).permutation(X.shape[1])[:size]
                ),
                "Your batch is random, but it was drawn with `rng.permutation`. To be checked it "
                "has to be drawn with `rng.choice`, as the text says.",
            ),
            "number of features for number of examples": Mistake(
                batch_of(
                    lambda X, size, seed: np.random.default_rng(seed).choice(
                        len(X), size, replace=False
                    )
                ),
                "Your columns were drawn from as many as X has rows. `len(X)` counts rows; "
                "examples are columns.",
            ),
            "one example only": Mistake(
                lambda X, T, size, seed: tuple(
                    part[:, drawn(X, size, seed)[:1]] for part in (X, T)
                ),
                "Your batch has one example, the first that was drawn. Use all the column numbers.",
            ),
            "examples as rows": Mistake(
                lambda X, T, size, seed: tuple(part.T for part in random_batch(X, T, size, seed)),
                "Your batch is transposed: its examples are rows. In this course they are "
                "columns, in a batch too.",
            ),
        },
    ),
    "train_until": Answer(
        train_until,
        {
            "one batch for all rounds": Mistake(
                loop_of_one_batch,
                "Every round uses the batch of round 0. Ask for a new batch inside the loop.",
            ),
            "loss never recomputed": Mistake(
                loop_of_one_loss,
                "All your losses are equal to the first one: it was computed once, before the "
                "loop. Compute it in every round.",
            ),
            "gradients of the start": Mistake(
                loop_of_start_gradients,
                "Every round uses the gradients of the start. Compute them in every round, from "
                "its weights and its batch.",
            ),
            "threshold inverted": Mistake(
                lambda *args: loop_with(*args, below=lambda loss, threshold: loss > threshold),
                "Your loop stops while the loss is still *above* the threshold. Look at the "
                "direction of the comparison.",
            ),
            "never stops early": Mistake(
                lambda *args: loop_with(*args, below=lambda *_: False),
                "Your loop takes all its rounds although the loss has fallen below the "
                "threshold. Compare the two inside the loop.",
            ),
            "updated after the last loss": Mistake(
                lambda *args: loop_with(*args, updates_last=True),
                "The losses are right, but your weights have moved once more after the loss was "
                "below the threshold. Compare before you update.",
            ),
            "update not stored": Mistake(
                lambda *args: loop_with(*args, stored=False),
                "Your weights are those of the start in every round. `update` returns new "
                "weights: what happens to its result?",
            ),
            "last loss missing": Mistake(
                lambda *args: loop_with(*args, keeps_last=False),
                "The loss that ended the loop is missing in your list. Keep it before you compare.",
            ),
            "loss after the update": Mistake(
                lambda *args: loop_with(*args, loss_first=False),
                "Your losses are those after the update of the round. Compute the loss first, "
                "with the weights that the round began with.",
            ),
            "loss and gradients of two batches": Mistake(
                loop_of_two_batches,
                "The loss is that of batch k, but the gradients are those of batch k + 1. Take "
                "the batch once per round and use it for both.",
            ),
            "rounds from 1": Mistake(
                lambda theta, batch, *rest: train_until(theta, lambda k: batch(k + 1), *rest),
                "Your first round uses batch 1. The rounds are counted from 0.",
            ),
            "one round too many": Mistake(
                rounds_changed(1),
                "Where the threshold is not reached, you do one round too many. Count how often "
                "the loop runs.",
            ),
            "one round too few": Mistake(
                rounds_changed(-1),
                "Where the threshold is not reached, you do one round too few. Count how often "
                "the loop runs.",
            ),
            "rounds not limited": Mistake(
                lambda *args: train_until(*args[:-1], 3000),
                "Your loop goes on until the threshold is reached, however long that takes. After "
                "`max_rounds` rounds it has to end in any case.",
            ),
            "losses only": Mistake(
                lambda *args: train_until(*args)[1],
                "You return the losses alone. The trained weights are what we came for: return "
                "both.",
            ),
            "order exchanged": Mistake(
                lambda *args: train_until(*args)[::-1],
                "Both results are right, but the losses come first. Return the weights first.",
            ),
        },
    ),
}
