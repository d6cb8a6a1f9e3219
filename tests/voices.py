"""Two-phase recordings made of nothing: a silent part, then a synthetic voice, then noise over both."""

import functools
import io
import math
import shutil
import subprocess
import wave
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

Sound = NDArray[np.float64]

RATE = 48000
SECONDS = np.arange(8 * RATE) / RATE
"""Of the samples of a tone."""
QUIET_S = 3.0
VOICE_S = 5.0
SENTENCE = (
    "The old lamp on the kitchen table throws a warm light over seven cups of tea, "
    "while outside a yellow tram goes by and the children wave to the driver."
)

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


@dataclass(frozen=True)
class Voice:
    """One talker of espeak-ng."""

    name: str = "en-us"
    speed: int = 150
    pitch: int = 50


@functools.lru_cache(maxsize=64)
def speech(voice: Voice = Voice(), text: str = SENTENCE) -> tuple[Sound, int]:
    """Return what espeak-ng says and its rate."""
    command = [
        "espeak-ng",
        "-v",
        voice.name,
        "-s",
        str(voice.speed),
        "-p",
        str(voice.pitch),
        "--stdout",
        text,
    ]
    return read(subprocess.run(command, capture_output=True, check=True).stdout)


def read(content: bytes) -> tuple[Sound, int]:
    """Return a mono 16-bit WAV file, also one whose writer did not know its length."""
    with wave.open(io.BytesIO(content)) as file:
        data, rate = file.readframes(1 << 26), file.getframerate()
    return np.frombuffer(data, "<i2").astype(float) / 32768, rate


def resample(samples: Sound, rate: int, wanted: int) -> Sound:
    """Return the sound at another rate."""
    if rate == wanted:
        return samples
    length = len(samples) * wanted // rate
    spectrum = np.fft.rfft(samples)[: length // 2 + 1]
    return np.fft.irfft(spectrum, length) * (wanted / rate)


def limit_to_telephone_band(samples: Sound, rate: int) -> Sound:
    """Return the sound as a telephone or a Bluetooth hands-free set passes it: up to 3.7 kHz."""
    hz = np.fft.rfftfreq(len(samples), 1 / rate)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples) * np.clip((3700 - hz) / 300, 0, 1), len(samples)))


def tone(hz: float, level: float = 1.0) -> Sound:
    """Return 8 s of a sine at `RATE`, float64."""
    return level * np.sin(2 * np.pi * hz * SECONDS)


def white(seconds: float, rate: int = RATE, seed: int = 0) -> Sound:
    """Return Gaussian noise."""
    return np.random.default_rng(seed).standard_normal(round(seconds * rate))


def a_weight(samples: Sound, rate: int) -> Sound:
    """Return the sound A-weighted (IEC 61672-1), without what lies below 60 Hz."""
    spectrum = np.fft.rfft(samples)
    square = np.fft.rfftfreq(len(samples), 1 / rate) ** 2
    gain = 10**0.1 * 12194**2 * square**2
    gain /= (square + 20.6**2) * np.sqrt((square + 107.7**2) * (square + 737.9**2)) * (square + 12194**2)
    return np.fft.irfft(spectrum * gain * (square > 60**2), len(samples))


def speech_level(samples: Sound, rate: int) -> float:
    """Return the active speech level in dB after ITU-T P.56, method B, in the time domain."""
    # Two times exponential smoothing of 30 ms, as products of spectra; the zeros behind let it fade.
    size = len(samples) + rate
    smooth = np.exp(-1 / (0.03 * rate))
    once = (1 - smooth) / (1 - smooth * np.exp(-2j * np.pi * np.fft.rfftfreq(size)))
    envelope = np.fft.irfft(np.fft.rfft(np.abs(samples), size) * once**2, size)[: len(samples)]
    # A thousand points a second are enough for what was smoothed over 30 ms.
    envelope = envelope[:: rate // 1000]
    power, index = float(np.mean(samples**2)), np.arange(len(envelope))
    above: tuple[float, float] | None = None
    active, peak = 0.0, float(np.abs(samples).max())
    for exponent in np.arange(-15, 0.5, 0.25):
        threshold = peak * 2.0 ** float(exponent)
        last = np.maximum.accumulate(np.where(envelope >= threshold, index, -len(index)))
        share = np.count_nonzero(index - last <= 200) / len(index)
        active = 10 * math.log10(power / max(share, 1e-9))
        margin = active - 20 * math.log10(threshold)
        if margin <= 15.9 and above is not None:
            part = (above[1] - 15.9) / (above[1] - margin)
            return above[0] + part * (active - above[0])
        above = (active, margin)
    return active


def speech_levels(voice: Sound, rate: int) -> tuple[float, float]:
    """Return the active level of a voice A-weighted, and as it is."""
    return speech_level(a_weight(voice, rate), rate), speech_level(voice, rate)


def mix_noise(
    voice: Sound,
    noise: Sound,
    ratio: float,
    *,
    rate: int = RATE,
    level: float = -27.0,
    quiet_s: float = QUIET_S,
    levels: tuple[float, float] | None = None,
) -> Sound:
    """Return a silent part and the voice, with noise of the same whole length over both.

    `ratio` is the A-weighted speech-to-noise ratio in dB, `level` the voice's active level in dBFS;
    `levels` are those of the voice, where they are known.
    """
    start = round(quiet_s * rate)
    length = start + len(voice)
    noise = np.resize(noise, length)
    heard, plain = levels or speech_levels(voice, rate)
    out = noise * 10 ** ((heard - 10 * np.log10(np.mean(a_weight(noise, rate) ** 2)) - ratio) / 20)
    out[start:] += voice
    return np.asarray(out * 10 ** ((level - plain) / 20))


@functools.cache
def synthetic_voice(rate: int = RATE, voice: Voice = Voice()) -> Sound:
    """Return 5 s of a voice; not to be changed in place."""
    said, own = speech(voice)
    # Cut first: the transform of any other length can take twenty times as long.
    samples = resample(np.resize(said, round(VOICE_S * own)), own, rate)
    samples.flags.writeable = False
    return samples


@functools.cache
def _usual(rate: int) -> tuple[float, float]:
    return speech_levels(synthetic_voice(rate), rate)


@functools.lru_cache(maxsize=64)
def recording(ratio: float = 40.0, *, rate: int = RATE, level: float = -27.0, seed: int = 0) -> Sound:
    """Return 3 s of silence and 5 s of a voice in steady noise; not to be changed in place."""
    noise = white(QUIET_S + VOICE_S, rate, seed)
    samples = mix_noise(synthetic_voice(rate), noise, ratio, rate=rate, level=level, levels=_usual(rate))
    samples.flags.writeable = False
    return samples


def wav(samples: Sound, rate: int = RATE) -> bytes:
    """Return a mono 16-bit WAV file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1 - 2**-15) * 32768).astype("<i2").tobytes())
    return content.getvalue()
