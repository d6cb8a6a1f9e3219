"""Disks with too little room."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Let no file of this process or of its children grow beyond so many bytes: the last write is short."""
    # Of POSIX only.
    import resource  # noqa: PLC0415 - see above

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # What children reached would be counted in a file that is cut off.
    counting = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_")}
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        os.environ.update(counting)
