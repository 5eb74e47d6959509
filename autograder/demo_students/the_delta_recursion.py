"""Six students who hand in assignment 05."""

from autograder.demo_students import Student, edited, renamed, right, without_cell

OWN_WAY = {
    "forward_pass": """
def forward_pass(W, b, activations, X):
    Z, A = [None] * len(W), [X] + [None] * (len(W) - 1)
    for l, name in enumerate(activations):
        if l > 0:
            Z[l] = np.einsum("ji,in->jn", W[l], A[l - 1]) + b[l]
            A[l] = activate(name, Z[l])
    return Z, A
""",
    "hidden_delta": """
def hidden_delta(W_next, delta_next, z, activation):
    blame = np.zeros(z.shape)
    for k in range(len(delta_next)):
        for j in range(len(z)):
            blame[j] = blame[j] + W_next[k, j] * delta_next[k]
    return activate_prime(activation, z) * blame
""",
    "all_deltas": """
def all_deltas(W, Z, A, T, activations):
    if len(W) == 2:
        return [None, output_delta(A[1], T, Z[1], activations[1])]
    delta = all_deltas(W[1:], Z[1:], A[1:], T, activations[1:])
    return [None, hidden_delta(W[2], delta[1], Z[1], activations[1])] + delta[1:]
""",
    "update_all": """
def update_all(W, b, dW, db, learning_rate):
    def moved(old, slopes):
        return [None] + [o - learning_rate * s for o, s in zip(old[1:], slopes[1:])]

    return moved(W, dW), moved(b, db)
""",
    "take_steps": """
def take_steps(W, b, activations, X, T, learning_rate, steps):
    if steps == 0:
        return W, b
    W, b = update_all(W, b, *network_gradients(W, b, activations, X, T), learning_rate)
    return take_steps(W, b, activations, X, T, learning_rate, steps - 1)
""",
}

STUDENTS = (
    Student("amina", "all right, as in the course"),
    Student("bruno", "all right, in another way", right(OWN_WAY)),
    Student(
        "emil",
        "two wrong parts; what is built on them is right; a check cell deleted",
        {
            "update_all": edited("b[l] - learning_rate * db[l]", "b[l]", "biases never move"),
            "block_backward": edited(
                " * activate_prime(block, x)", "", "slope missing", kept="matrix"
            ),
        },
        damage=without_cell("check-forward_pass"),
        repaired="Missing, put back as released: the check cell `check(forward_pass)`",
    ),
    Student(
        "fatou",
        "known mistakes in the loops",
        {
            "train_blocks": edited("blocks[s] - ", "blocks[s] + ", "uphill"),
            "network_gradients": edited(
                "return all_gradients(delta, A)",
                "dW, db = all_gradients(delta, A)\n    return dW[1:], db[1:]",
                "no entry 0",
            ),
        },
    ),
    Student(
        "dora",
        "a crash, two known mistakes; stops half way",
        {
            "forward_pass": edited("range(1, len(W))", "range(1, len(W) + 1)", says="IndexError"),
            "output_delta": edited("(y - t)", "2 * (y - t)", "factor 2"),
            "hidden_delta": edited(
                " * activate_prime(activation, z)", "", "activation's slope missing"
            ),
        },
        stops_before="all_deltas",
    ),
    Student(
        "goran",
        "nothing done; the file renamed",
        stops_before="forward_pass",
        damage=renamed("05.ipynb"),
        repaired="The file is called 05.ipynb",
    ),
)
