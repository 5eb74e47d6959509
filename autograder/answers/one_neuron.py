"""Answers of assignment 03 and what students get wrong in it."""

import numpy as np

from autograder.answers import Answer, Mistake
from course import activations
from course.losses import binary_cross_entropy as bce

# --- activations: a = σ(z), σ' = σ (1 − σ); tanh, ReLU (XJTLU, SKKU, Classical) --------------

sigmoid = activations.sigmoid.value
sigmoid_prime = activations.sigmoid.derivative
softmax = activations.softmax.value


def activation_and_slope(name, z):
    activation = activations.ACTIVATIONS[name]
    return activation.value(z), activation.derivative(z)


def pair_with(name_changed, value, slope):
    """activation_and_slope with another value or slope, made of (z, a), for one name."""

    def changed(name, z):
        a, da_dz = activation_and_slope(name, z)
        return (value(z, a), slope(z, a)) if name == name_changed else (a, da_dz)

    return changed


def relu_in_place(name, z):
    if name == "tanh":
        return activation_and_slope(name, z)
    slope = (z > 0) * 1.0
    z[z < 0] = 0
    return z, slope


def entry_by_matrix_product(z):
    a = sigmoid(z)
    return np.dot(a, 1 - a)


# --- one neuron: z = w x + b, y = σ(z), L = ½ (y − t)², then ȳ and z̄ (XJTLU) ----------------


def sigmoid_neuron(w, b, x, t):
    z = w * x + b
    y = sigmoid(z)
    loss = (y - t) ** 2 / 2
    y_bar = y - t
    z_bar = y_bar * sigmoid_prime(z)
    return z, y, loss, y_bar, z_bar, z_bar * x, z_bar


def neuron_with(
    *,
    net=lambda w, b, x: w * x + b,
    value=sigmoid,
    loss=lambda y, t: (y - t) ** 2 / 2,
    error=lambda y, t: y - t,
    slope=lambda z, y: sigmoid_prime(z),
    dw=lambda z_bar, y_bar, w, b, x: z_bar * x,
    db=lambda z_bar, y_bar, w, b, x: z_bar,
):
    """sigmoid_neuron with one thing done differently: the mistakes below say which."""

    def neuron(w, b, x, t):
        z = net(w, b, x)
        y = value(z)
        y_bar = error(y, t)
        z_bar = y_bar * slope(z, y)
        backward = z_bar, y_bar, w, b, x
        return z, y, loss(y, t), y_bar, z_bar, dw(*backward), db(*backward)

    return neuron


# --- binary cross-entropy: J = −Σ (t log y + (1 − t) log(1 − y)) (XJTLU) ---------------------


def binary_cross_entropy(y, t):
    return bce.value(y, t), bce.gradient(y, t)


def bce_with(value=lambda J, y, t: J, gradient=lambda g, y, t: g):
    """binary_cross_entropy with J and dJ/dy passed through these."""

    def changed(y, t):
        J, g = binary_cross_entropy(y, t)
        return value(J, y, t), gradient(g, y, t)

    return changed


def kept_from_the_ends(y):
    """y a tiny distance away from 0 and 1, as the notebook suggests."""
    return np.clip(y, 1e-12, 1 - 1e-12)


def first_term(J, y, t):
    return bce.value(y[t == 1], t[t == 1])


def second_term(J, y, t):
    return bce.value(y[t == 0], t[t == 0])


def minus_on_first_only(J, y, t):
    return first_term(J, y, t) - second_term(J, y, t)


def unprotected_value(J, y, t):
    return -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))


def unprotected_gradient(g, y, t):
    return -t / y + (1 - t) / (1 - y)


# --- many examples: L = Σ lⁿ, so ∇L = Σ ∇lⁿ (NSYSU, SKKU); logistic regression (XJTLU) ------


def deltas(w, b, X, t):
    """dJ/dz of each example."""
    return sigmoid(w @ X + b) - t


def logistic_gradient(w, b, X, t):
    delta = deltas(w, b, X, t)
    return X @ delta, np.sum(delta)


def gradient_of(delta):
    """The gradient for given error signals, delta(w, b, X, t) of shape (N,)."""

    def gradient(w, b, X, t):
        d = delta(w, b, X, t)
        return X @ d, np.sum(d)

    return gradient


def gradient_with(change):
    """change(dw, db, delta, w, X) in place of the gradient."""

    def gradient(w, b, X, t):
        delta = deltas(w, b, X, t)
        return change(X @ delta, np.sum(delta), delta, w, X)

    return gradient


def slope_left_in(w, b, X, t):
    return deltas(w, b, X, t) * sigmoid_prime(w @ X + b)


def slope_missing(w, b, X, t):
    return bce.gradient(sigmoid(w @ X + b), t)


def total_loss(w, b, X, t):
    return bce.value(sigmoid(w @ X + b), t)


def logistic_regression(X, t, w, b, learning_rate, epochs):
    losses = [total_loss(w, b, X, t)]
    for _ in range(epochs):
        dw, db = logistic_gradient(w, b, X, t)
        w, b = w - learning_rate * dw, b - learning_rate * db
        losses.append(total_loss(w, b, X, t))
    return w, b, np.array(losses)


def regression_with(gradient=logistic_gradient, loss=total_loss, rate=lambda learning_rate: 1.0):
    """logistic_regression with another gradient or loss, and the learning rate times ``rate``."""

    def regression(X, t, w, b, learning_rate, epochs):
        learning_rate = learning_rate * rate(learning_rate)
        losses = [loss(w, b, X, t)]
        for _ in range(epochs):
            dw, db = gradient(w, b, X, t)
            w, b = w - learning_rate * dw, b - learning_rate * db
            losses.append(loss(w, b, X, t))
        return w, b, np.array(losses)

    return regression


