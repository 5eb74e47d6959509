"""What a student meets: check, hint and progress, whatever is handed to them."""

import ast
import contextlib
import copy
import enum
import linecache
import random
import signal
import sys
import textwrap
import warnings
from dataclasses import replace

import numpy as np
import pytest

from autograder import answers
from autograder.build import same_up_to_rounding
from course import check, hint, progress
from course.classroom import check as classroom
from course.classroom import exercises, recorded
from course.classroom.calling import call, is_stub
from course.classroom.marking import mark
from course.classroom.plain import plain
from tests.variants import SOLUTIONS

EVERY = list(exercises.every().values())
SEEDS = range(1, 6)
MORE_SEEDS = range(1, 21)


def caller_of(exercise, function):
    """Calls ``function`` for the exercise and the reference for all others."""
    functions = {e.name: answers.answer(e).reference for e in EVERY} | {exercise.name: function}
    return lambda name, args: call(functions[name], args)


def shown_trial(exercise, seed):
    """Calls drawn from ``seed``, marked as those that a student sees."""
    return replace(answers.hidden_trial(exercise, seed), public=True)


def notebook(code):
    """The namespace of a notebook in which ``code`` was run, with its source known."""
    namespace, code = {"np": np}, textwrap.dedent(code)
    cell = f"<cell {len(linecache.cache)}>"
    linecache.cache[cell] = len(code), None, code.splitlines(keepends=True), cell
    exec(compile(code, cell, "exec"), namespace)
    return namespace


def checked(code, name):
    """The Report of check for the function ``name`` that ``code`` defines."""
    return check(notebook(code)[name])


# --- every exercise -------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)
def test_the_reference_gets_full_points(exercise):
    """On the public inputs and on hidden ones, with nothing to complain about."""
    caller = caller_of(exercise, answers.answer(exercise).reference)
    for trial in [recorded.trial(exercise), *(answers.hidden_trial(exercise, s) for s in SEEDS)]:
        report = mark(exercise, caller, [trial])
        assert report.outcome == "right", str(report)
        assert report.points == exercise.points
        assert not report.notes


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)
def test_each_known_mistake_is_named_by_its_own_message(exercise):
    """Each loses points and is named, on the recorded inputs and on others drawn as they are."""
    known = answers.answer(exercise).mistakes
    assert len(known) >= 5
    assert len({mistake.message for mistake in known.values()}) == len(known)
    for trial in [recorded.trial(exercise), *(shown_trial(exercise, s) for s in MORE_SEEDS)]:
        for name, mistake in known.items():
            report = mark(exercise, caller_of(exercise, mistake.code), [trial])
            assert report.points < report.out_of, name
            assert report.mistake_name == name
            assert report.mistake == mistake.message
            assert report.reason == mistake.message


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)
def test_the_stub_is_not_attempted(exercise):
    """The line that the release leaves is told from a wrong answer."""
    code = f"def {exercise.name}({', '.join(exercise.parameters)}):\n"
    code += f"    raise NotImplementedError('{exercise.name}: replace this line')"
    report = checked(code, exercise.name)
    assert (report.outcome, report.points) == ("not attempted", 0)
    assert report.out_of == exercise.points
    assert "not attempted" in str(report) and "not attempted" in report._repr_html_()


def test_recorded_results_are_those_of_the_answers():
    """What students are checked against is what the reference and the mistakes give today."""
    for exercise in EVERY:
        live = recorded.record(answers.public_trial(exercise))
        kept = recorded._read(exercise.assignment)[exercise.name]
        assert same_up_to_rounding(kept, live), exercise.name


def test_results_recorded_for_other_inputs_are_refused(monkeypatch):
    """A NumPy that draws other numbers leads to a sentence, not to wrong marks."""
    recorded.trial.cache_clear()
    monkeypatch.setattr(recorded, "fingerprint", lambda calls: "another")
    report = checked("def predict(x, w):\n    return x * w", "predict")
    assert report.outcome == "not marked"
    assert "do not fit this installation" in str(report)


