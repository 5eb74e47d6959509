"""What submissions try. Each attack gains nothing, reveals nothing, harms nobody, and ends with a
reason; a correct notebook in the same cage gets exactly its points afterwards."""

import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder import seccomp, wire
from autograder.foreign import for_spreadsheet, has_png_header, in_a_row, printable
from autograder.preprocessors import cells_to_run
from autograder.remote import (
    Calls,
    Cell,
    believable,
    follow_the_part,
    harmless,
    run_notebook,
    trials,
)
from autograder.sandbox import Cage, CannotCage, Limits, command_line, installed_copies, parts
from autograder.verdicts import Job
from autograder.versions import version
from autograder.workers import Workers
from course.classroom import exercises
from tests.variants import SOLUTIONS

LIMITS = Limits(cell_seconds=3, call_seconds=2, submission_seconds=30, memory_bytes=2 * 1024**3)
ROOT = Path(__file__).parent.parent
DELTAS = "05-the-delta-recursion"
SECRET = "a-secret-of-the-instructor"
SEED = 7
GOOD = SOLUTIONS["slope"][0]
WRONG = "def slope(w, x, y):\n    return 1.0\n"
FULL = exercises.every()["slope"].points


@pytest.fixture(scope="module")
def cage():
    os.environ["INSTRUCTORS_SECRET"] = SECRET
    opened = Cage()
    yield opened
    opened.close()
    del os.environ["INSTRUCTORS_SECRET"]


def grade(cage, *sources, exercise="slope", files=None, limits=LIMITS):
    """Run the cells and check one exercise; then a correct notebook, which gets its points."""
    start = Cell("import numpy as np")
    run = run_notebook(
        cage, [start, *map(Cell, sources), Cell("", exercise)], files or {}, limits, SEED
    )
    after = run_notebook(cage, [start, Cell(GOOD), Cell("", "slope")], {}, LIMITS, SEED)
    assert after.reports["slope"].points == FULL, str(after.reports["slope"])
    assert len(run.outputs) == len(sources) + 2
    return run


def printed(run):
    """All text that the cells put out."""
    return "\n".join(
        str(output.get("text") or output.get("evalue") or output.get("data"))
        for outputs in run.outputs
        for output in outputs
    )


# --- gaining points -------------------------------------------------------------------------

GAINING = {
    "patch check": "import course.classroom.check as c\nc.check = lambda f: 3\nimport course\n"
    "course.check = c.check\n",
    "patch the marking": "import course.classroom.marking as m\n"
    "m.returned = lambda *a: True\nm.judge_values = lambda *a: None\n",
    "patch comparing": "import course.classroom.plain as p\np.agree = lambda *a: True\n"
    "p.differences = lambda a, b: np.zeros(np.shape(a))\n",
    "patch calling": "import course.classroom.calling as c\n"
    "c.call = lambda f, args: c.Outcome('returned', 3.0)\n",
    "patch numpy": "np.sum = np.max = np.allclose = lambda *a, **k: True\n",
    "patch builtins": "import builtins\nbuiltins.all = builtins.any = lambda *a: True\n"
    "builtins.isinstance = lambda *a: True\n",
    "settrace": "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\n",
    "IPython hooks": "ip = get_ipython()\n"
    "ip.events.register('post_run_cell', lambda r: setattr(r, 'result', 3))\n"
    "ip.display_formatter.formatters['text/plain'].for_type(float, lambda *a: a[1].text('3'))\n",
    "AST transformer": "import ast\nclass T(ast.NodeTransformer):\n"
    "    def visit_Call(self, node): return ast.Constant(3)\n"
    "get_ipython().ast_transformers.append(T())\n",
    "equal to everything": "class E(float):\n    def __eq__(s, o): return True\n"
    "    def __hash__(s): return 1\ndef slope(w, x, y): return E(1.0)\n",
    "array subclass": "class A(np.ndarray):\n    def __eq__(s, o): return True\n"
    "    def __sub__(s, o): return 0\ndef slope(w, x, y): return np.array(1.0).view(A)\n",
    "forged outcome": "import wire, gc, socket\n"
    "for s in [o for o in gc.get_objects() if isinstance(o, socket.socket)]:\n"
    "    try: wire.send(s, {'op': 'outcome', 'kind': 'returned', 'value': 3.0, 'words': '',\n"
    "        'error': '', 'changed': (), 'warned': (), 'printed': False})\n"
    "    except Exception: pass\n",
    "a report as output": "class R:\n    def __repr__(s): return '3'\nR()\n",
    "recorded results": "import json, course.classroom.recorded as r\n"
    "from course.classroom import exercises\n"
    "record = r.trial(exercises.every()['slope'])\n"
    "table = [(c.args, e) for c, e in zip(record.calls, record.expected)]\n"
    "def slope(w, x, y):\n"
    "    for args, e in table:\n"
    "        if args[0] == w and np.array_equal(args[1], x): return e\n"
    "    return 1.0\n",
    "counts its calls": "n = [0]\ndef slope(w, x, y):\n    n[0] += 1\n"
    "    return 0.0 if n[0] > 3 else float(np.sum(2 * (x * w - y) * x))\n",
}


@pytest.mark.parametrize("name", GAINING)
def test_nothing_raises_the_mark(cage, name):
    """The function is wrong, whatever else the cells do."""
    source = GAINING[name]
    cells = [source] if "def slope" in source else [source, WRONG]
    report = grade(cage, *cells).reports["slope"]
    assert report.points == 0
    assert report.reason


def test_a_stand_in_serves_its_own_exercise_only(cage):
    """What the stand-in for `predict` returns cannot be carried to the check of `predict`."""
    cells = [
        Cell("import numpy as np, os, json, mmap\nshared = mmap.mmap(-1, 4096)"),
        Cell("def predict(x, w):\n    return float(shared[0]) if shared[0] else -7.0"),
        Cell(
            "def sum_of_squares(w, x, y):\n"
            "    shared[0] = 1\n"
            "    open('kept', 'w').write(repr(predict(x, w)))\n"
            "    return np.sum((predict(x, w) - y) ** 2)"
        ),
        Cell("", "sum_of_squares"),
        Cell(
            "def predict(x, w):\n"
            "    return np.array(eval(open('kept').read())) if os.path.exists('kept') else -7.0"
        ),
        Cell("", "predict"),
    ]
    run = run_notebook(cage, cells, {}, LIMITS, SEED)
    assert run.reports["predict"].points == 0
    assert run.reports["sum_of_squares"].outcome == "right"
    assert "correct versions of `predict`" in str(run.reports["sum_of_squares"])


