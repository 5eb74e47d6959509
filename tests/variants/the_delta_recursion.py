"""Correct solutions of assignment 05 in different styles.

They use ``activate`` and ``activate_prime``, which the notebook gives. Their code is run from a
text here, so that it counts as given and not as part of the solution.
"""

import re
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "solutions" / "05-the-delta-recursion.md"
GIVEN = re.search(r"^def activate\(.*?(?=\n\n\nz = )", NOTEBOOK.read_text("utf-8"), re.M | re.S)[0]


def using(*sources: str) -> str:
    """Sources one after the other, with what the notebook gives before them."""
    return "\n".join([f"exec({GIVEN!r})", *sources])


FORWARD_PASS = """
def forward_pass(W, b, activations, X):
    Z, A = [None], [X]
    for l in range(1, len(W)):
        Z.append(W[l] @ A[l - 1] + b[l])
        A.append(activate(activations[l], Z[l]))
    return Z, A
"""
OUTPUT_DELTA = """
def output_delta(y, t, z, activation):
    return (y - t) * activate_prime(activation, z)
"""
HIDDEN_DELTA = """
def hidden_delta(W_next, delta_next, z, activation):
    return (W_next.T @ delta_next) * activate_prime(activation, z)
"""
ALL_DELTAS = """
def all_deltas(W, Z, A, T, activations):
    L = len(W) - 1
    delta = [None] * (L + 1)
    delta[L] = output_delta(A[L], T, Z[L], activations[L])
    for l in range(L - 1, 0, -1):
        delta[l] = hidden_delta(W[l + 1], delta[l + 1], Z[l], activations[l])
    return delta
"""
ALL_GRADIENTS = """
def all_gradients(delta, A):
    dW, db = [None], [None]
    for l in range(1, len(A)):
        dW.append(delta[l] @ A[l - 1].T)
        db.append(np.sum(delta[l], axis=1, keepdims=True))
    return dW, db
"""
UPDATE_ALL = """
def update_all(W, b, dW, db, learning_rate):
    new_W, new_b = [None], [None]
    for l in range(1, len(W)):
        new_W.append(W[l] - learning_rate * dW[l])
        new_b.append(b[l] - learning_rate * db[l])
    return new_W, new_b
"""
BLOCK_BACKWARD = """
def block_backward(block, x, dL_dy):
    if isinstance(block, str):
        return dL_dy * activate_prime(block, x), None
    return block.T @ dL_dy, dL_dy @ x.T
"""
TRAIN_BLOCKS = """
def train_blocks(blocks, values, dL_dy, learning_rate):
    new_blocks = list(blocks)
    for s in range(len(blocks) - 1, 0, -1):
        dL_dx, dL_dW = block_backward(blocks[s], values[s - 1], dL_dy)
        if dL_dW is not None:
            new_blocks[s] = blocks[s] - learning_rate * dL_dW
        dL_dy = dL_dx
    return new_blocks, dL_dx
"""
NETWORK_GRADIENTS = """
def network_gradients(W, b, activations, X, T):
    Z, A = forward_pass(W, b, activations, X)
    delta = all_deltas(W, Z, A, T, activations)
    return all_gradients(delta, A)
"""
TAKE_STEPS = """
def take_steps(W, b, activations, X, T, learning_rate, steps):
    for _ in range(steps):
        dW, db = network_gradients(W, b, activations, X, T)
        W, b = update_all(W, b, dW, db, learning_rate)
    return W, b
"""
#: What a whole network needs, before network_gradients.
PARTS = (FORWARD_PASS, OUTPUT_DELTA, HIDDEN_DELTA, ALL_DELTAS, ALL_GRADIENTS)

