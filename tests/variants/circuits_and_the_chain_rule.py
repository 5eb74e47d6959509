"""Correct solutions of assignment 02 in different styles."""

SOLUTIONS = {
    "weighted_circuit_gradient": [
        """
def weighted_circuit_gradient(w3, x3, w4, x4):
    return np.array([-x3, -w3, -x4, -w4])
""",
        """
def weighted_circuit_gradient(w3, x3, w4, x4):
    df_dx2 = -1
    return [df_dx2 * x3, df_dx2 * w3, df_dx2 * x4, df_dx2 * w4]
""",
        """
def weighted_circuit_gradient(w3, x3, w4, x4, scale=1.0):
    gradient = np.zeros(4)
    gradient[0::2] = x3, x4
    gradient[1::2] = w3, w4
    return -scale * gradient
""",
        """
def weighted_circuit_gradient(w3, x3, w4, x4):
    return -np.array([x3, w3, x4, w4], dtype=np.float32)
""",
        """
def weighted_circuit_gradient(w3, x3, w4, x4):
    def product(w, x):
        return [x, w]
    return tuple(-slope for slope in product(w3, x3) + product(w4, x4))
""",
    ],
    "central_difference": [
        """
def central_difference(f, x, h):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        above, below = np.array(x, dtype=float), np.array(x, dtype=float)
        above[i] += h
        below[i] -= h
        gradient[i] = (f(above) - f(below)) / (2 * h)
    return gradient
""",
        """
def central_difference(f, x, h):
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in h * np.eye(len(x))])
""",
        """
def central_difference(f, x, h):
    x = x.astype(float)
    slopes = []
    for i in range(x.size):
        kept = x[i]
        x[i] = kept + h
        above = f(x)
        x[i] = kept - h
        below = f(x)
        x[i] = kept
        slopes.append((above - below) / h / 2)
    return slopes
""",
        """
def central_difference(f, x, h):
    steps = h * np.identity(x.size)
    rise = [f(above) for above in x + steps] - np.array([f(below) for below in x - steps])
    return rise / 2 / h
""",
        """
def central_difference(f, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / ((x + step) - (x - step))[index]
    return gradient
""",
    ],
    "one_path": [
        """
def one_path(x, g, g_prime, h_prime):
    return h_prime(g(x)) * g_prime(x)
""",
        """
def one_path(x, g, g_prime, h_prime):
    y = g(x)
    dy_dx = g_prime(x)
    dz_dy = h_prime(y)
    return np.array(dz_dy * dy_dx)
""",
        """
def one_path(x, g, g_prime, h_prime, upstream=1):
    for slope in (h_prime(g(x)), g_prime(x)):
        upstream = upstream * slope
    return np.float64(upstream)
""",
        """
def one_path(x, g, g_prime, h_prime):
    return np.prod([g_prime(x), h_prime(g(x))], dtype=np.float32)
""",
    ],
    "activation_circuit_gradient": [
        """
def activation_circuit_gradient(w3, x3, w4, x4, sigma_prime):
    net2 = w3 * x3 + w4 * x4
    df_dnet2 = -1 * sigma_prime(net2)
    return df_dnet2 * np.array([x3, w3, x4, w4])
""",
        """
def activation_circuit_gradient(w3, x3, w4, x4, sigma_prime):
    slope = sigma_prime(np.dot([w3, w4], [x3, x4]))
    return [-slope * x3, -slope * w3, -slope * x4, -slope * w4]
""",
        """
def activation_circuit_gradient(w3, x3, w4, x4, sigma_prime):
    gradient = []
    for weight, value in ((w3, x3), (w4, x4)):
        for other in (value, weight):
            gradient.append(-other * sigma_prime(w4 * x4 + w3 * x3))
    return gradient
""",
        """
def activation_circuit_gradient(w3, x3, w4, x4, sigma_prime):
    w, x = np.array([w3, w4]), np.array([x3, x4])
    both = -sigma_prime(np.einsum("i,i->", w, x)) * np.stack([x, w])
    return both.T.ravel()
""",
    ],
    "two_paths": [
        """
def two_paths(s, g, h, g_prime, h_prime, k_x, k_y):
    x, y = g(s), h(s)
    return k_x(x, y) * g_prime(s) + k_y(x, y) * h_prime(s)
""",
        """
def two_paths(s, g, h, g_prime, h_prime, k_x, k_y):
    total = 0
    for outer, inner in ((k_x, g_prime), (k_y, h_prime)):
        total += inner(s) * outer(g(s), h(s))
    return total
""",
        """
def two_paths(s, g, h, g_prime, h_prime, k_x, k_y):
    at = g(s), h(s)
    return np.dot([k_x(*at), k_y(*at)], [g_prime(s), h_prime(s)])
""",
        """
def two_paths(s, g, h, g_prime, h_prime, k_x, k_y, start=0.0):
    def along(partial, derivative):
        return partial(g(s), h(s)) * derivative(s)
    return np.float32(start + along(k_y, h_prime) + along(k_x, g_prime))
""",
    ],
    "many_paths": [
        """
def many_paths(dz_dy, dy_dx):
    return np.sum(dz_dy * dy_dx)
""",
        "def many_paths(dz_dy, dy_dx):\n    return dz_dy @ dy_dx",
        """
def many_paths(dz_dy, dy_dx):
    dz_dx = 0
    for j in range(len(dz_dy)):
        dz_dx += dz_dy[j] * dy_dx[j]
    return dz_dx
""",
        "def many_paths(dz_dy, dy_dx):\n    return sum(a * b for a, b in zip(dz_dy, dy_dx))",
        "def many_paths(dz_dy, dy_dx):\n    return np.einsum('j,j', dy_dx, dz_dy)",
        """
def many_paths(dz_dy, dy_dx):
    return np.mean(dz_dy * dy_dx) * len(dz_dy)
""",
    ],
    "multiple_paths_gradient": [
        """
def multiple_paths_gradient(w3, x3, w4, x4, sigma_prime):
    slope = sigma_prime(w3 * x3 + w4 * x4)
    return np.array([-slope * x3, 1 - slope * w3, -slope * x4, -slope * w4])
""",
        """
def multiple_paths_gradient(w3, x3, w4, x4, sigma_prime):
    df_dnet2 = -sigma_prime(w3 * x3 + w4 * x4)
    gradient = df_dnet2 * np.array([x3, w3, x4, w4])
    gradient[1] += 1
    return gradient
""",
        """
def activation_circuit_gradient(w3, x3, w4, x4, sigma_prime):
    return -sigma_prime(w3 * x3 + w4 * x4) * np.array([x3, w3, x4, w4])

def multiple_paths_gradient(w3, x3, w4, x4, sigma_prime):
    return activation_circuit_gradient(w3, x3, w4, x4, sigma_prime) + np.array([0, 1, 0, 0])
""",
        """
def multiple_paths_gradient(w3, x3, w4, x4, sigma_prime):
    df_dx1, df_dx2 = 1, -1
    back = df_dx2 * sigma_prime(x4 * w4 + x3 * w3)
    x3_paths = [df_dx1, back * w3]
    return [back * x3, sum(x3_paths), back * x4, back * w4]
""",
    ],
    "topological_order": [
        """
def topological_order(circuit):
    order = []
    waiting = {name for name, operation, sources in circuit}
    while waiting:
        for node in circuit:
            name, operation, sources = node
            if name in waiting and not any(source in waiting for source in sources):
                order.append(node)
                waiting.remove(name)
    return order
""",
        """
def topological_order(circuit):
    nodes = {node[0]: node for node in circuit}
    found = []
    def visit(name):
        if name in nodes and nodes[name] not in found:
            for source in nodes[name][2]:
                visit(source)
            found.append(nodes[name])
    for name in nodes:
        visit(name)
    return found
""",
        """
def topological_order(circuit):
    queue, done = list(circuit), []
    names = [node[0] for node in circuit]
    while queue:
        node = queue.pop(0)
        if all(s not in names or s in [d[0] for d in done] for s in node[2]):
            done.append(node)
        else:
            queue.append(node)
    return tuple(done)
""",
        """
def topological_order(circuit):
    sources = {name: inputs for name, _, inputs in circuit}
    def depth(name):
        return 1 + max(depth(s) for s in sources[name]) if name in sources else 0
    return sorted(circuit, key=lambda node: depth(node[0]))
""",
        """
def topological_order(circuit, copy=True):
    circuit = [list(node) for node in circuit]
    missing = {node[0]: {s for s in node[2] if s in [n[0] for n in circuit]} for node in circuit}
    order = []
    while missing:
        ready = [name for name in missing if not missing[name]]
        for name in ready:
            del missing[name]
            order += [node for node in circuit if node[0] == name]
        for rest in missing.values():
            rest.difference_update(ready)
    return order
""",
    ],
    "circuit_forward": [
        """
def circuit_forward(circuit, inputs, sigma):
    values = dict(inputs)
    for name, operation, sources in circuit:
        incoming = [values[source] for source in sources]
        if operation == "+":
            values[name] = sum(incoming)
        elif operation == "-":
            values[name] = incoming[0] - incoming[1]
        elif operation == "*":
            values[name] = incoming[0] * incoming[1]
        elif operation == "sigma":
            values[name] = sigma(incoming[0])
    return values
""",
        """
def circuit_forward(circuit, inputs, sigma):
    rules = {"+": np.sum, "-": lambda a: a[0] - a[1], "*": np.prod, "sigma": lambda a: sigma(a[0])}
    values = inputs.copy()
    for node in circuit:
        values[node[0]] = rules[node[1]](np.array([values[s] for s in node[2]]))
    return values
""",
        """
def circuit_forward(circuit, inputs, sigma, loud=False):
    v = {}
    for name in inputs:
        v[name] = np.float32(inputs[name])
    for name, op, args in circuit:
        if op == "sigma":
            v[name] = np.float32(sigma(v[args[0]]))
            continue
        result = v[args[0]]
        for other in args[1:]:
            result = result + v[other] if op == "+" else (
                result - v[other] if op == "-" else result * v[other])
        v[name] = result
    return v
""",
        """
def circuit_forward(circuit, inputs, sigma):
    nodes = {name: (operation, sources) for name, operation, sources in circuit}
    def value(name):
        if name in inputs:
            return inputs[name]
        operation, sources = nodes[name]
        a = [value(source) for source in sources]
        match operation:
            case "+":
                return sum(a)
            case "-":
                return a[0] + -a[1]
            case "*":
                return a[1] * a[0]
            case _:
                return np.array(sigma(*a))
    return {name: value(name) for name in [*inputs, *nodes]}
""",
    ],
    "circuit_backward": [
        """
def circuit_backward(circuit, values, sigma_prime):
    gradients = {name: 0.0 for name in values}
    output = circuit[-1][0]
    gradients[output] = 1.0
    for name, operation, sources in reversed(circuit):
        if operation == "+":
            for source in sources:
                gradients[source] += gradients[name]
        elif operation == "-":
            first, second = sources
            gradients[first] += gradients[name]
            gradients[second] -= gradients[name]
        elif operation == "*":
            first, second = sources
            gradients[first] += gradients[name] * values[second]
            gradients[second] += gradients[name] * values[first]
        elif operation == "sigma":
            gradients[sources[0]] += gradients[name] * sigma_prime(values[sources[0]])
    return gradients
""",
        """
def circuit_backward(circuit, values, sigma_prime):
    def local(operation, a):
        if operation == "+":
            return np.ones(len(a))
        if operation == "-":
            return [1, -1]
        return [a[1], a[0]] if operation == "*" else [sigma_prime(a[0])]
    gradients = dict.fromkeys(values, 0)
    gradients[circuit[-1][0]] = 1
    for name, operation, sources in circuit[::-1]:
        slopes = local(operation, [values[s] for s in sources])
        for source, slope in zip(sources, slopes):
            gradients[source] = gradients[source] + gradients[name] * slope
    return gradients
""",
        """
def circuit_backward(circuit, values, sigma_prime):
    # from the other end: every node asks the nodes that use it
    def slope(operation, sources, k):
        if operation == "*":
            return values[sources[1 - k]]
        if operation == "sigma":
            return sigma_prime(values[sources[0]])
        return -1.0 if (operation, k) == ("-", 1) else 1.0
    def gradient(name):
        if name == circuit[-1][0]:
            return 1.0
        return sum(
            gradient(user) * slope(operation, sources, k)
            for user, operation, sources in circuit
            for k, source in enumerate(sources)
            if source == name
        )
    return {name: gradient(name) for name in values}
""",
        """
def circuit_backward(circuit, values, sigma_prime, seed=1.0):
    names = list(values)
    gradients = np.zeros(len(names), dtype=np.float32)
    gradients[names.index(circuit[-1][0])] = seed
    for i in range(len(circuit) - 1, -1, -1):
        name, operation, sources = circuit[i]
        g, at = gradients[names.index(name)], [names.index(s) for s in sources]
        if operation in "+-":
            np.add.at(gradients, at, g)
            if operation == "-":
                gradients[at[1]] -= 2 * g
        elif operation == "*":
            np.add.at(gradients, at, [g * values[sources[1]], g * values[sources[0]]])
        else:
            gradients[at[0]] += g * sigma_prime(values[sources[0]])
    return dict(zip(names, gradients))
""",
    ],
}
