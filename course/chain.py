"""The chain rule: one path, two paths, any number of paths, any number of steps.

x may be a number or an array on which the functions act entry by entry; derivatives then have
the same shape.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Value = float | NDArray
Function = Callable[[Value], Value]
FunctionOfTwo = Callable[[Value, Value], Value]


def case_1(
    x: Value, g: Function, h: Function, g_prime: Function, h_prime: Function
) -> tuple[Value, Value]:
    """One path, x -> y = g(x) -> z = h(y). Returns z and dz/dx."""
    y = g(x)
    z = h(y)
    dz_dx = h_prime(y) * g_prime(x)  # NSYSU case 1, XJTLU: dz/dx = dz/dy dy/dx
    return z, dz_dx


def case_2(
    s: Value,
    g: Function,
    h: Function,
    k: FunctionOfTwo,
    g_prime: Function,
    h_prime: Function,
    k_x: FunctionOfTwo,
    k_y: FunctionOfTwo,
) -> tuple[Value, Value]:
    """Two paths, x = g(s) and y = h(s) meet in z = k(x, y). Returns z and dz/ds.

    k_x(x, y) and k_y(x, y) are the partial derivatives of k.
    """
    x, y = g(s), h(s)
    z = k(x, y)
    # NSYSU case 2: dz/ds = dz/dx dx/ds + dz/dy dy/ds
    dz_ds = k_x(x, y) * g_prime(s) + k_y(x, y) * h_prime(s)
    return z, dz_ds


def many_paths(dz_dy: Sequence[Value], dy_dx: Sequence[Value]) -> Value:
    """dz/dx where x reaches z through y_1, y_2, ...; one entry of each sequence per path.

    ValueError when the sequences differ in length. No path at all gives 0.
    """
    if len(dz_dy) != len(dy_dx):
        raise ValueError(
            f"dz_dy has {len(dz_dy)} entries but dy_dx has {len(dy_dx)}: give both for every path"
        )
    # XJTLU: dz/dx = sum_j dz/dy_j dy_j/dx
    return sum(dz_dy_j * dy_j_dx for dz_dy_j, dy_j_dx in zip(dz_dy, dy_dx, strict=True))


def compose(
    functions: Sequence[Function], derivatives: Sequence[Function], x: Value
) -> tuple[list[Value], list[Value], list[Value]]:
    """z = f_n(... f_2(f_1(x))), forward and then backward, with every number on the way.

    ``functions`` is [f_1, ..., f_n], ``derivatives`` their derivatives in the same order.
    Returns three lists:

    - values, n + 1 long: x, f_1(x), f_2(f_1(x)), ..., z;
    - local, n long: the derivative of each function at its own input;
    - products, n + 1 long: dz/d(values[i]), so products[0] is dz/dx and products[n] is 1.

    ValueError when the sequences differ in length. No functions at all gives z = x, dz/dx = 1.
    """
    if len(functions) != len(derivatives):
        raise ValueError(
            f"{len(functions)} functions but {len(derivatives)} derivatives: "
            "give every function its own derivative"
        )
    values = [x]
    for f in functions:
        values.append(f(values[-1]))
    local = [f_prime(value) for f_prime, value in zip(derivatives, values[:-1], strict=True)]
    products = [np.ones_like(values[-1], dtype=np.result_type(values[-1], 1.0))[()]]
    for derivative in reversed(local):
        products.append(products[-1] * derivative)  # Classical: dL/dx = dL/dy dy/dx
    return values, local, products[::-1]
