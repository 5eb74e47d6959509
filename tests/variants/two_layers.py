"""Correct solutions of assignment 04 in different styles."""

#: Stands in the notebook, so every solution may use it.
SIGMOID = """
def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))

"""
#: The usual form, which overflows to the right result.
USUAL = """
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

"""
#: What the notebook's gradient_step calls.
PARTS = """
def two_layers(W1, b1, W2, b2, X):
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    return Z1, A1, Z2, A2

def output_sensitivity(Z, T):
    return sigmoid(Z) - T

def hidden_sensitivity(W, delta, Z):
    A = sigmoid(Z)
    return A * (1 - A) * (W.T @ delta)

def layer_backward(W, A, delta):
    return W.T @ delta, delta @ A.T, np.sum(delta, axis=1, keepdims=True)

"""

SOLUTIONS = {
    "weighted_sums": [
        "def weighted_sums(W, b, A):\n    return W @ A + b",
        "def weighted_sums(W, b, A):\n    return np.einsum('ji,in->jn', W, A) + b",
        """
def weighted_sums(W, b, A):
    Z = np.zeros((W.shape[0], A.shape[1]))
    for n in range(A.shape[1]):
        for j in range(W.shape[0]):
            total = b[j, 0]
            for i in range(W.shape[1]):
                total += W[j, i] * A[i, n]
            Z[j, n] = total
    return Z
""",
        """
def weighted_sums(W, b, A):
    return [[sum(w * a for w, a in zip(row, col)) + bias[0] for col in A.T]
            for row, bias in zip(W, b)]
""",
        """
def weighted_sums(W, b, A):
    W, b, A = np.float32(W), np.float32(b), np.float32(A)
    return np.hstack([W, b]) @ np.vstack([A, np.ones((1, A.shape[1]), np.float32)])
""",
    ],
    "dz_dw": [
        "def dz_dw(W, a):\n    return np.ones_like(W) * a",
        "def dz_dw(W, a):\n    return np.outer(np.ones(len(W)), a)",
        "def dz_dw(W, a):\n    return np.tile(a, (len(W), 1))",
        "def dz_dw(W, a):\n    return [list(a) for row in W]",
        """
def dz_dw(W, a):
    result = np.empty(W.shape, dtype=np.float32)
    for j in range(W.shape[0]):
        for i in range(W.shape[1]):
            result[j, i] = a[i]
    return result
""",
    ],
    "backward_neuron": [
        "def backward_neuron(gain, w, dL_dz):\n    return gain * np.sum(w * dL_dz)",
        "def backward_neuron(gain, w, dL_dz):\n    return gain * (w @ dL_dz)",
        """
def backward_neuron(gain, w, dL_dz):
    total = 0.0
    for k in range(len(w)):
        total += w[k] * dL_dz[k]
    return np.array(gain * total)
""",
        """
def backward_neuron(gain, w, dL_dz):
    return sum(gain * a * b for a, b in zip(w, dL_dz))
""",
        "def backward_neuron(gain, w, dL_dz):\n    return np.float32(gain * np.dot(w, dL_dz))",
    ],
    "output_weights_gradient": [
        """
def output_weights_gradient(t, o, h):
    delta = -(t - o) * o * (1 - o)
    return np.outer(delta, h)
""",
        """
def output_weights_gradient(t, o, h):
    delta = (o - t) * (o - o**2)
    return delta[:, None] * h[None, :]
""",
        """
def output_weights_gradient(t, o, h):
    gradient = np.zeros((len(o), len(h)))
    for k in range(len(o)):
        for j in range(len(h)):
            gradient[k, j] = -(t[k] - o[k]) * o[k] * (1 - o[k]) * h[j]
    return gradient
""",
        """
def output_weights_gradient(t, o, h, half=0.5):
    t, o, h = np.float32(t), np.float32(o), np.float32(h)
    return np.einsum("k,j->kj", np.float32(half) * 2 * (o - t) * o * (1 - o), h)
""",
    ],
    "hidden_weights_gradient": [
        """
def hidden_weights_gradient(t, o, W2, h, x):
    delta = -(t - o) * o * (1 - o)
    back = W2.T @ delta
    return np.outer(h * (1 - h) * back, x)
""",
        """
def hidden_weights_gradient(t, o, W2, h, x):
    gradient = np.zeros((len(h), len(x)))
    for j in range(len(h)):
        total = 0
        for k in range(len(o)):
            total += -W2[k, j] * (t[k] - o[k]) * o[k] * (1 - o[k])
        for i in range(len(x)):
            gradient[j, i] = h[j] * (1 - h[j]) * x[i] * total
    return gradient
""",
        """
def hidden_weights_gradient(t, o, W2, h, x):
    delta = (o - t) * o * (1 - o)
    return np.einsum("k,kj,j,i->ji", delta, W2, h - h * h, x)
""",
        """
def hidden_weights_gradient(t, o, W2, h, x):
    t, o, W2, h, x = map(np.float32, (t, o, W2, h, x))
    back = np.sum(W2 * ((o - t) * o * (1 - o))[:, None], axis=0)
    return (back * h * (1 - h)).reshape(-1, 1) * x
""",
    ],
    "output_sensitivity": [
        SIGMOID + "def output_sensitivity(Z, T):\n    return sigmoid(Z) - T",
        USUAL + "def output_sensitivity(Z, T):\n    A = sigmoid(Z)\n    return -(T - A)",
        USUAL
        + """
def output_sensitivity(Z, T):
    A = sigmoid(Z)
    return -T * (1 - A) + (1 - T) * A
""",
        SIGMOID
        + """
def output_sensitivity(Z, T):
    return [[float(sigmoid(z)) - t for z, t in zip(row, goals)] for row, goals in zip(Z, T)]
""",
        """
def output_sensitivity(Z, T):
    Z = Z.astype(np.float32)
    e = np.exp(-np.abs(Z))
    return np.where(Z < 0, e, 1) / (1 + e) - T.astype(np.float32)
""",
    ],
    "hidden_sensitivity": [
        SIGMOID
        + """
def hidden_sensitivity(W, delta, Z):
    A = sigmoid(Z)
    return A * (1 - A) * (W.T @ delta)
""",
        USUAL
        + """
def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))

def hidden_sensitivity(W, delta, Z):
    return np.dot(np.transpose(W), delta) * sigmoid_prime(Z)
""",
        USUAL
        + """
def hidden_sensitivity(W, delta, Z):
    result = np.zeros(Z.shape)
    for n in range(Z.shape[1]):
        for j in range(Z.shape[0]):
            for i in range(W.shape[0]):
                result[j, n] += W[i, j] * delta[i, n]
            result[j, n] *= sigmoid(Z[j, n]) * sigmoid(-Z[j, n])
    return result
""",
        """
def hidden_sensitivity(W, delta, Z):
    slope = np.exp(-Z) / (1 + np.exp(-Z)) ** 2
    return (delta.T @ W).T * slope
""",
        """
def hidden_sensitivity(W, delta, Z):
    W, delta, Z = np.float32(W), np.float32(delta), np.float32(Z)
    return np.einsum("ij,in,jn->jn", W, delta, (1 - np.tanh(Z / 2) ** 2) / 4)
""",
    ],
    "layer_backward": [
        """
def layer_backward(W, A, delta):
    dA = W.T @ delta
    dW = delta @ A.T
    db = np.sum(delta, axis=1, keepdims=True)
    return dA, dW, db
""",
        """
def layer_backward(W, A, delta):
    dW, db = np.zeros(W.shape), np.zeros((len(W), 1))
    for n in range(A.shape[1]):
        dW += np.outer(delta[:, n], A[:, n])
        db[:, 0] += delta[:, n]
    return [np.transpose(delta.T @ W), dW, db]
""",
        """
def layer_backward(W, A, delta):
    ones = np.ones((A.shape[1], 1))
    return np.einsum("ji,jn->in", W, delta), np.einsum("jn,in->ji", delta, A), delta @ ones
""",
        """
def layer_backward(W, A, delta):
    dA = [[sum(W[j, i] * delta[j, n] for j in range(len(W))) for n in range(A.shape[1])]
          for i in range(len(A))]
    dW = (A @ delta.T).T
    db = delta.sum(axis=1).reshape(-1, 1)
    return np.array(dA), np.float32(dW), db
""",
    ],
    "gradient_step": [
        SIGMOID
        + PARTS
        + """
def gradient_step(W1, b1, W2, b2, X, T, learning_rate):
    Z1, A1, Z2, A2 = two_layers(W1, b1, W2, b2, X)
    delta2 = output_sensitivity(Z2, T)
    delta1 = hidden_sensitivity(W2, delta2, Z1)
    _, dW2, db2 = layer_backward(W2, A1, delta2)
    _, dW1, db1 = layer_backward(W1, X, delta1)
    return (
        W1 - learning_rate * dW1,
        b1 - learning_rate * db1,
        W2 - learning_rate * dW2,
        b2 - learning_rate * db2,
    )
""",
        SIGMOID
        + """
def gradient_step(W1, b1, W2, b2, X, T, learning_rate):
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = W2 @ A1 + b2
    delta2 = sigmoid(Z2) - T
    delta1 = A1 * (1 - A1) * (W2.T @ delta2)
    return (
        W1 - learning_rate * delta1 @ X.T,
        b1 - learning_rate * np.sum(delta1, axis=1, keepdims=True),
        W2 - learning_rate * delta2 @ A1.T,
        b2 - learning_rate * np.sum(delta2, axis=1, keepdims=True),
    )
""",
        USUAL
        + """
def gradient_step(W1, b1, W2, b2, X, T, learning_rate):
    dW1, db1, dW2, db2 = 0 * W1, 0 * b1, 0 * W2, 0 * b2
    for n in range(X.shape[1]):
        x, t = X[:, [n]], T[:, [n]]
        h = sigmoid(W1 @ x + b1)
        o = sigmoid(W2 @ h + b2)
        delta2 = o - t
        delta1 = h * (1 - h) * (W2.T @ delta2)
        dW1 += delta1 @ x.T
        db1 += delta1
        dW2 += delta2 @ h.T
        db2 += delta2
    return [W1 - learning_rate * dW1, b1 - learning_rate * db1,
            W2 - learning_rate * dW2, b2 - learning_rate * db2]
""",
        USUAL
        + """
def gradient_step(W1, b1, W2, b2, X, T, learning_rate):
    W1, b1, W2, b2 = W1.copy(), b1.copy(), W2.copy(), b2.copy()
    A1 = sigmoid(W1.dot(X) + b1)
    delta2 = sigmoid(W2.dot(A1) + b2) - T
    delta1 = W2.T.dot(delta2) * A1 * (1 - A1)
    W2 -= learning_rate * delta2.dot(A1.T)
    b2 -= learning_rate * delta2.sum(1, keepdims=True)
    W1 -= learning_rate * delta1.dot(X.T)
    b1 -= learning_rate * delta1.sum(1, keepdims=True)
    return W1, b1, W2, b2
""",
        USUAL
        + """
def backward(W, A, delta):
    return W.T @ delta, delta @ A.T, delta @ np.ones((A.shape[1], 1), np.float32)

def gradient_step(W1, b1, W2, b2, X, T, learning_rate, dtype=np.float32):
    W1, b1, W2, b2, X, T = (v.astype(dtype) for v in (W1, b1, W2, b2, X, T))
    A1 = sigmoid(W1 @ X + b1)
    dA, dW2, db2 = backward(W2, A1, sigmoid(W2 @ A1 + b2) - T)
    _, dW1, db1 = backward(W1, X, dA * A1 * (1 - A1))
    rate = dtype(learning_rate)
    return W1 - rate * dW1, b1 - rate * db1, W2 - rate * dW2, b2 - rate * db2
""",
    ],
    "classical_backward": [
        SIGMOID
        + """
def classical_backward(W, w, x, GT):
    z = W @ x
    y = sigmoid(z)
    O = w @ y
    P = sigmoid(O)
    dP = -2 * (GT - P)
    dO = dP * P * (1 - P)
    dw = dO * y
    dy = dO * w
    dz = dy * y * (1 - y)
    dW = np.outer(dz, x)
    return {"dP": dP, "dO": dO, "dw": dw, "dy": dy, "dz": dz, "dW": dW}
""",
        USUAL
        + """
def slope(z):
    return sigmoid(z) * sigmoid(-z)

def classical_backward(W, w, x, GT):
    z = np.dot(W, x)
    O = np.dot(w, sigmoid(z))
    d = dict(dP=2 * (sigmoid(O) - GT))
    d["dO"] = slope(O) * d["dP"]
    d["dw"] = sigmoid(z) * d["dO"]
    d["dy"] = w * d["dO"]
    d["dz"] = slope(z) * d["dy"]
    d["dW"] = d["dz"][:, None] * x
    return d
""",
        USUAL
        + """
def classical_backward(W, w, x, GT):
    z = [sum(W[j, i] * x[i] for i in range(3)) for j in range(4)]
    y = [sigmoid(v) for v in z]
    O = sum(w[j] * y[j] for j in range(4))
    P = sigmoid(O)
    dP = 2 * P - 2 * GT
    dO = dP * P * (1 - P)
    dw = [dO * v for v in y]
    dy = [dO * v for v in w]
    dz = [dy[j] * y[j] * (1 - y[j]) for j in range(4)]
    dW = [[dz[j] * x[i] for i in range(3)] for j in range(4)]
    return {"dW": dW, "dz": dz, "dy": dy, "dw": dw, "dO": dO, "dP": dP}
""",
        SIGMOID
        + """
def classical_backward(W, w, x, GT):
    W, w, x = np.float32(W), np.float32(w), np.float32(x)
    y = sigmoid(W @ x)
    P = sigmoid(w @ y)
    by = {"dP": -2 * (np.float32(GT) - P)}
    by["dO"] = by["dP"] * P * (1 - P)
    by["dw"], by["dy"] = by["dO"] * y, by["dO"] * w
    by["dz"] = by["dy"] * y * (1 - y)
    by["dW"] = by["dz"].reshape(4, 1) @ x.reshape(1, 3)
    return by
""",
    ],
}
