"""Answers of assignment 02 and what students get wrong in it."""

from math import prod

import numpy as np

from autograder.answers import Answer, Mistake
from course import chain
from course.circuit import MULTIPLY, SUBTRACT, Node, Operation
from course.circuit import topological_order as order_of
from course.gradcheck import numeric_gradient

# --- gradients by hand (Princeton) ----------------------------------------------------------


def weighted_circuit_gradient(w3, x3, w4, x4):
    return np.array([-x3, -w3, -x4, -w4])


def activation_circuit_gradient(w3, x3, w4, x4, sigma_prime):
    return -sigma_prime(w3 * x3 + w4 * x4) * np.array([x3, w3, x4, w4])


def multiple_paths_gradient(w3, x3, w4, x4, sigma_prime):
    short = np.array([0.0, 1.0, 0.0, 0.0])
    return short + activation_circuit_gradient(w3, x3, w4, x4, sigma_prime)


def slope_of_each_product(w3, x3, w4, x4, sigma_prime):
    """−σ′ times the other factor, with σ′ at the product alone in place of net2."""
    third, fourth = sigma_prime(w3 * x3), sigma_prime(w4 * x4)
    return -np.array([third * x3, third * w3, fourth * x4, fourth * w4])


def with_slope(slope, short=0.0):
    """The gradient with ``slope(w3, x3, w4, x4, sigma_prime)`` in place of σ′(net2)."""

    def gradient(w3, x3, w4, x4, sigma_prime):
        factor = slope(w3, x3, w4, x4, sigma_prime)
        return np.array([-factor * x3, short - factor * w3, -factor * x4, -factor * w4])

    return gradient


def net(w3, x3, w4, x4):
    return w3 * x3 + w4 * x4


def notebook_sigma(z):
    """The function `sigma` that the notebook defines for its pictures."""
    return z / np.sqrt(1 + z**2)


# --- central differences --------------------------------------------------------------------


def central_difference(f, x, h):
    return numeric_gradient(f, x, step=h)


def shifted(x, i, h):
    """A copy of x with entry i raised by h."""
    moved = np.array(x, dtype=float)
    moved[i] += h
    return moved


def difference(quotient):
    """central_difference with ``quotient(above, at, below, h)`` in place of its own."""

    def gradient(f, x, h):
        at = f(np.array(x, dtype=float))
        around = [(f(shifted(x, i, h)), f(shifted(x, i, -h))) for i in range(len(x))]
        return np.array([quotient(above, at, below, h) for above, below in around])

    return gradient


def difference_all_at_once(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def difference_never_put_back(f, x, h):
    above, below = np.array(x, dtype=float), np.array(x, dtype=float)
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        above[i] += h
        below[i] -= h
        gradient[i] = (f(above) - f(below)) / (2 * h)
    return gradient


def difference_in_place(f, x, h):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        gradient[i] = (above - f(x)) / (2 * h)
    return gradient


def difference_in_whole_numbers(f, x, h):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] = above[i] + h
        below[i] = below[i] - h
        gradient[i] = (f(above) - f(below)) / (2 * h)
    return gradient


def difference_cut_to_whole_numbers(f, x, h):
    return central_difference(f, x, h).astype(np.asarray(x).dtype)


# --- the chain rule (NSYSU, XJTLU) ----------------------------------------------------------


def one_path(x, g, g_prime, h_prime):
    return chain.case_1(x, g, lambda y: y, g_prime, h_prime)[1]


def two_paths(s, g, h, g_prime, h_prime, k_x, k_y):
    return chain.case_2(s, g, h, lambda x, y: x, g_prime, h_prime, k_x, k_y)[1]


def many_paths(dz_dy, dy_dx):
    return chain.many_paths(dz_dy, dy_dx)


def both_ways(combine):
    """two_paths with ``combine(k_x, dx/ds, k_y, dy/ds)`` in place of its own rule."""

    def derivative(s, g, h, g_prime, h_prime, k_x, k_y):
        x, y = g(s), h(s)
        return combine(k_x(x, y), g_prime(s), k_y(x, y), h_prime(s))

    return derivative


# --- any circuit (Princeton: forward to compute f, backward to compute the gradients) -------


def as_nodes(circuit, values, sigma=None, sigma_prime=None):
    """The circuit in the course's own form, by name."""
    operations = {
        "+": Operation("+", "", lambda *a: sum(a), lambda *a: (1.0,) * len(a)),
        "-": SUBTRACT,
        "*": MULTIPLY,
        "sigma": Operation("σ", "", sigma, lambda z: (float(sigma_prime(z)),)),
    }
    nodes = {name: Node(value, name) for name, value in values.items()}
    for name, operation, sources in circuit:
        nodes.setdefault(name, Node(0.0, name)).operation = operations[operation]
        nodes[name].inputs = tuple(nodes.setdefault(s, Node(0.0, s)) for s in sources)
    return nodes


def topological_order(circuit):
    nodes = as_nodes(circuit, {})
    used = {source for _, _, sources in circuit for source in sources}
    (output,) = (name for name, _, _ in circuit if name not in used)
    by_name = {node[0]: node for node in circuit}
    return [by_name[node.name] for node in order_of(nodes[output]) if node.operation]


