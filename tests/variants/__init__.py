"""Correct solutions of every exercise in different styles: what check must never mark wrong.

One module per assignment, named as in course.classroom.exercises; each exercise has at least three.
"""

import importlib

from course.classroom.exercises import ASSIGNMENTS

SOLUTIONS = {
    name: sources
    for module in ASSIGNMENTS.values()
    for name, sources in importlib.import_module(f"tests.variants.{module}").SOLUTIONS.items()
}
