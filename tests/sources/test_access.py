"""What the system says of a device that stays closed or silent; by system: tests/platforms/layouts."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from layouts import LAYOUTS, build_system, load_layout

from preflight.captures import MicrophoneCapture
from preflight.errors import MeasurementError
from preflight.model import Kind
from preflight.platforms import Device, System
from preflight.platforms.macos import MacOS
from preflight.sources import access, microphone

NOT_ASKED, DENIED, ALLOWED = 0, 2, 3
ZEROS = np.zeros(48000, np.float32)
VOICE = np.tile(np.array([0.1, -0.1], np.float32), 24000)


def recorded(name: str, tmp_path: Path) -> System:
    system, _, _ = name.partition("/")
    if system != "windows" and sys.platform == "win32":
        pytest.skip("needs symbolic links and the permission to execute")
    return build_system(load_layout(LAYOUTS / f"{name}.toml"), system, tmp_path)


def mac(*answers: int) -> MacOS:
    """Return a Mac that gives one answer after the other, the last one for ever."""

    def told() -> Iterator[int]:
        yield from answers
        while True:
            yield answers[-1]

    each = told()
    return MacOS(authorization=lambda _: next(each))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param((NOT_ASKED, NOT_ASKED, NOT_ASKED, ALLOWED), True, id="allowed after a while"),
        pytest.param((NOT_ASKED, NOT_ASKED, DENIED), False, id="denied after a while"),
        pytest.param((NOT_ASKED,), False, id="nobody answers"),
        pytest.param((ALLOWED,), False, id="long allowed"),
        pytest.param((DENIED,), False, id="long denied"),
    ],
)
def test_the_systems_question_is_waited_for(answers: tuple[int, ...], *, expected: bool) -> None:
    started = time.monotonic()
    assert access.await_permission(Device.CAMERA, mac(*answers), seconds=1.0) is expected
    assert time.monotonic() - started < 3.0


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.BAD_INPUT, Kind.NO_LIBRARY, Kind.NO_SIGNAL])
def test_what_has_another_cause_stays_as_it_is(kind: Kind) -> None:
    broken = MeasurementError(kind, "as it was")
    assert access.explain_failure(broken, Device.CAMERA, mac(DENIED)) is broken


def test_one_that_listens_too_does_not_explain_a_failure(tmp_path: Path) -> None:
    teams = recorded("windows/camera-held-by-teams", tmp_path)
    broken = MeasurementError(Kind.NO_DATA, "Unanticipated host error [PaErrorCode -9999]")
    assert access.explain_failure(broken, Device.MICROPHONE, teams) is broken


@pytest.mark.parametrize(
    ("samples", "system", "expected"),
    [
        pytest.param(ZEROS, "windows/microphone-off-for-the-computer", True, id="zeros, Windows says denied"),
        pytest.param(VOICE, "windows/microphone-off-for-the-computer", False, id="a voice all the same"),
        pytest.param(ZEROS, "windows/camera-held-by-teams", False, id="zeros, Windows says allowed"),
        pytest.param(ZEROS, "macos/camera-restricted", True, id="zeros, macOS says denied"),
        pytest.param(ZEROS, "macos/camera-not-asked", True, id="zeros, macOS still asks"),
        pytest.param(ZEROS, "macos/camera-allowed", False, id="zeros, macOS says allowed"),
        pytest.param(ZEROS, "linux/camera-held-by-a-call", False, id="zeros on Linux are a mute"),
        pytest.param(None, "macos/camera-restricted", True, id="none to be seen, macOS says denied"),
        pytest.param(None, "macos/camera-allowed", False, id="none to be seen, macOS says allowed"),
    ],
)
def test_silence_without_permission_is_no_mute(
    samples: np.ndarray | None, system: str, tmp_path: Path, *, expected: bool
) -> None:
    captured = MicrophoneCapture(present=samples is not None, samples=samples, rate=48000)
    machine = recorded(system, tmp_path)
    if not expected:
        assert microphone._refuse_withheld_silence(captured, machine) is captured  # noqa: SLF001 - no device gives each of these
        return
    with pytest.raises(MeasurementError) as broken:
        microphone._refuse_withheld_silence(captured, machine)  # noqa: SLF001 - as above
    assert broken.value.trouble.kind is Kind.NO_PERMISSION


def test_a_monitor_is_no_question_of_permission(tmp_path: Path) -> None:
    captured = MicrophoneCapture(present=False, monitor=True)
    machine = recorded("macos/camera-restricted", tmp_path)
    assert microphone._refuse_withheld_silence(captured, machine) is captured  # noqa: SLF001 - as above
