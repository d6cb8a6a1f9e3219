"""Numbers of a recorded voice and of the noise behind it.

Sound is mono float32 with full scale at 1.0. Levels are dBFS of the mean square: a full
sine is at -3.0. The speech-to-noise ratio follows ITU-T P.56 (active speech level) on
frames that are A-weighted (IEC 61672-1).
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from preflight.captures import MicrophoneCapture
from preflight.errors import MeasurementError
from preflight.model import POINTS_LIMIT, Kind

Sound = NDArray[np.float32]
Powers = NDArray[np.float64]

HOP_S = 0.01
_FRAME_S = 2 * HOP_S
_PASS_HZ = (60.0, 80.0)
"""Below the first nothing passes. A DC offset or a hum too low to be heard would leak through
the frame's window to where the ear is keen: an offset of 0.01 makes 31 dB out of 76."""
_MARGIN = 10**-1.59
"""The threshold of speech lies 15.9 dB below its active level (P.56)."""
_HANG = 20
"""Frames that still count as speech after its last loud one (P.56: 200 ms)."""
_EMPTY = 1e-14
"""-140 dBFS, less than 24 bits can hold: keeps logarithms finite."""
_GUARD = 3
"""Frames at the border of two phases that hold a bit of both."""
_FAINTEST_DB = -20.0
"""A voice that far below the noise is lost in the noise's own wavering."""

_DOUBT = (1.2, 8.0)
"""How far the ratio may be off: dB by which frames differ from P.56 itself (95th percentile), and standard
errors of a noise that wavers. Of the mixes of tests/bench/microphone.py --train 99 % are within."""
_BLOCK = 50
"""Frames of half a second: longer than the gaps between words."""
_LOUDEST = 125
"""Frames over which a noise is loudest. A shorter time fails more of the voices that drown now and then,
and passes fewer of those that do not; the mean of all three seconds misses twice as many of the first."""
_LEAST = 90
"""Frames of a silent part that tells of the noise: a second less its border."""
_SYLLABLE = 5
"""Frames over which single clicks are evened out."""
_PAUSE = 10
"""Frames of the shortest pause that is looked for, 100 ms: what echoes has faded within it."""
_PAUSES = 5
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

_HIDDEN_Q = 5
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
_ROOMS_DB = (40.0, 50.0)
_SUSPECT_DB = (17.1, 19.6)
"""What is behind the voice is suspect below the first, or below the second where the silent part is more
silent than any room: of ungated voices at 20 dB and more none is, of gated ones below 10 dB 99 % are."""

_LEAD = 20
"""Frames with which a file begins before anybody speaks."""
_LEAD_DB = 12.0
"""So far below the talk they are where a voice is well above the noise."""
_ALIKE_DB = 8.0
"""No further apart than that are two parts of one talk, its pauses in one of them."""

_ONSET_DB = 3.0
"""A talking part is at least this much louder than what is before it; less is chance."""
_EVEN_DB = 4.0
"""How far 50 ms of an even noise are above its mean at most: of white noise 0.6 dB, of a running tap 2.3, of
an exercise bike 3.2; of dishes more than 5 and of a cat 11 in every other recording of 3 s."""
_RISE_DB = 10.0
"""What is so far above all of a silent part is not silence."""
_HEAD = 100
"""Frames of the shortest silent part that is looked for: 1 s."""
_SURE = 150
"""Frames of a silent part, found in a file, that a voice passes by, and of a talk before it. A noise pauses
for a second as well, a first word makes a second of what is less, and what sounds for less is not talk."""
_CLICK = 30
"""Frames: a shorter sound between two silent seconds does not end a silent part."""
_QUIETEST = 10
"""Per cent of the frames of a talk in which hardly anything sounds."""
_USUAL = 300
"""Frames of the silent part of a guided recording: 3 s."""
_GUIDED = (700, 1000)
"""Frames that such a recording has, give or take a second or two: nothing else surely holds a silent part."""
_SPOKEN_DB = 12.0
"""A silent part so far above the quietest tenth of the talking held speech: finds 93 % of such,
and 11 % of good ones."""