def test_marks_follow_the_part(cage):
    """A function that is right but for the part it builds on gets its points."""
    cells = [
        Cell("import numpy as np"),
        Cell("def predict(x, w):\n    return x + w"),
        Cell("", "predict"),
        Cell("def sum_of_squares(w, x, y):\n    return np.sum((predict(x, w) - y) ** 2)"),
        Cell("", "sum_of_squares"),
    ]
    run = run_notebook(cage, cells, {}, LIMITS, SEED)
    assert run.reports["predict"].points == 0
    assert run.reports["sum_of_squares"].points == exercises.every()["sum_of_squares"].points


def test_following_the_part_ends_in_time(cage):
    """A notebook cannot have itself run again and again for longer than it may take."""
    cells = [
        Cell("def predict(x, w):\n    return x + w"),
        Cell("", "predict"),
        Cell("def sum_of_squares(w, x, y):\n    return ((predict(x, w) - y) ** 2).sum()"),
        Cell("", "sum_of_squares"),
    ]
    run = run_notebook(cage, cells[:3], {}, LIMITS, SEED)
    run.reports["sum_of_squares"] = replace(run.reports["predict"], name="sum_of_squares")
    run.marked.append("sum_of_squares")
    follow_the_part(cage, cells, {}, replace(LIMITS, submission_seconds=-1), SEED, run)
    assert run.reports["sum_of_squares"].points == 0
    assert "Not tried with correct versions of `predict`" in str(run.reports["sum_of_squares"])


def test_functions_cross_to_stand_ins_as_well(cage):
    """`fit_line` hands a lambda of its own to `descend`, which is wrong and has a stand-in."""
    cells = [
        *([Cell(SOLUTIONS[part][0]) for part in ("line_gradient", "descent_step")]),
        Cell("def descend(gradient, w, learning_rate, max_iteration, epsilon):\n    return w"),
        Cell("", "descend"),
        Cell(
            "def fit_line(x, t, theta, learning_rate, epochs):\n"
            "    own = lambda at: line_gradient(at, x, t)\n"
            "    return descend(own, theta, learning_rate, epochs, 0)"
        ),
        Cell("", "fit_line"),
    ]
    run = run_notebook(cage, [Cell("import numpy as np"), *cells], {}, LIMITS, SEED)
    assert run.reports["descend"].points == 0
    assert run.reports["fit_line"].outcome == "right"


def test_marks_follow_the_part_through_what_lies_between(cage):
    """`network_gradients` is right but for `hidden_delta`, which only `all_deltas` calls."""
    nb = nbformat.read(ROOT / f"solutions/{DELTAS}/{DELTAS}.ipynb", as_version=4)
    for cell in nb.cells:
        if cell.source.startswith("def hidden_delta"):
            cell.source = cell.source.replace("W_next.T @", "-W_next.T @")
    run = run_notebook(cage, cells_to_run(nb), {}, Limits(), SEED)
    lost = {name for name, report in run.reports.items() if report.points < report.out_of}
    assert lost == {"hidden_delta"}


def test_functions_given_as_arguments_do_no_more_than_they_should(cage):
    """They take plain values, and their author's lines cannot be reached through them."""
    source = """
def best_candidate(candidates, loss):
    for odd in ("text", None, [1, [2]], {}, 10**5000, np.zeros((3, 4)), object()):
        try: loss(odd)
        except Exception as error: print(type(error).__name__, error)
    try: print(loss.__code__.co_consts, loss.__globals__.keys(), loss.__closure__)
    except Exception as error: print(error)
    return min(candidates, key=loss)
"""
    run = grade(cage, source, exercise="best_candidate")
    assert run.reports["best_candidate"].outcome == "right"
    many = "def best_candidate(candidates, loss):\n    while True: loss(1.0)"
    run = grade(cage, many, exercise="best_candidate")
    assert run.reports["best_candidate"].points == 0


def test_single_precision_does_not_hide_differences(cage):
    """Numbers that are right to four digits have their points, but not that of the formula."""
    source = (
        "def sum_of_squares(w, x, y):\n    return float(np.sum((x * w - y) ** 2))\n"
        "def slope(w, x, y):\n    h = 1e-3\n"
        "    return np.float32((sum_of_squares(w + h, x, y) - sum_of_squares(w, x, y)) / h)"
    )
    report = grade(cage, source).reports["slope"]
    assert report.points < FULL
    assert "Finite differences fail" in str(report)


def test_a_loss_that_plays_along_gains_nothing(cage):
    """A wrong slope is no slope of their own where the loss is right, whatever it does later."""
    cells = [
        Cell("import numpy as np\nseen = []"),
        Cell("def predict(x, w):\n    return x * w"),
        Cell(
            "def sum_of_squares(w, x, y):\n"
            "    return w * np.sum(x) if seen else np.sum((x * w - y) ** 2)"
        ),
        Cell("", "sum_of_squares"),
        Cell("def slope(w, x, y):\n    seen.append(1)\n    return np.sum(x)"),
        Cell("", "slope"),
    ]
    run = run_notebook(cage, cells, {}, LIMITS, SEED)
    assert run.reports["sum_of_squares"].outcome == "right"
    assert run.reports["slope"].points == 0


# --- seeing what is not theirs ----------------------------------------------------------------


def test_nothing_of_the_instructors_can_be_seen(cage, tmp_path):
    """No answer, solution, other submission, gradebook, environment variable, other process."""
    (tmp_path / "gradebook.db").write_text(SECRET)
    source = f"""
import os, sys, pathlib, subprocess
print(dict(os.environ))
for path in ({str(tmp_path)!r}, {str(Path(__file__).parent.parent)!r}, '/home', '/etc'):
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name != '.venv']  # Python itself
        for name in names:
            try: print(folder, name, open(os.path.join(folder, name), errors='replace').read())
            except OSError: pass
print(os.listdir('/proc'))
for module in ('autograder', 'autograder.answers', 'course.network', 'course.training',
               'course.activations', 'course.losses', 'course.descent', 'course.circuit'):
    try: __import__(module); print('IMPORTED', module)
    except ImportError: pass
found = [name for root in sys.path if os.path.isdir(root) for name in os.listdir(root)
         if name == 'autograder' or name == 'course' and root != '/cage']
parts = pathlib.Path('/cage').rglob('*')
found += [str(p) for p in parts if p.stem == 'answers' or str(p) == '/cage/course/network.py']
print('FOUND', found)
"""
    seen = printed(grade(cage, source))
    assert SECRET not in seen
    assert "gradebook.db" not in seen
    assert "INSTRUCTORS_SECRET" not in seen
    assert "IMPORTED" not in seen
    assert "def gradient_descent" not in seen
    assert "FOUND []" in seen
    assert "\n[]\n" in seen  # /proc


