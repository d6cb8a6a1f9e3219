"""What programs and drivers do to a sound, often to hide its background: gates, suppressors and codecs."""

import shutil
import subprocess
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from voices import Sound

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A gate on the whole sound. Levels in dBFS of the mean square, times in seconds."""

    threshold: float = -40.0
    depth: float = 90.0
    """By how many dB what is below the threshold is lowered; 200 leaves exact zeros."""
    hold: float = 0.1
    attack: float = 0.005
    release: float = 0.05


def apply_gate(samples: Sound, rate: int, gate: Gate) -> Sound:
    """Return the sound through a gate that opens and closes on the level of 10 ms."""
    hop = rate // 200
    count = -(-len(samples) // hop)
    power = np.pad(samples, (0, count * hop - len(samples))).reshape(-1, hop) ** 2
    level = np.convolve(power.mean(axis=1), (0.5, 0.5), "same")
    index = np.arange(count)
    loud = np.maximum.accumulate(np.where(level >= 10 ** (gate.threshold / 10), index, -count))
    opened = index - loud <= gate.hold * 200
    down = -gate.depth if gate.depth < 200 else -200.0
    # A straight line in dB from one state to the other, as most gates have it.
    steps = (
        np.where(opened, gate.depth / max(gate.attack, 0.005), -gate.depth / max(gate.release, 0.005)) / 200
    )
    gain, now = np.empty(count), down
    for at, step in enumerate(steps):
        now = min(0.0, max(down, now + step))
        gain[at] = now
    curve = np.interp(np.arange(len(samples)), (index + 0.5) * hop, gain)
    return np.asarray(samples * np.where(curve <= -199, 0.0, 10 ** (curve / 20)))


@dataclass(frozen=True, kw_only=True)
class Suppressor:
    """A suppressor that works in bands, as RNNoise, Krisp and drivers do."""

    depth: float = 40.0
    """By how many dB a band without a voice is lowered."""
    over: float = 2.0
    """By how much the noise is overestimated: power above so many times the noise counts as a voice."""
    learnt: float = 1.0
    """Seconds of the beginning from which the noise is known."""
    bands: int = 22
    hold: float = 0.1
    """Seconds over which a band closes again."""


def apply_suppressor(samples: Sound, rate: int, how: Suppressor, *others: Sound) -> tuple[Sound, ...]:
    """Return the sound, and others through the same gains, as a suppressor in bands leaves them."""
    length, hop = rate // 50, rate // 100
    window = np.sin(np.pi * (np.arange(length) + 0.5) / length)
    count = (len(samples) - length) // hop + 1

    def spectrum(sound: Sound) -> NDArray[np.complex128]:
        frames = np.lib.stride_tricks.sliding_window_view(sound, length)[::hop][:count]
        return np.asarray(np.fft.rfft(frames * window, axis=1), np.complex128)

    power = np.abs(spectrum(samples)) ** 2
    hz = np.fft.rfftfreq(length, 1 / rate)
    edges = np.unique(
        np.searchsorted(
            hz, 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + hz[-1] / 700), how.bands + 1) / 2595) - 1)
        )
    )
    edges = edges[edges < len(hz)]
    heard = np.add.reduceat(power, edges, axis=1)
    noise = heard[: max(10, round(how.learnt * 100))].mean(axis=0)
    gain = np.sqrt(np.clip(1 - how.over * noise / np.maximum(heard, 1e-20), 10 ** (-how.depth / 10), 1))
    fall = 10 ** (-how.depth / 20 / max(1.0, how.hold * 100))
    for at in range(1, count):
        gain[at] = np.maximum(gain[at], gain[at - 1] * fall)
    whole = np.repeat(gain, np.diff(np.append(edges, len(hz))), axis=1)

    def passed(sound: Sound) -> Sound:
        parts = np.fft.irfft(spectrum(sound) * whole, length, axis=1) * window
        out = np.zeros(len(sound))
        for half in (0, 1):
            rows = parts[half::2].reshape(-1)
            out[half * hop :][: len(rows)] += rows[: len(sound) - half * hop]
        return out

    return tuple(passed(each) for each in (samples, *others))


def _pipe(command: list[str], content: bytes) -> bytes:
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


def _bytes(samples: Sound) -> bytes:
    return samples.astype(np.float32).tobytes()


def _sound(content: bytes) -> Sound:
    return np.frombuffer(content, np.float32).astype(np.float64)


def _raw_format(rate: int) -> list[str]:
    return ["-f", "f32le", "-ar", str(rate), "-ac", "1"]


def apply_ffmpeg(samples: Sound, rate: int, filters: str) -> Sound:
    """Return the sound through filters of ffmpeg."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        *_raw_format(rate),
        "-i",
        "-",
        "-af",
        filters,
        *_raw_format(rate),
        "-",
    ]
    return _sound(_pipe(command, _bytes(samples)))


def apply_sox(samples: Sound, rate: int, *effects: str) -> Sound:
    """Return the sound through effects of sox."""
    form = ["-t", "raw", "-e", "floating-point", "-b", "32", "-r", str(rate), "-c", "1"]
    return _sound(_pipe(["sox", *form, "-", *form, "-", *effects], _bytes(samples)))


CODECS = {
    "MP3, 64 kbit/s": ("mp3", "libmp3lame", "-b:a", "64k"),
    "AAC, 64 kbit/s": ("adts", "aac", "-b:a", "64k"),
    "Opus, 24 kbit/s": ("ogg", "libopus", "-b:a", "24k", "-application", "voip"),
    "Opus, 16 kbit/s, DTX": ("ogg", "libopus", "-b:a", "16k", "-application", "voip", "-dtx", "1"),
}


def apply_codec(samples: Sound, rate: int, codec: str) -> Sound:
    """Return the sound as a codec leaves it."""
    container, encoder, *options = CODECS[codec]
    ffmpeg, form = ["ffmpeg", "-v", "error"], _raw_format(rate)
    there = [*ffmpeg, *form, "-i", "-", "-c:a", encoder, *options, "-f", container, "-"]
    back = [*ffmpeg, "-f", {"adts": "aac"}.get(container, container), "-i", "-", *form, "-"]
    return _sound(_pipe(back, _pipe(there, _bytes(samples))))
