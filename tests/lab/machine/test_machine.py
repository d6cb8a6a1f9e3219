"""The installed program against real drivers, row by row of the table."""

# ruff: noqa: E402 - what follows the skip cannot be imported on Windows

import json
import re
import shlex
import sys
import time
import zlib
from base64 import b64decode
from collections.abc import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("terminals and locks of POSIX", allow_module_level=True)
assert sys.platform != "win32"  # the form by which a type checker leaves out a module

from lab.answers import EXITS, wrong
from lab.machine import guest, image
from lab.machine.guest import Done, Guest, GuestFailed
from lab.machine.scenarios import ALL, LAMP, ROOM, SCENARIOS, SPEAK, Row, webcam
from terminals import screen

pytestmark = [pytest.mark.lab, pytest.mark.lab_machine]

STARVED = 0.8
"""Seconds that the guest waited for a processor of the host in each second; above it, feeders and
players fall behind: frames were seen to be 4 s late."""
TRIES = 2
LONG_S = 300
TEXT = "~/report.txt"
FEEDING = """for mark in /run/feeding.*; do
    [ ! -e $mark ] || [ -d /proc/${mark##*.} ] || { dmesg | tail -5; exit 1; }
done"""
"""Fails when a camera ended otherwise than it was told to."""


class Machine:
    """The guest as the rows use it: booted when first needed, and again after it failed."""

    def __init__(self) -> None:
        self._guest: Guest | None = None
        self._accelerators = list(guest.accelerators())
        self._dead = ""

    def play(self, row: Row) -> tuple[Done, str]:
        """Return how a row's command ended and the report for a person; retried once if the lab failed."""
        command = f"{row.within} preflight run --no-input --lang en --format json --output {TEXT} {row.run}"
        return self._tried(row.prepare, command, row.user, row.limit_s + 30)

    def lead(self, prepare: str, person: str, seconds: float) -> Done:
        """Return what a person at a terminal of the prepared machine came to; retried as a row is."""
        return self._tried(prepare, f"person {person}", "member", seconds)[0]

    def _tried(self, prepare: str, command: str, user: str, seconds: float) -> tuple[Done, str]:
        reasons = []
        for _ in range(TRIES):
            if self._dead:
                break
            try:
                return self._run(prepare, command, user, seconds)
            except GuestFailed as failed:
                reasons.append(str(failed))
                self.close()
        pytest.skip(f"the lab, not the product: {self._dead or ' / '.join(reasons)}")

    def _run(self, prepare: str, command: str, user: str, seconds: float) -> tuple[Done, str]:
        running = self._running()
        running.clear()
        prepared = running.run(prepare or "true", seconds=60)
        if prepared.status:
            raise GuestFailed(f"could not be prepared: {prepared.out} {prepared.err}")
        began, before = time.monotonic(), running.waited()
        done = running.run(command, user=user, seconds=seconds)
        if (share := (running.waited() - before) / (time.monotonic() - began)) > STARVED:
            raise GuestFailed(f"the guest waited for a processor {share:.1f} s each second")
        if (alive := running.run(FEEDING)).status:
            raise GuestFailed(f"the camera ended by itself: {alive.out}")
        return done, running.run(f"cat {TEXT}", user=user).out

    def _running(self) -> Guest:
        while self._guest is None:
            try:
                self._guest = Guest(self._accelerators[0])
            except image.CannotBuild as cannot:
                self._dead = str(cannot)
                raise GuestFailed(self._dead) from cannot
            except GuestFailed:
                if len(self._accelerators) == 1:
                    raise
                del self._accelerators[0]
        return self._guest

    def close(self) -> None:
        if self._guest:
            self._guest.close()
        self._guest = None


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.close()


@pytest.mark.parametrize("row", SCENARIOS, ids=lambda row: row.id)
def test_answer_is_a_careful_persons(row: Row, machine: Machine) -> None:
    done, text = machine.play(row)

    assert done.status != -1, f"no answer within {row.limit_s + 30} s"
    assert "Traceback" not in done.err + text
    report = json.loads(done.out)
    assert not wrong(row.expect, report), "\n".join(wrong(row.expect, report))
    assert done.status == EXITS[report["verdict"]]
    assert row.device in report.get("devices", {}).get(
        row.expect and next(iter(row.expect)).partition(".")[0], ""
    )
    assert row.says in re.sub(r"\s+", " ", text)
    assert not done.left
    assert done.seconds <= row.limit_s


@pytest.mark.parametrize("size", ["80x24", "120x40"] if ALL else ["80x24"])
def test_a_person_is_led_from_a_dark_room_to_a_good_report(size: str, machine: Machine) -> None:
    steps = (
        ("Then press Enter", ""),
        ("too little light", LAMP),
        ("The picture and the light are good.", "\n"),
        ("Please read aloud", SPEAK),
        ("skip this", "s"),
        ("save the report", "q"),
    )
    words = [size, *(word for step in steps for word in step), "--"]
    command = f"preflight run --lang en --only camera,microphone --timeout {LONG_S}"
    person = f"{shlex.join(words)} {command}"
    done = machine.lead(f"{ROOM} && {webcam(picture='/home/scene/now')}", person, 2 * LONG_S)

    assert done.status == 0, done.err
    came = json.loads(done.out)
    written = zlib.decompress(b64decode(came["written"]))
    columns, rows = map(int, size.split("x"))
    shown = [screen(written[:count], columns, rows) for _, count in came["moments"]]
    for (seconds, _), lines in zip(came["moments"], shown, strict=True):
        print(f"{seconds:.1f} s", *lines, sep="\n")  # noqa: T201 - pytest -rP shows the whole way
    report = "\n".join(screen(written, columns, 200))
    print(report)  # noqa: T201 - as above
    assert len(shown) == len(steps), "the next thing never came"
    assert any(line.startswith("Light") and line.endswith("✗") for line in shown[1])
    assert any("▀" in line for line in shown[2])
    assert "Everything that was checked is ready" in report
    assert "which no computer can check" in report
    assert came["status"] == 0


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.id for row in SCENARIOS]

    assert len(set(names)) == len(names)
    assert all(shlex.split(row.run) for row in SCENARIOS)
