"""What a transfer says of the line: shared by both directions."""

from preflight.captures import Transfer
from preflight.errors import MeasurementError
from preflight.measures import throughput
from preflight.measures.estimate import Estimate, percentile
from preflight.model import POINTS_LIMIT, Fact, Finding, Kind, Series, between, exact

BROKEN = ("stalled", "lost")


def rate(transfer: Transfer) -> Finding:
    """Return the facts of one direction, in Mbit/s.

    Raises `MeasurementError`: INTERRUPTED for a transfer that broke, STARVED for a computer that was
    too busy to count.
    """
    used = f"{transfer.used / 1e6:.2f} MB used"
    if transfer.end in BROKEN:
        broken = f"{len(transfer.errors):d} of {transfer.streams:d} streams broke"
        raise MeasurementError(
            Kind.INTERRUPTED, f"{transfer.end} after {transfer.seconds:.1f} s, {broken}; {used}"
        )
    window = transfer.late[throughput.slow_start_bins(transfer.round_trip) :]
    if throughput.is_clock_late(window):
        late = percentile(window, 95)
        raise MeasurementError(Kind.STARVED, f"the clock woke {late * 1000:.0f} ms late; {used}")
    sure = throughput.conclusive_interval(transfer.rates, transfer.bound, transfer.round_trip)
    estimate = sure or throughput.estimate_at_timeout(transfer.rates, transfer.round_trip)
    if estimate is None:
        raise MeasurementError(Kind.INTERRUPTED, f"over after {transfer.seconds:.1f} s; {used}")
    facts = {
        "rate": _rate_fact(estimate, transfer.bound),
        "uneven": exact(sure is None),
        "seconds": exact(transfer.seconds, "s"),
        "used": exact(round(transfer.used / 1e6, 2), "MB"),
        "provider": exact(transfer.provider),
    }
    if transfer.complete is not None:
        facts["complete"] = exact(transfer.complete, "Mbit/s")
    return Finding(
        facts=facts,
        series={"rate": Series(unit="Mbit/s", step=throughput.BIN_S, values=transfer.rates[:POINTS_LIMIT])},
    )


def _rate_fact(estimate: Estimate, bound: float) -> Fact:
    """Return the rate with its interval, in Mbit/s; "at least" where no more was asked of the line."""
    most = throughput.HIGHEST_RATIO * bound
    if estimate.mean >= most:
        # No more was asked of the line: it may carry any amount above.
        return between(most, most, None, "Mbit/s")
    return between(round(estimate.mean, 3), round(estimate.low, 3), round(estimate.high, 3), "Mbit/s")
