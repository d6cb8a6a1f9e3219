"""How the tests share a computer."""

import os

import pytest

# What is installed has its bytecode beside it; without it each of two hundred starts compiles all again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# As the program's own workers have it: threads wait for one another at the cost of whoever runs beside them.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are processors, for a third of the time tests wait: for a line, for a deadline."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return own + 1