def test_none_is_no_sign_of_a_missing_return_where_it_is_an_answer():
    """`return` is asked about only where no call has None for an answer."""
    told = str(checked("def stop_reason(*args):\n    pass", "stop_reason"))
    assert "It returned None where text is asked." in told and "`return`" not in told
    told = str(checked("def predict(x, w):\n    pass", "predict"))
    assert "Did you forget a `return`?" in told


# --- never a wrong name ---------------------------------------------------------------------


class Mutant(ast.NodeTransformer):
    """Changes the ``n``-th place of a function that can be changed, in the way ``way`` says."""

    operators = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
    comparisons = (ast.Lt, ast.Gt, ast.LtE, ast.GtE)

    def __init__(self, n, way):
        self.n, self.way, self.changed = n, way, False

    def here(self):
        self.n -= 1
        return self.n == -1

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if self.here():
            self.changed = True
            if self.way == 5:
                return node.left
            if self.way == 6:
                return ast.BinOp(node.right, node.op, node.left)
            return ast.BinOp(node.left, self.operators[self.way % 5](), node.right)
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if self.here():
            self.changed = True
            return ast.Compare(node.left, [self.comparisons[self.way % 4]()], node.comparators)
        return node

    def visit_Constant(self, node):
        if isinstance(node.value, int | float) and self.here():
            self.changed = True
            return ast.Constant((0, 1, 2, 3, -1, 0.5, 4)[self.way])
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        swaps = {"sum": "mean", "mean": "sum", "dot": "multiply", "norm": "det", "append": "extend"}
        if node.attr in swaps and self.here():
            self.changed = True
            node.attr = swaps[node.attr]
        return node


def mutants():
    """Solutions with one thing changed, of any kind: (exercise, function, source)."""
    for name, (source, *_) in SOLUTIONS.items():
        for n in range(30):
            for way in range(7):
                mutant = Mutant(n, way)
                tree = ast.fix_missing_locations(mutant.visit(ast.parse(source)))
                if not mutant.changed:
                    break
                changed = ast.unparse(tree)
                with contextlib.suppress(ArithmeticError, TypeError, ValueError):
                    yield exercises.every()[name], notebook(changed)[name], changed


@contextlib.contextmanager
def interrupted_after(seconds):
    """What a student does who presses the stop button."""

    def stop(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


OBSERVED = ("never stops early", "weights rule never fires", "loss rule never fires")


def is_observed(report):
    """True for a message that says only what was seen on the inputs, true whatever the code."""
    return report.mistake_name in OBSERVED


def test_no_mutant_is_given_a_wrong_name():
    """Solutions are changed in hundreds of ways. Where check names a mistake from the public
    inputs, mutant and mistake must make the same of inputs that neither has seen."""
    named = 0
    for exercise, function, source in mutants():
        caller = caller_of(exercise, function)
        with interrupted_after(1.0):  # some mutants never end
            report = mark(exercise, caller, [recorded.trial(exercise)])
        if not report.mistake:
            continue
        named += 1
        fresh = mark(exercise, caller, [answers.hidden_trial(exercise, 77)])
        assert fresh.mistake_name == report.mistake_name or is_observed(report), source
    assert named > 50


# --- correct variants -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "source"), [(n, s) for n, sources in SOLUTIONS.items() for s in sources]
)
def test_correct_variants_get_full_points(name, source):
    """Loops, vectorised code, lists, float32, extra parameters: all right, on hidden inputs too."""
    exercise = exercises.every()[name]
    function = notebook(source)[name]
    assert check(function).outcome == "right", str(check(function))
    for seed in SEEDS:
        report = mark(
            exercise, caller_of(exercise, function), [answers.hidden_trial(exercise, seed)]
        )
        assert report.outcome == "right", str(report)


def test_every_exercise_has_three_correct_variants():
    """No exercise is left out of the list above."""
    assert {e.name for e in EVERY} == set(SOLUTIONS)
    assert all(len(sources) >= 3 for sources in SOLUTIONS.values())


def test_a_gradient_of_the_students_own_wrong_loss_gets_that_point():
    """The loss is a mean where a sum is asked, and so is the slope: the two fit together."""
    namespace = notebook(
        """
        def sum_of_squares(w, x, y):
            return np.mean((x * w - y) ** 2)

        def slope(w, x, y):
            return np.mean(2 * (x * w - y) * x)
        """
    )
    report = check(namespace["slope"])
    assert report.mistake_name == "mean for sum"
    assert [finding.points for finding in report.findings] == [0, 1, 0]


