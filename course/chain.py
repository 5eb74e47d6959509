"""The chain rule: one path, two paths, any number of paths.

x may be a number or an array on which the functions act entry by entry; derivatives then have
the same shape.
"""

from collections.abc import Callable, Sequence

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