def test_an_installed_copy_of_the_course_is_hidden(tmp_path, monkeypatch):
    """Where the course is installed in site-packages, an empty folder covers it."""
    monkeypatch.setattr("sysconfig.get_path", lambda kind: str(tmp_path))
    monkeypatch.setattr("autograder.sandbox.parts", lambda: [str(tmp_path)])
    (tmp_path / "autograder").mkdir()
    assert installed_copies() == [str(tmp_path / "autograder")]
    command = command_line(tmp_path, 3, "bubblewrap")
    covered = command.index(str(tmp_path / "autograder"))
    assert command[covered - 1] == "--tmpfs"


def test_mounts_cannot_be_taken_away(cage):
    """What covers /proc stays, also from a new namespace."""
    source = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print('umount', libc.umount2(b'/proc', 2), libc.umount2(b'/scratch', 2))
print('mount', libc.mount(b'proc', b'/proc', b'proc', 0, None))
for flags in (0x10000000, 0x10020000, 0x20000000, 0x10000000 | 0x20000000):
    if libc.unshare(flags) == 0:
        print('umount', libc.umount2(b'/proc', 2))
print('proc', os.listdir('/proc'))
print('pids', os.getpid(), os.getppid())
"""
    seen = printed(grade(cage, source))
    assert "umount 0" not in seen and "mount 0" not in seen
    assert "proc []" in seen
    assert "pids 1 0" in seen


@pytest.mark.parametrize("where", ["127.0.0.1", "::1", "8.8.8.8", "10.0.0.1", "unix"])
def test_no_network(cage, tmp_path, where):
    """No address answers, not even a port or a Unix socket of this machine."""
    kind = {"unix": socket.AF_UNIX, "::1": socket.AF_INET6}.get(where, socket.AF_INET)
    server, path = socket.socket(kind), str(tmp_path / "socket")
    host = where if where in ("127.0.0.1", "::1") else "127.0.0.1"
    server.bind(path if where == "unix" else (host, 0))
    server.listen()
    reached = []
    threading.Thread(target=lambda: reached.append(server.accept()), daemon=True).start()
    target = path if where == "unix" else (where, server.getsockname()[1])
    source = f"""
import socket
s = socket.socket({int(kind)}); s.settimeout(1)
try: s.connect({target!r}); print('CONNECTED')
except OSError as error: print(error)
"""
    assert "CONNECTED" not in printed(grade(cage, source))
    assert not reached
    server.close()


def test_hidden_inputs_are_told_nowhere(cage):
    """A function keeps what it was called with: no later cell has it, and no error of another."""
    keep = (
        "import mmap\nshared = mmap.mmap(-1, 10**6)\n"
        "def predict(x, w):\n"
        "    shared.write(f'<{w!r}>'.encode())\n"
        "    open('/scratch/work/kept', 'a').write(f'<{w!r}>')\n"
        "    return x * w"
    )
    show = "print('shown', shared[:9000].rstrip(b'\\0'), os.listdir())"
    tell = (
        "def sum_of_squares(w, x, y):\n"
        "    raise ValueError(str(shared[:600].rstrip(b'\\0')) + open('kept').read()[-300:])"
    )
    sources = ["import numpy as np, os", keep, "predict", show, tell, "sum_of_squares", show]
    cells = [Cell("", s) if s.isidentifier() else Cell(s) for s in sources]
    run = run_notebook(cage, cells, {}, LIMITS, SEED)
    public, hidden = trials("predict", SEED)
    told = printed(run) + str(run.reports["sum_of_squares"])
    assert run.reports["predict"].outcome == "right"
    assert "shown b''" in told and "kept" not in printed(run)
    assert any(f"<{made.args[1]!r}>" in told for made in public.calls)
    assert not any(repr(made.args[1]) in told for made in hidden.calls)


def test_no_network_is_shared_with_the_next_submission(cage):
    """Not even the loopback interface, whose ports remember who has used them."""
    use = "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 20001))\ns.listen()\n"
    use += "c = socket.create_connection(('127.0.0.1', 20001), 1)"
    assert "unreachable" in printed(grade(cage, use)).lower()


# --- writing where they should not ------------------------------------------------------------


def test_nothing_is_left_for_the_next_submission(cage):
    """Files, shared memory, processes, System V queues: all gone with the submission."""
    leave = """
import os, subprocess, sys, ctypes
for path in ('/x', '/dev/x', '/cage/x', '/usr/x', '/tmp/x', '/dev/shm/x', '/scratch/x'):
    try: open(path, 'w').write('left'); print('wrote', path)
    except OSError: pass
libc = ctypes.CDLL(None)
print('queue', libc.msgget(4711, 0o1666))
pid = os.fork()
if pid == 0:
    os.setsid()
    import time
    while True: time.sleep(1)
"""
    look = """
import os, ctypes
print([p for p in ('/x', '/dev/x', '/cage/x', '/usr/x', '/tmp/x', '/dev/shm/x', '/scratch/x')
       if os.path.exists(p)])
libc = ctypes.CDLL(None)
print('queue', libc.msgget(4711, 0))
try: print('others', os.kill(-1, 0))
except OSError as error: print('alone', error)
"""
    wrote = printed(grade(cage, leave))
    assert "wrote /scratch/x" in wrote and "wrote /x" not in wrote and "wrote /cage/x" not in wrote
    seen = printed(grade(cage, look))
    assert "[]" in seen and "queue -1" in seen and "alone" in seen


def test_what_all_have_in_common_cannot_be_filled(cage):
    """Nobody who writes to the process's standard output or error waits for another to be read."""
    flood = "import os\nfor fd in (1, 2): print('wrote', fd, os.write(fd, b'x' * 10**7))"
    for _ in range(2):
        run = grade(cage, flood, GOOD)
        assert "wrote 2 10000000" in printed(run)
        assert run.reports["slope"].points == FULL


