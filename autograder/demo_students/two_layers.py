"""Six students who hand in assignment 04."""

from autograder.demo_students import Student, cut_short, edited, right, with_copy_of

OWN_WAY = {
    "weighted_sums": """
def weighted_sums(W, b, A):
    columns = [W.dot(A[:, n]) + b[:, 0] for n in range(A.shape[1])]
    return np.column_stack(columns)
""",
    "dz_dw": """
def dz_dw(W, a):
    return np.tile(a, (len(W), 1))
""",
    "backward_neuron": """
def backward_neuron(gain, w, dL_dz):
    blame = 0.0
    for k in range(len(w)):
        blame += w[k] * dL_dz[k]
    return blame * gain
""",
    "output_weights_gradient": """
def output_weights_gradient(t, o, h):
    gradient = np.zeros((len(o), len(h)))
    for k in range(len(o)):
        for j in range(len(h)):
            gradient[k, j] = -(t[k] - o[k]) * o[k] * (1 - o[k]) * h[j]
    return gradient
""",
    "hidden_weights_gradient": """
def hidden_weights_gradient(t, o, W2, h, x):
    gradient = np.zeros((len(h), len(x)))
    for j in range(len(h)):
        blame = sum(-W2[k, j] * (t[k] - o[k]) * o[k] * (1 - o[k]) for k in range(len(o)))
        for i in range(len(x)):
            gradient[j, i] = h[j] * (1 - h[j]) * x[i] * blame
    return gradient
""",
    "layer_backward": """
def layer_backward(W, A, delta):
    dW = np.einsum("jn,in->ji", delta, A)
    db = delta @ np.ones((delta.shape[1], 1))
    return np.einsum("ji,jn->in", W, delta), dW, db
""",
}

STUDENTS = (
    Student("amina", "all right, as in the course"),
    Student("bruno", "all right, in another way", right(OWN_WAY)),
    Student(
        "dora",
        "a name misspelled; stops half way",
        {
            "output_sensitivity": edited("sigmoid(Z)", "sigma(Z)", says="NameError"),
        },
        stops_before="hidden_sensitivity",
    ),
    Student(
        "emil",
        "known mistakes with one network at a time",
        {
            "dz_dw": edited("np.ones_like(W) * a", "W * a", "weight times input"),
            "backward_neuron": edited("gain * ", "", "gain missing"),
            "output_weights_gradient": edited("-(t - o)", "(t - o)", "wrong sign"),
            "hidden_weights_gradient": edited(
                "h * (1 - h) * ", "", "σ' missing at the hidden layer"
            ),
            "gradient_step": edited(
                "delta2 = output_sensitivity(Z2, T)",
                "delta2 = output_sensitivity(Z2, T) * A2 * (1 - A2)",
                "σ' of the squared loss",
            ),
            "classical_backward": edited("-2 *", "-", "half"),
        },
    ),
    Student(
        "fatou",
        "a wrong part; what is built on it is right; cells copied",
        {
            "hidden_sensitivity": edited(
                "A * (1 - A) * (W.T @ delta)", "W.T @ delta", "σ' missing"
            ),
        },
        damage=with_copy_of("dz_dw", "check-dz_dw"),
        repaired="more than once",
    ),
    Student(
        "kofi", "half of the file", damage=cut_short, repaired="not valid JSON", readable=False
    ),
)
