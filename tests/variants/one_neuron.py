"""Correct solutions of assignment 03 in different styles."""

SOLUTIONS = {
    "sigmoid": [
        "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))",
        """
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))
""",
        "def sigmoid(z):\n    return 0.5 * (1 + np.tanh(np.multiply(z, 0.5)))",
        """
def sigmoid(z):
    import math

    if np.ndim(z) > 0:
        return [sigmoid(one) for one in z]
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0
""",
        """
def sigmoid(z):
    z = np.float32(np.clip(z, -80, 80))
    return np.float32(1) / (1 + np.exp(-z))
""",
        """
def sigmoid(z, steepness=1.0):
    return 1 / (1 + np.e ** np.clip(-steepness * z, -500, 500))
""",
    ],
    "sigmoid_prime": [
        """
def sigmoid_prime(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)
""",
        """
def sigmoid_prime(z):
    def sigmoid(z):
        return 1 / (1 + np.exp(-np.array(z)))

    return sigmoid(z) * sigmoid(-np.array(z))
""",
        """
def sigmoid_prime(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2
""",
        """
def sigmoid_prime(z):
    return (1 - np.tanh(z / 2) ** 2) / 4
""",
        """
def sigmoid_prime(z):
    z = np.array(z, dtype=float)
    result = np.zeros_like(z)
    for i in np.ndindex(z.shape):
        a = 1 / (1 + np.exp(-z[i]))
        result[i] = a - a**2
    return result
""",
    ],
    "activation_and_slope": [
        """
def activation_and_slope(name, z):
    if name == "tanh":
        a = np.tanh(z)
        return a, 1 - a**2
    return np.maximum(z, 0), (z > 0) * 1.0
""",
        """
def activation_and_slope(name, z):
    table = {
        "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
        "relu": (lambda z: np.where(z > 0, z, 0), lambda z: np.where(z > 0, 1, 0)),
    }
    value, slope = table[name]
    return [value(z), slope(z)]
""",
        """
def activation_and_slope(name, z):
    if name == "relu":
        a = z.copy()
        a[a < 0] = 0
        return a, a > 0
    a = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    return a, (1 - a) * (1 + a)
""",
        """
def activation_and_slope(name, z):
    z = np.float32(z)
    match name:
        case "tanh":
            return np.tanh(z), 1 - np.tanh(z) ** 2
        case "relu":
            return z * (z > 0), np.heaviside(z, 0)
""",
        """
def activation_and_slope(name, z):
    a = np.tanh(z) if name == "tanh" else (abs(z) + z) / 2
    slope = 1 - a * a if name == "tanh" else (np.sign(z) + 1) / 2
    return a.tolist(), slope.tolist()
""",
    ],
    "sigmoid_neuron": [
        """
def sigmoid_neuron(w, b, x, t):
    z = w * x + b
    y = 1 / (1 + np.exp(-z))
    loss = 0.5 * (y - t) ** 2
    y_bar = y - t
    z_bar = y_bar * y * (1 - y)
    dw = z_bar * x
    db = z_bar
    return z, y, loss, y_bar, z_bar, dw, db
""",
        """
def sigmoid_neuron(w, b, x, t):
    def sigmoid_prime(z):
        return np.exp(-z) / (1 + np.exp(-z)) ** 2

    z = b + x * w
    y = 1 / (1 + np.exp(-z))
    error = -(t - y)
    delta = error * sigmoid_prime(z)
    return [z, y, error**2 / 2, error, delta, x * delta, delta]
""",
        """
def sigmoid_neuron(w, b, x, t, half=0.5):
    z = np.dot(w, x) + b
    y = (1 + np.tanh(z / 2)) / 2
    y_bar = 2 * half * (y - t)
    z_bar = y_bar * (1 - np.tanh(z / 2) ** 2) / 4
    return np.array([z, y, half * (t - y) ** 2, y_bar, z_bar, z_bar * x, 1.0 * z_bar])
""",
        """
def sigmoid_neuron(w, b, x, t):
    import math

    z = float(w) * float(x) + float(b)
    y = 1 / (1 + math.exp(-z))
    dL_dy = y - t
    dy_dz = y - y * y
    dz_dw, dz_db = x, 1
    z_bar = dL_dy * dy_dz
    return z, y, math.pow(dL_dy, 2) / 2, dL_dy, z_bar, z_bar * dz_dw, z_bar * dz_db
""",
    ],
    "binary_cross_entropy": [
        """
def binary_cross_entropy(y, t):
    y = np.clip(y, 1e-12, 1 - 1e-12)
    J = -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))
    return J, -t / y + (1 - t) / (1 - y)
""",
        """
def binary_cross_entropy(y, t):
    of_truth = np.where(t == 1, y, 1 - y)
    return -np.log(of_truth).sum(), np.where(t == 1, -1, 1) / of_truth
""",
        """
def binary_cross_entropy(y, t):
    J, gradient = 0.0, []
    for one, target in zip(y, t):
        if target == 1:
            J -= np.log(one)
            gradient.append(-1 / one)
        else:
            J -= np.log(1 - one)
            gradient.append(1 / (1 - one))
    return [J, gradient]
""",
        """
def binary_cross_entropy(y, t, eps=1e-8):
    J = -(t @ np.log(y + eps) + (1 - t) @ np.log(1 - y + eps))
    return J, (1 - t) / (1 - y + eps) - t / (y + eps)
""",
        """
def binary_cross_entropy(y, t):
    y = np.minimum(np.maximum(y, 1e-15), 1 - 1e-15)
    return -np.sum(np.log(np.abs(1 - t - y))), (y - t) / (y * (1 - y))
""",
        """
def binary_cross_entropy(y, t):
    y, t = np.float32(y), np.float32(t)
    y = np.clip(y, np.float32(1e-7), np.float32(1 - 1e-7))
    J = -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))
    return J, -t / y + (1 - t) / (1 - y)
""",
    ],
    "logistic_gradient": [
        """
def logistic_gradient(w, b, X, t):
    y = 1 / (1 + np.exp(-(w @ X + b)))
    delta = y - t
    return X @ delta, np.sum(delta)
""",
        """
def logistic_gradient(w, b, X, t):
    dw, db = np.zeros(len(w)), 0.0
    for n in range(X.shape[1]):
        z = b
        for i in range(len(w)):
            z += w[i] * X[i, n]
        delta = 1 / (1 + np.exp(-z)) - t[n]
        for i in range(len(w)):
            dw[i] += delta * X[i, n]
        db += delta
    return dw, db
""",
        """
def logistic_gradient(w, b, X, t):
    y = 1 / (1 + np.exp(-(np.dot(w, X) + b)))
    grad_y = -t / y + (1 - t) / (1 - y)
    grad_z = grad_y * y * (1 - y)
    return (grad_z * X).sum(axis=1), grad_z.sum()
""",
        """
def logistic_gradient(w, b, X, t):
    with_one = np.vstack([X, np.ones(X.shape[1])])
    y = 1 / (1 + np.exp(-np.append(w, b) @ with_one))
    gradient = np.einsum("in,n->i", with_one, y - t)
    return gradient[:-1].tolist(), gradient[-1]
""",
        """
def logistic_gradient(w, b, X, t):
    w, X, t = np.float32(w), np.float32(X), np.float32(t)
    delta = 1 / (1 + np.exp(-(w @ X + np.float32(b)))) - t
    return delta @ X.T, np.array(delta.sum())
""",
    ],
    "logistic_regression": [
        """
def logistic_regression(X, t, w, b, learning_rate, epochs):
    def forward(w, b):
        return 1 / (1 + np.exp(-(w @ X + b)))

    def loss(y):
        return -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))

    losses = [loss(forward(w, b))]
    for epoch in range(epochs):
        delta = forward(w, b) - t
        w = w - learning_rate * X @ delta
        b = b - learning_rate * np.sum(delta)
        losses.append(loss(forward(w, b)))
    return w, b, np.array(losses)
""",
        """
def logistic_regression(X, t, w, b, learning_rate, epochs):
    w, losses = w.copy(), []
    for k in range(epochs + 1):
        z = w @ X + b
        losses.append(np.sum(np.logaddexp(0, z) - t * z))
        if k < epochs:
            delta = 1 / (1 + np.exp(-z)) - t
            w -= learning_rate * (X @ delta)
            b -= learning_rate * delta.sum()
    return w, b, losses
""",
        """
def logistic_regression(X, t, w, b, learning_rate, epochs):
    theta = np.append(w, b)
    X = np.vstack([X, np.ones(X.shape[1])])
    losses = np.zeros(epochs + 1)
    for k in range(epochs + 1):
        y = 1 / (1 + np.exp(-(theta @ X)))
        losses[k] = -np.log(np.where(t == 1, y, 1 - y)).sum()
        if k < epochs:
            theta = theta - learning_rate * (X @ (y - t))
    return list(theta[:-1]), theta[-1], losses
""",
        """
def logistic_regression(X, t, w, b, learning_rate, epochs):
    def outputs():
        return [1 / (1 + np.exp(-(sum(w * X[:, n]) + b))) for n in range(len(t))]

    def loss():
        return sum(-np.log(y if goal == 1 else 1 - y) for y, goal in zip(outputs(), t))

    losses = [loss()]
    while len(losses) <= epochs:
        dw, db = 0, 0
        for n, y in enumerate(outputs()):
            dw, db = dw + (y - t[n]) * X[:, n], db + (y - t[n])
        w, b = w - learning_rate * dw, b - learning_rate * db
        losses += [loss()]
    return w, b, losses
""",
    ],
    "softmax": [
        """
def softmax(z):
    e = np.exp(z - np.max(z, axis=0))
    return e / np.sum(e, axis=0)
""",
        """
def softmax(z):
    z = z - z.max(axis=0, keepdims=True)
    return np.exp(z) / np.exp(z).sum(axis=0, keepdims=True)
""",
        """
def softmax(z):
    if z.ndim == 2:
        return np.stack([softmax(column) for column in z.T], axis=1)
    largest = max(z)
    parts = [np.exp(one - largest) for one in z]
    return np.array(parts) / sum(parts)
""",
        """
def softmax(z):
    largest = np.max(z, axis=0)
    log_sum = largest + np.log(np.einsum("i...->...", np.exp(z - largest)))
    return np.exp(z - log_sum)
""",
        """
def softmax(z, dtype=np.float32):
    z = (z - z.max(0)).astype(dtype)
    e = np.exp(z)
    return e / e.sum(0)
""",
    ],
    "softmax_backward": [
        """
def softmax_backward(y, grad_y):
    return y * (grad_y - np.sum(y * grad_y, axis=0))
""",
        """
def softmax_backward(y, grad_y):
    if y.ndim == 1:
        return (np.diag(y) - np.outer(y, y)) @ grad_y
    columns = [softmax_backward(y[:, n], grad_y[:, n]) for n in range(y.shape[1])]
    return np.array(columns).T
""",
        """
def softmax_backward(y, grad_y):
    result = np.zeros_like(y)
    for k in range(len(y)):
        for p in range(len(y)):
            result[p] += grad_y[k] * y[k] * ((k == p) - y[p])
    return result
""",
        """
def softmax_backward(y, grad_y):
    y, grad_y = np.float32(y), np.float32(grad_y)
    average = np.einsum("k...,k...->...", y, grad_y)
    return y * grad_y - y * average
""",
    ],
    "softmax_cross_entropy": [
        """
def softmax_cross_entropy(z, t):
    e = np.exp(z - np.max(z, axis=0))
    y = e / np.sum(e, axis=0)
    return -np.sum(t * np.log(np.maximum(y, 1e-12))), y - t
""",
        """
def softmax_cross_entropy(z, t):
    shifted = z - z.max(axis=0, keepdims=True)
    log_y = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    return -(t * log_y).sum(), np.exp(log_y) - t
""",
        """
def softmax_cross_entropy(z, t):
    loss, delta = 0.0, np.zeros(z.shape)
    for n in range(z.shape[1]):
        e = np.exp(z[:, n] - max(z[:, n]))
        y = e / sum(e)
        right = int(np.argmax(t[:, n]))
        loss -= np.log(y[right])
        delta[:, n] = y
        delta[right, n] -= 1
    return [loss, delta.tolist()]
""",
        """
def softmax_cross_entropy(z, t):
    e = np.exp(z - z.max(axis=0))
    y = e / e.sum(axis=0)
    return -np.log(y[t == 1]).sum(), -(t - y)
""",
        """
def softmax_cross_entropy(z, t, eps=1e-9):
    z, t = z.astype(np.float32), t.astype(np.float32)
    e = np.exp(z - z.max(axis=0))
    y = e / np.einsum("ij->j", e)
    return -np.einsum("ij,ij", t, np.log(y + eps)), y - t
""",
    ],
}