def test_files_of_their_own_beside_the_notebook(cage):
    """A `course`, `sitecustomize`, `conftest` or `numpy` of the student's own changes no mark."""
    evil = b"def check(f): return 3\nraise SystemExit\n"
    names = ("course/__init__.py", "sitecustomize.py", "conftest.py", "numpy.py", "wire.py")
    files = dict.fromkeys((*names, "kernel.py"), evil)
    run = grade(cage, GOOD, files={**files, "data.csv": b"1,2"})
    assert run.reports["slope"].points == FULL
    assert grade(cage, WRONG, files=files).reports["slope"].points == 0
    seen = printed(grade(cage, "print(open('data.csv').read())", files={"data.csv": b"1,2"}))
    assert "1,2" in seen


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "..", ""])
def test_file_names_that_lead_elsewhere_are_left_out(cage, name):
    """A file stays below the working folder, or is not there."""
    source = "import os\nprint(os.path.exists('/scratch/x'), os.path.exists('/x'))"
    assert "False False" in printed(grade(cage, source, files={name: b"x"}))


# --- using everything up ------------------------------------------------------------------------

BOMBS = {
    "fork bomb": "import os\nwhile True: os.fork()",
    "quiet fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "thread bomb": "import threading, time\nwhile True:\n"
    "    threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
    "memory bomb": "x = []\nwhile True: x.append(bytearray(10**8))",
    "memory bomb in pieces": "x = []\nwhile True: x.append(np.ones(1000))",
    "disk bomb": "for i in range(10**6): open(f'f{i}', 'wb').write(b'x' * 10**7)",
    "one large file": "f = open('f', 'wb')\nwhile True: f.write(b'x' * 10**7)",
    "file descriptor bomb": "x = []\nwhile True: x.append(open('/dev/null'))",
    "output bomb": "while True: print('x' * 10**6)",
    "output bomb in pieces": "while True: print('x')",
    "one large output": "'x' * 10**9",
    "display bomb": "while True: display({'text/plain': 'x' * 10**6}, raw=True)",
    "error with a large text": "raise ValueError('x' * 10**8)",
    "deep recursion": "def f(): f()\nf()",
    "deep recursion in C": "import sys\nsys.setrecursionlimit(10**8)\ndef f(): return f()\nf()",
    "endless loop": "while True: pass",
    "endless loop that swallows": "import signal\n"
    "for s in range(1, 65):\n"
    "    try: signal.signal(s, signal.SIG_IGN)\n"
    "    except (OSError, ValueError): pass\n"
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "sleep": "import time\ntime.sleep(10**6)",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nimport time\n"
    "while True: time.sleep(9)",
    "os._exit": "import os\nos._exit(0)",
    "os.abort": "import os\nos.abort()",
    "segmentation fault": "import ctypes\nctypes.string_at(0)",
    "kill parents": "import os, signal\nos.kill(os.getppid(), 9)\nos.kill(1, 9)\nos.kill(-1, 9)",
    "sys.exit": "import sys\nsys.exit(1)",
    "close all": "import os\nos.closerange(3, 100)",
    "flood": "import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'x' * 10**5)\n"
    "    except OSError: pass",
    "huge frame": "import os\nfor fd in range(3, 30):\n"
    "    try: os.write(fd, b'\\xff\\xff\\xff\\x7f' * 9)\n    except OSError: pass",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_and_harm_nobody(cage, name):
    """The submission ends in time with a reason; its own correct function may keep its points."""
    run = grade(cage, BOMBS[name], GOOD)
    report = run.reports["slope"]
    assert report.points in (0, FULL)
    assert report.points == FULL or report.reason
    assert sum(len(str(output)) for output in run.outputs) < 3 * LIMITS.output_bytes


RETURNING = {
    "10 GB by strides": "a = np.zeros(1)\n"
    "    return np.lib.stride_tricks.as_strided(a, (10**6, 10**4), (0, 0))",
    "cyclic list": "a = []\n    a.append(a)\n    return a",
    "very deep list": "a = 0\n    for _ in range(10**5): a = [a]\n    return a",
    "infinite iterator": "import itertools\n    return itertools.count()",
    "generator": "return (i for i in [1])",
    "object with side effects": "class O:\n        def __float__(s): import os; os._exit(0)\n"
    "        __array__ = __iter__ = __len__ = __float__\n    return O()",
    "object array": "return np.array([print, open], dtype=object)",
    "structured array": "return np.zeros(3, dtype='i4,f8')",
    "long double": "return np.longdouble(3)",
    "a number of a million digits": "return 10**1_000_000",
    "a number too long to write out": "return 2**19_999",
    "a number that is long": "return 2**13_999",
    "a million empty lists": "return [[]] * 999_999",
    "long texts beside short ones": "return ['x' * 500_000] + [''] * 3000",
    "long keys": "return {('k%d' % i) + 'A' * 90: 1 for i in range(5000)}",
    "lone surrogate": "return '\\ud800'",
    "os._exit": "import os\n    os._exit(0)",
    "endless loop": "while True:\n        try:\n            while True: pass\n"
    "        except BaseException: pass",
    "kill": "import os\n    os.kill(1, 9)\n    os.abort()",
    "many forks": "import os\n    while True: os.fork()",
    "close the socket": "import os\n    os.closerange(3, 100)\n    return 1.0",
    "flood the socket": "import os\n    for fd in range(3, 30):\n"
    "        try: os.write(fd, b'x' * 10**5)\n        except OSError: pass\n    return 1.0",
    "exception with side effects": "class X(Exception):\n"
    "        def __str__(s): import os; os._exit(0)\n    raise X",
}


@pytest.mark.parametrize("name", RETURNING)
def test_results_that_lie_are_failed_calls(cage, name):
    """0 points and a reason, whatever a function returns or does when it is called."""
    report = grade(cage, f"def slope(w, x, y):\n    {RETURNING[name]}").reports["slope"]
    assert report.points == 0
    assert report.outcome == "wrong"
    assert report.reason
    report._repr_html_().encode()


# --- the wire -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0\0",
        b"\xff\xff\xff\xff{}",
        b"\x02\0\0\0{}extra",
        b"\x05\0\0\0[1,2]",
        b'\x0d\0\0\0{"d": [[1,2]]}',
        b"\x04\0\0\0\xff\xfe\xfd\xfc",
        b'\x40\0\0\0{"d":[["x",{"a":["|O8",[1],8]}]]}' + b" " * 40,
        b'\x40\0\0\0{"d":[["x",{"a":["<f8",[-1],8]}]]}' + b" " * 40,
        b'\x40\0\0\0{"d":[["x",{"a":["<f8",[9999999,999999],8]}]]}' + b" " * 40,
        (lambda j: len(j).to_bytes(4, "little") + j)(b"[" * 100_000),
        (lambda j: len(j).to_bytes(4, "little") + j)(b'{"i":"' + b"f" * 100_000 + b'"}'),
    ],
)
def test_malformed_frames_are_refused(body):
    """With a WireError, never with anything else, and without reading further."""
    ours, theirs = socket.socketpair()
    theirs.sendall(len(body).to_bytes(4, "little") + body)
    theirs.close()
    with pytest.raises(wire.WireError):
        wire.receive(ours)
    ours.close()


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -1.5, float("inf"), 10**100, -(10**100), "text", [1, [2, "x"]], (1, (2,)),
        {"a": [1, {"b": None}]}, {0: "x", "0": "y"},
        np.arange(6).reshape(2, 3), np.float32([1.5]), np.zeros((0, 3)),
        np.array(True),
    ],
)  # fmt: skip
def test_plain_values_cross_unchanged(value):
    """Value, type, shape and dtype are the same on the other side."""
    ours, theirs = socket.socketpair()
    wire.send(theirs, {"value": value})
    back = wire.receive(ours)["value"]
    assert type(back) is type(value)
    assert np.array_equal(back, value) if isinstance(value, np.ndarray) else back == value
    assert getattr(back, "dtype", None) == getattr(value, "dtype", None)
    ours.close(), theirs.close()


