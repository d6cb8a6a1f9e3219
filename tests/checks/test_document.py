"""Can the document that is shown be read?"""

from collections.abc import Callable
from functools import cache

import cv2
import documents
import numpy as np
import pytest
from numpy.typing import NDArray

from preflight import policy
from preflight.captures import DocumentCapture
from preflight.checks import document
from preflight.errors import MeasurementError
from preflight.judge import judge
from preflight.measures import image, mrz
from preflight.model import Check, Fact, Finding, Kind, Skip, SkipReason, Verdict, WarnReason, exact

BLUOR = policy.load()
Picture = NDArray[np.uint8]


@cache
def held(
    form: str = "TD3", *, width: float = 0.7, centre: tuple[float, float] = (0.5, 0.5), blur: float = 0.8
) -> Picture:
    room = np.full((1080, 1920, 3), (70, 80, 90), np.uint8)
    shown, _ = documents.show(documents.specimen(form), room, width=width, centre=centre, angles=(2, 4, -3))
    soft = cv2.GaussianBlur(shown, (0, 0), blur)
    noise = np.random.default_rng(1).integers(0, 6, (1080, 1920, 1), np.uint8)
    return np.asarray(np.minimum(soft, 249) + noise, np.uint8)


def shining(frame: Picture, size: int, across: int = 960) -> Picture:
    """The frame with a reflection over the zone, its middle if not told, of a page held as `held` does."""
    bright = frame.copy()
    cv2.ellipse(bright, (across, 869), (size, 60), 0, 0, 360, (255, 255, 255), -1)
    return bright


EMPTY = np.full((1080, 1920, 3), 90, np.uint8)


def said(*frames: Picture) -> Check:
    outcome = document.analyse(DocumentCapture(asked=True, frames=frames), {})
    return judge("camera.document", outcome, BLUOR.demands_on("camera.document"))


@cache
def usual() -> Check:
    """What is said of a passport held well."""
    return said(held())


def missed(check: Check) -> set[str]:
    return {result.fact for result in check.results if result.verdict in (Verdict.WARN, Verdict.FAIL)}


@pytest.mark.parametrize("form", ["TD3", "TD2", "TD1"])
def test_a_document_held_well_passes(form: str) -> None:
    assert said(held(form)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        pytest.param(lambda: held("TD1", width=0.17), {"dpi"}, id="too-far-away"),
        pytest.param(lambda: held(blur=5.0), {"sharpness"}, id="out-of-focus"),
        pytest.param(lambda: held(centre=(0.5, 0.3)), {"whole"}, id="cut-above"),
        pytest.param(lambda: held(centre=(0.35, 0.5)), {"whole"}, id="cut-at-the-left"),
        pytest.param(lambda: shining(held(), 90), {"glare"}, id="reflection-over-the-zone"),
        pytest.param(lambda: EMPTY, {"found"}, id="nothing-shown"),
    ],
)
def test_what_is_wrong_is_named_and_advised_not_failed(
    frame: Callable[[], Picture], expected: set[str]
) -> None:
    check = said(frame())
    assert missed(check) == expected
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.ADVISED)


def test_a_reflection_over_a_third_of_the_zone_does_not_hide_it() -> None:
    check = said(shining(held(), 200))
    assert float(str(check.facts["glare"].value)) > 10
    assert "glare" in missed(check)


@pytest.mark.parametrize(
    "across",
    [
        pytest.param(450, id="36-places-are-left"),
        pytest.param(600, id="30-places-are-left"),
        pytest.param(1400, id="the-left-is-left"),
    ],
)
def test_what_a_reflection_leaves_of_long_lines_is_not_taken_for_short_ones(across: int) -> None:
    bright = shining(held(), 150, across)
    found = mrz.find_mrz(image.grey(bright))
    assert found is not None
    assert found.form.characters == 44
    assert missed(said(bright)) == {"glare"}


def test_lines_that_a_reflection_makes_look_short_do_not_count_beside_the_whole_ones() -> None:
    short, whole = shining(held(), 250, 1400), shining(held(), 100, 650)
    both = said(short, whole)
    assert both.facts == said(whole, short).facts == said(whole).facts
    assert missed(both) == {"glare"}


@pytest.mark.parametrize(
    ("size", "across"),
    [
        pytest.param(250, 1400, id="less-than-the-right-third"),
        pytest.param(300, 1350, id="more-than-it"),
        pytest.param(250, 530, id="the-left-third"),
    ],
)
def test_no_reflection_leaves_so_little_of_long_lines_that_they_pass(size: int, across: int) -> None:
    check = said(shining(held(), size, across))
    assert check.verdict is Verdict.WARN
    assert "glare" in missed(check) or check.facts["cause"] == exact("glare")


