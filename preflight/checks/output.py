"""Can this computer play the employee's voice?"""

from collections.abc import Mapping

from preflight.captures import OutputCapture
from preflight.model import Fact, Finding, exact, unknown

READS = OutputCapture


def analyse(capture: OutputCapture, parameters: Mapping[str, object]) -> Finding:  # noqa: ARG001 - a check's form
    """Tell presence, mute and volume as the system has them; what it does not tell is left out."""
    facts: dict[str, Fact] = {"present": exact(capture.present)}
    if not capture.present:
        return Finding(facts=facts)
    facts["muted"] = unknown() if capture.muted is None else exact(capture.muted)
    facts["volume"] = unknown("%") if capture.volume is None else exact(round(capture.volume, 1), "%")
    return Finding(facts=facts)
