"""Answers of assignment 07 and what students get wrong in it."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from autograder.answers import Answer, Mistake
from course import descent

# --- how many are right ---------------------------------------------------------------------


def accuracy(Y, labels):
    return np.mean(np.argmax(Y, axis=0) == labels)


# --- one point at a time, and mini-batches (Princeton) --------------------------------------


def in_this(order):
    """What course.descent asks of a random generator, with the order already drawn."""
    return SimpleNamespace(permutation=lambda N: order)


def sgd_epoch(gradient, theta, X, T, learning_rate, order):
    return descent.sgd(gradient, theta, X, T, learning_rate, 1, in_this(order))[-1]


def visit(
    gradient,
    theta,
    X,
    T,
    learning_rate,
    order,
    *,
    change=lambda g, learning_rate: -learning_rate * g,
    columns=lambda n, k: ([n], [n]),
    at=lambda theta, start: theta,
):
    """sgd_epoch with one thing done differently: the mistakes below say which."""
    start = theta
    for k, n in enumerate(order):
        of_x, of_t = columns(n, k)
        g = gradient(at(theta, start), X[:, of_x], T[:, of_t])
        theta = theta + change(g, learning_rate)
    return theta


def visit_with(**different):
    return lambda *args: visit(*args, **different)


def visit_in_place(gradient, theta, X, T, learning_rate, order):
    for n in order:
        theta -= learning_rate * gradient(theta, X[:, [n]], T[:, [n]])
    return theta


def visit_all(gradient, theta, X, T, learning_rate, order):
    return visit(gradient, theta, X, T, learning_rate, range(X.shape[1]))


def visit_the_first_only(gradient, theta, X, T, learning_rate, order):
    return visit(gradient, theta, X, T, learning_rate, order[:1])


def visit_all_but_the_last(gradient, theta, X, T, learning_rate, order):
    return visit(gradient, theta, X, T, learning_rate, order[:-1])


def whole_each_time(gradient, theta, X, T, learning_rate, order):
    return visit(gradient, theta, X, T, learning_rate, order, columns=lambda n, k: (order, order))


def shuffled_batches(X, T, batch_size, order):
    return list(descent.minibatches(X, T, batch_size, in_this(order)))


def cut(X, T, order, starts, batch_size):
    pieces = [order[start : start + batch_size] for start in starts]
    return [(X[:, piece], T[:, piece]) for piece in pieces]


def batches_in_pieces(X, T, pieces):
    return [(X[:, piece], T[:, piece]) for piece in pieces]


def full_batches_only(X, T, batch_size, order):
    return cut(X, T, order, range(0, len(order) - batch_size + 1, batch_size), batch_size)


def batches_one_apart(X, T, batch_size, order):
    return cut(X, T, order, range(len(order)), batch_size)


def batches_of_equal_size(X, T, batch_size, order):
    return batches_in_pieces(X, T, np.array_split(order, -(-len(order) // batch_size)))


def last_batch_filled_up(X, T, batch_size, order):
    short = -len(order) % batch_size
    return shuffled_batches(X, T, batch_size, np.concatenate([order, order[:short]]))


def shuffle_in_place(X, T, batch_size, order):
    X[:], T[:] = X[:, order], T[:, order]
    return shuffled_batches(X, T, batch_size, np.arange(len(order)))


def minibatch_epoch(gradient, step, theta, X, T, batch_size, order):
    for X_batch, T_batch in shuffled_batches(X, T, batch_size, order):
        theta = step(theta, gradient(theta, X_batch, T_batch) / X_batch.shape[1])
    return theta


def epoch_with(*, batches=shuffled_batches, mean=lambda total, b, batch_size, N: total / b):
    """minibatch_epoch with one thing done differently."""

    def epoch(gradient, step, theta, X, T, batch_size, order):
        for X_batch, T_batch in batches(X, T, batch_size, order):
            total, b = gradient(theta, X_batch, T_batch), X_batch.shape[1]
            theta = step(theta, mean(total, b, batch_size, X.shape[1]))
        return theta

    return epoch


def epoch_with_gradients_of_the_start(gradient, step, theta, X, T, batch_size, order):
    start = theta
    for X_batch, T_batch in shuffled_batches(X, T, batch_size, order):
        theta = step(theta, gradient(start, X_batch, T_batch) / X_batch.shape[1])
    return theta


def epoch_from_the_start(gradient, step, theta, X, T, batch_size, order):
    for X_batch, T_batch in shuffled_batches(X, T, batch_size, order):
        result = step(theta, gradient(theta, X_batch, T_batch) / X_batch.shape[1])
    return result


def epoch_of_one_step(gradient, step, theta, X, T, batch_size, order):
    return step(theta, gradient(theta, X, T) / X.shape[1])


def epoch_in_place(gradient, step, theta, X, T, batch_size, order):
    theta[:] = minibatch_epoch(gradient, step, theta, X, T, batch_size, order)
    return theta


# --- better steps (Classical) ---------------------------------------------------------------


def momentum_step(theta, velocity, gradient, learning_rate, decay):
    velocity = decay * velocity - learning_rate * gradient  # v ← decay · v − η g
    return theta + velocity, velocity  # θ ← θ + v


def momentum_with(velocity_of, theta_of=lambda theta, new, old: theta + new):
    """momentum_step with other formulas: velocity_of(v, g, η, decay), theta_of(θ, v_new, v)."""

    def step(theta, velocity, gradient, learning_rate, decay):
        new = velocity_of(velocity, gradient, learning_rate, decay)
        return theta_of(theta, new, velocity), new

    return step


def new_velocity(v, g, learning_rate, decay):
    return decay * v - learning_rate * g


def momentum_of_gradients(theta, velocity, gradient, learning_rate, decay):
    velocity = decay * velocity + gradient
    return theta - learning_rate * velocity, velocity


def momentum_scaled_twice(theta, velocity, gradient, learning_rate, decay):
    velocity = decay * velocity - learning_rate * gradient
    return theta + learning_rate * velocity, velocity


def momentum_of_pushes(theta, velocity, gradient, learning_rate, decay):
    velocity = decay * velocity - gradient
    return theta + learning_rate * velocity, velocity


def momentum_scaled_and_turned(theta, velocity, gradient, learning_rate, decay):
    velocity = decay * velocity - learning_rate * gradient
    return theta - learning_rate * velocity, velocity


def momentum_in_place(theta, velocity, gradient, learning_rate, decay):
    velocity *= decay
    velocity -= learning_rate * gradient
    theta += velocity
    return theta, velocity


def rmsprop_step(theta, mean_square, gradient, learning_rate, decay, epsilon):
    mean_square = decay * mean_square + (1 - decay) * gradient**2
    return theta - learning_rate * gradient / (np.sqrt(mean_square) + epsilon), mean_square


def rmsprop_with(
    square_of=lambda s, g, decay: decay * s + (1 - decay) * g**2,
    move=lambda g, root, learning_rate, epsilon: -learning_rate * g / (root + epsilon),
    scale=lambda new, old, epsilon: np.sqrt(new),
):
    """rmsprop_step with one formula done differently."""

    def step(theta, mean_square, gradient, learning_rate, decay, epsilon):
        new = square_of(mean_square, gradient, decay)
        root = scale(new, mean_square, epsilon)
        return theta + move(gradient, root, learning_rate, epsilon), new

    return step


def rmsprop_in_place(theta, mean_square, gradient, learning_rate, decay, epsilon):
    mean_square *= decay
    mean_square += (1 - decay) * gradient**2
    theta -= learning_rate * gradient / (np.sqrt(mean_square) + epsilon)
    return theta, mean_square


def newton_step(theta, gradient, hessian):
    return descent.newton(lambda _: gradient, lambda _: hessian, theta, 1)[-1]


def newton_in_place(theta, gradient, hessian):
    theta -= np.linalg.solve(hessian, gradient)
    return theta


# --- deep networks and where to start (Classical) -------------------------------------------


def back_through(
    W,
    slopes,
    delta,
    *,
    before=lambda S, grad_a: S * grad_a,
    slope_of=0,
    matrix=lambda W, layer: W[layer + 1].T,
):
    """All deltas, layer 1 first; ``before`` turns ∂L/∂a and σ′(z) into the delta.

    slope_of: how many layers further on the slope is taken; matrix: what ∂L/∂z is multiplied by.
    """
    found = [delta]
    for layer in range(len(W) - 2, 0, -1):
        found.insert(0, before(slopes[layer + slope_of], matrix(W, layer) @ found[0]))
    return found


def delta_sizes(W, slopes, delta):
    return np.array([np.linalg.norm(d) for d in back_through(W, slopes, delta)])


def sizes_with(size=np.linalg.norm, **different):
    return lambda W, slopes, delta: np.array(
        [size(d) for d in back_through(W, slopes, delta, **different)]
    )


SCHEMES = {"uniform": "uniform", "glorot": "xavier", "he": "he"}


def initial_network(sizes, scheme, seed):
    rng = np.random.default_rng(seed)
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(sizes)]
    return [None, *(descent.initial_weights(shape, SCHEMES[scheme], rng) for shape in shapes)]


def network_with(
    *,
    low=-1.0,
    limit=lambda n_in, n_out: np.sqrt(6 / (n_in + n_out)),
    deviation=lambda n_in, n_out: np.sqrt(2 / n_in),
    generator=np.random.default_rng,
    new_each_layer=False,
    shape=lambda n_in, n_out: (n_out, n_in),
    finish=lambda W: W,
    also_biases=False,
):
    """initial_network with one thing done differently."""

    def network(sizes, scheme, seed):
        rng, W = generator(seed), [None]
        for n_in, n_out in pairwise(sizes):
            rng = generator(seed) if new_each_layer else rng
            half = limit(n_in, n_out)
            W.append(
                rng.normal(0, deviation(n_in, n_out), shape(n_in, n_out))
                if scheme == "he"
                else rng.uniform(-half, half, shape(n_in, n_out))
                if scheme == "glorot"
                else rng.uniform(low, 1, shape(n_in, n_out))
            )
            if also_biases:
                rng.uniform(-1, 1, (n_out, 1))
        return [None, *(finish(matrix) for matrix in W[1:])]

    return network


def network_of_twins(sizes, scheme, seed):
    W = initial_network(sizes, scheme, seed)
    return [None, *(np.tile(matrix[:1], (len(matrix), 1)) for matrix in W[1:])]


def network_of_normals(deviation):
    def network(sizes, scheme, seed):
        rng = np.random.default_rng(seed)
        shapes = [(n_out, n_in) for n_in, n_out in pairwise(sizes)]
        return [None, *(rng.normal(0, deviation, shape) for shape in shapes)]

    return network


def network_last_layer_first(sizes, scheme, seed):
    W = initial_network(sizes[::-1], scheme, seed)[1:]
    return [None, *(matrix.T for matrix in W[::-1])]


# --- when to stop (Classical; NSYSU) --------------------------------------------------------


def epochs_since_lowest(losses):
    return len(losses) - 1 - int(np.argmin(losses))


def stop_reason(losses, w_old, w_new, threshold, epsilon, patience):
    if descent.loss_below(losses[-1], threshold):
        return "loss"
    if descent.weights_settled(w_old, w_new, epsilon):
        return "weights"
    if epochs_since_lowest(losses) >= patience:
        return "patience"
    return None


def stops_with(
    *,
    low=lambda losses, threshold: losses[-1] < threshold,
    settled=lambda losses, step, epsilon: np.linalg.norm(step) < epsilon,
    waited=lambda losses, patience: epochs_since_lowest(losses) >= patience,
    order=("loss", "weights", "patience"),
    otherwise=None,
):
    """stop_reason with one thing done differently."""

    def reason(losses, w_old, w_new, threshold, epsilon, patience):
        holds = {
            "loss": low(losses, threshold),
            "weights": settled(losses, w_new - w_old, epsilon),
            "patience": waited(losses, patience),
        }
        return next((name for name in order if holds[name]), otherwise)

    return reason


def never(*args):
    return False


def stops_by_lengths(compared):
    """stop_reason that compares ``compared`` of the gain in length, new minus old, with epsilon."""

    def reason(losses, w_old, w_new, *rest):
        gained = np.linalg.norm(w_new) - np.linalg.norm(w_old)
        way = stops_with(settled=lambda losses, step, epsilon: compared(gained) < epsilon)
        return way(losses, w_old, w_new, *rest)

    return reason


def higher_than(epochs_ago):
    """Whether the last loss is above an earlier one; epochs_ago(patience) says which."""

    def rose(losses, patience):
        return len(losses) > patience and losses[-1] > losses[-1 - epochs_ago(patience)]

    return rose


def rose_every_time(losses, patience):
    """Whether each of the last ``patience`` epochs was worse than the one before it."""
    last = losses[-patience - 1 :]
    return len(last) > patience and np.all(np.diff(last) > 0)


# --- messages that several exercises share --------------------------------------------------

UPHILL = "Each of your steps goes along the gradient, uphill. Look at the sign in front of it."
NO_LEARNING_RATE = (
    "Changing the learning rate changes nothing in your result: each step has the length of the "
    "whole gradient. Where should the learning rate act?"
)
LEARNING_RATE_TWICE = (
    "Your steps are too short by one more factor of the learning rate: it is multiplied in "
    "twice. Use it once."
)
FIXED_GRADIENT = (
    "All gradients were computed at the theta you started from. The theta changes from step to "
    "step: ask for the gradient where you are now."
)
IN_PLACE = (
    "The numbers are right, but an array that was handed in has changed: `-=` and `[:] =` work "
    "in place. Make a new array instead."
)
T_AS_IT_WAS = (
    "The inputs come in the order asked, the targets in their old one: each input has got "
    "somebody else's target. Take the same columns from both."
)
X_AS_IT_WAS = (
    "The targets come in the order asked, the inputs in their old one: each target has got "
    "somebody else's input. Take the same columns from both."
)
NOT_SHUFFLED = (
    "Your examples come in the order in which they stand in X. Use the column numbers that "
    "`order` gives."
)
LAST_DROPPED = (
    "Everything is right but for the last, shorter batch: it is missing. Count what is left over "
    "when N is not a multiple of the batch size."
)
WRONG_ORDER = "Both results are right, but they come in the wrong order: theta is returned first."

ANSWERS = {
    "accuracy": Answer(
        accuracy,
        {
            "percent": Mistake(
                lambda Y, labels: 100 * accuracy(Y, labels),
                "Your number is a percentage. Here a share is asked, between 0 and 1.",
            ),
            "count for share": Mistake(
                lambda Y, labels: int(np.sum(np.argmax(Y, axis=0) == labels)),
                "You return how many guesses are right. The share says how many out of all.",
            ),
            "the wrong ones": Mistake(
                lambda Y, labels: 1 - accuracy(Y, labels),
                "Your number and the right one add up to 1: you count the wrong guesses.",
            ),
            "the smallest output": Mistake(
                lambda Y, labels: np.mean(np.argmin(Y, axis=0) == labels),
                "You take the row with the smallest output as the guess. A large output means "
                "that the network is sure.",
            ),
            "counted from 1": Mistake(
                lambda Y, labels: np.mean(np.argmax(Y, axis=0) + 1 == labels),
                "Your guesses are one row too far: Python counts rows from 0, and so do the "
                "labels.",
            ),
            "output of the right class": Mistake(
                lambda Y, labels: np.mean(Y[labels, np.arange(len(labels))]),
                "You take the mean of the outputs that belong to the labels. A guess counts as "
                "right or wrong, however sure the network was.",
            ),
            "above one half": Mistake(
                lambda Y, labels: np.mean(Y[labels, np.arange(len(labels))] > 0.5),
                "You count an example only if its output is above 0.5. With several classes the "
                "largest output may well be smaller than that.",
            ),
            "mean of the largest outputs": Mistake(
                lambda Y, labels: np.mean(np.max(Y, axis=0)),
                "Changing the labels changes nothing in your result: it is the mean of the "
                "largest outputs. In which row does the largest one stand, and is that the label?",
            ),
            "divided by all outputs": Mistake(
                lambda Y, labels: np.sum(np.argmax(Y, axis=0) == labels) / Y.size,
                "You divide by the number of all outputs. There is one guess per column.",
            ),
            "divided by classes": Mistake(
                lambda Y, labels: np.sum(np.argmax(Y, axis=0) == labels) / len(Y),
                "You divide by the number of classes: `len` of a matrix counts its rows. How many "
                "examples are there?",
            ),
        },
    ),
    "sgd_epoch": Answer(
        sgd_epoch,
        {
            "uphill": Mistake(visit_with(change=lambda g, rate: rate * g), UPHILL),
            "learning rate missing": Mistake(
                visit_with(change=lambda g, rate: -g), NO_LEARNING_RATE
            ),
            "learning rate twice": Mistake(
                visit_with(change=lambda g, rate: -(rate**2) * g), LEARNING_RATE_TWICE
            ),
            "gradients of the start": Mistake(
                visit_with(at=lambda theta, start: start), FIXED_GRADIENT
            ),
            "theta as it was": Mistake(
                lambda gradient, theta, *rest: theta.copy(),
                "Your theta comes back as it was handed in. What becomes of each new theta? See "
                "whether it gets a name that the next round uses.",
            ),
            "order ignored": Mistake(visit_all, NOT_SHUFFLED),
            "targets not in order": Mistake(
                visit_with(columns=lambda n, k: ([n], [k])), T_AS_IT_WAS
            ),
            "inputs not in order": Mistake(
                visit_with(columns=lambda n, k: ([k], [n])), X_AS_IT_WAS
            ),
            "all examples in each step": Mistake(
                whole_each_time,
                "Each of your steps uses the gradient of all the examples in the order at once. "
                "One step belongs to one example.",
            ),
            "first example only": Mistake(
                visit_the_first_only,
                "Only the first example in the order was used. Look whether the function returns "
                "before the loop has come to its end.",
            ),
            "last example missing": Mistake(
                visit_all_but_the_last,
                "The last example in the order was left out. Count how often the loop runs.",
            ),
            "in place": Mistake(visit_in_place, IN_PLACE),
        },
    ),
    "shuffled_batches": Answer(
        shuffled_batches,
        {
            "last batch dropped": Mistake(full_batches_only, LAST_DROPPED),
            "not shuffled": Mistake(
                lambda X, T, b, order: shuffled_batches(X, T, b, np.arange(len(order))),
                NOT_SHUFFLED,
            ),
            "targets not shuffled": Mistake(
                lambda X, T, b, order: [
                    (X_batch, T[:, k * b : k * b + b])
                    for k, (X_batch, _) in enumerate(shuffled_batches(X, T, b, order))
                ],
                T_AS_IT_WAS,
            ),
            "inputs not shuffled": Mistake(
                lambda X, T, b, order: [
                    (X[:, k * b : k * b + b], T_batch)
                    for k, (_, T_batch) in enumerate(shuffled_batches(X, T, b, order))
                ],
                X_AS_IT_WAS,
            ),
            "last batch filled up": Mistake(
                last_batch_filled_up,
                "Your last batch is filled up with examples that were used already. Each example "
                "belongs to one batch only.",
            ),
            "batches of nearly equal size": Mistake(
                batches_of_equal_size,
                "Your batches share out the examples evenly. Here every batch is full except the "
                "last one.",
            ),
            "number for size": Mistake(
                lambda X, T, b, order: batches_in_pieces(X, T, np.array_split(order, b)),
                "You made `batch_size` batches. It says how many examples are in a batch, not how "
                "many batches there are.",
            ),
            "one apart": Mistake(
                batches_one_apart,
                "Your batches overlap: each begins one example after the one before. Where should "
                "the next batch begin?",
            ),
            "order turned round": Mistake(
                lambda X, T, b, order: shuffled_batches(X, T, b, np.argsort(order)),
                "Your columns are in the opposite arrangement: column k went to place order[k]. "
                "Here place k takes column order[k].",
            ),
            "from the back": Mistake(
                lambda X, T, b, order: shuffled_batches(X, T, b, order[::-1]),
                "Your batches take `order` from its end. The first batch takes the first entries.",
            ),
            "pairs turned round": Mistake(
                lambda X, T, b, order: [batch[::-1] for batch in shuffled_batches(X, T, b, order)],
                "Each pair is the wrong way round: inputs come first, then targets.",
            ),
            "two lists": Mistake(
                lambda X, T, b, order: tuple(
                    list(part) for part in zip(*shuffled_batches(X, T, b, order), strict=True)
                ),
                "You return two lists, one of inputs and one of targets. One list of pairs is "
                "asked.",
            ),
            "in place": Mistake(shuffle_in_place, IN_PLACE),
        },
    ),
    "minibatch_epoch": Answer(
        minibatch_epoch,
        {
            "sum for mean": Mistake(
                epoch_with(mean=lambda total, b, batch_size, N: total),
                "Your g is the sum over the batch: larger batches make longer steps. The mean is "
                "asked.",
            ),
            "short batch by the wrong b": Mistake(
                epoch_with(mean=lambda total, b, batch_size, N: total / batch_size),
                "All is right as long as the batches are full. The last one has fewer examples: "
                "by how many should its sum be divided?",
            ),
            "divided by N": Mistake(
                epoch_with(mean=lambda total, b, batch_size, N: total / N),
                "You divide by the number of all examples. The mean is over those in the batch.",
            ),
            "multiplied by b": Mistake(
                epoch_with(mean=lambda total, b, batch_size, N: total * b),
                "You multiply by the number of examples in the batch. How does a mean come from "
                "a sum?",
            ),
            "mean over the entries": Mistake(
                epoch_with(
                    mean=lambda total, b, batch_size, N: np.full_like(total, np.mean(total))
                ),
                "All entries of your g are equal: `np.mean` took the mean over the weights. The "
                "mean asked is over the examples of the batch.",
            ),
            "divided by weights": Mistake(
                epoch_with(mean=lambda total, b, batch_size, N: total / len(total)),
                "You divide by the number of entries of theta. The mean is over the examples of "
                "the batch.",
            ),
            "divided by inputs": Mistake(
                lambda gradient, step, theta, X, *rest: epoch_with(
                    mean=lambda total, b, batch_size, N: total / len(X)
                )(gradient, step, theta, X, *rest),
                "You divide by the number of rows: `len` of a matrix counts those. The examples "
                "are columns.",
            ),
            "last batch dropped": Mistake(epoch_with(batches=full_batches_only), LAST_DROPPED),
            "not shuffled": Mistake(
                epoch_with(
                    batches=lambda X, T, b, order: shuffled_batches(X, T, b, np.arange(len(order)))
                ),
                NOT_SHUFFLED,
            ),
            "targets not shuffled": Mistake(
                epoch_with(
                    batches=lambda X, T, b, order: [
                        (X_batch, T[:, k * b : k * b + b])
                        for k, (X_batch, _) in enumerate(shuffled_batches(X, T, b, order))
                    ]
                ),
                T_AS_IT_WAS,
            ),
            "gradients of the start": Mistake(epoch_with_gradients_of_the_start, FIXED_GRADIENT),
            "each batch from the start": Mistake(
                epoch_from_the_start,
                "Only the last batch has an effect: every batch starts from the first theta. Each "
                "round should begin where the one before has ended.",
            ),
            "theta as it was": Mistake(
                lambda gradient, step, theta, *rest: theta.copy(),
                "Your theta comes back as it was handed in. `step` returns a new theta and leaves "
                "the old one alone: see what becomes of its result.",
            ),
            "one step for all": Mistake(
                epoch_of_one_step,
                "You make a single step with the gradient of all examples. Each batch makes a "
                "step of its own.",
            ),
            "in place": Mistake(epoch_in_place, IN_PLACE),
        },
    ),
    "momentum_step": Answer(
        momentum_step,
        {
            "decay on the gradient": Mistake(
                momentum_with(lambda v, g, rate, decay: v - decay * rate * g),
                "The decay acts on the push and not on the old velocity: under a constant "
                "gradient your velocity would grow without limit. Which of the two should fade?",
            ),
            "decay missing": Mistake(
                momentum_with(lambda v, g, rate, decay: v - rate * g),
                "Your old velocity is kept in full, whatever the decay: under a constant gradient "
                "it would grow without limit. Where does the decay belong?",
            ),
            "decay on both": Mistake(
                momentum_with(lambda v, g, rate, decay: decay * (v - rate * g)),
                "The decay acts on the new push as well. Only what is left of the old velocity "
                "fades: check your parentheses.",
            ),
            "share of the gradient": Mistake(
                momentum_with(lambda v, g, rate, decay: decay * v - (1 - decay) * rate * g),
                "Your push is weighted with what the decay leaves up to 1. Some texts do so; "
                "here the push comes in full.",
            ),
            "decay turned round": Mistake(
                momentum_with(lambda v, g, rate, decay: (1 - decay) * v - rate * g),
                "A decay of 0.9 should leave nine tenths of the old velocity; yours leaves one "
                "tenth.",
            ),
            "uphill": Mistake(
                momentum_with(lambda v, g, rate, decay: decay * v + rate * g), UPHILL
            ),
            "both signs turned": Mistake(
                momentum_with(
                    lambda v, g, rate, decay: decay * v + rate * g,
                    lambda theta, new, old: theta - new,
                ),
                "The push is added and the velocity is subtracted afterwards: that turns the old "
                "velocity round. Keep the two signs as they stand in the formulas.",
            ),
            "theta against the velocity": Mistake(
                momentum_with(new_velocity, lambda theta, new, old: theta - new),
                "The velocity is right; theta moves against it. The velocity points downhill "
                "already.",
            ),
            "old velocity": Mistake(
                momentum_with(new_velocity, lambda theta, new, old: theta + old),
                "The velocity is right, but theta moves with the old one. Take the new one.",
            ),
            "no memory": Mistake(
                momentum_with(lambda v, g, rate, decay: -rate * g),
                "Your step forgets the old velocity: this is plain gradient descent.",
            ),
            "learning rate missing": Mistake(
                momentum_with(lambda v, g, rate, decay: decay * v - g),
                "Changing the learning rate changes nothing in your result: the push is the whole "
                "gradient. Where should the learning rate act?",
            ),
            "learning rate at the end": Mistake(
                momentum_of_gradients,
                "Your velocity collects gradients as they are, and the learning rate comes in "
                "when theta moves. Some libraries do so; here the velocity contains it already.",
            ),
            "learning rate at theta": Mistake(
                momentum_of_pushes,
                "The learning rate has no effect on your velocity, only on the way theta goes. In "
                "the formulas, which of the two lines holds η?",
            ),
            "learning rate and sign twice": Mistake(
                momentum_scaled_and_turned,
                "The velocity is right; theta goes against it, and shorter by a factor of the "
                "learning rate. The velocity contains the sign and the learning rate already.",
            ),
            "learning rate on both": Mistake(
                momentum_with(lambda v, g, rate, decay: rate * (decay * v - g)),
                "The learning rate acts on the old velocity as well. It scales the gradient only: "
                "check your parentheses.",
            ),
            "learning rate twice": Mistake(
                momentum_scaled_twice,
                "The velocity is right; theta moves by too little, one more factor of the "
                "learning rate. The velocity contains it already.",
            ),
            "order exchanged": Mistake(
                lambda *args: momentum_step(*args)[::-1],
                WRONG_ORDER,
            ),
            "theta alone": Mistake(
                lambda *args: momentum_step(*args)[0],
                "You return theta alone. The next step needs the new velocity too: return both.",
            ),
            "in place": Mistake(momentum_in_place, IN_PLACE),
        },
    ),
    "rmsprop_step": Answer(
        rmsprop_step,
        {
            "root missing": Mistake(
                rmsprop_with(scale=lambda new, old, epsilon: new),
                "mean_square is right; the gradient is divided by it and not by its root.",
            ),
            "old mean square": Mistake(
                rmsprop_with(scale=lambda new, old, epsilon: np.sqrt(old)),
                "mean_square is right, but theta moves with the old one. Take the new one.",
            ),
            "epsilon under the root": Mistake(
                rmsprop_with(
                    scale=lambda new, old, epsilon: np.sqrt(new + epsilon),
                    move=lambda g, root, rate, epsilon: -rate * g / root,
                ),
                "Epsilon stands under the root in your step. Add it after the root is taken.",
            ),
            "epsilon missing": Mistake(
                rmsprop_with(move=lambda g, root, rate, epsilon: -rate * g / root),
                "Epsilon has no effect on your step. Without it, a weight whose gradient was "
                "always 0 leads to 0 divided by 0.",
            ),
            "epsilon outside": Mistake(
                rmsprop_with(move=lambda g, root, rate, epsilon: -(rate * g / root + epsilon)),
                "Epsilon is added to the quotient, not to the root: parentheses are missing.",
            ),
            "gradient not squared": Mistake(
                rmsprop_with(square_of=lambda s, g, decay: decay * s + (1 - decay) * np.abs(g)),
                "Your running mean is one of the gradient's size. It is asked of the square.",
            ),
            "gradient with its sign": Mistake(
                rmsprop_with(square_of=lambda s, g, decay: decay * s + (1 - decay) * g),
                "Your mean_square follows the gradient with its sign and may become negative, "
                "where a root gives nan. Which two words does its name consist of?",
            ),
            "one mean for all": Mistake(
                rmsprop_with(square_of=lambda s, g, decay: decay * s + (1 - decay) * np.mean(g**2)),
                "The same number was added for every weight: the mean of the squares over all "
                "weights. The mean here runs over the steps, for each weight by itself.",
            ),
            "root returned": Mistake(
                lambda *args: (rmsprop_step(*args)[0], np.sqrt(rmsprop_step(*args)[1])),
                "theta is right; in place of mean_square its root is returned. The next step "
                "goes on from the mean square itself.",
            ),
            "decay turned round": Mistake(
                rmsprop_with(square_of=lambda s, g, decay: (1 - decay) * s + decay * g**2),
                "A decay of 0.9 should keep nine tenths of the old mean square; yours keeps one "
                "tenth.",
            ),
            "squares added up": Mistake(
                rmsprop_with(square_of=lambda s, g, decay: decay * s + g**2),
                "The new square comes in full, so that the two shares do not make a mean. How "
                "much weight is left for it?",
            ),
            "decay missing": Mistake(
                rmsprop_with(square_of=lambda s, g, decay: s + g**2),
                "Your squares add up and nothing fades: the steps would become shorter for ever. "
                "Where does the decay belong?",
            ),
            "no memory": Mistake(
                rmsprop_with(square_of=lambda s, g, decay: g**2),
                "Your mean_square is the square of the newest gradient alone. What was there "
                "before should count too.",
            ),
            "uphill": Mistake(
                rmsprop_with(move=lambda g, root, rate, epsilon: rate * g / (root + epsilon)),
                UPHILL,
            ),
            "learning rate missing": Mistake(
                rmsprop_with(move=lambda g, root, rate, epsilon: -g / (root + epsilon)),
                "Changing the learning rate changes nothing in your step. Where should it act?",
            ),
            "gradient forgotten": Mistake(
                rmsprop_with(move=lambda g, root, rate, epsilon: -rate / (root + epsilon)),
                "Your step does not follow the gradient: every entry of theta becomes smaller. "
                "What is divided by the root?",
            ),
            "multiplied": Mistake(
                rmsprop_with(move=lambda g, root, rate, epsilon: -rate * g * (root + epsilon)),
                "You multiply by the root, so steep weights move even further. They should move "
                "less.",
            ),
            "order exchanged": Mistake(lambda *args: rmsprop_step(*args)[::-1], WRONG_ORDER),
            "in place": Mistake(rmsprop_in_place, IN_PLACE),
        },
    ),
    "newton_step": Answer(
        newton_step,
        {
            "uphill": Mistake(
                lambda theta, g, H: theta + np.linalg.solve(H, g),
                "Your step has the right length and the opposite direction. Look at its sign.",
            ),
            "the step alone": Mistake(
                lambda theta, g, H: -np.linalg.solve(H, g),
                "You return the step alone. The new theta is where the step leads.",
            ),
            "solution alone": Mistake(
                lambda theta, g, H: np.linalg.solve(H, g),
                "Changing theta changes nothing in your result: it is H⁻¹ g alone. Where does "
                "the step begin?",
            ),
            "inverse times entry by entry": Mistake(
                lambda theta, g, H: theta - np.linalg.inv(H) * g,
                "A table came out where an array was asked: each column of the inverse was "
                "multiplied by one entry of the gradient, and nothing was added up. Which sign "
                "stands for a matrix product?",
            ),
            "multiplied by the Hessian": Mistake(
                lambda theta, g, H: theta - H @ g,
                "You multiply by the Hessian: the more the surface curves, the longer your step. "
                "It should be the other way round.",
            ),
            "diagonal only": Mistake(
                lambda theta, g, H: theta - g / np.diag(H),
                "You use the diagonal of the Hessian only, as if no weight had an influence on "
                "another's slope. The whole matrix counts.",
            ),
            "divided entry by entry": Mistake(
                lambda theta, g, H: theta - g / H,
                "The gradient was divided by the Hessian entry by entry, and a table came out. "
                "The inverse of a matrix is something else.",
            ),
            "inverse entry by entry": Mistake(
                lambda theta, g, H: theta - (1 / H) @ g,
                "You took 1 divided by each entry of the Hessian. That is not its inverse: which "
                "function of `np.linalg` solves a system of equations?",
            ),
            "plain gradient descent": Mistake(
                lambda theta, g, H: theta - g,
                "Changing the Hessian changes nothing in your result: this is gradient descent "
                "with a learning rate of 1.",
            ),
            "divided by the determinant": Mistake(
                lambda theta, g, H: theta - g / np.linalg.det(H),
                "You divide by the determinant. A single number cannot replace the whole matrix.",
            ),
            "divided by the norm": Mistake(
                lambda theta, g, H: theta - g / np.linalg.norm(H),
                "You divide by the length of the Hessian. A single number cannot replace the "
                "whole matrix.",
            ),
            "solved for theta": Mistake(
                lambda theta, g, H: theta - np.linalg.solve(H, theta),
                "You solved the system with theta on the right-hand side. What belongs there?",
            ),
            "in place": Mistake(newton_in_place, IN_PLACE),
        },
    ),
    "delta_sizes": Answer(
        delta_sizes,
        {
            "last layer first": Mistake(
                lambda *args: delta_sizes(*args)[::-1],
                "The lengths are right, but the last layer stands first. You meet it first on "
                "the way back; in the result layer 1 comes first.",
            ),
            "last layer missing": Mistake(
                lambda *args: delta_sizes(*args)[:-1],
                "The length of the last layer's delta is missing. It was handed in, so it is "
                "known before the loop begins.",
            ),
            "slope missing": Mistake(
                sizes_with(before=lambda S, grad_a: grad_a),
                "The step from a back to z is missing in the hidden layers: `slopes` has no "
                "effect on your result.",
            ),
            "slope added": Mistake(
                sizes_with(before=lambda S, grad_a: S + grad_a),
                "You add the slope. On the way back each signal is multiplied by it.",
            ),
            "slope squared": Mistake(
                sizes_with(before=lambda S, grad_a: S**2 * grad_a),
                "The slope comes in twice in each hidden layer. Once is enough.",
            ),
            "slope of the next layer": Mistake(
                sizes_with(slope_of=1),
                "Each slope comes from one layer too far on; where the layers have different "
                "sizes it does not even fit. Which layer's z does the new delta belong to?",
            ),
            "not transposed": Mistake(
                sizes_with(matrix=lambda W, layer: W[layer + 1]),
                "On the way back your matrices are not turned; where the layers have different "
                "sizes they do not even fit. Compare with the formula.",
            ),
            "matrix of the layer itself": Mistake(
                sizes_with(matrix=lambda W, layer: W[layer].T),
                "Each matrix comes from one layer too early; where the layers have different "
                "sizes it does not even fit. Which matrix lies between a layer and the next?",
            ),
            "slope of the last layer": Mistake(
                lambda W, slopes, delta: delta_sizes(W, slopes, slopes[-1] * delta),
                "You multiplied the delta of the last layer by its slope. A delta is ∂L/∂z: it "
                "contains that slope already.",
            ),
            "slope divided": Mistake(
                sizes_with(before=lambda S, grad_a: grad_a / S),
                "You divide by the slope. On the way back each signal is multiplied by it.",
            ),
            "root missing": Mistake(
                sizes_with(lambda d: np.sum(d**2)),
                "Your numbers are the squares of the lengths. A root is missing.",
            ),
            "sum of sizes": Mistake(
                sizes_with(lambda d: np.sum(np.abs(d))),
                "You add up the sizes of the entries. The length is the root of the sum of "
                "squares.",
            ),
            "mean for sum": Mistake(
                sizes_with(lambda d: np.sqrt(np.mean(d**2))),
                "You take the root of the mean of the squares. Here it is the root of their sum.",
            ),
            "largest entry": Mistake(
                sizes_with(lambda d: np.max(np.abs(d))),
                "You take the largest entry. The length is the root of the sum of squares.",
            ),
            "compared with the last": Mistake(
                lambda *args: delta_sizes(*args) / delta_sizes(*args)[-1],
                "Your numbers are shares of the last layer's length. The lengths themselves are "
                "asked.",
            ),
            "the deltas themselves": Mistake(
                lambda *args: back_through(*args),
                "You return the deltas. Their lengths are asked: one number for each layer.",
            ),
        },
    ),
    "initial_network": Answer(
        initial_network,
        {
            "generator for each layer": Mistake(
                network_with(new_each_layer=True),
                "Layer 1 is right. In the next layer the numbers begin again from the seed, the "
                "same as before: you make a new generator in each round. One is enough for all.",
            ),
            "generator of the old kind": Mistake(
                network_with(generator=np.random.RandomState),
                "The same seed in `np.random.seed` or `RandomState` gives other numbers. Use "
                "the generator that the exercise names.",
            ),
            "shape turned round": Mistake(
                network_with(shape=lambda n_in, n_out: (n_in, n_out)),
                "Your matrices have their rows and columns exchanged. W[l] turns n_(l−1) inputs "
                "into n_l outputs: which of the two counts its rows?",
            ),
            "drawn turned round": Mistake(
                network_with(
                    shape=lambda n_in, n_out: (n_in, n_out), finish=lambda matrix: matrix.T
                ),
                "The shapes are right, but you drew each matrix with rows and columns exchanged "
                "and turned it afterwards: the same numbers in other places. Draw it in the "
                "shape asked.",
            ),
            "last layer first": Mistake(
                network_last_layer_first,
                "The layers were drawn from the last to the first. Whoever repeats your run "
                "needs the same order: layer 1 first.",
            ),
            "only positive": Mistake(
                network_with(low=0.0),
                "With the scheme uniform none of your weights is negative: the interval begins "
                "at 0. It should lie evenly on both sides.",
            ),
            "deviation for limit": Mistake(
                network_with(limit=lambda n_in, n_out: np.sqrt(2 / (n_in + n_out))),
                "Glorot's limit is too small by a factor of √3: you took the root of the "
                "variance, which is the deviation. How wide is an interval with that variance?",
            ),
            "root missing in glorot": Mistake(
                network_with(limit=lambda n_in, n_out: 6 / (n_in + n_out)),
                "Glorot's limit lacks a root: the variance goes with the square of the limit.",
            ),
            "glorot by inputs only": Mistake(
                network_with(limit=lambda n_in, n_out: np.sqrt(6 / n_in)),
                "Glorot's limit depends on both neighbours, yours on the number of inputs only.",
            ),
            "limit of half the width": Mistake(
                network_with(limit=lambda n_in, n_out: np.sqrt(24 / (n_in + n_out))),
                "Glorot's interval is twice too wide: the limit goes to each side of 0.",
            ),
            "variance for deviation": Mistake(
                network_with(deviation=lambda n_in, n_out: 2 / n_in),
                "With He's scheme you handed the variance to `rng.normal`. It wants the standard "
                "deviation.",
            ),
            "he by outputs": Mistake(
                network_with(deviation=lambda n_in, n_out: np.sqrt(2 / n_out)),
                "With He's scheme you count the outputs of the layer. Its variance goes by the "
                "number of inputs, which each unit adds up.",
            ),
            "he with both neighbours": Mistake(
                network_with(deviation=lambda n_in, n_out: np.sqrt(2 / (n_in + n_out))),
                "With He's scheme your variance depends on both neighbours, as Glorot's does. "
                "Compare the two formulas.",
            ),
            "factor 2 missing in he": Mistake(
                network_with(deviation=lambda n_in, n_out: np.sqrt(1 / n_in)),
                "With He's scheme your weights are too small by a factor of √2: the 2 in the "
                "variance is missing.",
            ),
            "twins": Mistake(
                network_of_twins,
                "All rows of a matrix are equal: every unit of the layer starts with the same "
                "weights, and they stay twins. Draw a whole matrix, not one row.",
            ),
            "tiny whatever the scheme": Mistake(
                network_of_normals(0.01),
                "Your weights are tiny and normal, whatever the scheme: the signal would die out "
                "from layer to layer. Let `scheme` decide.",
            ),
            "normal whatever the scheme": Mistake(
                network_of_normals(1.0),
                "Your weights are normal with deviation 1, whatever the scheme. Let `scheme` "
                "decide.",
            ),
            "biases drawn too": Mistake(
                network_with(also_biases=True),
                "Layer 1 is right. Before the next layer something else was drawn from the "
                "generator, biases perhaps. Draw the weights only.",
            ),
            "None missing": Mistake(
                lambda *args: initial_network(*args)[1:],
                "Your list begins with the weights of layer 1. W[0] is None in this course, so "
                "that W[l] belongs to layer l.",
            ),
        },
    ),
    "stop_reason": Answer(
        stop_reason,
        {
            "loss rule inverted": Mistake(
                stops_with(low=lambda losses, threshold: losses[-1] > threshold),
                "Your training stops because of the loss while it is still above the threshold. "
                "Look at the direction of that comparison.",
            ),
            "lowest loss so far": Mistake(
                stops_with(low=lambda losses, threshold: min(losses) < threshold),
                "An earlier loss was below the threshold, the last one is not, and you stop. The "
                "last one counts.",
            ),
            "loss rule never fires": Mistake(
                stops_with(low=never),
                "The last loss was below the threshold, and that was not the reason you gave. "
                "Look at the first rule.",
            ),
            "weights rule inverted": Mistake(
                stops_with(settled=lambda losses, s, epsilon: np.linalg.norm(s) > epsilon),
                "You stop while the weights still move by more than epsilon. Look at the second "
                "rule: what is compared with epsilon, and in which direction?",
            ),
            "losses for weights": Mistake(
                stops_with(
                    settled=lambda losses, s, epsilon: abs(losses[-1] - losses[-2]) < epsilon
                ),
                "You compare the change of the loss with epsilon. The second rule is about how "
                "far the weights moved.",
            ),
            "squared step": Mistake(
                stops_with(settled=lambda losses, s, epsilon: np.sum(s**2) < epsilon),
                "You compare the square of the step's length with epsilon. A root is missing.",
            ),
            "step with its sign": Mistake(
                stops_with(settled=lambda losses, s, epsilon: np.all(s < epsilon)),
                "You stop where all weights go down, however far: a negative number is always "
                "below epsilon. Compare the length of the step.",
            ),
            "sum of the step": Mistake(
                stops_with(settled=lambda losses, s, epsilon: np.sum(s) < epsilon),
                "You add up the changes of the weights, so that ups and downs cancel. Compare "
                "the length of the step.",
            ),
            "lengths compared": Mistake(
                stops_by_lengths(abs),
                "You stop where the weights are about as long as before, however far they "
                "moved. Did you subtract two lengths? Try weights that turn and keep their "
                "length.",
            ),
            "new length minus old": Mistake(
                stops_by_lengths(lambda gained: gained),
                "You stop where the weights become shorter, and where they keep their length, "
                "however far they moved. Did you subtract two lengths? Which of them is the "
                "length of a step?",
            ),
            "old length minus new": Mistake(
                stops_by_lengths(lambda gained: -gained),
                "You stop where the weights become longer, and where they keep their length, "
                "however far they moved. Did you subtract two lengths? Which of them is the "
                "length of a step?",
            ),
            "each weight by itself": Mistake(
                stops_with(settled=lambda losses, s, epsilon: np.all(np.abs(s) < epsilon)),
                "You compare each weight's own move with epsilon. All of them together make the "
                "length of the step.",
            ),
            "weights rule never fires": Mistake(
                stops_with(settled=never),
                "The weights moved by less than epsilon, and that was not the reason you gave. "
                "Look at the second rule.",
            ),
            "patience one too long": Mistake(
                stops_with(waited=lambda losses, patience: epochs_since_lowest(losses) > patience),
                "You wait one epoch longer than `patience`. How old is the lowest loss when "
                "your rule fires for the first time?",
            ),
            "patience one too short": Mistake(
                stops_with(
                    waited=lambda losses, patience: epochs_since_lowest(losses) >= patience - 1
                ),
                "You lose patience one epoch too early. How old is the lowest loss when your "
                "rule fires for the first time?",
            ),
            "any rise": Mistake(
                stops_with(waited=lambda losses, patience: losses[-1] > losses[-2]),
                "You stop as soon as the loss rises. With mini-batches it goes up and down all "
                "the time: have patience.",
            ),
            "rises in a row": Mistake(
                stops_with(waited=rose_every_time),
                "You wait for a loss that rises in every epoch. One that stays above its lowest "
                "value has not improved either.",
            ),
            "epochs in all": Mistake(
                stops_with(waited=lambda losses, patience: len(losses) > patience),
                "You lose patience in every run of more than `patience` epochs, even where the "
                "last loss is the lowest. Do you count all epochs? Look at what your count is "
                "for a loss that falls all the time.",
            ),
            "number of the lowest": Mistake(
                stops_with(waited=lambda losses, patience: np.argmin(losses) >= patience),
                "You stop where the lowest loss comes late in the list, and go on where it comes "
                "early. Do you compare its number with `patience`? That number is counted from "
                "the first epoch: how far is it from the last one?",
            ),
            "exactly patience": Mistake(
                stops_with(waited=lambda losses, patience: epochs_since_lowest(losses) == patience),
                "Where the lowest loss is exactly `patience` epochs old you stop; where it is "
                "older you go on. Look at the comparison in your third rule.",
            ),
            "higher than patience ago": Mistake(
                stops_with(waited=higher_than(lambda patience: patience)),
                "You stop where the last loss is above the one `patience` epochs before it, and "
                "only there. Is that one always the lowest? Try losses that jump up and then "
                "fall slowly.",
            ),
            "higher than one later": Mistake(
                stops_with(waited=higher_than(lambda patience: patience - 1)),
                "You stop where the last loss is above `losses[-patience]`, and only there. How "
                "many epochs lie between these two? And is that one always the lowest?",
            ),
            "exactly one too short": Mistake(
                stops_with(
                    waited=lambda losses, patience: epochs_since_lowest(losses) == patience - 1
                ),
                "You stop where the lowest loss is one epoch younger than `patience`, and where "
                "it is older you go on. Count its age for a short list, and look at the "
                "comparison in your third rule.",
            ),
            "above the lowest": Mistake(
                stops_with(waited=lambda losses, patience: losses[-1] > min(losses)),
                "You stop wherever the last loss is above the lowest, even if the lowest is one "
                "epoch old. Which part of your third rule waits?",
            ),
            "highest for lowest": Mistake(
                stops_with(
                    waited=lambda losses, patience: len(losses) - 1 - np.argmax(losses) >= patience
                ),
                "You count the epochs since the highest loss. The lowest is the best.",
            ),
            "patience rule never fires": Mistake(
                stops_with(waited=never),
                "The lowest loss was `patience` epochs old or more, and you go on. Look at the "
                "third rule.",
            ),
            "weights before loss": Mistake(
                stops_with(order=("weights", "loss", "patience")),
                "Where the loss is low enough and the weights hardly move, you name the weights. "
                "Ask in the order given.",
            ),
            "text for None": Mistake(
                stops_with(otherwise="None"),
                'Where training should go on you return the text "None". None without quotes is '
                "asked.",
            ),
            "empty text for None": Mistake(
                stops_with(otherwise=""),
                "Where training should go on you return an empty text. Look at what is asked for "
                "the case that no rule holds.",
            ),
        },
    ),
}
