"""How steady is a line: how round trips spread, and for how long no answer came.

All times are in seconds.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

_ANEW_S = 1.0
"""A question that is later than this is not made up for."""


def jitter(round_trips: Sequence[float]) -> float:
    """Return the mean change from one round trip to the next, as D of RFC 3550 section 6.4.1, unsmoothed."""
    return fmean(abs(b - a) for a, b in pairwise(round_trips))


def count_dropouts(sent: Sequence[float], round_trips: Sequence[float | None], seconds: float) -> int:
    """Return how often no answer came for longer than `seconds` beyond the usual spacing.

    `sent` are the times of all questions, evenly spaced; a question without an answer is None.
    """
    arrivals = sorted(at + trip for at, trip in zip(sent, round_trips, strict=True) if trip is not None)
    if len(sent) < 2 or not arrivals:  # noqa: PLR2004
        return 1 if sent else 0
    spacing = (sent[-1] - sent[0]) / (len(sent) - 1)
    inside = [sent[0], *arrivals, max(sent[-1], arrivals[-1])]
    return sum(after - before > seconds + spacing for before, after in pairwise(inside))


def worst_minute_loss(sent: Sequence[float], round_trips: Sequence[float | None]) -> float:
    """Return the share of questions without an answer in the minute that has most of them, 0 to 1."""
    minutes: dict[int, list[bool]] = {}
    for at, trip in zip(sent, round_trips, strict=True):
        minutes.setdefault(int(at // 60), []).append(trip is None)
    return max((sum(lost) / len(lost) for lost in minutes.values()), default=0.0)


def lateness(sent: Sequence[float]) -> list[float]:
    """Return by how much each question after the first was asked later than its turn.

    They are meant to be evenly spaced, a whole number of them a second.
    """
    gaps = [after - before for before, after in pairwise(sent)]
    usual = [gap for gap in gaps if gap < _ANEW_S]
    if not any(usual):
        return gaps
    # A clock that ticks 64 times a second, as that of Windows, makes some gaps short and some long.
    spacing = 1 / round(1 / fmean(usual))
    late, due = [], sent[0]
    for at in sent[1:]:
        # One that comes early begins the schedule anew.
        due = min(due + spacing, at)
        late.append(at - due)
        if late[-1] > _ANEW_S:
            due = at
    return late


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
