"""The camera: a device, a stream, a video file or a picture file.

Frames are streamed and counted; at most eight are kept. What the driver promises is
never taken for what came: sizes are those of the frames.
"""

import dataclasses
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

_PIXELS = 7680 * 4320
"""Largest picture that is decoded: 8K, 100 MB."""
# OpenCV reads these at import and when it opens something.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(_PIXELS)
os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = "4"  # seconds; its own 10 outlast our patience
os.environ["OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS"] = "0"  # opening takes up to 20 s with them

import cv2  # noqa: E402 - after the environment it reads
import numpy as np  # noqa: E402 - as cv2
from numpy.typing import NDArray  # noqa: E402 - as cv2

from preflight import platforms  # noqa: E402 - as cv2
from preflight.captures import CameraCapture, DocumentCapture, StillCapture  # noqa: E402 - as cv2
from preflight.errors import MeasurementError  # noqa: E402 - as cv2
from preflight.measures import detail, image  # noqa: E402 - as cv2
from preflight.measures.image import Picture  # noqa: E402 - as cv2
from preflight.model import Job, Kind, Link  # noqa: E402 - as cv2
from preflight.platforms import v4l2  # noqa: E402 - as cv2
from preflight.sources import access, viewfinder  # noqa: E402 - as cv2
from preflight.sources.prompt import answered  # noqa: E402 - as cv2
from preflight.sources.viewfinder import Viewfinder  # noqa: E402 - as cv2

_ASKED = (1920, 1080)
_MJPG = cv2.VideoWriter.fourcc(*"MJPG")
_FALLBACKS = (_ASKED, (1280, 720))
"""Sizes that are tried in turn where a camera's driver lists a mode that does not start."""
_BEYOND = (9000, 3700)
"""Larger than what any camera offers and than none has; drivers answer it with their largest, and who says
that this is what comes enlarges whatever it has: then it is not believed. It is kept to what fits into
100 MB, as much as a picture of 8K."""
_BACKENDS = (cv2.CAP_V4L2, cv2.CAP_AVFOUNDATION, cv2.CAP_DSHOW, cv2.CAP_MSMF)
"""One per system; on Windows DirectShow first, as Media Foundation opens in 4 to 20 s."""
_VIRTUAL = re.compile(
    r"\bvirtual\b|\bobs\b|manycam|xsplit|snap camera|\bndi\b|mmhmm|splitcam|e2esoft|dummy video|v4l2 ?loop",
    re.IGNORECASE,
)
_DEVICE_PATH = "\\\\?\\"
_LENT = re.compile(r"iphone|ipad|desk view", re.IGNORECASE)
"""A telephone that macOS offers as a camera (Continuity Camera), and its view of the desk: the order of
cameras is that of their identifiers, so one may come before the computer's own."""

_INFRARED = re.compile(r"\bIR\b|infrared", re.IGNORECASE)
"""What a computer knows its owner's face by; on some it is the first (linux-enable-ir-emitter issue 70)."""

_STILL = "camera.still"
_FRAMES = 8
_KEPT_BYTES = 64_000_000
"""Frames kept at most, together: eight of 1920x1080 or two of 3840x2160."""
_LEAST_SIDE = 64
"""Pixels; smaller pictures show nothing to judge."""
_PICTURE_BYTES, _VIDEO_BYTES = 64 << 20, 4 << 30
"""Largest files that are read."""
_SETTLE_FRAMES, _SETTLE_S, _SETTLE_STEP = 5, 3.0, 2.0
"""Exposure has settled when five frames differ by two levels at most, or after three seconds
(one camera was seen to need 25 frames)."""
_FASTEST = 1000
"""Frames a second; what names more names nonsense."""
_USUAL_INTERVAL = 0.04
"""Seconds from frame to frame of a film that does not name them."""
_BLANK_LEVELS = 1.5
_HALF_LEVELS = 3
"""Levels by which what a decoder puts for missing data may differ from 128."""
_HALF_LEAST = 0.04
"""Share of the rows from which on the lower part counts as missing."""
_DOCUMENT_FILE_S = 10.0
_WAITED_S = 0.002
"""A frame that is there at once had to wait for us."""
_COPIED_S = 0.008
"""As that, with the copy of a frame."""
_GIVEN_UP_S = 0.5
"""Whoever says earlier that no frame comes has not waited for one."""
_PATIENCE_S = 3.5
"""DirectShow and AVFoundation wait one second for a frame."""
_FIRST_S = 10.0
"""As that, for the first frame after a start: many a camera takes two seconds to begin, some five."""

