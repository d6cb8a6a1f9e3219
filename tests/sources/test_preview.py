"""What the person sees never keeps the capture waiting, and never leaves as more than a thumbnail."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
import scenes

from preflight import policy
from preflight.captures import CameraCapture, Glimpse
from preflight.measures import face_search
from preflight.sources.camera import preview


class Slow:
    """A link at whose end somebody reads slowly."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self.pictures: list[tuple[bytes, int, int]] = []
        self.glimpses: list[tuple[CameraCapture, tuple[str, ...]]] = []
        self.there = threading.Event()

    def device(self, name: str) -> None: ...

    def phase(self, name: str, seconds: float | None = None) -> None: ...

    def level(self, name: str, value: float) -> None: ...

    def ask(self, prompt: str) -> str:
        return prompt

    def preview(self, pixels: bytes, width: int, height: int) -> None:
        time.sleep(self._seconds)
        self.pictures.append((pixels, width, height))

    def show_glimpse(self, capture: object, checks: Sequence[str]) -> None:
        time.sleep(self._seconds)
        assert isinstance(capture, CameraCapture)
        self.glimpses.append((capture, tuple(checks)))
        self.there.set()


def test_a_slow_screen_keeps_no_frame_waiting() -> None:
    link, picture = Slow(0.3), scenes.good()
    longest = 0.0
    with preview.open_preview(link, {}, wanted=True) as view:
        for _ in range(30):
            begun = time.monotonic()
            view.show(picture)
            longest = max(longest, time.monotonic() - begun)
            time.sleep(0.02)
    assert longest < 0.25
    assert 1 <= len(link.pictures) <= 4


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        pytest.param(None, (160, 90), id="not asked"),
        pytest.param([46, 24], (43, 24), id="as asked, in the picture's shape"),
        pytest.param([4000, 3000], (160, 90), id="never larger than a thumbnail"),
        pytest.param(["a", 3], (160, 90), id="nonsense"),
    ],
)
def test_a_picture_has_the_size_that_the_screen_asked_for(asked: object, size: tuple[int, int]) -> None:
    link = Slow()
    with preview.open_preview(link, {"preview": asked}, wanted=True, with_glimpses=False) as view:
        view.show(np.full((1080, 1920, 3), (10, 20, 30), np.uint8))
        time.sleep(0.3)
    ((pixels, width, height),) = link.pictures
    assert (width, height) == size
    assert pixels == bytes((30, 20, 10)) * width * height


def test_unwanted_it_shows_nothing() -> None:
    link = Slow()
    with preview.open_preview(link, {}, wanted=False) as view:
        view.show(scenes.good())
        time.sleep(0.2)
    assert not link.pictures
    assert not link.glimpses


def test_a_face_once_found_is_followed_and_framed() -> None:
    link = Slow()
    with preview.open_preview(link, {}, wanted=True) as view:
        for _ in range(3):
            link.there.clear()
            view.show(scenes.good())
            assert link.there.wait(20)
            time.sleep(preview.FRAME_S)
    first, second = link.glimpses[:2]
    assert first[0].before is None
    assert set(first[1]) == set(preview.CHECKS)
    assert second[0].before is not None
    assert second[0].before.near is not None
    assert "camera.face" in second[1]
    pixels, width, height = link.pictures[-1]
    picture = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
    assert np.count_nonzero((picture == (255, 214, 10)).all(axis=2)) > 20


def test_the_checks_need_no_search_of_their_own() -> None:
    link, parameters = Slow(), policy.load().parameters["camera"]
    with preview.open_preview(link, parameters, wanted=True) as view:
        view.show(scenes.good())
        assert link.there.wait(20)
    searches = face_search.find_faces.cache_info().misses
    assert face_search.find_faces(link.glimpses[0][0], face_search.face_model_path(parameters)).found
    assert face_search.find_faces.cache_info().misses == searches


@pytest.mark.lab
@pytest.mark.lab_terminal
def test_a_search_for_others_tells_nothing_of_the_frame_it_began_with() -> None:
    link = Slow()
    with preview.open_preview(link, {}, wanted=True) as view:
        end = time.monotonic() + 8  # twice as long as until others are looked for
        while time.monotonic() < end:
            view.show(scenes.good())
            time.sleep(preview.FRAME_S)
    assert len(link.glimpses) > 5
    assert [glimpse.before is None for glimpse, _ in link.glimpses].count(True) == 1
    assert link.glimpses[-1][0].before is not None


def test_who_comes_into_an_empty_room_is_found() -> None:
    link = Slow()
    with preview.open_preview(link, {}, wanted=True) as view:

        def glimpse(picture: scenes.Picture) -> Glimpse | None:
            link.there.clear()
            view.show(picture)
            assert link.there.wait(20)
            time.sleep(preview.FRAME_S)
            return link.glimpses[-1][0].before

        empty = Glimpse(near=None, others=0.0, sign="nobody")
        assert glimpse(scenes.empty()) is None
        assert glimpse(scenes.empty()) == empty
        end = time.monotonic() + 20
        # Too small for a glance: the search of the whole picture finds it.
        while glimpse(scenes.good()) in (None, empty):
            assert time.monotonic() < end


def test_at_rest_only_the_picture_goes_on() -> None:
    link = Slow()
    with preview.open_preview(link, {}, wanted=True) as view:
        view.show_picture_only()
        view.show(scenes.good())
        time.sleep(0.5)
    assert link.pictures
    assert not link.glimpses
