"""Six students who hand in assignment 07."""

from autograder.demo_students import Student, edited, right, without_cell

OWN_WAY = {
    "accuracy": """
def accuracy(Y, labels):
    right = 0
    for n in range(len(labels)):
        if max(range(len(Y)), key=lambda k: Y[k, n]) == labels[n]:
            right = right + 1
    return right / len(labels)
""",
    "sgd_epoch": """
def sgd_epoch(gradient, theta, X, T, learning_rate, order):
    if len(order) == 0:
        return theta
    first, rest = order[:1], order[1:]
    moved = theta - learning_rate * gradient(theta, X[:, first], T[:, first])
    return sgd_epoch(gradient, moved, X, T, learning_rate, rest)
""",
    "shuffled_batches": """
def shuffled_batches(X, T, batch_size, order):
    X, T = X[:, order], T[:, order]
    cuts = range(batch_size, len(order), batch_size)
    return list(zip(np.split(X, cuts, axis=1), np.split(T, cuts, axis=1)))
""",
    "newton_step": """
def newton_step(theta, gradient, hessian):
    return theta - np.linalg.inv(hessian) @ gradient
""",
    "delta_sizes": """
def delta_sizes(W, slopes, delta):
    sizes = [np.sqrt(np.sum(delta**2))]
    for matrix, slope in zip(W[:1:-1], slopes[-2::-1]):
        delta = (matrix.T @ delta) * slope
        sizes.append(np.sqrt(np.sum(delta**2)))
    return sizes[::-1]
""",
    "stop_reason": """
def stop_reason(losses, w_old, w_new, threshold, epsilon, patience):
    lowest = losses.index(min(losses))
    rules = [
        ("loss", losses[-1] < threshold),
        ("weights", sum((w_new - w_old) ** 2) ** 0.5 < epsilon),
        ("patience", len(losses[lowest + 1 :]) >= patience),
    ]
    return next((name for name, holds in rules if holds), None)
""",
}

STUDENTS = (
    Student("amina", "all right, as in the course"),
    Student("bruno", "all right, in another way", right(OWN_WAY)),
    Student(
        "dora",
        "a crash, changes in place; stops half way",
        {
            "minibatch_epoch": edited("X_batch.shape[1]", "X_batch.shape[2]", says="IndexError"),
            "momentum_step": edited(
                "velocity = decay * velocity - learning_rate * gradient",
                "velocity *= decay\n    velocity -= learning_rate * gradient",
                says="changed its argument `velocity`",
                kept="one, many",
            ),
        },
        stops_before="rmsprop_step",
    ),
    Student(
        "emil",
        "known mistakes; a check cell deleted",
        {
            "accuracy": edited("argmax", "argmin", "the smallest output"),
            "sgd_epoch": edited("theta - learning", "theta + learning", "uphill"),
            "momentum_step": edited("decay * velocity", "velocity", "decay missing"),
            "rmsprop_step": edited("np.sqrt(mean_square)", "mean_square", "root missing"),
            "newton_step": edited(
                "np.linalg.solve(hessian, gradient)",
                "hessian @ gradient",
                "multiplied by the Hessian",
            ),
            "initial_network": edited(
                "2 / n_in", "1 / n_in", "factor 2 missing in he", kept="uniform, glorot"
            ),
        },
        damage=without_cell("check-accuracy"),
        repaired="Missing, put back as released: the check cell `check(accuracy)`",
    ),
    Student(
        "fatou",
        "a wrong part; what is built on it is right",
        {
            "shuffled_batches": edited(
                "T[:, columns]", "T[:, first : first + batch_size]", "targets not shuffled"
            ),
            "delta_sizes": edited("slopes[l] * ", "", "slope missing"),
            "stop_reason": edited(
                "np.argmin", "np.argmax", "highest for lowest", kept="loss, weights"
            ),
        },
    ),
    Student("goran", "nothing done", stops_before="accuracy"),
)
