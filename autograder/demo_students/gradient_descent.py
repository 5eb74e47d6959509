"""Twelve students who hand in assignment 01."""

from autograder.demo_students import (
    Attempt,
    Student,
    cut_short,
    renamed,
    right,
    with_copy_of,
    without_cell,
)

LOOPS = {
    "predict": """
def predict(x, w):
    if np.ndim(x) == 0:
        return w * x
    h = np.zeros(len(x))
    for i in range(len(x)):
        h[i] = w * x[i]
    return h
""",
    "sum_of_squares": """
def sum_of_squares(w, x, y):
    total = 0.0
    for i in range(len(x)):
        total = total + (x[i] * w - y[i]) ** 2
    return total
""",
    "best_candidate": """
def best_candidate(candidates, loss):
    best = candidates[0]
    for w in candidates:
        if loss(w) < loss(best):
            best = w
    return best
""",
    "count_candidates": """
def count_candidates(per_weight, weights):
    count = 1
    for _ in range(weights):
        count = count * per_weight
    return count
""",
    "slope": """
def slope(w, x, y):
    total = 0.0
    for i in range(len(x)):
        total = total + 2 * (x[i] * w - y[i]) * x[i]
    return total
""",
    "descent_step": """
def descent_step(w, gradient, learning_rate):
    if np.ndim(w) == 0:
        return w - learning_rate * gradient
    new = np.zeros(len(w))
    for j in range(len(w)):
        new[j] = w[j] - learning_rate * gradient[j]
    return new
""",
    "descend": """
def descend(gradient, w, learning_rate, max_iteration, epsilon):
    path = [np.array(w)]
    steps = 0
    while steps < max_iteration:
        path.append(path[-1] - learning_rate * gradient(path[-1]))
        steps = steps + 1
        if np.sqrt(np.sum((path[-1] - path[-2]) ** 2)) < epsilon:
            break
    return np.array(path)
""",
    "mean_squared_error": """
def mean_squared_error(theta, x, t):
    total = 0.0
    for i in range(len(x)):
        total = total + (theta[0] * x[i] + theta[1] - t[i]) ** 2
    return total / len(x)
""",
    "line_gradient": """
def line_gradient(theta, x, t):
    dw = db = 0.0
    for i in range(len(x)):
        error = theta[0] * x[i] + theta[1] - t[i]
        dw = dw + 2 * error * x[i]
        db = db + 2 * error
    return np.array([dw / len(x), db / len(x)])
""",
    "predicted_change": """
def predicted_change(gradient, v, epsilon):
    change = 0.0
    for j in range(len(v)):
        change = change + epsilon * v[j] * gradient[j]
    return change
""",
    "steepest_direction": """
def steepest_direction(gradient):
    square = 0.0
    for g in gradient:
        square = square + g**2
    v = np.zeros(len(gradient))
    if square > 0:
        for j in range(len(gradient)):
            v[j] = -gradient[j] / square**0.5
    return v
""",
    "fit_line": """
def fit_line(x, t, theta, learning_rate, epochs):
    path = np.zeros((epochs + 1, 2))
    path[0] = theta
    for k in range(epochs):
        dw, db = line_gradient(path[k], x, t)
        path[k + 1, 0] = path[k, 0] - learning_rate * dw
        path[k + 1, 1] = path[k, 1] - learning_rate * db
    return path
""",
}

PLAIN_PYTHON = {
    "predict": """
def predict(x, w):
    print("predict", w)
    return np.multiply(x, w)
""",
    "sum_of_squares": """
def sum_of_squares(w, x, y):
    return sum((a * w - b) ** 2 for a, b in zip(x, y))
""",
    "best_candidate": """
def best_candidate(candidates, loss):
    return sorted((loss(w), w) for w in candidates)[0][1]
""",
    "count_candidates": """
def count_candidates(per_weight, weights):
    if weights == 0:
        return 1
    return per_weight * count_candidates(per_weight, weights - 1)
""",
    "slope": """
def slope(w, x, y):
    return float(sum(2 * a * (a * w - b) for a, b in zip(x, y)))
""",
    "line_gradient": """
def line_gradient(theta, x, t):
    errors = [theta[0] * a + theta[1] - b for a, b in zip(x, t)]
    return [2 * sum(e * a for e, a in zip(errors, x)) / len(x), 2 * sum(errors) / len(x)]
""",
    "steepest_direction": """
def steepest_direction(gradient):
    length = sum(g * g for g in gradient) ** 0.5 or 1.0
    return [-g / length for g in gradient]
""",
    "fit_line": """
def fit_line(x, t, theta, learning_rate, epochs):
    w, b = theta
    path = [(w, b)]
    while len(path) <= epochs:
        dw, db = line_gradient((w, b), x, t)
        w, b = w - learning_rate * dw, b - learning_rate * db
        path.append((w, b))
    return path
""",
}


