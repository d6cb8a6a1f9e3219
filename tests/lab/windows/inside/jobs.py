"""Print which processes that run Python are in a job object; run by Windows' own Python.

JSON, an object for each but this one: whether another of them started it (`child`), whether a job holds it
(`job`).
"""

import sys

assert sys.platform == "win32"  # the form by which a type checker leaves out a module

# ruff: noqa: E402 - as above

import ctypes
import json
import os

import psutil

QUERY_INFORMATION = 0x400


def is_in_job(process: int) -> bool:
    """Ask Windows."""
    kernel32 = ctypes.windll.kernel32
    kernel32.OpenProcess.restype = ctypes.c_void_p
    handle, found = (
        ctypes.c_void_p(kernel32.OpenProcess(QUERY_INFORMATION, 0, process)),
        ctypes.c_int(),
    )
    known = kernel32.IsProcessInJob(handle, None, ctypes.byref(found))
    kernel32.CloseHandle(handle)
    assert known, f"no answer for {process}"
    return bool(found.value)


def main() -> None:
    """Look at all."""
    pythons = {
        each.pid: each.ppid()
        for each in psutil.process_iter()
        if each.pid != os.getpid() and each.name().lower() == "python.exe"
    }
    print(  # noqa: T201 - what it is called for
        json.dumps([{"child": parent in pythons, "job": is_in_job(pid)} for pid, parent in pythons.items()])
    )


if __name__ == "__main__":
    main()
