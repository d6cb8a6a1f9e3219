"""How far a recorded voice stands out of the noise behind it, and what that noise is.

Sound is mono float32 with full scale at 1.0. Levels are dBFS of the mean square: a full
sine is at -3.0. The speech-to-noise ratio follows ITU-T P.56 (active speech level) on
frames that are A-weighted (IEC 61672-1).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from preflight.captures import MicrophoneCapture
from preflight.errors import MeasurementError
from preflight.measures.silence import GUARD_FRAMES, SURE_PART_FRAMES, find_silent_part
from preflight.measures.sound import (
    BLOCK_FRAMES,
    FRAME_S,
    HOP_S,
    LEAST_POWER,
    Powers,
    Sound,
    Spectra,
    a_weighting,
    block_means,
    decibel,
    high_pass,
    insert_empty_frames,
    mark_recorded_hops,
    power_spectra,
    running_mean,
    treble_ratio,
)
from preflight.measures.speech import (
    LEAST_VOICED_S,
    PARTLY_VOICED_S,
    PERIODIC,
    SPEECH_MARGIN,
    SYLLABLE_FRAMES,
    UNTOLD_VOICED_S,
    UNTOLD_VOICED_SHARE,
    active_level,
    harmonic_spectra,
    periodicity,
    voiced_seconds,
)
from preflight.model import POINTS_LIMIT, Kind

_LEAST_RATIO_DB = -20.0
"""A voice that far below the noise is lost in the noise's own wavering."""
_DOUBT_DB = (1.2, 8.0)
"""How far the ratio may be off: dB by which frames differ from P.56 itself (95th percentile), and standard
errors of a noise that wavers. Of the mixes of tests/bench/microphone.py --train 99% are within."""
_LOUDEST_FRAMES = 125
"""Frames over which a noise is loudest. A shorter time fails more of the voices that drown now and then,
and passes fewer of those that do not; the mean of all three seconds misses twice as many of the first."""
_LEAST_SILENT_FRAMES = 90
"""Frames of a silent part that tells of the noise: a second less its border."""
_PAUSE_FRAMES = 10
"""Frames of the shortest pause that is looked for, 100 ms: what echoes has faded within it."""
_PAUSE_PERCENT = 5
"""Per cent of the frames of a read sentence that surely are such pauses."""
_FLUENT_DB = 10.0
"""The pauses of speech lie 16 dB and more below its level, 11 dB where a room echoes for 0.5 s: what is
less far below is noise."""
_PAUSES_DB = 2.0
"""How far the ratio may lie above what such loud pauses say."""
_STILL_DB = 16.0
"""Where they are as low as that, what little was found of a silent part may hold the voice itself."""
_CLEAR_DB = 20.0
"""A voice so far above what is silent but for a word may be the one that said the word."""
_HIDDEN_PERCENT = 5
"""Per cent of the loud frames of a talk in which a band of frequencies is without a voice."""
_HIDDEN_HZ = 200.0
_HIDDEN_DB = 6.5
"""So much too low are those bands together: the lowest twentieth of a noise's powers for its mean."""
_BETWEEN_DB = (13.0, 35.0, 6.0)
"""From so far below the voice, down to so far below it or so far above the silent part, speech fades in and
out for a fifth of the time; a gate leaves next to nothing there."""
_BETWEEN_MOST = 0.25
_BETWEEN_PULL = 20.0
"""dB that a whole talk of such levels would count for the voice."""
_AS_SILENT_DB = 6.0
"""No further above the silent part is a band of frequencies in which nothing sounds."""
_AS_SILENT_BANDS = 20
"""Bands, up to 4 kHz: any microphone lets these be heard."""
_AS_SILENT_MOST = ((20.0, 48.0), (0.5, 0.28))
"""Share of such bands while somebody speaks, by the ratio in dB: a suppressor that works in bands shuts more
of them. Of 286 ungated voices at 20 to 48 dB none has so many."""
_ROOMS_DB = (40.0, 50.0)
_SUSPECT_DB = (17.1, 19.6)
"""What is behind the voice is suspect below the first, or below the second where the silent part is more
silent than any room: of ungated voices at 20 dB and more none is, of gated ones below 10 dB 99% are."""
_LEAD_FRAMES = 20
"""Frames with which a file begins before anybody speaks."""
_LEAD_DB = 12.0
"""So far below the talk they are where a voice is well above the noise."""
_ALIKE_DB = 8.0
"""No further apart than that are two parts of one talk, its pauses in one of them."""
STEADY_DB = 4.0
"""What stays below this, 95th percentile to median, is steady: taps and fans have 2 dB, clicks 8 and more."""
_HUM_HZ = 400.0
_TALKING_SHARE = 0.25
"""Share of a wavering noise's power that has the pitch of a voice."""


