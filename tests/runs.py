"""Reports of every verdict, made by hand from the nouns and judged as a run would."""

from collections.abc import Mapping
from dataclasses import replace

from preflight import judge
from preflight.model import (
    Demand,
    Fact,
    Finding,
    Kind,
    Level,
    Operator,
    Outcome,
    Report,
    Series,
    Skip,
    Trouble,
    Unmet,
    between,
    exact,
    unknown,
)


def demand(check: str, fact: str, operator: Operator, bound: object, **more: object) -> Demand:
    return Demand(
        check=check,
        fact=fact,
        operator=operator,
        bound=bound,  # type: ignore[arg-type] # any value of a fact
        because="The bank's employee must see and hear you well.",
        origin="the bank's list",
        **more,  # type: ignore[arg-type] # comfortable, level
    )


AT_LEAST, AT_MOST, EQUALS = Operator.AT_LEAST, Operator.AT_MOST, Operator.EQUALS

DEMANDS = (
    demand("camera.video", "present", EQUALS, bound=True),
    demand("camera.video", "height", AT_LEAST, 1080),
    demand("camera.video", "width", AT_LEAST, 1920),
    demand("camera.video", "fps", AT_LEAST, 15, level=Level.SHOULD),
    demand("camera.still", "megapixels", AT_LEAST, 10, level=Level.SHOULD),
    demand("camera.colour", "chroma", AT_LEAST, 4),
    demand("camera.face", "faces", EQUALS, 1),
    demand("camera.lighting", "luminance", AT_LEAST, 30.0, comfortable=40.0),
    demand("camera.focus", "sharpness", AT_LEAST, 0.5),
    demand("microphone.signal", "present", EQUALS, bound=True),
    demand("microphone.signal", "level", AT_LEAST, -40.0),
    demand("microphone.noise", "ratio", AT_LEAST, 10.0, comfortable=20.0),
    demand("network.download", "rate", AT_LEAST, 8.0, comfortable=12.0),
    demand("network.upload", "rate", AT_LEAST, 8.0, comfortable=12.0),
    demand("network.stability", "loss", AT_MOST, 1.0, level=Level.SHOULD),
    demand("power.battery", "minutes", AT_LEAST, 20.0),
    demand("software.zoom", "version", AT_LEAST, (6, 0, 2)),
    demand("software.browser", "installed", EQUALS, bound=True),
)

GOOD: Mapping[str, Outcome] = {
    "camera.video": Finding(
        facts={
            "present": exact(True),  # noqa: FBT003 - a fact
            "width": exact(1920, "px"),
            "height": exact(1080, "px"),
            "fps": between(29.97, 29.5, 30.2, "fps"),
        }
    ),
    "camera.still": Finding(facts={"megapixels": exact(12.2, "MP")}),
    "camera.colour": Finding(facts={"chroma": exact(18.4)}),
    "camera.face": Finding(facts={"faces": exact(1)}),
    "camera.lighting": Finding(facts={"luminance": exact(52.0, "%")}),
    "camera.focus": Finding(facts={"sharpness": exact(0.81)}),
    "camera.document": Skip(skipped_for=Unmet.NOT_ASKED),
    "microphone.signal": Finding(facts={"present": exact(True), "level": exact(-23.5, "dBFS")}),  # noqa: FBT003 - a fact
    "microphone.noise": Finding(
        facts={"ratio": between(31.2, 29.0, 33.1, "dB"), "floor": exact(-61.0, "dBFS")},
        series={
            "sound": Series(
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
        facts={"loss": exact(0.0, "%"), "latency": exact(21.4, "ms")},
        series={
            "latency": Series(unit="ms", step=0.2, values=tuple(20.0 + index % 5 for index in range(50)))
        },
    ),
    "power.battery": Finding(facts={"plugged": exact(True), "minutes": between(97.0, 97.0, None, "min")}),  # noqa: FBT003 - a fact
    "software.zoom": Finding(facts={"version": exact((6, 2, 11))}),
    "software.browser": Finding(facts={"installed": exact(True), "name": exact("Firefox ESR")}),  # noqa: FBT003 - a fact
}


def fact(check: str, **facts: Fact) -> Mapping[str, Outcome]:
    """One check of the good report with other facts."""
    good = GOOD[check]
    assert isinstance(good, Finding)
    return {check: replace(good, facts={**good.facts, **facts})}


LOST = Trouble(kind=Kind.BUSY, detail="VIDIOC_STREAMON: Device or resource busy")

CHANGES: Mapping[str, Mapping[str, Outcome]] = {
    "ready": {},
    "ready-with-warnings": {
        **fact("camera.still", megapixels=exact(2.1, "MP")),
        **fact("network.download", rate=between(8.4, 7.6, 9.1, "Mbit/s")),
        **fact("network.upload", rate=between(8.9, 8.6, 9.2, "Mbit/s")),
        **fact("software.zoom", version=unknown()),
    },
    "not-ready": {
        **fact("camera.lighting", luminance=exact(12.0, "%"), cause=exact("dark")),
        "camera.focus": Skip(skipped_for="camera.lighting"),
        **fact("microphone.noise", ratio=between(6.2, 5.1, 7.4, "dB")),
        **fact("network.upload", rate=between(7.9996, 7.9, 7.9998, "Mbit/s")),
        **fact("software.zoom", version=exact((5, 17, 5))),
        "network.download": Trouble(kind=Kind.STARVED, detail="load 9.3 on 2 processors"),
    },
    "incomplete": {
        **{check: LOST for check in GOOD if check.startswith("camera.")},
        "camera.document": Skip(skipped_for=Unmet.NOT_ASKED),
        "power.battery": Skip(skipped_for=Unmet.NOT_APPLICABLE),
        "microphone.noise": Trouble(kind=Kind.BAD_INPUT, detail="voice.wav: 44 bytes, no samples"),
        "microphone.signal": Trouble(kind=Kind.BAD_INPUT, detail="voice.wav: 44 bytes, no samples"),
    },
    "nothing": {check: Skip(skipped_for=Unmet.NOT_ASKED) for check in GOOD},
}


def build(changes: Mapping[str, Outcome], left_out: tuple[str, ...] = ()) -> Report:
    """A report of the good run with some outcomes changed and some checks left out."""
    outcomes = {check: outcome for check, outcome in {**GOOD, **changes}.items() if check not in left_out}
    checks = tuple(
        judge.judge(check, outcome, [each for each in DEMANDS if each.check == check], duration_s=0.21)
        for check, outcome in outcomes.items()
    )
    levels = {each.check: each.level for each in reversed(DEMANDS)}
    return Report(
        tool_version="0.1.0",
        policy_name="bluor",
        policy_version="2026.11",
        started="2026-11-22T14:56:03+02:00",
        duration_s=31.4,
        lang="en",
        verdict=judge.readiness(checks, levels),
        left_out=left_out,
        checks=checks,
        system={"os": "Linux", "release": "6.1.0-31-amd64", "machine": "x86_64", "cores": 2, "battery": None},
        devices={"camera": "Integrated Webcam", "microphone": "Anna's headset"},
    )


REPORTS: Mapping[str, Report] = {
    **{name: build(changes) for name, changes in CHANGES.items()},
    "left-out": build({}, left_out=("network.download", "network.upload", "network.stability")),
}
