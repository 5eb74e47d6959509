"""Correct solutions of assignment 06 in different styles."""

FORWARD = """
def xor_forward(theta, X):
    W1, b1, W2, b2 = theta
    H = 1 / (1 + np.exp(-(W1 @ X + b1)))
    Y = 1 / (1 + np.exp(-(W2 @ H + b2)))
    return H, Y
"""
LOSS = """
def xor_loss(theta, X, T):
    H, Y = xor_forward(theta, X)
    return np.sum((Y - T) ** 2) / 2
"""
GRADIENTS = """
def xor_gradients(theta, X, T):
    W1, b1, W2, b2 = theta
    H, Y = xor_forward(theta, X)
    delta2 = (Y - T) * Y * (1 - Y)
    delta1 = (W2.T @ delta2) * H * (1 - H)
    dW2, db2 = delta2 @ H.T, np.sum(delta2, axis=1, keepdims=True)
    dW1, db1 = delta1 @ X.T, np.sum(delta1, axis=1, keepdims=True)
    return dW1, db1, dW2, db2
"""
STEP = """
def xor_step(theta, gradients, learning_rate):
    return tuple(w - learning_rate * dw for w, dw in zip(theta, gradients))
"""

SOLUTIONS = {
    "xor_forward": [
        FORWARD,
        """
def sigma(z):
    z = np.asarray(z)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))

def xor_forward(theta, X, activation=sigma):
    A = X
    layers = []
    for W, b in (theta[:2], theta[2:]):
        A = activation(np.dot(W, A) + b)
        layers.append(A)
    return layers
""",
        """
def xor_forward(theta, X):
    W1, b1, W2, b2 = theta
    sigmoid = lambda z: 0.5 * (1 + np.tanh(z / 2))
    H = np.zeros((len(W1), X.shape[1]))
    Y = np.zeros((len(W2), X.shape[1]))
    for n in range(X.shape[1]):
        for j in range(len(W1)):
            z = b1[j, 0]
            for i in range(len(X)):
                z += W1[j, i] * X[i, n]
            H[j, n] = sigmoid(z)
        for k in range(len(W2)):
            Y[k, n] = sigmoid(sum(W2[k, j] * H[j, n] for j in range(len(W1))) + b2[k, 0])
    return H, Y
""",
        """
def xor_forward(theta, X):
    W1, b1, W2, b2 = [np.float32(part) for part in theta]
    H = 1 / (1 + np.exp(-np.einsum("ji,in->jn", W1, np.float32(X)) - b1))
    return H, 1 / (1 + np.exp(-np.einsum("kj,jn->kn", W2, H) - b2))
""",
    ],
    "xor_loss": [
        FORWARD + LOSS,
        FORWARD
        + """
def xor_loss(theta, X, T):
    error = (xor_forward(theta, X)[1] - T).ravel()
    return 0.5 * error @ error
""",
        """
def xor_loss(theta, X, T):
    W1, b1, W2, b2 = theta
    total = 0.0
    for n in range(X.shape[1]):
        h = 1 / (1 + np.exp(-(W1 @ X[:, n] + b1[:, 0])))
        y = 1 / (1 + np.exp(-(W2 @ h + b2[:, 0])))
        for k in range(len(y)):
            total += (T[k, n] - y[k]) ** 2
    return np.array(total / 2)
""",
        FORWARD
        + """
def xor_loss(theta, X, T, half=1 / 2):
    return float(half * np.linalg.norm(T - xor_forward(theta, X)[-1]) ** 2)
""",
    ],
    "xor_gradients": [
        FORWARD + GRADIENTS,
        """
def xor_gradients(theta, X, T):
    W1, b1, W2, b2 = theta
    s = lambda z: 1 / (1 + np.exp(-z))
    s_prime = lambda z: s(z) * (1 - s(z))
    Z1 = W1 @ X + b1
    Z2 = W2 @ s(Z1) + b2
    delta2 = -(T - s(Z2)) * s_prime(Z2)
    delta1 = s_prime(Z1) * (delta2.T @ W2).T
    ones = np.ones((X.shape[1], 1))
    return [delta1 @ X.T, delta1 @ ones, delta2 @ s(Z1).T, delta2 @ ones]
""",
        FORWARD
        + """
def xor_gradients(theta, X, T):
    W1, b1, W2, b2 = theta
    dW1, db1, dW2, db2 = (np.zeros_like(part) for part in theta)
    for n in range(X.shape[1]):
        x = X[:, n]
        h, y = (part[:, 0] for part in xor_forward(theta, X[:, n : n + 1]))
        delta2 = [(y[k] - T[k, n]) * y[k] * (1 - y[k]) for k in range(len(y))]
        for k in range(len(y)):
            db2[k, 0] += delta2[k]
            for j in range(len(h)):
                dW2[k, j] += delta2[k] * h[j]
        for j in range(len(h)):
            back = sum(W2[k, j] * delta2[k] for k in range(len(y)))
            delta1 = back * h[j] * (1 - h[j])
            db1[j, 0] += delta1
            for i in range(len(x)):
                dW1[j, i] += delta1 * x[i]
    return dW1, db1, dW2, db2
""",
        FORWARD
        + """
def xor_gradients(theta, X, T):
    H, Y = xor_forward(theta, X)
    delta2 = (Y - T) * (Y - Y ** 2)
    delta1 = np.einsum("kj,kn->jn", theta[2], delta2) * (H - H ** 2)
    dW2 = np.einsum("kn,jn->kj", delta2, H)
    dW1 = np.einsum("jn,in->ji", delta1, X)
    return dW1, delta1.sum(1)[:, None], dW2, delta2.sum(1).reshape(-1, 1)
""",
        """
def xor_gradients(theta, X, T):
    W1, b1, W2, b2 = [np.float32(part) for part in theta]
    X, T = np.float32(X), np.float32(T)
    H = 1 / (1 + np.exp(-(W1 @ X + b1)))
    Y = 1 / (1 + np.exp(-(W2 @ H + b2)))
    delta2 = (Y - T) * Y * (1 - Y)
    delta1 = (W2.T @ delta2) * H * (1 - H)
    return (
        delta1 @ X.T,
        delta1.sum(axis=1, keepdims=True),
        delta2 @ H.T,
        delta2.sum(axis=1, keepdims=True),
    )
""",
    ],
    "xor_step": [
        STEP,
        """
def xor_step(theta, gradients, learning_rate):
    W1, b1, W2, b2 = theta
    dW1, db1, dW2, db2 = gradients
    W1 = W1 - learning_rate * dW1
    b1 = b1 - learning_rate * db1
    W2 = W2 - learning_rate * dW2
    b2 = b2 - learning_rate * db2
    return W1, b1, W2, b2
""",
        """
def xor_step(theta, gradients, learning_rate):
    new = [part.copy() for part in theta]
    for i in range(4):
        new[i] -= learning_rate * gradients[i]
    return new
""",
    ],
    "train_xor": [
        FORWARD
        + LOSS
        + GRADIENTS
        + STEP
        + """
def train_xor(theta, X, T, learning_rate, steps, keep):
    losses, snapshots = [], {}
    for k in range(steps + 1):
        losses.append(xor_loss(theta, X, T))
        if k in keep:
            snapshots[k] = theta
        theta = xor_step(theta, xor_gradients(theta, X, T), learning_rate)
    return losses, snapshots
""",
        FORWARD
        + LOSS
        + GRADIENTS
        + STEP
        + """
def train_xor(theta, X, T, learning_rate, steps, keep):
    path = [theta]
    while len(path) <= steps:
        path.append(xor_step(path[-1], xor_gradients(path[-1], X, T), learning_rate))
    return np.array([xor_loss(p, X, T) for p in path]), {k: path[k] for k in keep}
""",
        """
def train_xor(theta, X, T, learning_rate, steps, keep):
    W1, b1, W2, b2 = (part.copy() for part in theta)
    losses = np.zeros(steps + 1)
    snapshots = {}
    for k in range(steps + 1):
        H = 1 / (1 + np.exp(-(W1 @ X + b1)))
        Y = 1 / (1 + np.exp(-(W2 @ H + b2)))
        losses[k] = ((T - Y) ** 2).sum() / 2
        if k in keep:
            snapshots[k] = (W1.copy(), b1.copy(), W2.copy(), b2.copy())
        if k == steps:
            break
        delta2 = (Y - T) * Y * (1 - Y)
        delta1 = (W2.T @ delta2) * H * (1 - H)
        W2 -= learning_rate * delta2 @ H.T
        b2 -= learning_rate * delta2.sum(axis=1, keepdims=True)
        W1 -= learning_rate * delta1 @ X.T
        b1 -= learning_rate * delta1.sum(axis=1, keepdims=True)
    return losses, snapshots
""",
    ],
    "random_start": [
        """
def random_start(inputs, hidden, outputs, draw):
    return draw(hidden, inputs), draw(hidden, 1), draw(outputs, hidden), draw(outputs, 1)
""",
        """
def random_start(inputs, hidden, outputs, draw):
    W2, b2 = draw(outputs, hidden), draw(outputs, 1)
    W1, b1 = draw(hidden, inputs), draw(hidden, 1)
    return [W1, b1, W2, b2]
""",
        """
def random_start(inputs, hidden, outputs, draw):
    theta = ()
    for before, here in [(inputs, hidden), (hidden, outputs)]:
        theta += (draw(here, before), draw(here, 1))
    return theta
""",
    ],
    "stuck_starts": [
        """
def stuck_starts(Y, T):
    wrong = (Y > 0.5) != (T > 0.5)
    return np.flatnonzero(np.any(wrong, axis=1))
""",
        """
def stuck_starts(Y, T):
    stuck = []
    for start in range(len(Y)):
        for n in range(T.shape[1]):
            if (Y[start, n] >= 0.5) != (T[0, n] == 1):
                stuck.append(start)
                break
    return stuck
""",
        """
def stuck_starts(Y, T):
    return np.where(np.abs(Y - T).max(axis=1) > 0.5)[0]
""",
        """
def stuck_starts(Y, T):
    return [i for i, row in enumerate(Y) if not np.array_equal(np.round(row), T[0])]
""",
        """
def stuck_starts(Y, T):
    answers = np.where(Y >= 0.5, 1, 0)
    return np.arange(len(Y))[(answers == T).sum(axis=1) < T.size]
""",
    ],
    "random_batch": [
        """
def random_batch(X, T, size, seed):
    rng = np.random.default_rng(seed)
    columns = rng.choice(X.shape[1], size, replace=False)
    return X[:, columns], T[:, columns]
""",
        """
def random_batch(X, T, size, seed):
    columns = np.random.default_rng(seed).choice(len(X[0]), size=size, replace=False)
    return [np.take(X, columns, axis=1), np.take(T, columns, axis=1)]
""",
        """
def random_batch(X, T, size, seed):
    columns = np.random.default_rng(seed).choice(np.arange(T.shape[1]), size, replace=False)
    X_batch = np.zeros((X.shape[0], size))
    T_batch = np.zeros((T.shape[0], size))
    for n, column in enumerate(columns):
        X_batch[:, n] = X[:, column]
        T_batch[:, n] = T[:, column]
    return X_batch, T_batch
""",
        """
def random_batch(X, T, size, seed):
    together = np.vstack([X, T])
    rng = np.random.default_rng(seed)
    batch = together[:, rng.choice(together.shape[1], size, replace=False)]
    return batch[: len(X)], batch[len(X) :]
""",
    ],
    "train_until": [
        """
def train_until(theta, batch, loss, gradients, update, threshold, max_rounds):
    losses = []
    for k in range(max_rounds):
        X, T = batch(k)
        losses.append(loss(theta, X, T))
        if losses[-1] < threshold:
            break
        theta = update(theta, gradients(theta, X, T))
    return theta, losses
""",
        """
def train_until(theta, batch, loss, gradients, update, threshold, max_rounds):
    losses, k = [], 0
    while k < max_rounds:
        examples = batch(k)
        now = loss(theta, *examples)
        losses += [now]
        if now <= threshold:
            return theta, losses
        theta = update(theta, gradients(theta, *examples))
        k += 1
    return theta, losses
""",
        """
def train_until(theta, batch, loss, gradients, update, threshold, max_rounds):
    losses = np.zeros(max_rounds)
    for k in range(max_rounds):
        X, T = batch(k)
        losses[k] = loss(theta, X, T)
        if losses[k] < threshold:
            return [theta, losses[: k + 1]]
        g = gradients(theta, X, T)
        theta = update(theta, g)
    return [theta, losses]
""",
        """
def train_until(theta, batch, loss, gradients, update, threshold, max_rounds, losses=()):
    if len(losses) == max_rounds:
        return theta, list(losses)
    X, T = batch(len(losses))
    losses = (*losses, loss(theta, X, T))
    if losses[-1] < threshold:
        return theta, list(losses)
    theta = update(theta, gradients(theta, X, T))
    return train_until(theta, batch, loss, gradients, update, threshold, max_rounds, losses)
""",
    ],
}
