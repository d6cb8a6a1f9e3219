import random
from itertools import pairwise

import pytest

from preflight.measures import series

BOUND = 8.0
ROUND_TRIP = 0.03


def uneven(mean: float, share: float, count: int, seed: int = 1) -> list[float]:
    """Return rates of that mean, each off by up to `share` of it."""
    chance = random.Random(seed)
    return [mean * (1 + share * chance.uniform(-1, 1)) for _ in range(count)]


def decided_after(rates: list[float]) -> tuple[int, series.Estimate] | None:
    """Return after how many bins a test that looks at each would have stopped, and with what."""
    for count in range(1, len(rates) + 1):
        if estimate := series.surely(rates[:count], BOUND, ROUND_TRIP):
            return count, estimate
    return None


@pytest.mark.parametrize("mean", [12.5, 20.0, 24.7], ids=lambda mean: f"{mean} Mbit/s")
def test_far_above_the_bound_a_second_is_enough(mean: float) -> None:
    for seed in range(20):
        decided = decided_after(uneven(mean, 0.05, 100, seed))
        assert decided is not None
        assert decided[0] <= 25
        assert decided[1].low > BOUND


@pytest.mark.parametrize("mean", [0.1, 2.0, 4.0], ids=lambda mean: f"{mean} Mbit/s")
def test_far_below_the_bound_two_seconds_are_needed_and_enough(mean: float) -> None:
    for seed in range(20):
        decided = decided_after(uneven(mean, 0.2, 100, seed))
        assert decided is not None
        assert 20 <= decided[0] <= 25
        assert decided[1].high < BOUND


@pytest.mark.parametrize(("mean", "above"), [(7.5, False), (8.5, True), (7.0, False), (9.0, True)])
def test_near_the_bound_the_right_side_is_found(mean: float, above: bool) -> None:  # noqa: FBT001
    for seed in range(40):
        decided = decided_after(uneven(mean, 0.15, 100, seed))
        if decided is not None:
            assert (decided[1].low > BOUND) is above
            assert (decided[1].high < BOUND) is not above


def test_at_the_bound_nothing_is_sure() -> None:
    assert sum(decided_after(uneven(8.0, 0.1, 100, seed)) is not None for seed in range(30)) <= 1


def test_a_climbing_line_is_not_called_slow() -> None:
    climbing = [0.25 * step for step in range(30)]
    assert decided_after(climbing) is None


def test_a_line_that_fell_silent_is_not_decided() -> None:
    assert series.surely([20.0] * 12, BOUND, ROUND_TRIP)
    assert series.surely([20.0] * 12 + [0.0] * 5, BOUND, ROUND_TRIP) is None


def test_slow_start_on_a_long_way_is_left_out() -> None:
    assert series.start_bins(0.03) == 5
    assert series.start_bins(0.2) == 12
    assert series.start_bins(5.0) == 20
    rates = [1.0] * 18 + [20.0] * 6
    assert series.surely(rates, BOUND, 0.3)
    assert series.surely(rates, BOUND, 0.03) is None


@pytest.mark.parametrize(
    ("mean", "side"), [(7.5, "below"), (7.7, "doubt"), (8.0, "doubt"), (8.3, "doubt"), (8.5, "above")]
)
def test_out_of_time_the_mean_decides_but_for_five_percent(mean: float, side: str) -> None:
    estimate = series.at_the_end([3.0] * 5 + [mean] * 90, ROUND_TRIP)
    assert estimate is not None
    sides = {"below": estimate.high < BOUND, "above": estimate.low >= BOUND}
    assert sides.get(side, True)
    assert side in sides or not any(sides.values())


def test_an_interval_is_never_narrower_than_a_smooth_line_allows() -> None:
    smooth, rough = series.interval([10.0] * 20, 5), series.interval(uneven(10.0, 0.9, 20), 5)
    assert smooth is not None
    assert rough is not None
    assert 10.0 - smooth.low > 0.04 * 10.0
    assert rough.high - rough.low > smooth.high - smooth.low


def test_neighbours_that_resemble_each_other_widen_the_interval() -> None:
    chance = random.Random(3)
    walk = [10.0]
    for _ in range(199):
        walk.append(10.0 + 0.9 * (walk[-1] - 10.0) + chance.gauss(0, 1))
    mixed = walk[:]
    chance.shuffle(mixed)
    together, apart = series.interval(walk, 1), series.interval(mixed, 1)
    assert together is not None
    assert apart is not None
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


@pytest.mark.parametrize(("freedom", "exact"), [(3, 5.989), (5, 4.104), (10, 3.211), (30, 2.779)])
def test_students_quantile_is_near_the_tables(freedom: int, exact: float) -> None:
    # Two-sided 0.932 %, the level of 2.6 normal standard deviations; from scipy.stats.t.ppf.
    assert series.student_quantile(2.6, freedom) == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize(("late_ms", "starved"), [(11, False), (28, True)], ids=["two hogs", "four hogs"])
def test_a_busy_computer_is_told_from_a_working_one(late_ms: float, starved: bool) -> None:  # noqa: FBT001
    late = [0.0002] * 90 + [late_ms / 1000] * 10
    assert series.starved(late) is starved
    assert not series.starved([])


def test_an_interruption_reads_as_long_as_it_was() -> None:
    sent = [step / 50 for step in range(200)]
    lost = [None if 1.0 <= at < 1.5 else 0.03 for at in sent]
    held = [0.03 + max(0.0, 1.5 - at) if at >= 1.0 else 0.03 for at in sent]
    assert series.longest_gap(sent, [0.03] * 200) == pytest.approx(0.0, abs=1e-9)
    assert series.longest_gap(sent, lost) == pytest.approx(0.5, abs=0.01)
    assert series.longest_gap(sent, held) == pytest.approx(0.5, abs=0.03)
    assert series.longest_gap(sent, [None] * 200) == pytest.approx(3.98)
    assert series.longest_gap(sent, [*[0.03] * 150, *[None] * 50]) == pytest.approx(1.0, abs=0.03)


def test_jitter_is_the_mean_change() -> None:
    assert series.jitter([0.03, 0.05, 0.03, 0.05]) == pytest.approx(0.02)
    # Uniform jitter each way changes by 7/15 of its range on average.
    chance = random.Random(5)
    trips = [0.03 + 0.02 * (chance.random() + chance.random()) for _ in range(20000)]
    assert series.jitter(trips) == pytest.approx(0.02 * 7 / 15, rel=0.02)
    assert series.jitter(trips) == pytest.approx(sum(abs(b - a) for a, b in pairwise(trips)) / 19999)


def test_percentile_lies_between_the_neighbours() -> None:
    assert series.percentile([4.0, 1.0, 3.0, 2.0], 50) == pytest.approx(2.5)
    assert series.percentile([7.0], 95) == 7.0


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
    assert series.dropouts(SENT, trips(*outages), 0.3) == count


def test_nothing_asked_is_no_dropout() -> None:
    assert series.dropouts([], [], 0.3) == 0


def test_the_worst_minute_is_the_one_that_lost_most() -> None:
    assert series.worst_minute(SENT, trips((10, 13), (70, 76))) == pytest.approx(0.1, abs=0.002)
    assert series.worst_minute([], []) == 0