def regression_then(change):
    """logistic_regression with its results passed through change(w, b, losses)."""
    return lambda *args: change(*logistic_regression(*args))


def regression_for(epochs_done):
    """logistic_regression that runs epochs_done(epochs) epochs."""
    return lambda X, t, w, b, learning_rate, epochs: logistic_regression(
        X, t, w, b, learning_rate, epochs_done(epochs)
    )


def regression_one_after_the_other(X, t, w, b, learning_rate, epochs):
    losses = [total_loss(w, b, X, t)]
    for _ in range(epochs):
        w = w - learning_rate * logistic_gradient(w, b, X, t)[0]
        b = b - learning_rate * logistic_gradient(w, b, X, t)[1]
        losses.append(total_loss(w, b, X, t))
    return w, b, np.array(losses)


def regression_in_place(X, t, w, b, learning_rate, epochs):
    losses = [total_loss(w, b, X, t)]
    for _ in range(epochs):
        dw, db = logistic_gradient(w, b, X, t)
        w -= learning_rate * dw
        b -= learning_rate * db
        losses.append(total_loss(w, b, X, t))
    return w, b, np.array(losses)


def regression_with_first_gradient(X, t, w, b, learning_rate, epochs):
    dw, db = logistic_gradient(w, b, X, t)
    return regression_with(lambda *_: (dw, db))(X, t, w, b, learning_rate, epochs)


def loss_of_z(w, b, X, t):
    """The binary cross-entropy of z, with z in place of y."""
    z = kept_from_the_ends(w @ X + b)
    return unprotected_value(None, z, t)


def mean_gradient(w, b, X, t):
    return tuple(part / len(t) for part in logistic_gradient(w, b, X, t))


# --- softmax: y_k = exp(z_k) / Σ_p exp(z_p), its backward, cross-entropy (XJTLU) -------------


def rowwise(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def over_everything(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def unprotected_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=0)


def one_max_for_all(z):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=0)


