"""Correct solutions of assignment 07 in different styles."""

SOLUTIONS = {
    "accuracy": [
        """
def accuracy(Y, labels):
    return np.mean(np.argmax(Y, axis=0) == labels)
""",
        """
def accuracy(Y, labels):
    right = 0
    for n in range(len(labels)):
        column = list(Y[:, n])
        if column.index(max(column)) == labels[n]:
            right += 1
    return right / len(labels)
""",
        """
def accuracy(Y, labels):
    return sum(int(np.argmax(y)) == t for y, t in zip(Y.T, labels)) / Y.shape[1]
""",
        """
def accuracy(Y, labels):
    guesses = np.argsort(np.float32(Y), axis=0)[-1]
    return np.count_nonzero(guesses == labels) / guesses.size
""",
    ],
    "sgd_epoch": [
        """
def sgd_epoch(gradient, theta, X, T, learning_rate, order):
    for n in order:
        theta = theta - learning_rate * gradient(theta, X[:, [n]], T[:, [n]])
    return theta
""",
        """
def sgd_epoch(gradient, theta, X, T, learning_rate, order):
    theta = np.array(theta, dtype=float)
    for n in order:
        theta -= learning_rate * gradient(theta, X[:, n], T[:, n])
    return theta
""",
        """
def sgd_epoch(gradient, theta, X, T, learning_rate, order, epochs=1):
    columns, targets = X[:, order].T, T[:, order].T
    for x, t in zip(columns, targets):
        theta = theta - learning_rate * gradient(theta, x.reshape(-1, 1), t.reshape(-1, 1))
    return theta.tolist()
""",
        """
def sgd_epoch(gradient, theta, X, T, learning_rate, order):
    if len(order) == 0:
        return theta
    n = int(order[0])
    theta = theta - learning_rate * gradient(theta, X[:, n:n + 1], T[:, n:n + 1])
    return sgd_epoch(gradient, theta, X, T, learning_rate, order[1:])
""",
    ],
    "shuffled_batches": [
        """
def shuffled_batches(X, T, batch_size, order):
    batches = []
    for start in range(0, len(order), batch_size):
        columns = order[start : start + batch_size]
        batches.append((X[:, columns], T[:, columns]))
    return batches
""",
        """
def shuffled_batches(X, T, batch_size, order):
    X, T = X[:, order], T[:, order]
    return [
        [X[:, k:k + batch_size], T[:, k:k + batch_size]]
        for k in range(0, X.shape[1], batch_size)
    ]
""",
        """
def shuffled_batches(X, T, batch_size, order):
    pieces = np.split(order, range(batch_size, len(order), batch_size))
    return tuple((X.take(piece, axis=1), T.take(piece, axis=1)) for piece in pieces)
""",
        """
def shuffled_batches(X, T, batch_size, order):
    batches, rest = [], list(order)
    while rest:
        now, rest = rest[:batch_size], rest[batch_size:]
        batches.append((np.float32(X[:, now]), np.float32(T[:, now])))
    return batches
""",
        """
def shuffled_batches(X, T, batch_size, order):
    inputs, targets = [[]], [[]]
    for n in order:
        if len(inputs[-1]) == batch_size:
            inputs.append([])
            targets.append([])
        inputs[-1].append(X[:, n])
        targets[-1].append(T[:, n])
    return [(np.array(x).T, np.array(t).T) for x, t in zip(inputs, targets)]
""",
    ],
    "minibatch_epoch": [
        """
def shuffled_batches(X, T, batch_size, order):
    starts = range(0, len(order), batch_size)
    pieces = [order[start : start + batch_size] for start in starts]
    return [(X[:, piece], T[:, piece]) for piece in pieces]

def minibatch_epoch(gradient, step, theta, X, T, batch_size, order):
    for X_batch, T_batch in shuffled_batches(X, T, batch_size, order):
        b = X_batch.shape[1]
        theta = step(theta, gradient(theta, X_batch, T_batch) / b)
    return theta
""",
        """
def minibatch_epoch(gradient, step, theta, X, T, batch_size, order):
    N, start = len(order), 0
    while start < N:
        columns = order[start:min(start + batch_size, N)]
        g = 1 / len(columns) * gradient(theta, X[:, columns], T[:, columns])
        theta = step(theta, g)
        start += batch_size
    return theta
""",
        """
def minibatch_epoch(gradient, step, theta, X, T, batch_size, order):
    for k in range(0, len(order), batch_size):
        batch = order[k:k + batch_size]
        each = [gradient(theta, X[:, [n]], T[:, [n]]) for n in batch]
        theta = step(theta, np.mean(each, axis=0))
    return theta
""",
        """
def minibatch_epoch(gradient, step, theta, X, T, batch_size, order):
    theta = theta.copy()
    for piece in np.split(order, range(batch_size, len(order), batch_size)):
        total = np.zeros(len(theta))
        for n in piece:
            total += gradient(theta, X[:, n], T[:, n])
        theta[:] = step(theta, total / piece.size)
    return theta
""",
    ],
    "momentum_step": [
        """
def momentum_step(theta, velocity, gradient, learning_rate, decay):
    velocity = decay * velocity - learning_rate * gradient
    return theta + velocity, velocity
""",
        """
def momentum_step(theta, velocity, gradient, learning_rate, decay):
    push = np.multiply(-learning_rate, gradient)
    velocity = push + np.multiply(velocity, decay)
    return [np.add(theta, velocity), velocity]
""",
        """
def momentum_step(theta, velocity, gradient, learning_rate, decay):
    v = np.array(velocity, dtype=float)
    v *= decay
    v -= learning_rate * gradient
    return v + theta, v
""",
        """
def momentum_step(theta, velocity, gradient, learning_rate, decay):
    new_theta = theta + decay * velocity - learning_rate * gradient
    return new_theta, new_theta - theta
""",
        """
def momentum_step(theta, velocity, gradient, learning_rate, decay):
    if np.ndim(theta) == 0:
        v = decay * velocity - learning_rate * gradient
        return theta + v, v
    v = [decay * a - learning_rate * g for a, g in zip(velocity, gradient)]
    return [t + a for t, a in zip(theta, v)], v
""",
    ],
    "rmsprop_step": [
        """
def rmsprop_step(theta, mean_square, gradient, learning_rate, decay, epsilon):
    mean_square = decay * mean_square + (1 - decay) * gradient**2
    theta = theta - learning_rate * gradient / (np.sqrt(mean_square) + epsilon)
    return theta, mean_square
""",
        """
def rmsprop_step(theta, mean_square, gradient, learning_rate, decay, epsilon):
    s = mean_square + (1 - decay) * (gradient * gradient - mean_square)
    rates = learning_rate / (s ** 0.5 + epsilon)
    return theta - rates * gradient, s
""",
        """
def rmsprop_step(theta, mean_square, gradient, learning_rate, decay, epsilon):
    new_theta, new_s = np.zeros_like(theta), np.zeros_like(mean_square)
    for i in range(len(theta)):
        new_s[i] = decay * mean_square[i] + (1 - decay) * gradient[i] ** 2
        new_theta[i] = theta[i] - learning_rate * gradient[i] / (new_s[i] ** 0.5 + epsilon)
    return new_theta, new_s
""",
        """
def rmsprop_step(theta, mean_square, gradient, learning_rate, decay, epsilon):
    s = np.average([mean_square, np.square(gradient)], axis=0, weights=[decay, 1 - decay])
    return np.stack([theta - learning_rate * gradient / (np.sqrt(s) + epsilon), s])
""",
    ],
    "newton_step": [
        """
def newton_step(theta, gradient, hessian):
    return theta - np.linalg.solve(hessian, gradient)
""",
        """
def newton_step(theta, gradient, hessian):
    return theta - np.linalg.inv(hessian) @ gradient
""",
        """
def newton_step(theta, gradient, hessian):
    step, *_ = np.linalg.lstsq(hessian, -gradient, rcond=None)
    return (theta + step).tolist()
""",
        """
def newton_step(theta, gradient, hessian):
    values, vectors = np.linalg.eigh(hessian)
    return theta - vectors @ ((vectors.T @ gradient) / values)
""",
        """
def newton_step(theta, gradient, hessian):
    table = [[*row, g] for row, g in zip(hessian.tolist(), gradient.tolist())]
    n = len(table)
    for i in range(n):
        table[i] = [entry / table[i][i] for entry in table[i]]
        for j in range(n):
            if j != i:
                table[j] = [b - table[j][i] * a for a, b in zip(table[i], table[j])]
    return np.array([theta[i] - table[i][n] for i in range(n)])
""",
    ],
    "delta_sizes": [
        """
def delta_sizes(W, slopes, delta):
    sizes = [np.linalg.norm(delta)]
    for l in range(len(W) - 2, 0, -1):
        delta = slopes[l] * (W[l + 1].T @ delta)
        sizes.insert(0, np.linalg.norm(delta))
    return np.array(sizes)
""",
        """
def delta_sizes(W, slopes, delta):
    L = len(W) - 1
    sizes = np.zeros(L)
    for l in range(L, 0, -1):
        sizes[l - 1] = np.sqrt(np.sum(delta ** 2))
        if l > 1:
            delta = np.einsum("ji,jn,in->in", W[l], delta, slopes[l - 1])
    return sizes
""",
        """
def delta_sizes(W, slopes, delta):
    def length(a):
        return sum(float(entry) ** 2 for entry in a.ravel()) ** 0.5

    sizes = [length(delta)]
    for matrix, slope in zip(W[:1:-1], slopes[-2:0:-1]):
        delta = np.dot(matrix.T, delta) * slope
        sizes.append(length(delta))
    return sizes[::-1]
""",
        """
def delta_sizes(W, slopes, delta):
    deltas = {len(W) - 1: np.float32(delta)}
    for l in reversed(range(1, len(W) - 1)):
        deltas[l] = np.float32(slopes[l]) * (np.float32(W[l + 1]).T @ deltas[l + 1])
    return np.array([np.linalg.norm(deltas[l]) for l in sorted(deltas)])
""",
    ],
    "initial_network": [
        """
def initial_network(sizes, scheme, seed):
    rng = np.random.default_rng(seed)
    W = [None]
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        if scheme == "uniform":
            W.append(rng.uniform(-1, 1, (n_out, n_in)))
        elif scheme == "glorot":
            limit = np.sqrt(6 / (n_in + n_out))
            W.append(rng.uniform(-limit, limit, (n_out, n_in)))
        else:
            W.append(rng.normal(0, np.sqrt(2 / n_in), (n_out, n_in)))
    return W
""",
        """
def initial_network(sizes, scheme, seed):
    rng = np.random.default_rng(seed)

    def layer(n_in, n_out):
        if scheme == "he":
            return rng.standard_normal((n_out, n_in)) * (2 / n_in) ** 0.5
        limit = 1 if scheme == "uniform" else (6 / (n_in + n_out)) ** 0.5
        return limit * (2 * rng.random((n_out, n_in)) - 1)

    return [None] + [layer(sizes[l - 1], sizes[l]) for l in range(1, len(sizes))]
""",
        """
def initial_network(sizes, scheme, seed):
    rng, W = np.random.default_rng(seed), [None] * len(sizes)
    for l in range(1, len(sizes)):
        W[l] = np.zeros((sizes[l], sizes[l - 1]))
        limit = np.sqrt(3 * 2 / (sizes[l] + sizes[l - 1]))
        for j in range(sizes[l]):
            for i in range(sizes[l - 1]):
                if scheme == "uniform":
                    W[l][j, i] = rng.uniform(-1, 1)
                if scheme == "glorot":
                    W[l][j, i] = rng.uniform(-limit, limit)
                if scheme == "he":
                    W[l][j, i] = rng.normal(scale=np.sqrt(2 / sizes[l - 1]))
    return W
""",
        """
def initial_network(sizes, scheme, seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    W = [None]
    for l, n in enumerate(sizes[1:], 1):
        m = sizes[l - 1]
        limit = {"uniform": 1.0, "glorot": np.sqrt(6 / (m + n)), "he": None}[scheme]
        drawn = rng.normal(0, np.sqrt(2 / m), (n, m)) if limit is None else rng.uniform(
            -limit, limit, size=(n, m)
        )
        W.append(drawn.astype(np.float32))
    return tuple(W)
""",
    ],
    "stop_reason": [
        """
def stop_reason(losses, w_old, w_new, threshold, epsilon, patience):
    if losses[-1] < threshold:
        return "loss"
    if np.linalg.norm(w_new - w_old) < epsilon:
        return "weights"
    if len(losses) - 1 - np.argmin(losses) >= patience:
        return "patience"
    return None
""",
        """
def stop_reason(losses, w_old, w_new, threshold, epsilon, patience):
    moved = np.sqrt(np.sum((w_old - w_new) ** 2))
    lowest = losses.index(min(losses))
    if losses[-1] <= threshold:
        return "loss"
    elif moved <= epsilon:
        return "weights"
    elif len(losses[lowest + 1:]) >= patience:
        return "patience"
""",
        """
def stop_reason(losses, w_old, w_new, threshold, epsilon, patience):
    best, waited = float("inf"), 0
    for loss in losses:
        if loss < best:
            best, waited = loss, 0
        else:
            waited += 1
    rules = {
        "loss": loss < threshold,
        "weights": sum((w_new - w_old) ** 2) < epsilon ** 2,
        "patience": waited > patience - 1,
    }
    for name in rules:
        if rules[name]:
            return name
""",
        """
def stop_reason(losses, w_old, w_new, threshold, epsilon, patience):
    reason = None
    if len(losses) > patience and min(losses[-patience:]) > min(losses[:-patience]):
        reason = "patience"
    if np.linalg.norm(np.subtract(w_new, w_old)) < epsilon:
        reason = "weights"
    if losses[-1] < threshold:
        reason = "loss"
    return reason
""",
    ],
}
