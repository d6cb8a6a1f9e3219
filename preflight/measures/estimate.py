"""A mean and how far it can be trusted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, stdev

NORMAL_QUANTILE = 2.6
"""Half-width of every interval in standard errors: 99% for one look, as there are a dozen looks."""
LEAST_DEVIATION = 0.04
"""The standard deviation is taken as at least this share of the mean: a line that looks smooth for
half a second still has to show a few blocks of it."""
FEWEST_BLOCKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean and the interval it may lie in."""

    mean: float
    low: float
    high: float


def student_quantile(normal: float, freedom: int) -> float:
    """Return Student's t quantile for the normal quantile: Abramowitz & Stegun 26.7.5, three terms."""
    first = (normal**3 + normal) / 4
    second = (5 * normal**5 + 16 * normal**3 + 3 * normal) / 96
    third = (3 * normal**7 + 19 * normal**5 + 17 * normal**3 - 15 * normal) / 384
    return normal + first / freedom + second / freedom**2 + third / freedom**3


def confidence_interval(rates: Sequence[float], block: int) -> Estimate | None:
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
    spread = max(stdev(means, mean) * math.sqrt((1 + alike) / (1 - alike)), LEAST_DEVIATION * mean)
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


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` % of the values lie, by linear interpolation."""
    ordered = sorted(values)
    place = share / 100 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
