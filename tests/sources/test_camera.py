"""Pictures and films in place of a camera; what is no picture is said to be that.

Longer than 500 lines because files and imitated drivers are held to the same expectations.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import cv2_enumerate_cameras
import hostile
import numpy as np
import pytest
import scenes
import servers
import worker_protocol
from cv2_enumerate_cameras import CameraInfo
from PIL import Image

from preflight import platforms
from preflight.captures import CameraCapture, DocumentCapture, StillCapture
from preflight.errors import MeasurementError
from preflight.model import Job, Kind
from preflight.sources import access, camera
from preflight.sources.camera import device, frames, listing, opening, preview

CHECKS = ("camera.video", "camera.lighting")


class Told:
    """Keeps what a source tells the person."""

    def __init__(self) -> None:
        self.devices: list[str] = []

    def device(self, name: str) -> None:
        self.devices.append(name)

    def phase(self, name: str, seconds: float | None = None) -> None:
        raise AssertionError(f"a file needs no {name} for {seconds} s")

    def level(self, name: str, value: float) -> None:
        raise AssertionError(f"a file shows no {name} of {value}")

    def preview(self, pixels: bytes, width: int, height: int) -> None:
        raise AssertionError(f"a file shows no {width}x{height} picture of {len(pixels)} bytes")

    def show_glimpse(self, capture: object, checks: Sequence[str]) -> None:
        raise AssertionError(f"a file shows no glimpse of {capture} for {checks}")

    def ask(self, prompt: str) -> str:
        raise AssertionError(f"a file needs nobody to {prompt}")


def captured(target: Path | str | None, checks: tuple[str, ...] = CHECKS) -> list[object]:
    target = None if target is None else str(target)
    job = Job(source="camera", target=target, checks=checks, parameters={"seconds": 2.0}, bounds={})
    return list(camera.capture(job, Told()))


def filmed(target: Path) -> CameraCapture:
    (found,) = captured(target)
    assert isinstance(found, CameraCapture)
    return found


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scenes.video(tmp_path_factory.mktemp("camera") / "good.avi", scenes.good())


def trouble(target: Path | str) -> Kind:
    with pytest.raises(MeasurementError) as raised:
        captured(target)
    return raised.value.trouble.kind


def test_a_film(film: Path) -> None:
    found = filmed(film)
    assert found.present
    assert (found.width, found.height) == (1920, 1080)
    assert len(found.frames) == 8
    assert len(found.arrivals) == 60
    assert found.stamps[-1] - found.stamps[0] == pytest.approx(59 / 30, abs=0.01)
    assert found.interval == pytest.approx(1 / 30)
    assert (found.black, found.corrupted, found.dropped, found.still_s) == (0, 0, 0, 0)


def test_a_picture(tmp_path: Path) -> None:
    found = filmed(scenes.picture(tmp_path / "good.png", scenes.good()))
    assert np.array_equal(found.frames[0], scenes.good())
    assert (found.largest, found.interval, found.stamps) == ((0, 0), None, ())


def test_a_picture_named_in_another_script(tmp_path: Path) -> None:
    found = filmed(scenes.picture(tmp_path / "seja.png", scenes.good()).rename(tmp_path / "šķērsām.png"))
    assert found.width == 1920


def test_frames_are_spread_over_a_short_film(tmp_path: Path) -> None:
    path = scenes.video(tmp_path / "short.avi", scenes.small(), seconds=0.5)
    assert len(filmed(path).frames) == 8


@pytest.mark.parametrize(
    ("scene", "sigma", "black", "still"),
    [
        pytest.param(lambda: scenes.covered()[:720, :1280], 1.5, 60, False, id="a closed shutter"),
        pytest.param(scenes.small, 0.0, 0, True, id="a frozen picture"),
        pytest.param(
            lambda: scenes.dimmed(scenes.small(), 0.003), 1.5, 0, False, id="hardly any light is not black"
        ),
    ],
)
def test_what_is_no_live_picture_is_counted(
    scene: Callable[[], scenes.Picture], sigma: float, black: int, *, still: bool, tmp_path: Path
) -> None:
    found = filmed(scenes.video(tmp_path / "film.avi", scene(), sigma=sigma))
    assert found.black == black
    assert (found.still_s > 1.8) is still


@pytest.mark.parametrize("left", [pytest.param(128, id="mid-grey"), pytest.param(0, id="nothing")])
def test_half_pictures_are_counted(left: int, tmp_path: Path) -> None:
    half = scenes.small()
    half[360:] = left
    assert filmed(scenes.video(tmp_path / "half.avi", half, sigma=0.0)).corrupted == 60


def test_bars_above_and_below_are_no_damage(tmp_path: Path) -> None:
    barred = scenes.small()
    barred[:90] = barred[-90:] = 0
    assert filmed(scenes.video(tmp_path / "bars.avi", barred)).corrupted == 0


BAD: dict[str, Callable[[Path, bytes], bytes]] = {
    "a film cut short": lambda _path, film: film[: len(film) // 3],
    "the head of a film": lambda _path, film: film[:3000],
    "more noise": lambda _path, _film: np.random.default_rng(0).bytes(100_000),
    "a JPEG without its tables": lambda path, _film: _jpeg(path)[:22] + _jpeg(path)[100:],
    "half a JPEG": lambda path, _film: _jpeg(path)[: len(_jpeg(path)) // 2],
    "a playlist that points elsewhere": lambda _path, _film: b"ffconcat version 1.0\nfile /etc/hostname\n",
}


def _jpeg(folder: Path) -> bytes:
    return scenes.picture(folder / "whole.jpg", scenes.small()).read_bytes()


@pytest.mark.parametrize("content", hostile.NOT_RECORDINGS.values(), ids=hostile.NOT_RECORDINGS)
def test_a_file_that_is_none_is_bad_input(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert trouble(path) is Kind.BAD_INPUT


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_what_is_no_picture_is_bad_input(
    make: Callable[[Path, bytes], bytes], film: Path, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(make(tmp_path, film.read_bytes()))
    assert trouble(path) is Kind.BAD_INPUT


def test_a_picture_of_one_pixel_is_bad_input(tmp_path: Path) -> None:
    assert trouble(scenes.picture(tmp_path / "dot.png", scenes.dot())) is Kind.BAD_INPUT


def test_a_picture_of_a_billion_pixels_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (8000, 8000)).save(path)
    # OpenCV reads its limit when it is imported: in a process that imports it as the program does.
    script = f"""
