"""Answers of assignment 01 and what students get wrong in it."""

import numpy as np

from autograder.answers import Answer, Mistake
from course.descent import gradient_descent

# --- trying candidates (NSYSU) --------------------------------------------------------------


def count_candidates(per_weight, weights):
    return per_weight**weights


def best_candidate(candidates, loss):
    return min(candidates, key=loss)


# --- one weight: h(x) = x w, L(w) = Σ (x w − y)² (NSYSU) ------------------------------------


def predict(x, w):
    return x * w


def sum_of_squares(w, x, y):
    return np.sum((x * w - y) ** 2)


def slope(w, x, y):
    return np.sum(2 * (x * w - y) * x)


# --- the walk: w ← w − η ∇L(w), until ‖w_new − w‖ < ε (NSYSU) -------------------------------


def descent_step(w, gradient, learning_rate):
    return w - learning_rate * gradient


def descend(gradient, w, learning_rate, max_iteration, epsilon):
    return gradient_descent(gradient, w, learning_rate, max_iteration, epsilon)


def walk(
    gradient,
    w,
    learning_rate,
    max_iteration,
    epsilon,
    *,
    sign=-1,
    keeps_start=True,
    keeps_last=True,
    stops=lambda w_new, w, epsilon, gradient: np.linalg.norm(w_new - w) < epsilon,
    step=lambda w, change: w + change,
):
    """descend with one thing done differently: the mistakes below say which."""
    path = [w] if keeps_start else []
    for _ in range(max_iteration):
        w_new = step(w, sign * learning_rate * gradient(w))
        stop = stops(w_new, w, epsilon, gradient)
        if keeps_last or not stop:
            path.append(w_new)
        w = w_new
        if stop:
            break
    return np.array(path)


def walk_of_start_gradient(gradient, w, learning_rate, max_iteration, epsilon):
    fixed = gradient(w)
    return walk(lambda _: fixed, w, learning_rate, max_iteration, epsilon)


def walk_in_place(gradient, w, learning_rate, max_iteration, epsilon):
    path = [np.copy(w)]
    for _ in range(max_iteration):
        before = np.copy(w)
        w -= learning_rate * gradient(w)
        path.append(np.copy(w))
        if np.linalg.norm(w - before) < epsilon:
            break
    return np.array(path)


def walk_aliased(gradient, w, learning_rate, max_iteration, epsilon):
    path = [w]
    for _ in range(max_iteration):
        before = np.copy(w)
        w -= learning_rate * gradient(w)
        path.append(w)
        if np.linalg.norm(w - before) < epsilon:
            break
    return np.array(path)


def step_in_place(w, gradient, learning_rate):
    w -= learning_rate * gradient
    return w


# --- steepest descent: l(θ + εv) ≈ l(θ) + ε v·∇l (Princeton) --------------------------------


def steepest_direction(gradient):
    length = np.linalg.norm(gradient)
    return -gradient / length if length > 0 else np.zeros_like(gradient)


def predicted_change(gradient, v, epsilon):
    return epsilon * np.dot(v, gradient)


# --- a line through noisy points: θ = [w, b], the mean of (w x + b − t)² (XJTLU, NSYSU) ------


def errors(theta, x, t):
    w, b = theta
    return w * x + b - t


def mean_squared_error(theta, x, t):
    return np.mean(errors(theta, x, t) ** 2)


def line_gradient(theta, x, t):
    error = errors(theta, x, t)
    return np.array([np.mean(2 * error * x), np.mean(2 * error)])


def fit_line(x, t, theta, learning_rate, epochs):
    return gradient_descent(lambda theta: line_gradient(theta, x, t), theta, learning_rate, epochs)


def fit_one_after_the_other(x, t, theta, learning_rate, epochs):
    path = [theta]
    for _ in range(epochs):
        w, b = path[-1]
        w = w - learning_rate * line_gradient([w, b], x, t)[0]
        b = b - learning_rate * line_gradient([w, b], x, t)[1]
        path.append(np.array([w, b]))
    return np.array(path)


