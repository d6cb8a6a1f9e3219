"""What a real bus says in NetworkManager's place (python-dbusmock): whether the connection is metered."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MOCK = "/usr/bin/python3"
NAME, PATH = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
READ = "from preflight.platforms import current_system; print(current_system().uplink('lo').metered)"

pytestmark = [
    pytest.mark.lab,
    pytest.mark.lab_software,
    pytest.mark.skipif(
        not shutil.which("dbus-daemon")
        or not shutil.which("busctl")
        or subprocess.run([MOCK, "-c", "import dbusmock"], capture_output=True, check=False).returncode != 0,
        reason="dbus-daemon, busctl or python-dbusmock is missing",
    ),
]


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that leads to a bus of our own, where somebody answers to NetworkManager's name."""
    address = f"unix:path={tmp_path / 'bus'}"
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address, "DBUS_SESSION_BUS_ADDRESS": address}
    daemon = subprocess.Popen(["dbus-daemon", "--session", f"--address={address}", "--nofork"])
    try:
        until = time.monotonic() + 10
        while not (tmp_path / "bus").exists() and time.monotonic() < until:
            time.sleep(0.02)
        mock = subprocess.Popen([MOCK, "-m", "dbusmock", "--system", NAME, PATH, NAME], env=environment)
        try:
            while (
                call(environment, "AddProperty", "ssv", NAME, "Metered", "u", "0")
                and time.monotonic() < until
            ):
                time.sleep(0.05)
            yield environment
        finally:
            mock.kill()
            mock.wait()
    finally:
        daemon.kill()
        daemon.wait()


def call(environment: dict[str, str], *words: str) -> int:
    command = ["busctl", "--system", "call", NAME, PATH, "org.freedesktop.DBus.Mock", *words]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


def read(environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_networkmanager_is_asked_whether_the_connection_is_metered(bus: dict[str, str]) -> None:
    said = {}
    for number in range(5):
        assert call(bus, "UpdateProperties", "sa{sv}", NAME, "1", "Metered", "u", str(number)) == 0
        said[number] = read(bus)
    # NMMetered: unknown, yes, no, and both as guesses.
    assert said == {0: "None", 1: "True", 2: "False", 3: "True", 4: "False"}


def test_without_networkmanager_nothing_is_said(bus: dict[str, str], tmp_path: Path) -> None:
    nobody = f"unix:path={tmp_path / 'nobody'}"
    assert read({**bus, "DBUS_SYSTEM_BUS_ADDRESS": nobody}) == "None"
