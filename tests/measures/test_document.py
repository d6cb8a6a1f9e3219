"""What is measured on a zone that was found."""

import cv2
import documents
import numpy as np
import pytest
from numpy.typing import NDArray

from preflight.measures import document
from preflight.measures.mrz import Mrz, find_mrz
from preflight.measures.mrz_form import FORMS, Form

Grey = NDArray[np.uint8]
TD3 = FORMS[0]


def flat(
    *, blur: float = 0.05, motion: float = 0.0, noise: float = 1.0, scale: float = 10.0
) -> tuple[Grey, Mrz]:
    """A page seen from straight above, blurred by so many characters, and its zone."""
    page = documents.specimen("TD3", scale)
    grey = cv2.cvtColor(page.picture, cv2.COLOR_BGR2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), blur * page.pitch)
    if motion:
        grey = cv2.blur(grey, (max(1, round(motion * page.pitch)), 1))
    noisy = grey + np.random.default_rng(1).normal(0, noise, grey.shape)
    found = Mrz(form=TD3, ends=page.zone.astype(np.float64), pitch=page.pitch, prominence=9.0, filled=1.0)
    return np.clip(noisy, 0, 255).astype(np.uint8), found


def test_ten_characters_make_an_inch() -> None:
    assert document.dpi(flat(scale=10.0)[1]) == pytest.approx(254)


def test_sharpness_falls_with_blur_and_holds_at_any_size_and_noise() -> None:
    values = [document.sharpness(*flat(blur=blur)) for blur in (0.04, 0.08, 0.14, 0.2)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.4
    assert values[-1] < 0.1
    assert document.sharpness(*flat(blur=0.08, scale=6.0)) == pytest.approx(values[1], rel=0.25)
    assert document.sharpness(*flat(blur=0.08, noise=6.0)) == pytest.approx(values[1], rel=0.25)


def test_noise_does_not_make_blurred_text_sharp() -> None:
    assert document.sharpness(*flat(blur=0.2, noise=8.0)) < 0.14


def test_movement_along_the_lines_counts_as_blur() -> None:
    still, moved = (document.sharpness(*flat(motion=motion)) for motion in (0.0, 0.5))
    assert moved < still / 3


@pytest.mark.parametrize("degrees", [0, 45, 90])
def test_movement_by_half_a_character_is_worse_than_as_little_detail_all_around(degrees: int) -> None:
    grey, found = flat()
    moved = np.asarray(cv2.filter2D(grey, -1, line(0.5 * found.pitch, degrees)), np.uint8)
    assert document.sharpness(moved, found) < 0.2
    assert document.sharpness(*flat(blur=0.1)) > 0.2


@pytest.mark.parametrize("degrees", [0, 30, 45, 60, 90, 135])
@pytest.mark.parametrize("smear", [0.75, 1.0])
def test_a_smear_of_about_a_character_is_sharp_in_no_direction(degrees: int, smear: float) -> None:
    grey, found = flat()
    smeared = np.asarray(cv2.filter2D(grey, -1, line(smear * found.pitch, degrees)), np.uint8)
    assert document.sharpness(smeared, found) < 0.14


def line(length: float, degrees: float) -> NDArray[np.float64]:
    """What a point becomes that moves so many px in one direction."""
    side = 2 * int(np.ceil(length / 2)) + 3
    way = length / 2 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    steps = np.linspace(-1, 1, 400)[:, np.newaxis] * way + side // 2
    kernel, _, _ = np.histogram2d(steps[:, 1], steps[:, 0], bins=side, range=[(-0.5, side - 0.5)] * 2)
    return np.asarray(cv2.GaussianBlur(kernel / kernel.sum(), (0, 0), 0.5))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_glare_is_the_share_of_the_zone_that_is_washed_out(share: float) -> None:
    grey, found = flat()
    left = found.ends[0, 0]
    width = found.ends[1, 0] - left
    grey[:, round(left) : round(left + share * width)] = 255
    assert document.glare(grey, found) == pytest.approx(share, abs=0.02)


def test_white_paper_is_no_reflection() -> None:
    grey, found = flat(noise=0.0)
    bright = np.minimum(grey * 1.6, 255).astype(np.uint8)
    assert np.median(bright) == 255
    assert document.glare(bright, found) == 0.0


def test_a_dark_stain_is_no_reflection() -> None:
    grey, found = flat(noise=0.0)
    grey[:, : grey.shape[1] // 2] = 20
    assert document.glare(grey, found) == 0.0


@pytest.mark.parametrize("form", FORMS, ids=["passport", "card-of-two-lines", "card-of-three-lines"])
def test_the_corners_of_the_page_follow_from_the_zone(form: Form) -> None:
    name = {44: "TD3", 36: "TD2", 30: "TD1"}[form.characters]
    page = documents.specimen(name)
    found = Mrz(form=form, ends=page.zone.astype(np.float64), pitch=page.pitch, prominence=9.0, filled=1.0)
    assert np.abs(document.page_corners(found) - page.corners).max() < 0.02 * page.picture.shape[1]


@pytest.mark.parametrize("form", ["TD3", "TD2", "TD1"])
@pytest.mark.parametrize(
    "angles", [(0, 0, 0), (3, 18, 0), (3, 0, -18), (-8, -14, 14)], ids=["straight", "aside", "down", "both"]
)
def test_the_corners_of_a_tilted_page_are_known_as_well(
    form: str, angles: tuple[float, float, float]
) -> None:
    page = documents.specimen(form)
    room = np.full((1080, 1920, 3), 90, np.uint8)
    shown, homography = documents.show(page, room, width=0.6, angles=angles)
    found = find_mrz(
        np.asarray(cv2.cvtColor(cv2.GaussianBlur(shown, (0, 0), 0.8), cv2.COLOR_BGR2GRAY), np.uint8)
    )
    assert found is not None
    corners = cv2.perspectiveTransform(page.corners[np.newaxis], homography)[0]
    width = float(np.linalg.norm(corners[1] - corners[0]))
    assert np.abs(document.page_corners(found) - corners).max() < 0.03 * width