def test_stand_ins_take_no_large_arguments():
    """A stand-in runs with the grader: what it is called with has to be small."""
    calls = Calls(None, LIMITS)
    number = calls.stays_here(np.negative).number
    small, large = np.ones(3), np.ones(wire.MOST_RETURNED)
    answer = calls.call_back({"f": number, "args": [small]}, 0.0)
    assert np.array_equal(answer["value"], -small)
    with pytest.raises(wire.WireError, match="malformed arguments"):
        calls.call_back({"f": number, "args": [[large]]}, 0.0)


# --- neighbours' work -------------------------------------------------------------------------

LOOK = """
import os
for path in {paths!r}:
    for folder, _, names in os.walk(path):
        if '.venv' in folder or 'python3' in folder: continue
        print('SEEN', folder, names)
        for name in names:
            try: print(open(os.path.join(folder, name), errors='replace').read())
            except OSError: pass
"""


@pytest.fixture
def course_in_a_prefix(tmp_path, monkeypatch):
    """A folder that is course folder and virtual environment at once, with a neighbour's work."""
    for name in (
        "bin",
        "lib/python3.11/site-packages",
        "submitted/ben/01",
        "solutions",
        "lib/inbound",
    ):
        (tmp_path / name).mkdir(parents=True)
    tmp_path.chmod(0o755)
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin")
    for name in ("submitted/ben/01/01.ipynb", "solutions/01.md", "gradebook.db", "lib/inbound/ada"):
        (tmp_path / name).write_text(SECRET)
    known = parts()
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    new = [part for part in parts() if part.startswith(str(tmp_path))]
    monkeypatch.setattr("autograder.sandbox.parts", lambda: sorted({*known, *new}))
    return tmp_path


def test_of_a_prefix_only_what_python_needs_is_there(course_in_a_prefix):
    """A course folder that is the virtual environment, and an exchange below its libraries."""
    root = course_in_a_prefix
    hidden = (str(root), str(root / "submitted"), str(root / "lib/inbound"))
    opened = Cage(hidden=hidden)
    seen = printed(grade(opened, LOOK.format(paths=[str(root), "/usr/share", "/usr/local/share"])))
    opened.close()
    assert "SEEN" in seen and "pyvenv.cfg" in seen
    assert SECRET not in seen and "ben" not in seen and "gradebook" not in seen


def test_a_cage_that_shows_too_much_is_not_used(course_in_a_prefix, monkeypatch):
    """The warm process looks for itself: what is bound by mistake, or not covered, is found."""
    root = course_in_a_prefix
    monkeypatch.setattr("autograder.sandbox.covers", lambda hidden: [])
    with pytest.raises(CannotCage, match="inbound"):
        Cage(hidden=(str(root / "lib/inbound"),))
    with pytest.raises(CannotCage, match="/usr/lib"):
        Cage(hidden=("/usr/lib",))
    add = ["--ro-bind", str(root / "solutions"), "/solutions", "--remount-ro", "/"]
    whole = command_line

    def too_much(*given):
        command = whole(*given)
        at = len(command) - 1 - command[::-1].index("--remount-ro")
        return command[:at] + add[:3] + command[at:]

    monkeypatch.setattr("autograder.sandbox.command_line", too_much)
    with pytest.raises(CannotCage, match="/solutions"):
        Cage()


def test_a_warm_cage_is_replaced_for_a_course_that_it_would_show(course_in_a_prefix, cage):
    """What has to be covered is known only when the course's settings are read."""
    assert cage.serves((str(course_in_a_prefix), "/nowhere"))
    assert not cage.serves((str(course_in_a_prefix / "lib/inbound"),))


# --- calls of the system ------------------------------------------------------------------------