STUDENTS = (
    Student("amina", "all right, with arrays"),
    Student("bruno", "all right, with loops", right(LOOPS)),
    Student("chen", "all right, plain Python", right(PLAIN_PYTHON)),
    Student("dora", "stops half way", stops_before="descent_step"),
    Student(
        "emil",
        "three known mistakes",
        {
            "slope": Attempt(
                """
def slope(w, x, y):
    return np.sum(2 * (y - x * w) * x)
""",
                mistake="wrong sign",
            ),
            "steepest_direction": Attempt(
                """
def steepest_direction(gradient):
    return -gradient / np.linalg.norm(gradient)
""",
                mistake="zero divided by zero",
                kept=("values",),
            ),
            "fit_line": Attempt(
                """
def fit_line(x, t, theta, learning_rate, epochs):
    path = []
    for _ in range(epochs):
        theta = theta - learning_rate * line_gradient(theta, x, t)
        path.append(theta)
    return np.array(path)
""",
                mistake="start missing",
            ),
        },
    ),
    Student(
        "fatou",
        "the mean for the sum; a slope that fits it",
        {
            "sum_of_squares": Attempt(
                """
def sum_of_squares(w, x, y):
    return np.mean((predict(x, w) - y) ** 2)
""",
                mistake="mean for sum",
            ),
            "slope": Attempt(
                """
def slope(w, x, y):
    return np.mean(2 * (predict(x, w) - y) * x)
""",
                mistake="mean for sum",
                kept=("own slope",),
            ),
            "descend": Attempt(
                """
def descend(gradient, w, learning_rate, max_iteration, epsilon):
    path = [w]
    for _ in range(max_iteration):
        w = w + learning_rate * gradient(w)
        path.append(w)
        if np.linalg.norm(path[-1] - path[-2]) < epsilon:
            break
    return np.array(path)
""",
                mistake="uphill",
            ),
        },
    ),
    Student("goran", "nothing done", stops_before="predict"),
    Student(
        "hana",
        "a check cell deleted, a crash",
        {
            "count_candidates": Attempt(
                """
def count_candidates(per_weight, weights):
    return per_weight ^ weights
""",
                mistake="^ for power",
            ),
            "mean_squared_error": Attempt(
                """
def mean_squared_error(theta, x, t):
    return np.mean((theta[1] * x + theta[2] - t) ** 2)
""",
                says="IndexError",
            ),
        },
        damage=without_cell("check-count_candidates"),
        repaired="Missing, put back as released: the check cell `check(count_candidates)`",
    ),
    Student(
        "ivo",
        "the file renamed, one mistake",
        {
            "predicted_change": Attempt(
                """
def predicted_change(gradient, v, epsilon):
    return np.linalg.norm(epsilon * v) * np.linalg.norm(gradient)
""",
                mistake="only the gradient's length",
            ),
        },
        damage=renamed("Homework 1 (final).ipynb"),
        repaired="The file is called Homework 1 (final).ipynb",
    ),
    Student(
        "jin",
        "cells copied and pasted, one mistake",
        {
            "fit_line": Attempt(
                """
def fit_line(x, t, theta, learning_rate, epochs):
    path = [theta.copy()]
    for _ in range(epochs):
        theta -= learning_rate * line_gradient(theta, x, t)
        path.append(theta.copy())
    return np.array(path)
""",
                mistake="in place",
                kept=("values",),
            ),
        },
        damage=with_copy_of("best_candidate", "check-best_candidate"),
        repaired="more than once",
    ),
    Student(
        "kofi", "half of the file", damage=cut_short, repaired="not valid JSON", readable=False
    ),
    Student(
        "lucia",
        "a loop that never ends",
        {
            "best_candidate": Attempt(
                """
def best_candidate(candidates, loss):
    losses = [loss(w) for w in candidates]
    i = best = 0
    while i < len(losses):
        if losses[i] < losses[best]:
            best = i
            i = i + 1
    return candidates[best]
""",
                says="stopped before it came to an end",
            ),
        },
    ),
)
