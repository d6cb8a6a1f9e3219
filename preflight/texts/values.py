"""Sources, units, verdicts and other values in words."""

from collections.abc import Mapping

from preflight.model import Level, Operator, Readiness, SkipReason, Verdict, WarnReason
from preflight.texts.message import _

SYSTEM: Mapping[str, str] = {
    # What a report says of the computer it was made on.
    "os": _("operating system"),
    "release": _("system release"),
    "machine": _("architecture"),
    "python": "Python",
}

SOURCES: Mapping[str, str] = {
    "camera": _("Camera"),
    "microphone": _("Microphone"),
    "speaker": _("Sound output"),
    "network": _("Internet connection"),
    "power": _("Power"),
    "software": _("Programs and computer"),
}

UNITS: Mapping[str, str] = {
    "": "{number}",
    "%": _("{number}%"),
    "Hz": _("{number} Hz"),
    "Mbit/s": _("{number} Mbit/s"),
    "MP": _("{number} MP"),
    "MB": _("{number} MB"),
    "GiB": _("{number} GB"),
    "W": _("{number} W"),
    "Wh": _("{number} Wh"),
    "dB": _("{number} dB"),
    "dBFS": _("{number} dBFS"),
    "dpi": _("{number} dpi"),
    "fps": _("{number} fps"),
    "min": _("{number} min"),
    "s": _("{number} s"),
    "ms": _("{number} ms"),
    "px": _("{number} px"),
}

VERDICTS: Mapping[Verdict, str] = {
    Verdict.PASS: _("Pass"),
    Verdict.WARN: _("Warning"),
    Verdict.FAIL: _("Fail"),
    Verdict.ERROR: _("Not measured"),
    Verdict.SKIP: _("Skipped"),
}

SYMBOLS: Mapping[Verdict, str] = {
    # What the eye finds a verdict by, beside its word or its place in a list.
    Verdict.PASS: "✓",
    Verdict.WARN: "!",
    Verdict.FAIL: "✗",
    Verdict.ERROR: "?",
    Verdict.SKIP: "–",
}

READINESS: Mapping[Readiness, str] = {
    Readiness.READY: _("Ready"),
    Readiness.NOT_READY: _("Not ready yet"),
    Readiness.INCOMPLETE: _("Not fully checked"),
}

WARN_REASONS: Mapping[WarnReason, str] = {
    WarnReason.CLOSE: _("enough, but with little to spare"),
    WarnReason.UNSURE: _("not certain"),
    WarnReason.ADVISED: _("advised, not required"),
}

LEVELS: Mapping[Level, str] = {
    Level.MUST: _("required"),
    Level.SHOULD: _("advised"),
}

OPERATORS: Mapping[Operator, str] = {
    Operator.AT_LEAST: _("at least {bound}"),
    Operator.AT_MOST: _("at most {bound}"),
    Operator.EQUALS: "{bound}",
}

SKIP_REASONS: Mapping[SkipReason, str] = {
    SkipReason.NOT_ASKED: _("not requested this time"),
    SkipReason.DECLINED: _("you chose to skip it"),
    SkipReason.NOT_APPLICABLE: _("does not apply to this computer"),
    SkipReason.NOT_SHOWN: _("not shown in the recording"),
}