#: What each tries: a line that is true if it got through.
CALLS = {
    "shared memory": "libc.shmget(0, 4096, 0o1600) >= 0",
    "semaphores": "libc.semget(0, 1, 0o1600) >= 0",
    "message queue": "libc.msgget(0, 0o1600) >= 0",
    "POSIX queue": "libc.mq_open(b'/q', 0o102, 0o600, None) >= 0",
    "memfd": "libc.memfd_create(b'x', 0) >= 0",
    "session": "libc.setsid() >= 0",
    "keys": "libc.syscall(248, b'user', b'a', b'b', 1, -3) >= 0",
    "inotify": "libc.inotify_init() >= 0",
    "fanotify": "libc.fanotify_init(0, 0) >= 0",
    "lease": "libc.fcntl(os.open('/cage/wire.py', 0), 1024, 0) >= 0",
    "dnotify": "libc.fcntl(os.open('/cage', 0), 1026, 1) >= 0",
    "hint": "libc.fcntl(os.open('/cage/wire.py', 0), 1036, ctypes.byref(ctypes.c_ulong(1))) >= 0",
    "ptrace": "libc.ptrace(0, 0, 0, 0) >= 0",
    "perf": "libc.syscall(298, b'\\0' * 128, 0, -1, -1, 0) >= 0",
    "io_uring": "libc.syscall(425, 1, b'\\0' * 120) >= 0",
    "aio": "libc.syscall(206, 1, ctypes.byref(ctypes.c_ulong())) >= 0",
    "user namespace": "libc.unshare(0x10000000) >= 0",
    "namespace by clone": "libc.syscall(56, 0x10000011, None, None, None, None) > 0",
    "clone3": "libc.syscall(435, ctypes.create_string_buffer(88), 88) >= 0",
    "vsock": "libc.socket(40, 1, 0) >= 0",
    "netlink": "libc.socket(16, 3, 0) >= 0",
    "alg": "libc.socket(38, 5, 0) >= 0",
    "socketpair of another kind": "libc.socketpair(40, 1, 0, (ctypes.c_int * 2)()) >= 0",
    "terminal": "os.path.exists('/dev/ptmx') and libc.posix_openpt(2) >= 0",
    "a call to come": "libc.syscall(999) >= 0 or ctypes.get_errno() != 38",
    "x32": "libc.syscall(0x40000000 + 39) >= 0",
    "sync": "libc.syscall(306, 0) >= 0",
    "page cache": "libc.syscall(451, 3, b'\\0' * 16, b'\\0' * 40, 0) >= 0",
    "scheduling": "libc.sched_setscheduler(0, 3, ctypes.byref(ctypes.c_int(0))) >= 0",
    "attributes": "libc.setxattr(b'/scratch/work', b'user.a', b'b', 1, 0) >= 0",
    "device's time": "libc.utimes(b'/dev/null', None) >= 0",
    "device's mode": "libc.chmod(b'/dev/null', 0o600) >= 0",
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="some of the numbers are x86-64's")
def test_calls_that_no_notebook_needs_are_refused(cage):
    """None gets through: none that reaches others, and none that is still to come."""
    lines = [f"if {tried}: print('GOT', {name!r})" for name, tried in CALLS.items()]
    start = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    seen = printed(grade(cage, start + "\n".join(lines) + "\nprint('tried all')"))
    assert "tried all" in seen and "GOT" not in seen, seen


def test_locks_cannot_be_seen_from_another_submission(cage):
    """A lock on a file that all cages have is none: nobody waits for it, and nobody can ask."""
    source = """
import fcntl, os
shared = open('/cage/wire.py')
for at in range(9): fcntl.lockf(shared, fcntl.LOCK_SH, 1, at)
fcntl.flock(shared, fcntl.LOCK_EX)
try: print('ASKED', fcntl.fcntl(shared, fcntl.F_GETLK, b'\\0' * 32))
except OSError as error: print(error)
"""
    ours = [line for line in Path("/proc/locks").read_text().splitlines() if " READ " in line]
    seen = printed(grade(cage, source))
    after = [line for line in Path("/proc/locks").read_text().splitlines() if " READ " in line]
    assert "Invalid argument" in seen and "ASKED" not in seen
    assert len(after) <= len(ours) + 1


def test_what_notebooks_use_works_behind_the_filter(cage):
    """Threads, processes, sqlite, sockets of one's own, temporary files."""
    source = """
import multiprocessing, os, sqlite3, socket, subprocess, tempfile, threading
from concurrent.futures import ProcessPoolExecutor
base = sqlite3.connect('a.db'); base.execute('create table t (x)')
base.execute('insert into t values (3)'); base.commit()
print('sqlite', base.execute('select x from t').fetchall())
thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()
print('program', subprocess.run(['echo', 'said'], capture_output=True).stdout)
with multiprocessing.get_context('fork').Pool(2) as pool: print('pool', pool.map(abs, [-1, -2]))
a, b = socket.socketpair(); a.send(b'x'); print('pair', b.recv(1))
print('file', tempfile.TemporaryFile().write(b'abc'))
open('/dev/null', 'w').write('x'); print('random', len(open('/dev/urandom', 'rb').read(4)))
"""
    seen = printed(grade(cage, source))
    for expected in ("[(3,)]", "thread", "said", "[1, 2]", "b'x'", "file 3", "random 4"):
        assert expected in seen, seen


def test_numbers_of_calls_agree_with_the_kernels_own():
    """Where the machine has the kernel's headers: each refused call has the right number."""
    header = Path("/usr/include/asm-generic/unistd.h")
    if not header.exists():
        pytest.skip("no headers of the kernel here")
    found = re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", header.read_text())
    known = {name: int(number) for name, number in found}
    ours = seccomp.numbers("aarch64") | seccomp.NEWER
    assert {n: v for n, v in ours.items() if known.get(n, v) != v} == {}
    assert len(seccomp.program("aarch64")) > 8 * len(seccomp.numbers("aarch64"))


# --- memory of all processes --------------------------------------------------------------------


def test_memory_of_all_processes_together_is_limited(cage):
    """Many processes, each within the limit, are ended; three that stay below it are not."""
    source = (
        "import os, time\nfor i in range({n}):\n"
        "    if os.fork() == 0:\n        x = bytearray(b'x') * 60_000_000\n"
        "        time.sleep(16); os._exit(0)\ntime.sleep({n})\nprint('SURVIVED')"
    )
    limits = replace(LIMITS, memory_bytes=600 * 1024**2, cell_seconds=25)
    assert "SURVIVED" in printed(grade(cage, source.format(n=3), limits=limits))
    assert "SURVIVED" not in printed(grade(cage, source.format(n=14), limits=limits))


def test_empty_files_are_limited(cage):
    """Each takes memory of the kernel's that no other limit counts."""
    source = "import os\nn = 0\ntry:\n    while n < 50_000: open(f'f{n}', 'w').close(); n += 1\n"
    source += "except OSError: pass\nprint('files', n < 21_000)"
    limits = replace(LIMITS, cell_seconds=20)
    assert "files True" in printed(grade(cage, source, limits=limits))


