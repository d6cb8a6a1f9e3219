"""A person who counts the tones, by really listening to the sound server, and types how many there were."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from lab.sound.server import Server, Told, unable

REASON = unable()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.lab_sound,
    pytest.mark.skipif(REASON is not None, reason=f"the sound lab {REASON}"),
]

RATE = 48000
HEARD, OUTPUT = "speaker.heard", "speaker.output"


class Person:
    """Hears what the loudspeaker plays and counts the tones since the last answer."""

    def __init__(self, server: Server, answer: Callable[[int], int] = lambda count: count) -> None:
        self._answer = answer
        self._path = server.listen()
        self._before = 0

    def type(self, terminal: int) -> None:
        os.write(terminal, f"{self._answer(self.count())}\n".encode())

    def count(self) -> int:
        """Return how many tones were played since this was last asked."""
        sound = np.fromfile(self._path, np.float32)
        loud = [
            float(np.abs(part).max()) > 0.05
            for part in np.array_split(sound, max(1, len(sound) // (RATE // 20)))
        ]
        count = sum(1 for sounds, _ in itertools.groupby(loud) if sounds)
        new, self._before = count - self._before, count
        return new


def run(server: Server, answer: Callable[[int], int], *arguments: str) -> Told:
    person = Person(server, answer)
    return server.preflight(
        "--only", "speaker", *arguments, on={}, each={"Type a number": person.type}, wrap=()
    )


@pytest.mark.parametrize("decibel", [0, -20, -60], ids="coupling of {} dB".format)
def test_tones_that_were_counted_rightly_pass_and_the_coupling_is_read(decibel: int) -> None:
    with Server() as server:
        server.control("set-source-volume", "microphone", f"{decibel}dB")
        told = run(server, lambda count: count)
    assert told.word(HEARD) == "pass"
    assert told.word(OUTPUT) == "pass"
    assert told.fact(HEARD, "rounds") == 1
    assert told.fact(HEARD, "coupling") == pytest.approx(decibel, abs=1)
    assert told.fact(HEARD, "cause") == "loudspeaker"
    assert told.report["devices"] == {"speaker": "Lab_Loudspeaker"}
    assert not told.left


def test_a_microphone_that_does_not_hear_them_is_a_headset() -> None:
    with Server() as server:
        server.control("set-source-mute", "microphone", "1")
        told = run(server, lambda count: count)
    assert told.word(HEARD) == "pass"
    assert told.fact(HEARD, "cause") == "headset"


def test_a_person_who_hears_nothing_fails_at_once() -> None:
    with Server() as server:
        told = run(server, lambda _: 0)
    assert told.word(HEARD) == "fail heard"
    assert told.fact(HEARD, "cause") == "silent"


def test_one_miss_wants_two_right_answers() -> None:
    wrong = iter([1, 0, 0])
    with Server() as server:
        told = run(server, lambda count: count + next(wrong))
    assert told.word(HEARD) == "pass"
    assert told.fact(HEARD, "rounds") == 3


def test_two_misses_fail() -> None:
    with Server() as server:
        told = run(server, lambda count: count + 1)
    assert told.word(HEARD) == "fail heard"
    assert told.fact(HEARD, "cause") == "miscounted"


def test_a_muted_output_and_one_near_nought_are_told() -> None:
    with Server() as server:
        server.control("set-sink-mute", "speaker", "1")
        server.control("set-sink-volume", "speaker", "2%")
        told = run(server, lambda _: 0)
    assert told.word(OUTPUT) == "warn muted,volume"


def test_nothing_is_played_without_a_person() -> None:
    with Server() as server:
        person = Person(server, lambda count: count)
        done = subprocess.run(
            [sys.executable, "-m", "preflight", "run", "--only", "speaker", "--no-input", "--format", "json"],
            env=server.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        read, write = os.pipe()
        person.type(write)
        counted = os.read(read, 9)
    assert done.returncode == 0, done.stderr
    assert counted == b"0\n"


def test_a_server_without_an_output_has_none() -> None:
    with Server() as server:
        server.control("load-module", "module-always-sink")
        server.control("unload-module", "module-null-sink")
        told = run(server, lambda count: count)
    assert told.word(OUTPUT).startswith("warn present")
    assert told.word(HEARD) == "fail heard"
