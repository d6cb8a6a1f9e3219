"""Time series: is a rate surely above a bound, and how do round trips spread?

All rates are in Mbit/s and stand for 100 ms each.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, stdev

BIN_S = 0.1
NORMAL_QUANTILE = 2.6
"""Half-width of every interval in standard errors: 99 % for one look, as there are a dozen looks."""
SMOOTHEST = 0.04
"""The standard deviation is taken as at least this share of the mean: a line that looks smooth for
half a second still has to show a few blocks of it."""
FAR = 1.5
"""Multiples of the bound above which 200 ms blocks may decide; nearer, only 500 ms ones, which average
TCP's saw-tooth."""
FAR_BLOCK, NEAR_BLOCK = 2, 5
MOST_ASKED = 3.0
"""Multiples of the bound up to which a rate is told; a line that carries them reads "at least"."""
FEWEST_BLOCKS = 3
SETTLE_BINS = 10
SLOWEST_START_S, QUICKEST_START_S = 2.0, 0.5
START_ROUND_TRIPS = 6
"""TCP's slow start doubles each round trip from 10 segments: 6 of them fill 20 Mbit/s at usual distances."""
FAIL_S = 2.0
"""No line is called too slow sooner after its first byte: a lost first burst and the time-out that
repairs it look like a dead line for about a second."""
CLIMB = 1.15
"""The second half of the window exceeds the first by this much: still climbing, not yet slow."""
CAP_MARGIN = 0.05
"""Share of the mean that is in doubt when the time ran out on an uneven line."""
TOO_LATE_S = 0.020
"""Lateness of the clock (95th percentile) at which nothing is decided: two busy processes on two
cores delay it by 11 ms and leave the rates right, four delay it by 28 ms and spoil them."""
FEWEST_SILENT = 5
"""Empty bins at the end, after which a decision waits for what comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean and the interval it may lie in."""

    mean: float
    low: float
    high: float


def start_bins(round_trip: float) -> int:
    """Return how many bins TCP's slow start may take, to be left out; `round_trip` in seconds."""
    seconds = max(QUICKEST_START_S, min(START_ROUND_TRIPS * round_trip, SLOWEST_START_S))
    return round(seconds / BIN_S)


def student_quantile(normal: float, freedom: int) -> float:
    """Return Student's t quantile for the normal quantile: Abramowitz & Stegun 26.7.5, three terms."""
    first = (normal**3 + normal) / 4
    second = (5 * normal**5 + 16 * normal**3 + 3 * normal) / 96
    third = (3 * normal**7 + 19 * normal**5 + 17 * normal**3 - 15 * normal) / 384
    return normal + first / freedom + second / freedom**2 + third / freedom**3


def interval(rates: Sequence[float], block: int) -> Estimate | None:
    """Return the confidence interval of the mean from blocks of `block` bins; None: too few of them."""
    means = [fmean(rates[i : i + block]) for i in range(0, len(rates) - block + 1, block)]
    count = len(means)
    if count < FEWEST_BLOCKS:
        return None
    mean = fmean(means)
    # Blocks that resemble their neighbours count for fewer, blocks that make up for what the last
    # one held back for more: the variance of a first-order autoregressive mean is (1 + c) / (1 - c)
    # times that of independent values.
    alike = _autocorrelation(means, mean)
    spread = max(stdev(means, mean) * math.sqrt((1 + alike) / (1 - alike)), SMOOTHEST * mean)
    half = student_quantile(NORMAL_QUANTILE, count - 1) * spread / math.sqrt(count)
    return Estimate(mean=mean, low=max(0.0, mean - half), high=mean + half)


def _autocorrelation(values: Sequence[float], mean: float) -> float:
    """Return the lag-1 autocorrelation, -0.5 to 0.8; of fewer than 8 values it would be chance."""
    if len(values) < 8:  # noqa: PLR2004
        return 0.0
    around = [value - mean for value in values]
    variance = sum(value * value for value in around)
    if variance == 0:
        return 0.0
    covariance = sum(a * b for a, b in pairwise(around))
    return min(max(covariance / variance, -0.5), 0.8)