_FORMATS = "avi,mov,matroska,mpegts,mpeg,mpegvideo,ogg,flv,asf,mjpeg,m4v,h264,hevc,ivf,wtv,dv"
"""What FFmpeg may take a file for: else it plays a text file as a terminal's picture."""
_FILE_OPTIONS = f"protocol_whitelist;file|format_whitelist;{_FORMATS}"
_STREAM_OPTIONS = f"rtsp_transport;tcp|format_whitelist;{_FORMATS},mpjpeg,jpeg_pipe,rtsp,sdp,rtp,live_flv"
"""What a network camera sends; neither a playlist (HLS, DASH) nor a list of files."""
_PROTOCOLS = {
    "http": "http,httpproxy,tcp",
    "https": "https,httpproxy,tls,tcp",
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsps,rtsp,rtp,srtp,udp,tls,tcp",
    "rtmp": "rtmp,tcp",
    "rtmps": "rtmps,rtmp,tls,tcp",
    "rtp": "rtp,udp",
}
"""Which of FFmpeg's protocols a stream may use by the one in its address: that, and those below it."""
_ABSENT = (CameraCapture(present=False), DocumentCapture(asked=False), StillCapture(present=False))


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield a `CameraCapture`, a `DocumentCapture`, or both, as the job's checks need.

    Unguided, a job for the document alone is one whose target shows it. The largest picture is asked
    for last, since a driver may take long over it, or never come back: all else is told by then.
    """
    cv2.setNumThreads(1)
    if job.target is not None and (path := _file(job.target)):
        link.device(path.name)
        document = "camera.document" in job.checks
        camera = any(check != "camera.document" for check in job.checks)
        for captured in _from_file(path, job.number("seconds"), camera=camera, document=document):
            yield captured
            if isinstance(captured, CameraCapture) and _STILL in job.checks:
                yield StillCapture(present=True, width=captured.width, height=captured.height)
        return
    with _opened(job.target, link) as device:
        yield from _from_device(device, job, link) if device else _ABSENT


def _from_device(device: "_Device", job: Job, link: Link) -> Iterator[object]:
    document, still = "camera.document" in job.checks, _STILL in job.checks
    largest = (0, 0)
    if any(check != "camera.document" for check in job.checks):
        with viewfinder.opened(link, job.parameters, wanted=job.guided) as view:
            _ask(device, link, view, "look", guided=job.guided)
            captured = _look(device, link, view, job.number("seconds"))
        if captured.covered:
            access.demand(platforms.Device.CAMERA, platforms.this())
        if _seems_enlarged(captured):
            # Of a camera that offers more it means nothing.
            largest = device.largest()
            captured = dataclasses.replace(captured, largest=largest)
            if document:
                device.restart()
        yield captured
    if document:
        with viewfinder.opened(link, job.parameters, wanted=job.guided, looks=False) as view:
            agreed = _ask(device, link, view, "document", guided=job.guided)
            frames = _show(device, link, view, job.number("document_s")) if agreed else ()
        yield DocumentCapture(asked=True, declined=not agreed, frames=frames)
    if still:
        width, height = largest if any(largest) else device.largest()
        yield StillCapture(present=True, width=width, height=height)


def live(job: Job, link: Link) -> Iterator[object]:
    """Show what the camera sees, or a file played over and over, until somebody ends this.

    Yields a capture only of a camera that is not there.
    """
    cv2.setNumThreads(1)
    if job.target is not None and (path := _file(job.target)):
        link.device(path.name)
        with viewfinder.opened(link, job.parameters, wanted=True) as view:
            for frame in _played(path):
                view.show(frame)
        return
    with _opened(job.target, link) as device:
        if device is None:
            yield _ABSENT[0]
            return
        with viewfinder.opened(link, job.parameters, wanted=True) as view:
            while True:
                device.show(view)


def devices() -> list[dict[str, Any]]:
    """Return the cameras of this computer: index, name, path ("" where the system has none)."""
    return [{"index": found.index, "name": found.name, "path": found.path} for found in _cameras()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Camera:
    index: int
    name: str
    path: str
    backend: int

    @property
    def virtual(self) -> bool:
        """Whether it only pretends to be a camera: by its name, or because no driver stands behind it.

        To DirectShow a device's path begins so, and a program's, if it has one, need not.
        """
        driverless = self.backend == cv2.CAP_DSHOW and not self.path.startswith(_DEVICE_PATH)
        return driverless or bool(_VIRTUAL.search(self.name))

    @property
    def lent(self) -> bool:
        return bool(_LENT.search(self.name))

    @property
    def infrared(self) -> bool:
        return bool(_INFRARED.search(self.name))

    @property
    def place(self) -> str:
        """The device itself: what DirectShow and Media Foundation add names the way to it."""
        return self.path.lower().partition("#{")[0]


@dataclass(slots=True, kw_only=True)
class _Device:
    """An open device or stream."""

    video: cv2.VideoCapture
    camera: _Camera | None = None
    """As the system lists it; when it does so no more, the plug was pulled. None: a stream."""
    opened: tuple[int, int] = (0, 0)
    """Index and backend by which the camera opened."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the last frame."""
    _begun: bool = False
    """Whether a frame came since the last start."""
    _fetched: Picture | None = None

    @property
    def directshow(self) -> bool:
        return self.opened[1] == cv2.CAP_DSHOW

    def read(self) -> tuple[bool, Picture | None]:
        """Return whether the frame was already waiting, and the frame; None is a broken one.

        Raises `MeasurementError` when none comes.
        """
        waiting = self.wait()
        return waiting, self.frame()

    def frame(self) -> Picture | None:
        """Return the frame that was waited for, None where it is broken."""
        frame = self._fetched if self.directshow else _bgr(self.video.retrieve()[1])
        if frame is not None:
            self.size = (frame.shape[1], frame.shape[0])
        return frame

    def wait(self) -> bool:
        """Wait for the next frame; returns whether it was there already.

        Raises `MeasurementError` when none comes.
        """
        # Until Python 3.13 the monotonic clock of Windows ticks 64 times a second.
        begun = asked = time.perf_counter()
        patience = _PATIENCE_S if self._begun else _FIRST_S
        while not self._came():
            now = time.perf_counter()
            if self._gone():
                raise MeasurementError(Kind.LOST, "the camera went away")
            if now - asked < _GIVEN_UP_S or now - begun > patience:
                raise MeasurementError(Kind.NO_DATA, f"no frame within {now - begun:.1f} s")
            asked = time.perf_counter()
        self._begun = True
        return time.perf_counter() - begun < (_COPIED_S if self.directshow else _WAITED_S)

    def _came(self) -> bool:
        """Wait as long as the driver does; returns whether a frame came."""
        if not self.directshow:
            return self.video.grab()
        # Its grab returns at once, and what waits is the other (cap_dshow.cpp).
        came, frame = self.video.retrieve() if self.video.grab() else (False, None)
        self._fetched = _bgr(frame) if came else None
        return came

    def shape(self) -> tuple[int, int]:
        """Return width and height of the next frames that can be decoded, or zeros."""
        for _ in range(_SETTLE_FRAMES):
            if self.read()[1] is not None:
                return self.size
        return 0, 0

    def tune(self) -> None:
        """Let it give 1080p, as MJPG; what it gives where that does not come is as good as it gets."""
        if not self.directshow:
            self._ask(_ASKED, "MJPG")
            before = self.shape()
            if before < _ASKED:
                # The raw coding may give more.
                self._ask(_ASKED, "YUYV")
                if self.shape() <= before:
                    self._ask(_ASKED, "MJPG")
            return
        for size in _FALLBACKS:
            if self._start(size):
                break
            self.restart(tuned=False)
        self.shape()

    def restart(self, *, tuned: bool = True) -> None:
        """Open it again, as it was; raises `MeasurementError` where that fails."""
        self.video.release()
        self.video = cv2.VideoCapture(*self.opened)
        self._begun = False
        if not self.video.isOpened():
            raise MeasurementError(Kind.BUSY, "the camera cannot be opened again")
        if tuned:
            self.tune()

    def largest(self) -> tuple[int, int]:
        """Return the size of the largest picture it gives. Afterwards it gives these, or nothing.

        A program that pretends to be a camera gives any size that it is asked for, and so do Apple's
        systems: what was enlarged by them says nothing of a camera.
        """
        given = self.size
        if self.camera is None or self.camera.virtual or self.opened[1] == cv2.CAP_AVFOUNDATION:
            return given
        try:
            # By DirectShow the size keeps no coding, and what does not begin gives no frames.
            if not self.directshow:
                self._ask(_BEYOND, "MJPG")
            elif not self._resize(_BEYOND):
                return given
            largest = self.shape()
        except MeasurementError as broken:
            if broken.trouble.kind is Kind.LOST:
                raise
            return given
        return given if largest == _BEYOND else max(largest, given, key=lambda size: size[0] * size[1])

    def _start(self, size: tuple[int, int]) -> bool:
        """Begin with a size as MJPG, else as what has it; returns whether it began.

        OpenCV forgets the coding when a size is set, and begins with the first one that has this size:
        often a raw one of 5 frames a second. A coding that is set keeps the size, and begins again. And when
        the driver refuses to begin, it gives up the device, which has to be opened again; only a size that
        it remembers from a first refusal can be tried with a coding (cap_dshow.cpp, and seen so).
        """
        if not self._resize(size):
            self._set(cv2.CAP_PROP_FOURCC, _MJPG)
            return self._resize(size)
        if self._set(cv2.CAP_PROP_FOURCC, _MJPG):
            return True
        self.restart(tuned=False)
        return self._resize(size)

    def _ask(self, size: tuple[int, int], coding: str) -> None:
        """Ask for a size; first the coding, on which the sizes on offer depend."""
        self._set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*coding))
        self._resize(size)

    def _resize(self, size: tuple[int, int]) -> bool:
        self._set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        return self._set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])

    def _set(self, what: int, value: float) -> bool:
        # What was asked for begins the stream again.
        self._begun = False
        # Apple's systems raise where others pass over what they have not (opencv issue 22912).
        with suppress(cv2.error):
            return self.video.set(what, value)
        return False

    def _gone(self) -> bool:
        path = self.camera.path if self.camera else ""
        return bool(path) and not any(camera.path == path for camera in _cameras())

    def show(self, view: Viewfinder) -> None:
        """Wait for a frame and show it, if it is time for one; else it is not even decoded."""
        self.wait()
        if view.due and (frame := self.frame()) is not None:
            view.show(frame)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What is counted of frames as they pass, and the few that are kept."""

    span: float
    """Seconds over which the kept ones are spread."""
    keep: int = _FRAMES
    frames: list[Picture] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)
    shape: tuple[int, int] = (0, 0)
    black: int = 0
    corrupted: int = 0
    waited: int = 0
    still_s: float = 0.0
    _last: Picture | None = None
    _changed: float = 0.0

    def add(self, frame: Picture | None, stamp: float, *, clock: float, waiting: bool = False) -> None:
        """Count one frame; `clock` in seconds is what spreads those kept and times a still picture."""
        self.arrivals.append(time.perf_counter())
        self.stamps.append(stamp)
        self.waited += waiting
        if frame is None:
            self.corrupted += 1
            return
        self.shape = (frame.shape[1], frame.shape[0])
        coarse = frame[::8, ::8].copy()
        if self._last is None or not np.array_equal(coarse, self._last):
            self._last, self._changed = coarse, clock
        self.still_s = max(self.still_s, clock - self._changed)
        self.corrupted += _half(coarse)
        self.black += is_blank(coarse)
        if not self.frames:
            self.keep = min(self.keep, max(1, _KEPT_BYTES // frame.nbytes))
        if len(self.frames) < self.keep and clock >= len(self.frames) * self.span / self.keep:
            self.frames.append(frame)

    def result(self, interval: float | None, **more: Any) -> CameraCapture:
        """Return all of it as a capture; raises `MeasurementError` when no frame could be decoded."""
        if not self.frames:
            raise MeasurementError(Kind.NO_DATA, f"none of {len(self.arrivals):d} frames could be decoded")
        stamped = len(self.stamps) > 1 and all(later > earlier for earlier, later in pairwise(self.stamps))
        times = self.stamps if stamped else self.arrivals
        gaps = [later - earlier for earlier, later in pairwise(times)]
        usual = float(np.median(gaps)) if gaps else 0.0
        return CameraCapture(
            present=True,
            width=self.shape[0],
            height=self.shape[1],
            frames=tuple(self.frames),
            arrivals=tuple(self.arrivals),
            stamps=tuple(self.stamps) if stamped else (),
            interval=interval,
            black=self.black,
            corrupted=self.corrupted,
            still_s=self.still_s,
            dropped=sum(round(gap / usual) - 1 for gap in gaps if gap > 1.5 * usual > 0),
            starved=self.waited / len(self.arrivals),
            **more,
        )


def _ask(device: _Device, link: Link, view: Viewfinder, prompt: str, *, guided: bool) -> bool:
    """Show the picture until the person has answered; returns whether they agreed.

    Unguided nobody is there, and what is in front of the camera is taken as it is.
    """
    return not guided or answered(link, prompt, lambda: device.show(view)) == prompt


def _look(device: _Device, link: Link, view: Viewfinder, seconds: float) -> CameraCapture:
    """Wait until the exposure has settled, then count frames for `seconds`."""
    link.phase("look", seconds + 1.0)
    tally = _Tally(span=seconds)
    view.rest()
    _settle(device, view)
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds or not tally.frames[1:]:
        waiting, frame = device.read()
        stamp = device.video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        tally.add(frame, stamp, clock=time.monotonic() - begun, waiting=waiting)
        if frame is not None:
            view.show(frame)
        if elapsed > seconds + _SETTLE_S:
            break
    virtual = device.camera is not None and device.camera.virtual
    return tally.result(_interval(device.video), virtual=virtual)


def _settle(device: _Device, view: Viewfinder) -> None:
    levels: list[float] = []
    begun = time.monotonic()
    while time.monotonic() - begun < _SETTLE_S:
        _, frame = device.read()
        if frame is None:
            continue
        view.show(frame)
        coarse = frame[::8, ::8]
        levels = [] if is_blank(coarse) else [*levels, float(coarse.mean())][-_SETTLE_FRAMES:]
        if len(levels) == _SETTLE_FRAMES and max(levels) - min(levels) <= _SETTLE_STEP:
            return


def _seems_enlarged(captured: CameraCapture) -> bool:
    """Tell whether the picture looks made from fewer lines, unless the camera offers more than it gives."""
    if (captured.width, captured.height) != _ASKED or captured.covered:
        return False
    return detail.trace(detail.sample(captured.frames)).source_lines(larger_offered=False) is not None


def _show(device: _Device, link: Link, view: Viewfinder, seconds: float) -> tuple[Picture, ...]:
    """Return the sharpest frame of each of eight parts of the time a document is held up."""
    link.phase("document", seconds)
    best: dict[int, tuple[float, Picture]] = {}
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds:
        _, frame = device.read()
        if frame is not None:
            view.show(frame)
            _keep_sharper(best, elapsed / seconds, frame)
    return tuple(frame for _, frame in best.values())


def _keep_sharper(best: dict[int, tuple[float, Picture]], passed: float, frame: Picture) -> None:
    """Keep a frame if it is the sharpest of its part of the time; `passed` is the share that went before."""
    part = min(int(_FRAMES * passed), _FRAMES - 1)
    small = image.grey(image.shrunk(frame, 960))
    sharp = float(cv2.Laplacian(small, cv2.CV_32F).var())
    if part not in best or sharp > best[part][0]:
        best[part] = (sharp, frame)


def _from_file(path: Path, seconds: float, *, camera: bool, document: bool) -> Iterator[object]:
    """Yield what a picture or a video shows; a picture has no frame rate, and none is claimed."""
    size = path.stat().st_size
    if not size:
        raise MeasurementError(Kind.BAD_INPUT, "an empty file")
    if (picture := _picture(path)) is not None:
        if camera:
            tally = _Tally(span=0.0)
            tally.add(picture, 0.0, clock=0.0)
            yield tally.result(None)
        if document:
            yield DocumentCapture(asked=True, frames=(picture,))
        return
    if size > _VIDEO_BYTES:
        raise MeasurementError(Kind.BAD_INPUT, f"{size:d} bytes are more than is read")
    if camera:
        with _film(path) as film:
            captured = _watch(film, seconds)
        yield captured
    if document:
        with _film(path) as film:
            leaves = _leaves(film)
        yield DocumentCapture(asked=True, frames=leaves)


def _played(path: Path) -> Iterator[Picture]:
    """Yield the frames of a film in their own time, over and over, or a picture again and again."""
    if (picture := _picture(path)) is not None:
        while True:
            yield picture
            time.sleep(viewfinder.FRAME_S)
    shown = True
    while shown:
        shown = False
        with _film(path) as film:
            interval, due = _interval(film) or _USUAL_INTERVAL, time.monotonic()
            while film.grab():
                due += interval
                time.sleep(max(0.0, due - time.monotonic()))
                frame = _bgr(film.retrieve()[1])
                if frame is not None:
                    shown = True
                    yield _sized(frame)
    raise MeasurementError(Kind.BAD_INPUT, "a video without a picture")


def _picture(path: Path) -> Picture | None:
    """Return the picture in a file, None where it cannot be decoded, such as a film."""
    if path.stat().st_size > _PICTURE_BYTES:
        return None
    try:
        # From memory: OpenCV opens no path that the code page of Windows cannot write.
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        raise MeasurementError(Kind.BAD_INPUT, f"a picture of more than {_PIXELS:d} pixels") from None
    return None if picture is None else _sized(np.asarray(picture, np.uint8))


def _sized(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    if min(width, height) < _LEAST_SIDE or width * height > _PIXELS:
        raise MeasurementError(Kind.BAD_INPUT, f"{width:d}x{height:d} pixels are no picture to judge")
    return picture


@contextmanager
def _film(path: Path) -> Iterator[cv2.VideoCapture]:
    platforms.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", _FILE_OPTIONS)
    # One thread: each more holds frames of its own, and two seconds are decoded soon enough.
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        if not film.isOpened():
            raise MeasurementError(Kind.BAD_INPUT, "neither a picture nor a video")
        width, height = film.get(cv2.CAP_PROP_FRAME_WIDTH), film.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > _PIXELS:
            raise MeasurementError(Kind.BAD_INPUT, f"frames of {width:.0f}x{height:.0f} pixels")
        yield film
    finally:
        film.release()


def _watch(film: cv2.VideoCapture, seconds: float) -> CameraCapture:
    """Count the first seconds of a video, by its own clock."""
    interval = _interval(film) or _USUAL_INTERVAL
    promised = min(film.get(cv2.CAP_PROP_FRAME_COUNT), seconds / interval)
    tally = _Tally(span=min(seconds, max(promised, 1) * interval))
    for number, frame in enumerate(_frames(film, seconds, interval)):
        tally.add(frame, film.get(cv2.CAP_PROP_POS_MSEC) / 1000, clock=number * interval)
    # Counts that come from a rounded duration are a little off; a file cut short is not.
    if len(tally.arrivals) < 0.9 * promised - 1:
        raise MeasurementError(Kind.BAD_INPUT, f"ends after {len(tally.arrivals):d} of {promised:.0f} frames")
    if not tally.frames:
        raise MeasurementError(Kind.BAD_INPUT, "a video without a picture")
    captured = tally.result(_interval(film))
    _sized(captured.frames[0])
    return captured


def _leaves(film: cv2.VideoCapture) -> tuple[Picture, ...]:
    """Return the sharpest frame of each of eight parts of a video of a document."""
    interval = _interval(film) or _USUAL_INTERVAL
    seconds = min(max(film.get(cv2.CAP_PROP_FRAME_COUNT), 1) * interval, _DOCUMENT_FILE_S)
    best: dict[int, tuple[float, Picture]] = {}
    for number, frame in enumerate(_frames(film, seconds, interval)):
        if frame is not None:
            _keep_sharper(best, number * interval / seconds, _sized(frame))
    if not best:
        raise MeasurementError(Kind.BAD_INPUT, "a video without a picture")
    return tuple(frame for _, frame in best.values())


def _frames(film: cv2.VideoCapture, seconds: float, interval: float) -> Iterator[Picture | None]:
    for _ in range(max(1, round(seconds / interval))):
        if not film.grab():
            return
        _, frame = film.retrieve()
        yield _bgr(frame)


def _interval(video: cv2.VideoCapture) -> float | None:
    """Return the seconds from frame to frame that driver or file name, None where they name nonsense."""
    rate = video.get(cv2.CAP_PROP_FPS)
    return 1 / rate if 1 <= rate <= _FASTEST else None


@contextmanager
def _opened(target: str | None, link: Link) -> Iterator[_Device | None]:
    """Open a device or a stream; None where no camera is there. Raises `MeasurementError`."""
    device: _Device | None = None
    try:
        if target and "://" in target:
            yield (device := _stream(target, link))
            return
        system = platforms.this()
        try:
            if device := _local(target, link, system):
                device.tune()
            yield device
        except MeasurementError as broken:
            raise access.explained(broken, platforms.Device.CAMERA, system) from None
    finally:
        if device:
            device.video.release()


def _stream(address: str, link: Link) -> _Device:
    link.device(address.partition("://")[0])
    scheme = address.partition("://")[0].lower()
    # Nothing else is asked: of a playlist FFmpeg would fetch the parts from wherever it says.
    options = f"{_STREAM_OPTIONS}|protocol_whitelist;{_PROTOCOLS.get(scheme, scheme)}"
    platforms.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", options)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 8000, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 4000]
    video = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
    if not video.isOpened():
        raise MeasurementError(Kind.UNREACHABLE, "the stream cannot be opened")
    return _Device(video=video)


def _local(target: str | None, link: Link, system: platforms.System) -> _Device | None:
    camera = _chosen(target)
    if camera is None:
        access.demand(platforms.Device.CAMERA, system)
        return None
    link.device(camera.name)
    try:
        return _connected(camera)
    except MeasurementError:
        # OpenCV has macOS ask the person and gives up at once, without the answer (cap_avfoundation_mac.mm).
        if not access.granted(platforms.Device.CAMERA, system):
            raise
        return _connected(camera)


def _connected(camera: _Camera) -> _Device:
    """Return the opened camera; raises `MeasurementError`."""
    if camera.backend == cv2.CAP_V4L2 and (trouble := v4l2.hindrance(camera.path)):
        raise MeasurementError(trouble.kind, trouble.detail)
    for way in _ways(camera):
        video = cv2.VideoCapture(way.index, way.backend)
        if video.isOpened():
            return _Device(video=video, camera=camera, opened=(way.index, way.backend))
        video.release()
    raise MeasurementError(Kind.BUSY, "the camera cannot be opened")


def _ways(camera: _Camera) -> Iterator[_Camera]:
    """Yield the camera, then what it may be to Media Foundation, which counts in an order of its own.

    It is asked only once DirectShow has failed: that takes time, and no Windows N has it.
    """
    yield camera
    if camera.backend == cv2.CAP_DSHOW:
        named = [other for other in _listed(cv2.CAP_MSMF) if other.name == camera.name]
        yield from [other for other in named if other.place == camera.place] or named


def _chosen(target: str | None) -> _Camera | None:
    """Return the camera named by index, node or (part of) its name; by default the first real one."""
    cameras = _cameras()
    if target is None:
        return min(cameras, key=lambda camera: (camera.virtual, camera.infrared, camera.lent), default=None)
    for camera in cameras:
        if target in (str(camera.index), camera.path, camera.name):
            return camera
    named = [camera for camera in cameras if target.casefold() in camera.name.casefold()]
    if len(named) != 1:
        raise MeasurementError(
            Kind.BAD_INPUT, "several cameras of that name" if named else "no camera of that name"
        )
    return named[0]


def _cameras() -> list[_Camera]:
    """Return the cameras in the system's order; nodes that give no pictures are not cameras."""
    present = cv2.videoio_registry.getCameraBackends()
    backend = next((backend for backend in _BACKENDS if backend in present), None)
    return [] if backend is None else _listed(backend)


