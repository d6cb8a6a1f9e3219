"""Is the connection fast enough to see and hear the bank employee?"""

from collections.abc import Mapping

from preflight.captures import Download
from preflight.measures.rate import rate
from preflight.model import Finding, Skip

READS = Download


def analyse(capture: Download, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Return the rate towards this computer, in Mbit/s."""
    return rate(capture)
