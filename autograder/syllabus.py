"""What the course covers: each idea of the lectures, and where it is taught and exercised.

What is learned, the time and what to read before stand in the notebooks' texts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.source import Cell

GOALS = re.compile(r"^\*\*At the end you will be able to\*\*\n\n((?:- .+\n?)+)", re.MULTILINE)
NEEDS = re.compile(r"^\*\*You need\*\* (.+?) \*\*Time:\*\* (.+?)\.", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One idea. lectures: short names. asked: the exercises on it, or where else it is found."""

    number: int
    idea: str
    lectures: str
    asked: str

    @property
    def exercises(self) -> list[str]:
        """The exercises on this idea, by name."""
        return re.findall(r"`(\w+)`", self.asked)


def opening(cells: Sequence[Cell]) -> dict[str, str]:
    """From a notebook's text: what is learned, what is needed before, the time; "" if not said."""
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    goals, needs = GOALS.search(text), NEEDS.search(text)
    return {
        "goals": goals[1].strip() if goals else "",
        "needs": needs[1] if needs else "",
        "time": needs[2] if needs else "",
    }


ROWS = {
    "01-gradient-descent": (
        Row(
            1,
            "Try many candidates for w; with 100 weights there are too many",
            "NSYSU",
            "`best_candidate`, `count_candidates`",
        ),
        Row(
            2,
            "A model with one weight, h(x) = x·w, and its loss over four points; fit and loss "
            "curve after 0, 10 and 100 epochs",
            "NSYSU",
            "`predict`, `sum_of_squares`",
        ),
        Row(
            3,
            "Steps against the slope, up to a number of iterations or until they are short",
            "NSYSU",
            "`descent_step`, `descend`",
        ),
        Row(
            4,
            "What the sign of the slope asks for: more of w, or less",
            "NSYSU, Princeton",
            "`slope`, and the live picture",
        ),
        Row(
            5,
            "The gradient of several parameters; a line with w and b",
            "NSYSU, XJTLU",
            "`mean_squared_error`, `line_gradient`",
        ),
        Row(
            6,
            "Against the gradient the loss falls fastest; the change that a small step brings",
            "Princeton",
            "`predicted_change`, `steepest_direction`",
        ),
        Row(
            38,
            "A line fitted to noisy points t = 2x + noise (after Peter Roelants)",
            "XJTLU",
            "`fit_line`",
        ),
    ),
    "02-circuits-and-the-chain-rule": (
        Row(
            7,
            "Circuits of one neuron and of two, with two inputs and with more",
            "Princeton",
            "`topological_order`, `circuit_forward`",
        ),
        Row(
            8,
            "Weights on the edges, and an activation of their sum",
            "Princeton",
            "`weighted_circuit_gradient`, `activation_circuit_gradient`",
        ),
        Row(
            9,
            "An input that reaches the output on two paths",
            "Princeton",
            "`multiple_paths_gradient`",
        ),
        Row(
            10,
            "The chain rule for one path, for two, for many",
            "NSYSU, XJTLU",
            "`one_path`, `two_paths`, `many_paths`",
        ),
        Row(
            11,
            "Numeric gradients from both sides, the test of every gradient made by hand",
            "all",
            "`central_difference`",
        ),
        Row(
            12,
            "Forward for the values, backward for the gradients, on any circuit",
            "Princeton",
            "`circuit_forward`, `circuit_backward`",
        ),
    ),
    "03-one-neuron": (
        Row(
            13,
            "One neuron, z = wx + b and y = σ(z), with squared loss; its error signals",
            "XJTLU",
            "`sigmoid_neuron`",
        ),
        Row(
            14,
            "Sigmoid, tanh, ReLU and softmax, and their derivatives",
            "XJTLU, SKKU, Classical",
            "`sigmoid`, `sigmoid_prime`, `activation_and_slope`, `softmax`, `softmax_backward`",
        ),
        Row(
            15,
            "Squared loss, binary cross-entropy, cross-entropy over softmax",
            "XJTLU, SKKU",
            "`sigmoid_neuron`, `binary_cross_entropy`, `softmax_cross_entropy`",
        ),
        Row(
            16,
            "Logistic regression learns AND and OR, and cannot learn XOR",
            "XJTLU",
            "`logistic_regression`",
        ),
        Row(
            17,
            "The total loss is a sum over the examples, and so is its gradient",
            "NSYSU, SKKU",
            "`logistic_gradient`",
        ),
    ),
    "04-two-layers": (
        Row(
            18,
            "Names of weights and activations by unit and layer; a layer as a matrix product",
            "SKKU, XJTLU",
            "`weighted_sums`",
        ),
        Row(
            19,
            "Hidden neurons have no targets: who is to blame?",
            "XJTLU",
            "the text, and a question in words",
        ),
        Row(
            20,
            "∂z/∂w on the way forward, ∂l/∂z on the way back, which is a network too",
            "NSYSU",
            "`dz_dw`, `backward_neuron`",
        ),
        Row(21, "Weights of the output layer", "SKKU", "`output_weights_gradient`"),
        Row(22, "Weights of the hidden layer", "SKKU", "`hidden_weights_gradient`"),
        Row(
            23,
            "Sensitivities of outputs and of hidden units, and the updates that follow",
            "XJTLU",
            "`output_sensitivity`, `hidden_sensitivity`, `gradient_step`, and the live network",
        ),
        Row(24, "The three matrix products of a layer's way back", "SKKU", "`layer_backward`"),
        Row(25, "The network 3 → 4 → 1 in detail", "Classical", "`classical_backward`"),
    ),
    "05-the-delta-recursion": (
        Row(
            26,
            "Each δ from the one after it, for any number of layers",
            "SKKU, XJTLU",
            "`output_delta`, `hidden_delta`, `all_deltas`, `all_gradients`, `update_all`, "
            "and the live network",
        ),
        Row(
            27,
            "Stages of blocks: each hands ∂L/∂x back and updates its own W",
            "Classical",
            "`block_backward`, `train_blocks`",
        ),
        Row(
            28,
            "Any feed-forward network, with an activation of its own in each layer",
            "XJTLU",
            "`forward_pass`, `network_gradients`, `take_steps`",
        ),
    ),
    "06-xor": (
        Row(
            29,
            "XOR with two hidden units: the lecture's table of outputs over 10,000 iterations",
            "SKKU",
            "`xor_forward`, `xor_loss`, `xor_gradients`, `xor_step`, `train_xor`, "
            "and the live network",
        ),
        Row(
            30,
            "The training loop on random batches, until the loss is below a threshold",
            "Classical",
            "`random_start`, `random_batch`, `train_until`",
        ),
        Row(
            35,
            "Local minima: how many of 100 starts get stuck?",
            "Classical",
            "`stuck_starts`, and pictures",
        ),
    ),
    "07-training-in-practice": (
        Row(
            31,
            "One example at a time, and mini-batches with their mean",
            "Princeton",
            "`sgd_epoch`, `shuffled_batches`, `minibatch_epoch`",
        ),
        Row(
            32,
            "Momentum and other update rules",
            "Classical",
            "`momentum_step`, `rmsprop_step`",
        ),
        Row(33, "Gradients that vanish in deep networks", "Classical", "`delta_sizes`"),
        Row(
            34,
            "Where to start: random weights, and wisely scaled ones",
            "Classical",
            "`initial_network`",
        ),
        Row(36, "Second-order methods, and why they are rare", "Classical", "`newton_step`"),
        Row(
            37,
            "When to stop, and how to make a result that others can repeat; digits read",
            "Classical",
            "`stop_reason`, `accuracy`",
        ),
    ),
}
