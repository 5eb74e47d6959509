"""Live pictures that are driven by the student's own functions."""

from course.classroom.widgets.descent import descent
from course.classroom.widgets.network import network

__all__ = ["descent", "network"]