def own_maximum_sum_over_everything(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum()


def softmax_in_place(z):
    z -= z.max(axis=0)
    e = np.exp(z)
    return e / e.sum(axis=0)


def softmax_backward(y, grad_y):
    return activations.softmax.backward(None, y, grad_y)


def jacobian_times_entrywise(y, grad_y):
    """For a vector the whole table, for a matrix a list of them: not summed over the paths."""
    if y.ndim == 1:
        return (np.diag(y) - np.outer(y, y)) * grad_y
    return np.array([jacobian_times_entrywise(*c) for c in zip(y.T, grad_y.T, strict=True)])


def cross_entropy(z, t):
    """−Σ t_k log y_k with log y_k = z_k − log Σ_p exp(z_p): no log of 0."""
    largest = z.max(axis=0)
    log_sum = largest + np.log(np.sum(np.exp(z - largest), axis=0))
    return np.sum(t * (log_sum - z))


def softmax_cross_entropy(z, t):
    return cross_entropy(z, t), softmax(z) - t


def cross_entropy_with(loss=lambda L, y, t: L, delta=lambda d, y, t: d, probabilities=softmax):
    """softmax_cross_entropy with L and δ passed through these, or another softmax."""

    def changed(z, t):
        y = probabilities(z)
        return loss(cross_entropy(z, t), y, t), delta(y - t, y, t)

    return changed


def logarithm_of(probabilities):
    """softmax_cross_entropy computed from ``probabilities(z)`` with y kept away from 0."""

    def changed(z, t):
        y = probabilities(z)
        return -np.sum(t * np.log(np.clip(y, 1e-300, None))), y - t

    return changed


def cross_entropy_in_place(z, t):
    z -= z.max(axis=0)
    return softmax_cross_entropy(z, t)


# --- messages that several exercises share --------------------------------------------------

MATRIX_PRODUCT = (
    "A matrix product (`@` or `np.dot`) stands where entries are to be multiplied: a single "
    "number came out for a vector. Activations act entry by entry; which operator does that?"
)
IN_PLACE = (
    "The numbers are right, but the array that was handed in has changed: it was overwritten in "
    "place. Make a new array."
)
UPHILL = (
    "The size is right and the direction is opposite: one step with this would raise the loss. "
    "Look at the order of output and target."
)
MEAN_FOR_SUM = (
    "Both parts are the right ones divided by N, the number of examples: you take the mean. "
    "Here the loss is the sum over the examples."
)
ANSWERS = {
    "sigmoid": Answer(
        sigmoid,
        {
            "sign of the exponent": Mistake(
                lambda z: 1 - sigmoid(z),
                "Your curve falls where it should rise: a large z should give a value near 1. "
                "Look at the sign in the exponent.",
            ),
            "parentheses missing": Mistake(
                lambda z: 1 / 1 + np.exp(-z),
                "Your values are larger than 1: they are what the denominator alone gives. Python "
                "divides before it adds, so look at your parentheses.",
            ),
            "minus for plus": Mistake(
                lambda z: 1 / (1 - np.exp(-z)),
                "Your values lie outside 0..1. Look at the sign between the two terms of the "
                "denominator.",
            ),
            "overflow": Mistake(
                lambda z: np.exp(z) / (1 + np.exp(z)),
                "For large positive z you return nan: numerator and denominator are both "
                "infinite. Use the form of the fraction in which only the denominator can "
                "overflow.",
            ),
            "tanh": Mistake(
                np.tanh,
                "Your values are those of tanh, which runs from −1 to 1. The sigmoid runs from 0 "
                "to 1.",
            ),
            "its derivative": Mistake(
                sigmoid_prime,
                "Your values are the slope of the sigmoid. Here the sigmoid itself is asked.",
            ),
            "absolute value": Mistake(
                lambda z: sigmoid(np.abs(z)),
                "For negative z you return what belongs to −z: no value is below 0.5. Is there "
                "an absolute value that should not act everywhere?",
            ),
            "normalised over the array": Mistake(
                lambda z: np.exp(z) / np.sum(np.exp(z)),
                "Your values for an array add up to 1: each is divided by a sum over the array. "
                "The sigmoid treats every entry by itself.",
            ),
            "e typed in": Mistake(
                lambda z: 1 / (1 + 2.718 ** (-np.asarray(z))),
                "Right to three or four digits only: it looks as if e was typed in as 2.718. "
                "NumPy has the exponential function with all digits.",
            ),
        },
    ),
    "sigmoid_prime": Answer(
        sigmoid_prime,
        {
            "z for a": Mistake(
                lambda z: z * (1 - z),
                "Your numbers match x(1 − x) applied to z itself. Is this function's argument z "
                "or a = σ(z)?",
            ),
            "the sigmoid itself": Mistake(
                sigmoid,
                "You return the sigmoid. Here its slope is asked, which is small at both ends.",
            ),
            "times z": Mistake(
                lambda z: sigmoid_prime(z) * z,
                "Your result has an extra factor z. The prime in σ′(z) marks a function that is "
                "evaluated at z, not a product with z.",
            ),
            "sigmoid twice": Mistake(
                lambda z: sigmoid_prime(sigmoid(z)),
                "Your numbers are the slope at a = σ(z) instead of at z: the sigmoid was applied "
                "twice. Apply it once.",
            ),
            "opposite sign": Mistake(
                lambda z: -sigmoid_prime(z),
                "The size is right and the sign is opposite. The sigmoid rises everywhere: which "
                "sign has its slope?",
            ),
            "that of tanh": Mistake(
                lambda z: 1 - sigmoid(z) ** 2,
                "You subtract the square from 1. That belongs to another activation function; "
                "at z = 0 the sigmoid's slope is 0.25.",
            ),
            "falls from 1 to 0": Mistake(
                lambda z: 1 - sigmoid(z),
                "Your values fall from 1 to 0, but the slope is small at both ends. A factor is "
                "missing: look at the square in the derivative of 1/u.",
            ),
            "inner derivative missing": Mistake(
                lambda z: sigmoid(z) ** 2,
                "Your result is the square of the sigmoid: the outer derivative of 1/u alone. "
                "The inner derivative, that of u, is missing.",
            ),
            "overflow below": Mistake(
                lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
                "For large negative z you return nan: numerator and denominator are both "
                "infinite. Write the derivative with the values of your sigmoid instead.",
            ),
            "overflow above": Mistake(
                lambda z: np.exp(z) / (1 + np.exp(z)) ** 2,
                "For large positive z you return nan: numerator and denominator are both "
                "infinite. Write the derivative with the values of your sigmoid instead.",
            ),
            "matrix product": Mistake(entry_by_matrix_product, MATRIX_PRODUCT),
        },
    ),
    "activation_and_slope": Answer(
        activation_and_slope,
        {
            "tanh: square missing": Mistake(
                pair_with("tanh", lambda z, a: a, lambda z, a: 1 - a),
                "The value of tanh is right. Your slope falls from 2 to 0 as z grows, but tanh "
                "is as flat on the left as on the right. Is something to be squared?",
            ),
            "tanh: z for a": Mistake(
                pair_with("tanh", lambda z, a: a, lambda z, a: 1 - z**2),
                "The value of tanh is right. Your slope takes the square of z itself. Is it z or "
                "a that is meant there?",
            ),
            "tanh: times z": Mistake(
                pair_with("tanh", lambda z, a: a, lambda z, a: (1 - a**2) * z),
                "The value of tanh is right; its slope has an extra factor z. The derivative is "
                "evaluated at z, not multiplied by it.",
            ),
            "tanh: applied twice": Mistake(
                pair_with("tanh", lambda z, a: a, lambda z, a: 1 - np.tanh(a) ** 2),
                "The value of tanh is right; its slope is taken at a instead of at z: tanh was "
                "applied twice.",
            ),
            "tanh: the sigmoid's slope": Mistake(
                pair_with("tanh", lambda z, a: a, lambda z, a: a * (1 - a)),
                "The value of tanh is right; for its slope you use the sigmoid's rule. tanh has "
                "one of its own.",
            ),
            "tanh: plus for minus": Mistake(
                pair_with("tanh", lambda z, a: a, lambda z, a: 1 + a**2),
                "The value of tanh is right. Your slope is larger where the curve is flatter: "
                "look at the sign.",
            ),
            "tanh: opposite sign": Mistake(
                pair_with("tanh", lambda z, a: a, lambda z, a: a**2 - 1),
                "The value of tanh is right; its slope has the opposite sign. The curve rises "
                "everywhere.",
            ),
            "tanh: a sigmoid": Mistake(
                pair_with("tanh", lambda z, a: sigmoid(z), lambda z, a: sigmoid_prime(z)),
                "For tanh you return the sigmoid and its slope. tanh runs from −1 to 1.",
            ),
            "ReLU: np.max for np.maximum": Mistake(
                pair_with("relu", lambda z, a: np.max(z, 0), lambda z, a: (z > 0) * 1.0),
                "For ReLU the array has shrunk: `np.max(z, 0)` reads the 0 as an axis and "
                "returns the largest entry along it. Which function compares two things entry "
                "by entry?",
            ),
            "ReLU: np.max for np.maximum, slope too": Mistake(
                pair_with("relu", lambda z, a: np.max(z, 0), lambda z, a: (np.max(z, 0) > 0) * 1.0),
                "For ReLU value and slope have shrunk: `np.max(z, 0)` reads the 0 as an axis. "
                "Which function compares two things entry by entry?",
            ),
            "ReLU: minimum": Mistake(
                pair_with("relu", lambda z, a: np.minimum(z, 0), lambda z, a: (z > 0) * 1.0),
                "Your ReLU keeps the negative entries and cuts off the positive ones. It should "
                "be the other way round.",
            ),
            "ReLU: absolute value": Mistake(
                pair_with("relu", lambda z, a: np.abs(z), lambda z, a: np.sign(z)),
                "Your ReLU turns negative entries positive. It should cut them off.",
            ),
            "ReLU: unchanged": Mistake(
                pair_with("relu", lambda z, a: z, lambda z, a: np.ones_like(z)),
                "Your ReLU lets negative entries pass. They should become 0, and so should the "
                "slope there.",
            ),
            "ReLU: the value for the slope": Mistake(
                pair_with("relu", lambda z, a: a, lambda z, a: a),
                "The value of ReLU is right, and you return it as the slope too. How much does "
                "the value grow if z grows by 1?",
            ),
            "exchanged": Mistake(
                lambda name, z: activation_and_slope(name, z)[::-1],
                "Value and slope are both right, but in the wrong order: the value comes first.",
            ),
            "value alone": Mistake(
                lambda name, z: activation_and_slope(name, z)[0],
                "You return the value alone. A pair is asked: value and slope.",
            ),
            "slope alone": Mistake(
                lambda name, z: activation_and_slope(name, z)[1],
                "You return the slope alone. A pair is asked: value and slope.",
            ),
            "in place": Mistake(relu_in_place, IN_PLACE),
        },
    ),
    "sigmoid_neuron": Answer(
        sigmoid_neuron,
        {
            "slope of the sigmoid missing": Mistake(
                neuron_with(slope=lambda z, y: 1.0),
                "Your z̄ equals ȳ = dL/dy. The step from y back to z is missing.",
            ),
            "slope at y": Mistake(
                neuron_with(slope=lambda z, y: sigmoid_prime(y)),
                "Forward all is right. In z̄ the slope of the sigmoid is taken at y instead of at "
                "z. What does your `sigmoid_prime` want as its argument?",
            ),
            "z for y": Mistake(
                neuron_with(slope=lambda z, y: z * (1 - z)),
                "Forward all is right. In z̄ your slope matches x(1 − x) applied to z. Is it z or "
                "y that belongs there?",
            ),
            "times z": Mistake(
                neuron_with(slope=lambda z, y: sigmoid_prime(z) * z),
                "Your z̄ has an extra factor z. The prime in σ′(z) marks a function evaluated at "
                "z, not a product.",
            ),
            "wrong sign": Mistake(neuron_with(error=lambda y, t: t - y), UPHILL),
            "half missing in the loss": Mistake(
                neuron_with(loss=lambda y, t: (y - t) ** 2),
                "All error signals are right, but your loss is twice the right one: its ½ is "
                "missing.",
            ),
            "factor 2": Mistake(
                neuron_with(error=lambda y, t: 2 * (y - t)),
                "Your loss is right; every error signal is exactly twice the right one. "
                "Differentiate the loss as it is defined above, with its ½.",
            ),
            "half missing everywhere": Mistake(
                neuron_with(loss=lambda y, t: (y - t) ** 2, error=lambda y, t: 2 * (y - t)),
                "Loss and error signals are all twice the right ones. The loss above has a ½ in "
                "front.",
            ),
            "half twice": Mistake(
                neuron_with(error=lambda y, t: (y - t) / 2),
                "Your loss is right; every error signal is half the right one. The derivative of "
                "a square brings a factor too.",
            ),
            "input missing": Mistake(
                neuron_with(dw=lambda z_bar, y_bar, w, b, x: z_bar),
                "Your ∂L/∂w equals z̄. The last step, from z to w, is missing: by how much does z "
                "grow if w grows by 1?",
            ),
            "derivative by x": Mistake(
                neuron_with(dw=lambda z_bar, y_bar, w, b, x: z_bar * w),
                "Your ∂L/∂w is the derivative by x. Which of the two changes in training, and "
                "which is data?",
            ),
            "bias as weight": Mistake(
                neuron_with(db=lambda z_bar, y_bar, w, b, x: z_bar * x),
                "Your ∂L/∂b equals ∂L/∂w. b is not multiplied by x in z.",
            ),
            "times b": Mistake(
                neuron_with(db=lambda z_bar, y_bar, w, b, x: z_bar * b),
                "Your ∂L/∂b has an extra factor b. If b grows by 1, by how much does z grow?",
            ),
            "past z": Mistake(
                neuron_with(
                    dw=lambda z_bar, y_bar, w, b, x: y_bar * x,
                    db=lambda z_bar, y_bar, w, b, x: y_bar,
                ),
                "ȳ and z̄ are right, but both derivatives at the end are made of ȳ. The way from "
                "L to w and b leads through z.",
            ),
            "bias forgotten": Mistake(
                neuron_with(net=lambda w, b, x: w * x),
                "Your numbers are those of a neuron with b = 0: the bias is left out of z.",
            ),
            "no activation": Mistake(
                neuron_with(value=lambda z: z, slope=lambda z, y: 1.0),
                "Your y equals z: the sigmoid is left out on the way forward, and its slope on "
                "the way back.",
            ),
        },
    ),
    "binary_cross_entropy": Answer(
        binary_cross_entropy,
        {
            "minus on the first term only": Mistake(
                bce_with(value=minus_on_first_only),
                "The gradient is right, but your loss can be negative: the minus acts on one of "
                "the two terms only. Look at the parentheses.",
            ),
            "minus on the second term only": Mistake(
                bce_with(value=lambda J, y, t: -minus_on_first_only(J, y, t)),
                "The gradient is right. Your loss is negative where t = 1: one of the two terms "
                "has lost its minus.",
            ),
            "gradient: sign of the second term": Mistake(
                bce_with(gradient=lambda g, y, t: np.where(t == 0, -g, g)),
                "The loss is right, and so is the gradient where t = 1. Where t = 0 it has the "
                "opposite sign: log(1 − y) has an inner derivative.",
            ),
            "minus on one term only, twice": Mistake(
                bce_with(minus_on_first_only, lambda g, y, t: np.where(t == 0, -g, g)),
                "Where t = 0, both your loss and your gradient have the opposite sign: the minus "
                "acts on the first term only, and the loss can be negative.",
            ),
            "loss negative": Mistake(
                bce_with(value=lambda J, y, t: -J),
                "The gradient is right, the loss has the opposite sign. Logarithms of numbers "
                "below 1 are negative; a loss should not be.",
            ),
            "gradient negative": Mistake(
                bce_with(gradient=lambda g, y, t: -g),
                "The loss is right, its gradient has the opposite sign: a step against it would "
                "raise the loss.",
            ),
            "both negative": Mistake(
                bce_with(lambda J, y, t: -J, lambda g, y, t: -g),
                "Loss and gradient both have the opposite sign: the minus in front is missing.",
            ),
            "mean for sum": Mistake(
                bce_with(lambda J, y, t: J / len(y), lambda g, y, t: g / len(y)), MEAN_FOR_SUM
            ),
            "mean for sum in the loss": Mistake(
                bce_with(value=lambda J, y, t: J / len(y)),
                "The gradient is right. Your loss is the right one divided by the number of "
                "examples: the sum is asked, not the mean.",
            ),
            "mean for sum in the gradient": Mistake(
                bce_with(gradient=lambda g, y, t: g / len(y)),
                "The loss is right. Your gradient is the right one divided by the number of "
                "examples, as if the loss were the mean.",
            ),
            "one term only": Mistake(
                bce_with(first_term, lambda g, y, t: np.where(t == 1, g, 0.0)),
                "Examples with t = 0 add nothing to your loss and have no gradient: the second "
                "term is missing.",
            ),
            "first term only in the loss": Mistake(
                bce_with(value=first_term),
                "The gradient is right. Examples with t = 0 add nothing to your loss: the term for "
                "them is missing there.",
            ),
            "second term only in the loss": Mistake(
                bce_with(value=second_term),
                "The gradient is right. Examples with t = 1 add nothing to your loss: the term for "
                "them is missing there.",
            ),
            "second term only": Mistake(
                bce_with(second_term, lambda g, y, t: np.where(t == 0, g, 0.0)),
                "Examples with t = 1 add nothing to your loss and have no gradient: the first "
                "term is missing.",
            ),
            "gradient by z": Mistake(
                bce_with(gradient=lambda g, y, t: y - t),
                "The loss is right. Your gradient is already the one by z, for a sigmoid output; "
                "here the derivative by y is asked.",
            ),
            "not summed": Mistake(
                bce_with(value=lambda J, y, t: -np.where(t == 1, np.log(y), np.log(1 - y))),
                "The gradient is right. Your loss is one number per example: add them up.",
            ),
            "gradient summed": Mistake(
                bce_with(gradient=lambda g, y, t: np.sum(g)),
                "The loss is right. Your gradient is a single number: every output has a "
                "derivative of its own.",
            ),
            "logarithm to base 10": Mistake(
                bce_with(value=lambda J, y, t: J / np.log(10)),
                "The gradient is right. Your loss is taken with the logarithm to base 10; the "
                "natural one is asked.",
            ),
            "logarithm to base 10, gradient too": Mistake(
                bce_with(lambda J, y, t: J / np.log(10), lambda g, y, t: g / np.log(10)),
                "Loss and gradient both belong to the logarithm to base 10; the natural one is "
                "asked.",
            ),
            "logarithm to base 2": Mistake(
                bce_with(value=lambda J, y, t: J / np.log(2)),
                "The gradient is right. Your loss is taken with the logarithm to base 2; the "
                "natural one is asked.",
            ),
            "log of 0": Mistake(
                bce_with(unprotected_value, unprotected_gradient),
                "Where y is exactly 0 or 1 you return nan: 0 times log(0), and 0 divided by 0. "
                "Keep y a tiny distance away from both ends first.",
            ),
            "log of 0 in the loss": Mistake(
                bce_with(value=unprotected_value),
                "Where y is exactly 0 or 1 your loss is nan: 0 times log(0). The gradient is "
                "right; protect the logarithms too.",
            ),
            "0 divided by 0": Mistake(
                bce_with(gradient=unprotected_gradient),
                "Where y is exactly 0 or 1 your gradient is nan: 0 divided by 0. The loss is "
                "right; protect the divisions too.",
            ),
        },
    ),
    "logistic_gradient": Answer(
        logistic_gradient,
        {
            "mean for sum": Mistake(mean_gradient, MEAN_FOR_SUM),
            "bias averaged": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (dw, np.mean(delta))),
                "∂L/∂w is right. ∂L/∂b is the right one divided by N: it is averaged over the "
                "examples where it should be summed.",
            ),
            "weight averaged": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (dw / len(delta), db)),
                "∂L/∂b is right. ∂L/∂w is the right one divided by N: it is averaged over the "
                "examples where it should be summed.",
            ),
            "bias not summed": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (dw, delta)),
                "∂L/∂w is right. ∂L/∂b has one number per example, but b is shared by all "
                "examples: one number collects from all of them.",
            ),
            "not summed": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (X * delta, delta)),
                "Each example's own gradient is right, but the examples were not summed over. "
                "The gradient of a sum is the sum of the gradients.",
            ),
            "wrong sign": Mistake(gradient_with(lambda dw, db, delta, w, X: (-dw, -db)), UPHILL),
            "slope of the sigmoid left in": Mistake(
                gradient_of(slope_left_in),
                "Your error signals have a factor σ′ too many: they are those of the squared "
                "loss. With the cross-entropy that factor cancels.",
            ),
            "slope of the sigmoid missing": Mistake(
                gradient_of(slope_missing),
                "Your error signals equal dL/dy. The step from y back to z is missing.",
            ),
            "bias forgotten": Mistake(
                lambda w, b, X, t: logistic_gradient(w, 0.0, X, t),
                "Your gradient is the one at b = 0: the bias is left out of z.",
            ),
            "no sigmoid": Mistake(
                gradient_of(lambda w, b, X, t: w @ X + b - t),
                "Your error signals compare z with the target. The neuron answers with y: the "
                "sigmoid is left out.",
            ),
            "target forgotten": Mistake(
                gradient_of(lambda w, b, X, t: sigmoid(w @ X + b)),
                "The targets change nothing in your result: the error signals are the outputs "
                "themselves.",
            ),
            "sum before product": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (X.sum(axis=1) * db, db)),
                "∂L/∂b is right. For ∂L/∂w the inputs and the error signals were added up "
                "separately and then multiplied; each error signal belongs to its own example.",
            ),
            "derivative by X": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (np.outer(w, delta), db)),
                "∂L/∂b is right. In place of ∂L/∂w you return the derivative by the inputs: the "
                "weights stand where the inputs belong.",
            ),
            "last example only": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (X[:, -1] * delta[-1], delta[-1])),
                "Only the last example's gradient survived: the others were overwritten. Use "
                "`+=` where you collect.",
            ),
            "first example only": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (X[:, 0] * delta[0], delta[0])),
                "You return the gradient of the first example alone. Look whether the function "
                "returns before its loop has come to an end.",
            ),
            "order exchanged": Mistake(
                gradient_with(lambda dw, db, delta, w, X: (db, dw)),
                "Both parts are right, but in the wrong order: ∂L/∂w comes first.",
            ),
        },
    ),
    "logistic_regression": Answer(
        logistic_regression,
        {
            "uphill": Mistake(
                regression_with(rate=lambda learning_rate: -1.0),
                "Each step goes uphill: the same distance, in the opposite direction. Against "
                "which sign of the gradient does the loss fall?",
            ),
            "mean for sum": Mistake(
                regression_with(mean_gradient),
                "The losses are summed, but your steps are N times too short, N the number of "
                "examples: they follow the gradient of the mean.",
            ),
            "mean for sum everywhere": Mistake(
                regression_with(mean_gradient, lambda w, b, X, t: total_loss(w, b, X, t) / len(t)),
                "Losses and steps are those of the mean over the examples. Here the loss is the "
                "sum.",
            ),
            "mean for sum in the losses": Mistake(
                regression_with(loss=lambda w, b, X, t: total_loss(w, b, X, t) / len(t)),
                "w and b are right. Your losses are the right ones divided by N: the sum over "
                "the examples is asked.",
            ),
            "squared loss": Mistake(
                regression_with(gradient_of(slope_left_in)),
                "The losses are the right kind, but your steps follow the gradient of the "
                "squared loss: a factor σ′ too many in the error signals.",
            ),
            "learning rate missing": Mistake(
                regression_with(rate=lambda learning_rate: 1 / learning_rate),
                "Changing the learning rate changes nothing in your result. Where should it act?",
            ),
            "learning rate twice": Mistake(
                regression_with(rate=lambda learning_rate: learning_rate),
                "Your steps are too short by one more factor of the learning rate: it seems to "
                "be multiplied in twice.",
            ),
            "bias never moves": Mistake(
                regression_with(lambda *args: (logistic_gradient(*args)[0], 0.0)),
                "b keeps its start value. Both w and b take a step in every epoch.",
            ),
            "weights never move": Mistake(
                regression_with(lambda *args: (0.0, logistic_gradient(*args)[1])),
                "w keeps its start value. Both w and b take a step in every epoch.",
            ),
            "one after the other": Mistake(
                regression_one_after_the_other,
                "b moves with a gradient computed after w had moved. Compute both parts of the "
                "gradient first, then take the step.",
            ),
            "gradient of the start": Mistake(
                regression_with_first_gradient,
                "All your steps are alike: the gradient is computed once, at the start. Compute "
                "it anew in every epoch.",
            ),
            "always one epoch": Mistake(
                regression_for(lambda epochs: min(epochs, 1)),
                "You take one step, whatever `epochs` is. Where does `return` stand, inside the "
                "loop or after it?",
            ),
            "no sigmoid in the losses": Mistake(
                regression_with(loss=loss_of_z),
                "w and b are right. Your losses are those of z: the loss wants the answers of the "
                "neuron, and the sigmoid is left out on the way to it.",
            ),
            "one epoch too many": Mistake(
                regression_for(lambda epochs: epochs + 1),
                "You take one step too many. Count how often the loop runs.",
            ),
            "one epoch too few": Mistake(
                regression_for(lambda epochs: epochs - 1),
                "You take one step too few. Count how often the loop runs.",
            ),
            "first loss missing": Mistake(
                regression_then(lambda w, b, losses: (w, b, losses[1:])),
                "w and b are right. The loss at the start is missing from your losses: compute "
                "it once before the first step.",
            ),
            "last loss missing": Mistake(
                regression_then(lambda w, b, losses: (w, b, losses[:-1])),
                "w and b are right. The loss after the last step is missing from your losses.",
            ),
            "last loss alone": Mistake(
                regression_then(lambda w, b, losses: (w, b, losses[-1])),
                "w and b are right. You return the last loss alone, where all of them are asked: "
                "collect them in a list.",
            ),
            "in place": Mistake(regression_in_place, IN_PLACE),
        },
    ),
    "softmax": Answer(
        softmax,
        {
            "over everything": Mistake(
                over_everything,
                "All entries of your matrix together sum to 1. Each column is an example of its "
                "own: which axis runs down a column?",
            ),
            "own maximum, sum over everything": Mistake(
                own_maximum_sum_over_everything,
                "Each column takes off its own largest score, but the shares of the whole matrix "
                "together sum to 1. The sum needs an axis as well.",
            ),
            "over rows": Mistake(
                rowwise,
                "Your rows sum to 1, not your columns. Examples are columns here: which axis "
                "runs down a column?",
            ),
            "no exponential": Mistake(
                lambda z: z / np.sum(z, axis=0),
                "Your columns sum to 1, but negative scores give values below 0 or above 1: the "
                "scores were divided by their sum without the exponential.",
            ),
            "overflow": Mistake(
                unprotected_softmax,
                "For scores near 1000 or −1000 you return nan: the exponentials became infinite "
                "or 0. A column does not change if you take one number off all its scores.",
            ),
            "one maximum for all": Mistake(
                one_max_for_all,
                "Where one column has much larger scores than another, the other one becomes "
                "nan: the largest score of the whole array is taken off everywhere. Let each "
                "column take off its own.",
            ),
            "sigmoid": Mistake(
                sigmoid,
                "Your columns do not sum to 1: every score is squashed by itself, as the sigmoid "
                "does. In softmax the scores of a column compete.",
            ),
            "sign of the exponent": Mistake(
                lambda z: softmax(-z),
                "The lowest score gets the largest share. Look at the sign in the exponent.",
            ),
            "logarithm": Mistake(
                lambda z: z - z.max(axis=0) - np.log(np.sum(np.exp(z - z.max(axis=0)), axis=0)),
                "Your values are the logarithms of the right ones.",
            ),
            "not divided": Mistake(
                lambda z: np.exp(z - z.max(axis=0)),
                "The largest entry of each of your columns is 1: the exponentials are right, but "
                "they are not divided by the sum of their column.",
            ),
            "maximum taken off above only": Mistake(
                lambda z: np.exp(z - z.max(axis=0)) / np.sum(np.exp(z), axis=0),
                "Your columns do not sum to 1: the largest score is taken off above the fraction "
                "line but not below it.",
            ),
            "divided by the maximum": Mistake(
                lambda z: unprotected_softmax(z / z.max(axis=0)),
                "You divide the scores by the largest one. That changes the result; taking it "
                "off does not.",
            ),
            "in place": Mistake(softmax_in_place, IN_PLACE),
        },
    ),
    "softmax_backward": Answer(
        softmax_backward,
        {
            "diagonal only": Mistake(
                lambda y, g: y * (1 - y) * g,
                "Your result has the paths from each score to its own output only. A score also "
                "changes all other outputs of its column: those paths are missing.",
            ),
            "other paths only": Mistake(
                lambda y, g: softmax_backward(y, g) - y * (1 - y) * g,
                "The paths from each score to the other outputs are right; the one to its own "
                "output is missing.",
            ),
            "average not taken off": Mistake(
                lambda y, g: y * g,
                "Your result is dL/dy times y: the part that each path takes away, −y_k y_p, is "
                "missing.",
            ),
            "average alone": Mistake(
                lambda y, g: -y * np.sum(y * g, axis=0),
                "Only the terms −y_k y_p are in your result. If k = p there is one more term.",
            ),
            "plus for minus": Mistake(
                lambda y, g: y * (g + np.sum(y * g, axis=0)),
                "The terms that belong to other outputs have the opposite sign: if one score "
                "rises, the other outputs fall.",
            ),
            "opposite sign": Mistake(
                lambda y, g: -softmax_backward(y, g),
                "The size is right and the direction is opposite. Look at the order of the "
                "subtraction.",
            ),
            "summed over everything": Mistake(
                lambda y, g: y * (g - np.sum(y * g)),
                "A single example is right. With several, the sum runs over the whole array: each "
                "column has a sum of its own.",
            ),
            "summed over rows": Mistake(
                lambda y, g: y * (g - np.sum(y * g, axis=1, keepdims=True)),
                "Your sum runs along the rows, over the examples. It should run down each column.",
            ),
            "outer factor missing": Mistake(
                lambda y, g: g - np.sum(y * g, axis=0),
                "The difference is right, but it is not yet multiplied by the output that the "
                "score itself belongs to.",
            ),
            "plain sum for weighted": Mistake(
                lambda y, g: y * (g - np.sum(g, axis=0)),
                "You take the plain sum of dL/dy off. Each path through an output y_k is "
                "weighted: a factor is missing inside the sum.",
            ),
            "plain mean for weighted": Mistake(
                lambda y, g: y * (g - np.mean(g, axis=0)),
                "You take the plain mean of dL/dy off. The average is a weighted one: outputs "
                "that are large count more.",
            ),
            "paths not summed": Mistake(
                jacobian_times_entrywise,
                "You return one number for each pair of score and output. The paths from one "
                "score to the loss add up.",
            ),
        },
    ),
    "softmax_cross_entropy": Answer(
        softmax_cross_entropy,
        {
            "softmax's slope twice": Mistake(
                cross_entropy_with(delta=lambda d, y, t: softmax_backward(y, d)),
                "The loss is right. In δ the derivative of softmax is counted twice: the "
                "difference of output and target already contains it.",
            ),
            "softmax's slope twice, diagonal": Mistake(
                cross_entropy_with(delta=lambda d, y, t: y * (1 - y) * d),
                "The loss is right. δ has a factor of the kind x(1 − x) too many: the difference "
                "of output and target already contains softmax's derivative.",
            ),
            "gradient by y": Mistake(
                cross_entropy_with(delta=lambda d, y, t: -t / y),
                "The loss is right. Your δ is the derivative by y. The step from y back to z is "
                "missing.",
            ),
            "opposite sign": Mistake(
                cross_entropy_with(delta=lambda d, y, t: -d),
                "The loss is right; δ has the right size and the opposite sign: a step against "
                "it would raise the loss.",
            ),
            "target forgotten": Mistake(
                cross_entropy_with(delta=lambda d, y, t: y),
                "The loss is right. The targets change nothing in your δ: it holds the outputs "
                "themselves.",
            ),
            "loss negative": Mistake(
                cross_entropy_with(lambda L, y, t: -L),
                "δ is right, the loss has the opposite sign. Logarithms of numbers below 1 are "
                "negative; a loss should not be.",
            ),
            "mean for sum": Mistake(
                cross_entropy_with(lambda L, y, t: L / y.shape[1], lambda d, y, t: d / y.shape[1]),
                MEAN_FOR_SUM,
            ),
            "mean for sum in the loss": Mistake(
                cross_entropy_with(lambda L, y, t: L / y.shape[1]),
                "δ is right. Your loss is the right one divided by the number of examples: the "
                "sum is asked.",
            ),
            "mean for sum in δ": Mistake(
                cross_entropy_with(delta=lambda d, y, t: d / y.shape[1]),
                "The loss is right. Your δ is the right one divided by the number of examples, "
                "as if the loss were the mean.",
            ),
            "mean over all entries": Mistake(
                cross_entropy_with(lambda L, y, t: L / y.size),
                "δ is right. Your loss is divided by the number of entries, classes times "
                "examples: it was averaged over everything. The sum is asked.",
            ),
            "not summed": Mistake(
                cross_entropy_with(
                    lambda L, y, t: -np.sum(t * np.log(np.clip(y, 1e-300, None)), axis=0)
                ),
                "δ is right. Your loss is one number per example: add them up.",
            ),
            "no softmax": Mistake(
                lambda z, t: (-np.sum(t * np.log(z)), z - t),
                "Your δ takes the targets off the scores themselves, and your loss takes their "
                "logarithms, which is nan for negative scores: softmax is left out.",
            ),
            "no softmax, clipped": Mistake(
                lambda z, t: (-np.sum(t * np.log(kept_from_the_ends(z))), z - t),
                "Your δ takes the targets off the scores themselves. They are no shares yet: "
                "softmax is left out. (What you clip, in the loss, are the scores as well.)",
            ),
            "no softmax, kept above 0": Mistake(
                lambda z, t: (-np.sum(t * np.log(np.maximum(z, 1e-12))), z - t),
                "Your δ takes the targets off the scores themselves, and your loss takes their "
                "logarithms, or that of a tiny number for negative scores: softmax is left out.",
            ),
            "own maximum, sum over everything": Mistake(
                logarithm_of(own_maximum_sum_over_everything),
                "Each column takes off its own largest score, but the shares of all columns "
                "together sum to 1: in softmax the sum runs over everything.",
            ),
            "over everything": Mistake(
                logarithm_of(over_everything),
                "Your outputs are shares of the whole array, not of their column: softmax was "
                "summed over everything.",
            ),
            "over rows": Mistake(
                logarithm_of(rowwise),
                "Your outputs sum to 1 along the rows, over the examples. Softmax runs down each "
                "column.",
            ),
            "log of 0": Mistake(
                cross_entropy_with(lambda L, y, t: -np.sum(t * np.log(y))),
                "Where an output is exactly 0 your loss is nan: 0 times log(0). Keep the outputs "
                "a tiny distance away from 0 before you take the logarithm.",
            ),
            "overflow": Mistake(
                lambda z, t: (
                    -np.sum(t * np.log(unprotected_softmax(z))),
                    unprotected_softmax(z) - t,
                ),
                "For large scores loss and δ hold nan: the exponential overflowed. Take the "
                "largest score of each column off first.",
            ),
            "in place": Mistake(cross_entropy_in_place, IN_PLACE),
        },
    ),
}
