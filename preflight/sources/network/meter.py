"""The data that a run may use: every byte is counted, and none passes beyond the limit."""

import math
import threading


class DataLimitError(OSError):
    """A run has used all the data it may use."""

    DETAIL = "the data that a run may use is used up"


class Meter:
    """Counts the bytes of every exchange of a run, both ways, and ends them all at its limit.

    Of HTTP it counts what is inside TLS, the heads included, and of STUN the datagrams; an answer that
    came in but was not read counts too.
    """

    def __init__(self, limit: float = math.inf) -> None:
        """`limit` is in bytes."""
        self.limit = limit
        self.count = 0
        self._lock = threading.Lock()

    @property
    def remaining(self) -> float:
        """How many more bytes may pass."""
        return max(0.0, self.limit - self.count)

    def add(self, count: int) -> None:
        """Count bytes that have passed; what the system says was never sent is taken off."""
        with self._lock:
            self.count += count

    def allowed_bytes(self, count: int) -> int:
        """Return how many of so many bytes may pass; raises `DataLimitError` if none may."""
        allowed = min(count, self.remaining)
        if count and not allowed:
            raise DataLimitError
        return int(allowed)