def circuit_forward(circuit, inputs, sigma):
    nodes = as_nodes(circuit, inputs, sigma)
    return inputs | {name: float(nodes[name].forward()) for name, _, _ in circuit}


def circuit_backward(circuit, values, sigma_prime):
    nodes = as_nodes(circuit, values, sigma_prime=sigma_prime)
    nodes[circuit[-1][0]].backward()
    return {name: nodes[name].gradient or 0.0 for name in values}


# --- an order with one thing done differently -----------------------------------------------


def order_in_place(circuit):
    order, waiting = [], {name for name, _, _ in circuit}
    while circuit:
        for node in list(circuit):
            if not waiting & set(node[2]):
                order.append(node)
                circuit.remove(node)
                waiting.remove(node[0])
    return order


def order_if_any(circuit):
    order, waiting = [], {name for name, _, _ in circuit}
    while waiting:
        for node in circuit:
            if node[0] in waiting and not waiting.issuperset(node[2]):
                order.append(node)
                waiting.remove(node[0])
    return order


def order_split_once(circuit):
    names = {node[0] for node in circuit}
    at_once = [node for node in circuit if not names & set(node[2])]
    return at_once + [node for node in circuit if node not in at_once]


def order_in_one_pass(circuit):
    order, waiting = [], {name for name, _, _ in circuit}
    for node in circuit:
        if not waiting & set(node[2]):
            order.append(node)
            waiting.remove(node[0])
    return order


def order_with_rounds_repeated(circuit):
    order, waiting = [], {name for name, _, _ in circuit}
    while waiting:
        for node in circuit:
            if not waiting & set(node[2]):
                order.append(node)
                waiting.discard(node[0])
    return order


def order_backwards(circuit):
    return topological_order(circuit)[::-1]


def order_with_repetitions(circuit):
    by_name = {node[0]: node for node in circuit}

    def with_inputs(name):
        if name not in by_name:
            return []
        return [n for source in by_name[name][2] for n in with_inputs(source)] + [by_name[name]]

    return with_inputs(topological_order(circuit)[-1][0])


def order_by_distance(circuit):
    """From the output, nodes one edge away, two edges away, … on the shortest way; turned round."""
    by_name = {node[0]: node for node in circuit}
    found = [topological_order(circuit)[-1]]
    for node in found:
        found += [by_name[s] for s in node[2] if s in by_name and by_name[s] not in found]
    return found[::-1]


# --- a forward pass with one thing done differently -----------------------------------------


def forward_in_place(circuit, inputs, sigma):
    inputs.update(circuit_forward(circuit, inputs, sigma))
    return inputs


def forward_without_inputs(circuit, inputs, sigma):
    values = circuit_forward(circuit, inputs, sigma)
    return {name: value for name, value in values.items() if name not in inputs}


def forward_with(**other):
    """circuit_forward with other operations: ``plus``, ``minus``, ``times``, ``sigma``."""

    def forward(circuit, inputs, sigma):
        rules = {
            "+": other.get("plus", lambda *a: sum(a)),
            "-": other.get("minus", lambda a, b: a - b),
            "*": other.get("times", lambda a, b: a * b),
            "sigma": other.get("sigma", sigma),
        }
        values = dict(inputs)
        for name, operation, sources in circuit:
            values[name] = float(rules[operation](*(values[s] for s in sources)))
        return values

    return forward


# --- a backward pass with one thing done differently ----------------------------------------


def local_derivatives(operation, values, sources, sigma_prime):
    match operation, [values[s] for s in sources]:
        case "+", a:
            return [1.0] * len(a)
        case "-", _:
            return [1.0, -1.0]
        case "*", [a, b]:
            return [b, a]
        case _, [z]:
            return [sigma_prime(z)]


def add(gradients, source, amount, operation):
    gradients[source] += amount


def backward(
    circuit,
    values,
    sigma_prime,
    *,
    local=lambda name, *node: local_derivatives(*node),
    collect=add,
    start=0.0,
    at_output=lambda value: 1.0,
    upstream=lambda gradient, operation: gradient,
    order=reversed,
    gradients=None,
):
    """circuit_backward with one thing done differently: the mistakes below say which."""
    gradients = {} if gradients is None else gradients
    for name in values:
        gradients.setdefault(name, start)
    output = circuit[-1][0]
    gradients[output] = at_output(values[output])
    for name, operation, sources in order(circuit):
        derivatives = local(name, operation, values, sources, sigma_prime)
        for source, derivative in zip(sources, derivatives, strict=False):
            amount = upstream(gradients[name], operation) * derivative
            collect(gradients, source, amount, operation)
    return dict(gradients)


def backward_with(**other):
    return lambda *args: backward(*args, **other)


def local_with(operation, derivatives):
    """Local derivatives, those of one operation by ``derivatives(name, values, sources, σ′)``."""

    def local(name, done, values, sources, sigma_prime):
        if done == operation:
            return derivatives(name, values, sources, sigma_prime)
        return local_derivatives(done, values, sources, sigma_prime)

    return local