def surely(rates: Sequence[float], bound: float, round_trip: float) -> Estimate | None:
    """Return the interval of the mean once it lies wholly on one side of `bound`, else None.

    `rates` begin with the first byte. Asked again after every bin: the answer is the first
    that is not None.
    """
    window = rates[start_bins(round_trip) :]
    if not any(rates[-FEWEST_SILENT:]):
        return None
    far = interval(window, FAR_BLOCK)
    if far and far.low > FAR * bound:
        return far
    # What slow start overran is sent again during the next second: near the bound it may hide the
    # answer that the calm rest of the window gives.
    for settled in (window, window[SETTLE_BINS:]):
        near = interval(settled, NEAR_BLOCK)
        if near is None:
            continue
        if near.low > bound:
            return near
        slow = near.high < bound and len(rates) * BIN_S >= FAIL_S - BIN_S / 2
        if slow and not _climbing(settled):
            return near
    return None


def _climbing(window: Sequence[float]) -> bool:
    half = len(window) // 2
    return sum(window[-half:]) > CLIMB * sum(window[:half])


def at_the_end(rates: Sequence[float], round_trip: float) -> Estimate | None:
    """Return the mean of a transfer that ran out of time undecided, give or take `CAP_MARGIN`.

    So 1.05 times a bound is above it, 0.95 times is below, between is too close to tell.
    """
    window = rates[start_bins(round_trip) :]
    if not window:
        return None
    mean = fmean(window)
    return Estimate(mean=mean, low=mean / (1 + CAP_MARGIN), high=mean / (1 - CAP_MARGIN))


def starved(late: Sequence[float]) -> bool:
    """Say whether the clock woke too late too often for anything to be decided; seconds."""
    return bool(late) and percentile(late, 95) > TOO_LATE_S


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` % of the values lie, by linear interpolation."""
    ordered = sorted(values)
    place = share / 100 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def jitter(round_trips: Sequence[float]) -> float:
    """Return the mean change from one round trip to the next, as D of RFC 3550 section 6.4.1, unsmoothed."""
    return fmean(abs(b - a) for a, b in pairwise(round_trips))


def dropouts(sent: Sequence[float], round_trips: Sequence[float | None], seconds: float) -> int:
    """Return how often no answer came for longer than `seconds` beyond the usual spacing.

    `sent` are the times of all questions, evenly spaced; a question without an answer is None.
    """
    arrivals = sorted(at + trip for at, trip in zip(sent, round_trips, strict=True) if trip is not None)
    if len(sent) < 2 or not arrivals:  # noqa: PLR2004
        return 1 if sent else 0
    spacing = (sent[-1] - sent[0]) / (len(sent) - 1)
    inside = [sent[0], *arrivals, max(sent[-1], arrivals[-1])]
    return sum(after - before > seconds + spacing for before, after in pairwise(inside))


def worst_minute(sent: Sequence[float], round_trips: Sequence[float | None]) -> float:
    """Return the share of questions without an answer in the minute that has most of them, 0 to 1."""
    minutes: dict[int, list[bool]] = {}
    for at, trip in zip(sent, round_trips, strict=True):
        minutes.setdefault(int(at // 60), []).append(trip is None)
    return max((sum(lost) / len(lost) for lost in minutes.values()), default=0.0)


def longest_gap(sent: Sequence[float], round_trips: Sequence[float | None]) -> float:
    """Return the longest time without an answer beyond the usual spacing, in seconds.

    `sent` are the times of all questions, evenly spaced; a question without an answer is None.
    An interruption of 0.5 s reads 0.5 s, whether its questions were lost or only held up.
    """
    answered = [trip for trip in round_trips if trip is not None]
    if len(sent) < 2:  # noqa: PLR2004
        return 0.0
    spacing = (sent[-1] - sent[0]) / (len(sent) - 1)
    if not answered:
        return sent[-1] - sent[0]
    usual = min(answered)
    arrivals = [at + trip for at, trip in zip(sent, round_trips, strict=True) if trip is not None]
    # As if one had come just before the first question and one just after the last.
    arrivals = sorted([sent[0] - spacing + usual, *arrivals, sent[-1] + spacing + usual])
    return max(0.0, max(b - a for a, b in pairwise(arrivals)) - spacing)
