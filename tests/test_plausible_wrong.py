"""Functions that are right on most inputs and wrong on some: none gets full points."""

import numpy as np
import pytest

from autograder import answers
from course.classroom import exercises, recorded
from course.classroom.calling import call
from course.classroom.marking import mark

WRONG = {
    "steepest_direction": [
        """
def steepest_direction(gradient):
    if gradient[0] == 0:
        return np.zeros_like(gradient)
    return -gradient / np.linalg.norm(gradient)
""",
        """
def steepest_direction(gradient):
    if (gradient == 0).any():
        return np.zeros_like(gradient)
    return -gradient / np.linalg.norm(gradient)
""",
        """
def steepest_direction(gradient):
    if abs(gradient.sum()) < 1e-12:
        return np.zeros_like(gradient)
    return -gradient / np.linalg.norm(gradient)
""",
        """
def steepest_direction(gradient):
    length = np.linalg.norm(gradient)
    return -gradient / length if length else np.zeros(3)
""",
    ],
    "best_candidate": [
        """
def best_candidate(candidates, loss):
    ordered = sorted(candidates)
    i = 0
    while i < len(ordered) - 1 and loss(ordered[i + 1]) < loss(ordered[i]):
        i += 1
    return ordered[i]
""",
    ],
    "topological_order": [
        f"""
def topological_order(circuit):
    nodes, order = {{node[0]: node for node in circuit}}, []
    def visit(name):
        if name in nodes and nodes[name] not in order:
            visit(nodes[name][2][{which}])
            order.append(nodes[name])
    for name in nodes:
        visit(name)
    return order
"""
        for which in (0, -1)
    ],
    "train_xor": [
        """
def train_xor(theta, X, T, learning_rate, steps, keep):
    losses, snapshots = [xor_loss(theta, X, T)], {}
    for k in range(steps):
        if k in keep:
            snapshots[k] = theta
        theta = xor_step(theta, xor_gradients(theta, X, T), learning_rate)
        losses.append(xor_loss(theta, X, T))
    if keep:
        snapshots[steps] = theta
    return losses, snapshots
""",
    ],
}


@pytest.mark.parametrize(
    ("name", "source"), [(name, source) for name, sources in WRONG.items() for source in sources]
)
def test_what_is_wrong_on_some_inputs_does_not_get_full_points(name, source):
    """At the desk and on hidden inputs."""
    exercise = exercises.every()[name]
    parts = exercise.builds_on
    references = {part: answers.answer(exercises.every()[part]).reference for part in parts}
    namespace = {"np": np, **references}
    exec(source, namespace)
    trials = [recorded.trial(exercise), *(answers.hidden_trial(exercise, s) for s in range(5))]
    for trial in trials:
        report = mark(exercise, lambda called, args: call(namespace[called], args), [trial])
        assert report.outcome != "right"
