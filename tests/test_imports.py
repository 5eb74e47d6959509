"""Modules that are on a student's machine and not where notebooks are graded."""

import ast
import sys
import types

import numpy as np
import pytest

from course import check
from course.classroom import imports


def run(code):
    """The namespace of a cell that is run as the grader runs it."""
    namespace = {imports.IN_BUILTINS: imports.AbsentName}
    cell = imports.WithoutAbsentModules().visit(ast.parse(code))
    exec(compile(cell, "<cell>", "exec"), namespace)
    return namespace


def test_the_rest_of_a_cell_runs_where_a_module_is_missing():
    """In whatever form it is imported, and whatever stands in one line with it."""
    namespace = run(
        "from nowhere.special import expit, other as name\n"
        "import nowhere, numpy as np, nowhere2.x\n"
        "import nowhere.linalg as la\nfrom scipy.special import expit as there\n"
        "def area(x):\n    return np.sum(x)\n"
    )
    assert namespace["area"]([1, 2]) == 3 and namespace["there"](0) == 0.5
    for name in ("expit", "name", "nowhere", "la", "nowhere2"):
        for use in ("{}(1)", "{}.linalg", "1 + {}", "{} * 2", "[*{}]", "bool({})"):
            with pytest.raises(ModuleNotFoundError, match="is not there when notebooks are graded"):
                eval(use.format(name), namespace)


def test_an_import_that_may_fail_is_left_alone():
    """In ``try`` and inside functions it fails where somebody may wait for it."""
    namespace = run("try:\n    import nowhere as np\nexcept ImportError:\n    import numpy as np\n")
    assert namespace["np"] is np
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        run("def f():\n    import nowhere\n")["f"]()


@pytest.mark.parametrize("line", ["return nowhere.sigmoid(x * w)", "return sigmoid(x * w)"])
def test_check_says_at_the_desk_what_will_be_missing(monkeypatch, line):
    """A module of the student's own machine, used by its name or through one of its functions."""
    module = types.ModuleType("nowhere")
    exec("def sigmoid(z):\n    return z", module.__dict__)
    monkeypatch.setitem(sys.modules, "nowhere", module)
    namespace = {"nowhere": module, "sigmoid": module.sigmoid}
    exec(f"def predict(x, w):\n    {line}", namespace)
    report = check(namespace["predict"])
    assert report.outcome == "right"
    assert "`nowhere` is not there when notebooks are graded" in str(report)


def test_check_says_nothing_of_what_is_there():
    """NumPy, Python's own library, functions of the notebook."""
    namespace = {"__name__": "__main__"}
    exec(
        "import math, numpy as np\nfrom numpy import exp\nfrom functools import reduce\n"
        "def own(x):\n    return x\n"
        "def predict(x, w):\n"
        "    exp, reduce, math.pi\n    return own(np.multiply(x, w))",
        namespace,
    )
    assert imports.absent_when_graded(namespace["predict"]) == []
    assert check(namespace["predict"]).notes == ()
