"""The face is found where it is, in each frame, and why it is not."""

from pathlib import Path

import cv2
import numpy as np
import onnx_files
import pytest
import scenes

from preflight.captures import CameraCapture
from preflight.errors import MeasurementError
from preflight.measures import face_search, haar
from preflight.measures.face import Face
from preflight.model import Kind


def capture(*frames: scenes.Picture) -> CameraCapture:
    return CameraCapture(present=True, frames=frames)


def test_the_face_is_found_where_it_is() -> None:
    found = face_search.find_faces(capture(scenes.good()), None)
    assert found.found
    one = found.faces[0]
    assert one
    assert (one.x + one.side / 2, one.y + one.side / 2) == pytest.approx((929, 398), abs=12)
    assert one.eyes == pytest.approx(37, rel=0.15)
    assert found.others == 0


def test_a_face_is_followed_through_the_frames() -> None:
    walk = [np.roll(scenes.good(), 8 * step, axis=1) for step in range(8)]
    faces = face_search.find_faces(capture(*walk), None).faces
    lefts = [one.x for one in faces if one]
    assert len(lefts) == 8
    assert lefts == pytest.approx([lefts[0] + 8 * step for step in range(8)], abs=10)


def test_of_a_wall_of_portraits_only_some_are_looked_at() -> None:
    portrait = cv2.resize(scenes.good()[300:500, 830:1030], (270, 270), interpolation=cv2.INTER_CUBIC)
    wall = np.tile(np.asarray(portrait, np.uint8), (4, 7, 1))
    assert 2 <= len(haar.HaarDetector().search(wall)) <= 16
    assert 2 <= len(haar.HaarDetector().search_thoroughly(wall)) <= 16


def test_nobody_is_nobody() -> None:
    found = face_search.find_faces(capture(scenes.empty()), None)
    assert not found.found
    assert found.sign == "nobody"


def test_a_crop_ends_where_the_frame_ends() -> None:
    frame = scenes.good()
    assert Face(x=-50, y=1000, side=100).crop(frame, 0, 0, 1, 1).shape == (80, 50, 3)
    assert Face(x=900, y=500, side=100).share_in_frame(frame) == pytest.approx(1.0)
    assert Face(x=-50, y=500, side=100).share_in_frame(frame) == pytest.approx(55 / 110)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "the face model: FileNotFoundError ENOENT", id="not there"),
        pytest.param(b"", "the face model is not a YuNet network: OpenCV's error -", id="empty"),
        pytest.param(b"no network", "the face model is not a YuNet network: OpenCV's error -", id="a text"),
        pytest.param(
            onnx_files.one_layer_network(),
            "the face model is not a YuNet network: OpenCV's error -",
            id="a network for something else",
        ),
    ],
)
def test_a_face_model_that_is_none_is_bad_input(content: bytes | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "face.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MeasurementError) as raised:
        face_search.find_faces(capture(scenes.good()), str(path))
    assert raised.value.trouble.kind is Kind.BAD_INPUT
    assert reason in raised.value.trouble.detail
    assert "face.onnx" not in raised.value.trouble.detail
    assert "\n" not in raised.value.trouble.detail