class NoiseKind(StrEnum):
    """What a background sounds like."""

    HUM = "hum"
    HISS = "hiss"
    TALKING = "talking"
    INTERMITTENT = "intermittent"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMeasurement:
    """What a recording comes to."""

    silenced: bool
    """Where the background would have been heard, nothing at all was recorded."""
    voiced: bool
    """The pitch of a voice stood out of the background."""
    ratio: float
    """Voice to noise, both A-weighted, in dB."""
    highest_ratio: float | None
    """At most this, in dB: more than `ratio` where only loud pauses tell; None: not enough silence."""
    hidden_ratio: float | None
    """Voice to what seems to be behind it but not in the silent part, hidden by a gate or begun later, in dB;
    None: nothing seems to be."""
    doubt: float | None
    """By how much the ratio may be off either way, in dB, 9 times in 10; None: no silent part tells."""
    floor: float
    """The noise in dBFS, A-weighted."""
    level: float
    """The voice while it sounds, in dBFS, not weighted."""
    treble: float
    """4.5 to 7 kHz against 0.3 to 3.4 kHz while the voice sounds, in dB."""
    noise: NoiseKind
    levels: tuple[float, ...]
    """A-weighted dBFS, one every `step` seconds, at most `POINTS_LIMIT`."""
    step: float


