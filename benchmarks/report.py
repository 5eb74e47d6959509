"""Run every benchmark, and write docs/benchmarks.md from what they print.

make bench [or: .venv/bin/python benchmarks/report.py --rounds 3 --students 4]
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def printed(*command: str) -> str:
    """What a benchmark prints; it ends this program if it fails."""
    print(" ".join(command), file=sys.stderr)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout.strip()


def main() -> None:
    """Run them one after the other, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="of the training benchmark")
    parser.add_argument("--students", type=int, default=30, help="of the grading benchmark")
    chosen = parser.parse_args()
    begun, before = time.time(), os.getloadavg()[1]
    picture = "docs/benchmarks.png"
    training = printed(
        ".venv-bench/bin/python", "-W", "ignore", "benchmarks/training.py",
        "--rounds", str(chosen.rounds), "--picture", picture,
    )  # fmt: skip
    check = printed(".venv/bin/python", "benchmarks/check.py")
    grading = printed(
        ".venv/bin/python", "benchmarks/grading.py", "--students", str(chosen.students)
    )
    cores = len(os.sched_getaffinity(0))
    noise = (
        f"The machine was busy with other work when this began (a load of {before:.1f} on {cores} "
        "cores): the figures are rough."
        if before > 0.5
        else "The machine was quiet when this began."
    )
    minutes = (time.time() - begun) / 60
    text = f"""# Benchmarks

Written by `make bench` (`benchmarks/report.py`); no figure is typed by hand. Measured on
{time.strftime("%d %B %Y", time.gmtime(begun))}, {cores} cores, {platform.machine()},
{platform.system()}, Python {platform.python_version()}, in {minutes:.0f} minutes, with
{chosen.rounds} rounds and {chosen.students} submissions. {noise}

![Time of a training step divided by that of others](benchmarks.png)

{training}

## Grading a class, like with like

```
{grading}
```

## What a student waits for

```
{check}
```
"""
    (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