# --- time ---------------------------------------------------------------------------------------


def test_work_and_waiting_are_told_apart(cage):
    """An endless loop was at work; what slept, or was kept from working, has another try."""
    loop = "def slope(w, x, y):\n    while True: pass"
    sleep = "import time\ndef slope(w, x, y):\n    time.sleep(99)"
    assert grade(cage, sleep).had_to_wait
    run = grade(cage, GOOD)
    assert not run.had_to_wait and run.reports["slope"].points == FULL
    assert grade(cage, loop).reports["slope"].points == 0


def test_what_had_to_wait_is_judged_again_alone():
    """In the end, once; the verdict that counts is the second."""
    judged = []

    class Here(Workers):
        def submit(self, what, *arguments):
            done = Future()
            done.set_result(None)
            if arguments and isinstance(arguments[0], Job):
                judged.append(arguments[0].assignment)
                first = judged.count("slow") == 1 and arguments[0].assignment == "slow"
                done = Future()
                done.set_result(
                    {"n": len(judged), "version": "1"} | ({"had_to_wait": True} if first else {})
                )
            return done

    jobs = [Job(name, "1", (), {}, LIMITS, "bubblewrap", 1) for name in ("slow", "a", "b")]
    with Here(2) as workers:
        found = [(job.assignment, verdict) for job, verdict in workers.verdicts(iter(jobs))]
    assert judged == ["slow", "a", "b", "slow"]
    assert found[-1] == ("slow", {"n": 4, "version": "1"})


# --- what crosses, and what is shown ------------------------------------------------------------


def test_hidden_inputs_belong_to_one_submission():
    """What one learns about its own serves no other, not even its author's next try."""
    cells = (Cell("1"), Cell("", "slope"))
    job = Job("01-gradient-descent", "1", cells, {}, LIMITS, "bubblewrap", SEED)
    other = replace(job, files={"a": b"b"})
    drawn = [repr(trials("slope", each.hidden_seed)[1].calls) for each in (job, other, job)]
    assert drawn[0] == drawn[2] != drawn[1]
    public = [repr(trials("slope", each.hidden_seed)[0].calls) for each in (job, other)]
    assert public[0] == public[1]
    assert replace(job, seed=8).hidden_seed != job.hidden_seed


COSTLY = {
    "keys that collide": "return {k * (2**61 - 1): 0 for k in range(40_000)}",
    "large keys": "return {2**53 + k: 0 for k in range(9)}",
    "negative large keys": "return {-k * (2**61 - 1): 0 for k in range(1, 40_000)}",
    "very many values": "return [0] * 300_000",
    "very many empty tuples": "return [()] * 250_000",
    "dicts in dicts": "return [{0: {1: {}}}] * 80_000",
}


@pytest.mark.parametrize("name", COSTLY)
def test_answers_that_cost_much_to_read_are_refused(cage, name):
    """0 points; and not even the worker's reader takes them, whoever sends them."""
    report = grade(cage, f"def slope(w, x, y):\n    {COSTLY[name]}").reports["slope"]
    assert report.points == 0 and report.reason


def test_a_reader_ends_at_its_deadline_and_takes_no_large_keys():
    """Also where what sends does not keep to the rules."""
    body = {"d": [["x", {"d": [[2**61 - 1, 0]]}]]}
    with pytest.raises(wire.WireError, match="malformed key"):
        wire.decode(body, memoryview(b""))
    with pytest.raises(wire.Late):
        wire.decode({"l": [0] * 5000}, memoryview(b""), deadline=time.monotonic() - 1)
    with pytest.raises(wire.WireError, match="too many"):
        wire.decode({"l": [0] * (wire.MOST_VALUES + 1)}, memoryview(b""))


@pytest.mark.parametrize("changed", [(np.arange(3),), ("0",), (True,), (5,), ([0],), (-1,), [0]])
def test_odd_lists_of_changed_arguments_are_malformed(changed):
    """With a WireError, which is a failed call, and not an error of ours."""
    answer = {"kind": "returned", "value": 1.0, "changed": changed, "warned": ()}
    with pytest.raises(wire.WireError):
        believable(answer, 3)


HOSTILE = [
    "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1b[2J\x1b[H", "\x9b31m", "\x1bP1;2q\x1b\\",
    "a\x08\x08", "\u202egnp.exe", "\x00", "\x7f", "\ud800", "\u2028", "\u2066", "\x1bc", "\x1b[6n",
    "\x0e", "\x85",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_made_printable(text):
    """No command to a terminal is left, and nothing that one cannot see; ordinary text stays."""
    shown = printable(f"before {text} after\n\tü 日本 👩‍🔬 ∂E/∂w")
    assert shown.startswith("before ") and shown.endswith(" after\n\tü 日本 👩‍🔬 ∂E/∂w")
    assert not any(c in shown for c in "\x1b\x9b\x07\x00\x7f\x08\u202e\u2028\u2066\x85\x0e\ud800")
    shown.encode()
    assert "\n" not in in_a_row(f"{text}\n")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\r=1"])
def test_no_formula_reaches_a_spreadsheet(text):
    """A text stays a text; a number stays a number."""
    assert not for_spreadsheet(text).startswith(("=", "+", "-", "@", "\t", "\r", " ", "\n"))
    assert for_spreadsheet(-1.5) == -1.5 and for_spreadsheet("ada") == "ada"


def test_what_a_submission_says_is_made_printable(cage):
    """Prints, errors, displays and the words of a report."""
    title = "\\x1b]0;title\\x07"
    source = f"print('out {title}')\ndisplay('{title}')\nraise ValueError('{title}')"
    function = f"def slope(w, x, y):\n    raise ValueError('{title} because')"
    run = grade(cage, source, function)
    assert "because" in str(run.reports["slope"])
    assert "\x1b" not in printed(run) + repr(run.reports["slope"].as_data())
    assert "\x07" not in printed(run)


def test_very_many_outputs_are_cut(cage):
    """Pages take time for each."""
    many = "for i in range(90_000): display({'text/plain': ''}, raw=True)"
    run = grade(cage, many, many.replace("display(", "print(end='') or display("))
    assert 0 < sum(map(len, run.outputs)) < 1_000


@pytest.mark.parametrize("width, height", [(30_000, 30_000), (2**31, 1), (0, 5), (10**5, 10**3)])
def test_pictures_that_grow_are_left_out(width, height):
    """A PNG is believed by the size in its header; one of an ordinary size stays."""

    def picture(width, height):
        size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
        return base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size).decode()

    def shown(text):
        return harmless([{"output_type": "display_data", "data": {"image/png": text}}], 10**6)

    assert "image/png" in shown(picture(640, 480))[0]["data"]
    assert "image/png" not in shown(picture(width, height))[0]["data"]