def _listed(backend: int) -> list[_Camera]:
    from cv2_enumerate_cameras import enumerate_cameras  # noqa: PLC0415 - it asks the system at import

    found = enumerate_cameras(backend)
    cameras = [
        _Camera(index=camera.index, name=camera.name or "camera", path=camera.path or "", backend=backend)
        for camera in found
    ]
    cameras.sort(key=lambda camera: camera.index)
    own = platforms.this().cameras() if backend == cv2.CAP_AVFOUNDATION else None
    return cameras if own is None else _as_counted(cameras, own)


def _as_counted(cameras: list[_Camera], own: Sequence[tuple[str, str]]) -> list[_Camera]:
    """Return the cameras by OpenCV's own count, so that no index has another camera's name.

    A list that has more or fewer of them, such as a telephone's view of the desk, shifts all that follow.
    """
    if [camera.path for camera in cameras] == [identifier for identifier, _ in own]:
        return cameras
    return [
        _Camera(index=index, name=name or "camera", path=identifier, backend=cv2.CAP_AVFOUNDATION)
        for index, (identifier, name) in enumerate(own)
    ]


def _file(target: str) -> Path | None:
    """Return the path of a target that is a file in place of a device."""
    path = Path(target.removeprefix("file://"))
    if path.is_file():
        return path
    if target.startswith("file://") or (path.exists() and not path.is_char_device()):
        raise MeasurementError(Kind.BAD_INPUT, "not a file")
    return None