@pytest.mark.parametrize("form", ["TD2", "TD1"])
def test_short_lines_beside_a_reflection_are_not_taken_for_what_is_left_of_long_ones(form: str) -> None:
    found = mrz.find_mrz(image.grey(shining(held(form), 40, 960)))
    assert found is not None
    assert found.form.characters == documents.FORMS[form].characters


def test_lines_that_a_reflection_hides_too_far_are_said_to_be_that() -> None:
    hidden = shining(held(), 200, 1400)
    assert said(hidden).facts == {"found": exact(value=False), "cause": exact("glare")}
    assert "glare" in missed(said(hidden, shining(held(), 100, 650)))


@pytest.mark.parametrize(
    "centre",
    [
        pytest.param((0.25, 0.5), id="at-the-left"),
        pytest.param((0.8, 0.5), id="at-the-right"),
        pytest.param((0.5, 0.69), id="below-the-first-line"),
    ],
)
def test_a_zone_that_is_cut_is_said_to_be_that(centre: tuple[float, float]) -> None:
    check = said(held(centre=centre))
    assert check.facts == {"found": exact(value=False), "cause": exact("cut")}
    assert check.verdict is Verdict.WARN


def test_a_side_without_a_zone_is_said_to_be_that() -> None:
    blank = documents.draw("TD1", zone=False)
    shown, _ = documents.show(blank, np.full((1080, 1920, 3), 80, np.uint8), width=0.6)
    check = said(shown)
    assert check.facts == {"found": exact(value=False)}
    assert check.verdict is Verdict.WARN


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(lambda: [EMPTY], id="nothing-shown-yet"),
        pytest.param(lambda: [held(blur=4.0)], id="blurred"),
        pytest.param(lambda: [held(centre=(0.5, 0.3)), held(blur=4.0)], id="cut-then-blurred"),
    ],
)
def test_the_best_of_several_frames_counts(others: Callable[[], list[Picture]]) -> None:
    assert said(*others(), held()).facts == usual().facts
    assert said(held(), *others()).facts == usual().facts


def test_a_page_in_view_counts_before_one_that_is_cut_and_sharper() -> None:
    softer, cut = held(blur=2.0), held(centre=(0.5, 0.3), blur=0.5)
    alone = said(softer).facts
    assert said(softer, cut).facts == said(cut, softer).facts == alone
    assert float(str(said(cut).facts["sharpness"].value)) > 2 * float(str(alone["sharpness"].value))


@pytest.mark.parametrize(
    ("fact", "value", "unit", "verdict", "why"),
    [
        pytest.param("dpi", 99, "dpi", Verdict.WARN, WarnReason.ADVISED, id="just-below-100-dpi"),
        pytest.param("dpi", 101, "dpi", Verdict.PASS, None, id="just-above-100-dpi"),
        pytest.param("glare", 2.1, "%", Verdict.WARN, WarnReason.ADVISED, id="just-more-glare"),
        pytest.param("glare", 1.9, "%", Verdict.PASS, None, id="just-less-glare"),
        pytest.param("sharpness", 14, "%", Verdict.WARN, WarnReason.ADVISED, id="just-blurred"),
        pytest.param("sharpness", 19, "%", Verdict.WARN, WarnReason.CLOSE, id="hardly-sharp"),
        pytest.param("sharpness", 20, "%", Verdict.PASS, None, id="just-sharp"),
    ],
)
def test_both_sides_of_each_bound(
    fact: str, value: float, unit: str, verdict: Verdict, why: WarnReason | None
) -> None:
    facts = dict(usual().facts) | {fact: exact(value, unit)}
    check = judge("camera.document", Finding(facts=facts), BLUOR.demands_on("camera.document"))
    assert (check.verdict, check.why) == (verdict, why)


def test_the_resolution_has_the_interval_in_which_it_lies() -> None:
    dpi = usual().facts["dpi"]
    assert isinstance(dpi, Fact)
    assert isinstance(dpi.value, int)
    assert dpi.low is not None
    assert dpi.high is not None
    assert dpi.low < dpi.value < dpi.high


def test_nobody_was_asked_to_show_one() -> None:
    assert document.analyse(DocumentCapture(asked=False), {}) == Skip(skipped_for=SkipReason.NOT_ASKED)
    declined = DocumentCapture(asked=True, declined=True)
    assert document.analyse(declined, {}) == Skip(skipped_for=SkipReason.DECLINED)


def test_no_frame_claims_nothing() -> None:
    with pytest.raises(MeasurementError) as raised:
        document.analyse(DocumentCapture(asked=True), {})
    assert raised.value.trouble.kind is Kind.NO_DATA
