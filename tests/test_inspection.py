"""From what was asked to the workers' jobs."""

from pathlib import Path

import pytest

from preflight import inspection, policy
from preflight.inspection import Choices
from preflight.model import Job

BLUOR = policy.load()


def job(jobs: tuple[Job, ...], source: str) -> Job:
    return next(each for each in jobs if each.source == source)


@pytest.mark.parametrize(
    ("only", "recorded", "guided", "yields"),
    [
        pytest.param((), False, False, True, id="beside a line test"),
        pytest.param(("camera", "microphone"), False, True, True, id="beside the screen that leads a person"),
        pytest.param(("camera", "microphone"), False, False, False, id="beside neither"),
        pytest.param((), True, False, False, id="beside a recorded line test"),
    ],
)
def test_the_camera_yields_to_a_line_test_and_to_a_screen(
    tmp_path: Path, only: tuple[str, ...], *, recorded: bool, guided: bool, yields: bool
) -> None:
    path = tmp_path / "network.json"
    path.write_text("{}")
    targets = {"network": str(path)} if recorded else {}
    jobs = inspection.plan(BLUOR, Choices(only=only, guided=guided, targets=targets))
    assert job(jobs, "camera").yields is yields
    assert not job(jobs, "microphone").yields


def test_a_live_picture_yields_to_nothing() -> None:
    assert not job(inspection.plan_live(BLUOR, Choices()), "camera").yields
