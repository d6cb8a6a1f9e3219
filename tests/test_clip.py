"""A phone checked by a video: what is good is ready as far as it can be, one fault is named as that fault."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import documents
import numpy as np
import pytest
import scenes
import voices
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

FPS, RATE = 25, 48000
SPOKEN_S = 8
"""Three silent seconds and the sentence; then the document is shown."""
SHOWN_S = 4


def holding(width: float = 0.6) -> Picture:
    """The document held up before the face."""
    return np.asarray(documents.show(documents.specimen("TD3"), scenes.good(), width=width)[0], np.uint8)


def voice() -> NDArray[np.float64]:
    return np.asarray(voices.recording(40.0, rate=RATE), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What is filmed, and what is to be said of it."""

    face: Callable[[], Picture] = scenes.good
    document: Callable[[], Picture] | None = holding
    sound: Callable[[], NDArray[np.float64]] = voice
    channels: int = 1
    change: Callable[[Picture], Picture] = lambda picture: picture
    black: int = 0
    fails: frozenset[str] = frozenset()
    others: dict[str, str] = field(default_factory=dict)


def to_720(picture: Picture) -> Picture:
    """The middle of a scene: a smaller picture of a face as large as before."""
    return np.ascontiguousarray(picture[180:900, 320:1600])


def upright(picture: Picture) -> Picture:
    """The middle of a scene as a phone held upright has it."""
    part = picture[:, 656:1264]
    return np.asarray(cv2.resize(part, (1080, 1920), interpolation=cv2.INTER_CUBIC), np.uint8)


def write(path: Path, clip: Clip) -> None:
    """Write a film of JPEG frames, each coded once, and of sound as it is."""
    parts = [(clip.face(), SPOKEN_S), *([(clip.document(), SHOWN_S)] if clip.document else [])]
    with av.open(path, "w", format="mov") as file:
        picture = clip.change(parts[0][0])
        video = file.add_stream("mjpeg", rate=FPS)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = picture.shape[1], picture.shape[0], "yuvj420p"
        audio = file.add_stream("pcm_s16le", rate=RATE, layout="mono" if clip.channels == 1 else "stereo")
        number = 0
        for scene, seconds in [(np.zeros_like(parts[0][0]), clip.black / FPS), *parts]:
            coded = [
                cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
                for frame in scenes.frames(clip.change(scene), 5, scenes.NOISE if scene.any() else 0.0)
            ]
            for _ in range(round(seconds * FPS)):
                packet = av.Packet(coded[number % 5])
                packet.stream, packet.pts, packet.dts = video, number, number
                packet.time_base, packet.is_keyframe = Fraction(1, FPS), True
                file.mux(packet)
                number += 1
        samples = np.zeros((clip.channels, len(clip.sound())))
        samples[-1] = clip.sound()
        content = (samples.T * 32767).astype("<i2").tobytes()
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(content, "<i2")[None],
            format="s16",
            layout="mono" if clip.channels == 1 else "stereo",
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        assert isinstance(audio, av.AudioStream)
        file.mux(audio.encode(frame))
        file.mux(audio.encode(None))


def run(*options: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "preflight", "run", *options, "--no-input", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def verdicts(report: Mapping[str, Any]) -> dict[str, str]:
    return {check["id"]: check["verdict"] for check in report["checks"]}


CLIPS: Mapping[str, Clip] = {
    "good": Clip(),
    "upright": Clip(change=upright, document=lambda: holding(0.28)),
    "black at the start": Clip(black=18),
    "a voice in one channel": Clip(channels=2),
    "no document": Clip(document=None, others={"camera.document": "skip"}),
    "dark": Clip(face=scenes.dark, fails=frozenset({"camera.lighting"})),
    "720 lines": Clip(change=to_720, fails=frozenset({"camera.video"})),
    "out of focus": Clip(face=lambda: scenes.blurred(0.2), fails=frozenset({"camera.focus"})),
    "upside down": Clip(
        change=lambda picture: np.ascontiguousarray(picture[::-1, ::-1]), fails=frozenset({"camera.face"})
    ),
    "nobody": Clip(face=scenes.empty, document=None, fails=frozenset({"camera.face"})),
    "silent": Clip(sound=lambda: np.zeros(12 * RATE), fails=frozenset({"microphone.signal"})),
    "noisy": Clip(
        sound=lambda: np.asarray(voices.recording(5.0, rate=RATE)), fails=frozenset({"microphone.noise"})
    ),
}
"""What is shown where a row has no device of its own; the others run with the labs."""
QUICK = ("good", "720 lines")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.lab) for name in CLIPS]
)
def test_a_clip_is_judged_by_what_it_shows(name: str, tmp_path: Path) -> None:
    clip = CLIPS[name]
    path = tmp_path / "clip.mov"
    write(path, clip)
    code, report = run("--clip", str(path))
    said = verdicts(report)
    assert {check for check, verdict in said.items() if verdict == "fail"} == clip.fails
    assert "error" not in said.values()
    assert code == (1 if clip.fails else 0)
    if not clip.fails:
        expected = dict.fromkeys(said, "pass") | clip.others
        assert said == expected
    assert {check.partition(".")[0] for check in report["left_out"]} == {
        "camera",
        "network",
        "power",
        "software",
        "speaker",
    }
    assert [check for check in report["left_out"] if check.startswith("camera.")] == ["camera.still"]


@pytest.mark.parametrize(
    ("size", "verdict"),
    [pytest.param((4000, 3000), "pass", id="12 megapixels"), pytest.param((1600, 1200), "warn", id="shrunk")],
)
def test_a_photo_gives_the_megapixels(size: tuple[int, int], verdict: str, tmp_path: Path) -> None:
    clip, photo = tmp_path / "clip.mov", tmp_path / "photo.jpg"
    write(clip, CLIPS["no document"])
    cv2.imwrite(str(photo), np.full((size[1], size[0], 3), 99, np.uint8))
    _, report = run("--clip", str(clip), "--photo", str(photo), "--only", "camera.still")
    assert verdicts(report) == {"camera.still": verdict}
    assert fact_values(report) == {"megapixels": round(size[0] * size[1] / 1e6, 1), "cause": "clip"}


def fact_values(report: Mapping[str, Any]) -> dict[str, object]:
    """Return the values of the only check's facts."""
    (check,) = report["checks"]
    return {name: fact["value"] for name, fact in check["facts"].items()}


def test_a_video_too_short_to_follow_the_guidance_says_so(tmp_path: Path) -> None:
    path = scenes.video(tmp_path / "clip.avi", scenes.good(), seconds=2.0)
    code, report = run("--clip", str(path), "--only", "camera")
    assert code == 3
    assert {check["trouble"]["detail"] for check in report["checks"]} == {"too short: clip"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("--clip", "a.mp4", "--camera", "1"), "leave out --camera", id="a camera as well"),
        pytest.param(("--photo", "a.jpg"), "add --clip", id="a photo alone"),
        pytest.param(("--clip", "a.mp4"), "a.mp4 cannot be read", id="no such file"),
    ],
)
def test_what_makes_no_sense_is_said_before_measuring(options: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "preflight", "run", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
