"""Can you hear the bank employee?"""

from collections.abc import Mapping

from preflight.captures import HearingCapture
from preflight.measures import hearing
from preflight.model import Fact, Finding, Skip, SkipReason, exact

READS = HearingCapture


def analyse(capture: HearingCapture, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Tell whether the tones were counted rightly, and what came back through the microphone."""
    if not capture.present:
        return Finding(facts={"heard": exact(value=False), "cause": exact("absent")})
    if capture.declined:
        return Skip(skipped_for=SkipReason.DECLINED)
    if not capture.rounds:
        return Skip(skipped_for=SkipReason.NOT_ASKED)
    heard = hearing.were_tones_heard(capture.rounds) is True
    facts: dict[str, Fact] = {"heard": exact(heard), "rounds": exact(len(capture.rounds))}
    if capture.gain_db is not None and capture.delay_s is not None:
        facts["coupling"] = exact(round(capture.gain_db, 1), "dB")
        facts["delay"] = exact(round(1000 * capture.delay_s), "ms")
    if not heard:
        facts["cause"] = exact("silent" if not capture.rounds[-1].counted else "miscounted")
    elif capture.listened:
        facts["cause"] = exact("headset" if capture.gain_db is None else "loudspeaker")
    return Finding(facts=facts)