def fit_in_place(x, t, theta, learning_rate, epochs):
    path = [theta.copy()]
    for _ in range(epochs):
        theta -= learning_rate * line_gradient(theta, x, t)
        path.append(theta.copy())
    return np.array(path)


def fit_aliased(x, t, theta, learning_rate, epochs):
    path = [theta]
    for _ in range(epochs):
        theta -= learning_rate * line_gradient(theta, x, t)
        path.append(theta)
    return np.array(path)


def fit_with(change):
    """fit_line with ``change(gradient, x)`` in place of the gradient."""

    def fit(x, t, theta, learning_rate, epochs):
        path = [theta]
        for _ in range(epochs):
            path.append(path[-1] - learning_rate * change(line_gradient(path[-1], x, t), x))
        return np.array(path)

    return fit


# --- messages that several exercises share --------------------------------------------------

MEAN_FOR_SUM = (
    "Your number is the right one divided by the number of points: you take the mean over the "
    "points. Here the sum is asked."
)
SUM_FOR_MEAN = (
    "Your result is N times the expected one, N the number of points: you add up over the "
    "points. Here the mean is asked."
)
WRONG_SIGN = (
    "The size is right and the direction is opposite: one step with this would raise the loss. "
    "Look at the order of prediction and target."
)
FACTOR_TWO = (
    "Your result is half the right one: the square's own derivative brings a factor that is "
    "missing. Differentiate the loss as it is defined above."
)
DOUBLE = (
    "Your result is twice the right one. Count the factors 2 that the derivative of a square "
    "brings."
)
UPHILL = (
    "Each step goes uphill: the same distance, in the opposite direction. Against which sign of "
    "the gradient does the loss fall?"
)
NO_LEARNING_RATE = (
    "Changing the learning rate changes nothing in your result: the step has the length of the "
    "whole gradient. Where should the learning rate act?"
)
LEARNING_RATE_TWICE = (
    "Your step is too short by one more factor of the learning rate: it seems to be multiplied "
    "in twice. Use it once."
)
IN_PLACE = (
    "The numbers are right, but the array that was handed in has changed: `-=` works in place. "
    "Make a new array for the new weights."
)
ALIASED = (
    "All entries of your path are equal: the same array was appended each time and then changed "
    "in place. Make a new array at each step."
)
START_MISSING = (
    "Your path begins after the first step. Put the start into the list before the loop."
)
ONE_TOO_MANY = "Your path is one step too long. Count how often the loop runs."
ONE_TOO_FEW = "Your path is one step too short. Count how often the loop runs."
LAST_ONLY = (
    "You return the last weights alone, where all that were visited are asked. Collect them in a "
    "list on the way."
)

