"""Work in a thread of its own, whose end can be awaited for a limited time."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class DaemonFuture(Generic[T]):
    """The coming result of `work`.

    The thread is a daemon, unlike those of `concurrent.futures`: a name look-up that
    hangs in the system's resolver cannot be ended and must not hold up the program's end.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._result: T
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._work()
        except Exception as error:  # noqa: BLE001 - raised again where the result is asked for
            self._error = error

    def done(self, seconds: float | None = None) -> bool:
        """Wait until the work ended, at most `seconds`; say whether it did."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self, seconds: float | None = None) -> T:
        """Return the result or raise what the work raised; `TimeoutError` after `seconds`."""
        if not self.done(seconds):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._result
