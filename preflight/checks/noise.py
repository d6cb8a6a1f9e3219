"""Is your voice clear, without background noise?"""

from collections.abc import Mapping

from preflight.captures import MicrophoneCapture
from preflight.errors import MeasurementError
from preflight.measures import interruption, snr, sound
from preflight.model import Fact, Finding, Kind, Series, Skip, between, exact, unknown

READS = MicrophoneCapture

LEAST_HEARD_DB = 6.0
"""Without a pitch and below this nobody spoke, or not to be heard: silent people come to 2.7 dB (p95)."""
LONGEST_INTERRUPTION_S = 1.0
"""A microphone that is dead for so long leaves too little of the talk or of the silence to compare."""
CERTAIN_HIDDEN_DB = 5.5
"""What is hidden behind a voice is surely loud below this: voices at 20 dB and more come to 8 dB at least."""
COMFORTABLE_DB = 20.0
"""From here on listeners do not mind a background, whatever it is (P.835: 3 = noticeable, not intrusive)."""


def analyse(capture: MicrophoneCapture, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Tell how far the voice stands out of the background, and what the background is.

    Raises `MeasurementError`: NO_SIGNAL where no background or voice can be heard in the recording,
    NOT_HEARD where nobody was asked to speak and nobody did.
    """
    if capture.samples is None or sound.is_muted(capture.samples, capture.rate):
        return Skip(skipped_for="microphone.signal")
    if interruption.interruption_s(capture) >= LONGEST_INTERRUPTION_S:
        return Skip(skipped_for="microphone.signal")
    voice = snr.measure_voice(capture)
    if voice.silenced and not voice.voiced:
        raise MeasurementError(
            Kind.NO_SIGNAL, "the same value throughout where the background would be heard"
        )
    if capture.origin == "unguided" and not voice.voiced:
        raise MeasurementError(Kind.NOT_HEARD, f"background {voice.floor:.1f} dBFS")
    facts: dict[str, Fact] = {"floor": exact(round(voice.floor, 1), "dBFS")}
    if voice.voiced:
        facts["voice"] = exact(value=True)
    elif voice.ratio >= LEAST_HEARD_DB or voice.highest_ratio is None:
        # A whisper, a hoarse voice, or a door: something stood out, what it was is not known.
        facts["voice"] = unknown()
    else:
        facts |= {"voice": exact(value=False), "cause": exact("voice-not-heard")}
        return Finding(facts=facts, series=_level_series(voice))
    return Finding(facts=facts | _ratio_facts(voice), series=_level_series(voice))


def _ratio_facts(voice: snr.VoiceMeasurement) -> dict[str, Fact]:
    """Return voice to noise in dB with its doubt, as far as the recording can tell."""
    if voice.silenced or voice.hidden_ratio is not None:
        # A program that cleans the sound must not send a client in a quiet room away: only what is certain.
        if voice.hidden_ratio is None:
            return {"ratio": unknown("dB"), "cause": exact("silenced")}
        sure = voice.hidden_ratio < CERTAIN_HIDDEN_DB
        ratio = exact(round(voice.hidden_ratio, 2), "dB") if sure else unknown("dB")
        return {"ratio": ratio, "cause": exact("hidden")}
    if voice.highest_ratio is None:
        return {"ratio": unknown("dB"), "cause": exact("one-phase")}
    # Not to a tenth: what is just below a bound would lie on it.
    value, high = round(voice.ratio, 2), round(voice.highest_ratio, 2)
    facts: dict[str, Fact] = {}
    if voice.doubt is not None:
        # Not an interval, with which few noises would fail: the value decides, and the doubt informs.
        facts |= {"ratio": exact(value, "dB"), "doubt": exact(round(voice.doubt, 1), "dB")}
    else:
        facts["ratio"] = between(value, None, high, "dB")
    if voice.ratio < COMFORTABLE_DB:
        facts["cause"] = exact(voice.noise.value)
    return facts


def _level_series(voice: snr.VoiceMeasurement) -> dict[str, Series]:
    """Return the level over time, in dBFS."""
    return {"level": Series(unit="dBFS", step=voice.step, values=voice.levels)}