_PITCH_S = 0.05
_PITCHES_HZ = (70.0, 400.0)
_HARMONICS_HZ = (75.0, 1500.0)
"""Above it the harmonics of a voice do not line up well."""
_PERIODIC = 0.55
_VOICED_S = 0.4
"""Of 5 s of speech at 10 dB and more, pitch stands out for 0.43 s (a croaking voice) or 1 s and more;
without a voice for 0.1 s behind taps, fans, dishes and clicks, 0.18 s where a door is slammed."""
_PARTLY_S = 0.2
"""The same for one of two halves of a talk."""
_ALONE = 0.2
_ALONE_S = 1.0
"""Where no silent part tells of the noise, one that swells has pitch for up to 0.8 s of 5 s: this share of
the time, and one second, are asked for."""
_HOLE = 2
"""Hops of the shortest stretch of nothing at all that counts as missing sound, 20 ms."""
_DEAD = 250
"""Hops: somebody who does not speak into a gate for so long has long finished reading."""
_LIVE = 0.95
"""Share of a silent part in which a microphone sends something if no gate empties silences."""
_ABRUPT_DB = 15.0
"""Sound that ends no further than that below the voice was cut off: a gate closes on what is lower."""
_COARSE = 1e-8
"""-80 dBFS: what is lower, 16 bits can hold as stretches of one value."""
_FLAT = 4
"""Samples of a flat top: fewer are round tops of high tones."""
_SMALLEST_TOP = 1e-3
"""-60 dBFS: tops lower than that are steps of the converter."""
_STEADY_DB = 4.0
"""What stays below this, 95th percentile to median, is steady: taps and fans have 2 dB, clicks 8 and more."""
_HUM_HZ = 400.0
_TALKING = 0.25
"""Share of a wavering noise's power that has the pitch of a voice."""


class Noise(StrEnum):
    """What a background sounds like."""

    HUM = "hum"
    HISS = "hiss"
    TALKING = "talking"
    INTERMITTENT = "intermittent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a recording comes to."""

    silenced: bool
    """Where the background would have been heard, nothing at all was recorded."""
    voiced: bool
    """The pitch of a voice stood out of the background."""
    ratio: float
    """Voice to noise, both A-weighted, in dB."""
    high: float | None
    """At most this, in dB: more than `ratio` where only loud pauses tell; None: not enough silence."""
    hidden: float | None
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
    noise: Noise
    levels: tuple[float, ...]
    """A-weighted dBFS, one every `step` seconds, at most `POINTS_LIMIT`."""
    step: float


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """Power of each frame at each frequency: mean squares, (frames, frequencies)."""

    power: Powers
    hz: Powers

    def within(self, low: float, high: float) -> Powers:
        """Return the power of each frame from `low` up to `high` Hz."""
        first, last = np.searchsorted(self.hz, (low, high))
        return np.asarray(self.power[:, first:last].sum(axis=1))


