"""A machine-readable zone is found by what no other text has, and where it is not, nothing is found."""

from functools import cache
from typing import Any

import cv2
import documents
import numpy as np
import pytest
import scenes
from numpy.typing import NDArray

from preflight.measures import document, mrz

Grey = NDArray[np.uint8]


@cache
def table() -> documents.Picture:
    """An untidy table: a photograph, out of focus."""
    return np.asarray(cv2.GaussianBlur(scenes.good(), (0, 0), 6), np.uint8)


@cache
def _held(
    form: str = "TD3",
    *,
    width: float = 0.6,
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0),
    centre: tuple[float, float] = (0.5, 0.5),
) -> tuple[Grey, documents.Points]:
    page = documents.specimen(form)
    shown, homography = documents.show(page, table(), width=width, angles=angles, centre=centre)
    shown = np.asarray(cv2.GaussianBlur(shown, (0, 0), 0.8), np.uint8)
    noise = np.random.default_rng(1).normal(0, 2.0, shown.shape[:2])
    grey = cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY) + noise
    ends = cv2.perspectiveTransform(page.zone[np.newaxis], homography)[0]
    return np.clip(grey, 0, 255).astype(np.uint8), np.asarray(ends, np.float32)


def held(form: str = "TD3", **how: Any) -> tuple[Grey, documents.Points]:
    """Grey frame of a document before a table, and where the ends of its zone are."""
    grey, ends = _held(form, **how)
    return grey.copy(), ends


HOLDS = [
    pytest.param("TD3", 0.3, (0, 0, 0), id="passport-far-away"),
    pytest.param("TD3", 0.75, (0, 0, 0), id="passport-close"),
    pytest.param("TD3", 0.55, (14, 0, 0), id="passport-rolled"),
    pytest.param("TD3", 0.55, (-6, 18, -12), id="passport-tilted"),
    pytest.param("TD2", 0.6, (3, -15, 10), id="card-of-two-lines"),
    pytest.param("TD1", 0.5, (-4, 10, 10), id="card-of-three-lines"),
    pytest.param("TD1", 0.8, (2, 0, 0), id="card-close"),
]


@pytest.mark.parametrize(("form", "width", "angles"), HOLDS)
def test_a_zone_is_found_where_it_is_with_its_form_and_resolution(
    form: str, width: float, angles: tuple[float, float, float]
) -> None:
    grey, ends = held(form, width=width, angles=angles)
    found = mrz.find_mrz(grey)
    assert found is not None
    assert found.form.characters == documents.FORMS[form].characters
    length = np.linalg.norm(ends[1::2] - ends[::2], axis=1).mean()
    assert document.dpi(found) == pytest.approx(10 * length / found.form.characters, rel=0.03)
    assert np.abs(found.ends - ends).max() < 0.6 * found.pitch


@pytest.mark.parametrize("form", ["TD3", "TD2", "TD1"])
@pytest.mark.parametrize("quarters", [1, 2, 3], ids=["sideways", "upside-down", "sideways-the-other-way"])
def test_a_page_held_another_way_up_is_found_with_its_lines_in_order(form: str, quarters: int) -> None:
    grey, ends = held(form, angles=(5, 8, -6))
    found = mrz.find_mrz(np.ascontiguousarray(np.rot90(grey, quarters)))
    assert found is not None
    x, y = ends.T
    for _ in range(quarters):
        x, y, grey = y, grey.shape[1] - 1 - x, np.rot90(grey)
    assert np.abs(found.ends - np.stack((x, y), axis=1)).max() < 0.6 * found.pitch


def test_a_photograph_of_another_size_than_a_cameras_is_searched_as_well() -> None:
    grey, _ = held(width=0.7)
    for size in ((1280, 720), (3264, 1836)):
        found = mrz.find_mrz(np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8))
        assert found is not None
        assert found.form.characters == 44


def test_a_small_reflection_does_not_hide_the_zone() -> None:
    grey, ends = held(width=0.7)
    middle = ends.mean(0).astype(int)
    cv2.circle(grey, (int(middle[0]), int(middle[1])), 45, 255, -1)
    found = mrz.find_mrz(grey)
    assert found is not None
    assert found.form.characters == 44


@pytest.mark.parametrize("line", [0, 2], ids=["of-the-first-line", "of-the-last-line"])
def test_a_reflection_over_the_beginning_of_one_line_does_not_hide_the_zone(line: int) -> None:
    grey, ends = held(width=0.7)
    x, y = ends[line].astype(int)
    cv2.ellipse(grey, (int(x) + 150, int(y)), (320, 32), 0, 0, 360, 255, -1)
    found = mrz.find_mrz(grey)
    assert found is not None
    assert found.form.characters == 44
    assert document.glare(grey, found) > 0.1


