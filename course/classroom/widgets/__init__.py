"""Live pictures that are driven by the student's own functions."""

from course.classroom.widgets.descent import descent

__all__ = ["descent"]