SOLUTIONS = {
    "forward_pass": [
        using(FORWARD_PASS),
        using("""
def forward_pass(W, b, activations, X):
    Z, A = [None] * len(W), [None] * len(W)
    A[0] = X
    for l, (w, bias, name) in enumerate(zip(W, b, activations)):
        if l > 0:
            Z[l] = np.dot(w, A[l - 1]) + bias
            A[l] = activate(name, Z[l])
    return [Z, A]
"""),
        using("""
def forward_pass(W, b, activations, X, verbose=False):
    a, Z, A = X, (None,), (X,)
    for l in range(1, len(W)):
        z = np.einsum("ji,in->jn", W[l], a) + b[l]
        a = activate(activations[l], z)
        Z, A = Z + (z,), A + (a,)
    return Z, A
"""),
        using("""
def forward_pass(W, b, activations, X):
    if len(W) == 1:
        return [None], [X]
    Z, A = forward_pass(W[:-1], b[:-1], activations[:-1], X)
    z = np.float32(W[-1] @ A[-1] + b[-1])
    return Z + [z], A + [activate(activations[-1], z)]
"""),
    ],
    "output_delta": [
        using(OUTPUT_DELTA),
        using("""
def output_delta(y, t, z, activation):
    delta = -(t - y)
    delta *= activate_prime(activation, z)
    return delta
"""),
        using("""
def output_delta(y, t, z, activation):
    delta = np.zeros(np.shape(z))
    for k in range(len(z)):
        for n in range(len(z[k])):
            delta[k, n] = (y[k, n] - t[k, n]) * activate_prime(activation, z[k, n])
    return delta
"""),
        """
def output_delta(y, t, z, activation):
    slope = {"sigmoid": y * (1 - y), "tanh": 1 - y**2, "relu": (z > 0) * 1.0, "identity": 1.0}
    return (y - t) * slope[activation]
""",
    ],
    "hidden_delta": [
        using(HIDDEN_DELTA),
        using("""
def hidden_delta(W_next, delta_next, z, activation):
    blame = np.einsum("kj,kn->jn", W_next, delta_next)
    return np.multiply(activate_prime(activation, z), blame)
"""),
        using("""
def hidden_delta(W_next, delta_next, z, activation):
    delta = np.zeros_like(z)
    for j in range(len(z)):
        for k in range(len(W_next)):
            delta[j] += delta_next[k] * W_next[k, j]
    return delta * activate_prime(activation, z)
"""),
        using("""
def hidden_delta(W_next, delta_next, z, activation):
    W_next, delta_next = np.float32(W_next), np.float32(delta_next)
    return (delta_next.T @ W_next).T * np.float32(activate_prime(activation, z))
"""),
    ],
    "all_deltas": [
        using(OUTPUT_DELTA, HIDDEN_DELTA, ALL_DELTAS),
        using("""
def all_deltas(W, Z, A, T, activations):
    deltas = [(A[-1] - T) * activate_prime(activations[-1], Z[-1])]
    for l in reversed(range(1, len(W) - 1)):
        d = (W[l + 1].T @ deltas[0]) * activate_prime(activations[l], Z[l])
        deltas.insert(0, d)
    return [None] + deltas
"""),
        using("""
def all_deltas(W, Z, A, T, activations):
    backwards, grad_a = [], A[-1] - T
    for w, z, name in list(zip(W, Z, activations))[:0:-1]:
        backwards.append(grad_a * activate_prime(name, z))
        grad_a = w.T @ backwards[-1]
    return [None, *backwards[::-1]]
"""),
        """
def all_deltas(W, Z, A, T, activations):
    slopes = {
        "sigmoid": lambda a: a * (1 - a),
        "tanh": lambda a: 1 - a * a,
        "relu": lambda a: np.sign(a),
        "identity": lambda a: np.ones_like(a),
    }
    L = len(A) - 1
    error = A[L] - T
    delta = {L: error * slopes[activations[L]](A[L])}
    while L > 1:
        L -= 1
        delta[L] = slopes[activations[L]](A[L]) * np.dot(W[L + 1].transpose(), delta[L + 1])
    return [None] + [delta[l] for l in sorted(delta)]
""",
    ],
    "all_gradients": [
        using(ALL_GRADIENTS),
        """
def all_gradients(delta, A):
    dW = [None] + [np.einsum("jn,in->ji", d, a) for d, a in zip(delta[1:], A)]
    db = [None] + [d.sum(axis=1).reshape(-1, 1) for d in delta[1:]]
    return dW, db
""",
        """
def all_gradients(delta, A):
    dW, db = [None] * len(delta), [None] * len(delta)
    for l in range(len(delta) - 1, 0, -1):
        dW[l] = np.zeros((len(delta[l]), len(A[l - 1])))
        db[l] = np.zeros((len(delta[l]), 1))
        for n in range(delta[l].shape[1]):
            dW[l] += np.outer(delta[l][:, n], A[l - 1][:, n])
            db[l] += delta[l][:, [n]]
    return dW, db
""",
        """
def all_gradients(delta, A):
    ones = np.ones((A[0].shape[1], 1))
    dW = [None] + [(A[l - 1] @ delta[l].T).T.tolist() for l in range(1, len(A))]
    db = [None] + [(delta[l] @ ones).tolist() for l in range(1, len(A))]
    return [dW, db]
""",
    ],
    "update_all": [
        using(UPDATE_ALL),
        """
def update_all(W, b, dW, db, learning_rate):
    new_W = [None] + [w - learning_rate * g for w, g in zip(W[1:], dW[1:])]
    new_b = [None] + [w - learning_rate * g for w, g in zip(b[1:], db[1:])]
    return new_W, new_b
""",
        """
def update_all(W, b, dW, db, learning_rate=0.1):
    W, b = list(W), list(b)
    for l in range(1, len(W)):
        W[l] = W[l] + -learning_rate * dW[l]
        b[l] = np.subtract(b[l], learning_rate * db[l])
    return W, b
""",
        """
import copy

def update_all(W, b, dW, db, learning_rate):
    W, b = copy.deepcopy(W), copy.deepcopy(b)
    for l in range(1, len(W)):
        W[l] -= learning_rate * dW[l]
        b[l] -= learning_rate * db[l]
    return W, b
""",
    ],
    "block_backward": [
        using(BLOCK_BACKWARD),
        using("""
def block_backward(block, x, dL_dy):
    dL_dW = None
    if type(block) == str:
        dL_dx = np.multiply(activate_prime(block, x), dL_dy)
    else:
        dL_dx = np.dot(block.T, dL_dy)
        dL_dW = np.dot(dL_dy, x.T)
    return [dL_dx, dL_dW]
"""),
        using("""
def block_backward(block, x, dL_dy):
    if not isinstance(block, np.ndarray):
        return activate_prime(block, x) * dL_dy, None
    dL_dx, dL_dW = np.zeros_like(x), np.zeros_like(block)
    for n in range(x.shape[1]):
        for j in range(len(block)):
            dL_dx[:, n] += block[j] * dL_dy[j, n]
            dL_dW[j] += dL_dy[j, n] * x[:, n]
    return dL_dx, dL_dW
"""),
    ],
    "train_blocks": [
        using(BLOCK_BACKWARD, TRAIN_BLOCKS),
        using("""
def train_blocks(blocks, values, dL_dy, learning_rate):
    gradients = [None] * len(blocks)
    g = dL_dy
    for s in reversed(range(1, len(blocks))):
        x = values[s - 1]
        if isinstance(blocks[s], str):
            g = g * activate_prime(blocks[s], x)
        else:
            gradients[s] = g @ x.T
            g = blocks[s].T @ g
    new = [
        block if gradient is None else block - learning_rate * gradient
        for block, gradient in zip(blocks, gradients)
    ]
    return new, g
"""),
        using("""
def train_blocks(blocks, values, dL_dy, learning_rate):
    if len(blocks) == 1:
        return [None], dL_dy
    block, x = blocks[-1], values[-2]
    if isinstance(block, str):
        dL_dx, new = dL_dy * activate_prime(block, x), block
    else:
        dL_dx, new = block.T @ dL_dy, block - learning_rate * dL_dy @ x.T
    before, first = train_blocks(blocks[:-1], values[:-1], dL_dx, learning_rate)
    return before + [new], first
"""),
    ],
    "network_gradients": [
        using(*PARTS, NETWORK_GRADIENTS),
        using("""
def network_gradients(W, b, activations, X, T):
    steps, a = [], X
    for l in range(1, len(W)):
        z = W[l] @ a + b[l]
        steps.append((l, a, z))
        a = activate(activations[l], z)
    dW, db, back = [None] * len(W), [None] * len(W), a - T
    for l, a, z in steps[::-1]:
        delta = back * activate_prime(activations[l], z)
        dW[l], db[l] = delta @ a.T, delta.sum(1, keepdims=True)
        back = W[l].T @ delta
    return dW, db
"""),
        using("""
def network_gradients(W, b, activations, X, T):
    def below(a, l):
        if l == len(W):
            return a - T, [], []
        z = W[l].dot(a) + b[l]
        back, dW, db = below(activate(activations[l], z), l + 1)
        delta = back * activate_prime(activations[l], z)
        return W[l].T.dot(delta), [delta.dot(a.T)] + dW, [delta.sum(axis=1)[:, None]] + db

    _, dW, db = below(X, 1)
    return [None] + dW, [None] + db
"""),
    ],
    "take_steps": [
        using(*PARTS, NETWORK_GRADIENTS, UPDATE_ALL, TAKE_STEPS),
        using(
            *PARTS,
            """
def take_steps(W, b, activations, X, T, learning_rate, steps):
    W = [w if w is None else w.copy() for w in W]
    b = [v if v is None else v.copy() for v in b]
    for _ in range(steps):
        Z, A = forward_pass(W, b, activations, X)
        dW, db = all_gradients(all_deltas(W, Z, A, T, activations), A)
        for l in range(1, len(W)):
            W[l] -= learning_rate * dW[l]
            b[l] -= learning_rate * db[l]
    return W, b
""",
        ),
        using("""
def take_steps(W, b, activations, X, T, learning_rate, steps):
    if steps == 0:
        return W, b
    inputs, a = [], X
    for l in range(1, len(W)):
        z = W[l] @ a + b[l]
        inputs.append((a, z))
        a = activate(activations[l], z)
    new_W, new_b, back = [], [], a - T
    for l in range(len(W) - 1, 0, -1):
        a, z = inputs[l - 1]
        delta = back * activate_prime(activations[l], z)
        back = W[l].T @ delta
        new_W = [W[l] - learning_rate * delta @ a.T] + new_W
        new_b = [b[l] - learning_rate * delta.sum(axis=1, keepdims=True)] + new_b
    W, b = [None] + new_W, [None] + new_b
    return take_steps(W, b, activations, X, T, learning_rate, steps - 1)
"""),
    ],
}