def test_the_side_of_a_card_without_a_zone_has_none() -> None:
    blank = documents.draw("TD1", zone=False)
    shown, _ = documents.show(blank, table(), width=0.6, angles=(3, 5, 0))
    assert mrz.find_mrz(np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY), np.uint8)) is None


@pytest.mark.parametrize(
    ("centre", "expected"),
    [
        pytest.param((0.5, 0.5), None, id="in-the-middle"),
        pytest.param((0.5, 0.63), None, id="whole-lines-near-the-lower-edge"),
        pytest.param((0.5, 0.7), mrz.Obstruction.CUT, id="the-last-line-below-the-edge"),
        pytest.param((0.2, 0.5), mrz.Obstruction.CUT, id="beginning-left-of-the-edge"),
        pytest.param((0.8, 0.5), mrz.Obstruction.CUT, id="end-right-of-the-edge"),
    ],
)
def test_lines_are_cut_off_where_they_would_go_on_outside_whichever_way_up(
    centre: tuple[float, float], expected: mrz.Obstruction | None
) -> None:
    grey, _ = held(width=0.7, centre=centre)
    for quarters in range(4):
        assert mrz.find_obstruction(np.ascontiguousarray(np.rot90(grey, quarters))) is expected


@pytest.mark.parametrize("quarters", range(4), ids=["upright", "sideways", "upside-down", "the-other-way"])
def test_a_reflection_over_most_of_the_lines_hides_them_whichever_way_up(quarters: int) -> None:
    grey, ends = held(width=0.7)
    x, y = ends[[1, 3]].mean(0).astype(int)
    cv2.ellipse(grey, (int(x) - 150, int(y)), (200, 60), 0, 0, 360, 255, -1)
    turned = np.ascontiguousarray(np.rot90(grey, quarters))
    assert mrz.find_mrz(turned) is None
    assert mrz.find_obstruction(turned) is mrz.Obstruction.GLARE


def test_one_line_alone_is_no_zone() -> None:
    grey, ends = held(width=0.7)
    top, bottom = int(ends[0, 1]) - 18, int(ends[0, 1]) + 18
    grey[top:bottom] = cv2.GaussianBlur(grey[top:bottom], (0, 0), 25)
    assert mrz.find_mrz(grey) is None


def typed(lines: list[str], pitch: float, leading: float) -> Grey:
    """A page of text in fixed pitch, black on white, as a screen or a print-out shows it."""
    paper = np.full((1080, 1920), 235, np.uint8)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            place = (round(200 + column * pitch), round(120 + row * leading))
            cv2.putText(paper, character, place, cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 2, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(paper, (0, 0), 0.8), np.uint8)


PROSE = "the zone is told from other text by having every place filled and nothing else near by at all " * 8


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([PROSE[k * 44 : k * 44 + 44] for k in range(12)], id="prose-of-44-columns"),
        pytest.param([PROSE[k * 44 : k * 44 + 44] for k in range(2)], id="two-lines-of-prose-of-44-columns"),
        pytest.param(["0123456789ABCDEF" * 3 for _ in range(2)], id="two-lines-of-48-digits"),
        pytest.param(["".join(chr(ord("A") + k % 26) for k in range(44))] * 8, id="a-table-of-44-columns"),
    ],
)
def test_other_text_in_fixed_pitch_is_no_zone(lines: list[str]) -> None:
    assert mrz.find_mrz(typed(lines, 22, 55)) is None


def test_the_same_letters_are_a_zone_where_two_lines_of_44_stand_alone() -> None:
    found = mrz.find_mrz(typed(list(documents.zone_lines("TD3")), 22, 55))
    assert found is not None
    assert found.form.characters == 44


@pytest.mark.parametrize(
    "name", ["astronaut", "page", "text", "brick", "coins", "camera", "chelsea", "grass"]
)
def test_nothing_is_found_in_pictures_without_a_document(name: str) -> None:
    picture = scenes.photograph(name)
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = 1080 / grey.shape[0]
    assert mrz.find_mrz(np.asarray(cv2.resize(grey, None, fx=scale, fy=scale), np.uint8)) is None


@pytest.mark.parametrize("shape", [(1080, 1920), (48, 64), (1, 1), (3, 900)])
@pytest.mark.parametrize("kind", ["black", "white", "noise", "stripes"])
def test_any_picture_has_an_answer(shape: tuple[int, int], kind: str) -> None:
    rng = np.random.default_rng(0)
    pictures = {
        "black": np.zeros(shape),
        "white": np.full(shape, 255.0),
        "noise": rng.uniform(0, 255, shape),
        "stripes": np.broadcast_to(120 + 100 * np.sin(np.arange(shape[0]) / 4)[:, np.newaxis], shape),
    }
    assert mrz.find_mrz(pictures[kind].astype(np.uint8)) is None