@pytest.mark.parametrize("body", ["return 0.0", "return 1.0", "return w"])
def test_a_trivial_pair_of_loss_and_slope_gets_nothing(body):
    """A loss that cannot be lowered, or a straight one, agrees with its slope for free."""
    namespace = notebook(
        f"""
        def sum_of_squares(w, x, y):
            {body}

        def slope(w, x, y):
            return {1.0 if body == "return w" else 0.0}
        """
    )
    assert check(namespace["slope"]).points == 0


# --- anything may be handed in --------------------------------------------------------------

SLOPE = "def slope(w, x, y):\n    "
BAD_RESULTS = {
    "return None": "returned None",
    "print(2)": "printed something instead",
    "return 'text'": "result is text",
    "return {'a': 1}": "a dict",
    "return [[1, 2], [3]]": "a list of 2 entries",
    "return np.ones((2, 2))": "shape (2, 2)",
    "return np.array([2.0])": "shape (1,)",
    "return np.array(['a'])": "array of",
    "return np.array([None])": "array of objects",
    "return np.array(1j)": "complex",
    "return 1j": "complex",
    "return np.nan": "nan",
    "return np.inf": "infinity",
    "return np.sum": "parentheses",
    "return object()": "of type object",
    "return np.zeros(2_000_000)": "2,000,000 entries",
    "return list(range(2_000_000))": "2,000,000 entries",
    "x = []\n    x.append(x)\n    return x": "20 deep",
    "return 1 / 0": "ZeroDivisionError",
    "return missing": "NameError",
    "raise SystemExit": "SystemExit",
    "raise KeyboardInterrupt": "stopped before it came to an end",
    "raise BaseException('odd')": "odd",
    "return slope(w, x, y)": "calls itself without end",
    "return np.sum(2 * (y - x * w) * x)": "opposite",
    "return 3 * np.sum((x * w - y) * x)": "1.5 times",
    "return 7": "not the expected number",
}


@pytest.mark.parametrize(("body", "words"), BAD_RESULTS.items())
def test_whatever_a_function_returns_or_raises_leads_to_a_clear_report(body, words, capfd):
    """A Report with the right words, 0 points as text/plain, nothing printed, no traceback."""
    report = checked(SLOPE + body, "slope")
    assert report.outcome == "wrong"
    assert repr(report) == "0"
    assert words in str(report)
    assert words.split("'")[0] in report._repr_html_().replace("&#39;", "'")
    assert "course/classroom" not in str(report)
    assert capfd.readouterr() == ("", "")


def test_a_crash_shows_the_students_own_line():
    """Not a line of the course, also when the crash is inside NumPy."""
    code = """
    def descend(gradient, w, learning_rate, max_iteration, epsilon):
        slope = gradient("w")
        return slope
    """
    namespace = notebook(code)
    lines = textwrap.dedent(code).splitlines(keepends=True)
    linecache.cache["<notebook>"] = (len(code), None, lines, "<notebook>")
    report = check(namespace["descend"])
    assert '`slope = gradient("w")`' in str(report)
    assert "line 3" in str(report)


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (3.5, "without parentheses"),
        (None, "of type NoneType"),
        ("slope", "check(slope), without quotes"),
        ("nonsense", "without quotes"),
        (np.sin, "No exercise is called `sin`"),
        (lambda w: w, "No exercise is called `<lambda>`"),
        (random.Random, "No exercise is called `Random`"),
    ],
)
def test_what_is_not_an_exercise_leads_to_a_sentence(thing, words):
    """Numbers, texts, lambdas, classes: what to do instead, never an exception."""
    report = check(thing)
    assert report.outcome == "not marked"
    assert repr(report) == "0"
    assert words in str(report) and words.split("`")[0] in report._repr_html_()
    assert words.split("(")[0].replace("check", "hint") in repr(hint(thing)) or thing == "slope"


