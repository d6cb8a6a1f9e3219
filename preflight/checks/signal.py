"""Does the microphone work?"""

from collections.abc import Mapping

from preflight.captures import MicrophoneCapture
from preflight.errors import MeasurementError
from preflight.measures import interruption, snr, sound
from preflight.model import Fact, Finding, Kind, exact

READS = MicrophoneCapture


def analyse(capture: MicrophoneCapture, parameters: Mapping[str, object]) -> Finding:  # noqa: ARG001 - a check's form
    """Tell presence, mute, level, clipping, bandwidth, lost samples and holes.

    What only a voice can show, its level and its bandwidth, is left out where none was heard.
    """
    if not capture.present:
        cause = "monitor" if capture.monitor else "none"
        return Finding(facts={"present": exact(value=False), "cause": exact(cause)})
    if capture.samples is None:
        raise MeasurementError(Kind.NO_DATA, "a microphone without sound")
    facts: dict[str, Fact] = {"present": exact(value=True), "rate": exact(capture.rate, "Hz")}
    muted = sound.is_muted(capture.samples, capture.rate)
    facts["muted"] = exact(muted)
    if capture.due:
        lost = max(0.0, 1 - capture.came / capture.due)
        facts["lost"] = exact(round(100 * lost, 2), "%")
    if muted:
        return Finding(facts=facts)
    facts["interrupted"] = exact(interruption.interruption_s(capture), "s")
    voice = snr.measure_voice(capture)
    facts["clipping"] = exact(round(100 * sound.clipped_share(capture.samples), 3), "%")
    if voice.voiced:
        facts["speech_level"] = exact(round(voice.level, 1), "dBFS")
        facts["treble"] = exact(round(voice.treble, 1), "dB")
    return Finding(facts=facts)
