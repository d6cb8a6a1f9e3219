"""A rate is called above or below its bound only once that is certain."""

import random

import pytest

from preflight.measures import estimate, throughput

BOUND = 8.0
ROUND_TRIP = 0.03


def uneven(mean: float, share: float, count: int, seed: int = 1) -> list[float]:
    """Return rates of that mean, each off by up to `share` of it."""
    chance = random.Random(seed)
    return [mean * (1 + share * chance.uniform(-1, 1)) for _ in range(count)]


def decided_after(rates: list[float]) -> tuple[int, estimate.Estimate] | None:
    """Return after how many bins a test that looks at each would have stopped, and with what."""
    for count in range(1, len(rates) + 1):
        if estimate := throughput.conclusive_interval(rates[:count], BOUND, ROUND_TRIP):
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
    assert throughput.conclusive_interval([20.0] * 12, BOUND, ROUND_TRIP)
    assert throughput.conclusive_interval([20.0] * 12 + [0.0] * 5, BOUND, ROUND_TRIP) is None


def test_slow_start_on_a_long_way_is_left_out() -> None:
    assert throughput.slow_start_bins(0.03) == 5
    assert throughput.slow_start_bins(0.2) == 12
    assert throughput.slow_start_bins(5.0) == 20
    rates = [1.0] * 18 + [20.0] * 6
    assert throughput.conclusive_interval(rates, BOUND, 0.3)
    assert throughput.conclusive_interval(rates, BOUND, 0.03) is None


@pytest.mark.parametrize(
    ("mean", "side"), [(7.5, "below"), (7.7, "doubt"), (8.0, "doubt"), (8.3, "doubt"), (8.5, "above")]
)
def test_out_of_time_the_mean_decides_but_for_five_percent(mean: float, side: str) -> None:
    estimate = throughput.estimate_at_timeout([3.0] * 5 + [mean] * 90, ROUND_TRIP)
    assert estimate is not None
    sides = {"below": estimate.high < BOUND, "above": estimate.low >= BOUND}
    assert sides.get(side, True)
    assert side in sides or not any(sides.values())


def test_an_interval_is_never_narrower_than_a_smooth_line_allows() -> None:
    smooth, rough = (
        estimate.confidence_interval([10.0] * 20, 5),
        estimate.confidence_interval(uneven(10.0, 0.9, 20), 5),
    )
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
    together, apart = estimate.confidence_interval(walk, 1), estimate.confidence_interval(mixed, 1)
    assert together is not None
    assert apart is not None
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


@pytest.mark.parametrize(("freedom", "exact"), [(3, 5.989), (5, 4.104), (10, 3.211), (30, 2.779)])
def test_students_quantile_is_near_the_tables(freedom: int, exact: float) -> None:
    # Two-sided 0.932 %, the level of 2.6 normal standard deviations; from scipy.stats.t.ppf.
    assert estimate.student_quantile(2.6, freedom) == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize(("late_ms", "starved"), [(11, False), (28, True)], ids=["two hogs", "four hogs"])
def test_a_busy_computer_is_told_from_a_working_one(late_ms: float, starved: bool) -> None:  # noqa: FBT001
    late = [0.0002] * 90 + [late_ms / 1000] * 10
    assert throughput.is_clock_late(late) is starved
    assert not throughput.is_clock_late([])


def test_percentile_lies_between_the_neighbours() -> None:
    assert estimate.percentile([4.0, 1.0, 3.0, 2.0], 50) == pytest.approx(2.5)
    assert estimate.percentile([7.0], 95) == 7.0
