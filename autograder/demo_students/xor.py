"""Six students who hand in assignment 06."""

from autograder.demo_students import Student, cut_short, edited, right, with_copy_of

OWN_WAY = {
    "xor_loss": """
def xor_loss(theta, X, T):
    total = 0.0
    for n in range(X.shape[1]):
        error = xor_forward(theta, X[:, [n]])[1] - T[:, [n]]
        total += 0.5 * float(np.sum(error * error))
    return total
""",
    "xor_gradients": """
def xor_gradients(theta, X, T):
    gradients = [np.zeros(w.shape) for w in theta]
    for n in range(X.shape[1]):
        x = X[:, [n]]
        h, y = xor_forward(theta, x)
        delta2 = (y - T[:, [n]]) * y * (1 - y)
        delta1 = theta[2].T @ delta2 * h * (1 - h)
        for k, part in enumerate((delta1 @ x.T, delta1, delta2 @ h.T, delta2)):
            gradients[k] = gradients[k] + part
    return gradients
""",
    "xor_step": """
def xor_step(theta, gradients, learning_rate):
    W1, b1, W2, b2 = theta
    dW1, db1, dW2, db2 = gradients
    return (
        W1 - learning_rate * dW1,
        b1 - learning_rate * db1,
        W2 - learning_rate * dW2,
        b2 - learning_rate * db2,
    )
""",
    "stuck_starts": """
def stuck_starts(Y, T):
    stuck = []
    for k in range(len(Y)):
        right = [(y > 0.5) == (t > 0.5) for y, t in zip(Y[k].ravel(), np.ravel(T))]
        if not all(right):
            stuck.append(k)
    return stuck
""",
    "random_batch": """
def random_batch(X, T, size, seed):
    drawn = np.random.default_rng(seed).choice(X.shape[1], size=size, replace=False)
    return np.take(X, drawn, axis=1), np.take(T, drawn, axis=1)
""",
    "train_until": """
def train_until(theta, batch, loss, gradients, update, threshold, max_rounds):
    losses, k = [], 0
    while k < max_rounds:
        X, T = batch(k)
        losses.append(loss(theta, X, T))
        if losses[k] < threshold:
            return theta, losses
        theta = update(theta, gradients(theta, X, T))
        k += 1
    return theta, losses
""",
}

STUDENTS = (
    Student("amina", "all right, as in the course"),
    Student("bruno", "all right, in another way", right(OWN_WAY)),
    Student(
        "dora",
        "weights changed in place; stops half way",
        {
            "xor_step": edited(
                "return tuple(w - learning_rate * dw for w, dw in zip(theta, gradients))",
                "for w, dw in zip(theta, gradients):\n"
                "        w -= learning_rate * dw\n"
                "    return theta",
                "in place",
                kept="values",
            ),
        },
        stops_before="train_xor",
    ),
    Student(
        "emil",
        "known mistakes; cells copied",
        {
            "random_start": edited("draw(hidden, 1)", "draw(1, hidden)", says="is asked"),
            "stuck_starts": edited(
                "np.any(wrong", "np.all(wrong", "all wrong for any wrong", kept="none"
            ),
            "random_batch": edited("T[:, columns]", "T[:, :size]", "inputs without their targets"),
            "train_until": edited(
                "        theta = update", "        unused = update", "update not stored"
            ),
        },
        damage=with_copy_of("stuck_starts"),
        repaired="more than once",
    ),
    Student(
        "fatou",
        "a crash; a wrong part; what is built on it is right",
        {
            "stuck_starts": edited("axis=1", "axis=3", says="AxisError"),
            "xor_gradients": edited(" * H * (1 - H)", "", "hidden derivative missing"),
        },
    ),
    Student(
        "kofi", "half of the file", damage=cut_short, repaired="not valid JSON", readable=False
    ),
)
