"""What every live picture shares: the widget, its place in the notebook, its still form.

How it calls the student's functions is in student.py; the shared part of the drawing (controls,
axes) is in parts.js and parts.css.
"""

import base64
import contextlib
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
from IPython import get_ipython
from IPython.display import display

from course.classroom import picture
from course.classroom.calling import undisturbed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "parts.css").read_text(encoding="utf-8")


def script(name: str) -> str:
    """parts.js followed by the picture's own file: one module, so that it can travel offline."""
    parts = (FOLDER / "parts.js", FOLDER / name)
    return "\n".join(path.read_text(encoding="utf-8") for path in parts)


class LivePicture(anywidget.AnyWidget):
    """A picture that JavaScript draws and Python computes.

    A subclass sets ``_esm = script(...)`` and has ``receive(content)`` for messages from the
    front end, ``after_cell()`` for when the notebook has run a cell, and ``still()`` for where
    there is no kernel: a Figure, and the words for it. Whatever changes the picture or calls the
    student's functions does so in ``with self.at_work()``: JupyterLab's messages come on another
    thread, while cells run.
    """

    _css = STYLE
    _shell = None  # for a picture that is closed because it could not be made

    def __init__(self, **traits):
        self.lock = threading.RLock()
        self._shown_in: dict[str, str] = {}  # the cell's id -> the run of it that showed this
        super().__init__(**traits)
        self.on_msg(self._on_message)
        self._shell = get_ipython()
        if self._shell:
            self._shell.events.register("post_run_cell", self._on_cell)

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
        if self._is_gone():
            return self.close()
        with self.at_work():
            self.after_cell()

    def _is_gone(self) -> bool:
        """True if every cell that showed the picture was run again without it, or deleted."""
        cell, this_run, deleted = _this_run()
        before = len(self._shown_in)
        self._shown_in = {
            name: run
            for name, run in self._shown_in.items()
            if name not in deleted and (name != cell or run == this_run)
        }
        return before > 0 and not self._shown_in

    def close(self) -> None:
        """Let go of the picture, in the front end and here."""
        listening = self._shell and self._shell.events.callbacks["post_run_cell"]
        if listening and self._on_cell in listening:
            listening.remove(self._on_cell)
        super().close()

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
        cell, this_run, _ = _this_run()
        if cell:
            self._shown_in[cell] = this_run

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        with self.at_work():
            data, metadata = super()._repr_mimebundle_(**kwargs)
            figure, words = self.still()
        width, height = (round(100 * inches) for inches in figure.get_size_inches())
        data |= {"text/plain": words, "image/png": png(figure)}
        metadata |= {"image/png": {"width": width, "height": height, "alt": words}}
        return data, metadata


def _this_run() -> tuple[str, str, list[str]]:
    """The id of the cell that runs, that of this run of it, the ids of cells that were deleted.

    Jupyter's front ends tell them with every cell; "" and [] elsewhere.
    """
    request = getattr(get_ipython(), "get_parent", dict)() or {}
    told, run = request.get("metadata", {}), request.get("header", {}).get("msg_id", "")
    return told.get("cellId", ""), run, told.get("deletedCells", [])


def png(figure: "Figure") -> str:
    """The figure as a PNG in base64. No pyplot: its state is shared with the student's cells."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
