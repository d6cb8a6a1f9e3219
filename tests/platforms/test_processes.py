import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from preflight import platforms

FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - a kernel file, not a path of ours
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def gone(pid: int) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_kill_ends_the_worker_and_what_it_started() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, **platforms.popen_kwargs()
    ) as worker:
        platforms.tie_to_parent(worker)
        assert worker.stdout is not None
        grandchild = int(worker.stdout.readline())
        assert alive(grandchild)
        platforms.kill(worker)
        assert worker.wait(5) != 0
        assert gone(grandchild)


def test_kill_of_a_worker_that_has_ended_is_harmless() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], **platforms.popen_kwargs()) as worker:
        platforms.tie_to_parent(worker)
        worker.wait(10)
        platforms.kill(worker)
        assert worker.returncode == 0


NICER = """
import os
from preflight import platforms
before = os.nice(0)
platforms.lower_priority()
print(before, os.nice(0))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is POSIX")
def test_a_lowered_process_is_nicer() -> None:
    said = subprocess.run([sys.executable, "-c", NICER], check=True, capture_output=True, text=True)
    before, after = map(int, said.stdout.split())
    assert after == min(before + 10, 19)


def test_libraries_see_a_variable_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFLIGHT_TEST", raising=False)
    platforms.setenv("PREFLIGHT_TEST", "a;b|c")
    # On Windows that of which OpenCV's FFmpeg has its environment.
    library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
    library.getenv.restype = ctypes.c_char_p
    assert library.getenv(b"PREFLIGHT_TEST") == b"a;b|c"


@pytest.mark.parametrize(
    ("status", "system", "expected"),
    [
        (-signal.SIGABRT, "darwin", True),
        (-9, "darwin", False),
        (0, "darwin", False),
        (-signal.SIGABRT, "linux", False),
        (3, "win32", False),
    ],
)
def test_who_may_not_even_ask_is_aborted(status: int, system: str, *, expected: bool) -> None:
    assert platforms.lacks_usage_description(status, system) is expected


def test_of_what_is_no_socket_nothing_waits(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        assert platforms.unsent_bytes(file.fileno()) == 0
    assert platforms.unread_bytes(-1) == 0
    assert platforms.unsent_bytes(-1) == 0