def test_a_misspelt_exercise_is_recognised():
    """The name asked is suggested."""
    report = checked("def slopes(w, x, y):\n    return 0", "slopes")
    assert "Did you mean `slope`?" in str(report)


def test_the_wrong_number_of_parameters_is_said():
    """With the parameters that the student wrote."""
    report = checked("def slope(w, x):\n    return 0.0", "slope")
    assert "called with 3 arguments" in str(report)
    assert "takes (w, x)" in str(report)


def test_a_crash_in_another_function_names_that_function():
    """The line number would be looked for in the wrong cell otherwise."""
    code = "def predict(x, w):\n    return x + None\n"
    uses = "def sum_of_squares(w, x, y):\n    return np.sum((predict(x, w) - y) ** 2)\n"
    namespace = {"np": np}
    for name, source in (("<a>", code), ("<b>", uses)):
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(compile(source, name, "exec"), namespace)
    report = str(check(namespace["sum_of_squares"]))
    assert "at line 2 of the cell of `predict`, `return x + None`" in report


def test_a_matrix_product_that_does_not_fit_is_said_in_plain_words():
    """NumPy's message speaks of signatures of ufuncs."""
    report = str(checked(SLOPE + "return np.ones((2, 3)) @ np.ones((2, 3))", "slope"))
    assert "do not fit together in a matrix product (size 2 is different from 3)" in report
    report = str(checked(SLOPE + "return np.ones((2, 3)) @ None", "slope"))
    assert "None or a number" in report


def test_a_difference_deep_inside_a_result_is_shown_where_it_is():
    """Of a list of arrays the array that differs is named and shown, not all of them."""
    exercise = exercises.every()["all_gradients"]
    right = answers.answer(exercise).reference

    def all_gradients(delta, A):
        dW, db = right(delta, A)
        return dW, [None, *(2.5 * b if i else b for i, b in enumerate(db[1:]))]

    report = mark(exercise, caller_of(exercise, all_gradients), [recorded.trial(exercise)])
    table = next(finding.table for finding in report.findings if finding.table)
    assert table.where == "[1][2]" and "`result[1][2]`: every entry is 2.5 times" in str(report)
    zero_for_none = mark(
        exercise,
        caller_of(exercise, lambda d, A: tuple([0, *part[1:]] for part in right(d, A))),
        [recorded.trial(exercise)],
    )
    assert "`result[0][0]` is a number; None is asked" in str(zero_for_none)


def test_a_function_that_never_ends_is_stopped(monkeypatch):
    """At the student's desk too: the notebook does not hang in a check."""
    monkeypatch.setattr(classroom, "CALL_SECONDS", 0.2)
    report = checked(SLOPE + "while True: pass", "slope")
    assert "stopped before it came to an end" in str(report)


def test_the_keys_of_a_dict_are_numbers_or_text():
    """A result under "0" is not one under 0."""
    exercise = exercises.every()["train_xor"]
    right = answers.answer(exercise).reference

    def train_xor(*args):
        losses, snapshots = right(*args)
        return losses, {str(key): theta for key, theta in snapshots.items()}

    report = mark(exercise, caller_of(exercise, train_xor), [recorded.trial(exercise)])
    assert report.outcome != "right"
    assert "keys 0, 2" in str(report)


def test_a_stub_that_is_called_is_named():
    """The exercise itself was attempted, a function it calls was not."""
    namespace = notebook(
        """
        def predict(x, w):
            raise NotImplementedError("predict: replace this line")

        def sum_of_squares(w, x, y):
            return np.sum((predict(x, w) - y) ** 2)
        """
    )
    report = check(namespace["sum_of_squares"])
    assert report.outcome == "wrong"
    assert "calls `predict`, which is not written yet" in str(report)


def test_a_wrong_part_is_pointed_to():
    """The part that is wrong is named, so that the student does not look in the wrong place."""
    namespace = notebook(
        """
        def predict(x, w):
            return x + w

        def sum_of_squares(w, x, y):
            return np.sum((predict(x, w) - y) ** 2)
        """
    )
    assert "uses your `predict`, which is not right yet" in str(check(namespace["sum_of_squares"]))


