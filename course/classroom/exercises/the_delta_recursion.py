"""Assignment 05: deltas from layer to layer, blocks in a row, nets of any depth (SKKU, Classical,
XJTLU).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course.classroom.exercises import Aspect, Call, Exercise
from course.classroom.exercises.inputs import draw

UNTOUCHED = "the arguments are left as they were"
DEPTHS = "one layer alone, and five layers"

#: Layer sizes, the activations of the layers from the first on, number of examples.
Plan = tuple[Sequence[int], Sequence[str], int]
#: Neighbouring layers differ in size, and none is as large as the number of examples. In the last
#: plan all are equal: there a wrong layer, or a W that is not turned, shows in the numbers.
MIXED: tuple[Plan, ...] = (
    ((3, 5, 2), ("tanh", "sigmoid"), 4),
    ((2, 4, 3, 2), ("sigmoid", "identity", "tanh"), 5),
    ((3, 3, 3, 3), ("tanh", "sigmoid", "tanh"), 4),
)
ONE_AND_FIVE: tuple[Plan, ...] = (
    ((3, 2), ("sigmoid",), 4),
    ((4, 3, 2, 4, 3, 2), ("tanh", "identity", "relu", "tanh", "relu"), 5),
)
#: No two layers of a plan have equal sizes: gradients cannot be mistaken for each other.
UNEQUAL: tuple[Plan, ...] = (
    ((3, 5, 2), ("tanh", "sigmoid"), 4),
    ((2, 4, 3, 5), ("sigmoid", "relu", "tanh"), 6),
)
EVERY_ACTIVATION = ("sigmoid", "tanh", "identity", "relu")


def activated(name: str, z: ndarray) -> ndarray:
    """What a layer with this activation makes of z."""
    match name:
        case "sigmoid":
            return (1 + np.tanh(z / 2)) / 2
        case "tanh":
            return np.tanh(z)
        case "relu":
            return np.maximum(0, z)
    return z.copy()


def weights(rng: Generator, *shape: int) -> ndarray:
    """Numbers between 0.12 and 1 in size: small enough that no layer saturates."""
    return np.round(0.4 * draw(rng, *shape), 4)


def layered(rng: Generator, plan: Plan) -> tuple[list, list, list]:
    """W and b with None at index 0, and the names of the activations likewise."""
    sizes, names, _ = plan
    W = [None, *(weights(rng, n, m) for m, n in pairwise(sizes))]
    b = [None, *(weights(rng, n, 1) for n in sizes[1:])]
    return W, b, [None, *names]


def values(rng: Generator, plan: Plan) -> tuple[list, list, ndarray]:
    """Z, A with A[l] = σ(Z[l]) as after a forward pass, and targets T.

    Some numbers are above 1.
    """
    sizes, names, N = plan
    straight = [name in ("relu", "identity") for name in names]
    Z = [
        None,
        *((1.5 + s / 2) * weights(rng, n, N) for n, s in zip(sizes[1:], straight, strict=True)),
    ]
    A = [draw(rng, sizes[0], N)]
    A += [activated(name, z) for name, z in zip(names, Z[1:], strict=True)]
    return Z, A, draw(rng, sizes[-1], N)


def forward_pass_calls(rng: Generator) -> Iterator[Call]:
    """Two and three layers; then one and five; then three of equal sizes, where X in place of A
    shows in numbers. Those are positive, so that no z comes near 0, where float32 is coarse."""
    for aspect, plans in (("values", MIXED[:2]), ("depths", ONE_AND_FIVE)):
        for plan in plans:
            W, b, activations = layered(rng, plan)
            yield Call(aspect, (W, b, activations, draw(rng, plan[0][0], plan[2])))
    W, b, activations = layered(rng, MIXED[2])
    X = draw(rng, MIXED[2][0][0], MIXED[2][2])
    W, b = ([None, *map(np.abs, arrays[1:])] for arrays in (W, b))
    yield Call("values", (W, b, activations, np.abs(X)))


def output_delta_calls(rng: Generator) -> Iterator[Call]:
    """One call for each activation; then a sigmoid of larger z."""
    for name, shape in zip(EVERY_ACTIVATION, ((3, 4), (2, 5), (4, 3), (3, 5)), strict=True):
        sloped = name in ("sigmoid", "tanh")
        z = weights(rng, *shape) * (1 if sloped else 4)
        z[:, 0] = z[:, 1]  # some are alike
        aspect = "sloped" if sloped else "others"
        yield Call(aspect, (activated(name, z), draw(rng, *shape), z, name))
    z = 2.5 * weights(rng, 2, 4)
    yield Call("sloped", (activated("sigmoid", z), draw(rng, 2, 4), z, "sigmoid"))


def hidden_delta_calls(rng: Generator) -> Iterator[Call]:
    """Layers of different sizes; then W square, where a W that is not turned shows in numbers."""
    sizes = ((2, 3, 4), (4, 2, 5), (3, 5, 4), (3, 4, 5), (3, 3, 5))
    names = (*EVERY_ACTIVATION, "tanh")
    for (n_next, n, N), name in zip(sizes, names, strict=True):
        W_next = draw(rng, n_next, n)
        aspect = "sloped" if name in ("sigmoid", "tanh") else "others"
        z = weights(rng, n, N) * (2.5 if n == 2 else 1)
        yield Call(aspect, (W_next, draw(rng, n_next, N), z, name))


def all_deltas_calls(rng: Generator) -> Iterator[Call]:
    """Two and three layers, also of equal sizes; then one and five."""
    for aspect, plans in (("values", MIXED), ("depths", ONE_AND_FIVE)):
        for plan in plans:
            W, _, activations = layered(rng, plan)
            Z, A, T = values(rng, plan)
            yield Call(aspect, (W, Z, A, T, activations))


def all_gradients_calls(rng: Generator) -> Iterator[Call]:
    """Two, three and five layers of different sizes; then all equal, where a factor that is not
    turned shows in numbers."""
    for sizes, names, N in (*UNEQUAL, ONE_AND_FIVE[1], ((3, 3, 3), ("tanh", "sigmoid"), 3)):
        _, A, _ = values(rng, (sizes, names, N))
        delta = [None, *(draw(rng, n, N) for n in sizes[1:])]
        yield Call("values", (delta, A))


def update_all_calls(rng: Generator) -> Iterator[Call]:
    """Weights and gradients of two, three and five layers, neighbours of different sizes."""
    plans = (*UNEQUAL, ONE_AND_FIVE[1])
    for plan, learning_rate in zip(plans, (0.3, 0.073, 1.6), strict=True):
        W, b, _ = layered(rng, plan)
        if learning_rate > 1:
            W, b = ([None, *(2.5 * array for array in arrays[1:])] for arrays in (W, b))
        dW = [None, *(draw(rng, *w.shape) for w in W[1:])]
        db = [None, *(draw(rng, *bias.shape) for bias in b[1:])]
        yield Call("values", (W, b, dW, db, learning_rate))


def block_backward_calls(rng: Generator) -> Iterator[Call]:
    """Matrices, one of them square, and all nonlinearities."""
    for n, m, N in ((2, 3, 4), (4, 2, 5), (3, 3, 5)):
        yield Call("matrix", (draw(rng, n, m), draw(rng, m, N), draw(rng, n, N)))
    for name, shape in zip(EVERY_ACTIVATION, ((3, 4), (2, 5), (2, 3), (4, 3)), strict=True):
        x = weights(rng, *shape) * (2.5 if name == "sigmoid" else 1)
        yield Call("nonlinearity", (name, x, draw(rng, *shape)))


def row_of_blocks(rng: Generator, kinds: Sequence[str | int], N: int) -> tuple[list, list]:
    """Blocks and the values between them. A number among the kinds is a matrix with that many
    rows, a name is a nonlinearity; the first number is the size of the input."""
    blocks, stages = [None], [draw(rng, kinds[0], N)]
    for kind in kinds[1:]:
        x = stages[-1]
        if isinstance(kind, str):
            blocks.append(kind)
            stages.append(activated(kind, x))
        else:
            blocks.append(weights(rng, kind, len(x)))
            stages.append(blocks[-1] @ x)
    return blocks, stages


def train_blocks_calls(rng: Generator) -> Iterator[Call]:
    """Matrices and nonlinearities in turn; one row begins with a nonlinearity; in one all sizes
    are equal."""
    for kinds, N, learning_rate in (
        ((3, 5, "tanh", 2, "sigmoid"), 4, 0.2),
        ((2, 4, "sigmoid", 3, "tanh", 5), 6, 0.053),
        ((3, 3, "tanh", 3, "sigmoid", 3, "tanh"), 4, 0.1),
        ((2, "tanh", 3, "relu", 4, "identity"), 5, 0.3),
    ):
        blocks, stages = row_of_blocks(rng, kinds, N)
        yield Call("values", (blocks, stages, draw(rng, len(stages[-1]), N), learning_rate))


def network_gradients_calls(rng: Generator) -> Iterator[Call]:
    """Whole networks of two and three layers; then of one and five."""
    for aspect, plans in (("values", MIXED), ("depths", ONE_AND_FIVE)):
        for plan in plans:
            sizes, _, N = plan
            examples = draw(rng, sizes[0], N), draw(rng, sizes[-1], N)
            yield Call(aspect, (*layered(rng, plan), *examples))


def take_steps_calls(rng: Generator) -> Iterator[Call]:
    """One step, then a few; last, with five layers."""
    for plan, learning_rate, steps in (
        (MIXED[0], 0.2, 1),
        (MIXED[1], 0.05, 3),
        (UNEQUAL[0], 0.1, 4),
        (ONE_AND_FIVE[1], 0.105, 2),
    ):
        sizes, _, N = plan
        examples = draw(rng, sizes[0], N), draw(rng, sizes[-1], N)
        yield Call(
            "one step" if steps == 1 else "several steps",
            (*layered(rng, plan), *examples, learning_rate, steps),
        )


EXERCISES = (
    Exercise(
        name="forward_pass",
        parameters=("W", "b", "activations", "X"),
        asks="Return the lists `Z` and `A` of a forward pass: Z[l] = W[l] A[l−1] + b[l] and "
        "A[l] = σ_l(Z[l]) for every layer l, with A[0] = X and Z[0] = None. `W`, `b` and "
        "`activations` have None at index 0; `activations[l]` is the name of layer l's activation; "
        "`X` has shape (n_0, N); Z[l] and A[l] have shape (n_l, N).",
        aspects=(
            Aspect("values", 2, "Z and A of two and three layers"),
            Aspect("depths", 1, DEPTHS),
        ),
        calls=forward_pass_calls,
        hints=(
            "Begin both lists with what belongs to layer 0. Then one round of a loop per layer.",
            "In each round, append to the first list what the matrix and the bias make of the "
            "layer before. Append to the second what the activation makes of that.",
            "`for l in range(1, len(W)):` visits all layers. `activate(activations[l], …)` applies "
            "layer l's activation.",
        ),
    ),
    Exercise(
        name="output_delta",
        parameters=("y", "t", "z", "activation"),
        asks="Return δ = ∂L/∂z of the output layer for the loss L = ½ Σ (y − t)², summed over all "
        "outputs and examples. `y` is the output, `t` the target, `z` what the activation was "
        "given; all have shape (n, N), and so has the result. `activation` is the name of the "
        "output layer's activation.",
        aspects=(
            Aspect("sloped", 1, "with sigmoid and tanh"),
            Aspect("others", 1, "with identity and relu"),
        ),
        calls=output_delta_calls,
        hints=(
            "Two steps, from L back to y and from y back to z. The chain rule multiplies them.",
            "The first step is the derivative of ½ (y − t)² with respect to y. The second is how "
            "steep the activation is where the unit stands.",
            "`activate_prime(activation, …)` is that steepness. Does it want y or z?",
        ),
    ),
    Exercise(
        name="hidden_delta",
        parameters=("W_next", "delta_next", "z", "activation"),
        asks="Return δ = ∂L/∂z of a hidden layer from that of the next one: unit j gets "
        "δ_j = (Σ_k δ_k w_kj) σ′(z_j). `W_next` (n_next, n) and `delta_next` (n_next, N) belong to "
        "the next layer, `z` (n, N) and the name `activation` to this one; the result has shape "
        "(n, N).",
        aspects=(
            Aspect("sloped", 2, "with sigmoid and tanh"),
            Aspect("others", 1, "with identity and relu"),
        ),
        calls=hidden_delta_calls,
        hints=(
            "First collect, then scale: how much blame arrives at each unit's output, and how "
            "steep is its activation there?",
            "The sum over k runs over the rows of `W_next`. A matrix product sums over the columns "
            "of its left factor. So something has to be turned.",
            "The collected blame has the shape of `z`, and so has `activate_prime(…)`. These two "
            "are multiplied entry by entry.",
        ),
    ),
    Exercise(
        name="all_deltas",
        parameters=("W", "Z", "A", "T", "activations"),
        asks="Return the list of the δ of all layers: entry l is ∂L/∂Z[l], of shape (n_l, N), and "
        "entry 0 is None. The loss is L = ½ Σ (A[-1] − T)², summed; A[-1] is the output of the "
        "last layer, and `T` has its shape. `W`, `Z` and `A` are lists by layer as in a forward "
        "pass, `activations[l]` is the name of layer l's activation.",
        aspects=(
            Aspect("values", 2, "the δ of two and three layers"),
            Aspect("depths", 1, DEPTHS),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=all_deltas_calls,
        hints=(
            "Which δ can be computed first, without knowing any other?",
            "Make a list of Nones with one place per layer. Fill in the last place, then walk "
            "towards the front and fill the others.",
            "`range(last - 1, 0, -1)` counts down from last − 1 to 1. Layer l needs the W and the "
            "δ of layer l + 1, but the z and the activation of its own.",
        ),
        builds_on=("output_delta", "hidden_delta"),
    ),
    Exercise(
        name="all_gradients",
        parameters=("delta", "A"),
        asks="Return the lists `dW` and `db` with ∂L/∂W[l], of shape (n_l, n_(l−1)), and ∂L/∂b[l], "
        "of shape (n_l, 1), for every layer l, and None at index 0. `delta[l]` and `A[l]` have "
        "shape (n_l, N), `delta[0]` is None. The gradients are sums over the N examples.",
        aspects=(Aspect("values", 3, "the gradients of all weights and biases"),),
        calls=all_gradients_calls,
        hints=(
            "A weight's gradient is the δ at its end, times the activation at its beginning. "
            "In which layer does each stand?",
            "For all weights and all examples at once that is one matrix product. The shape that "
            "is asked tells you which factor has to be turned, and the product adds up over the "
            "examples.",
            "A bias is a weight whose input is always 1. `np.sum(…, axis=1, keepdims=True)` adds "
            "along each row and keeps the shape (n_l, 1).",
        ),
    ),
    Exercise(
        name="update_all",
        parameters=("W", "b", "dW", "db", "learning_rate"),
        asks="Return two new lists, the weights and biases of all layers after one step of "
        "gradient descent, W[l] ← W[l] − η ∂L/∂W[l] and likewise for b, with None at index 0. "
        "`dW` and `db` hold the gradients, `learning_rate` is η. The lists and arrays handed in "
        "stay as they are.",
        aspects=(
            Aspect("values", 2, "the new weights and biases"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=update_all_calls,
        hints=(
            "Each array takes its own step with its own gradient. No layer needs another.",
            "Begin two new lists with None. In each round of a loop, append one array to each.",
            "`-=` would change the array that was handed in. What makes a new one?",
        ),
    ),
    Exercise(
        name="block_backward",
        parameters=("block", "x", "dL_dy"),
        asks="Return `(dL_dx, dL_dW)` for one block: ∂L/∂x and ∂L/∂W. If `block` is a matrix W "
        "(n, m), then y = W x. If it is the name of a nonlinearity σ, then y = σ(x), and dL_dW is "
        "None. `x` is the block's input, `dL_dy` is ∂L/∂y; examples are columns, and gradients are "
        "sums over them. dL_dx has the shape of x, dL_dW that of W.",
        aspects=(
            Aspect("matrix", 2, "a matrix"),
            Aspect("nonlinearity", 1, "a nonlinearity"),
        ),
        calls=block_backward_calls,
        hints=(
            "Two cases: `if isinstance(block, str):` is true for the name of a nonlinearity.",
            "A nonlinearity treats each entry by itself. A matrix lets each input feed all "
            "outputs, so blame is collected from all of them.",
            "You have written all three formulas before, under other names: for a matrix, `x` is "
            "the A of the layer before; for a nonlinearity, it is the Z.",
        ),
    ),
    Exercise(
        name="train_blocks",
        parameters=("blocks", "values", "dL_dy", "learning_rate"),
        asks="Go backward once through S stages and return `(new_blocks, dL_dx)`. `blocks[s]` is "
        "the block of stage s = 1 … S, a matrix or a name, `blocks[0]` is None; `values[s]` is the "
        "output of stage s, `values[0]` the input of the first; `dL_dy` is ∂L/∂y of stage S, "
        "`learning_rate` is η. In `new_blocks`, every matrix has taken its step W ← W − η ∂L/∂W, "
        "the rest is as before; `dL_dx` is that of stage 1. `blocks` is not changed.",
        aspects=(
            Aspect("values", 3, "the new blocks, and dL_dx of the first stage"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=train_blocks_calls,
        hints=(
            "The last stage is the only one whose ∂L/∂y you know at the beginning.",
            "In each round: `block_backward` with the block as it *was*, then the step if there is "
            "a gradient, then hand ∂L/∂x on.",
            "The input of stage s is the output of stage s − 1. What stage s finds as ∂L/∂x is "
            "stage s − 1's ∂L/∂y: one variable can play both parts.",
        ),
        builds_on=("block_backward",),
    ),
    Exercise(
        name="network_gradients",
        parameters=("W", "b", "activations", "X", "T"),
        asks="Return the lists `dW` and `db`: the gradients of L = ½ Σ (y − t)², summed over all "
        "outputs and examples, with respect to all weights and biases of the network, with None at "
        "index 0. `W`, `b` and `activations` are lists by layer, `X` has shape (n_0, N), `T` has "
        "that of the output.",
        aspects=(
            Aspect("values", 2, "the gradients of two and three layers"),
            Aspect("depths", 1, DEPTHS),
        ),
        calls=network_gradients_calls,
        hints=(
            "You have written every part of this already.",
            "Forward first: the way back needs the Z and A of all layers.",
            "Three calls: `forward_pass`, `all_deltas`, `all_gradients`. What one returns is "
            "handed to the next.",
        ),
        builds_on=("forward_pass", "all_deltas", "all_gradients"),
    ),
    Exercise(
        name="take_steps",
        parameters=("W", "b", "activations", "X", "T", "learning_rate", "steps"),
        asks="Return `W` and `b` after `steps` steps of gradient descent on L = ½ Σ (y − t)², the "
        "sum over all outputs and all examples of `X` and `T`. Each step computes the gradients "
        "afresh, at the present weights. `learning_rate` is η. The lists and arrays handed in stay "
        "as they are.",
        aspects=(
            Aspect("one step", 1, "one step"),
            Aspect("several steps", 1, "several steps"),
            Aspect("untouched", 1, UNTOUCHED, "untouched"),
        ),
        calls=take_steps_calls,
        hints=(
            "A loop that runs `steps` times, around parts that you have.",
            "In each round: all gradients first, all updates afterwards.",
            "`network_gradients` gives the gradients, `update_all` the new lists. Give the new "
            "lists the old names, so that the next round begins with them.",
        ),
        builds_on=("network_gradients", "update_all"),
    ),
)
