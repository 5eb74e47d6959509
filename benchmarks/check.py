"""How long a student waits: the median time of one `check`, and the import behind it.

    python benchmarks/check.py

Times are given beside the time of a fixed piece of NumPy work on the same machine in the same run:
compare the ratios, not the milliseconds.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import psutil

from course import check
from tests.variants import SOLUTIONS


def median_milliseconds(work: Callable[[], object], times: int = 15) -> float:
    """The median wall time of a piece of work."""
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        taken.append(time.perf_counter() - before)
    return 1000 * statistics.median(taken)


def yardstick() -> None:
    """Twenty products of 200 × 200 matrices."""
    matrix = np.ones((200, 200))
    for _ in range(20):
        matrix = (matrix @ matrix) / 200


def main() -> None:
    """Print a table: each exercise, then the whole."""
    unit = median_milliseconds(yardstick)
    namespace = {"np": np}
    found = []
    for name, sources in SOLUTIONS.items():
        exec(sources[0], namespace)
        found.append((median_milliseconds(lambda f=namespace[name]: check(f)), name))
    for milliseconds, name in sorted(found):
        print(f"{name:28} {milliseconds:8.2f} ms {milliseconds / unit:8.2f} yardsticks")
    middle = statistics.median(milliseconds for milliseconds, _ in found)
    print(f"{'median of all':28} {middle:8.2f} ms {middle / unit:8.2f} yardsticks")
    imports = [
        median_milliseconds(lambda c=code: subprocess.run([sys.executable, "-c", c]), 5)
        for code in ("import numpy", "from course import check")
    ]
    print(
        f"import numpy {imports[0]:.0f} ms, course.classroom on top {imports[1] - imports[0]:.0f}"
    )
    print(f"memory of this process {psutil.Process().memory_info().rss / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