def test_warnings_and_prints_are_told_and_cost_nothing(capfd):
    """A right function that warns, prints megabytes and writes to stderr keeps its points."""
    report = checked(
        """
        import sys, warnings

        def slope(w, x, y):
            warnings.warn("careful")
            print("x" * 5_000_000)
            print("error", file=sys.stderr)
            return np.sum(2 * (x * w - y) * x)
        """,
        "slope",
    )
    assert report.outcome == "right"
    assert "careful" in str(report) and "prints something" in str(report)
    assert len(str(report)) < 2000
    assert capfd.readouterr() == ("", "")


def test_nothing_is_left_changed():
    """Arguments, NumPy's error and print settings, both random generators, warnings filters."""
    before = (
        np.geterr(),
        np.get_printoptions(),
        random.getstate(),
        sys.getrecursionlimit(),
        list(warnings.filters),
    )
    drawn = np.random.get_state()[1].copy()
    code = """
    import random, sys, warnings

    def slope(w, x, y):
        np.seterr(all="raise")
        np.set_printoptions(precision=1)
        np.random.seed(1)
        random.seed(1)
        sys.setrecursionlimit(2000)
        warnings.simplefilter("error")
        x *= 0
        return 0.0
    """
    first, second = checked(code, "slope"), checked(code, "slope")
    assert str(first) == str(second)
    after = (
        np.geterr(),
        np.get_printoptions(),
        random.getstate(),
        sys.getrecursionlimit(),
        list(warnings.filters),
    )
    assert before == after
    assert np.array_equal(np.random.get_state()[1], drawn)


def test_student_text_cannot_become_html():
    """What a function returns or raises is shown as text."""
    report = checked(SLOPE + "raise ValueError('<script>alert(1)</script>')", "slope")
    assert "<script>" not in report._repr_html_()
    report = checked(SLOPE + "return '<img src=x onerror=alert(1)>'", "slope")
    assert "<img" not in report._repr_html_()


# --- the report -----------------------------------------------------------------------------


def test_a_report_is_a_number_for_nbgrader_and_a_table_for_the_student():
    """Wrong entries are marked in words, large tables are folded, the mistake comes first."""
    report = checked(
        """
        def line_gradient(theta, x, t):
            error = theta[0] * x + theta[1] - t
            return np.array([np.mean(2 * error * x), np.sum(2 * error)])
        """,
        "line_gradient",
    )
    html = report._repr_html_()
    assert repr(report) == "0"
    assert html.count("✗ differs") == 2  # one entry, in two findings
    assert html.index(report.mistake) < html.index("What was asked")
    long = checked(
        """
        def descend(gradient, w, learning_rate, max_iteration, epsilon):
            path = [w]
            for _ in range(max_iteration):
                path.append(path[-1] - learning_rate * gradient(path[-1]))
            return np.array(path) + (np.arange(max_iteration + 1) > 5) * 0.1
        """,
        "descend",
    )
    assert "<details><summary>yours / expected" in long._repr_html_() or "shape" in str(long)


def test_hidden_inputs_show_no_expected_values():
    """A report on hidden calls has observations and no table."""
    exercise = exercises.every()["slope"]
    caller = caller_of(exercise, lambda w, x, y: 7.0)
    report = mark(exercise, caller, [answers.hidden_trial(exercise, 5)])
    assert report.outcome == "wrong"
    assert all(finding.table is None for finding in report.findings)


def test_hints_come_one_by_one_and_end_with_the_third(monkeypatch):
    """Vague first; asked a fourth time, the third is repeated."""
    monkeypatch.setattr(classroom, "_hints_given", {})
    function = notebook(SLOPE + "return 0")["slope"]
    given = [hint(function) for _ in range(4)]
    assert [g.number for g in given] == [1, 2, 3, 3]
    assert [g.text for g in given[:3]] == list(exercises.every()["slope"].hints)
    assert "Hint 1 of 3" in given[0]._repr_html_()


def test_hints_exist_and_do_not_hold_the_answer():
    """No hint is empty, and none contains the returned expression of a solution."""
    for exercise in EVERY:
        assert all(len(text) > 20 for text in exercise.hints)
        assert len(set(exercise.hints)) == 3
        solution = SOLUTIONS[exercise.name][0]
        returned = solution.split("return ")[-1].strip()
        assert returned.isidentifier() or not any(returned in text for text in exercise.hints)


