"""Numeric gradients and their comparison; the data sets of the course."""

import re
import subprocess
import sys

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course import datasets
from course.gradcheck import compare, numeric_gradient, relative_error

quick = settings(max_examples=40, deadline=None)
any_array = arrays(np.float64, array_shapes(min_dims=0, max_dims=3), elements=st.floats(-3, 3))


def wavy(x):
    """A function whose partial derivatives are all different and mixed."""
    return anp.sum(anp.sin(x) * anp.arange(1, anp.size(x) + 1).reshape(anp.shape(x))) ** 2


@given(x=any_array)
@quick
def test_numeric_gradient(x):
    """For arrays of 0 to 3 dimensions the numeric gradient is autograd's; x is not changed."""
    before = x.copy()
    gradient = numeric_gradient(wavy, x)
    assert gradient.shape == x.shape and gradient.dtype == x.dtype
    np.testing.assert_array_equal(x, before)
    independent = autograd.grad(wavy)(x)
    scale = 1 + np.abs(independent).max() + wavy(x)
    np.testing.assert_allclose(gradient / scale, independent / scale, rtol=0, atol=1e-8)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 1e-3)])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e6])
def test_step_follows_scale_and_dtype(scale, dtype, tolerance):
    """The default step fits entries from 0.001 to a million, in float32 as in float64."""
    x = np.array([[1, -2, 3], [0.5, -1, 7]], dtype=dtype) * dtype(scale)
    gradient = numeric_gradient(lambda x: np.sum((x / dtype(scale + 1)) ** 2), x)
    expected = 2 * x / (scale + 1) ** 2
    assert gradient.dtype == dtype
    assert np.max(np.abs(gradient - expected)) < tolerance * max(np.max(np.abs(expected)), 0.01)


def test_differences_are_central():
    """A given step is used as it is: (x + h)^3 and (x - h)^3 leave exactly h^2 of error."""
    gradient = numeric_gradient(lambda x: x**3, 2.0, step=0.25)
    assert gradient == 3 * 2.0**2 + 0.25**2
    assert numeric_gradient(lambda x: abs(x), 0.0) == 0


def test_what_f_is_given():
    """Integers become floats; f gets a fresh copy each time, so one that spoils it does no harm."""

    def spoils(x):
        value = np.sum(x**2)
        x *= 100
        return value

    x = np.array([1, 2, 3])
    np.testing.assert_allclose(numeric_gradient(spoils, x), [2, 4, 6], rtol=1e-9)
    np.testing.assert_allclose(numeric_gradient(spoils, [1, 2, 3]), [2, 4, 6], rtol=1e-9)
    np.testing.assert_array_equal(x, [1, 2, 3])
    frozen = np.ones((2, 2))
    frozen.setflags(write=False)
    np.testing.assert_allclose(numeric_gradient(spoils, frozen), 2, rtol=1e-9)
    assert numeric_gradient(lambda x: np.array([[x**2]]), 3) == pytest.approx(6)


@pytest.mark.parametrize(
    ("returned", "named"), [(None, "NoneType"), (np.ones(3), r"\(3,\)"), ("1.0", "str")]
)
def test_f_without_a_number(returned, named):
    """A function that returns no single number is told what it returned."""
    with pytest.raises(ValueError, match=f"one number, but returned .*{named}"):
        numeric_gradient(lambda x: returned, np.ones(3))


@pytest.mark.parametrize("step", [0.0, 1e-20])
def test_step_that_is_lost(step):
    """A step too small to move x is refused instead of giving 0/0."""
    with pytest.raises(ValueError, match="larger"):
        numeric_gradient(np.sum, np.ones(2), step=step)


@given(data=st.data(), analytic=any_array, error=st.floats(0.05, 5), sign=st.sampled_from([-1, 1]))
@quick
def test_compare_names_the_worst_entry(data, analytic, error, sign):
    """The one entry that is wrong is named, with both its values, in the report and in its text."""
    index = tuple(data.draw(st.integers(0, length - 1)) for length in analytic.shape)
    numeric = np.array(analytic + 1e-10)
    numeric[index] += sign * error
    comparison = compare(analytic, numeric)
    assert not comparison.agrees
    assert (comparison.disagreeing, comparison.entries) == (1, analytic.size)
    assert comparison.index == index
    assert comparison.analytic == analytic[index] and comparison.numeric == numeric[index]
    assert comparison.error == np.max(relative_error(analytic, numeric))
    text = str(comparison)
    assert f"1 of {analytic.size} entries disagree" in text
    assert f"entry {list(index)}" in text and f"numeric {numeric[index]:.10g}" in text
    same = compare(analytic, analytic + 1e-10)
    assert same.agrees and "agree" in str(same) and "disagree" not in str(same)


