"""The machine itself: boots an image, runs scripts in it, switches it off.

    PYTHONPATH=tests python -m lab.machine.guest 'modprobe vivid; v4l2-ctl --list-devices'

boots one, runs that as root and prints what came; without a script each line of
standard input is run, so that one can look around. `$LAB_ACCELERATOR` (kvm or tcg)
overrules what is found to work.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lab.machine import image, media

BOOT_S = 150
"""Boots in about 12 s on an idle computer with 2 cores, without KVM."""
_SPARE_S = 20
SERVER = image.HERE.parent / "network" / "server.py"
"""How long the agent may take to answer after a script's time is up."""
# Plain emulation calibrates the time stamp counter wrongly on a busy host (seen: 2.3 times too fast),
# which spoils every rate and time-out; the HPET is right.
_CLOCK = "tsc=unstable clocksource=hpet"
_EMULATED = "Nehalem"
"""The least that NumPy's wheels ask for (x86-64-v2): OpenCV's AVX2 code is slower when emulated."""


class GuestFailed(Exception):
    """The machine did not boot, or does not answer any more: the lab's failure, not the product's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a script."""

    status: int
    """-1: it was not done within its time."""
    out: str
    err: str
    seconds: float
    """By the guest's clock."""
    left: tuple[str, ...]
    """Programs it started that still run."""


class Guest:
    """A running machine."""

    def __init__(self, accelerator: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="preflight-lab-")
        share = Path(self._folder.name)
        # The guest's users look into it.
        share.chmod(0o755)
        self._console = share / "console"
        built = image.build()
        _lay_out(share)
        self._wire = socket.socket(socket.AF_UNIX)
        self._lines = self._wire.makefile("rb")
        self._machine = _start(accelerator, built, share)
        try:
            _connect(self._wire, share / "wire", self._machine)
            self._answer(BOOT_S)
            self._furnish()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, script: str, *, user: str = "root", seconds: float = 60) -> Done:
        """Run a bash script to its end; raises `GuestFailed` when the machine does not answer."""
        answer = self._ask({"script": script, "user": user, "seconds": seconds}, seconds + _SPARE_S)
        return Done(**answer | {"left": tuple(answer["left"])})

    def clear(self) -> None:
        """Take the machine back to how it booted: no programs, no devices, no traces of a row."""
        if left := self._ask({"clear": True}, 60)["left"]:
            raise GuestFailed(f"would not end: {left}")

    def waited(self) -> float:
        """Return the seconds that it was ready to go on and the host had no processor for it, so far.

        Of all its threads together: two processors that never got a turn wait 2 s each second.
        """
        threads = Path(f"/proc/{self._machine.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[1]) for thread in threads) / 1e9

    def close(self) -> None:
        """Switch it off, by pulling the plug: its disk is thrown away anyway."""
        self._machine.kill()
        self._machine.wait()
        self._lines.close()
        self._wire.close()
        self._folder.cleanup()

    def _furnish(self) -> None:
        done = self.run(
            "site=$(echo /usr/local/lib/python3.*/dist-packages) && cp -r /mnt/host/site/. $site && "
            "cp -r /mnt/host/media /media/lab && cp /mnt/host/programs/* /usr/local/bin && "
            "sed '1c#!/usr/bin/python3' /mnt/host/site/bin/preflight > /usr/local/bin/preflight && "
            "chmod 755 /usr/local/bin/preflight && python3 -m compileall -q $site/preflight && "
            "modprobe -a snd snd-pcm",
            seconds=120,
        )
        if done.status:
            raise GuestFailed(f"the product could not be installed: {done.err}")

    def _ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        try:
            self._wire.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise GuestFailed(f"hung up: {error}") from error
        return self._answer(seconds)

    def _answer(self, seconds: float) -> dict[str, Any]:
        self._wire.settimeout(seconds)
        try:
            line = self._lines.readline()
        except TimeoutError:
            line = b""
        if not line:
            console = self._console.read_text(errors="replace")[-1500:] if self._console.exists() else ""
            raise GuestFailed(f"no answer in {seconds:g} s\n{console}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def accelerators() -> tuple[str, ...]:
    """Return what to boot with, the best first.

    That /dev/kvm is there proves nothing: the kvm_pvm module (a host without hardware
    virtualisation) cannot run Debian's kernel.
    """
    if chosen := os.environ.get("LAB_ACCELERATOR"):
        return (chosen,)
    if os.access("/dev/kvm", os.W_OK) and not Path("/sys/module/kvm_pvm").exists():
        return ("kvm", "tcg")
    return ("tcg",)


def _lay_out(share: Path) -> None:
    """Lay out what the guest takes over: its programs, the media, the product as pip installs it."""
    programs = share / "programs"
    programs.mkdir()
    for source in (*image.INSIDE.glob("*.py"), SERVER):
        shutil.copy(source, programs / source.stem)
        (programs / source.stem).chmod(0o755)
    (share / "media").mkdir()
    media.make(share / "media")
    commands: tuple[list[str | Path], ...] = (
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-compile",
            "--target",
            share / "site",
            image.PROJECT,
        ],
        ["iasl", "-p", share / "battery", image.INSIDE / "battery.asl"],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise GuestFailed(f"{command[0]}: {done.stderr.decode(errors='replace')[-1000:]}")


def _start(accelerator: str, built: Path, share: Path) -> subprocess.Popen[bytes]:
    kvm = accelerator == "kvm"
    kernel = f"console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr {'' if kvm else _CLOCK}"
    command: list[str | Path] = [
        *("qemu-system-x86_64", "-machine", "q35", "-m", "2048", "-smp", "2"),
        *(("-accel", "kvm", "-cpu", "host") if kvm else ("-accel", "tcg,thread=multi", "-cpu", _EMULATED)),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-serial", f"file:{share / 'console'}"),
        *("-kernel", built / "vmlinuz", "-initrd", built / "initrd.gz", "-append", kernel),
        *("-drive", f"file={built / 'root.img'},format=raw,if=virtio,snapshot=on,aio=threads,cache=unsafe"),
        *("-virtfs", f"local,path={share},mount_tag=host,security_model=none,readonly=on"),
        *("-chardev", f"socket,id=lab,path={share / 'wire'},server=on,wait=off"),
        *("-device", "virtio-serial", "-device", "virtserialport,chardev=lab,name=lab"),
        *("-device", "virtio-rng-pci", "-acpitable", f"file={share / 'battery.aml'}"),
        *("-audiodev", "none,id=sound", "-device", "intel-hda", "-device", "hda-duplex,audiodev=sound"),
    ]
    with (share / "qemu").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _connect(wire: socket.socket, path: Path, machine: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        try:
            wire.connect(str(path))
        except OSError:
            if machine.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise GuestFailed(f"QEMU did not start: {path.with_name('qemu').read_text(errors='replace')[-1000:]}")


def main() -> int:
    """Run one script, or each line of standard input."""
    with Guest(accelerators()[-1]) as guest:
        for script in sys.argv[1:] or sys.stdin:
            done = guest.run(script, seconds=600)
            sys.stdout.write(done.out)
            sys.stderr.write(done.err)
            sys.stderr.write(f"[status {done.status}, {done.seconds} s]\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
