"""Is the connection fast enough to be seen and heard by the bank employee?"""

from collections.abc import Mapping

from preflight.captures import Upload
from preflight.measures.rate import rate
from preflight.model import Finding, Skip

READS = Upload


def analyse(capture: Upload, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Return the rate from this computer, in Mbit/s."""
    return rate(capture)
