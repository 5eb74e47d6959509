"""A course on backpropagation: what the notebooks import.

Importing this package is cheap: ``check``, ``hint`` and ``progress`` are fetched on first use,
and none of them needs the reference modules beside this file.
"""

__version__ = "0.1.0"
#: The day of this version, which the files of a release carry.
__date__ = "2026-11-27"

__all__ = ["check", "hint", "progress"]


def __getattr__(name: str):
    if name in __all__:
        from course.classroom import check as classroom

        return getattr(classroom, name)
    raise AttributeError(f"module 'course' has no attribute {name!r}")
