"""Six students who hand in assignment 02."""

from autograder.demo_students import Student, cut_short, edited, right, without_cell

OWN_WAY = {
    "central_difference": """
def central_difference(f, x, h):
    return [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]
""",
    "one_path": """
def one_path(x, g, g_prime, h_prime):
    y = g(x)
    return g_prime(x) * h_prime(y)
""",
    "many_paths": """
def many_paths(dz_dy, dy_dx):
    total = 0.0
    for j in range(len(dz_dy)):
        total = total + dz_dy[j] * dy_dx[j]
    return total
""",
    "topological_order": """
def topological_order(circuit):
    nodes, order = {node[0]: node for node in circuit}, {}

    def place(name):
        if name in nodes and name not in order:
            for source in nodes[name][2]:
                place(source)
            order[name] = nodes[name]

    for name in nodes:
        place(name)
    return list(order.values())
""",
    "circuit_forward": """
def circuit_forward(circuit, inputs, sigma):
    values = {name: inputs[name] for name in inputs}
    rules = {"+": lambda *a: sum(a), "-": lambda a, b: a - b, "*": lambda a, b: a * b}
    rules["sigma"] = sigma
    for name, operation, sources in circuit:
        values[name] = rules[operation](*[values[source] for source in sources])
    return values
""",
    "circuit_backward": """
def circuit_backward(circuit, values, sigma_prime):
    def slopes(operation, a):
        if operation == "*":
            return [a[1], a[0]]
        return {"+": [1] * len(a), "-": [1, -1]}.get(operation) or [sigma_prime(a[0])]

    def gradient(name):
        if name == circuit[-1][0]:
            return 1.0
        total = 0.0
        for after, operation, sources in circuit:
            local = slopes(operation, [values[source] for source in sources])
            for source, slope in zip(sources, local):
                if source == name:
                    total += gradient(after) * slope
        return total

    return {name: gradient(name) for name in values}
""",
}

STUDENTS = (
    Student("amina", "all right, as in the course"),
    Student("bruno", "all right, in another way", right(OWN_WAY)),
    Student(
        "dora",
        "a name misspelled; stops half way",
        {
            "activation_circuit_gradient": edited("(net2)", "(net_2)", says="NameError"),
        },
        stops_before="multiple_paths_gradient",
    ),
    Student(
        "emil",
        "known mistakes in the chain rule",
        {
            "weighted_circuit_gradient": edited(
                "[-x3, -w3, -x4, -w4]", "[x3, w3, x4, w4]", "wrong sign"
            ),
            "one_path": edited("h_prime(g(x))", "h_prime(x)", "outer derivative at x"),
            "two_paths": edited(" + k_y(x, y) * h_prime(s)", "", "second path dropped"),
            "many_paths": edited("np.sum", "np.mean", "mean for sum"),
            "multiple_paths_gradient": edited("1 - ", "-", "short path dropped"),
        },
    ),
    Student(
        "fatou",
        "known mistakes in the passes; a check cell deleted",
        {
            "central_difference": edited(
                "np.array(x, dtype=float)",
                "x.copy()",
                "x + h in whole numbers",
                "",
                "values, untouched",
            ),
            "topological_order": edited("return order", "return order[::-1]", "output first"),
            "circuit_forward": edited(
                "sigma(incoming[0])", "incoming[0]", "sigma left out", kept="sums, untouched"
            ),
            "circuit_backward": edited(
                " * sigma_prime(values[sources[0]])", "", "slope missing", kept="sums, untouched"
            ),
        },
        damage=without_cell("check-two_paths"),
        repaired="Missing, put back as released: the check cell `check(two_paths)`",
    ),
    Student(
        "kofi", "half of the file", damage=cut_short, repaired="not valid JSON", readable=False
    ),
)
