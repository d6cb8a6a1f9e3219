"""What can be asked of a node without a camera behind it; real drivers are the machine lab's."""

import sys
from pathlib import Path

import pytest

from preflight.model import Kind
from preflight.platforms import v4l2

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has nodes that can be asked")


def test_a_node_that_went_away_gives_nothing(tmp_path: Path) -> None:
    trouble = v4l2.find_trouble(str(tmp_path / "video0"))
    assert trouble is not None
    assert (trouble.kind, trouble.detail) == (Kind.NO_DATA, "FileNotFoundError ENOENT")


def test_what_does_not_answer_as_a_camera_is_left_to_opencv() -> None:
    assert v4l2.find_trouble("/dev/null") is None