ANSWERS = {
    "count_candidates": Answer(
        count_candidates,
        {
            "multiplied": Mistake(
                lambda per_weight, weights: per_weight * weights,
                "You multiplied the two numbers. That counts the values of all weights in one "
                "long list; here each choice for one weight goes with each choice for the others.",
            ),
            "base and exponent exchanged": Mistake(
                lambda per_weight, weights: weights**per_weight,
                "Base and exponent are exchanged. Try two weights with three values each: how "
                "many pairs are there?",
            ),
            "added": Mistake(
                lambda per_weight, weights: per_weight + weights,
                "You added the two numbers. Try two weights with three values each, and write "
                "down all pairs.",
            ),
            "^ for power": Mistake(
                lambda per_weight, weights: per_weight ^ weights,
                "In Python `^` does not raise to a power: it combines the bits of two numbers. "
                "Which operator raises to a power?",
            ),
            "one weight too few": Mistake(
                lambda per_weight, weights: per_weight ** (weights - 1),
                "One weight is left out: your count is too small by exactly one factor of "
                "`per_weight`.",
            ),
            "one weight too many": Mistake(
                lambda per_weight, weights: per_weight ** (weights + 1),
                "One weight is counted twice: your count is too large by exactly one factor of "
                "`per_weight`.",
            ),
            "a float": Mistake(
                lambda per_weight, weights: float(per_weight) ** weights,
                "The count is right to 16 digits, but it is a float, and floats keep no more. "
                "Whole numbers in Python are exact at any size: keep the numbers whole.",
            ),
        },
    ),
    "predict": Answer(
        predict,
        {
            "added": Mistake(
                lambda x, w: x + w,
                "You add w to x. In this model the weight multiplies the input: what should "
                "h(0) be?",
            ),
            "divided": Mistake(
                lambda x, w: x / w,
                "You divide by w. A larger weight should give a larger prediction for x > 0.",
            ),
            "divided the other way": Mistake(
                lambda x, w: w / x,
                "You divide w by x. In this model a larger input gives a proportionally larger "
                "output.",
            ),
            "summed over points": Mistake(
                lambda x, w: np.sum(x * w),
                "One number comes back for several points: the predictions were added up. Each "
                "point has its own prediction.",
            ),
            "squared": Mistake(
                lambda x, w: (x * w) ** 2,
                "Your result is the square of the prediction. The square belongs to the loss, "
                "not to the model.",
            ),
            "opposite sign": Mistake(
                lambda x, w: -x * w,
                "Your prediction has the right size and the opposite sign.",
            ),
        },
    ),
    "sum_of_squares": Answer(
        sum_of_squares,
        {
            "mean for sum": Mistake(lambda w, x, y: np.mean((x * w - y) ** 2), MEAN_FOR_SUM),
            "half": Mistake(
                lambda w, x, y: np.sum((x * w - y) ** 2) / 2,
                "Your loss is half the right one. Some lectures put ½ in front; the loss asked "
                "here has none.",
            ),
            "not squared": Mistake(
                lambda w, x, y: np.sum(x * w - y),
                "You add up the errors themselves, so that errors of opposite sign cancel. What "
                "is done to each error first?",
            ),
            "absolute value for square": Mistake(
                lambda w, x, y: np.sum(np.abs(x * w - y)),
                "You add up the sizes of the errors. Here each error is squared, which lets "
                "large errors count more.",
            ),
            "sum before square": Mistake(
                lambda w, x, y: np.sum(x * w - y) ** 2,
                "You add first and square afterwards, so errors of opposite sign cancel. Square "
                "each error before you add.",
            ),
            "not summed": Mistake(
                lambda w, x, y: (x * w - y) ** 2,
                "You return one number per point. The loss is one number for all of them together.",
            ),
            "root taken": Mistake(
                lambda w, x, y: np.sqrt(np.sum((x * w - y) ** 2)),
                "Your result is the square root of the loss. `np.linalg.norm` takes a root; this "
                "loss does not.",
            ),
            "plus for minus": Mistake(
                lambda w, x, y: np.sum((x * w + y) ** 2),
                "Prediction and target are added. The error is how far apart they are.",
            ),
        },
    ),
    "best_candidate": Answer(
        best_candidate,
        {
            "the loss for the candidate": Mistake(
                lambda candidates, loss: min(loss(w) for w in candidates),
                "You return the lowest loss itself. The question is which candidate has it.",
            ),
            "the index for the candidate": Mistake(
                lambda candidates, loss: int(np.argmin([loss(w) for w in candidates])),
                "You return the position in the list. The question is which candidate stands "
                "there.",
            ),
            "the worst": Mistake(
                lambda candidates, loss: max(candidates, key=loss),
                "You return the candidate with the highest loss. Turn the comparison round.",
            ),
            "the smallest candidate": Mistake(
                lambda candidates, loss: min(candidates),
                "You return the smallest candidate. Compare the candidates by their loss.",
            ),
            "the first": Mistake(
                lambda candidates, loss: candidates[0],
                "You return the first candidate in the list. Look whether the function returns "
                "before the loop has come to its end.",
            ),
            "the last": Mistake(
                lambda candidates, loss: candidates[-1],
                "You return the last candidate in the list. Remember the best one separately "
                "from the one at hand.",
            ),
            "the smallest size of the candidate": Mistake(
                lambda candidates, loss: min(candidates, key=abs),
                "You return the candidate closest to zero. Compare the candidates by their loss.",
            ),
        },
    ),
    "slope": Answer(
        slope,
        {
            "wrong sign": Mistake(lambda w, x, y: np.sum(2 * (y - x * w) * x), WRONG_SIGN),
            "factor 2 missing": Mistake(lambda w, x, y: np.sum((x * w - y) * x), FACTOR_TWO),
            "factor 2 twice": Mistake(lambda w, x, y: np.sum(4 * (x * w - y) * x), DOUBLE),
            "mean for sum": Mistake(lambda w, x, y: np.mean(2 * (x * w - y) * x), MEAN_FOR_SUM),
            "inner derivative missing": Mistake(
                lambda w, x, y: np.sum(2 * (x * w - y)),
                "Your result is the derivative of the outer square alone. The step from the "
                "error back to w is missing.",
            ),
            "derivative by x": Mistake(
                lambda w, x, y: np.sum(2 * (x * w - y) * w),
                "Your numbers are the derivative by x. Which letter changes when we train, and "
                "which is data?",
            ),
            "not summed": Mistake(
                lambda w, x, y: 2 * (x * w - y) * x,
                "You return one number per point. The slope of a sum is the sum of the slopes.",
            ),
            "the loss itself": Mistake(
                sum_of_squares,
                "You return the loss. Its slope says how fast the loss changes with w.",
            ),
            "sum before product": Mistake(
                lambda w, x, y: 2 * np.sum(x * w - y) * np.sum(x),
                "The errors and the inputs were added up separately and then multiplied. Each "
                "point's error belongs to its own x.",
            ),
        },
    ),
    "descent_step": Answer(
        descent_step,
        {
            "uphill": Mistake(lambda w, g, learning_rate: w + learning_rate * g, UPHILL),
            "learning rate missing": Mistake(lambda w, g, learning_rate: w - g, NO_LEARNING_RATE),
            "learning rate twice": Mistake(
                lambda w, g, learning_rate: w - learning_rate**2 * g, LEARNING_RATE_TWICE
            ),
            "the step alone": Mistake(
                lambda w, g, learning_rate: -learning_rate * g,
                "You return the step alone. The new weight is where the step leads from w.",
            ),
            "subtracted the other way": Mistake(
                lambda w, g, learning_rate: learning_rate * g - w,
                "Your result has the right size and the opposite sign: w and the step are "
                "subtracted the other way round.",
            ),
            "w scaled too": Mistake(
                lambda w, g, learning_rate: learning_rate * (w - g),
                "The learning rate multiplies the weight as well. It scales the gradient only: "
                "check your parentheses.",
            ),
            "divided by the learning rate": Mistake(
                lambda w, g, learning_rate: w - g / learning_rate,
                "A smaller learning rate makes your step longer: you divide by it.",
            ),
            "sign of the gradient only": Mistake(
                lambda w, g, learning_rate: w - learning_rate * np.sign(g),
                "All your steps are equally long: only the gradient's sign is used. A steeper "
                "slope makes a longer step.",
            ),
            "in place": Mistake(step_in_place, IN_PLACE),
        },
    ),
    "descend": Answer(
        descend,
        {
            "uphill": Mistake(lambda *args: walk(*args, sign=1), UPHILL),
            "start missing": Mistake(lambda *args: walk(*args, keeps_start=False), START_MISSING),
            "last only": Mistake(lambda *args: walk(*args)[-1], LAST_ONLY),
            "one step too many": Mistake(
                lambda gradient, w, learning_rate, n, epsilon: walk(
                    gradient, w, learning_rate, n + 1, epsilon
                ),
                ONE_TOO_MANY,
            ),
            "one step too few": Mistake(
                lambda gradient, w, learning_rate, n, epsilon: walk(
                    gradient, w, learning_rate, n - 1, epsilon
                ),
                ONE_TOO_FEW,
            ),
            "never stops early": Mistake(
                lambda *args: walk(*args, stops=lambda *_: False),
                "Your walk takes all its steps although one of them was shorter than epsilon. "
                "Compare the new weight with the old one inside the loop.",
            ),
            "stopping rule inverted": Mistake(
                lambda *args: walk(*args, stops=lambda n, w, e, g: np.linalg.norm(n - w) > e),
                "Your walk stops while the weights still move by more than epsilon. Look at the "
                "direction of the comparison.",
            ),
            "last step dropped": Mistake(
                lambda *args: walk(*args, keeps_last=False),
                "The last weight is missing when the walk stops early: you stop before you keep "
                "it. Append first, then compare.",
            ),
            "epsilon against the gradient": Mistake(
                lambda *args: walk(*args, stops=lambda n, w, e, g: np.linalg.norm(g(w)) < e),
                "Your walk stops when the gradient is small. Here the length of the step, "
                "‖w_new − w‖, is compared with epsilon.",
            ),
            "weight against epsilon": Mistake(
                lambda *args: walk(*args, stops=lambda n, w, e, g: np.linalg.norm(n) < e),
                "Your walk stops when the weight itself is small. Here the length of the step, "
                "‖w_new − w‖, is compared with epsilon.",
            ),
            "squared step against epsilon": Mistake(
                lambda *args: walk(*args, stops=lambda n, w, e, g: np.sum((n - w) ** 2) < e),
                "Your walk stops too early: it compares the square of the step's length with "
                "epsilon. A root is missing.",
            ),
            "step compared with its sign": Mistake(
                lambda *args: walk(*args, stops=lambda n, w, e, g: np.all(n - w < e)),
                "Your walk stops as soon as a weight goes down: a negative step is always below "
                "epsilon. Compare the length of the step.",
            ),
            "gradient of the start": Mistake(
                walk_of_start_gradient,
                "All your steps are equal: the gradient was computed once, at the start. The "
                "slope changes on the way.",
            ),
            "learning rate missing": Mistake(
                lambda gradient, w, learning_rate, n, epsilon: walk(gradient, w, 1.0, n, epsilon),
                NO_LEARNING_RATE,
            ),
            "in place": Mistake(walk_in_place, IN_PLACE),
            "aliased": Mistake(walk_aliased, ALIASED),
        },
    ),
    "steepest_direction": Answer(
        steepest_direction,
        {
            "uphill": Mistake(
                lambda gradient: -steepest_direction(gradient),
                "Your direction is the one in which the loss rises fastest. Turn it round.",
            ),
            "length not 1": Mistake(
                lambda gradient: -gradient,
                "The direction is right, but its length is the gradient's own. Divide by the "
                "length.",
            ),
            "divided by the squared length": Mistake(
                lambda gradient: -gradient / (gradient @ gradient),
                "The direction is right, its length is not 1: you divide by the square of the "
                "length. A root is missing.",
            ),
            "divided by the sum": Mistake(
                lambda gradient: -gradient / np.sum(gradient),
                "You divide by the sum of the entries. The length of a vector is the root of the "
                "sum of squares.",
            ),
            "divided by the sum of sizes": Mistake(
                lambda gradient: -gradient / np.sum(np.abs(gradient)),
                "You divide by the sum of the entries' sizes. The length of a vector is the root "
                "of the sum of squares.",
            ),
            "divided by the largest": Mistake(
                lambda gradient: -gradient / np.max(np.abs(gradient)),
                "You divide by the largest entry. The length of a vector is the root of the sum "
                "of squares.",
            ),
            "signs only": Mistake(
                lambda gradient: -np.sign(gradient) / np.sqrt(len(gradient)),
                "You keep only the sign of each entry. A steep weight should move more than a "
                "flat one.",
            ),
            "zero divided by zero": Mistake(
                lambda gradient: -gradient / np.linalg.norm(gradient),
                "Where the gradient is zero you return nan: zero divided by zero. Treat a length "
                "of 0 separately.",
            ),
        },
    ),
    "predicted_change": Answer(
        predicted_change,
        {
            "epsilon missing": Mistake(
                lambda gradient, v, epsilon: v @ gradient,
                "Your change does not depend on epsilon. The step is εv, not v.",
            ),
            "epsilon squared": Mistake(
                lambda gradient, v, epsilon: epsilon**2 * (v @ gradient),
                "Epsilon enters twice: halving it makes your change four times smaller. To first "
                "order it should be two times.",
            ),
            "wrong sign": Mistake(
                lambda gradient, v, epsilon: -epsilon * (v @ gradient),
                "The size is right and the sign is opposite. A step along the gradient should "
                "predict a rise.",
            ),
            "not summed": Mistake(
                lambda gradient, v, epsilon: epsilon * v * gradient,
                "You return one number per weight. The change of the loss is what they make "
                "together.",
            ),
            "mean for sum": Mistake(
                lambda gradient, v, epsilon: epsilon * np.mean(v * gradient),
                "You take the mean over the weights. Their contributions add up.",
            ),
            "only the gradient's length": Mistake(
                lambda gradient, v, epsilon: epsilon * np.linalg.norm(v) * np.linalg.norm(gradient),
                "You multiply the two lengths, as if v went straight along the gradient. The "
                "angle between them matters: use the dot product.",
            ),
            "v normalised": Mistake(
                lambda gradient, v, epsilon: epsilon * (v @ gradient) / np.linalg.norm(v),
                "You divide by the length of v. The step asked is εv with v as it is.",
            ),
        },
    ),
    "mean_squared_error": Answer(
        mean_squared_error,
        {
            "sum for mean": Mistake(lambda p, x, t: np.sum(errors(p, x, t) ** 2), SUM_FOR_MEAN),
            "half": Mistake(
                lambda p, x, t: np.mean(errors(p, x, t) ** 2) / 2,
                "Your loss is half the right one: a ½ in front that is not in the definition.",
            ),
            "bias forgotten": Mistake(
                lambda p, x, t: np.mean((p[0] * x - t) ** 2),
                "Changing b changes nothing in your result: the bias is left out of the "
                "prediction.",
            ),
            "w and b exchanged": Mistake(
                lambda p, x, t: np.mean((p[1] * x + p[0] - t) ** 2),
                "w and b are exchanged: theta holds the weight first.",
            ),
            "square after mean": Mistake(
                lambda p, x, t: np.mean(errors(p, x, t)) ** 2,
                "You take the mean first and square afterwards, so errors of opposite sign "
                "cancel. Square each error before.",
            ),
            "absolute value for square": Mistake(
                lambda p, x, t: np.mean(np.abs(errors(p, x, t))),
                "You take the mean of the errors' sizes. Here each error is squared.",
            ),
            "root taken": Mistake(
                lambda p, x, t: np.sqrt(np.mean(errors(p, x, t) ** 2)),
                "Your result is the square root of the loss that is asked.",
            ),
            "not averaged": Mistake(
                lambda p, x, t: errors(p, x, t) ** 2,
                "You return one number per point. The loss is one number for all of them.",
            ),
        },
    ),
    "line_gradient": Answer(
        line_gradient,
        {
            "sum for mean": Mistake(lambda p, x, t: len(x) * line_gradient(p, x, t), SUM_FOR_MEAN),
            "wrong sign": Mistake(lambda p, x, t: -line_gradient(p, x, t), WRONG_SIGN),
            "factor 2 missing": Mistake(lambda p, x, t: line_gradient(p, x, t) / 2, FACTOR_TWO),
            "order exchanged": Mistake(
                lambda p, x, t: line_gradient(p, x, t)[::-1],
                "Both numbers are right, but they stand in the wrong order: the derivative by w "
                "comes first.",
            ),
            "bias as weight": Mistake(
                lambda p, x, t: np.array([np.mean(2 * errors(p, x, t) * x)] * 2),
                "The derivative by b equals the one by w. b is not multiplied by x in the "
                "prediction.",
            ),
            "weight as bias": Mistake(
                lambda p, x, t: np.array([np.mean(2 * errors(p, x, t))] * 2),
                "The derivative by w equals the one by b. w is multiplied by x in the prediction.",
            ),
            "bias summed, weight averaged": Mistake(
                lambda p, x, t: line_gradient(p, x, t) * [1, len(x)],
                "The derivative by w is right. The one by b is N times too large: it is summed "
                "over the points instead of averaged.",
            ),
            "weight summed, bias averaged": Mistake(
                lambda p, x, t: line_gradient(p, x, t) * [len(x), 1],
                "The derivative by b is right. The one by w is N times too large: it is summed "
                "over the points instead of averaged.",
            ),
            "bias forgotten in the prediction": Mistake(
                lambda p, x, t: line_gradient([p[0], 0.0], x, t),
                "Your gradient is the one at b = 0: the bias is left out of the prediction.",
            ),
            "w and b exchanged": Mistake(
                lambda p, x, t: line_gradient(p[::-1], x, t),
                "Your gradient is the one at exchanged w and b: theta holds the weight first.",
            ),
            "not averaged": Mistake(
                lambda p, x, t: np.array([2 * errors(p, x, t) * x, 2 * errors(p, x, t)]),
                "You return two numbers per point. The mean over the points is missing.",
            ),
        },
    ),
    "fit_line": Answer(
        fit_line,
        {
            "uphill": Mistake(fit_with(lambda gradient, x: -gradient), UPHILL),
            "start missing": Mistake(lambda *args: fit_line(*args)[1:], START_MISSING),
            "last only": Mistake(lambda *args: fit_line(*args)[-1], LAST_ONLY),
            "one epoch too many": Mistake(
                lambda x, t, theta, learning_rate, epochs: fit_line(
                    x, t, theta, learning_rate, epochs + 1
                ),
                ONE_TOO_MANY,
            ),
            "one epoch too few": Mistake(
                lambda x, t, theta, learning_rate, epochs: fit_line(
                    x, t, theta, learning_rate, epochs - 1
                ),
                ONE_TOO_FEW,
            ),
            "sum for mean": Mistake(
                fit_with(lambda gradient, x: len(x) * gradient),
                "Your steps are N times too long, N the number of points: they follow the "
                "gradient of the sum. Here the loss is the mean.",
            ),
            "one parameter after the other": Mistake(
                fit_one_after_the_other,
                "w moves as expected; b moves with a gradient computed after w had moved. "
                "Compute both derivatives first, then take the step.",
            ),
            "bias never moves": Mistake(
                fit_with(lambda gradient, x: gradient * [1, 0]),
                "b keeps its start value in every epoch. Both parameters take a step.",
            ),
            "weight never moves": Mistake(
                fit_with(lambda gradient, x: gradient * [0, 1]),
                "w keeps its start value in every epoch. Both parameters take a step.",
            ),
            "gradients exchanged": Mistake(
                fit_with(lambda gradient, x: gradient[::-1]),
                "w moves by the derivative of b, and b by that of w. Look at the order in which "
                "you take the gradient apart.",
            ),
            "in place": Mistake(fit_in_place, IN_PLACE),
            "aliased": Mistake(fit_aliased, ALIASED),
        },
    ),
}