def test_the_worst_of_several():
    """Among several wrong entries it is the relatively worst one, not the one furthest off."""
    comparison = compare([100.0, 2.0, 5.0], [110.0, 1.0, 5.0])
    assert comparison.index == (1,) and comparison.error == 0.5 and comparison.disagreeing == 2


def test_relative_error():
    """Symmetric; 1 for x against 0, 2 for opposite signs; lenient only close to 0."""
    assert relative_error(2.0, 0.0) == 1 and relative_error(-2.0, 2.0) == 2
    assert relative_error(3.0, 4.0) == relative_error(4.0, 3.0) == 0.25
    np.testing.assert_array_equal(relative_error(np.zeros(3), np.zeros(3)), 0)
    assert compare(0.0, 1e-11).agrees and not compare(0.0, 1e-6).agrees
    assert compare([1e6, 0.0], [1e6, 1e-3]).agrees, "noise of a gradient of size 1e6"
    assert not compare([1e-3], [1.001e-3]).agrees, "small gradients are still told apart"


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("error")
def test_nan_and_infinity_never_agree(broken):
    """NaN and infinities are the worst entry and agree with nothing, not even with themselves."""
    for other in (1.0, broken):
        comparison = compare([[1.0, 1.0], [broken, 1.0]], [[1.0, 1.0], [other, 9.0]])
        assert comparison.disagreeing == 2 and comparison.index == (1, 0)
        assert not compare(broken, other).agrees


def test_compare_errors():
    """Different shapes, or nothing at all, cannot be compared."""
    with pytest.raises(ValueError, match=r"\(2, 1\).*\(2,\)"):
        compare(np.ones((2, 1)), np.ones(2))
    with pytest.raises(ValueError, match="nothing"):
        compare([], [])


def test_points_on_lines():
    """Four points on one line through the origin; noisy points scatter around t = 2x."""
    x, y = datasets.four_points()
    assert x.shape == y.shape == (4,) and len(set(x)) == 4
    np.testing.assert_array_equal(y / x, y[0] / x[0])
    x, t = datasets.noisy_line(5000, np.random.default_rng(1), noise=0.3)
    assert x.shape == t.shape == (5000,) and 0 <= x.min() < 0.01 and 0.99 < x.max() < 1
    assert np.std(t - 2 * x) == pytest.approx(0.3, rel=0.05)
    assert np.mean(t - 2 * x) == pytest.approx(0, abs=0.02)


def test_logic_gates():
    """Each gate is Python's own operator on its two inputs, columns counting up in binary."""
    operators = {
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "nand": lambda a, b: not (a and b),
        "nor": lambda a, b: not (a or b),
        "xor": lambda a, b: a != b,
    }
    assert set(operators) == set(datasets.GATES)
    for name, operator in operators.items():
        X, T = datasets.logic_gate(name)
        assert X.shape == (2, 4) and T.shape == (1, 4) and X.dtype == T.dtype == np.float64
        np.testing.assert_array_equal(X.T, [[0, 0], [0, 1], [1, 0], [1, 1]])
        np.testing.assert_array_equal(T[0], [bool(operator(a, b)) for a, b in X.T])
    np.testing.assert_array_equal(datasets.xor()[1], datasets.logic_gate("xor")[1])
    with pytest.raises(ValueError, match=r"'xnor'.*nand"):
        datasets.logic_gate("xnor")


