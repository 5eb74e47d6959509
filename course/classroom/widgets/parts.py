"""What every live picture shares: calling the student's function, the widget, its still form.

The shared part of the drawing (controls, axes) is in parts.js and parts.css.
"""

import base64
import contextlib
import io
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import numpy as np
from IPython import get_ipython
from IPython.display import display

from course.classroom import picture
from course.classroom.calling import own_line, undisturbed, unwritten_part
from course.classroom.plain import as_numbers
from course.classroom.style import in_digits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "parts.css").read_text(encoding="utf-8")


def script(name: str) -> str:
    """parts.js followed by the picture's own file: one module, so that it can travel offline."""
    parts = (FOLDER / "parts.js", FOLDER / name)
    return "\n".join(path.read_text(encoding="utf-8") for path in parts)


# --- the student's function -----------------------------------------------------------------


class FunctionFailed(Exception):
    """A student's function gave no number.

    ``kind``: "unwritten" for a stub, else "failed". ``title``: in a few words. ``sentence``: what
    happened. ``line``: the student's own line, or "".
    """

    def __init__(self, kind: str, title: str, sentence: str, line: str = ""):
        super().__init__(sentence)
        self.kind, self.title, self.sentence, self.line = kind, title, sentence, line


def call_for_number(function: Callable, role: str, w: float) -> float:
    """function(w) as a float; inf and nan are answers like any other.

    ``role`` names the function where it has no name of its own. Raises FunctionFailed where there
    is no number: an exception of any kind, a forgotten return, an array of several numbers.
    """
    try:
        with np.errstate(all="ignore"):
            answer = function(w)
    except OverflowError:  # Python's numbers raise where NumPy's become inf
        return math.inf
    except (Exception, SystemExit) as error:
        raise _failure(error, function, role, w) from None
    numbers = as_numbers(answer)
    if numbers is not None and numbers.size == 1:
        return float(numbers.item())
    if answer is None:
        what, advice = "None", "Did you forget a return?"
    elif numbers is not None:
        what, advice = f"an array of shape {numbers.shape}", "One number is needed here."
    else:
        what, advice = f"a {type(answer).__name__}", "One number is needed here."
    sentence = f"{role}({in_digits(w)}) returned {what}. {advice}"
    raise FunctionFailed("failed", f"No number from {role}", sentence)


def _failure(error: BaseException, function: Callable, role: str, w: float) -> FunctionFailed:
    name = unwritten_part(function, error)
    name = role if name in ("", "<lambda>") else name
    if isinstance(error, NotImplementedError):
        sentence = f"The picture begins as soon as {name} is written and its cell has been run."
        return FunctionFailed("unwritten", f"{name} is not written yet", sentence)
    number, line = own_line(error, function) or (0, "")
    text = " ".join(str(error).split())[:200]
    where = f" in line {number} of its cell" if line else ""
    cause = f"{type(error).__name__}{': ' if text else ''}{text}"
    sentence = f"{role}({in_digits(w)}) stopped{where}. {cause}"
    return FunctionFailed("failed", f"{name} crashed", sentence, line)


def follow(function: Callable) -> Callable[[], Callable]:
    """How to get at the function as its notebook defines it now: its cell may be run again."""
    name, namespace = getattr(function, "__qualname__", ""), getattr(function, "__globals__", {})
    if namespace.get(name) is not function:
        return lambda: function
    return lambda: namespace.get(name, function)


# --- the widget -----------------------------------------------------------------------------


class LivePicture(anywidget.AnyWidget):
    """A picture that JavaScript draws and Python computes.

    A subclass sets ``_esm = script(...)`` and has ``receive(content)`` for messages from the
    front end, ``after_cell()`` for when the notebook has run a cell, and ``still()`` for where
    there is no kernel: a Figure, and the words for it. Whatever changes the picture or calls the
    student's functions does so in ``with self.at_work()``: JupyterLab's messages come on another
    thread, while cells run.
    """

    _css = STYLE

    def __init__(self, **traits):
        self.lock = threading.RLock()
        super().__init__(**traits)
        self.on_msg(self._on_message)
        if shell := get_ipython():
            shell.events.register("post_run_cell", self._on_cell)

    def set_state(self, sync_data: dict) -> None:
        """Take the front end's values of traits, as one change."""
        with self.at_work():
            super().set_state(sync_data)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Nobody else changes the picture, and the student's functions print and warn unheard.

        Prints and warnings belong to the whole process, so they are only silenced on the main
        thread, where no cell can be running.
        """
        alone = threading.current_thread() is threading.main_thread()
        with self.lock, undisturbed() if alone else contextlib.nullcontext():
            yield

    def _on_message(self, _widget, content: dict, _buffers) -> None:
        with self.at_work():
            self.receive(content)
        # The answer to every message: a run asks for its next step when the last one has arrived.
        self.send({"done": content.get("do")})

    def _on_cell(self, _result) -> None:
        with self.at_work():
            self.after_cell()

    def _ipython_display_(self) -> None:
        """Two outputs: the still form, which parts.css hides beside a living picture, and the view.

        In one output, a notebook that is opened again would show the view only, and say "model not
        found": front ends prefer it to the image, kernel or none.
        """
        if not picture.drawing:
            return
        view, metadata = self._repr_mimebundle_()
        display({"image/png": view.pop("image/png")}, metadata=metadata, raw=True)
        display(view, raw=True)

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        with self.at_work():
            data, metadata = super()._repr_mimebundle_(**kwargs)
            figure, words = self.still()
        width, height = (round(100 * inches) for inches in figure.get_size_inches())
        data |= {"text/plain": words, "image/png": png(figure)}
        metadata |= {"image/png": {"width": width, "height": height, "alt": words}}
        return data, metadata


def png(figure: "Figure") -> str:
    """The figure as a PNG in base64. No pyplot: its state is shared with the student's cells."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