from pathlib import Path
from preflight.sources.camera import pictures
pictures.read_picture(Path({str(path)!r}))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert f"{Kind.BAD_INPUT}: too large: picture" in done.stderr


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        pytest.param((1920, 1080), 8, id="1080p"),
        pytest.param((3840, 2160), 8, id="4K"),
        pytest.param((7680, 4320), 2, id="8K"),
    ],
)
def test_the_larger_frames_of_a_document_are_the_fewer_are_kept(size: tuple[int, int], kept: int) -> None:
    # Nothing is written to it, and so it takes no memory.
    assert frames.count_kept(np.empty((size[1], size[0], 3), np.uint8)) == kept


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(5 << 30)
    assert trouble(path) is Kind.BAD_INPUT


def test_a_folder_is_bad_input(tmp_path: Path) -> None:
    assert trouble(tmp_path) is Kind.BAD_INPUT


def test_a_stream_that_nobody_sends_is_unreachable() -> None:
    assert trouble("http://127.0.0.1:9/video") is Kind.UNREACHABLE


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}/1.ts\n#EXT-X-ENDLIST\n", id="HLS"),
        pytest.param(
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
            '<AdaptationSet><Representation id="1" mimeType="video/mp4" bandwidth="1">'
            "<BaseURL>{}/1.mp4</BaseURL><SegmentBase/></Representation></AdaptationSet></Period></MPD>",
            id="DASH",
        ),
        pytest.param("ffconcat version 1.0\nfile {}/1.ts\n", id="a list of files"),
    ],
)
def test_a_playlist_in_place_of_a_camera_leads_nowhere(listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    servers.remove_proxies(monkeypatch)
    with servers.serve_answer() as elsewhere:
        body = listed.format(elsewhere.url).encode()
        kind = b"Content-Type: application/vnd.apple.mpegurl\r\n"
        head = b"HTTP/1.1 200 OK\r\n" + kind + b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n"
        with servers.serve_answer(head + body) as here:
            assert trouble(f"{here.url}/camera.m3u8") is Kind.UNREACHABLE
            assert here.asked
        assert elsewhere.asked == []


def test_no_camera_is_a_fact_not_a_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    if platforms.current_system().permission(platforms.Device.CAMERA) in access.WITHHELD:
        pytest.skip("this system keeps its cameras from this program")
    monkeypatch.setattr(cv2.videoio_registry, "getCameraBackends", lambda: ())
    found = captured(None)[0]
    assert isinstance(found, CameraCapture)
    assert not found.present


def test_an_unknown_camera_is_bad_input() -> None:
    assert trouble("No Such Camera") is Kind.BAD_INPUT


def test_of_a_file_for_the_document_only_that_is_taken(film: Path) -> None:
    (found,) = captured(film, ("camera.document",))
    assert isinstance(found, DocumentCapture)
    assert found.asked
    assert len(found.frames) == 8


def test_both_are_taken_where_both_are_asked_for(tmp_path: Path) -> None:
    path = scenes.picture(tmp_path / "good.png", scenes.good())
    assert [type(found) for found in captured(path, (*CHECKS, "camera.document"))] == [
        CameraCapture,
        DocumentCapture,
    ]


def listed(patch: pytest.MonkeyPatch, lists: Mapping[int, Sequence[str]]) -> None:
    """Let OpenCV have these ways to cameras, and each way these names, some with " at " and a path."""

    def enumerate_cameras(backend: int) -> list[CameraInfo]:
        # To DirectShow what has no such path is a program.
        parts = [
            (name if " at " in name else rf"{name} at \\?\usb").partition(" at ") for name in lists[backend]
        ]
        return [
            CameraInfo(index, name, path, None, None, backend) for index, (name, _, path) in enumerate(parts)
        ]

    patch.setattr(cv2.videoio_registry, "getCameraBackends", lambda: tuple(lists))
    patch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)