def test_rings_and_spiral():
    """Rings are parted by radius and by no line; every class of the spiral has its own arm."""
    X, T = datasets.rings(1001, np.random.default_rng(2))
    assert X.shape == (2, 1001) and T.shape == (1, 1001) and T.sum() == 500
    assert np.mean((np.hypot(*X) > 0.75) == T[0]) > 0.98
    by_line = np.linalg.lstsq(np.c_[X.T, np.ones(1001)], T[0], rcond=None)[0]
    assert np.mean((np.c_[X.T, np.ones(1001)] @ by_line > 0.5) == T[0]) < 0.65
    for classes in (2, 3, 5):
        X, T = datasets.spiral(1000, np.random.default_rng(3), classes)
        assert X.shape == (2, 1000) and T.shape == (classes, 1000) and np.hypot(*X).max() <= 1
        np.testing.assert_array_equal(T.sum(axis=0), 1)
        assert np.ptp(T.sum(axis=1)) <= 1
        # Wound back by its radius, each point lies in the sector of its class.
        angle = np.arctan2(X[1], X[0]) - 4 * np.hypot(*X)
        sector = np.round(angle / (2 * np.pi / classes)) % classes
        assert np.mean(sector == T.argmax(axis=0)) > 0.98


@pytest.mark.parametrize("draw", [datasets.noisy_line, datasets.rings, datasets.spiral])
def test_same_seed_same_data(draw):
    """The generator alone decides: the same seed gives the same data, another one other data."""
    first, again, other = (draw(9, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert np.all(first[0] != other[0])


def test_digits():
    """All 1,797 digits, with as many of each class as their source reports, and readable."""
    X, T, labels = datasets.digits()
    assert X.shape == (64, 1797) and X.dtype == np.float64 and X.min() == 0 and X.max() == 1
    np.testing.assert_array_equal(X * 16, np.round(X * 16))
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    np.testing.assert_array_equal(np.bincount(labels), counts)
    assert T.shape == (10, 1797) and T.dtype == np.float64
    np.testing.assert_array_equal(T.sum(axis=0), 1)
    np.testing.assert_array_equal(T.argmax(axis=0), labels)
    # Pictures and labels belong together: the nearest class mean names 9 in 10.
    means = X @ T.T / T.sum(axis=1)
    nearest = np.square(X[:, :, np.newaxis] - means[:, np.newaxis]).sum(axis=0).argmin(axis=1)
    assert np.mean(nearest == labels) > 0.9
    # Upright: the mean 0 has a hole in the middle, the mean 1 is one stroke from top to bottom.
    zero, one = means[:, 0].reshape(8, 8), means[:, 1].reshape(8, 8)
    assert zero[3:5, 3:5].max() < 0.2
    assert one[:, 3:5].min() > 0.1 > one[:, [0, 7]].max()


def test_data_can_be_changed():
    """Each call hands out its own arrays: writing into them does not spoil the next call."""
    for load in (datasets.four_points, datasets.xor, datasets.digits):
        first = load()
        for array in first:
            array += 1
        for spoiled, fresh in zip(first, load(), strict=True):
            np.testing.assert_array_equal(spoiled, fresh + 1)


@given(n=st.integers(0, 30), share=st.floats(0, 1), seed=st.integers(0, 99))
@quick
def test_split(n, share, seed):
    """Every example lands in exactly one part, with its own target, in an order that is new."""
    X, T = np.arange(2.0 * n).reshape(2, n), -np.arange(2.0 * n).reshape(2, n)
    parts = datasets.split(X, T, share, np.random.default_rng(seed))
    X_train, T_train, X_held_out, T_held_out = parts
    assert X_train.shape[1] == round(share * n)
    np.testing.assert_array_equal(X_train, -T_train)
    np.testing.assert_array_equal(X_held_out, -T_held_out)
    np.testing.assert_array_equal(np.sort(np.c_[X_train, X_held_out], axis=1), X)


def test_split_shuffles_and_checks():
    """Examples are shuffled, vectors can be split too; unpaired data and odd shares are refused."""
    rng = np.random.default_rng(0)
    x, _, rest, _ = datasets.split(np.arange(100), np.arange(100), 0.8, rng)
    assert len(x) == 80 and len(rest) == 20 and np.any(np.diff(x) < 0) and rest.min() < 80
    with pytest.raises(ValueError, match=r"3 examples.* 4"):
        datasets.split(np.ones((2, 3)), np.ones((1, 4)), 0.5, rng)
    with pytest.raises(ValueError, match="80"):
        datasets.split(np.ones((2, 3)), np.ones((1, 3)), 80, rng)


def test_students_need_no_reference():
    """gradcheck and datasets load and run without any other module of the course."""
    program = (
        "import sys, course.gradcheck, course.datasets; course.datasets.digits(); "
        "print(sorted(name for name in sys.modules if name.startswith('course.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert re.findall(r"[\w.]+", done.stdout) == ["course.datasets", "course.gradcheck"], done
