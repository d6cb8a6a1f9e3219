"""Will picture and sound stay smooth for the whole session?"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from preflight.captures import Endurance, Rehearsal
from preflight.errors import MeasurementError
from preflight.measures import estimate, round_trips, throughput
from preflight.model import POINTS_LIMIT, Fact, Finding, Kind, Series, Skip, exact, unknown

READS = Rehearsal
DROPOUT_S = 0.3
"""Call programs can smooth out about this much."""


def analyse(capture: Rehearsal, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Return round trip, jitter and longest gap in ms, and losses in %, under the session's load."""
    used = f"{capture.used / 1e6:.2f} MB used"
    starved = throughput.is_clock_late(capture.late)
    deciding = _deciding_lateness(capture)
    if throughput.is_clock_late(deciding):
        late = estimate.percentile(deciding, 95)
        raise MeasurementError(Kind.STARVED, f"the clock woke {late * 1000:.0f} ms late; {used}")
    if not any(capture.down) or not any(capture.up):
        kinds = ", ".join(sorted(set(Kind) & set(capture.errors))) or "no byte carried"
        raise MeasurementError(Kind.INTERRUPTED, f"the load could not be made: {kinds}; {used}")
    if not capture.probes:
        raise MeasurementError(Kind.INTERRUPTED, f"not one question could be asked; {used}")
    trips = [probe.round_trip for probe in capture.probes]
    answered = [trip for trip in trips if trip is not None]
    gap = round_trips.longest_gap([probe.sent for probe in capture.probes], trips)
    facts = {
        "round_trip": _milliseconds(estimate.percentile(answered, 95)) if answered else unknown("ms"),
        "jitter": _milliseconds(round_trips.jitter(answered)) if len(answered) > 1 else unknown("ms"),
        "loss": _loss_fact(capture.method, trips),
        "gap": _milliseconds(gap),
        "method": exact(capture.method),
        "down": unknown("Mbit/s") if starved else exact(round(fmean(capture.down), 2), "Mbit/s"),
        "up": unknown("Mbit/s") if starved else exact(round(fmean(capture.up), 2), "Mbit/s"),
        "used": exact(round(capture.used / 1e6, 2), "MB"),
    }
    if isinstance(capture, Endurance):
        facts |= _session_facts(capture)
    if facts["loss"].value is None:
        facts["cause"] = exact("untold")
    return Finding(facts=facts, series={"round_trip": _round_trip_series(capture)} if answered else {})


def _deciding_lateness(capture: Rehearsal) -> Sequence[float]:
    """Return by how many seconds the clock was late of which the answer depends.

    Over a whole session the load takes one second of sixty, and what it does to the clock leaves the
    questions of the others as they are.
    """
    if not isinstance(capture, Endurance):
        return capture.late
    # Over HTTPS a question waits for the answer before it.
    return round_trips.lateness([probe.sent for probe in capture.probes]) if capture.method == "stun" else ()


def _session_facts(capture: Endurance) -> dict[str, Fact]:
    """Return what only a whole session shows: dropouts, its worst minute, sleep and the processor's load."""
    sent = [probe.sent for probe in capture.probes]
    trips = [probe.round_trip for probe in capture.probes]
    facts = {
        "minutes": exact(round(capture.seconds / 60, 1), "min"),
        "dropouts": exact(round_trips.count_dropouts(sent, trips, DROPOUT_S)),
        "worst_minute": exact(round(100 * round_trips.worst_minute_loss(sent, trips), 2), "%"),
        "busy": exact(round(100 * capture.busy), "%"),
        "asleep": exact(capture.asleep_s, "s"),
    }
    if capture.asleep_s:
        # What was lost while it slept is no fault of the line.
        facts |= {"gap": _milliseconds(capture.asleep_s), "cause": exact("asleep")}
    return facts


def _milliseconds(seconds: float) -> Fact:
    """Return seconds as a fact in ms."""
    return exact(round(seconds * 1000, 2), "ms")


def _loss_fact(method: str, trips: list[float | None]) -> Fact:
    """Return the share of questions without an answer, in %; unknown where the method cannot tell."""
    # TCP repeats what gets lost, so its exchanges cannot tell.
    return exact(round(100 * trips.count(None) / len(trips), 2), "%") if method == "stun" else unknown("%")


def _round_trip_series(capture: Rehearsal) -> Series:
    """Return the round trips over time, of several to a point the shortest; a lost one stands as 0."""
    probes = capture.probes
    every = -(-len(probes) // POINTS_LIMIT)
    step = (probes[-1].sent - probes[0].sent) / max(1, len(probes) - 1) * every
    groups = [probes[start : start + every] for start in range(0, len(probes), every)]
    values = tuple(round(1000 * min(probe.round_trip or 0.0 for probe in group), 2) for group in groups)
    return Series(unit="ms", step=round(step, 4), values=values)