# --- tried again, against the code as it is ------------------------------------------------------


def picture(width, height, extra=b""):
    """The beginning of a PNG."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\x08\0\0\0\0" + b"CRC."
    return header + extra + b"\0\0\0\0IDATCRC."


def test_sockets_are_limited_together(cage):
    """Each holds memory of the kernel's that counts for no process; a few harm nobody."""
    source = (
        "import os, socket, time\nfor i in range({n}):\n"
        "    if os.fork() == 0:\n        kept = [socket.socketpair() for _ in range(110)]\n"
        "        time.sleep(9); os._exit(0)\ntime.sleep(2)\nprint('SURVIVED')"
    )
    limits = replace(LIMITS, memory_bytes=900 * 1024**2, cell_seconds=9)
    assert "SURVIVED" in printed(grade(cage, source.format(n=2), limits=limits))
    assert "SURVIVED" not in printed(grade(cage, source.format(n=30), limits=limits))


def test_the_memory_of_a_socket_stays_as_it_is(cage):
    """What asks for more is told that it has it."""
    source = (
        "import socket\na, b = socket.socketpair()\n"
        "before = a.getsockopt(1, 7); a.setsockopt(1, 7, 2**24)\n"
        "print('same', a.getsockopt(1, 7) == before)"
    )
    assert "same True" in printed(grade(cage, source))


def test_processes_that_beget_and_die_do_not_hide_what_others_use(cage):
    """The look at all processes ends, however fast new ones come."""
    source = (
        "import os, time\nif os.fork() == 0:\n    while True:\n"
        "        if os.fork(): os._exit(0)\n"
        "x = []\nfor _ in range(12):\n    if os.fork() == 0:\n"
        "        x.append(bytearray(b'x') * 60_000_000); time.sleep(9); os._exit(0)\n"
        "time.sleep(4)\nprint('SURVIVED')"
    )
    limits = replace(LIMITS, memory_bytes=500 * 1024**2, cell_seconds=9)
    assert "SURVIVED" not in printed(grade(cage, source, limits=limits))


def test_a_file_where_another_has_its_folder_costs_nothing(cage):
    """It is left out, and so is one whose path is too long."""
    files = {"data": b"a", "data/x.csv": b"1", "/".join(["n" * 200] * 25): b"2"}
    assert grade(cage, GOOD, files=files).reports["slope"].points == FULL


def test_pictures_of_a_notebook_are_limited_together(cage):
    """A hundred of a size that one may have; and none that moves."""
    text = base64.b64encode(picture(4000, 4000)).decode()
    source = f"for _ in range(99): display({{'image/png': {text!r}}}, raw=True)"
    kept = [o for outputs in grade(cage, source).outputs for o in outputs if "data" in o]
    assert len(kept) == 99
    assert 0 < sum("image/png" in output["data"] for output in kept) <= 100 // 16
    moving = picture(640, 480, extra=b"\0\0\0\x08acTL" + b"\0\0\0\x09" * 2 + b"CRC.")
    assert has_png_header(picture(640, 480)) and not has_png_header(moving)


def test_many_children_beside_a_correct_notebook():
    """It gets exactly its points, whatever runs beside it: 46 children that loop for good."""
    loops = (
        "import os, time\nfor _ in range(46):\n    if os.fork() == 0:\n"
        "        try: os.setsid()\n        except OSError: pass\n        while True: pass\n"
        "time.sleep(2.5)"
    )
    start, check = Cell("import numpy as np"), Cell("", "slope")
    code = version("01-gradient-descent")

    def job(*cells):
        return Job("01-gradient-descent", code, cells, {}, LIMITS, "bubblewrap", SEED)

    attacks = [job(start, Cell(loops + f"\n{i}"), Cell(GOOD), check) for i in range(2)]
    work = "[np.linalg.svd(np.ones((60, 60))) for _ in range(99)]"
    good = [job(start, Cell(f"{work}; {i}"), Cell(GOOD), check) for i in range(4)]
    jobs = [attacks[0], *good[:2], attacks[1], *good[2:]]
    with Workers(2) as workers:
        found = {job.key: verdict for job, verdict in workers.verdicts(iter(jobs))}
    assert [found[job.key]["reports"]["slope"]["points"] for job in good] == [FULL] * 4


# --- as an ordinary user --------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="this is an ordinary user already")
def test_the_attacks_fail_for_an_ordinary_user_too():
    """All of the above once more as user 1234, in a copy of this repository that it may read."""
    root = Path(__file__).parent.parent
    folder = tempfile.mkdtemp()  # pytest's own are closed to other users
    copy = Path(folder, "repository")
    ignore = shutil.ignore_patterns(".git", ".venv", "dist", "demo", "__pycache__", ".hypothesis")
    shutil.copytree(root, copy, ignore=ignore)
    subprocess.run(["chown", "-R", "1234:1234", folder], check=True)
    # Python may be installed below root's home, which nobody else can enter: a view of it in which
    # they can. Only this command sees it.
    view = "mount -t tmpfs -o mode=755 tmpfs /root"
    prefixes = [p for p in (sys.base_prefix, sys.prefix) if p.startswith("/root/")]
    keep = " && ".join(
        [f"mkdir -p /run/view{i} && mount --bind {p} /run/view{i}" for i, p in enumerate(prefixes)]
    )
    back = " && ".join(
        [f"mkdir -p {p} && mount --bind /run/view{i} {p}" for i, p in enumerate(prefixes)]
    )
    steps = [step for step in (keep, view, back) if step] if prefixes else ["true"]
    command = f"{' && '.join(steps)} && cd {copy} && exec setpriv --reuid 1234 --regid 1234 " + (
        f"--clear-groups env HOME={copy} PYTHONPATH={copy} {sys.executable} -m pytest -q -x "
        "-p no:cacheprovider -n 0 tests/test_attacks.py"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", command], capture_output=True, text=True
    )
    shutil.rmtree(folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
