"""A feed-forward network of any depth: forward pass, deltas, gradients, step; and training.

A network is a few lists, indexed by layer as in the lectures: W[l] (n_l, n_(l−1)) holds w_ji, from
unit i of layer l − 1 to unit j of layer l; b[l] is (n_l, 1); activations[l] is an Activation.
Layer 0 is the input, so W[0], b[0] and activations[0] are None. Examples are columns: X (n_0, N),
T (n_L, N). The loss is a SUM over examples, and so are its gradients.

Every function returns new lists and leaves its arguments alone. Shapes that do not fit together
raise a ValueError that names the layer and both shapes.
"""
# ruff: noqa: E741  (l is the layer, as on the slides)

import numpy as np

from course.activations import Activation
from course.losses import Loss, output_delta

Layers = list[np.ndarray | None]
Activations = list[Activation | None]


def forward(W: Layers, b: Layers, activations: Activations, X: np.ndarray) -> tuple[Layers, Layers]:
    """Forward pass: Z and A with Z[l] and A[l] of shape (n_l, N); A[0] is X, Z[0] is None."""
    check_network(W, b, activations, X)
    Z, A = [None], [X]
    for l in range(1, len(W)):
        Z.append(W[l] @ A[l - 1] + b[l])  # z^l = W^l a^(l−1) + b^l (SKKU)
        A.append(activations[l].value(Z[l]))  # a^l = σ(z^l) (SKKU), each layer its own σ (XJTLU)
    return Z, A


def deltas(
    W: Layers, activations: Activations, Z: Layers, A: Layers, T: np.ndarray, loss: Loss
) -> Layers:
    """Backward pass: delta with delta[l] = ∂L/∂Z[l] of shape (n_l, N); delta[0] is None.

    Z and A are those of forward; T holds one target per output of the network.
    """
    _check("W", W, [None] + [(len(A[l]), len(A[l - 1])) for l in range(1, len(A))])
    check_targets(T, len(A) - 1, A[-1].shape)
    L = len(W) - 1
    delta = [None] * (L + 1)
    delta[L] = output_delta(loss, activations[L], Z[L], A[L], T)  # δ^L = ∂L/∂y · ∂y/∂z (XJTLU)
    for l in range(L, 1, -1):
        grad_a = W[l].T @ delta[l]  # ∂L/∂a^(l−1) = (W^l)ᵀ δ^l (SKKU)
        delta[l - 1] = activations[l - 1].backward(Z[l - 1], A[l - 1], grad_a)  # σ' ∂L/∂a (NSYSU)
    return delta


def gradients(delta: Layers, A: Layers) -> tuple[Layers, Layers]:
    """dW and db: the loss's gradients, shaped like W and b, summed over the N examples (NSYSU)."""
    _check("delta", delta, [None] + [A[l].shape for l in range(1, len(A))])
    dW, db = [None], [None]
    for l in range(1, len(delta)):
        dW.append(delta[l] @ A[l - 1].T)  # ∂L/∂W^l = δ^l (a^(l−1))ᵀ (SKKU)
        db.append(delta[l].sum(axis=1, keepdims=True))  # ∂L/∂b^l = δ^l (SKKU)
    return dW, db


def step(
    W: Layers, b: Layers, dW: Layers, db: Layers, learning_rate: float
) -> tuple[Layers, Layers]:
    """One step of gradient descent for every layer: the new W and b."""
    _check("dW", dW, [None] + [W[l].shape for l in range(1, len(W))])
    _check("db", db, [None] + [b[l].shape for l in range(1, len(b))])
    rate = float(learning_rate)  # a numpy float64 would turn float32 weights into float64
    new_W, new_b = [None], [None]
    for l in range(1, len(W)):
        new_W.append(W[l] - rate * dW[l])  # W ← W − η ∂L/∂W (Classical), Δw = −α δ a (XJTLU)
        new_b.append(b[l] - rate * db[l])  # b ← b − η ∂L/∂b
    return new_W, new_b


def train(
    W: Layers,
    b: Layers,
    activations: Activations,
    X: np.ndarray,
    T: np.ndarray,
    loss: Loss,
    learning_rate: float,
    steps: int,
) -> tuple[Layers, Layers, np.ndarray]:
    """Full-batch gradient descent: the trained W and b, and the loss after 0, 1, …, steps steps.

    course.training computes the same, many times as fast for a small network.
    """
    losses = []
    for _ in range(steps):
        Z, A = forward(W, b, activations, X)
        losses.append(loss.value(A[-1], T))
        delta = deltas(W, activations, Z, A, T, loss)
        dW, db = gradients(delta, A)
        W, b = step(W, b, dW, db, learning_rate)
    _, A = forward(W, b, activations, X)
    losses.append(loss.value(A[-1], T))
    return W, b, np.array(losses)


def check_network(W: Layers, b: Layers, activations: Activations, X: np.ndarray) -> None:
    """Raise ValueError unless the shapes fit together; nothing is computed."""
    if np.ndim(X) != 2:
        raise ValueError(
            f"layer 0: X has shape {np.shape(X)}, but examples are columns: X is (n_0, N), also "
            "for a single example (n_0, 1)"
        )
    if len(W) < 2 or len(activations) != len(W):
        raise ValueError(
            f"W has {len(W)} entries and activations {len(activations)}; both need None for the "
            "input and then one entry for each layer, at least one"
        )
    n = [len(X)] + [len(W[l]) for l in range(1, len(W))]
    _check("W", W, [None] + [(n[l], n[l - 1]) for l in range(1, len(W))])
    _check("b", b, [None] + [(n[l], 1) for l in range(1, len(W))])


def check_targets(T: np.ndarray, layer: int, outputs: tuple[int, int]) -> None:
    """Raise ValueError unless the targets have the shape of the last layer's outputs."""
    if np.shape(T) != outputs:
        raise ValueError(
            f"layer {layer}: targets T have shape {np.shape(T)}, but the network's outputs have "
            f"shape {outputs}: give every output its own target"
        )


def _check(name: str, arrays: Layers, shapes: list[tuple | None]) -> None:
    # Without this, numpy would stretch a misshapen b or db over the examples and carry on.
    if len(arrays) != len(shapes) or arrays[0] is not None:
        raise ValueError(
            f"{name} needs {len(shapes)} entries, None for the input and then one for each layer; "
            f"it has {len(arrays)}, the first is {'not ' * (arrays[0] is not None)}None"
        )
    for l in range(1, len(arrays)):
        if np.shape(arrays[l]) != shapes[l]:
            raise ValueError(
                f"layer {l}: {name}[{l}] has shape {np.shape(arrays[l])}, but {shapes[l]} is what "
                "fits its neighbours; examples are columns"
            )
