"""A sound file in place of a microphone, or the sound of a film."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from preflight.errors import MeasurementError, label
from preflight.model import Kind
from preflight.sources import file_kind

LONGEST_S = 120.0
SHORTEST_S = 1.0
RATES = (8000, 384000)
MOST_SAMPLES = round(LONGEST_S * 48000)
"""Of one channel, and half of those of all together: what is worked out of each takes some 60 bytes.
What a file holds beyond that, such as the recording of a whole session, is not read."""
LOUDEST = 1000.0
"""Full scale is 1; a file of floats may go beyond it, but not so far."""
CHANNELS = 16
_CONTAINERS = {
    # What libsndfile does not read, and FFmpeg's name of its format: no other is tried, such as playlists.
    "MP4": "mov",
    "MOV": "mov",
    "M4A": "mov",
    "WebM": "matroska",
    "Matroska": "matroska",
    "AVI": "avi",
    "AMR": "amr",
    "AAC": "aac",
    "Windows Media": "asf",
    "FLV": "flv",
    "MPEG-TS": "mpegts",
}
_UNTOLD = ("AAC", "AMR")
"""Frames in a row: FFmpeg guesses their length by the first ones, and silence makes it far too long."""
_SOUNDS = ("WAV", "AIFF", "FLAC", "OGG", "CAF", "MP3", "")
"""What libsndfile reads, also without a name of its own."""
_MISSING = 0.9
"""Share of the promised sound below which a file counts as cut off: ends of films are not so exact."""

Sound = tuple[NDArray[np.float32], int]
"""One channel's samples, full scale 1, and how many there are in a second."""


def read_sound(path: Path) -> Sound:
    """Return the sound of the loudest channel; raises `MeasurementError` (bad-input) that says what is wrong.

    Channels are never averaged: a voice may be in one of them only, or in both with opposite signs.
    """
    if not path.stat().st_size:
        raise MeasurementError(Kind.BAD_INPUT, "empty")
    kind = file_kind.name_kind(path)
    if kind in _CONTAINERS:
        channels, rate = _read_container(path, kind)
    elif kind in _SOUNDS:
        channels, rate = _read_plain(path)
    else:
        raise file_kind.refuse_kind(kind)
    # What is no number is not below anything either.
    if not (np.abs(channels) < LOUDEST).all():
        raise MeasurementError(Kind.BAD_INPUT, "samples that are no numbers of a sound")
    loudest = int(np.argmax(channels.var(axis=0, dtype=np.float64)))
    return np.ascontiguousarray(channels[:, loudest]), rate


def _count_readable(count: float, rate: int, channels: int) -> int:
    """Return how many samples of each channel are read of sound that has so many: the first, up to a bound.

    Raises `MeasurementError` for sound that is too short, or of a rate that nobody records at.
    """
    if not RATES[0] <= rate <= RATES[1] or not 1 <= channels <= CHANNELS:
        raise MeasurementError(Kind.BAD_INPUT, f"{rate:d} Hz, {channels:d} channels")
    if count < SHORTEST_S * rate:
        raise MeasurementError(Kind.BAD_INPUT, f"too short: {count / rate:.1f} s")
    return int(min(count, LONGEST_S * rate, MOST_SAMPLES / max(1.0, channels / 2)))


# --- libsndfile ---


def _read_plain(path: Path) -> Sound:
    """Return all channels (samples, channels) and the rate."""
    _refuse_truncated(path)
    try:
        with soundfile.SoundFile(path) as file:
            rate, count = file.samplerate, _count_readable(file.frames, file.samplerate, file.channels)
            with np.errstate(over="ignore", invalid="ignore"):
                channels = file.read(count, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        # A TypeError is what soundfile makes of a name that ends in .raw: sound that says nothing of itself.
        number = f"libsndfile's error {error.code:d}" if hasattr(error, "code") else label(error)
        raise MeasurementError(Kind.BAD_INPUT, f"not a sound file: {number}") from None
    if len(channels) < count:
        raise MeasurementError(Kind.BAD_INPUT, f"ends after {len(channels):d} of {count:d} samples")
    return channels, rate


def _refuse_truncated(path: Path) -> None:
    """Raise `MeasurementError` for a WAV file shorter than it says.

    libsndfile reads what is there of it without a word.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return
        file.seek(12)
        while len(header := file.read(8)) == 8:  # noqa: PLR2004 - a chunk's name and length
            length = int.from_bytes(header[4:], "little")
            if header[:4] == b"data":
                # A writer into a pipe cannot know the length and gives the largest.
                if length < 0x7FFFF000 and file.tell() + length > size:  # noqa: PLR2004
                    raise MeasurementError(
                        Kind.BAD_INPUT, f"ends after {size - file.tell():d} of {length:d} bytes of sound"
                    )
                return
            file.seek(length + length % 2, os.SEEK_CUR)


# --- FFmpeg, by PyAV where it is installed ---


def _read_container(path: Path, kind: str) -> Sound:
    """Return all channels (samples, channels) of the first sound in a film, and the rate."""
    try:
        import av  # noqa: PLC0415 - optional: its wheels hold encoders under the GPL
    except ImportError:
        raise MeasurementError(Kind.BAD_INPUT, f"no decoder: {kind}") from None
    try:
        # From a file object: FFmpeg opens nothing by itself, whatever the file names.
        with path.open("rb") as file, av.open(file, format=_CONTAINERS[kind]) as container:
            if not container.streams.audio:
                raise MeasurementError(Kind.BAD_INPUT, f"no sound: {kind}")
            stream = next((each for each in container.streams.audio if each.codec_context is not None), None)
            if stream is None:
                raise MeasurementError(Kind.BAD_INPUT, "sound of no known coding")
            return _decode_stream(container, stream, told=kind not in _UNTOLD)
    except (av.FFmpegError, ValueError, OSError, EOFError) as error:
        raise MeasurementError(Kind.BAD_INPUT, f"not a readable {kind} file: {label(error)}") from None


def _decode_stream(container: Any, stream: Any, *, told: bool) -> Sound:
    """Return what is decoded; `told` is whether the file itself says how long it is."""
    rate, channels = int(stream.rate or 0), int(stream.channels or 0)
    # Matroska says how long it is as a whole; FFmpeg counts that in microseconds.
    known = stream.duration * stream.time_base if stream.duration else (container.duration or 0) / 1e6
    promised = (float(known) if told else 0.0) or SHORTEST_S
    most = _count_readable(LONGEST_S * rate, rate, channels)
    due = _count_readable(promised * rate, rate, channels)
    parts, count = [], 0
    for part in _convert_frames(container, stream, rate):
        parts.append(part[:, : most - count])
        count += parts[-1].shape[1]
        if count == most:
            break
    _count_readable(count, rate, channels)
    if count < _MISSING * due:
        raise MeasurementError(Kind.BAD_INPUT, f"ends after {count / rate:.1f} of {promised:.1f} s of sound")
    return np.concatenate(parts, axis=1).T, rate


def _convert_frames(container: Any, stream: Any, rate: int) -> Iterator[NDArray[np.float32]]:
    """Yield what is decoded as (channels, samples), as many channels and samples a second as at the start."""
    import av  # noqa: PLC0415 - as above

    resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=rate)
    for frame in container.decode(stream):
        for converted in resampler.resample(frame):
            yield np.asarray(converted.to_ndarray(), np.float32)
    for converted in resampler.resample(None):
        yield np.asarray(converted.to_ndarray(), np.float32)
