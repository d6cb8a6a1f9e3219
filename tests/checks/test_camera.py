"""The camera's checks under the bank's policy: both sides of every bound, and one fault, one fail."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import ModuleType

import cv2
import numpy as np
import pytest
import scenes

from preflight import policy
from preflight.captures import CameraCapture, StillCapture
from preflight.checks import colour, face, focus, lighting, still, video
from preflight.judge import judge
from preflight.measures import image
from preflight.model import Check, Finding, Skip, Verdict, WarnReason

BLUOR = policy.load()
PARAMETERS = BLUOR.parameters["camera"]
CHECKS: dict[str, ModuleType] = {
    "camera.video": video,
    "camera.still": still,
    "camera.colour": colour,
    "camera.face": face,
    "camera.lighting": lighting,
    "camera.focus": focus,
}
ABSENT = CameraCapture(present=False)


def seen(frames: Sequence[scenes.Picture], rate: float = 30.0) -> CameraCapture:
    """What two seconds of such frames come to."""
    height, width = frames[0].shape[:2]
    times = tuple(number / rate for number in range(round(2 * rate)))
    return CameraCapture(
        present=True,
        width=width,
        height=height,
        frames=tuple(frames),
        arrivals=times,
        stamps=times,
        interval=1 / rate,
    )


def close(picture: scenes.Picture) -> scenes.Picture:
    """The part of a picture around the face: as much to judge of it, less to search."""
    return picture[200:680, 700:1180]


@pytest.fixture(scope="module")
def good() -> CameraCapture:
    return seen(scenes.frames(scenes.good(), 2))


def said(check: str, capture: CameraCapture | StillCapture) -> Check:
    return judge(check, CHECKS[check].analyse(capture, PARAMETERS), BLUOR.demands_on(check))


def missed(check: Check) -> list[str]:
    return [result.fact for result in check.results if result.verdict in (Verdict.FAIL, Verdict.WARN)]


def test_a_good_picture_passes_all_but_the_ten_megapixels(good: CameraCapture) -> None:
    verdicts = {check: said(check, good).verdict for check in CHECKS if check != "camera.still"}
    assert set(verdicts.values()) == {Verdict.PASS}, verdicts


@pytest.mark.parametrize(
    ("scene", "fails", "skips"),
    [
        pytest.param(scenes.small, "camera.video", (), id="720 lines"),
        pytest.param(scenes.grey, "camera.colour", (), id="grey"),
        pytest.param(scenes.dark, "camera.lighting", (), id="dark"),
        pytest.param(scenes.blurred, "camera.focus", (), id="blurred"),
        pytest.param(
            lambda: scenes.blurred(0.3),
            "camera.focus",
            ("camera.face", "camera.lighting"),
            id="too blurred to see anyone",
        ),
        pytest.param(scenes.shaken, "camera.focus", (), id="shaken"),
        pytest.param(scenes.empty, "camera.face", ("camera.lighting", "camera.focus"), id="nobody"),
        pytest.param(
            scenes.dim,
            "camera.lighting",
            ("camera.colour", "camera.face", "camera.focus"),
            id="too dark to see anyone",
        ),
    ],
)
def test_one_fault_fails_one_check(
    scene: Callable[[], scenes.Picture], fails: str, skips: tuple[str, ...]
) -> None:
    capture = seen(scenes.frames(scene(), 2))
    checks = {check: said(check, capture) for check in CHECKS}
    assert [check for check, found in checks.items() if found.verdict is Verdict.FAIL] == [fails]
    skipped = {check: found.skipped_for for check, found in checks.items() if found.verdict is Verdict.SKIP}
    assert skipped == dict.fromkeys(skips, fails)
    assert not [check for check, found in checks.items() if found.verdict is Verdict.ERROR]


@pytest.mark.parametrize(
    ("scene", "check", "cause"),
    [
        pytest.param(lambda: scenes.turned(1), "camera.face", "sideways", id="a camera on its left side"),
        pytest.param(lambda: scenes.turned(3), "camera.face", "sideways", id="a camera on its right side"),
        pytest.param(lambda: scenes.turned(2), "camera.face", "upside-down", id="a camera upside down"),
        pytest.param(lambda: _reduced(0.3), "camera.face", "too-small", id="across the room"),
        pytest.param(lambda: scenes.cut(464), "camera.face", "cut", id="most of it beyond the edge"),
        pytest.param(scenes.empty, "camera.face", "nobody", id="an empty room"),
        pytest.param(
            lambda: close(scenes.silhouette(0.0005)), "camera.lighting", "backlight", id="a silhouette"
        ),
        pytest.param(scenes.burnt, "camera.lighting", "burnt", id="burnt out"),
        pytest.param(lambda: scenes.noisy(scenes.dark(0.002), 12), "camera.lighting", "noise", id="grain"),
        pytest.param(lambda: scenes.dark(0.0005), "camera.lighting", "dark", id="night"),
        pytest.param(lambda: scenes.blurred(0.3), "camera.focus", "blurred", id="out of focus"),
        pytest.param(lambda: scenes.shaken(60), "camera.focus", "motion", id="shaken"),
    ],
)
def test_why_no_face_is_found(scene: Callable[[], scenes.Picture], check: str, cause: str) -> None:
    capture = seen(scenes.frames(scene(), 1))
    found = {name: said(name, capture) for name in ("camera.face", "camera.lighting", "camera.focus")}
    assert {name for name, one in found.items() if one.verdict is Verdict.FAIL} == {check}
    assert {one.skipped_for for name, one in found.items() if name != check} == {check}
    assert found[check].facts["cause"].value == cause


def test_a_figure_against_the_light_is_no_camera_without_colour() -> None:
    silhouette = seen(scenes.frames(close(scenes.silhouette(0.0005)), 2))
    assert said("camera.colour", silhouette).why is WarnReason.UNSURE


@pytest.mark.parametrize("check", [check for check in CHECKS if check != "camera.video"])
def test_without_a_camera_the_video_fails_and_the_rest_waits_for_it(check: str) -> None:
    assert said("camera.video", ABSENT).verdict is Verdict.FAIL
    assert CHECKS[check].analyse(ABSENT, PARAMETERS) == Skip(skipped_for="camera.video")


@pytest.mark.parametrize("check", ["camera.colour", "camera.face", "camera.lighting", "camera.focus"])
def test_of_a_covered_lens_nothing_more_is_said(check: str, good: CameraCapture) -> None:
    covered = replace(good, black=60, frames=(scenes.covered(),))
    assert missed(said("camera.video", covered)) == ["black"]
    assert CHECKS[check].analyse(covered, PARAMETERS) == Skip(skipped_for="camera.video")
    assert isinstance(CHECKS[check].analyse(replace(good, black=29), PARAMETERS), Finding)


@pytest.mark.parametrize(
    ("change", "fact", "expected"),
    [
        pytest.param({"width": 1919}, "width", Verdict.FAIL, id="a column short"),
        pytest.param({"height": 1079}, "height", Verdict.FAIL, id="a line short"),
        pytest.param({"width": 1080, "height": 1920}, "", Verdict.PASS, id="a phone held upright"),
        pytest.param({"black": 12}, "", Verdict.PASS, id="a fifth black"),
        pytest.param({"black": 13}, "black", Verdict.FAIL, id="more than a fifth black"),
        pytest.param({"corrupted": 12}, "", Verdict.PASS, id="a fifth damaged"),
        pytest.param({"corrupted": 13}, "corrupted", Verdict.FAIL, id="more than a fifth damaged"),
        pytest.param({"still_s": 1.0}, "", Verdict.PASS, id="still for a second"),
        pytest.param({"still_s": 1.01}, "frozen", Verdict.FAIL, id="still for longer"),
        pytest.param({"virtual": True}, "virtual", Verdict.WARN, id="a program that poses as a camera"),
    ],
)
def test_bounds_of_the_video(
    change: dict[str, object], fact: str, expected: Verdict, good: CameraCapture
) -> None:
    check = said("camera.video", replace(good, **change))  # type: ignore[arg-type] # fields by name
    assert check.verdict is expected
    assert missed(check)[:1] == ([fact] if fact else [])


@pytest.mark.parametrize(
    ("rate", "starved", "interval", "expected"),
    [
        pytest.param(15.0, 0.0, 1 / 15, (Verdict.PASS, None), id="15 a second"),
        pytest.param(14.0, 0.0, 1 / 30, (Verdict.WARN, WarnReason.ADVISED), id="14 a second"),
        pytest.param(
            5.0, 0.9, 1 / 30, (Verdict.WARN, WarnReason.UNSURE), id="the computer is too slow for 30"
        ),
        pytest.param(5.0, 0.9, 1 / 5, (Verdict.WARN, WarnReason.ADVISED), id="the camera has no more than 5"),
        pytest.param(5.0, 0.9, None, (Verdict.WARN, WarnReason.UNSURE), id="too slow a computer, no promise"),
    ],
)
def test_the_rate_is_the_camera_s_not_the_computer_s(
    rate: float,
    starved: float,
    interval: float | None,
    expected: tuple[Verdict, WarnReason | None],
    good: CameraCapture,
) -> None:
    check = said("camera.video", replace(seen(good.frames, rate), starved=starved, interval=interval))
    assert (check.verdict, check.why) == expected


def test_a_picture_has_no_rate_and_none_is_claimed(good: CameraCapture) -> None:
    check = said("camera.video", replace(good, arrivals=(0.0,), stamps=(), interval=None))
    assert (check.facts["fps"].value, check.facts["cause"].value) == (None, "still")
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)


def test_an_enlarged_picture_is_told_and_not_called_soft() -> None:
    check = said("camera.video", seen(scenes.frames(scenes.enlarged(), 2)))
    assert missed(check) == ["detail"]
    assert check.facts["detail"].value == 720


def test_a_camera_that_offers_more_is_not_accused() -> None:
    capture = seen(scenes.frames(scenes.enlarged(), 2))
    assert not missed(said("camera.video", replace(capture, largest=(2560, 1440))))


def test_a_soft_picture_is_not_called_enlarged() -> None:
    assert missed(said("camera.video", seen(scenes.frames(scenes.blurred(), 2)))) == ["softness"]


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        pytest.param((3840, 2160), (Verdict.WARN, WarnReason.ADVISED), id="8.3"),
        pytest.param((3650, 2736), (Verdict.PASS, None), id="10.0"),
    ],
)
def test_ten_megapixels(largest: tuple[int, int], expected: tuple[Verdict, WarnReason | None]) -> None:
    check = said("camera.still", StillCapture(present=True, width=largest[0], height=largest[1]))
    assert (check.verdict, check.why) == expected


@pytest.mark.parametrize(
    ("light", "verdict"),
    [
        pytest.param(0.008, Verdict.PASS, id="near darkness"),
        pytest.param(0.001, Verdict.SKIP, id="too dark to tell"),
    ],
)
def test_colours_are_told_where_they_can_be(light: float, verdict: Verdict) -> None:
    frames = scenes.frames(scenes.dimmed(image.shrink(scenes.good(), 640), light), 3)
    assert said("camera.colour", seen(frames)).verdict is verdict


def test_a_tint_over_grey_is_no_colour() -> None:
    grey = scenes.grey().astype(np.float32)
    tinted = np.clip(grey * (1.1, 1.0, 0.8) + (8, 0, 0), 0, 255).astype(np.uint8)
    assert said("camera.colour", seen(scenes.frames(tinted, 5))).verdict is Verdict.FAIL


def test_the_noise_of_a_single_grey_frame_is_no_colour() -> None:
    grey = scenes.dimmed(scenes.grey(), 0.3)
    blotched = np.asarray(cv2.GaussianBlur(scenes.noisy(grey, 120.0), (0, 0), 6), np.uint8)
    noisy = scenes.noisy(blotched, 12.0)
    one, several = seen((noisy,)), seen(scenes.frames(grey, 4, 12.0))
    assert said("camera.colour", one).verdict is not Verdict.PASS
    assert said("camera.colour", several).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("scale", "expected", "misses"),
    [
        pytest.param(0.55, (Verdict.FAIL, None), ["eyes"], id="across the room"),
        pytest.param(0.86, (Verdict.WARN, WarnReason.CLOSE), ["eyes"], id="far"),
        pytest.param(1.0, (Verdict.PASS, None), [], id="near"),
    ],
)
def test_the_size_of_a_face(
    scale: float, expected: tuple[Verdict, WarnReason | None], misses: list[str]
) -> None:
    check = said("camera.face", seen((_reduced(scale),)))
    assert (check.verdict, check.why) == expected
    assert missed(check) == misses


def test_a_face_too_small_to_be_sure_of_is_not_called_nobody() -> None:
    check = said("camera.face", seen((_reduced(0.3),)))
    assert (check.verdict, missed(check)) == (Verdict.FAIL, ["found"])
    assert check.facts["cause"].value == "too-small"


def test_a_lit_face_far_away_in_a_dark_room_is_too_small_not_too_dark() -> None:
    lit = _reduced(0.6)
    frame = scenes.dimmed(lit, 0.05)
    frame[400:708, 800:1108] = lit[400:708, 800:1108]
    assert missed(said("camera.face", seen((frame,)))) == ["eyes"]
    assert said("camera.lighting", seen((frame,))).facts["visible"].value is True


def _reduced(scale: float) -> scenes.Picture:
    """The person further away, in front of the same room."""
    room, person = scenes.empty(), scenes.good()[284:796, 704:1216]
    small = cv2.resize(person, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    room[400 : 400 + height, 800 : 800 + width] = small
    return room


@pytest.mark.parametrize(
    ("top", "missing"),
    [
        pytest.param(50, [], id="in the middle"),
        pytest.param(-170, ["inside"], id="the forehead beyond the upper edge"),
    ],
)
def test_a_face_cut_off(top: int, missing: list[str]) -> None:
    room = scenes.empty()
    person = cv2.resize(scenes.good()[284:796, 704:1216], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    visible = person[max(0, -top) :][: 1080 - max(0, top)]
    room[max(0, top) : max(0, top) + len(visible), 450:1474] = visible
    assert missed(said("camera.face", seen((room,)))) == missing


def test_half_a_face_is_cut_off() -> None:
    assert missed(said("camera.face", seen((scenes.cut(),)))) == ["inside"]


def test_a_second_person_is_noticed() -> None:
    room, person = scenes.good(), scenes.good()[284:796, 704:1216]
    room[284:796, 1300:1812] = person
    room[284:796, 180:692] = person[:, ::-1]
    assert missed(said("camera.face", seen((room,)))) == ["others"]


@pytest.mark.parametrize(
    ("light", "verdict", "causes"),
    [
        pytest.param(0.5, Verdict.PASS, {None}, id="half the light"),
        pytest.param(0.03, Verdict.WARN, {"dark"}, id="close to the bound"),
        pytest.param(0.015, Verdict.FAIL, {"dark"}, id="below it"),
    ],
)
def test_less_and_less_light(light: float, verdict: Verdict, causes: set[str | None]) -> None:
    check = said("camera.lighting", seen(scenes.frames(close(scenes.dark(light)), 2)))
    assert check.verdict is verdict
    assert {check.facts["cause"].value if "cause" in check.facts else None} == causes


def test_how_much_light_is_missing_is_told() -> None:
    facts = said("camera.lighting", seen(scenes.frames(close(scenes.dark(0.015)), 2))).facts
    linear = 0.0212  # sRGB 40, decoded by IEC 61966-2-1
    skin = 0.39  # the darker half of the face in the good scene, sRGB 168
    factor = facts["light_factor"].value
    assert isinstance(factor, float)
    assert factor == pytest.approx(linear / (0.015 * skin), rel=0.3)


@pytest.mark.parametrize(
    ("sigma", "verdict", "cause"),
    [
        pytest.param(6.0, Verdict.PASS, None, id="grainy"),
        pytest.param(14.0, Verdict.WARN, None, id="grainier"),
        pytest.param(24.0, Verdict.FAIL, "noise", id="full of grain"),
    ],
)
def test_grain(sigma: float, verdict: Verdict, cause: str | None) -> None:
    check = said("camera.lighting", seen(scenes.frames(close(scenes.good()), 2, sigma)))
    assert check.verdict is verdict
    assert (check.facts["cause"].value if "cause" in check.facts else None) == cause
    assert "light_factor" not in check.facts


def test_light_from_one_side_is_hinted_and_named() -> None:
    across = np.where(np.arange(512) < 225, 1.0, 0.15)[None, :, None]
    room = scenes.good()
    person = room[284:796, 704:1216]
    person[:] = (person * across ** (1 / 2.2)).astype(np.uint8)
    check = said("camera.lighting", seen(scenes.frames(close(room), 2)))
    assert "side" in missed(check)


def test_light_from_behind_is_named() -> None:
    shown, shaded = scenes.empty(), scenes.dimmed(scenes.good(), 0.03)
    shown[284:796, 704:1216] = shaded[284:796, 704:1216]
    check = said("camera.lighting", seen(scenes.frames(close(shown), 2)))
    assert check.facts["cause"].value == "backlight"


def test_a_silhouette_before_a_window_is_somebody() -> None:
    window = seen(scenes.frames(scenes.silhouette(), 3))
    assert said("camera.face", window).verdict is Verdict.PASS
    assert said("camera.lighting", window).facts["cause"].value == "backlight"


def test_white_skin_is_overexposed() -> None:
    bright = np.clip(scenes.good().astype(np.float32) * 1.45, 0, 255).astype(np.uint8)
    check = said("camera.lighting", seen(scenes.frames(close(bright), 2)))
    assert (check.verdict, missed(check)) == (Verdict.WARN, ["overexposed"])


@pytest.mark.parametrize(
    ("blur", "verdict"),
    [
        pytest.param(0.0, Verdict.PASS, id="sharp"),
        pytest.param(0.025, Verdict.WARN, id="a little soft"),
        pytest.param(0.05, Verdict.FAIL, id="soft"),
        pytest.param(0.09, Verdict.FAIL, id="very soft"),
    ],
)
@pytest.mark.parametrize("sigma", [1.5, 5.0], ids=["clear", "noisy"])
def test_blur_in_shares_of_the_distance_between_the_eyes(blur: float, verdict: Verdict, sigma: float) -> None:
    picture = scenes.blurred(blur) if blur else scenes.good()
    check = said("camera.focus", seen(scenes.frames(close(picture), 2, sigma)))
    assert check.verdict is verdict
    assert (
        check.facts.get("cause") is None if verdict is Verdict.PASS else check.facts["cause"].value == "soft"
    )


@pytest.mark.parametrize("blur", [0.05, 0.08])
def test_the_noise_of_a_dim_picture_is_no_sharpness(blur: float) -> None:
    dim = [scenes.dimmed(picture, 0.05) for picture in (scenes.good(), scenes.blurred(blur))]
    sharp, soft = (said("camera.focus", seen(scenes.frames(close(picture), 2, 8.0))) for picture in dim)
    assert sharp.verdict is Verdict.PASS
    assert soft.verdict is not Verdict.PASS


def test_movement_is_told_from_focus_by_its_direction() -> None:
    check = said("camera.focus", seen(scenes.frames(close(scenes.shaken()), 2)))
    assert check.facts["cause"].value == "motion"


def test_movement_is_told_where_the_face_is_a_little_out_of_focus_too() -> None:
    # The edges alone are only 1.3 times wider one way here: too little to tell by.
    slanted = cv2.line(np.zeros((4, 7), np.float32), (0, 0), (6, 3), 1.0)
    smeared = cv2.filter2D(scenes.blurred(0.03), -1, slanted / slanted.sum())
    check = said("camera.focus", seen(scenes.frames(close(np.asarray(smeared, np.uint8)), 2)))
    assert check.facts["cause"].value == "motion"


def test_the_best_frame_counts() -> None:
    frames = tuple(
        close(scenes.noisy(scene)) for scene in (scenes.blurred(), scenes.good(), scenes.blurred())
    )
    check = said("camera.focus", seen(frames))
    assert check.verdict is Verdict.PASS
