"""Six students who hand in assignment 03."""

from autograder.demo_students import Student, edited, renamed, right

OWN_WAY = {
    "sigmoid": """
def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))
""",
    "sigmoid_prime": """
def sigmoid_prime(z):
    return 0.25 * (1 - np.tanh(0.5 * z) ** 2)
""",
    "activation_and_slope": """
def activation_and_slope(name, z):
    a = np.tanh(z) if name == "tanh" else np.where(z > 0, z, 0.0)
    slope = {"tanh": 1 - a * a, "relu": np.where(a > 0, 1.0, 0.0)}[name]
    return [a, slope]
""",
    "binary_cross_entropy": """
def binary_cross_entropy(y, t):
    J, gradient = 0.0, np.zeros(len(y))
    for n in range(len(y)):
        p = min(max(y[n], 1e-12), 1 - 1e-12)
        J = J - t[n] * np.log(p) - (1 - t[n]) * np.log(1 - p)
        gradient[n] = (p - t[n]) / (p * (1 - p))
    return J, gradient
""",
    "logistic_gradient": """
def logistic_gradient(w, b, X, t):
    dw, db = np.zeros(len(w)), 0.0
    for n in range(len(t)):
        z_bar = sigmoid(w @ X[:, n] + b) - t[n]
        dw = dw + z_bar * X[:, n]
        db = db + z_bar
    return dw, db
""",
    "softmax_backward": """
def softmax_backward(y, grad_y):
    grad_z = np.zeros(y.shape)
    for k in range(len(y)):
        for p in range(len(y)):
            grad_z[p] += grad_y[k] * y[k] * ((k == p) - y[p])
    return grad_z
""",
}

STUDENTS = (
    Student("amina", "all right, as in the course"),
    Student("bruno", "all right, in another way", right(OWN_WAY)),
    Student(
        "dora",
        "nothing returned, a crash; stops half way",
        {
            "sigmoid_neuron": edited("return z, y, loss, ", "z, y, loss, ", says="returned None"),
            "binary_cross_entropy": edited("np.log(1 - y)", "log(1 - y)", says="NameError"),
        },
        stops_before="logistic_gradient",
    ),
    Student(
        "emil",
        "known mistakes; the file renamed",
        {
            "activation_and_slope": edited(
                "1 - a**2", "1 - a", "tanh: square missing", kept="relu"
            ),
            "sigmoid_neuron": edited(" * sigmoid_prime(z)", "", "slope of the sigmoid missing"),
            "logistic_regression": edited(
                "        w = w -", "        dw = dw -", "weights never move"
            ),
            "softmax_backward": edited(
                "np.sum(y * grad_y, axis=0)",
                "np.sum(y * grad_y)",
                "summed over everything",
                kept="one column",
            ),
        },
        damage=renamed("Untitled.ipynb"),
        repaired="The file is called Untitled.ipynb",
    ),
    Student(
        "fatou",
        "two wrong parts; what is built on them is right",
        {
            "logistic_gradient": edited(
                "sigmoid(w @ X + b) - t", "t - sigmoid(w @ X + b)", "wrong sign"
            ),
            "softmax": edited(
                "z - np.max(z, axis=0)", "z", "overflow", kept="one column, columns, untouched"
            ),
        },
    ),
    Student("goran", "nothing done", stops_before="sigmoid"),
)
