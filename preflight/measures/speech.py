"""Speech in a recording: its active level (ITU-T P.56), and for how long a voice has a pitch."""

import numpy as np
from numpy.typing import NDArray

from preflight.measures.sound import (
    BLOCK_FRAMES,
    FRAME_S,
    HOP_S,
    LEAST_POWER,
    Powers,
    Sound,
    Spectra,
    a_weighting,
    high_pass,
    mark_recorded_hops,
    power_spectra,
    running_mean,
)

SPEECH_MARGIN = 10**-1.59
"""The threshold of speech lies 15.9 dB below its active level (P.56)."""
_HANGOVER_FRAMES = 20
"""Frames that still count as speech after its last loud one (P.56: 200 ms)."""
SYLLABLE_FRAMES = 5
"""Frames over which single clicks are evened out."""
QUIETEST_PERCENT = 10
"""Per cent of the frames of a talk in which hardly anything sounds."""
_SPOKEN_DB = 12.0
"""A silent part so far above the quietest tenth of the talking held speech: finds 93% of such,
and 11% of good ones."""
_PITCH_FRAME_S = 0.05
_PITCHES_HZ = (70.0, 400.0)
_HARMONICS_HZ = (75.0, 1500.0)
"""Above it the harmonics of a voice do not line up well."""
PERIODIC = 0.55
LEAST_VOICED_S = 0.4
"""Of 5 s of speech at 10 dB and more, pitch stands out for 0.43 s (a croaking voice) or 1 s and more;
without a voice for 0.1 s behind taps, fans, dishes and clicks, 0.18 s where a door is slammed."""
PARTLY_VOICED_S = 0.2
"""The same for one of two halves of a talk."""
UNTOLD_VOICED_SHARE = 0.2
UNTOLD_VOICED_S = 1.0
"""Where no silent part tells of the noise, one that swells has pitch for up to 0.8 s of 5 s: this share of
the time, and one second, are asked for."""


def active_level(powers: Powers, crest: float = 0.0) -> tuple[float, NDArray[np.bool_]]:
    """Return the mean power while somebody speaks, and in which frames that is (P.56).

    The threshold follows the level that it yields until both stand still. It stays above the `crest` of a
    noise: what is no louder than that is not speech.
    """
    threshold = 0.0
    smooth = running_mean(powers, SYLLABLE_FRAMES) if crest else powers
    index = np.arange(len(powers))
    for _ in range(30):
        loud = np.maximum.accumulate(np.where(smooth >= threshold, index, -len(powers)))
        active = index - loud <= _HANGOVER_FRAMES
        level = float(powers[active].mean())
        wanted = max(level * SPEECH_MARGIN, min(crest, level / 2))
        if abs(wanted - threshold) <= 1e-3 * threshold:
            break
        threshold = wanted
    return level, active


def holds_speech(quiet: Powers, voice: Powers) -> bool:
    """Tell whether something spoke in the silent part."""
    return bool(quiet.mean() > np.percentile(voice, QUIETEST_PERCENT) * 10 ** (_SPOKEN_DB / 10))


def is_silence_disturbed(quiet: Sound, voice: Sound, rate: int) -> bool:
    """Tell of two recordings whether something spoke in the first, the silent one.

    Not where one of them holds next to nothing but silence of the device's own.
    """
    hop, powers = round(HOP_S * rate), []
    for samples in (quiet, voice):
        moves = mark_recorded_hops(samples, hop)
        if np.count_nonzero(moves) < BLOCK_FRAMES:
            return False
        kept = samples[: len(moves) * hop].reshape(-1, hop)[moves].ravel()
        plain = power_spectra(high_pass(kept, rate), rate, FRAME_S, HOP_S)
        powers.append(plain.power @ a_weighting(plain.hz) ** 2)
    return holds_speech(powers[0], powers[1])


def voiced_seconds(samples: Sound, rate: int, onset: int) -> float:
    """Return for how long a pitch stood out of the background after sample `onset`."""
    pitch = harmonic_spectra(samples, rate)
    first = round(onset / (_PITCH_FRAME_S / 2 * rate))
    quiet = pitch.power[: max(0, first - 2)]
    noise = quiet.mean(axis=0) if len(quiet) else _quietest_spectrum(pitch.power)
    talk = pitch.power[first:]
    clear = talk.sum(axis=1) > 2 * noise.sum()
    voiced = periodicity(Spectra(np.maximum(talk - 2 * noise, 0), pitch.hz)) > PERIODIC
    return float(np.count_nonzero(clear & voiced)) * _PITCH_FRAME_S / 2


def periodicity(pitch: Spectra) -> Powers:
    """Return of each frame its highest normalised autocorrelation at the pitches of voices."""
    lags = 1 / np.geomspace(*_PITCHES_HZ, 120)
    along = pitch.power @ np.cos(2 * np.pi * np.outer(pitch.hz, lags))
    return np.asarray(along.max(axis=1) / np.maximum(pitch.power.sum(axis=1), LEAST_POWER * LEAST_POWER))


def _quietest_spectrum(power: Powers) -> Powers:
    """Return the spectrum of a noise from the quietest moments of a talk.

    The tenth percentile of the mean of five frames of noise is about half its power.
    """
    sums = np.cumsum(np.pad(power, ((1, 0), (0, 0))), axis=0)
    return np.asarray(2 * np.percentile((sums[5:] - sums[:-5]) / 5, QUIETEST_PERCENT, axis=0))


def harmonic_spectra(samples: Sound, rate: int) -> Spectra:
    """Return the spectra of long frames, reduced to where the harmonics of a voice lie."""
    whole = power_spectra(samples, rate, _PITCH_FRAME_S, _PITCH_FRAME_S / 2)
    first, last = np.searchsorted(whole.hz, _HARMONICS_HZ)
    return Spectra(whole.power[:, first:last], whole.hz[first:last])