IPHONE = ["Anna’s iPhone Camera", "Anna’s iPhone Desk View Camera", "FaceTime HD Camera"]


@pytest.mark.parametrize(
    ("names", "target", "chosen"),
    [
        pytest.param(IPHONE, None, "FaceTime HD Camera", id="a telephone nearby comes first in the list"),
        pytest.param(IPHONE[:1], None, "Anna’s iPhone Camera", id="a telephone alone"),
        pytest.param(IPHONE, "iphone camera", "Anna’s iPhone Camera", id="a telephone by part of its name"),
        pytest.param(["OBS Virtual Camera", "HD Webcam"], None, "HD Webcam", id="a virtual one comes first"),
        pytest.param(["OBS Virtual Camera", *IPHONE[:1]], None, IPHONE[0], id="rather a telephone's"),
        pytest.param(["HD Webcam", "HD Webcam"], "1", "HD Webcam", id="twins by index"),
        pytest.param(
            ["Integrated IR Camera: Integrate", "Integrated Camera: Integrated C"],
            None,
            "Integrated Camera: Integrated C",
            id="an infrared one comes first",
        ),
        pytest.param(["Iriun Webcam", "HD Webcam"], None, "Iriun Webcam", id="a name that only begins so"),
    ],
)
def test_the_computers_own_camera_is_taken(
    names: list[str], target: str | None, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, {cv2.CAP_AVFOUNDATION: names})
    found = listing.choose_camera(target)
    assert found is not None
    assert found.name == chosen
    assert target is None or not target.isdigit() or found.index == int(target)


class Windows:
    """OpenCV's camera where only some ways open one; what was tried is kept."""

    def __init__(self, *opens: int) -> None:
        self.tried: list[tuple[int, int]] = []
        self._opens = opens
        self._opened = False

    def __call__(self, index: int, backend: int) -> "Windows":
        self.tried.append((index, backend))
        self._opened = backend in self._opens
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opened

    def release(self) -> None:
        return


def test_what_directshow_cannot_open_media_foundation_opens_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    opencv = Windows(cv2.CAP_MSMF)
    listed(monkeypatch, {cv2.CAP_DSHOW: ["HD Webcam", "BRIO"], cv2.CAP_MSMF: ["BRIO", "HD Webcam"]})
    monkeypatch.setattr(cv2, "VideoCapture", opencv)
    brio = listing.choose_camera("BRIO")
    assert brio is not None
    opening.connect(brio)
    assert opencv.tried == [(1, cv2.CAP_DSHOW), (0, cv2.CAP_MSMF)]


