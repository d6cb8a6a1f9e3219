"""Enlarged is told from sharp and from soft, by what a camera's own noise and edges show."""

from functools import cache

import cv2
import numpy as np
import pytest
import scenes
from numpy.typing import NDArray

from preflight.measures import sharpness, upscaling

Grey = NDArray[np.uint8]
SIZES = {360: (640, 360), 480: (854, 480), 720: (1280, 720), 1080: (1920, 1080), 1440: (2560, 1440)}
WAYS = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}


@cache
def taken(lines: int, *, blur: float = 0.7, count: int = 3, way: str = "bicubic") -> tuple[Grey, ...]:
    """Frames of a still scene by a sensor of so many lines, brought to 1920x1080, a little noise added."""
    rng = np.random.default_rng(1)
    photo = cv2.cvtColor(np.asarray(scenes.good())[284:796, 704:1216], cv2.COLOR_BGR2GRAY)
    scene = cv2.resize(np.tile(photo, (2, 4))[:900, :1600], SIZES[lines], interpolation=cv2.INTER_CUBIC)
    scene = cv2.GaussianBlur(scene, (0, 0), blur)
    frames: list[Grey] = []
    for _ in range(count):
        seen = np.clip(scene + 1.5 * rng.standard_normal(scene.shape, np.float32), 0, 255).astype(np.uint8)
        if lines != 1080:
            seen = np.asarray(cv2.resize(seen, SIZES[1080], interpolation=WAYS[way]), np.uint8)
            seen = np.clip(seen + rng.standard_normal(seen.shape, np.float32), 0, 255).astype(np.uint8)
        frames.append(np.asarray(seen, np.uint8))
    return tuple(frames)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("lines", "said"), [(360, 720), (480, 480), (720, 720)])
def test_an_enlarged_picture_is_told_with_the_lines_it_came_from(lines: int, said: int, way: str) -> None:
    assert upscaling.measure_upscaling(taken(lines, way=way)).source_lines(larger_offered=False) == said


@pytest.mark.parametrize("blur", [0.7, 3.0], ids=["sharp", "soft"])
def test_a_picture_of_the_cameras_own_size_is_not_called_enlarged_however_soft(blur: float) -> None:
    assert upscaling.measure_upscaling(taken(1080, blur=blur)).source_lines(larger_offered=False) is None


def test_a_camera_that_offers_more_is_not_accused_of_making_its_picture_smaller() -> None:
    reduced = upscaling.measure_upscaling(taken(1440, way="bilinear"))
    assert reduced.source_lines(larger_offered=False) == 720
    assert reduced.source_lines(larger_offered=True) is None


def test_offering_more_is_no_excuse_for_480_lines() -> None:
    assert upscaling.measure_upscaling(taken(480)).source_lines(larger_offered=True) == 480


def test_one_frame_and_frames_all_alike_speak_for_the_scene_only() -> None:
    one = upscaling.measure_upscaling(taken(720, count=1))
    frozen = upscaling.measure_upscaling(taken(720, count=1) * 3)
    assert one.alone
    assert frozen.alone
    assert not upscaling.measure_upscaling(taken(720)).alone
    assert frozen.thirds == pytest.approx(one.thirds)


@pytest.mark.parametrize(
    ("thirds", "ninths", "alone", "lines"),
    [
        pytest.param(2.15, 1.0, False, None, id="just-below-the-limit-of-720"),
        pytest.param(2.25, 1.0, False, 720, id="just-above-the-limit-of-720"),
        pytest.param(2.25, 1.0, True, None, id="one-frame-needs-more"),
        pytest.param(1.0, 1.75, False, None, id="just-below-the-limit-of-480"),
        pytest.param(1.0, 1.85, False, 480, id="just-above-the-limit-of-480"),
        pytest.param(9.0, 1.85, False, 480, id="a-ninth-has-thirds-too"),
    ],
)
def test_the_limits(thirds: float, ninths: float, alone: bool, lines: int | None) -> None:  # noqa: FBT001 - a table's column
    trace = upscaling.UpscalingTrace(thirds=thirds, ninths=ninths, alone=alone)
    assert trace.source_lines(larger_offered=False) == lines


def test_stripes_of_the_scene_three_pixels_wide_are_no_enlargement() -> None:
    striped = [np.minimum(frame, 200) for frame in taken(1080)]
    for frame in striped:
        frame[:, ::3] += 40
    trace = upscaling.measure_upscaling(striped)
    assert trace.thirds > 1.75
    assert trace.source_lines(larger_offered=False) is None


def test_no_frames_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no frames"):
        upscaling.measure_upscaling([])


@pytest.mark.parametrize("blur", [1.0, 1.5, 2.5, 4.0])
@pytest.mark.parametrize("noise", [1.0, 4.0])
def test_the_blur_of_edges_is_measured_in_pixels(blur: float, noise: float) -> None:
    picture = np.full((540, 960), 60, np.float64)
    cv2.circle(picture, (480, 270), 200, 180, -1)
    cv2.rectangle(picture, (40, 40), (200, 500), 150, -1)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float64)
    picture += np.random.default_rng(2).normal(0, noise, picture.shape)
    measured = sharpness.edge_blur(np.clip(picture, 0, 255).astype(np.uint8))
    assert measured is not None
    assert 0.8 * blur < measured < 1.2 * blur + 0.1


def test_a_sharp_face_before_a_soft_wall_is_not_soft() -> None:
    sharp, soft = (np.asarray(taken(1080, blur=blur, count=1)[0]) for blur in (0.7, 4.0))
    mixed = soft.copy()
    mixed[300:780, 700:1220] = sharp[300:780, 700:1220]
    blurs = [sharpness.edge_blur(picture) for picture in (sharp, mixed, soft)]
    assert blurs[1] == pytest.approx(blurs[0], abs=0.8)
    assert blurs[2] == pytest.approx(4.0, abs=0.5)


def test_an_even_wall_has_no_edges_to_measure() -> None:
    assert sharpness.edge_blur(np.full((1080, 1920), 90, np.uint8)) is None
