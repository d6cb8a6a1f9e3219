"""Jitter, dropouts and gaps are those of the answers that came."""

import math
import random
from itertools import pairwise

import pytest

from preflight.measures import round_trips


def test_an_interruption_reads_as_long_as_it_was() -> None:
    sent = [step / 50 for step in range(200)]
    lost = [None if 1.0 <= at < 1.5 else 0.03 for at in sent]
    held = [0.03 + max(0.0, 1.5 - at) if at >= 1.0 else 0.03 for at in sent]
    assert round_trips.longest_gap(sent, [0.03] * 200) == pytest.approx(0.0, abs=1e-9)
    assert round_trips.longest_gap(sent, lost) == pytest.approx(0.5, abs=0.01)
    assert round_trips.longest_gap(sent, held) == pytest.approx(0.5, abs=0.03)
    assert round_trips.longest_gap(sent, [None] * 200) == pytest.approx(3.98)
    assert round_trips.longest_gap(sent, [*[0.03] * 150, *[None] * 50]) == pytest.approx(1.0, abs=0.03)


def test_jitter_is_the_mean_change() -> None:
    assert round_trips.jitter([0.03, 0.05, 0.03, 0.05]) == pytest.approx(0.02)
    # Uniform jitter each way changes by 7/15 of its range on average.
    chance = random.Random(5)
    trips = [0.03 + 0.02 * (chance.random() + chance.random()) for _ in range(20000)]
    assert round_trips.jitter(trips) == pytest.approx(0.02 * 7 / 15, rel=0.02)
    assert round_trips.jitter(trips) == pytest.approx(sum(abs(b - a) for a, b in pairwise(trips)) / 19999)


SENT = [index / 20 for index in range(20 * 120)]


def trips(*outages: tuple[float, float]) -> list[float | None]:
    """Return round trips of 20 ms, none while the line is out."""
    return [None if any(begin <= at < end for begin, end in outages) else 0.02 for at in SENT]


@pytest.mark.parametrize(
    ("outages", "count"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([(10, 10.25)], 0, id="too short to be heard"),
        pytest.param([(10, 10.4)], 1, id="one"),
        pytest.param([(10, 10.4), (70, 72)], 2, id="two"),
        pytest.param([(0, 2)], 1, id="at the beginning"),
        pytest.param([(118, 120)], 1, id="at the end"),
        pytest.param([(0, 120)], 1, id="throughout"),
    ],
)
def test_dropouts_are_counted(outages: list[tuple[float, float]], count: int) -> None:
    assert round_trips.count_dropouts(SENT, trips(*outages), 0.3) == count


def test_nothing_asked_is_no_dropout() -> None:
    assert round_trips.count_dropouts([], [], 0.3) == 0


def test_the_worst_minute_is_the_one_that_lost_most() -> None:
    assert round_trips.worst_minute_loss(SENT, trips((10, 13), (70, 76))) == pytest.approx(0.1, abs=0.002)
    assert round_trips.worst_minute_loss([], []) == 0


@pytest.mark.parametrize(
    ("sent", "late"),
    [
        pytest.param([step / 20 for step in range(1200)], 0.0, id="a clock that keeps time"),
        # Each is asked at the first tick after its turn.
        pytest.param([math.ceil(step / 20 * 64) / 64 for step in range(24000)], 1 / 64, id="that of Windows"),
        pytest.param(
            [step / 20 + 600 * (step > 300) for step in range(1200)], 600.0, id="a computer that slept"
        ),
        pytest.param(
            [(step if step % 20 < 5 else max(step, step // 20 * 20 + 11)) / 20 for step in range(1200)],
            0.3,
            id="held up at times",
        ),
        pytest.param([2.0 * step for step in range(9)], 2.0, id="hardly ever awake"),
    ],
)
def test_how_late_questions_are_is_told_by_their_turns(sent: list[float], late: float) -> None:
    found = round_trips.lateness(sent)
    assert max(found) == pytest.approx(late, abs=0.06 if late > 1 else 0.01)
    assert late > 1 or sorted(found)[len(found) // 2] <= late / 2 + 1e-6
    assert round_trips.lateness(sent[:1]) == []