@lru_cache(maxsize=2)
def listen(capture: MicrophoneCapture) -> Heard:
    """Return what a recording with sound in it comes to.

    Works on two phases where the capture has them or they can be found, else on pauses.
    """
    if capture.samples is None:
        raise MeasurementError(Kind.NO_DATA, "a microphone without sound")
    rate, hop = capture.rate, round(HOP_S * capture.rate)
    moves = moving(capture.samples, hop)
    lacking = np.count_nonzero(moves) < _BLOCK
    moves |= lacking
    # Without them from here on: where zeros end, an offset would begin with a bang.
    samples = passed(capture.samples[: len(moves) * hop].reshape(-1, hop)[moves].ravel(), rate)
    plain = _spread(spectra(samples, rate, _FRAME_S, HOP_S), moves)
    weight = a_weight(plain.hz) ** 2
    powers = plain.power @ weight
    step = -(-len(powers) // POINTS_LIMIT)
    levels = tuple(round(decibel(each), 1) for each in blocks(powers, step))
    begin, end, word = border(capture, powers, samples)
    if begin:
        # The silent part comes first from here on.
        samples = np.roll(samples, -np.count_nonzero(moves[:begin]) * hop)
        powers, moves = np.roll(powers, -begin), np.roll(moves, -begin)
        plain = Spectra(np.roll(plain.power, -begin, axis=0), plain.hz)
    start = end - begin
    behind = np.flatnonzero(powers[: max(0, start - _GUARD)])
    if begin:
        behind = behind[_GUARD:]
    parted = len(behind) >= _LEAST
    if not parted:
        start, behind = (start if start >= _LEAST else 0), np.flatnonzero(powers)
    talked, active = active_level(powers[start:], crest(powers[behind]) if parted else 0.0)
    paused = pauses(powers[start:])
    noise = noise_power(powers[behind]) if parted else max(paused, _EMPTY)
    if loud := talked < paused * 10 ** (_FLUENT_DB / 10):
        noise = max(noise, paused)
    ratio = above(talked, noise)
    onset = int(np.count_nonzero(moves[:start])) * hop if parted else 0
    noise_kind = kind(Spectra(plain.power[behind] * weight, plain.hz), samples[: onset or None], rate)
    high = ratio if parted else ratio + _PAUSES_DB if loud else None
    if parted and capture.origin == "file" and capture.onset is None:
        short = len(behind) < _SURE
        # What it may be after all: the pauses may tell better, or what is behind a word.
        other = above(talked, paused if short else noise_power(powers[behind[behind >= word]]))
        if short and ratio < _STILL_DB and voiced_s(samples[:onset], rate, 0) < _PARTLY_S:
            # What has no voice in it is background, however short.
            other = ratio
        if noise_kind is Noise.TALKING and hasty(powers, behind, talked):
            high = None
        if (max(ratio, other) >= _STILL_DB) if short else (ratio < _CLEAR_DB <= other):
            high = None
    under = (
        hidden(Spectra(plain.power[start:] * weight, plain.hz), talked, noise if parted else _EMPTY)
        if start
        else None
    )
    floor = plain.power[behind].sum(axis=1).mean() if parted else 0.0
    enough = _VOICED_S if parted else min(_ALONE_S, max(_VOICED_S, _ALONE * len(samples) / rate))
    return Heard(
        silenced=bool(lacking or (not parted and (start >= _LEAST or paused <= _EMPTY))),
        voiced=not lacking and voiced_s(samples, rate, onset) >= enough,
        ratio=ratio,
        high=high,
        hidden=under,
        doubt=float(np.hypot(_DOUBT[0], _DOUBT[1] * wavering(powers[behind]))) if parted else None,
        floor=decibel(noise),
        level=decibel(plain.power[start:].sum(axis=1)[active].mean() - floor),
        treble=treble(Spectra(plain.power[start:][active], plain.hz)),
        noise=noise_kind,
        levels=levels,
        step=step * HOP_S,
    )


def decibel(power: float) -> float:
    """Return a power or a ratio of powers in dB; nothing at all is -140."""
    return float(10 * np.log10(max(power, _EMPTY)))


def above(voice: float, noise: float) -> float:
    """Return by how much a voice in a noise, of this power together, stands out of it, in dB."""
    return max(decibel(max(voice - noise, 0.0) / max(noise, _EMPTY)), _FAINTEST_DB)


def a_weight(hz: Powers) -> Powers:
    """Return the gain of A-weighting at each frequency (IEC 61672-1, annex E)."""
    square = hz**2
    outer = (square + 20.6**2) * (square + 12194.0**2)
    gain: Powers = (
        10**0.1 * 12194.0**2 * square**2 / (outer * np.sqrt((square + 107.7**2) * (square + 737.9**2)))
    )
    return gain


def muted(samples: Sound, rate: int) -> bool:
    """Tell whether nothing at all was recorded."""
    return not moving(samples, round(HOP_S * rate)).any()


def moving(samples: Sound, hop: int) -> NDArray[np.bool_]:
    """Tell of each hop whether anything was recorded in it.

    The same value throughout, mostly zero, is what a muted, a starting or a gated device
    gives; no room is as quiet as that. For less than half a second it is what the steps of
    the converter leave of a low sound.
    """
    moves = np.ptp(samples[: len(samples) // hop * hop].reshape(-1, hop), axis=1) > 0
    at = np.flatnonzero(moves)
    for gap in np.flatnonzero((np.diff(at) > 1) & (np.diff(at) <= _BLOCK)):
        moves[at[gap] : at[gap + 1]] = True
    return np.asarray(moves)


def interruption_s(capture: MicrophoneCapture) -> float:
    """Return for how many seconds nothing at all was recorded after sound had begun.

    A gate leaves nothing of a silence as well, and fades into it. So a hole counts where it cuts off
    something loud, or the steady sound of the room that the microphone lets be heard elsewhere.
    """
    if capture.samples is None:
        return 0.0
    hop = round(HOP_S * capture.rate)
    frames = capture.samples[: len(capture.samples) // hop * hop].reshape(-1, hop)
    powers = np.where(np.ptp(frames, axis=1) > 0, frames.var(axis=1, dtype=np.float64), 0.0)
    live = np.flatnonzero(powers)
    if len(live) < _BLOCK:
        return 0.0
    first = powers[: _HEAD if capture.onset is None else max(_HEAD, capture.onset // hop)]
    if np.count_nonzero(first) < len(first) / 2 and live[-1] >= len(first):
        # Silent at first and heard later: the silence is a gate's, and so are the holes.
        return 0.0
    begins, ends = np.flatnonzero(np.diff(powers == 0, prepend=False, append=False)).reshape(-1, 2).T
    level = active_level(powers[live])[0]
    around = np.lib.stride_tricks.sliding_window_view(_smooth(powers, _SYLLABLE), _BLOCK)
    lowest, highest = around.min(axis=1), around.max(axis=1)
    rooms = highest[(lowest > _COARSE) & (highest < lowest * 10 ** (_RISE_DB / 10))]
    floors, longest = [level * 10 ** (-(_ABRUPT_DB - _RISE_DB) / 10), *rooms], math.inf
    if np.count_nonzero(first) >= _LIVE * len(first):
        floors.append(float(np.percentile(first, _QUIETEST)))
        longest = _BLOCK if capture.onset is not None else _DEAD
    edge = max(min(floors) * 10 ** (-_RISE_DB / 10), _COARSE)
    lengths = [
        end - begin
        for begin, end in zip(begins, ends, strict=True)
        if begin
        and (
            end - begin >= longest
            or (end - begin >= _HOLE and powers[max(0, begin - 2) : begin].max() > edge)
        )
    ]
    return round(float(sum(lengths)) * HOP_S, 2)


def passed(samples: Sound, rate: int) -> Sound:
    """Return the sound without its mean and without what lies below the ear's reach."""
    length = len(samples)
    # A power of two: other lengths can have large primes, with which the transform is slow.
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(samples - samples.mean(), size)
    hz = np.fft.rfftfreq(size, 1 / rate)
    spectrum *= np.clip((hz - _PASS_HZ[0]) / (_PASS_HZ[1] - _PASS_HZ[0]), 0, 1)
    return np.fft.irfft(spectrum, size)[:length].astype(np.float32)


def spectra(samples: Sound, rate: int, frame_s: float, hop_s: float) -> Spectra:
    """Return the power of each frame under a Hann window."""
    length = round(frame_s * rate)
    window = np.hanning(length + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[:: round(hop_s * rate)]
    spectrum = np.fft.rfft(frames * window, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) * (2 / (length * np.sum(window**2)))
    return Spectra(power, np.fft.rfftfreq(length, 1 / rate).astype(np.float64))


def active_level(powers: Powers, crest: float = 0.0) -> tuple[float, NDArray[np.bool_]]:
    """Return the mean power while somebody speaks, and in which frames that is (P.56).

    The threshold follows the level that it yields until both stand still. It stays above the `crest` of a
    noise: what is no louder than that is not speech.
    """
    threshold = 0.0
    smooth = _smooth(powers, _SYLLABLE) if crest else powers
    index = np.arange(len(powers))
    for _ in range(30):
        loud = np.maximum.accumulate(np.where(smooth >= threshold, index, -len(powers)))
        active = index - loud <= _HANG
        level = float(powers[active].mean())
        wanted = max(level * _MARGIN, min(crest, level / 2))
        if abs(wanted - threshold) <= 1e-3 * threshold:
            break
        threshold = wanted
    return level, active


def crest(quiet: Powers) -> float:
    """Return the highest power of a steady noise over a syllable; 0 of one that is not steady."""
    smooth = _smooth(quiet, _SYLLABLE)
    peak, usual = np.percentile(smooth, (95, 50))
    return float(smooth.max()) if peak < usual * 10 ** (_STEADY_DB / 10) else 0.0


def hidden(talk: Spectra, level: float, noise: float) -> float | None:
    """Return how far the voice is above what is behind it, in dB, where that is not in the silent part.

    None where nothing seems to be. While somebody speaks, each band of frequencies is without a voice now and
    then: what is left in it is noise (minimum statistics, R. Martin 2001). And a gate shuts the sound off
    at levels through which speech fades.
    """
    ratio = above(level, noise)
    if ratio < _CLEAR_DB:
        return None
    powers = talk.power.sum(axis=1)
    loud = talk.power[powers >= level * _MARGIN]
    width = max(1, round(_HIDDEN_HZ / float(talk.hz[1])))
    bands = np.add.reduceat(loud, np.arange(0, loud.shape[1], width), axis=1)
    under = decibel(level / max(float(np.percentile(bands, _HIDDEN_Q, axis=0).sum()), _EMPTY))
    top, bottom, over = (10 ** (each / 10) for each in _BETWEEN_DB)
    between = np.mean((powers < level / top) & (powers > max(level / bottom, noise * over)))
    suspect = float(np.interp(ratio, _ROOMS_DB, _SUSPECT_DB))
    if under + _BETWEEN_PULL * min(float(between), _BETWEEN_MOST) > suspect:
        return None
    return under - _HIDDEN_DB


def noise_power(quiet: Powers) -> float:
    """Return the power of the noise in a silent part: of its loudest second.

    Of a noise that comes and goes three seconds catch more of the gaps than of the rest,
    and it is the rest that drowns a word. A steady noise has no louder second.
    """
    length = min(_LOUDEST, len(quiet))
    sums = np.concatenate(([0.0], np.cumsum(quiet)))
    return max(float((sums[length:] - sums[:-length]).max()) / length, _EMPTY)


def pauses(powers: Powers) -> float:
    """Return the power of what is left in the pauses of a talk; 0 where nothing is."""
    return float(np.percentile(_smooth(powers, _PAUSE), _PAUSES))


def hasty(powers: Powers, behind: NDArray[np.intp], talked: float) -> bool:
    """Tell whether a talk began in its silent part: as loud there as later, after less at first."""
    first, least = float(powers[:_LEAD].mean()), 10 ** (-_ALIKE_DB / 10)
    return first < talked * 10 ** (-_LEAD_DB / 10) and active_level(powers[behind])[0] > talked * least


def wavering(quiet: Powers) -> float:
    """Return the standard error, in dB, of the mean of a noise that wavers."""
    each = blocks(quiet, _BLOCK)
    return float(10 * np.log10(1 + each.std() / max(each.mean(), _EMPTY) / np.sqrt(len(each))))


def blocks(powers: Powers, length: int) -> Powers:
    """Return the mean of each `length` powers; a rest shorter than that counts with the last."""
    starts = np.arange(0, max(1, len(powers) - length + 1), length)
    return np.add.reduceat(powers, starts) / np.diff(np.append(starts, len(powers)))


def border(capture: MicrophoneCapture, powers: Powers, samples: Sound) -> tuple[int, int, int]:
    """Return the frames at which the silent part begins and ends, 0 and 0 where there is one phase only.

    The third is where a word ends that the silent part may begin with. `powers` has empty frames where
    nothing was recorded, `samples` are without these.
    """
    if capture.onset is not None:
        return 0, min(round(capture.onset / capture.rate / HOP_S), len(powers) - 1), 0
    live = np.flatnonzero(powers)
    # A file that begins or ends with nothing at all has its silent part there, and it tells nothing.
    held = capture.origin == "file" and max(live[0], len(powers) - 1 - live[-1]) < _HEAD
    guided = held and _GUIDED[0] <= len(powers) <= _GUIDED[1]
    begin, end = hush(powers[live])
    word, least = 0, _SURE if guided else _HEAD
    if begin and end:
        between = between_words(samples, capture.rate, begin, end)
        if guided and between[0] and begin < _SURE:
            word, between = begin, (0, end)
        begin, end = between
    if not (begin and end):
        begin, end = (begin if begin >= least else 0), (end if len(live) - end >= _HEAD else 0)
    if (begin or end) and not (begin and guided):
        quiet, talk = np.split(np.roll(powers[live], -begin), [(end or len(live)) - begin])
        if spoken(quiet[word:], talk):
            # Less than a second of silence and a first word look like this.
            begin = end = word = 0
    if begin and not (guided and begin >= _USUAL and unvoiced(samples, powers[live], capture.rate)):
        return int(live[begin]), int(live[end]) if end else len(powers), 0
    if not guided:
        return 0, int(live[end]) if end else 0, 0
    end = 0 if begin else end
    step = onset(powers[live])
    # What sounds between two pauses of a noise is noise, and the louder part is the talking. Out of an
    # even noise a talk may rise so little that only a loud word ends the silence: there the step does.
    end = step if step and even(powers[live][:step]) else max(end, step)
    usual, rest = powers[live][: _USUAL - _GUARD], powers[live][_USUAL : end - _GUARD]
    if len(rest) and rest.mean() > usual.mean() * 10 ** (_ONSET_DB / 10):
        # Somebody who was told when to speak began softly.
        end = _USUAL
    # Where nobody spoke, or too low, it is where it usually is.
    return 0, int(live[end]) if end else _USUAL, int(live[word]) if word else 0


def unvoiced(samples: Sound, powers: Powers, rate: int) -> bool:
    """Tell whether a recording begins with what a guided one begins with: three seconds without a voice."""
    quiet, talk = np.split(powers, [_USUAL])
    length = round(_USUAL * HOP_S * rate)
    softer = quiet.mean() < talk.mean() * 10 ** (-_ONSET_DB / 10)
    return bool(softer and voiced_s(samples[:length], rate, 0) < _PARTLY_S)


def hush(powers: Powers) -> tuple[int, int]:
    """Return the frames between which nobody talks: the quietest second, and what is as quiet around it.

    0 is a side on which there is nothing else.
    """
    short = _smooth(powers, _SYLLABLE)
    if len(short) < 2 * _HEAD:
        return 0, 0
    loudest = np.lib.stride_tricks.sliding_window_view(short, _HEAD).max(axis=1)
    still = short <= loudest.min() * 10 ** (_RISE_DB / 10)
    parts = np.flatnonzero(np.diff(np.concatenate(([False], still, [False])))).reshape(-1, 2)
    parts = parts[parts[:, 1] - parts[:, 0] >= _HEAD]
    apart = np.flatnonzero(parts[1:, 0] - parts[:-1, 1] >= _CLICK)
    begins, ends = parts[np.append(0, apart + 1), 0], parts[np.append(apart, -1), 1]
    quietest = np.searchsorted(begins, loudest.argmin(), "right") - 1
    begin, end = int(begins[quietest]), int(ends[quietest])
    return begin, end if end < len(short) else 0


def between_words(samples: Sound, rate: int, begin: int, end: int) -> tuple[int, int]:
    """Return where a silent part begins and ends that has something before and behind it.

    What has no voice is background, and rather what is before it than what is behind it.
    """
    hop = round(HOP_S * rate)
    before, quiet, after = np.split(samples, (begin * hop, end * hop))
    spoken = [
        voiced_s(np.concatenate((quiet, each)), rate, len(quiet)) >= min(_PARTLY_S, _ALONE * len(each) / rate)
        for each in (before, after)
    ]
    return (begin if spoken[0] else 0), (0 if spoken[0] and not spoken[1] else end)


def onset(powers: Powers) -> int:
    """Return where a silent part ends: the step up in level that parts the recording best.

    0 where there is no such step.
    """
    level = 10 * np.log10(np.maximum(_smooth(powers, _BLOCK), _EMPTY))
    count, sums = len(level), np.cumsum(level)
    split = np.arange(_HEAD, count - _HEAD + 1)
    if not len(split):
        return 0
    before = sums[split - 1] / split
    step = (sums[-1] - sums[split - 1]) / (count - split) - before
    # The variance between two classes (N. Otsu 1979), the louder one last.
    best = int(np.argmax(split * (count - split) * np.maximum(step, 0) ** 2))
    return int(split[best]) if step[best] > _ONSET_DB else 0


def even(noise: Powers) -> bool:
    """Tell whether no moment of a noise stands out of it."""
    return bool(_smooth(noise, _SYLLABLE).max() <= noise.mean() * 10 ** (_EVEN_DB / 10))


def spoken(quiet: Powers, voice: Powers) -> bool:
    """Tell whether something spoke in the silent part."""
    return bool(quiet.mean() > np.percentile(voice, _QUIETEST) * 10 ** (_SPOKEN_DB / 10))


def disturbed(quiet: Sound, voice: Sound, rate: int) -> bool:
    """Tell of two recordings whether something spoke in the first, the silent one.

    Not where one of them holds next to nothing but silence of the device's own.
    """
    hop, powers = round(HOP_S * rate), []
    for samples in (quiet, voice):
        moves = moving(samples, hop)
        if np.count_nonzero(moves) < _BLOCK:
            return False
        kept = samples[: len(moves) * hop].reshape(-1, hop)[moves].ravel()
        plain = spectra(passed(kept, rate), rate, _FRAME_S, HOP_S)
        powers.append(plain.power @ a_weight(plain.hz) ** 2)
    return spoken(powers[0], powers[1])


def voiced_s(samples: Sound, rate: int, onset: int) -> float:
    """Return for how long a pitch stood out of the background after sample `onset`."""
    pitch = _harmonics(samples, rate)
    first = round(onset / (_PITCH_S / 2 * rate))
    quiet = pitch.power[: max(0, first - 2)]
    noise = quiet.mean(axis=0) if len(quiet) else _quietest(pitch.power)
    talk = pitch.power[first:]
    clear = talk.sum(axis=1) > 2 * noise.sum()
    voiced = periodicity(Spectra(np.maximum(talk - 2 * noise, 0), pitch.hz)) > _PERIODIC
    return float(np.count_nonzero(clear & voiced)) * _PITCH_S / 2


def periodicity(pitch: Spectra) -> Powers:
    """Return of each frame its highest normalised autocorrelation at the pitches of voices."""
    lags = 1 / np.geomspace(*_PITCHES_HZ, 120)
    along = pitch.power @ np.cos(2 * np.pi * np.outer(pitch.hz, lags))
    return np.asarray(along.max(axis=1) / np.maximum(pitch.power.sum(axis=1), _EMPTY * _EMPTY))


def kind(noise: Spectra, samples: Sound, rate: int) -> Noise:
    """Return what a background sounds like: A-weighted frames and the sound of the silent part."""
    powers = noise.power.sum(axis=1)
    peak, usual = np.percentile(_smooth(powers, _SYLLABLE), (95, 50))
    if peak < usual * 10 ** (_STEADY_DB / 10):
        low = noise.within(0, _HUM_HZ).sum() > powers.sum() / 2
        return Noise.HUM if low else Noise.HISS
    pitch = _harmonics(samples, rate)
    loud = pitch.power.sum(axis=1)
    return (
        Noise.TALKING
        if np.average(periodicity(pitch) > _PERIODIC, weights=loud + _EMPTY) > _TALKING
        else Noise.INTERMITTENT
    )


def treble(spectra: Spectra) -> float:
    """Return the power at 4.5 to 7 kHz against that at 0.3 to 3.4 kHz in dB."""
    return decibel(spectra.within(4500, 7000).sum() / max(spectra.within(300, 3400).sum(), _EMPTY))


def clipped(samples: Sound) -> float:
    """Return the share of samples on flat tops: runs of four and more at the end of the scale.

    Wherever the scale ends: a preamplifier clips below full scale. A top counts as flat
    within 2 % and when a side of it is steep, which the round top of a tone has not.
    """
    count = 0
    for side in (samples, -samples):
        top = side.max()
        span = float(top - np.median(side))
        if span < _SMALLEST_TOP:
            continue
        near = np.concatenate(([False], side >= top - 0.02 * span, [False]))
        edges = np.flatnonzero(near[1:] != near[:-1])
        first, last = edges[::2], edges[1::2]
        outside = np.minimum(side[np.maximum(first - 1, 0)], side[np.minimum(last, len(side) - 1)])
        flat = (last - first >= _FLAT) & (outside < top - 0.07 * span)
        count += int((last - first)[flat].sum())
    return count / len(samples)


def _spread(spectra: Spectra, moves: NDArray[np.bool_]) -> Spectra:
    """Return spectra of what moves with empty frames where nothing did."""
    count = len(spectra.power)
    spread = np.zeros((len(moves) - np.count_nonzero(moves) + count, len(spectra.hz)))
    spread[np.flatnonzero(moves)[:count]] = spectra.power
    return Spectra(spread, spectra.hz)


def _smooth(powers: Powers, length: int) -> Powers:
    """Return the running mean of the same length."""
    padded = np.pad(powers, (length // 2, length - 1 - length // 2), "edge")
    return np.convolve(padded, np.full(length, 1 / length), "valid")


def _quietest(power: Powers) -> Powers:
    """Return the spectrum of a noise from the quietest moments of a talk.

    The tenth percentile of the mean of five frames of noise is about half its power.
    """
    sums = np.cumsum(np.pad(power, ((1, 0), (0, 0))), axis=0)
    return np.asarray(2 * np.percentile((sums[5:] - sums[:-5]) / 5, _QUIETEST, axis=0))


def _harmonics(samples: Sound, rate: int) -> Spectra:
    whole = spectra(samples, rate, _PITCH_S, _PITCH_S / 2)
    first, last = np.searchsorted(whole.hz, _HARMONICS_HZ)
    return Spectra(whole.power[:, first:last], whole.hz[first:last])
