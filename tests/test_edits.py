"""Wrong functions lose points, and are given no wrong name.

The full search goes over every edit of every correct solution and prints those that get full
points on public and hidden inputs and are wrong on wider ones (an hour or two):

    python -m tests.test_edits            # all exercises
    python -m tests.test_edits descend    # some
"""

import ast
import itertools
import random
import sys
import warnings

import numpy as np
import pytest

from autograder import answers
from course.classroom import exercises, plain
from course.classroom.calling import call, state_kept
from course.classroom.marking import mark
from tests.edits import count_edits, edits
from tests.variants import SOLUTIONS
from tests.wider import INPUTS

EVERY = exercises.every()
REFERENCES = {name: answers.answer(exercise).reference for name, exercise in EVERY.items()}
#: One call of an edit may take so long; some never end.
SECONDS = 0.2


def defined(source, name):
    """The function that a source defines."""
    namespace = {"np": np}
    exec(compile(source, "<edit>", "exec"), namespace)
    return namespace[name]


def marked(exercise, function, trial):
    """The Report of a function on one trial; every other function is right."""
    functions = REFERENCES | {exercise.name: function}
    return mark(exercise, lambda name, args: call(functions[name], args, SECONDS), [trial])


def trials_of(exercise):
    """The public inputs and three sets of hidden ones."""
    return [
        answers.public_trial(exercise),
        *(answers.hidden_trial(exercise, seed) for seed in range(101, 104)),
    ]


def passes(exercise, function, trials):
    """True if the function gets full points on all trials; ends with the first wrong call."""
    judged = {a.name for a in exercise.aspects if a.judge in ("values", "formula")}
    for trial in trials:
        for made, expected in zip(trial.calls, trial.expected, strict=True):
            if made.aspect in judged:
                outcome = call(function, made.args, SECONDS)
                if outcome.kind != "returned" or not plain.agree(outcome.value, expected):
                    return False
        if marked(exercise, function, trial).outcome != "right":
            return False
    return True


def wider_inputs(name, n=60):
    """Arguments of n calls."""
    return [INPUTS[name](np.random.default_rng([5, k, *name.encode()])) for k in range(n)]


def same(function, other, inputs):
    """True if two functions make the same of all inputs, to three digits."""
    for args in inputs:
        one, two = (call(f, args, SECONDS) for f in (function, other))
        if one.kind != two.kind or one.kind == "interrupted":
            return False
        if one.kind == "returned" and not plain.agree(one.value, two.value, 1e-3):
            return False
    return True


def wrong_that_pass(name, sources, chosen):
    """The edits of correct solutions of an exercise that get full points and are wrong."""
    exercise, inputs = EVERY[name], wider_inputs(name)
    trials, tried, found = trials_of(exercise), 0, []
    for source in sources:
        unchanged = defined(source, name)
        # single precision is not enough for all of them
        fair = [args for args in inputs if same(unchanged, REFERENCES[name], [args])]
        for edit in edits(source, chosen):
            try:
                function = defined(edit, name)
            except Exception:
                continue
            tried += 1
            with state_kept():
                if passes(exercise, function, trials) and not same(function, unchanged, fair):
                    found.append(edit)
    return tried, found


# --- wrong functions lose points ------------------------------------------------------------

WALK = """
def descend(gradient, w, learning_rate, max_iteration, epsilon):
    path = [w]
    for k in range(max_iteration):
        w_new = w - learning_rate * gradient(w)
        path.append(w_new)
        step = w_new - w
        if {rule}:
            break
        w = w_new
    return np.array(path)
"""
SEARCH = """
def best_candidate(candidates, loss):
    best, lowest = {start}
    for w in {candidates}:
        if {rule}:
            best, lowest = w, {kept}
    return best
"""
AS_IT_SHOULD_BE = {
    "start": 'None, float("inf")',
    "candidates": "candidates",
    "rule": "loss(w) < lowest",
    "kept": "loss(w)",
}
SEARCHES = (
    {"candidates": "candidates[1:]"},
    {"candidates": "candidates[:-1]"},
    {"start": "None, 1"},
    {"start": "None, 100"},
    {"start": "None, 1000"},
    {"start": "candidates[0], 0"},
    {"start": "None, 0"},
    {"rule": "w > 0 and loss(w) < lowest"},
    {"rule": "w and loss(w) < lowest"},
    {"rule": "abs(loss(w)) < abs(lowest)", "kept": "abs(loss(w))"},
    {"start": "0, loss(0)"},
)
BACKWARD = SOLUTIONS["circuit_backward"][0]
WRONG = [
    *(("best_candidate", SEARCH.format(**AS_IT_SHOULD_BE | changed)) for changed in SEARCHES),
    ("circuit_backward", BACKWARD.replace("for source in sources", "for source in set(sources)")),
    (
        "circuit_backward",
        BACKWARD.replace("return gradients", "return {n: g for n, g in gradients.items() if g}"),
    ),
]


