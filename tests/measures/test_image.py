from pathlib import Path

import cv2
import numpy as np
import onnx_files
import pytest
import scenes

from preflight.captures import CameraCapture
from preflight.errors import MeasurementError
from preflight.measures import face_search, haar, image
from preflight.measures.face import Face
from preflight.model import Kind


def test_srgb_there_and_back() -> None:
    levels = np.arange(256)
    assert np.allclose(image.linear_to_srgb(image.srgb_to_linear(levels)), levels)
    assert float(image.srgb_to_linear(188)) == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("sigma", [2.0, 8.0, 14.0])
def test_noise_is_measured_on_a_scene(sigma: float) -> None:
    grey = image.grey(scenes.grey()[284:796, 704:1216])
    noisy = np.clip(grey + np.random.default_rng(1).normal(0, sigma, grey.shape), 0, 255).astype(np.uint8)
    assert image.noise_sigma(noisy) == pytest.approx(sigma, rel=0.25)


def test_a_picture_is_never_enlarged() -> None:
    small = scenes.small()
    assert image.shrink(small, 1920) is small
    assert image.shrink(small, 640).shape == (360, 640, 3)


def test_colour_is_not_noise() -> None:
    grey = scenes.frames(scenes.grey(), 4, 10.0)
    assert image.chroma(grey) < 0.01
    assert image.chroma(scenes.frames(scenes.good(), 4, 10.0)) > 0.1


@pytest.mark.parametrize(
    "light",
    [pytest.param(0.1, id="dusk"), pytest.param(0.03, id="night"), pytest.param(0.01, id="near darkness")],
)
def test_what_jpeg_leaves_of_a_tint_in_the_dark_is_no_colour(light: float) -> None:
    good = image.shrink(scenes.good(), 960)

    def filmed(picture: scenes.Picture) -> list[scenes.Picture]:
        frames = [scenes.noisy(scenes.dimmed(picture, light), 1.5, seed) for seed in range(3)]
        coded = [cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 60])[1] for frame in frames]
        return [np.asarray(cv2.imdecode(each, cv2.IMREAD_COLOR), np.uint8) for each in coded]

    luma = image.grey(good).astype(np.float32)
    bow = 4 * luma / 255 * (1 - luma / 255)
    sepia = np.clip(np.dstack([luma - 25 * bow, luma - 4 * bow, luma + 18 * bow]), 0, 255)
    assert image.chroma(filmed(np.asarray(sepia, np.uint8))) < 0.03
    assert image.chroma(filmed(good)) > 0.04


def test_a_white_window_does_not_outshine_the_colours_before_it() -> None:
    window = scenes.frames(scenes.silhouette(), 4)
    grey = [cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR) for frame in window]
    assert image.chroma(window) > 0.06
    assert image.chroma([np.asarray(frame, np.uint8) for frame in grey]) < 0.02


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