def replace(gradients, source, amount, operation):
    gradients[source] = amount


def replace_at_products(gradients, source, amount, operation):
    (replace if operation == "*" else add)(gradients, source, amount, operation)


def keep_first(gradients, source, amount, operation):
    if gradients[source] == 0:
        gradients[source] = amount


def multiply(gradients, source, amount, operation):
    gradients[source] *= amount


def upstream_missing_at(left_out):
    """circuit_backward in which nodes of one operation hand on their own derivative alone."""
    return backward_with(
        upstream=lambda gradient, operation: 1.0 if operation == left_out else gradient
    )


def backward_once_per_input(circuit, values, sigma_prime):
    """An input that a node takes twice gets its share once."""

    def local(name, *node):
        sources, derivatives = node[2], local_derivatives(*node)
        again = [source in sources[:i] for i, source in enumerate(sources)]
        return [0.0 if a else d for a, d in zip(again, derivatives, strict=True)]

    return backward(circuit, values, sigma_prime, local=local)


def backward_in_place(circuit, values, sigma_prime):
    gradients = circuit_backward(circuit, values, sigma_prime)
    circuit.reverse()
    return gradients


_kept = {}


def backward_with_old_gradients(circuit, values, sigma_prime):
    """Gradients live outside of the function. A circuit of one node begins a series of calls."""
    if len(circuit) == 1:
        _kept.clear()
    return backward(circuit, values, sigma_prime, gradients=_kept)


# --- messages that several exercises share --------------------------------------------------

WRONG_SIGN = (
    "Every number has the right size and the opposite sign: the minus in f is missing. Raise w3 a "
    "little for positive x3: does f grow or fall?"
)
OWN_FACTOR = (
    "In each product you kept the factor that is turned, where the other one belongs. How far does "
    "w3·x3 move when w3 grows by 1?"
)
EXCHANGED = (
    "Your numbers for w3 and x3 are those of w4 and x4, and the reverse. Follow each knob along "
    "its own edge."
)
WEIGHTS_FIRST = (
    "Your numbers are right but in another order: both weights first, then both inputs. Keep the "
    "order of the arguments."
)
WEIGHTS_ONLY = (
    "You return the two numbers for the weights. The gradient asked has one entry for each of the "
    "four arguments, inputs included."
)
SLOPE_MISSING = (
    "Your numbers are those of a circuit without σ. The step from net2 through σ brings a factor "
    "of its own."
)
INNER_MISSING = (
    "All that comes through σ is the same in your four entries: the step from net2 back to the "
    "single weight or input is missing."
)
SLOPE_OF_PRODUCT = (
    "You take the slope of σ at one product alone, once for each. How much arrives at σ in the "
    "circuit?"
)
SLOPE_READ_AS_PRODUCT = (
    "Your numbers have an extra factor net2. The prime in σ′(net2) marks a function evaluated at "
    "net2; nothing is multiplied there."
)
SLOPE_BEHIND_SIGMA = (
    "You take the slope of σ at the notebook's σ(net2), the number that comes out of σ. Which "
    "number goes in?"
)
VALUE_FOR_SLOPE = (
    "Where the slope of σ belongs you have its value, by the notebook's own `sigma`. By how much "
    "does σ multiply a small change? Look at your arguments."
)
WITHOUT_WEIGHTS = "You take the slope of σ at x3 + x4. Look at what the sum in the circuit adds up."
OTHER_SIGN_INSIDE = (
    "You take the slope of σ at −net2. The minus stands outside of σ: it is a step by itself."
)
NOT_A_PRODUCT = (
    "The derivatives along the path are added in your result. Ask what a chain of amplifiers does "
    "to a small change."
)

