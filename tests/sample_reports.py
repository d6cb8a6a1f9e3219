"""Reports of every verdict: facts as the checks deliver them, judged by the bank's own policy."""

from collections.abc import Mapping
from dataclasses import replace

from preflight import judge, policy
from preflight.model import (
    Fact,
    Finding,
    Kind,
    Outcome,
    Report,
    Series,
    Skip,
    SkipReason,
    Trouble,
    between,
    exact,
    unknown,
)

POLICY = policy.load()
YES, NO = exact(True), exact(False)  # noqa: FBT003 - facts

GOOD: Mapping[str, Outcome] = {
    "camera.video": Finding(
        facts={
            "present": YES,
            "width": exact(1920, "px"),
            "height": exact(1080, "px"),
            "black": exact(0.0, "%"),
            "frozen": exact(0.1, "s"),
            "corrupted": exact(0.0, "%"),
            "fps": between(29.97, 29.5, 30.2, "fps"),
            "detail": exact(1080, "px"),
            "softness": exact(1.2, "px"),
            "virtual": NO,
        }
    ),
    "camera.still": Finding(facts={"megapixels": exact(12.2, "MP")}),
    "camera.colour": Finding(facts={"chroma": exact(18.4, "%")}),
    "camera.face": Finding(
        facts={"found": YES, "eyes": exact(96.0, "px"), "inside": exact(100.0, "%"), "others": NO}
    ),
    "camera.lighting": Finding(
        facts={
            "visible": YES,
            "dark_half": exact(52.0),
            "noise": exact(3.1),
            "overexposed": exact(0.4, "%"),
            "side": exact(1.3),
        }
    ),
    "camera.focus": Finding(facts={"visible": YES, "blur": between(1.6, 1.4, 1.8, "%")}),
    "camera.document": Skip(skipped_for=SkipReason.NOT_ASKED),
    "microphone.signal": Finding(
        facts={
            "present": YES,
            "muted": NO,
            "interrupted": exact(0.0, "s"),
            "clipping": exact(0.0, "%"),
            "speech_level": exact(-23.5, "dBFS"),
            "treble": exact(-18.0, "dB"),
            "lost": exact(0.0, "%"),
        }
    ),
    "microphone.noise": Finding(
        facts={
            "voice": YES,
            "ratio": exact(31.2, "dB"),
            "doubt": exact(1.4, "dB"),
            "floor": exact(-61.0, "dBFS"),
        },
        series={
            "level": Series(
                unit="dBFS",
                step=0.1,
                values=tuple(-61.0 + (30.0 if index > 30 and index % 7 else 0.0) for index in range(90)),
            )
        },
    ),
    "network.download": Finding(
        facts={"rate": between(24.0, 24.0, None, "Mbit/s")},
        series={"rate": Series(unit="Mbit/s", step=0.1, values=tuple(20 + index % 9 for index in range(80)))},
    ),
    "network.upload": Finding(facts={"rate": between(15.4, 13.9, 16.8, "Mbit/s")}),
    "network.stability": Finding(
        facts={
            "round_trip": exact(21.4, "ms"),
            "jitter": exact(3.2, "ms"),
            "loss": exact(0.0, "%"),
            "gap": exact(40.0, "ms"),
        },
        series={
            "round_trip": Series(unit="ms", step=0.2, values=tuple(20.0 + index % 5 for index in range(50)))
        },
    ),
    "network.reach": Finding(facts={"cabinet": YES, "zoom": YES, "udp": YES}),
    "power.battery": Finding(facts={"plugged": NO, "minutes": between(97.0, 97.0, None, "min")}),
    "software.zoom": Finding(
        facts={
            "installed": YES,
            "recent": YES,
            "handler": YES,
            "held_back": NO,
            "version": exact((6, 2, 11)),
            "minimum": exact((6, 0, 2)),
        }
    ),
    "software.browser": Finding(facts={"installed": YES, "default": YES, "name": exact("Firefox ESR")}),
    "software.system": Finding(
        facts={
            "supported": YES,
            "load": exact(12.0, "%"),
            "sleep": between(30.0, 30.0, None, "min"),
            "processors": exact(4),
            "memory": exact(15.5, "GiB"),
            "hindered": NO,
            "system": exact("Debian 12"),
        }
    ),
}


def with_no_break_spaces(text: str) -> str:
    """A text with a no-break space for each tilde."""
    return text.replace("~", "\N{NO-BREAK SPACE}")


def with_facts(check: str, **facts: Fact) -> Mapping[str, Outcome]:
    """One check of the good report with other facts."""
    good = GOOD[check]
    assert isinstance(good, Finding)
    return {check: replace(good, facts={**good.facts, **facts})}


BUSY = Trouble(kind=Kind.BUSY, detail="VIDIOC_STREAMON: Device or resource busy")
BROKEN = Trouble(kind=Kind.BAD_INPUT, detail="voice.wav: 44 bytes, no samples")

CHANGES: Mapping[str, Mapping[str, Outcome]] = {
    "ready": {},
    "ready-with-warnings": {
        **with_facts("camera.still", megapixels=exact(2.1, "MP")),
        **with_facts("camera.lighting", dark_half=exact(28.0)),
        **with_facts("network.download", rate=between(8.4, 7.6, 9.1, "Mbit/s")),
        **with_facts("software.zoom", recent=unknown(), version=unknown(), cause=exact("untold")),
    },
    "not-ready": {
        **with_facts("camera.lighting", dark_half=exact(12.0), light_factor=exact(2.8), cause=exact("dark")),
        "camera.focus": Skip(skipped_for="camera.lighting"),
        **with_facts("microphone.noise", ratio=exact(6.2, "dB")),
        "network.download": Trouble(kind=Kind.STARVED, detail="load 9.3 on 2 processors"),
        **with_facts("network.upload", rate=between(7.9996, 7.9, 7.9998, "Mbit/s")),
        **with_facts("software.zoom", recent=NO, version=exact((5, 17, 5))),
    },
    "incomplete": {
        **{check: BUSY for check in GOOD if check.startswith("camera.")},
        "camera.document": Skip(skipped_for=SkipReason.NOT_ASKED),
        "microphone.signal": BROKEN,
        "microphone.noise": BROKEN,
        "power.battery": Skip(skipped_for=SkipReason.NOT_APPLICABLE),
    },
    "nothing": {check: Skip(skipped_for=SkipReason.NOT_ASKED) for check in GOOD},
}


def build(changes: Mapping[str, Outcome], left_out: tuple[str, ...] = ()) -> Report:
    """A report of the good run with some outcomes changed and some checks left out."""
    outcomes = {check: outcome for check, outcome in {**GOOD, **changes}.items() if check not in left_out}
    checks = tuple(
        judge.judge(check, outcome, POLICY.demands_on(check), duration_s=0.21)
        for check, outcome in outcomes.items()
    )
    return Report(
        tool_version="0.1.0",
        policy_name="bluor",
        policy_version="2026.11",
        started="2026-11-22T14:56:03+02:00",
        duration_s=31.4,
        lang="en",
        verdict=judge.readiness(checks, {check: entry.level for check, entry in POLICY.catalogue.items()}),
        left_out=left_out,
        checks=checks,
        system={"os": "Linux", "release": "6.1.0-31-amd64", "machine": "x86_64", "cores": 2, "battery": None},
        devices={"camera": "Integrated Webcam", "microphone": "Anna's headset"},
    )


REPORTS: Mapping[str, Report] = {
    **{name: build(changes) for name, changes in CHANGES.items()},
    "left-out": build({}, left_out=("network.download", "network.upload", "network.stability")),
}