ONE = r"HD Webcam at \\?\usb#vid_046d&pid_085e&mi_00#7&1a&0&0000"
OTHER = r"HD Webcam at \\?\usb#vid_046d&pid_085e&mi_00#7&2b&0&0000"
DIRECTSHOW = r"#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"
FOUNDATION = r"#{e5323777-f976-4f5b-9b55-b94699c46e44}\global"


@pytest.mark.parametrize(("number", "other_number"), [("0", 1), ("1", 0)], ids=["the first", "the second"])
def test_of_twins_the_one_that_was_named_is_opened_by_media_foundation_too(
    number: str, other_number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opencv = Windows(cv2.CAP_MSMF)
    listed(
        monkeypatch,
        {
            cv2.CAP_DSHOW: [ONE + DIRECTSHOW, OTHER + DIRECTSHOW],
            cv2.CAP_MSMF: [
                OTHER.upper().replace("HD WEBCAM AT", "HD Webcam at") + FOUNDATION,
                ONE + FOUNDATION,
            ],
        },
    )
    monkeypatch.setattr(cv2, "VideoCapture", opencv)
    assert [(each["index"], each["name"]) for each in camera.devices()] == [
        (0, "HD Webcam"),
        (1, "HD Webcam"),
    ]
    chosen = listing.choose_camera(number)
    assert chosen is not None
    opening.connect(chosen)
    assert opencv.tried == [(int(number), cv2.CAP_DSHOW), (other_number, cv2.CAP_MSMF)]


def test_media_foundation_is_not_asked_where_directshow_opens_the_camera(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opencv = Windows(cv2.CAP_DSHOW)
    listed(monkeypatch, {cv2.CAP_DSHOW: ["HD Webcam"]})  # to list Media Foundation's would be a KeyError
    monkeypatch.setattr(cv2, "VideoCapture", opencv)
    webcam = listing.choose_camera(None)
    assert webcam is not None
    opening.connect(webcam)
    assert opencv.tried == [(0, cv2.CAP_DSHOW)]


MODES = {
    ("YUY2", 640, 480): 30.0,
    ("YUY2", 1920, 1080): 5.0,
    ("MJPG", 640, 480): 30.0,
    ("MJPG", 1920, 1080): 30.0,
}
"""What a usual webcam offers, in the order in which OpenCV tries the codings; frames a second."""


class DirectShow:
    """OpenCV's camera by DirectShow, by the rules of its cap_dshow.cpp; sends noise.

    A size that is set forgets the coding, a coding keeps the size; each begins the stream anew.
    To grab returns at once; to retrieve waits a second at most, for what came last.
    """

    def __init__(self, first_s: float = 0.0, modes: Mapping[tuple[str, int, int], float] = MODES) -> None:
        self.modes = modes
        self.mode = next(iter(modes))
        self.grabs = 0
        self._first_s = first_s
        self._begun = time.perf_counter() + first_s
        self._last = 0.0
        self._asked: dict[int, int] = {}
        self._pictures: dict[tuple[int, int], scenes.Picture] = {}

    def __call__(self, index: int, backend: int) -> "DirectShow":
        assert (index, backend) == (0, cv2.CAP_DSHOW)
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def getBackendName(self) -> str:  # noqa: N802 - as above
        return "DSHOW"

    def get(self, what: int) -> float:
        assert what in (cv2.CAP_PROP_FPS, cv2.CAP_PROP_POS_MSEC)
        return 0.0 if what == cv2.CAP_PROP_FPS else -1.0

    def set(self, what: int, value: int) -> bool:
        coding = ""
        if what == cv2.CAP_PROP_FOURCC:
            coding = value.to_bytes(4, "little").decode()
            self._asked = {cv2.CAP_PROP_FRAME_WIDTH: self.mode[1], cv2.CAP_PROP_FRAME_HEIGHT: self.mode[2]}
        else:
            self._asked[what] = value
        if len(self._asked) == 2:
            wide, high = self._asked[cv2.CAP_PROP_FRAME_WIDTH], self._asked[cv2.CAP_PROP_FRAME_HEIGHT]
            self._asked = {}
            self.mode = min(
                self.modes,
                key=lambda mode: (abs(mode[1] - wide) + abs(mode[2] - high), mode[0] != coding),
            )
            self._begun = time.perf_counter() + self._first_s
            self._last = 0.0
        return True

    def grab(self) -> bool:
        self.grabs += 1
        return True

    def retrieve(self) -> tuple[bool, scenes.Picture | None]:
        now = time.perf_counter()
        due = self._begun if self._last < self._begun else self._last + 1 / self.modes[self.mode]
        time.sleep(min(max(due - now, 0.0), 1.0))
        if due - now > 1.0:
            return False, None
        self._last = max(due, time.perf_counter() - 1 / self.modes[self.mode])
        size = self.mode[1:]
        if size not in self._pictures:
            self._pictures[size] = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
        return True, np.roll(self._pictures[size], 1, axis=1) if self.grabs % 2 else self._pictures[size]

    def release(self) -> None:
        return


class MediaFoundation(DirectShow):
    """OpenCV's camera by Media Foundation, by the rules of its cap_msmf.cpp; sends noise.

    No coding can be set. Of the modes the nearest is taken. Once a frame was asked for one more is always
    under way, and Windows refuses another mode; what comes then is taken for what it is not.
    """

    running = wrong = False

    def __call__(self, index: int, backend: int) -> "MediaFoundation":
        assert index == 0
        self.mode, self.running, self.wrong = next(iter(self.modes)), False, False
        self._opened = backend == cv2.CAP_MSMF
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opened

    def getBackendName(self) -> str:  # noqa: N802 - as above
        return "MSMF"

    def set(self, what: int, value: int) -> bool:
        self.wrong = self.running
        if self.running or what == cv2.CAP_PROP_FOURCC:
            return False
        width, height = self.mode[1:]
        asked = {cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height} | {what: value}
        wide, high = asked.values()
        self.mode = min(
            self.modes,
            key=lambda mode: (abs(mode[1] - wide) + abs(mode[2] - high), abs(self.modes[mode] - 30)),
        )
        return True

    def grab(self) -> bool:
        self.running = True
        return super().grab()

    def retrieve(self) -> tuple[bool, scenes.Picture | None]:
        came, picture = super().retrieve()
        return (False, None) if self.wrong else (came, picture)


def seen(opencv: DirectShow, patch: pytest.MonkeyPatch) -> CameraCapture:
    (found,) = given(opencv, patch, CHECKS[:1])
    assert isinstance(found, CameraCapture)
    return found


def given(opencv: DirectShow, patch: pytest.MonkeyPatch, checks: tuple[str, ...]) -> list[object]:
    listed(patch, {cv2.CAP_DSHOW: ["HD Webcam"], cv2.CAP_MSMF: ["HD Webcam"]})
    patch.setattr(cv2, "VideoCapture", opencv)
    wanted = Job(source="camera", target=None, checks=checks, parameters={"seconds": 1.0}, bounds={})
    link, _ = worker_protocol.wire()
    return list(camera.capture(wanted, link))


def test_by_directshow_too_the_coding_is_taken_that_has_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    opencv = DirectShow()
    found = seen(opencv, monkeypatch)
    assert opencv.mode == ("MJPG", 1920, 1080)
    assert (found.width, found.height) == (1920, 1080)
    assert len(found.arrivals) > 8


def test_by_directshow_too_only_a_frame_that_was_there_had_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = {("MJPG", 640, 480): 5.0}, {("MJPG", 640, 480): 1000.0}
    assert seen(DirectShow(modes=slow), monkeypatch).starved < 0.5
    assert seen(DirectShow(modes=quick), monkeypatch).starved > 0.5


def test_a_camera_that_takes_its_time_to_begin_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen(DirectShow(first_s=1.2), monkeypatch).present


def test_a_camera_that_never_begins_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_FIRST_FRAME_S", 2.0)
    begun = time.monotonic()
    with pytest.raises(MeasurementError) as raised:
        seen(DirectShow(first_s=1e6), monkeypatch)
    assert raised.value.trouble.kind is Kind.NO_DATA
    assert time.monotonic() - begun < 6


class Refusing(DirectShow):
    """A system that raises where others pass over a size that no camera has."""

    def set(self, what: int, value: int) -> bool:
        if value > 1920 and what != cv2.CAP_PROP_FOURCC:
            raise cv2.error("Unknown C++ exception from OpenCV code")
        return super().set(what, value)


class Obliging(DirectShow):
    """A program that poses as a camera with a driver, and enlarges to whatever it is asked for."""

    def set(self, what: int, value: int) -> bool:
        if what == cv2.CAP_PROP_FRAME_HEIGHT and value > 1080:
            self.modes = {("MJPG", self._asked[cv2.CAP_PROP_FRAME_WIDTH], value): 30.0}
        return super().set(what, value)


@pytest.mark.parametrize(
    ("opencv", "largest"),
    [
        pytest.param(Refusing(), (1920, 1080), id="where no larger size may be asked for"),
        pytest.param(Obliging(), (1920, 1080), id="where any size is given"),
        pytest.param(DirectShow(modes=MODES | {("MJPG", 3840, 2160): 30.0}), (3840, 2160), id="4K"),
        pytest.param(
            MediaFoundation(modes=MODES | {("MJPG", 3840, 2160): 30.0}),
            (3840, 2160),
            id="4K by Media Foundation, which changes no size while it runs",
        ),
    ],
)
def test_the_largest_picture_is_one_that_the_camera_has(
    opencv: DirectShow, largest: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = given(opencv, monkeypatch, ("camera.video", "camera.still"))
    assert [type(each) for each in found] == [CameraCapture, StillCapture]
    assert isinstance(video := found[0], CameraCapture)
    assert (video.width, video.height) == (1920, 1080)
    assert isinstance(still := found[1], StillCapture)
    assert (still.width, still.height) == largest


def test_by_directshow_too_the_live_picture_waits_for_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    opencv = DirectShow(modes={("MJPG", 640, 480): 30.0})
    listed(monkeypatch, {cv2.CAP_DSHOW: ["HD Webcam"]})
    monkeypatch.setattr(cv2, "VideoCapture", opencv)
    link, _ = worker_protocol.wire()
    opened = opening.open_device(None, link, platforms.current_system())
    assert opened is not None
    view = preview.Preview(link, {})
    before, until = opencv.grabs, time.monotonic() + 1
    while time.monotonic() < until:
        opened.show(view)
    assert opencv.grabs - before < 40


MAC = (("0x1", "FaceTime HD Camera"), ("AB-2", "Desk View"), ("CD-3", "USB camera"))


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        pytest.param((0, 1, 2), ["FaceTime HD Camera", "Desk View", "USB camera"], id="the same"),
        pytest.param((0, 2), ["FaceTime HD Camera", "Desk View", "USB camera"], id="one is not listed"),
        pytest.param((1, 0, 2), ["FaceTime HD Camera", "Desk View", "USB camera"], id="in another order"),
        pytest.param((), ["FaceTime HD Camera", "Desk View", "USB camera"], id="none is listed"),
    ],
)
def test_an_index_has_the_name_that_opencv_gives_it(listed: tuple[int, ...], names: list[str]) -> None:
    cameras = [
        listing.Camera(index=at, name=MAC[which][1], path=MAC[which][0], backend=cv2.CAP_AVFOUNDATION)
        for at, which in enumerate(listed)
    ]
    counted = listing.renumber(cameras, MAC)
    assert [each.name for each in counted] == names
    assert [each.index for each in counted] == [0, 1, 2]


class AVFoundation:
    """OpenCV on a Mac, and its clock: a grab waits for the frame after the moment of asking, 1/30 s."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def grab(self) -> bool:
        self.now += 1 / 30
        return True

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.zeros((64, 64, 3), np.uint8)


@pytest.mark.parametrize(("work_s", "starved"), [(0.03, False), (0.04, True)])
def test_what_a_slow_mac_misses_is_not_its_cameras_doing(
    work_s: float, *, starved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    mac = AVFoundation()
    monkeypatch.setattr(device, "time", mac)
    opened = device.OpenCamera(video=mac, opened=(0, cv2.CAP_AVFOUNDATION))  # type: ignore[arg-type] # a Mac's
    waited = []
    for _ in range(4):
        waited.append(opened.read()[0])
        mac.now += work_s
    assert waited == [False, *[starved] * 3]