def test_messages_and_hints_hold_no_answer():
    """No message contains the expression that a solution returns."""
    for exercise in EVERY:
        for mistake in answers.answer(exercise).mistakes.values():
            for source in SOLUTIONS[exercise.name]:
                returned = source.split("return ")[-1].strip()
                assert returned.isidentifier() or returned not in mistake.message


def test_progress_lists_the_assignment_of_the_notebook():
    """Called in a notebook, it marks what the notebook holds; missing functions count as such."""
    namespace = notebook(SOLUTIONS["predict"][0] + "\n" + SLOPE + "return 0.0")
    namespace["progress"] = progress
    shown = eval("progress()", namespace)
    assert shown.assignment == "01-gradient-descent"
    outcomes = {report.name: report.outcome for report in shown.reports}
    assert outcomes["predict"] == "right"
    assert outcomes["slope"] == "wrong"
    assert outcomes["descend"] == "not attempted"
    assert f"{shown.points:g} of {shown.out_of} points" in repr(shown)
    assert "predict" in shown._repr_html_()


# --- what is a stub, and what is an answer --------------------------------------------------

LEFT_OVER = {
    "below the answer": "return x * w\n    raise NotImplementedError('replace this line')",
    "for bad input": "if w is None:\n        raise NotImplementedError\n    return x * w",
    "in a docstring's place": "'''raise NotImplementedError'''\n    return x * w",
}


@pytest.mark.parametrize("body", LEFT_OVER.values(), ids=LEFT_OVER)
def test_a_left_over_raise_does_not_make_an_answer_a_stub(body):
    """What the function returns counts, whatever else stands in it."""
    report = checked(f"def predict(x, w):\n    {body}", "predict")
    assert report.outcome == "right", str(report)


@pytest.mark.parametrize("body", ["y = x * w", "'''Mine.'''\n    y = x * w", "print(x)"])
def test_own_lines_above_the_raise_are_an_attempt(body):
    """It is said which line to take out."""
    report = checked(f"def predict(x, w):\n    {body}\n    raise NotImplementedError", "predict")
    assert report.outcome == "wrong"
    assert "Take that line out" in str(report)


@pytest.mark.parametrize(
    "body", ["raise NotImplementedError", "'''Text.'''\n    raise NotImplementedError('x')"]
)
def test_a_stub_is_a_docstring_and_a_raise_and_nothing_else(body):
    """The same rule holds at the desk and in the cage."""
    assert is_stub(notebook(f"def predict(x, w):\n    {body}")["predict"])


# --- values in other clothes ----------------------------------------------------------------


def test_text_may_come_as_any_kind_of_text():
    """NumPy's text, arrays of one text, and enumerations stand for their text."""
    for written in (
        "np.str_(text)",
        "np.array(text)",
        "enum.Enum('Reason', {'only': text}).only",
        "enum.StrEnum('Reason', {'only': text}).only",
    ):
        assert plain(eval(written, {"np": np, "enum": enum, "text": "diverged"})) == "diverged"


@pytest.mark.parametrize(
    "body", ["(x * w for _ in 'a')", "zip([x], [w])", "map(abs, [x])", "range(3)"]
)
def test_what_is_nearly_a_list_is_told_how_to_become_one(body):
    """Generators and the like."""
    assert "put `list(…)` around it" in str(
        checked(f"def predict(x, w):\n    return {body}", "predict")
    )


def test_a_known_mistake_on_a_copy_is_named_too():
    """A listed mistake that changes its arguments and returns wrong numbers is named without it."""
    for name, on_a_copy in (("descend", "aliased"), ("central_difference", "in place")):
        exercise = exercises.every()[name]
        mistaken = answers.answer(exercise).mistakes[on_a_copy].code

        def copying(*args, mistaken=mistaken):
            return mistaken(*copy.deepcopy(args))

        report = mark(exercise, caller_of(exercise, copying), [recorded.trial(exercise)])
        assert report.mistake_name == on_a_copy
