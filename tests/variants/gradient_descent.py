"""Correct solutions of assignment 01 in different styles."""

SOLUTIONS = {
    "count_candidates": [
        "def count_candidates(per_weight, weights):\n    return per_weight ** weights",
        "def count_candidates(per_weight, weights):\n    return pow(per_weight, weights)",
        """
def count_candidates(per_weight, weights):
    count = 1
    for _ in range(weights):
        count = count * per_weight
    return count
""",
    ],
    "predict": [
        "def predict(x, w):\n    return x * w",
        "def predict(x, w, scale=1):\n    return np.multiply(w, x) * scale",
        "def predict(x, w):\n    return (w * np.asarray(x, dtype=float)).tolist()",
        "def predict(x, w):\n    return np.float32(w) * np.float32(x)",
    ],
    "sum_of_squares": [
        "def sum_of_squares(w, x, y):\n    return np.sum((x * w - y) ** 2)",
        "def sum_of_squares(w, x, y):\n    e = y - w * x\n    return e @ e",
        """
def sum_of_squares(w, x, y):
    total = 0.0
    for i in range(len(x)):
        total += (w * x[i] - y[i]) ** 2
    return np.array(total)
""",
        "def sum_of_squares(w, x, y):\n    return sum((a * w - b) ** 2 for a, b in zip(x, y))",
    ],
    "best_candidate": [
        "def best_candidate(candidates, loss):\n    return min(candidates, key=loss)",
        """
def best_candidate(candidates, loss):
    best, lowest = None, float("inf")
    for w in candidates:
        if loss(w) < lowest:
            best, lowest = w, loss(w)
    return best
""",
        """
def best_candidate(candidates, loss):
    return np.array(candidates)[np.argmin([loss(w) for w in candidates])]
""",
        "def best_candidate(candidates, loss):\n    return sorted(candidates, key=loss)[0]",
    ],
    "slope": [
        "def slope(w, x, y):\n    return np.sum(2 * (x * w - y) * x)",
        "def slope(w, x, y):\n    return -2 * np.dot(x, y - w * x)",
        """
def slope(w, x, y):
    total = 0
    for xi, yi in zip(x, y):
        total = total + 2 * xi * (w * xi - yi)
    return total
""",
        "def slope(w, x, y):\n    return 2 * w * np.sum(x ** 2) - 2 * np.sum(x * y)",
        """
def slope(w, x, y):
    x, y = np.float32(x), np.float32(y)
    return np.sum(np.float32(2) * x * (x * np.float32(w) - y))
""",
    ],
    "descent_step": [
        "def descent_step(w, gradient, learning_rate):\n    return w - learning_rate * gradient",
        """
def descent_step(w, gradient, learning_rate):
    w = np.array(w, dtype=float)
    w -= learning_rate * gradient
    return w
""",
        """
def descent_step(w, gradient, learning_rate):
    if np.ndim(w) == 0:
        return float(w - gradient * learning_rate)
    return [a - learning_rate * g for a, g in zip(w, gradient)]
""",
    ],
    "descend": [
        """
def descend(gradient, w, learning_rate, max_iteration, epsilon):
    path = [w]
    for k in range(max_iteration):
        w_new = w - learning_rate * gradient(w)
        path.append(w_new)
        if np.linalg.norm(w_new - w) < epsilon:
            break
        w = w_new
    return np.array(path)
""",
        """
def descend(gradient, w, learning_rate, max_iteration, epsilon):
    path = [np.array(w, dtype=float)]
    while len(path) <= max_iteration:
        path.append(path[-1] - learning_rate * gradient(path[-1]))
        if np.sqrt(np.sum((path[-1] - path[-2]) ** 2)) < epsilon:
            return np.stack(path)
    return np.stack(path)
""",
        """
def descend(gradient, w, learning_rate, max_iteration, epsilon):
    path, moved = [w], np.inf
    while moved >= epsilon and len(path) < max_iteration + 1:
        step = learning_rate * gradient(path[-1])
        path.append(path[-1] - step)
        moved = np.linalg.norm(step)
    return path
""",
    ],
    "steepest_direction": [
        """
def steepest_direction(gradient):
    length = np.linalg.norm(gradient)
    if length == 0:
        return np.zeros(len(gradient))
    return -gradient / length
""",
        """
def steepest_direction(gradient):
    length = np.sqrt(np.sum(gradient ** 2))
    return 0 * gradient if length == 0 else -1 * gradient / length
""",
        """
def steepest_direction(gradient):
    length = sum(g * g for g in gradient) ** 0.5 or 1.0
    return [-g / length for g in gradient]
""",
    ],
    "predicted_change": [
        "def predicted_change(gradient, v, epsilon):\n    return epsilon * np.dot(v, gradient)",
        "def predicted_change(gradient, v, epsilon):\n    return (epsilon * v) @ gradient",
        """
def predicted_change(gradient, v, epsilon):
    return sum(epsilon * v[i] * gradient[i] for i in range(len(v)))
""",
    ],
    "mean_squared_error": [
        """
def mean_squared_error(theta, x, t):
    w, b = theta
    return np.mean((w * x + b - t) ** 2)
""",
        """
def mean_squared_error(theta, x, t):
    errors = t - theta[1] - theta[0] * x
    return float(errors @ errors) / len(x)
""",
        """
def mean_squared_error(theta, x, t):
    total = 0
    for a, b in zip(x, t):
        total += (theta[0] * a + theta[1] - b) ** 2
    return total / x.size
""",
    ],
    "line_gradient": [
        """
def line_gradient(theta, x, t):
    w, b = theta
    error = w * x + b - t
    return np.array([np.mean(2 * error * x), np.mean(2 * error)])
""",
        """
def line_gradient(theta, x, t):
    error = theta[0] * x + theta[1] - t
    return 2 / len(x) * np.stack([x, np.ones_like(x)]) @ error
""",
        """
def line_gradient(theta, x, t):
    dw = db = 0
    for a, b in zip(x, t):
        dw += 2 * a * (theta[0] * a + theta[1] - b) / len(x)
        db += 2 * (theta[0] * a + theta[1] - b) / len(x)
    return [dw, db]
""",
        """
def line_gradient(theta, x, t):
    theta, x, t = np.float32(theta), np.float32(x), np.float32(t)
    error = theta[0] * x + theta[1] - t
    return np.array([np.mean(2 * error * x), np.mean(2 * error)])
""",
    ],
    "fit_line": [
        """
def fit_line(x, t, theta, learning_rate, epochs):
    path = [theta]
    for epoch in range(epochs):
        w, b = path[-1]
        error = w * x + b - t
        g = np.array([np.mean(2 * error * x), np.mean(2 * error)])
        path.append(path[-1] - learning_rate * g)
    return np.array(path)
""",
        """
def fit_line(x, t, theta, learning_rate, epochs):
    path = np.zeros((epochs + 1, 2))
    path[0] = theta
    for k in range(epochs):
        error = path[k, 0] * x + path[k, 1] - t
        path[k + 1, 0] = path[k, 0] - learning_rate * 2 * np.mean(error * x)
        path[k + 1, 1] = path[k, 1] - learning_rate * 2 * np.mean(error)
    return path
""",
        """
def fit_line(x, t, theta, learning_rate, epochs):
    w, b = float(theta[0]), float(theta[1])
    path = [(w, b)]
    for k in range(epochs):
        error = w * x + b - t
        w, b = w - learning_rate * 2 * np.mean(error * x), b - learning_rate * 2 * np.mean(error)
        path.append((w, b))
    return path
""",
    ],
}
