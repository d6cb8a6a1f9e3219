"""Every kind of picture, film and sound that people have: read rightly, or named rightly."""

import io
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pillow_heif
import pytest
import scenes
import soundfile
import voices
from av.codec.context import Flags
from numpy.typing import NDArray
from PIL import Image

from preflight import policy
from preflight.captures import CameraCapture, DocumentCapture, MicrophoneCapture
from preflight.checks import colour, face, focus, lighting, video
from preflight.errors import MeasurementError
from preflight.model import Finding, Job, Kind
from preflight.sources import camera, microphone, sound_file
from preflight.sources.camera import files, pictures
from preflight.texts import LANGUAGES, Words
from preflight.worker import PipeLink

Picture = NDArray[np.uint8]

if shutil.which("espeak-ng") is None:
    pytest.skip("espeak-ng is not installed", allow_module_level=True)

RATE = 16000
SOUND = np.concatenate((0.001 * voices.white(1, RATE), voices.synthetic_voice(RATE)[: 3 * RATE]))
SCENE: Picture = np.asarray(
    cv2.resize(scenes.photograph("astronaut"), (480, 270), interpolation=cv2.INTER_AREA), np.uint8
)


# --- sound ---


def plain(container: str, subtype: str | None = None) -> Callable[[Path], None]:
    """Return what writes the sound by libsndfile."""
    return lambda path: soundfile.write(path, SOUND, RATE, subtype, format=container)


def by_av(
    container: str, codec: str, *, rate: int = RATE, channels: int = 1, silent_s: int = 0
) -> Callable[[Path], None]:
    """Return what writes the sound by FFmpeg, in one channel of those that there are."""

    def write(path: Path) -> None:
        samples = np.zeros((channels, silent_s * RATE + len(SOUND)), np.float32)
        samples[-1, silent_s * RATE :] = SOUND
        layout = {1: "mono", 2: "stereo"}[channels]
        with av.open(path, "w", format=container) as file:
            stream = file.add_stream(codec, rate=rate, layout=layout)
            assert isinstance(stream, av.AudioStream)
            stream.bit_rate = 96000
            resampler = av.AudioResampler(
                format=stream.codec_context.format, layout=layout, rate=rate, frame_size=stream.frame_size
            )
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                file.mux(stream.encode(part))
            file.mux(stream.encode(None))

    return write


SOUNDS: Mapping[str, Callable[[Path], None]] = {
    "WAV": plain("WAV"),
    "AIFF": plain("AIFF"),
    "CAF": plain("CAF"),
    "FLAC": plain("FLAC"),
    "MP3": plain("MP3"),
    "OGG with Vorbis": plain("OGG"),
    "OGG with Opus": plain("OGG", "OPUS"),
    "M4A with AAC": by_av("ipod", "aac"),
    "M4A with ALAC": by_av("ipod", "alac"),
    "MP4 with AAC": by_av("mp4", "aac"),
    "MP4 with a voice in one of two channels": by_av("mp4", "aac", channels=2),
    "MP4 of 48 kHz": by_av("mp4", "aac", rate=48000),
    "3GP with AAC": by_av("3gp", "aac"),
    "MOV with AAC": by_av("mov", "aac"),
    "MOV with PCM": by_av("mov", "pcm_s16le"),
    "WebM with Opus": by_av("webm", "libopus", rate=48000),
    "Matroska with FLAC": by_av("matroska", "flac"),
    "AVI with MP3": by_av("avi", "libmp3lame"),
    "MPEG-TS with AAC": by_av("mpegts", "aac"),
    "bare AAC": by_av("adts", "aac"),
    "Windows Media": by_av("asf", "wmav2", rate=44100, channels=2),
    "FLV": by_av("flv", "aac", rate=44100),
}


def likeness(samples: NDArray[Any], rate: int) -> float:
    """Return the largest correlation of a sound with the original, up to a delay that codecs add."""
    heard = voices.resample(samples.astype(np.float64), rate, RATE)
    length = 1 << (len(heard) + len(SOUND)).bit_length()
    crossed = np.fft.irfft(np.fft.rfft(heard, length) * np.conj(np.fft.rfft(SOUND, length)))
    return float(np.abs(crossed).max() / np.linalg.norm(heard) / np.linalg.norm(SOUND))


