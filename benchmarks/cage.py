"""What the filter of system calls, and the look at all processes' memory, cost a submission.

    python benchmarks/cage.py [ROUNDS]

Both sides in one run, in turn: cages with and without them, the same solved notebook, medians.
"""

import contextlib
import statistics
import sys
import time
from pathlib import Path

import nbformat

from autograder import sandbox
from autograder.preprocessors import cells_to_run
from autograder.remote import run_notebook
from autograder.sandbox import Cage, Limits

ROOT = Path(__file__).parent.parent
NAME = "01-gradient-descent"


def without_filter() -> Cage:
    """A cage whose processes may call what they like."""
    stage = sandbox.stage

    def staged(folder):
        stage(folder)
        (folder / "seccomp.py").write_text("def install(): pass\n")

    sandbox.stage = staged
    try:
        return Cage()
    finally:
        sandbox.stage = stage


def seconds(cage: Cage, cells, watched: bool) -> float:
    """Wall time of one submission."""
    watch = sandbox.Watch
    if not watched:
        sandbox.Watch = lambda *_: contextlib.nullcontext()
    try:
        begun = time.perf_counter()
        run_notebook(cage, cells, {}, Limits(), 7)
        return time.perf_counter() - begun
    finally:
        sandbox.Watch = watch


def main(rounds: int) -> None:
    """Print a line for each part and its cost."""
    nb = nbformat.read(ROOT / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    kinds = {"nothing to run": (), NAME: cells_to_run(nb)}
    full, bare = Cage(), without_filter()
    try:
        for kind, cells in kinds.items():
            sides = {"all": (full, True), "no filter": (bare, True), "no watch": (full, False)}
            found = {side: [] for side in sides}
            for _ in range(rounds + 1):
                for side, (cage, watched) in sides.items():
                    found[side].append(seconds(cage, cells, watched) * 1000)
            medians = {side: statistics.median(times[1:]) for side, times in found.items()}
            print(f"{kind}: {medians['all']:.1f} ms")
            for side in ("no filter", "no watch"):
                more = medians["all"] - medians[side]
                print(f"  {side}: {more:+.2f} ms, {100 * more / medians['all']:+.1f} %")
    finally:
        full.close()
        bare.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
