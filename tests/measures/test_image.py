"""Noise and colour are measured on what a camera may deliver."""

import cv2
import numpy as np
import pytest
import scenes

from preflight.measures import image


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
