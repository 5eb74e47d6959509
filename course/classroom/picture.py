"""What every still picture shares: its style, its words, and how it asks a student's functions.

No pyplot anywhere: its figures are shared by all cells, and live pictures draw on other threads.
"""

import base64
import contextlib
import functools
import html
import io
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from course.classroom.calling import call
from course.classroom.marking import kind_of
from course.classroom.plain import as_numbers
from course.classroom.style import GREY

#: False while a class is graded: nobody looks at the pictures of read-only cells then.
drawing = True
#: Inches; the live pictures are as wide.
WIDTH = 8.2
#: From 0 over ½ to 1, or from below 0 to above; pale enough to draw on.
BLUE_TO_ORANGE = LinearSegmentedColormap.from_list(
    "blue to orange", ["#a9c6e8", "#ffffff", "#f4bf94"]
)


@dataclass(frozen=True)
class Picture:
    """A figure, and ``alt``: what it shows, in a sentence or two, for who cannot see it."""

    figure: Figure
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        # JupyterLab gives image/png no alternative text, so HTML goes first.
        data, width = png(self.figure), round(100 * self.figure.get_figwidth())
        source = f"data:image/png;base64,{data}"
        image = f'<img src="{source}" alt="{html.escape(self.alt)}" width="{width}">'
        return (
            {"text/plain": self.alt, "text/html": image, "image/png": data},
            {"image/png": {"alt": self.alt, "width": width}},
        )


def png(figure: Figure) -> str:
    """The figure as a PNG in base64."""
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(150)
    canvas.draw()
    # Flat colours need a palette only: a third of the size, and notebooks keep it twice.
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").quantize(128)
    file = io.BytesIO()
    image.save(file, "png", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")


@dataclass(frozen=True)
class Sentence:
    """What stands where a picture will be. A word between backticks is shown as code."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        text = re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(self.text, quote=False))
        return f"<p><em>{text}</em></p>"


# --- asking the student's functions ---------------------------------------------------------


class NotYet(Exception):
    """Why there is no picture, in words for the student."""


def ask(function: Callable, *args: Any, shape: tuple[int, ...] = ()) -> NDArray:
    """What a student's function returns: finite numbers in an array of ``shape``.

    Raises NotYet if it is a stub, raises, or returns anything else.
    """
    return ask_parts(function, *args, shapes=shape)


def ask_parts(function: Callable, *args: Any, shapes: Any) -> Any:
    """As ``ask``, for a function that returns several arrays.

    shapes: of one array, a tuple; of several, a list, or a dict by key, to any depth. Of what has
    None there, nothing is asked.
    """
    outcome = call(function, args)
    if outcome.kind == "unwritten":
        raise NotYet(f"This picture appears once `{outcome.words}` is written.")
    name = getattr(function, "__name__", "the function")
    if outcome.kind != "returned":
        raise no_picture(name, outcome.words.rstrip("."))
    if outcome.value is None:
        raise no_picture(name, "It returned None. Did you forget a `return`?")
    return fitting(outcome.value, shapes, name, "Its result")


def fitting(value: Any, wanted: Any, name: str, where: str) -> Any:
    """``value`` with finite numbers in arrays of the shapes ``wanted``; else NotYet."""
    if wanted is None:
        return None
    if isinstance(wanted, dict):
        if not isinstance(value, dict) or not value.keys() >= wanted.keys():
            keys = ", ".join(map(repr, wanted))
            raise no_picture(name, f"{where} is {kind_of(value)}, not a dict with the keys {keys}")
        inside = f"{where.removesuffix(' result')} entry "
        return {k: fitting(value[k], wanted[k], name, f"{inside}[{k!r}]") for k in wanted}
    if isinstance(wanted, list):
        entries = list(value) if isinstance(value, np.ndarray) and value.ndim else value
        if not isinstance(entries, list | tuple) or len(entries) != len(wanted):
            raise no_picture(name, f"{where} is {kind_of(value)}, not {len(wanted)} entries")
        pairs = enumerate(zip(entries, wanted, strict=True))
        inside = f"{where.removesuffix(' result')} entry "
        return [fitting(part, shape, name, f"{inside}[{i}]") for i, (part, shape) in pairs]
    try:
        numbers = as_numbers(float(value) if isinstance(value, int) else value)
    except OverflowError:  # whole numbers have no largest one, floats do
        numbers = np.array(np.inf)
    if numbers is None or numbers.shape != wanted:
        raise no_picture(name, f"{where} is {kind_of(value)}, not {kind_of(np.zeros(wanted))}")
    if not np.isfinite(numbers).all():
        raise no_picture(name, f"{where} is too large for a number, or nan")
    return numbers


def no_picture(name: str, observed: str) -> NotYet:
    """The NotYet for a function that is written but does not work."""
    end = "" if observed.endswith("?") else "."
    return NotYet(f"No picture yet, because of `{name}`. {observed}{end} Try `check({name})`.")


@contextlib.contextmanager
def once_written() -> Iterator[None]:
    """``with once_written(): …`` runs the lines; if a function they use does not work yet, it
    says so in a sentence."""
    try:
        yield
    except NotImplementedError as error:
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        display(Sentence(f"This appears once `{frame.f_code.co_name}` is written."))
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}".replace("`", "'")[:300]
        display(Sentence(f"A function used here does not work yet (`{what}`). Check each of them."))


# --- drawing --------------------------------------------------------------------------------


def picture(draw: Callable[..., tuple[Figure, str]]) -> Callable[..., Picture | Sentence]:
    """Make a function that draws return a Picture, or a Sentence where it cannot be drawn yet.

    ``draw`` returns the figure and its alternative text, and calls student's functions by ``ask``.
    """

    @functools.wraps(draw)
    def drawn(*args: Any, **options: Any) -> Picture | Sentence:
        if not drawing:
            return Sentence("Pictures are not drawn while notebooks are graded.")
        try:
            return Picture(*draw(*args, **options))
        except NotYet as reason:
            return Sentence(str(reason))

    return drawn


def panels(
    rows: int, columns: int, height: float, width: float = WIDTH, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure with empty axes in the course's style, row by row; sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    axes = list(figure.subplots(rows, columns, squeeze=False, **options).flat)
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
        one.grid(alpha=0.25)
        one.set_axisbelow(True)
    return figure, axes


def shade(axes: Axes, across: NDArray, heights: NDArray) -> Any:
    """Answers from 0 to 1 over a square, from blue to orange, and the line where they are ½."""
    levels = np.linspace(0, 1, 11)
    area = axes.contourf(across, across, heights, levels, cmap=BLUE_TO_ORANGE)
    if heights.min() < 0.5 < heights.max():
        axes.contour(across, across, heights, [0.5], colors=GREY, linewidths=2)
    axes.grid(visible=False)
    return area