@pytest.mark.parametrize("write", SOUNDS.values(), ids=SOUNDS)
def test_sound_is_read_out_of(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "voice"
    write(path)
    samples, rate = sound_file.read_sound(path)
    assert samples.dtype == np.float32
    assert len(samples) / rate == pytest.approx(len(SOUND) / RATE, abs=0.15)
    assert likeness(samples, rate) > 0.95


def test_channels_of_opposite_signs_are_not_averaged_away(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    soundfile.write(path, np.stack((SOUND, -SOUND), axis=1), RATE)
    samples, rate = sound_file.read_sound(path)
    assert likeness(samples, rate) > 0.99


def test_without_a_decoder_the_message_names_the_file_and_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "voice"
    SOUNDS["M4A with AAC"](path)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MeasurementError) as broken:
        sound_file.read_sound(path)
    for lang in LANGUAGES:
        said = Words(lang).trouble(broken.value.trouble, "microphone")
        assert "M4A" in said.finding
        assert "pipx inject session-preflight av" in said.advice


def test_frames_of_silence_do_not_make_a_bare_recording_look_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "voice"
    by_av("adts", "aac", silent_s=3)(path)
    samples, rate = sound_file.read_sound(path)
    assert len(samples) / rate == pytest.approx(3 + len(SOUND) / RATE, abs=0.15)


@pytest.mark.parametrize("kind", ["MP4 with AAC", "WebM with Opus", "M4A with AAC"])
def test_a_cut_off_film_is_damaged(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "voice"
    SOUNDS[kind](path)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(MeasurementError) as broken:
        sound_file.read_sound(path)
    assert broken.value.trouble.kind is Kind.BAD_INPUT


def test_sound_of_a_coding_that_nobody_knows_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "voice"
    SOUNDS["M4A with AAC"](path)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"))
    with pytest.raises(MeasurementError, match="sound of no known coding"):
        sound_file.read_sound(path)


def test_a_film_without_sound_says_so(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    film(path, "mp4", "libx264")
    with pytest.raises(MeasurementError, match="no sound: MP4") as broken:
        sound_file.read_sound(path)
    assert "no sound" in Words("en").trouble(broken.value.trouble, "microphone").finding


def test_the_sound_of_a_film_is_judged_as_a_microphones(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-29T09:30:00.mp4"
    SOUNDS["MP4 with AAC"](path)
    job = Job(source="microphone", target=str(path), checks=(), parameters={"silence_s": 1.0}, bounds={})
    (captured,) = microphone.capture(job, PipeLink(io.BytesIO(), guided=False))
    assert isinstance(captured, MicrophoneCapture)
    assert (captured.origin, captured.rate, captured.onset) == ("file", RATE, RATE)


# --- pictures ---


def by_pillow(mode: str = "RGB", **options: Any) -> Callable[[Path], None]:
    """Return what writes the scene by Pillow."""
    turned = options.pop("turned", 0)

    def write(path: Path) -> None:
        image = Image.fromarray(cv2.cvtColor(np.rot90(SCENE, turned), cv2.COLOR_BGR2RGB)).convert(mode)
        if mode == "P":
            image = Image.fromarray(cv2.cvtColor(SCENE, cv2.COLOR_BGR2RGB)).quantize(256)
        exif = Image.Exif()
        exif[0x0112] = {0: 1, 1: 6, 2: 3, 3: 8}[turned]
        image.save(path, exif=exif.tobytes(), **options)

    return write


def sixteen_bits(path: Path) -> None:
    path.write_bytes(cv2.imencode(".png", SCENE.astype(np.uint16) * 257)[1].tobytes())


def heic(*, turned: bool = False, bits: int = 8) -> Callable[[Path], None]:
    """Return what writes the scene as phones do."""

    def write(path: Path) -> None:
        rgb = np.ascontiguousarray(SCENE[..., ::-1])
        if bits == 8:
            image = pillow_heif.from_bytes("RGB", (rgb.shape[1], rgb.shape[0]), rgb.tobytes())
        else:
            wide = (rgb.astype(np.uint16) * 257).tobytes()
            image = pillow_heif.from_bytes("RGB;16", (rgb.shape[1], rgb.shape[0]), wide)
        exif = Image.Exif()
        exif[0x0112] = 1
        image.save(path, quality=90, exif=exif.tobytes() if turned else None)

    return write


PICTURES: Mapping[str, Callable[[Path], None]] = {
    "JPEG": by_pillow(format="JPEG", quality=90),
    "progressive JPEG": by_pillow(format="JPEG", quality=90, progressive=True),
    "JPEG turned left": by_pillow(format="JPEG", quality=90, turned=1),
    "JPEG upside down": by_pillow(format="JPEG", quality=90, turned=2),
    "JPEG turned right": by_pillow(format="JPEG", quality=90, turned=3),
    "CMYK JPEG": by_pillow("CMYK", format="JPEG", quality=90),
    "PNG": by_pillow(format="PNG"),
    "PNG of a palette": by_pillow("P", format="PNG"),
    "PNG with transparency": by_pillow("RGBA", format="PNG"),
    "PNG of 16 bits": sixteen_bits,
    "BMP": by_pillow(format="BMP"),
    "TIFF": by_pillow(format="TIFF"),
    "GIF": by_pillow("P", format="GIF"),
    "WebP": by_pillow(format="WEBP", quality=90),
    "JPEG 2000": by_pillow(format="JPEG2000"),
    "AVIF": by_pillow(format="AVIF", quality=90),
    "AVIF turned left": by_pillow(format="AVIF", quality=90, turned=1),
    "AVIF upside down": by_pillow(format="AVIF", quality=90, turned=2),
    "AVIF turned right": by_pillow(format="AVIF", quality=90, turned=3),
    "HEIC": heic(),
    "HEIC of 10 bits": heic(bits=10),
}


def difference(picture: Picture) -> float:
    """Return by how many levels a picture differs from the scene in the mean."""
    return float(np.abs(picture.astype(int) - SCENE).mean())


@pytest.mark.parametrize("write", PICTURES.values(), ids=PICTURES)
def test_a_picture_is_read(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "picture"
    write(path)
    photo = pictures.read_picture(path)
    assert photo is not None
    assert (photo.width, photo.height) == (480, 270)
    assert photo.picture.shape == SCENE.shape
    assert difference(photo.picture) < 8


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [
        pytest.param(8000, 6000, (4000, 3000), id="48 megapixels"),
        pytest.param(16320, 12240, (4080, 3060), id="200 megapixels"),
    ],
)
def test_a_large_jpeg_has_all_its_megapixels(
    width: int, height: int, shown: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "large.jpg"
    Image.new("L", (width, height), 128).save(path, quality=30)
    photo = pictures.read_picture(path)
    assert photo is not None
    assert (photo.width, photo.height) == (width, height)
    assert (photo.picture.shape[1], photo.picture.shape[0]) == shown


def test_a_progressive_jpeg_too_large_for_the_memory_is_said_to_be_that(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.new("L", (64, 64)).save(path, progressive=True)
    content = path.read_bytes()
    at = content.index(b"\xff\xc2") + 5
    path.write_bytes(content[:at] + (10000).to_bytes(2) * 2 + content[at + 4 :])
    with pytest.raises(MeasurementError) as broken:
        pictures.read_picture(path)
    assert "megapixels" in Words("en").trouble(broken.value.trouble, "camera").advice


def test_a_picture_in_too_large_a_file_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "scan"
    path.write_bytes(b"II*\0")
    os.truncate(path, 97 << 20)
    with pytest.raises(MeasurementError, match="too large: picture"):
        shot(path)


@pytest.mark.parametrize("kind", ["AVIF", "HEIC", "WebP"])
def test_a_damaged_picture_is_not_tried_as_a_film(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    PICTURES[kind](path)
    path.write_bytes(path.read_bytes()[:64] + bytes(200))
    with pytest.raises(MeasurementError, match=f"not a readable {kind} file"):
        pictures.read_picture(path)


# --- films ---


def film(  # noqa: PLR0913 - what a film is made of
    path: Path,
    container: str,
    codec: str,
    *,
    form: str = "yuv420p",
    black: int = 0,
    flicker: float = 0.0,
    stamps: Callable[[int], int] | None = None,
    interlaced: bool = False,
    live: bool = False,
) -> None:
    """Write a film of the scene, one second and a half long after so many black frames."""
    with av.open(path, "w", format=container, options={"live": "1"} if live else {}) as file:
        stream = file.add_stream(codec, rate=25)
        assert isinstance(stream, av.VideoStream)
        # The lines of a field come in pairs.
        height = 272 if interlaced else 270
        stream.width, stream.height, stream.pix_fmt = 480, height, form
        if interlaced:
            stream.options = {"x264-params": "tff=1", "crf": "12"}
            stream.codec_context.flags |= Flags.interlaced_dct | Flags.interlaced_me
        base = Fraction(1, 1000) if stamps else Fraction(1, 25)
        stream.codec_context.time_base = base
        for number in range(black + 38):
            lit = np.asarray(SCENE * (1 - flicker * (number % 2)), np.uint8)
            content = scenes.noisy(lit, 2.0, number) if number >= black else np.zeros_like(SCENE)
            frame = av.VideoFrame.from_ndarray(content, format="bgr24").reformat(480, height, form)
            frame.pts, frame.time_base = stamps(number) if stamps else number, base
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


FILMS: Mapping[str, tuple[str, str, str]] = {
    "H.264 in MP4": ("mp4", "libx264", "yuv420p"),
    "H.264 in MOV": ("mov", "libx264", "yuv420p"),
    "HEVC in MP4": ("mp4", "libx265", "yuv420p"),
    "HEVC of 10 bits": ("mov", "libx265", "yuv420p10le"),
    "VP9 in WebM": ("webm", "libvpx-vp9", "yuv420p"),
    "AV1 in MP4": ("mp4", "libsvtav1", "yuv420p"),
    "MJPEG in AVI": ("avi", "mjpeg", "yuvj420p"),
    "ProRes in MOV": ("mov", "prores_ks", "yuv422p10le"),
    "FFV1 in Matroska": ("matroska", "ffv1", "yuv420p"),
    "MPEG-4 in 3GP": ("3gp", "mpeg4", "yuv420p"),
    "MPEG-2 in a transport stream": ("mpegts", "mpeg2video", "yuv420p"),
}


def shot(path: Path) -> CameraCapture:
    """Return what is captured of a film."""
    (captured,) = files.capture_file(path, 1.0, camera=True, document=False)
    assert isinstance(captured, CameraCapture)
    return captured


@pytest.mark.parametrize(("container", "codec", "form"), FILMS.values(), ids=FILMS)
def test_a_film_is_read(container: str, codec: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "film"
    film(path, container, codec, form=form)
    captured = shot(path)
    assert (captured.width, captured.height) == (480, 270)
    assert captured.corrupted == captured.black == 0
    assert captured.frames
    assert difference(captured.frames[-1]) < 10


def test_frames_at_uneven_times_have_their_own(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, "mp4", "libx264", stamps=lambda number: 40 * number + 20 * (number % 2))
    gaps = np.diff(shot(path).stamps)
    assert sorted(set(np.round(gaps, 3))) == [0.02, 0.06]


def test_a_document_is_looked_for_in_all_of_a_film_that_does_not_say_its_length(tmp_path: Path) -> None:
    path = tmp_path / "film.webm"
    # As browsers record: written on the way, with no length.
    film(path, "webm", "libvpx", live=True)
    captured = next(iter(files.capture_file(path, 1.0, camera=False, document=True)))
    assert isinstance(captured, DocumentCapture)
    assert len(captured.frames) > 1


def turn(content: bytes, across: int = 270) -> bytes:
    """Return an MP4 whose track is shown turned right by a quarter (ISO/IEC 14496-12, 8.3.2)."""
    at = content.index(b"tkhd") + 4 + 40
    one = 1 << 16
    matrix = (0, one, 0, -one, 0, 0, across * one, 0, 1 << 30)
    return content[:at] + b"".join(each.to_bytes(4, signed=True) for each in matrix) + content[at + 36 :]


def test_a_film_is_turned_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, "mp4", "libx264")
    path.write_bytes(turn(path.read_bytes()))
    captured = shot(path)
    assert (captured.width, captured.height) == (270, 480)
    assert difference(np.rot90(captured.frames[0])) < 10


def test_a_black_start_is_no_closed_shutter(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, "mp4", "libx264", black=18)
    captured = shot(path)
    assert captured.black == 0
    assert difference(captured.frames[0]) < 10


def test_a_film_of_a_still_picture_is_not_called_interlaced(tmp_path: Path) -> None:
    # Its coder does nothing at first, and then mends what it left out of the first frame.
    path = tmp_path / "film.mp4"
    large = np.asarray(cv2.resize(scenes.good(), (3840, 2160), interpolation=cv2.INTER_CUBIC), np.uint8)
    wide_film(path, "mp4", "libx264", [large] * 10, rate=30, preset="ultrafast", crf="23")
    assert shot(path).width == 3840


def test_an_interlaced_film_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, "mp4", "libx264", interlaced=True)
    with pytest.raises(MeasurementError) as broken:
        shot(path)
    assert "interlaced" in Words("en").trouble(broken.value.trouble, "camera").finding


def test_a_black_start_of_a_film_that_never_settles_is_none_either(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, "mp4", "libx264", black=18, flicker=0.2)
    assert shot(path).black == 0


def test_a_film_that_stays_black_is_one(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, "mp4", "libx264", black=90)
    assert shot(path).covered


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b"2026-11-29T09:30:00.mp4", id="a colon"),
        pytest.param(b"film%03d.mp4", id="a pattern"),
        pytest.param(b"-i.mp4", id="a dash"),
        pytest.param(b"film|.mp4", id="a bar"),
        pytest.param(b"na\xefve.mp4", id="bytes that are no UTF-8"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_film_of_any_name_is_read(name: bytes, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(name)
    film(path, "mp4", "libx264")
    job = Job(
        source="camera", target=str(path), checks=("camera.video",), parameters={"seconds": 1.0}, bounds={}
    )
    (captured,) = camera.capture(job, PipeLink(io.BytesIO(), guided=False))
    assert isinstance(captured, CameraCapture)
    assert captured.width == 480


# --- the same scene in each ---

SPREADS = {
    "dark_half": 6.0,
    "chroma": 2.0,
    "eyes": 2,
    "noise": 1.5,
    "side": 0.2,
    "behind": 0.2,
    "blur": 0.2,
    "softness": 0.2,
}
"""By how much a fact of one scene may differ from kind to kind: codecs take off noise."""
ALIKE = ("width", "height", "detail", "found", "others", "visible")
"""What may not differ at all."""
CHECKS = (video, colour, face, lighting, focus)


def facts(path: Path) -> dict[str, Any]:
    """Return all that is told of a picture or a film."""
    (captured,) = files.capture_file(path, 2.0, camera=True, document=False)
    parameters = policy.load().parameters["camera"]
    findings = (check.analyse(captured, parameters) for check in CHECKS)
    return {
        name: fact.value
        for finding in findings
        if isinstance(finding, Finding)
        for name, fact in finding.facts.items()
    }


def wide_film(
    path: Path, container: str, codec: str, frames: Sequence[Picture], rate: int = 25, **options: str
) -> None:
    """Write a film of large frames, with little loss if nothing else is said."""
    with av.open(path, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, options={"preset": "veryfast", "crf": "12"} | options)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec == "mjpeg":
            stream.bit_rate = 80_000_000
        for number, content in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(content), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            file.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        file.mux(stream.encode(None))


@pytest.mark.lab
def test_the_same_scene_is_judged_alike_in_each_kind_of_file(tmp_path: Path) -> None:
    shown = scenes.frames(scenes.good())
    scenes.picture(tmp_path / "scene.png", shown[0])
    wide_film(tmp_path / "scene.avi", "avi", "mjpeg", shown)
    wide_film(tmp_path / "scene.mp4", "mp4", "libx264", shown)
    wide_film(tmp_path / "scene.mov", "mov", "libx264", shown)
    turned = tmp_path / "turned.mp4"
    wide_film(turned, "mp4", "libx264", [np.rot90(frame) for frame in shown])
    turned.write_bytes(turn(turned.read_bytes(), across=1080))
    first, *others = (facts(path) for path in sorted(tmp_path.iterdir()))
    assert len(others) == 4
    for other in others:
        assert {name: other[name] for name in ALIKE} == {name: first[name] for name in ALIKE}
        for name, spread in SPREADS.items():
            assert other[name] == pytest.approx(first[name], abs=spread), name


# --- what is read as neither ---

OTHERS: Mapping[str, bytes] = {
    "JPEG XL": b"\xff\x0a" + bytes(4000),
    "PDF": b"%PDF-1.7\n" + bytes(4000),
    "ZIP": b"PK\x03\x04" + bytes(4000),
    "RAR": b"Rar!\x1a\x07" + bytes(4000),
    "M3U": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" + b"\n" * 4000,
    "EXE": b"MZ" + bytes(4000),
}


@pytest.mark.parametrize(("kind", "content"), OTHERS.items(), ids=OTHERS)
@pytest.mark.parametrize(
    ("source", "read"),
    [
        pytest.param("camera", shot, id="a camera"),
        pytest.param("microphone", sound_file.read_sound, id="a microphone"),
    ],
)
def test_a_file_of_another_kind_is_named(
    kind: str, content: bytes, source: str, read: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "file.mp4"
    path.write_bytes(content)
    with pytest.raises(MeasurementError) as broken:
        read(path)
    trouble = broken.value.trouble
    assert trouble.kind is Kind.BAD_INPUT
    for lang in LANGUAGES:
        words = Words(lang)
        assert kind in words.trouble(trouble, source).finding
        # It is said in the person's language: the English detail is not shown beside it.
        assert words.shown_detail(trouble) == ""