@lru_cache(maxsize=2)
def measure_voice(capture: MicrophoneCapture) -> VoiceMeasurement:
    """Return what a recording with sound in it comes to.

    Works on two phases where the capture has them or they can be found, else on pauses.
    """
    if capture.samples is None:
        raise MeasurementError(Kind.NO_DATA, "a microphone without sound")
    rate, hop = capture.rate, round(HOP_S * capture.rate)
    recorded = mark_recorded_hops(capture.samples, hop)
    nearly_empty = np.count_nonzero(recorded) < BLOCK_FRAMES
    recorded |= nearly_empty
    # Without them from here on: where zeros end, an offset would begin with a bang.
    samples = high_pass(capture.samples[: len(recorded) * hop].reshape(-1, hop)[recorded].ravel(), rate)
    unweighted = insert_empty_frames(power_spectra(samples, rate, FRAME_S, HOP_S), recorded)
    weight = a_weighting(unweighted.hz) ** 2
    powers = unweighted.power @ weight
    step = -(-len(powers) // POINTS_LIMIT)
    levels = tuple(round(decibel(each), 1) for each in block_means(powers, step))
    begin, end, word = find_silent_part(capture, powers, samples)
    if begin:
        # The silent part comes first from here on.
        samples = np.roll(samples, -np.count_nonzero(recorded[:begin]) * hop)
        powers, recorded = np.roll(powers, -begin), np.roll(recorded, -begin)
        unweighted = Spectra(np.roll(unweighted.power, -begin, axis=0), unweighted.hz)
    start = end - begin
    background = np.flatnonzero(powers[: max(0, start - GUARD_FRAMES)])
    if begin:
        background = background[GUARD_FRAMES:]
    has_silent_part = len(background) >= _LEAST_SILENT_FRAMES
    if not has_silent_part:
        start, background = (start if start >= _LEAST_SILENT_FRAMES else 0), np.flatnonzero(powers)
    voice_power, active = active_level(
        powers[start:], steady_noise_peak(powers[background]) if has_silent_part else 0.0
    )
    in_pauses = pause_power(powers[start:])
    noise = noise_power(powers[background]) if has_silent_part else max(in_pauses, LEAST_POWER)
    ratio = snr_db(voice_power, noise)
    loud = voice_power < in_pauses * 10 ** (_FLUENT_DB / 10)
    # Behind a clear silent part that is no proof: who reads fluently, levelled by a program, has no pauses.
    fluent = loud and has_silent_part and ratio >= _STILL_DB
    if loud and not fluent:
        noise = max(noise, in_pauses)
        ratio = snr_db(voice_power, noise)
    onset = int(np.count_nonzero(recorded[:start])) * hop if has_silent_part else 0
    noise_kind = classify_noise(
        Spectra(unweighted.power[background] * weight, unweighted.hz), samples[: onset or None], rate
    )
    high = ratio if has_silent_part else ratio + _PAUSES_DB if loud else None
    if has_silent_part and capture.origin == "file" and capture.onset is None:
        short = len(background) < SURE_PART_FRAMES
        # What it may be after all: the pauses may tell better, or what is behind a word.
        other = snr_db(
            voice_power, in_pauses if short else noise_power(powers[background[background >= word]])
        )
        if short and ratio < _STILL_DB and voiced_seconds(samples[:onset], rate, 0) < PARTLY_VOICED_S:
            # What has no voice in it is background, however short.
            other = ratio
        if noise_kind is NoiseKind.TALKING and talk_began_in_silence(powers, background, voice_power):
            high = None
        if (max(ratio, other) >= _STILL_DB) if short else (ratio < _CLEAR_DB <= other):
            high = None
    hidden_ratio = (
        hidden_noise_ratio(
            Spectra(unweighted.power[start:] * weight, unweighted.hz),
            voice_power,
            Spectra(unweighted.power[background if has_silent_part else []] * weight, unweighted.hz),
            suspected=fluent,
        )
        if start
        else None
    )
    floor = unweighted.power[background].sum(axis=1).mean() if has_silent_part else 0.0
    enough = (
        LEAST_VOICED_S
        if has_silent_part
        else min(UNTOLD_VOICED_S, max(LEAST_VOICED_S, UNTOLD_VOICED_SHARE * len(samples) / rate))
    )
    return VoiceMeasurement(
        silenced=bool(
            nearly_empty
            or (not has_silent_part and (start >= _LEAST_SILENT_FRAMES or in_pauses <= LEAST_POWER))
        ),
        voiced=not nearly_empty and voiced_seconds(samples, rate, onset) >= enough,
        ratio=ratio,
        highest_ratio=high,
        hidden_ratio=hidden_ratio,
        doubt=float(np.hypot(_DOUBT_DB[0], _DOUBT_DB[1] * noise_standard_error(powers[background])))
        if has_silent_part
        else None,
        floor=decibel(noise),
        level=decibel(unweighted.power[start:].sum(axis=1)[active].mean() - floor),
        treble=treble_ratio(Spectra(unweighted.power[start:][active], unweighted.hz)),
        noise=noise_kind,
        levels=levels,
        step=step * HOP_S,
    )


def snr_db(voice: float, noise: float) -> float:
    """Return by how much a voice in a noise, of this power together, stands out of it, in dB."""
    return max(decibel(max(voice - noise, 0.0) / max(noise, LEAST_POWER)), _LEAST_RATIO_DB)


def steady_noise_peak(quiet: Powers) -> float:
    """Return the highest power of a steady noise over a syllable; 0 of one that is not steady."""
    smooth = running_mean(quiet, SYLLABLE_FRAMES)
    peak, usual = np.percentile(smooth, (95, 50))
    return float(smooth.max()) if peak < usual * 10 ** (STEADY_DB / 10) else 0.0


def hidden_noise_ratio(
    talk: Spectra, level: float, quiet: Spectra, *, suspected: bool = False
) -> float | None:
    """Return how far the voice is above what is behind it, in dB, where that is not in the silent part.

    None where nothing seems to be and nothing was `suspected`. While somebody speaks, each band of
    frequencies is without a voice now and then: what is left in it is noise (minimum statistics, R. Martin
    2001). A gate shuts the sound off at levels through which speech fades, and one that works in bands
    shuts most of them under a voice.
    `quiet`, the frames of the silent part, is empty where that holds nothing at all.
    """
    noise = noise_power(quiet.power.sum(axis=1)) if len(quiet.power) else LEAST_POWER
    ratio = snr_db(level, noise)
    if ratio < _CLEAR_DB:
        return None
    powers = talk.power.sum(axis=1)
    loud = talk.power[powers >= level * SPEECH_MARGIN]
    width = max(1, round(_HIDDEN_HZ / float(talk.hz[1])))
    edges = np.arange(0, loud.shape[1], width)
    bands = np.add.reduceat(loud, edges, axis=1)
    hidden_ratio = decibel(
        level / max(float(np.percentile(bands, _HIDDEN_PERCENT, axis=0).sum()), LEAST_POWER)
    )
    top, bottom, over = (10 ** (each / 10) for each in _BETWEEN_DB)
    between = np.mean((powers < level / top) & (powers > max(level / bottom, noise * over)))
    suspect = float(np.interp(ratio, _ROOMS_DB, _SUSPECT_DB))
    if suspected or hidden_ratio + _BETWEEN_PULL * min(float(between), _BETWEEN_MOST) <= suspect:
        return hidden_ratio - _HIDDEN_DB
    if len(quiet.power):
        silence = np.add.reduceat(quiet.power.mean(axis=0), edges) * 10 ** (_AS_SILENT_DB / 10)
        silent_share = float(np.mean((bands < silence)[:, :_AS_SILENT_BANDS]))
        if silent_share > np.interp(ratio, *_AS_SILENT_MOST):
            return hidden_ratio - _HIDDEN_DB
    return None


def noise_power(quiet: Powers) -> float:
    """Return the power of the noise in a silent part: of its loudest second.

    Of a noise that comes and goes three seconds catch more of the gaps than of the rest,
    and it is the rest that drowns a word. A steady noise has no louder second.
    """
    length = min(_LOUDEST_FRAMES, len(quiet))
    sums = np.concatenate(([0.0], np.cumsum(quiet)))
    return max(float((sums[length:] - sums[:-length]).max()) / length, LEAST_POWER)


def pause_power(powers: Powers) -> float:
    """Return the power of what is left in the pauses of a talk; 0 where nothing is."""
    return float(np.percentile(running_mean(powers, _PAUSE_FRAMES), _PAUSE_PERCENT))


def talk_began_in_silence(powers: Powers, background: NDArray[np.intp], voice_power: float) -> bool:
    """Tell whether a talk began in its silent part: as loud there as later, after less at first."""
    first, least = float(powers[:_LEAD_FRAMES].mean()), 10 ** (-_ALIKE_DB / 10)
    return (
        first < voice_power * 10 ** (-_LEAD_DB / 10)
        and active_level(powers[background])[0] > voice_power * least
    )


def noise_standard_error(quiet: Powers) -> float:
    """Return the standard error, in dB, of the mean of a noise that wavers."""
    each = block_means(quiet, BLOCK_FRAMES)
    return float(10 * np.log10(1 + each.std() / max(each.mean(), LEAST_POWER) / np.sqrt(len(each))))


def classify_noise(noise: Spectra, samples: Sound, rate: int) -> NoiseKind:
    """Return what a background sounds like: A-weighted frames and the sound of the silent part."""
    powers = noise.power.sum(axis=1)
    peak, usual = np.percentile(running_mean(powers, SYLLABLE_FRAMES), (95, 50))
    if peak < usual * 10 ** (STEADY_DB / 10):
        low = noise.band_power(0, _HUM_HZ).sum() > powers.sum() / 2
        return NoiseKind.HUM if low else NoiseKind.HISS
    pitch = harmonic_spectra(samples, rate)
    loud = pitch.power.sum(axis=1)
    return (
        NoiseKind.TALKING
        if np.average(periodicity(pitch) > PERIODIC, weights=loud + LEAST_POWER) > _TALKING_SHARE
        else NoiseKind.INTERMITTENT
    )