ANSWERS = {
    "weighted_circuit_gradient": Answer(
        weighted_circuit_gradient,
        {
            "wrong sign": Mistake(lambda w3, x3, w4, x4: np.array([x3, w3, x4, w4]), WRONG_SIGN),
            "own factor": Mistake(
                lambda w3, x3, w4, x4: np.array([-w3, -x3, -w4, -x4]), OWN_FACTOR
            ),
            "minus on the first product only": Mistake(
                lambda w3, x3, w4, x4: np.array([-x3, -w3, x4, w4]),
                "w3 and x3 are right, w4 and x4 have the opposite sign. The minus stands in front "
                "of the brackets: what does it do to the second product?",
            ),
            "pairs exchanged": Mistake(
                lambda w3, x3, w4, x4: np.array([-x4, -w4, -x3, -w3]), EXCHANGED
            ),
            "weights first": Mistake(
                lambda w3, x3, w4, x4: np.array([-x3, -x4, -w3, -w4]), WEIGHTS_FIRST
            ),
            "the products themselves": Mistake(
                lambda w3, x3, w4, x4: -np.array([w3 * x3, w3 * x3, w4 * x4, w4 * x4]),
                "Your numbers are the products themselves, with a minus: the share that each pair "
                "has in f. The gradient says how f changes when one factor grows by 1.",
            ),
            "weights only": Mistake(lambda w3, x3, w4, x4: np.array([-x3, -x4]), WEIGHTS_ONLY),
            "added up": Mistake(
                lambda w3, x3, w4, x4: -(x3 + w3 + x4 + w4),
                "You return one number, the sum of the four. Each knob has a gradient of its own.",
            ),
        },
    ),
    "central_difference": Answer(
        central_difference,
        {
            "forward difference": Mistake(
                difference(lambda above, at, below, h: (above - at) / h),
                "You compare f above with f at x itself: a forward difference. Its error shrinks "
                "only as fast as h. Step to both sides.",
            ),
            "backward difference": Mistake(
                difference(lambda above, at, below, h: (at - below) / h),
                "You compare f at x itself with f below. Its error shrinks only as fast as h. "
                "Step to both sides.",
            ),
            "not divided": Mistake(
                difference(lambda above, at, below, h: above - below),
                "You return the rise alone. The slope is rise over run: how far apart are the two "
                "places?",
            ),
            "divided by h": Mistake(
                difference(lambda above, at, below, h: (above - below) / h),
                "Every number is twice the right one. From x − h to x + h, how long is the way?",
            ),
            "divided by 2": Mistake(
                difference(lambda above, at, below, h: (above - below) / 2),
                "You divide by 2 where the length of the whole way belongs, so your result "
                "shrinks with h. How far apart are the two places?",
            ),
            "brackets missing": Mistake(
                difference(lambda above, at, below, h: (above - below) / 2 * h),
                "Your result is multiplied by h where it should be divided: Python reads `a / 2 "
                "* h` from left to right. Set brackets.",
            ),
            "wrong sign": Mistake(
                difference(lambda above, at, below, h: (below - above) / (2 * h)),
                "Every number has the right size and the opposite sign: the lower value is the "
                "one to subtract.",
            ),
            "first entry only": Mistake(
                lambda f, x, h: central_difference(f, x, h)[0],
                "You return one number, the slope for the first entry. Look whether `return` "
                "stands inside the loop.",
            ),
            "list of the first entry": Mistake(
                lambda f, x, h: central_difference(f, x, h)[:1],
                "Your result has one entry, the first, and it is right. Look whether `return` "
                "stands inside the loop.",
            ),
            "all entries at once": Mistake(
                difference_all_at_once,
                "You return one number: all entries of x were shifted at once. Shift one at a "
                "time, so that each gets its own slope.",
            ),
            "shift never taken back": Mistake(
                difference_never_put_back,
                "The first entry is right. From the second on, the entries before are still "
                "shifted. Begin with fresh copies each time.",
            ),
            "in place": Mistake(
                difference_in_place,
                "Your function changes x and does not put it back, so the entries after the "
                "first are taken elsewhere. Begin each entry with a fresh copy.",
            ),
            "x + h in whole numbers": Mistake(
                difference_in_whole_numbers,
                "For an array of whole numbers your shift loses its fraction: such an array holds "
                "no other numbers, and x + h is cut. Make the copies arrays of floats.",
            ),
            "result in whole numbers": Mistake(
                difference_cut_to_whole_numbers,
                "For an array of whole numbers your slopes lose their fraction: `np.zeros_like(x)` "
                "takes over the kind of x. Make the result an array of floats.",
            ),
        },
    ),
    "one_path": Answer(
        one_path,
        {
            "outer derivative at x": Mistake(
                lambda x, g, g_prime, h_prime: h_prime(x) * g_prime(x),
                "You evaluate h′ at x. The second machine never sees x: which number arrives "
                "there?",
            ),
            "inner derivative at y": Mistake(
                lambda x, g, g_prime, h_prime: h_prime(g(x)) * g_prime(g(x)),
                "You evaluate g′ at y. Which number goes into the first machine?",
            ),
            "inner derivative missing": Mistake(
                lambda x, g, g_prime, h_prime: h_prime(g(x)),
                "Your result is dz/dy, the second step alone. The step from y back to x is "
                "missing.",
            ),
            "outer derivative missing": Mistake(
                lambda x, g, g_prime, h_prime: g_prime(x),
                "Your result is dy/dx, the first step alone. What does the second machine do to "
                "a change of y?",
            ),
            "added": Mistake(
                lambda x, g, g_prime, h_prime: h_prime(g(x)) + g_prime(x), NOT_A_PRODUCT
            ),
            "derivatives nested": Mistake(
                lambda x, g, g_prime, h_prime: h_prime(g_prime(x)),
                "You put g′(x) into h′. The functions are nested, their derivatives are not: what "
                "goes into h is the value of g.",
            ),
            "the value for the derivative": Mistake(
                lambda x, g, g_prime, h_prime: h_prime(g(x)) * g(x),
                "Your second factor is g(x), the value of the first machine. By how much does it "
                "multiply a small change?",
            ),
            "divided": Mistake(
                lambda x, g, g_prime, h_prime: h_prime(g(x)) / g_prime(x),
                "You divide by g′(x). If the first machine doubles a change and the second "
                "triples it, what do the two do together?",
            ),
        },
    ),
    "activation_circuit_gradient": Answer(
        activation_circuit_gradient,
        {
            "slope missing": Mistake(
                lambda w3, x3, w4, x4, sigma_prime: np.array([-x3, -w3, -x4, -w4]), SLOPE_MISSING
            ),
            "wrong sign": Mistake(
                lambda *args: -activation_circuit_gradient(*args),
                WRONG_SIGN,
            ),
            "inner step missing": Mistake(
                lambda w3, x3, w4, x4, sigma_prime: np.full(4, -sigma_prime(net(w3, x3, w4, x4))),
                INNER_MISSING,
            ),
            "own factor": Mistake(
                lambda w3, x3, w4, x4, sigma_prime: (
                    -sigma_prime(net(w3, x3, w4, x4)) * np.array([w3, x3, w4, x4])
                ),
                OWN_FACTOR,
            ),
            "slope at each product": Mistake(slope_of_each_product, SLOPE_OF_PRODUCT),
            "slope read as a product": Mistake(
                with_slope(lambda *a: a[4](net(*a[:4])) * net(*a[:4])), SLOPE_READ_AS_PRODUCT
            ),
            "slope at the sum of inputs": Mistake(
                with_slope(lambda w3, x3, w4, x4, sigma_prime: sigma_prime(x3 + x4)),
                WITHOUT_WEIGHTS,
            ),
            "slope at the output of sigma": Mistake(
                with_slope(lambda *a: a[4](notebook_sigma(net(*a[:4])))), SLOPE_BEHIND_SIGMA
            ),
            "value for slope": Mistake(
                with_slope(lambda *a: notebook_sigma(net(*a[:4]))), VALUE_FOR_SLOPE
            ),
            "minus moved inside": Mistake(
                with_slope(lambda *a: -a[4](-net(*a[:4]))),
                "The minus of f has moved inside: you take the slope of σ at −net2, and nothing "
                "is negative outside. Which number goes into σ, and where does the minus act?",
            ),
            "slope at minus net2": Mistake(
                with_slope(lambda *a: a[4](-net(*a[:4]))), OTHER_SIGN_INSIDE
            ),
            "added": Mistake(
                lambda w3, x3, w4, x4, sigma_prime: (
                    -(sigma_prime(net(w3, x3, w4, x4)) + np.array([x3, w3, x4, w4]))
                ),
                NOT_A_PRODUCT,
            ),
            "minus on the first product only": Mistake(
                lambda *args: activation_circuit_gradient(*args) * np.array([1, 1, -1, -1]),
                "w3 and x3 are right, w4 and x4 have the opposite sign. Which steps lie between "
                "w4 and f, and which of them brings the minus?",
            ),
            "weights first": Mistake(
                lambda *args: activation_circuit_gradient(*args)[[0, 2, 1, 3]], WEIGHTS_FIRST
            ),
        },
    ),
    "two_paths": Answer(
        two_paths,
        {
            "second path dropped": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: k_x * dx),
                "Only the way through x is in your result. s also reaches z through y.",
            ),
            "first path dropped": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: k_y * dy),
                "Only the way through y is in your result. s also reaches z through x.",
            ),
            "paths multiplied": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: k_x * dx * k_y * dy),
                "You multiply the two ways. Along one way derivatives are multiplied; what do two "
                "ways side by side do to z?",
            ),
            "paths subtracted": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: k_x * dx - k_y * dy),
                "You subtract the second way from the first. Both move z, each by its own amount.",
            ),
            "inner derivatives missing": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: k_x + k_y),
                "You add up ∂k/∂x and ∂k/∂y alone. How far do x and y move when s grows a little?",
            ),
            "partial derivatives missing": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: dx + dy),
                "You add up g′ and h′ alone. How far does z move when x or y grows a little?",
            ),
            "inner derivatives exchanged": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: k_x * dy + k_y * dx),
                "Each partial derivative of k goes with the inner derivative of the other way in "
                "your result. Which function leads to x?",
            ),
            "sums multiplied": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: (k_x + k_y) * (dx + dy)),
                "You add up first and multiply afterwards, so that parts of one way meet parts of "
                "the other. Finish each way before you add.",
            ),
            "mean of the paths": Mistake(
                both_ways(lambda k_x, dx, k_y, dy: (k_x * dx + k_y * dy) / 2),
                "Your result is half the right one: you take the mean of the two ways. Both act "
                "in full.",
            ),
            "partial derivatives at s": Mistake(
                lambda s, g, h, g_prime, h_prime, k_x, k_y: (
                    k_x(s, s) * g_prime(s) + k_y(s, s) * h_prime(s)
                ),
                "You evaluate ∂k/∂x and ∂k/∂y at (s, s). k never sees s: which two numbers arrive "
                "there?",
            ),
            "arguments of k exchanged": Mistake(
                lambda s, g, h, g_prime, h_prime, k_x, k_y: (
                    k_x(h(s), g(s)) * g_prime(s) + k_y(h(s), g(s)) * h_prime(s)
                ),
                "x and y have changed places inside ∂k/∂x and ∂k/∂y. Which of g and h makes x?",
            ),
            "inner derivatives at x and y": Mistake(
                lambda s, g, h, g_prime, h_prime, k_x, k_y: (
                    k_x(g(s), h(s)) * g_prime(g(s)) + k_y(g(s), h(s)) * h_prime(h(s))
                ),
                "You evaluate g′ at x and h′ at y. Which number goes into g and into h?",
            ),
        },
    ),
    "many_paths": Answer(
        many_paths,
        {
            "not added up": Mistake(
                lambda dz_dy, dy_dx: dz_dy * dy_dx,
                "You return one number for each path. z moves by what they do together.",
            ),
            "paths multiplied": Mistake(
                lambda dz_dy, dy_dx: np.prod(dz_dy * dy_dx),
                "You multiply the paths with each other. If one path is blocked, does z stop "
                "moving altogether?",
            ),
            "sums multiplied": Mistake(
                lambda dz_dy, dy_dx: np.sum(dz_dy) * np.sum(dy_dx),
                "You add up each array first and multiply the sums, so that parts of different "
                "paths meet. Multiply within each path first.",
            ),
            "mean for sum": Mistake(
                lambda dz_dy, dy_dx: np.mean(dz_dy * dy_dx),
                "You take the mean over the paths. Every path acts in full.",
            ),
            "last path dropped": Mistake(
                lambda dz_dy, dy_dx: np.sum((dz_dy * dy_dx)[:-1]),
                "The last path is missing in your sum. Count how often the loop runs.",
            ),
            "first path dropped": Mistake(
                lambda dz_dy, dy_dx: np.sum((dz_dy * dy_dx)[1:]),
                "The first path is missing in your sum. Python counts entries from 0.",
            ),
            "first path only": Mistake(
                lambda dz_dy, dy_dx: dz_dy[0] * dy_dx[0],
                "Only the first path is in your result. Look whether `return` stands inside the "
                "loop.",
            ),
            "last path only": Mistake(
                lambda dz_dy, dy_dx: dz_dy[-1] * dy_dx[-1],
                "Only the last path is in your result: each one has replaced the one before. Is "
                "there `=` where `+=` is meant?",
            ),
            "all added": Mistake(
                lambda dz_dy, dy_dx: np.sum(dz_dy + dy_dx),
                "You add the two derivatives of a path. Along one path, what does the second "
                "machine do to the change that the first one made?",
            ),
            "sizes": Mistake(
                lambda dz_dy, dy_dx: np.sum(np.abs(dz_dy * dy_dx)),
                "You add up the sizes of the paths. Two paths may well work against each other.",
            ),
        },
    ),
    "multiple_paths_gradient": Answer(
        multiple_paths_gradient,
        {
            "short path dropped": Mistake(
                activation_circuit_gradient,
                "In your ∂f/∂x3 only the way through σ counts; the other three are right. x3 has "
                "a second way to f. What does it add?",
            ),
            "short path for x4 too": Mistake(
                lambda *args: multiple_paths_gradient(*args) + np.array([0, 0, 0, 1]),
                "Your ∂f/∂x4 is too large by 1, as if x4 had a short way too. Follow its edges.",
            ),
            "short path for w3": Mistake(
                lambda *args: activation_circuit_gradient(*args) + np.array([1, 0, 0, 0]),
                "The short way stands in your entry for w3. Which of the four is also an input "
                "of the first sum?",
            ),
            "short path subtracted": Mistake(
                lambda *args: activation_circuit_gradient(*args) - np.array([0, 1, 0, 0]),
                "Your ∂f/∂x3 is too small by 2: the short way has the wrong sign. Does f grow or "
                "fall when x3 + x5 grows?",
            ),
            "long path with the wrong sign": Mistake(
                lambda *args: np.array([0, 1, 0, 0]) - activation_circuit_gradient(*args),
                "All that comes through σ has the opposite sign. Does f grow or fall when σ grows?",
            ),
            "everything negative": Mistake(
                lambda *args: -multiple_paths_gradient(*args),
                "Every number has the right size and the opposite sign: you found what lowers f.",
            ),
            "slope missing": Mistake(with_slope(lambda *a: 1.0, short=1.0), SLOPE_MISSING),
            "slope on both paths": Mistake(
                lambda w3, x3, w4, x4, sigma_prime: (
                    sigma_prime(net(w3, x3, w4, x4)) * np.array([-x3, 1 - w3, -x4, -w4])
                ),
                "In your ∂f/∂x3 both ways carry the slope of σ. Which of the two leads through σ?",
            ),
            "own factor": Mistake(
                lambda w3, x3, w4, x4, sigma_prime: (
                    np.array([0, 1, 0, 0])
                    - sigma_prime(net(w3, x3, w4, x4)) * np.array([w3, x3, w4, x4])
                ),
                OWN_FACTOR,
            ),
            "inner step missing": Mistake(
                lambda w3, x3, w4, x4, sigma_prime: (
                    np.array([0, 1, 0, 0]) - sigma_prime(net(w3, x3, w4, x4))
                ),
                INNER_MISSING,
            ),
            "slope at each product": Mistake(
                lambda *args: slope_of_each_product(*args) + np.array([0, 1, 0, 0]),
                SLOPE_OF_PRODUCT,
            ),
            "slope read as a product": Mistake(
                with_slope(lambda *a: a[4](net(*a[:4])) * net(*a[:4]), short=1.0),
                SLOPE_READ_AS_PRODUCT,
            ),
            "slope at the output of sigma": Mistake(
                with_slope(lambda *a: a[4](notebook_sigma(net(*a[:4]))), short=1.0),
                SLOPE_BEHIND_SIGMA,
            ),
            "value for slope": Mistake(
                with_slope(lambda *a: notebook_sigma(net(*a[:4])), short=1.0), VALUE_FOR_SLOPE
            ),
            "long path of x3 with the wrong sign": Mistake(
                lambda *args: (
                    multiple_paths_gradient(*args) * np.array([1, -1, 1, 1])
                    + np.array([0, 2, 0, 0])
                ),
                "Only your ∂f/∂x3 is wrong: its way through σ has the opposite sign. Does f grow "
                "or fall along that way?",
            ),
            "weights first": Mistake(
                lambda *args: multiple_paths_gradient(*args)[[0, 2, 1, 3]], WEIGHTS_FIRST
            ),
        },
    ),
    "topological_order": Answer(
        topological_order,
        {
            "as it was": Mistake(
                lambda circuit: list(circuit),
                "Your list has the order that was handed in. Which of its nodes could be computed "
                "first, before any other?",
            ),
            "the list turned round": Mistake(
                lambda circuit: circuit[::-1],
                "Your list is the one that was handed in, turned round. The order in it means "
                "nothing: look at the inputs of each node.",
            ),
            "by name": Mistake(
                lambda circuit: sorted(circuit),
                "Your list is sorted by name. A node's inputs decide when it can be computed, not "
                "its name.",
            ),
            "output first": Mistake(
                order_backwards,
                "Your order is right from back to front: the output stands first. Here the inputs "
                "come first.",
            ),
            "split once": Mistake(
                order_split_once,
                "What can be computed from the inputs alone comes first in your list, and all "
                "else as it was. What becomes ready once the first node is done? Repeat.",
            ),
            "ready if any input is": Mistake(
                order_if_any,
                "Some of your nodes stand before one of their inputs: it looks as if one known "
                "input was enough. A node needs all of its inputs.",
            ),
            "nodes repeated": Mistake(
                order_with_repetitions,
                "Some nodes appear more than once: one that is used twice was fetched twice. "
                "Remember which are done.",
            ),
            "one pass only": Mistake(
                order_in_one_pass,
                "Nodes are missing: your list holds what is found in going through the circuit "
                "once. What becomes ready after that? Look also whether `return` stands too far "
                "to the right.",
            ),
            "ready nodes again in each round": Mistake(
                order_with_rounds_repeated,
                "Your list holds nodes again and again: what is ready stays ready, and is "
                "appended in every round. Which nodes should a round still look at?",
            ),
            "by distance from the output": Mistake(
                order_by_distance,
                "Your order is that of the distance to the output, counted on the shortest way. A "
                "node can be used near the output and far from it: look at the far one.",
            ),
            "names only": Mistake(
                lambda circuit: [node[0] for node in topological_order(circuit)],
                "The order is right, but your list holds names alone. Append the whole nodes.",
            ),
            "in place": Mistake(
                order_in_place,
                "The order is right, but the circuit that was handed in has changed: `remove`, "
                "`pop` and `sort` work in place. Keep your own set of the names that wait.",
            ),
        },
    ),
    "circuit_forward": Answer(
        circuit_forward,
        {
            "inputs changed": Mistake(
                forward_in_place,
                "The values are right, but the dict of inputs has changed: `values = inputs` is "
                "a second name for the same dict. Make a copy.",
            ),
            "inputs left out": Mistake(
                forward_without_inputs,
                "The values of the nodes are right, but your dict holds nothing else. The backward "
                "pass needs the values of the circuit's inputs too.",
            ),
            "minus turned round": Mistake(
                forward_with(minus=lambda a, b: b - a),
                'At a "-" you subtract the first input from the second. Look at the picture: f = '
                "x1 − x2.",
            ),
            "minus as plus": Mistake(
                forward_with(minus=lambda a, b: a + b),
                'Your "-" adds. Check the order of `if` and `else`: where does each operation '
                "end up?",
            ),
            "plus of two only": Mistake(
                forward_with(plus=lambda a, b, *more: a + b),
                'At a "+" only the first two inputs count. A sum may have any number of inputs.',
            ),
            "mean for sum": Mistake(
                forward_with(plus=lambda *a: sum(a) / len(a)),
                'At a "+" you take the mean of the inputs. Here they are added up.',
            ),
            "products added": Mistake(
                forward_with(times=lambda a, b: a + b),
                'Your "*" adds. Check the order of `if` and `else`: where does each operation '
                "end up?",
            ),
            "sigma left out": Mistake(
                forward_with(sigma=lambda z: z),
                'Your "sigma" nodes hand their input on as it is. The function `sigma` is among '
                "your arguments.",
            ),
            "sigma twice": Mistake(
                lambda circuit, inputs, sigma: forward_with(sigma=lambda z: sigma(sigma(z)))(
                    circuit, inputs, sigma
                ),
                "σ acts twice at each of its nodes. Call it once.",
            ),
            "the output alone": Mistake(
                lambda *args: list(circuit_forward(*args).values())[-1],
                "You return the value of the last node alone. The backward pass will need all "
                "values: return the whole dict.",
            ),
            "a list": Mistake(
                lambda *args: list(circuit_forward(*args).values()),
                "Your numbers are right, but they stand in a list. A dict says which number "
                "belongs to which name.",
            ),
        },
    ),
    "circuit_backward": Answer(
        circuit_backward,
        {
            "= for +=": Mistake(
                backward_with(collect=replace),
                "Where a name feeds several nodes, only one contribution survived: each one "
                "replaces the one before. What do several paths do together?",
            ),
            "first contribution only": Mistake(
                backward_with(collect=keep_first),
                "Where a name feeds several nodes, only the contribution that came back first "
                "counts. The others arrive later and belong to it too.",
            ),
            "paths multiplied": Mistake(
                backward_with(collect=multiply, start=1.0),
                "Where a name feeds several nodes, what comes back is multiplied. Along one path "
                "derivatives are multiplied; what happens where paths meet?",
            ),
            "same input twice counts once": Mistake(
                backward_once_per_input,
                "A node that takes the same input twice, such as e·e, gives it only one share. "
                "Each edge brings back its own.",
            ),
            "old gradients kept": Mistake(
                backward_with_old_gradients,
                "Your result holds numbers from earlier calls: the gradients are kept between "
                "calls. Make a new dict each time, inside the function.",
            ),
            "upstream missing": Mistake(
                backward_with(upstream=lambda gradient, operation: 1.0),
                "You hand on the derivative of each operation by itself. What has come back to "
                "the node already must be in it as a factor.",
            ),
            "upstream missing at products": Mistake(
                upstream_missing_at("*"),
                'At a "*" what has come back to the node is missing as a factor; at the other '
                "operations it is there. Compare the branches.",
            ),
            "upstream missing at sigma": Mistake(
                upstream_missing_at("sigma"),
                'At a "sigma" you hand on the slope alone. What has come back to the node '
                "belongs in it, as at the other operations.",
            ),
            "= for += at products": Mistake(
                backward_with(collect=replace_at_products),
                'At a "*" what is handed on replaces what was there; at the other operations it '
                "is added. What if a factor has received something already?",
            ),
            "from the inputs on": Mistake(
                backward_with(order=list),
                "Most of your gradients are 0: you go through the nodes from first to last, and "
                "nothing has come back to them yet. Which node knows its gradient first?",
            ),
            "starts with the value of f": Mistake(
                backward_with(at_output=lambda value: value),
                "Every gradient has the value of f as an extra factor: that is what you start "
                "with. How far does f move when f moves by 1?",
            ),
            "minus lost": Mistake(
                backward_with(local=local_with("-", lambda *_: [1.0, 1.0])),
                'At a "-" both inputs get the same sign. How does a difference move when its '
                "second input grows?",
            ),
            "minus on the first input": Mistake(
                backward_with(local=local_with("-", lambda *_: [-1.0, 1.0])),
                'At a "-" the first input gets the minus. Which of the two is subtracted?',
            ),
            "own factor": Mistake(
                backward_with(
                    local=local_with(
                        "*", lambda n, values, sources, _: [values[s] for s in sources]
                    )
                ),
                'At a "*" each input gets its own value as the factor. How far does a product move '
                "when one factor grows by 1?",
            ),
            "the product as factor": Mistake(
                backward_with(
                    local=local_with(
                        "*", lambda n, values, sources, _: [prod(values[s] for s in sources)] * 2
                    )
                ),
                'At a "*" both inputs get the whole product as the factor. How far does a product '
                "move when one factor grows by 1?",
            ),
            "slope at the output of sigma": Mistake(
                backward_with(
                    local=local_with("sigma", lambda name, values, _, slope: [slope(values[name])])
                ),
                "You take the slope of σ at the value that comes out of it. Where does σ work: "
                "at what comes out, or at what goes in?",
            ),
            "slope missing": Mistake(
                backward_with(local=local_with("sigma", lambda *_: [1.0])),
                "Your gradients pass through σ unchanged. Its slope is missing: `sigma_prime` is "
                "among your arguments.",
            ),
            "plus of two only": Mistake(
                backward_with(local=local_with("+", lambda *_: [1.0, 1.0])),
                'At a "+" only the first two inputs get something. A sum may have any number of '
                "inputs.",
            ),
            "circuit turned round": Mistake(
                backward_in_place,
                "The gradients are right, but the circuit that was handed in is turned round: "
                "`reverse` works in place. `reversed` leaves the list as it is.",
            ),
        },
    ),
}