def _bgr(frame: Any) -> Picture | None:
    """Return a decoded frame as BGR, None where there is none."""
    if frame is None or not frame.size:
        return None
    if frame.shape[2:] in ((), (1,)):
        frame = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
    return np.asarray(frame, np.uint8)


def is_blank(coarse: Picture) -> bool:
    """Return whether a picture (every eighth pixel) is one even colour throughout.

    Blocks of 8x8 samples are averaged, so that noise does not count as a scene: what is
    left of the dimmest real scene (light x 0.003) spans more than a level.
    """
    blocks = cv2.resize(coarse, (16, 9), interpolation=cv2.INTER_AREA).astype(np.float32)
    return bool(np.ptp(blocks.reshape(-1, 3), axis=0).max() < _BLANK_LEVELS)


def _half(coarse: Picture) -> bool:
    """Return whether the lower part is what a JPEG decoder leaves where data ended: mid-grey, or nothing.

    OpenCV 4.14 leaves exact zeros of a camera's frame. Bars above and below a picture are
    black too, and stand above as well.
    """
    grey = np.abs(coarse.astype(np.int16) - 128).max(axis=(1, 2)) <= _HALF_LEVELS
    empty = coarse.max(axis=(1, 2)) == 0
    return _ends_in(grey) or (not bool(empty[0]) and _ends_in(empty))


def _ends_in(missing: NDArray[np.bool_]) -> bool:
    rows = int(np.argmin(missing[::-1])) if not missing.all() else len(missing)
    return _HALF_LEAST * len(missing) <= rows < len(missing)
