#!/usr/bin/python3
"""Runs in the guest what the host asks for, one bash script at a time.

A line of JSON each way over the virtio port `lab`:
{script, user, seconds} -> {status, out, err, seconds, left}. `status` is -1 when the
time was up; `left` are the programs that still run of those the script
started. {clear: true} ends all but the
machine's own programs.
"""

import grp
import json
import os
import pwd
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

PORT = "/dev/virtio-ports/lab"
OUTPUT_LIMIT = 4 << 20
TRIES = 25
DRIVERS = (
    *("vivid", "v4l2loopback", "uvcvideo", "vhci_hcd", "test_power", "battery", "ac", "hid_generic", "uhid"),
    *("snd_aloop", "snd_dummy", "snd_hda_intel"),
)
"""What makes the devices of a row; what they depend on may stay."""
KEPT = {"agent", "systemd-udevd", "(udev-worker)"}


def main() -> None:
    with Path(PORT).open("r+b", buffering=0) as port:
        port.write(b'{"ready": true}\n')
        while line := port.readline():
            request = json.loads(line)
            answer = clear() if request.get("clear") else run(request)
            rest = memoryview(json.dumps(answer).encode() + b"\n")
            while rest:
                rest = rest[port.write(rest) :]


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run one script as one user, in a session and with a home of its own."""
    user = pwd.getpwnam(request["user"])
    sessions = {None, *(session(pid) for pid in programs())}
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": user.pw_dir,
        "USER": user.pw_name,
        "LOGNAME": user.pw_name,
    }
    started = time.monotonic()
    # Files in place of pipes: a program that the script leaves behind would hold a pipe open.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            ["bash", "-c", request["script"]],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[group.gr_gid for group in grp.getgrall() if user.pw_name in group.gr_mem],
            cwd=user.pw_dir,
            env=environment,
            start_new_session=True,
        )
        try:
            status = process.wait(request["seconds"])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = -1
        seconds = time.monotonic() - started
        left = [name for pid, name in programs().items() if session(pid) not in sessions]
        return {
            "status": status,
            "out": head(out.fileno()),
            "err": head(err.fileno()),
            "seconds": round(seconds, 2),
            "left": left,
        }


def head(file: int) -> str:
    """Return the beginning of what was written to a file."""
    return os.pread(file, OUTPUT_LIMIT, 0).decode(errors="replace")


def session(pid: int) -> int | None:
    """Return the session of a process; None once it is gone."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def programs() -> dict[int, str]:
    """Return every program that runs, by process id, as the kernel names it and as it was called."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            called = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            name = (folder / "comm").read_text().strip()
        except OSError:
            continue
        # A kernel thread was not called by anyone.
        if called and int(folder.name) not in (1, os.getpid()) and name not in KEPT:
            found[int(folder.name)] = f"{name}: {called}"
    return found


def clear() -> dict[str, Any]:
    """End what a row left running, unload its drivers, empty its folders; returns what stays."""
    for _ in range(TRIES):
        for pid in programs():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if loaded := [driver for driver in DRIVERS if driver in drivers()]:
            subprocess.run(["modprobe", "-qra", *loaded], check=False)
        left = [*programs().values(), *(driver for driver in DRIVERS if driver in drivers())]
        if not left:
            break
        time.sleep(0.2)
    for folder in (Path(tempfile.gettempdir()), *Path("/home").iterdir()):
        subprocess.run(["find", folder, "-mindepth", "1", "-delete"], check=False)
    for mark in Path("/run").glob("feeding.*"):
        mark.unlink()
    for space in subprocess.run(
        ["ip", "netns"], capture_output=True, text=True, check=False
    ).stdout.splitlines():
        subprocess.run(["ip", "netns", "del", space.split()[0]], check=False)
    return {"left": left}


def drivers() -> set[str]:
    return {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}


if __name__ == "__main__":
    main()