@pytest.mark.parametrize(("name", "source"), WRONG)
def test_a_wrong_function_loses_points(name, source):
    """Loops that leave something out, starts that are no start, rules for some inputs only."""
    assert source not in SOLUTIONS[name]
    for trial in trials_of(EVERY[name]):
        assert marked(EVERY[name], defined(source, name), trial).outcome != "right"


def test_edits_of_correct_solutions_that_pass_are_right():
    """A sample of all edits: what gets full points is right on wider inputs too, but for a few
    that need inputs nobody meets."""
    draw, tried, found = random.Random(20), 0, []
    for name in EVERY:
        source = draw.choice(SOLUTIONS[name])
        share = 12 / count_edits(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            more, wrong = wrong_that_pass(name, [source], lambda s=share: draw.random() < s)
        tried, found = tried + more, found + wrong
    assert tried > 500
    assert len(found) <= 0.01 * tried, "\n\n".join(found)


# --- no decision is given a wrong name ------------------------------------------------------

LENGTHS = (
    "np.linalg.norm(step)",
    "np.max(np.abs(step))",
    "np.min(np.abs(step))",
    "np.sum(np.abs(step))",
    "np.mean(np.abs(step))",
    "np.abs(np.sum(step))",
    "np.sqrt(np.mean(np.square(step)))",
    "np.sum(np.square(step))",
    "np.mean(np.square(step))",
    "np.abs(np.ravel(step)[0])",
    "np.abs(np.ravel(step)[-1])",
    "np.sum(step)",
    "np.max(step)",
    "np.median(np.abs(step))",
    "np.linalg.norm(step) / np.linalg.norm({old})",
    "np.linalg.norm(step) / np.linalg.norm({new})",
    "np.linalg.norm(step) / (1 + np.linalg.norm({old}))",
    "np.linalg.norm({new}) - np.linalg.norm({old})",
    "np.linalg.norm({new})",
)
LIMITS = ("epsilon", "epsilon ** 2", "epsilon / 2", "2 * epsilon", "np.sqrt(epsilon)")


def walks():
    """Rules that end a walk: other lengths, other limits, other rounds."""
    for length, limit in itertools.product(LENGTHS, LIMITS):
        yield f"{length.format(old='w', new='w_new')} < {limit}"
    for more in ("k > 0", "k > 1", "k % 2", "np.all(w_new < w)", "np.linalg.norm(w) > epsilon"):
        yield f"np.linalg.norm(step) < epsilon and {more}"
        yield f"np.linalg.norm(step) < epsilon or ({more})"


STOP = """
def stop_reason(losses, w_old, w_new, threshold, epsilon, patience):
    step = w_new - w_old
    age = len(losses) - 1 - np.argmin(losses)
    if {loss}:
        return "loss"
    if {weights}:
        return "weights"
    if {patience}:
        return "patience"
    return None
"""
LOSS_RULES = (
    "np.mean(losses) < threshold",
    "losses[0] < threshold",
    "losses[-1] < 2 * threshold",
    "losses[-1] < threshold / 2",
    "max(losses) < threshold",
    "losses[-1] - min(losses) < threshold",
    "len(losses) > 1 and losses[-2] < threshold",
)
PATIENCE_RULES = (
    "age >= 2 * patience",
    "age >= patience / 2",
    "age >= patience + 1",
    "age + 1 >= patience + 2",
    "len(losses) >= patience",
    "age % patience == 0",
    "sum(np.diff(losses) > 0) >= patience",
    "sum(np.diff(losses) < 0) >= patience",
    "len(losses) > patience and losses[-1] >= np.mean(losses[-patience:])",
    "len(losses) > patience and losses[-1] > losses[0]",
    "len(losses) > patience and min(losses[-patience:]) > losses[0]",
    "np.argmin(losses) + patience < len(losses) - 2",
    "np.argmax(losses) == 0 and age >= patience",
)


def reasons():
    """stop_reason with one of its rules invented."""
    usual = {
        "loss": "losses[-1] < threshold",
        "weights": "np.linalg.norm(step) < epsilon",
        "patience": "age >= patience",
    }
    for length, limit in itertools.product(LENGTHS, LIMITS):
        if length in ("np.sum(step)", "np.max(step)") and limit != "epsilon":
            continue  # what is said of them, that moves cancel, holds for every limit
        rule = length.format(old="w_old", new="w_new")
        yield STOP.format(**usual | {"weights": f"{rule} < {limit}"})
    for rule in LOSS_RULES:
        yield STOP.format(**usual | {"loss": rule})
    for rule in PATIENCE_RULES:
        yield STOP.format(**usual | {"patience": rule})


def stuck():
    """Other shares of wrong answers, other sides, other places."""
    shares = (
        "wrong.mean(axis=1) > 0.5",
        "wrong.mean(axis=1) >= 0.5",
        "wrong.sum(axis=1) > 1",
        "wrong.sum(axis=1) == 1",
        "wrong.sum(axis=1) >= wrong.shape[1] - 1",
        "wrong.sum(axis=1) % 2 == 1",
        "wrong[:, 0]",
        "wrong[:, -1]",
        "wrong[:, :2].any(axis=1)",
        "np.abs(Y - T).mean(axis=1) > 0.5",
        "np.abs(Y - T).max(axis=1) > 0.4",
        "np.abs(Y - T).min(axis=1) > 0.5",
        "np.sum((Y - T) ** 2, axis=1) > 0.5",
        "~wrong.all(axis=1)",
    )
    answers = ("(Y > 0.5) != (T > 0.5)", "(Y > 0) != (T > 0.5)", "(Y > 0.9) != (T > 0.5)")
    for answer, share in itertools.product(answers, (*shares, "wrong.any(axis=1)")):
        yield f"def stuck_starts(Y, T):\n    wrong = {answer}\n    return np.flatnonzero({share})"


def candidates():
    """Searches that begin, compare or end in another way."""
    for changed in SEARCHES:
        yield SEARCH.format(**AS_IT_SHOULD_BE | changed)
    for rule in ("loss(w) < 1", "loss(w) < 2", "loss(w) < 0", "w < 3", "abs(w) < lowest"):
        yield SEARCH.format(**AS_IT_SHOULD_BE | {"start": "candidates[0], 9", "rule": rule})
    for key in ("loss(w) ** 2", "loss(-w)", "loss(w) * w", "abs(w - candidates[0])", "loss(w) + w"):
        chosen = f"min(candidates, key=lambda w: {key})"
        yield f"def best_candidate(candidates, loss):\n    return {chosen}"


def loops():
    """Training loops that end in another way."""
    source = SOLUTIONS["train_until"][0]
    for rule in (
        "np.mean(losses) < threshold",
        "min(losses[:-1], default=9e9) < threshold",
        "len(losses) > 1 and losses[-1] < threshold",
        "len(losses) > 1 and abs(losses[-1] - losses[-2]) < threshold",
        "len(losses) > 1 and losses[-1] > losses[-2]",
        "losses[-1] < threshold ** 2",
        "losses[-1] < 2 * threshold",
        "losses[-1] / losses[0] < threshold",
        "losses[-1] / X.shape[1] < threshold",
        "np.linalg.norm(theta) < threshold",
        "losses[-1] < threshold and k % 2",
    ):
        yield source.replace("losses[-1] < threshold", rule)


DECISIONS = {
    "descend": [WALK.format(rule=rule) for rule in walks()],
    "stop_reason": list(reasons()),
    "stuck_starts": list(stuck()),
    "best_candidate": list(candidates()),
    "train_until": list(loops()),
}
#: Their messages say what was seen on the inputs, and that is so whatever the rule.
OBSERVED = ("never stops early", "weights rule never fires", "loss rule never fires")


def falsely_named(name):
    """The invented rules that are given the name of a mistake that they are not."""
    exercise, known = EVERY[name], answers.answer(EVERY[name]).mistakes
    inputs, trial, found, named = wider_inputs(name), answers.public_trial(exercise), [], 0
    for source in DECISIONS[name]:
        ast.parse(source)
        function = defined(source, name)
        given = marked(exercise, function, trial).mistake_name
        named += bool(given)
        if not given or given in OBSERVED:
            continue
        # one weight has one length: there, all the rules for several are the same
        kinds = [[a for a in inputs if np.ndim(a[1]) == ndim] for ndim in (0, 1, 2)]
        kinds = kinds if name == "descend" else [inputs]
        if not any(kind and same(function, known[given].code, kind) for kind in kinds):
            found.append((given, source))
    return named, found


@pytest.mark.parametrize("name", DECISIONS)
def test_no_invented_rule_is_given_a_wrong_name(name):
    """Where the result is a decision, few inputs tell two rules apart: other lengths, limits,
    shares and rounds than the known ones are not taken for them."""
    _, found = falsely_named(name)
    assert not found, "\n\n".join(f"{given}: {source}" for given, source in found)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for name in sys.argv[1:] or EVERY:
        tried, found = wrong_that_pass(name, SOLUTIONS[name], lambda: True)
        print(f"{name}: {tried} edits, {len(found)} wrong ones pass", *found, sep="\n\n")
