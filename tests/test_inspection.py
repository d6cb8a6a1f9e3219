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
    ("only", "recorded", "yields"),
    [
        pytest.param((), False, True, id="beside a line test"),
        pytest.param(("camera", "microphone"), False, False, id="without one"),
        pytest.param((), True, False, id="beside a recorded one"),
    ],
)
def test_the_camera_yields_to_a_line_test_only(
    tmp_path: Path, only: tuple[str, ...], *, recorded: bool, yields: bool
) -> None:
    path = tmp_path / "network.json"
    path.write_text("{}")
    jobs = inspection.plan(BLUOR, Choices(only=only, targets={"network": str(path)} if recorded else {}))
    assert job(jobs, "camera").yields is yields
    assert not job(jobs, "microphone").yields


def test_a_live_picture_yields_to_nothing() -> None:
    assert not job(inspection.glimpses(BLUOR, Choices()), "camera").yields
