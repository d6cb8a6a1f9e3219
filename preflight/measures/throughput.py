"""How fast is a line: is its rate surely above a bound?

All rates are in Mbit/s and stand for `BIN_S`, 100 ms, each.
"""

from collections.abc import Sequence
from statistics import fmean

from preflight.measures.estimate import Estimate, confidence_interval, percentile

BIN_S = 0.1
FAR_RATIO = 1.5
"""Multiples of the bound above which 200 ms blocks may decide; nearer, only 500 ms ones, which average
TCP's saw-tooth."""
FAR_BLOCK, NEAR_BLOCK = 2, 5
HIGHEST_RATIO = 3.0
"""Multiples of the bound up to which a rate is told; a line that carries them reads "at least"."""
SETTLING_BINS = 10
SLOWEST_START_S, QUICKEST_START_S = 2.0, 0.5
START_ROUND_TRIPS = 6
"""TCP's slow start doubles each round trip from 10 segments: 6 of them fill 20 Mbit/s at usual distances."""
EARLIEST_FAIL_S = 2.0
"""No line is called too slow sooner after its first byte: a lost first burst and the time-out that
repairs it look like a dead line for about a second."""
CLIMBING_RATIO = 1.15
"""The second half of the window exceeds the first by this much: still climbing, not yet slow."""
TIMEOUT_MARGIN = 0.05
"""Share of the mean that is in doubt when the time ran out on an uneven line."""
LATEST_CLOCK_S = 0.020
"""Lateness of the clock (95th percentile) at which nothing is decided: two busy processes on two
cores delay it by 11 ms and leave the rates right, four delay it by 28 ms and spoil them."""
SILENT_BINS = 5
"""Empty bins at the end, after which a decision waits for what comes."""


def slow_start_bins(round_trip: float) -> int:
    """Return how many bins TCP's slow start may take, to be left out; `round_trip` in seconds."""
    seconds = max(QUICKEST_START_S, min(START_ROUND_TRIPS * round_trip, SLOWEST_START_S))
    return round(seconds / BIN_S)


def conclusive_interval(rates: Sequence[float], bound: float, round_trip: float) -> Estimate | None:
    """Return the interval of the mean once it lies wholly on one side of `bound`, else None.

    `rates` begin with the first byte. Asked again after every bin: the answer is the first
    that is not None.
    """
    window = rates[slow_start_bins(round_trip) :]
    if not any(rates[-SILENT_BINS:]):
        return None
    far = confidence_interval(window, FAR_BLOCK)
    if far and far.low > FAR_RATIO * bound:
        return far
    # What slow start overran is sent again during the next second: near the bound it may hide the
    # answer that the calm rest of the window gives.
    for settled in (window, window[SETTLING_BINS:]):
        near = confidence_interval(settled, NEAR_BLOCK)
        if near is None:
            continue
        if near.low > bound:
            return near
        slow = near.high < bound and len(rates) * BIN_S >= EARLIEST_FAIL_S - BIN_S / 2
        if slow and not _is_climbing(settled):
            return near
    return None


def _is_climbing(window: Sequence[float]) -> bool:
    """Return whether the second half of the window carried clearly more than the first."""
    half = len(window) // 2
    return sum(window[-half:]) > CLIMBING_RATIO * sum(window[:half])


def estimate_at_timeout(rates: Sequence[float], round_trip: float) -> Estimate | None:
    """Return the mean of a transfer that ran out of time undecided, give or take `CAP_MARGIN`.

    So 1.05 times a bound is above it, 0.95 times is below, between is too close to tell.
    """
    window = rates[slow_start_bins(round_trip) :]
    if not window:
        return None
    mean = fmean(window)
    return Estimate(mean=mean, low=mean / (1 + TIMEOUT_MARGIN), high=mean / (1 - TIMEOUT_MARGIN))


def is_clock_late(late: Sequence[float]) -> bool:
    """Say whether the clock woke too late too often for anything to be decided; seconds."""
    return bool(late) and percentile(late, 95) > LATEST_CLOCK_S
