"""A limit on the work that one submission can cause in this process."""

import contextlib
import signal
import threading
from collections.abc import Iterator


class TooLong(Exception):
    """There is more work than there is time for it."""


@contextlib.contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block once this process has worked for so long; on the main thread.

    What catches it and goes on meets it again. One block may be inside another.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise TooLong("it takes too long")

    before = signal.signal(signal.SIGVTALRM, stop)
    timer = signal.setitimer(signal.ITIMER_VIRTUAL, max(seconds, 0.001), 0.05)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:  # also if it was over just now
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        signal.setitimer(signal.ITIMER_VIRTUAL, *timer)
