"""Bench: how far off is the speech-to-noise ratio, and how often is the verdict wrong?

Longer than 500 lines because it mixes the recordings that it measures with.

    PYTHONPATH=.:tests python tests/bench/microphone.py --data DIR [--runs N] [--seed S] [--train]

DIR holds speech/*.wav and noise/*.wav. Train is the talker `aew` and every other noise, on
which the constants were chosen; test, the default, is the other talkers, voices of espeak-ng
and the other noises. Each run mixes a voice and a noise at a known A-weighted ratio, speech
level, sampling rate and length of the silent part, and asks the two microphone checks.
"""

import argparse
import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import sound_processing
import voices
from voices import Sound, Voice

from preflight import judge, policy
from preflight.captures import MicrophoneCapture
from preflight.checks import noise as noise_check
from preflight.checks import signal as signal_check
from preflight.errors import MeasurementError
from preflight.measures import snr
from preflight.model import Check, Finding, Outcome

RATES = (8000, 16000, 44100, 48000)
STEADY = ("white", "pink", "brown", "tap", "bike", "fan", "hum", "hiss")
TALKERS = (
    Voice("en-us", 150, 50), Voice("en-us+f3", 140, 60), Voice("en-gb+m3", 165, 40), Voice("lv", 140, 50),
    Voice("lv+f2", 160, 55), Voice("ru", 150, 45), Voice("ru+f4", 170, 65), Voice("de+m5", 155, 35),
    Voice("en-us+klatt2", 140, 50), Voice("en+Andrea", 150, 50), Voice("en+grandpa", 130, 40),
    Voice("fr+f1", 165, 55), Voice("en-gb-x-rp+m7", 175, 45),
)  # fmt: skip
BABBLE = (
    "After dinner we spoke about the garden and the neighbour's dog, it never stops. Did you see the news "
    "yesterday evening? They say the price of bread goes up again next month, and nobody knows why."
)
Origin = Literal["guided", "unguided", "file"]
Part = Literal["known", "found", "found in the middle"]
PARTS: tuple[Part, ...] = ("known", "found", "found in the middle")
POLICY = policy.load()
CHECKS = {"microphone.signal": signal_check, "microphone.noise": noise_check}


@dataclass(frozen=True)
class Run:
    """One recording and what was said of it."""

    noise: str
    true: float
    ratio: float | None
    doubt: float | None
    verdict: str
    cause: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    talkers = speech_of(options.data, train=options.train)
    noises = noises_of(options.data, rng, train=options.train)
    print(f"talkers: {', '.join(talkers)}\nnoises: {', '.join(noises)}\n")
    for part in PARTS:
        # What was shown of one part stays as it is when another is added.
        own = np.random.default_rng(options.seed + 1) if part == "found in the middle" else rng
        runs = list(ratios(talkers, noises, own, options.runs, part))
        print(f"== silent part {part} ==")
        ratio_table(runs)
        verdict_table(runs)
        misses(runs)
    for title, talk_s in (("5 s of talking", (5, 5)), ("6.5 to 9 s of talking", (6.5, 9))):
        print(f"== a file with 0.2 to 0.95 s of silence before {title} ==")
        verdict_table(list(hasty(talkers, noises, np.random.default_rng(options.seed + 2), talk_s)))
    cleaned(talkers, noises, np.random.default_rng(options.seed + 3))
    kinds(noises, rng)
    causes(talkers, noises, rng)
    disturbances(talkers, noises, np.random.default_rng(options.seed))
    unguided(talkers, noises, rng)
    cost(talkers, rng)


def speech_of(data: Path, *, train: bool) -> dict[str, tuple[Sound, int]]:
    """Return talkers: their sentences in a row, and the rate."""
    recorded: dict[str, tuple[Sound, int]] = {}
    for path in sorted((data / "speech").glob("*.wav")):
        samples, rate = voices.read(path.read_bytes())
        parts = path.stem.split("_")
        who = parts[3] if path.stem.startswith("cmu_arctic") else parts[0]
        if who in recorded:
            samples = np.concatenate([recorded[who][0], samples])
        recorded[who] = (samples, rate)
    if train:
        return {"aew": recorded["aew"]}
    recorded.pop("aew", None)
    made = {f"{v.name}/{v.speed}": voices.speech(v) for v in TALKERS}
    return {**recorded, **made}


def noises_of(data: Path, rng: np.random.Generator, *, train: bool) -> dict[str, tuple[Sound, int]]:
    """Return noises of 15 s and more: recorded and made ones, every other for training."""
    recorded = {p.stem: voices.read(p.read_bytes()) for p in sorted((data / "noise").glob("*.wav"))}
    known = dict(itertools.islice(recorded.items(), 0, None, 2))
    if train:
        return {
            **known,
            "hiss (made)": made_noise("hiss", rng),
            "competing talker": made_noise("competing", rng),
        }
    other = {name: each for name, each in recorded.items() if name not in known}
    return {**other, **{f"{name} (made)": made_noise(name, rng) for name in MADE}}


MADE = ("brown", "fan", "hum", "traffic", "keyboard", "babble", "competing")


def made_noise(
    name: str, rng: np.random.Generator, rate: int = 16000, seconds: int = 16
) -> tuple[Sound, int]:
    """Return a noise made of numbers or of synthetic voices."""
    count = rate * seconds
    time_s = np.arange(count) / rate
    white = rng.standard_normal(count)
    hz = np.fft.rfftfreq(count, 1 / rate)
    match name:
        case "hiss":
            samples = shape(white, hz / (hz + 1500))
        case "brown":
            samples = shape(white, 1 / np.maximum(hz, 30))
        case "fan":
            samples = shape(white, 1 / np.sqrt(1 + (hz / 300) ** 4))
        case "hum":
            samples = 0.02 * white + sum(
                np.sin(2 * np.pi * 50 * k * time_s + k) / k for k in (2, 3, 4, 5, 6, 8, 10)
            )
        case "traffic":
            swell = np.interp(
                time_s, np.arange(seconds * 2) / 2, 10 ** (rng.uniform(-8, 8, seconds * 2) / 20)
            )
            samples = shape(white, 1 / np.maximum(hz, 80)) * swell
        case "keyboard":
            samples = 0.01 * white
            for start in (np.cumsum(rng.exponential(0.18, 200)) * rate).astype(int):
                click = rng.standard_normal(800) * np.exp(-np.arange(800) / 120)
                part = samples[start : start + 800]
                part += click[: len(part)]
        case "babble":
            people = (Voice("en+m1", 170, 40), Voice("en+f2", 160, 60), Voice("de+m2", 150, 50))
            samples = np.sum([talk(each, rng, rate, count) for each in people], axis=0)
        case _:
            samples = talk(Voice("en+m7", 150, 50), rng, rate, count)
    return np.asarray(samples), rate


def shape(white: Sound, gain: Sound) -> Sound:
    return np.fft.irfft(np.fft.rfft(white) * gain, len(white))


def talk(voice: Voice, rng: np.random.Generator, rate: int, count: int) -> Sound:
    said, own = voices.speech(voice, BABBLE)
    return piece(said, own, rate, count, rng)


def piece(samples: Sound, own: int, rate: int, count: int, rng: np.random.Generator) -> Sound:
    """Return `count` samples at `rate` from a random place on, repeated where needed."""
    at, needed = int(rng.integers(len(samples))), -(-count * own // rate)
    return voices.resample(np.resize(np.roll(samples, -at), needed), own, rate)[:count]


def mix(
    talker: tuple[Sound, int],
    noise: tuple[Sound, int],
    ratio: float,
    rng: np.random.Generator,
    *,
    rate: int,
    level: float,
    quiet_s: float = 3.0,
) -> tuple[Sound, int]:
    """Return a recording and the sample at which the talking starts."""
    voice = piece(*talker, rate, round(5 * rate), rng)
    behind = piece(*noise, rate, round((5 + quiet_s) * rate), rng)
    return voices.mix_noise(voice, behind, ratio, rate=rate, level=level, quiet_s=quiet_s), round(
        quiet_s * rate
    )


def captured(
    samples: Sound, rate: int, onset: int | None, origin: Origin = "file", bits: int = 16
) -> MicrophoneCapture:
    """Return the recording as a device or a file of so many bits would give it."""
    steps = 2 ** (bits - 1)
    whole = (np.round(np.clip(samples, -1, 1 - 1 / steps) * steps) / steps).astype(np.float32)
    return MicrophoneCapture(present=True, origin=origin, samples=whole, rate=rate, onset=onset)


def judged(capture: MicrophoneCapture) -> dict[str, Check]:
    """Return both checks of the report."""
    asked = POLICY
    outcomes: dict[str, Outcome] = {}
    for name, module in CHECKS.items():
        try:
            outcomes[name] = module.analyse(capture, {})
        except MeasurementError as broken:
            outcomes[name] = broken.trouble
    return {name: judge.judge(name, outcome, asked.demands_on(name)) for name, outcome in outcomes.items()}


def run_of(name: str, true: float, capture: MicrophoneCapture) -> Run:
    check = judged(capture)["microphone.noise"]
    fact = check.facts.get("ratio")
    doubt = check.facts.get("doubt")
    cause = check.facts.get("cause")
    return Run(
        noise=name,
        true=true,
        ratio=float(fact.value) if fact and isinstance(fact.value, float) else None,
        doubt=float(doubt.value) if doubt and isinstance(doubt.value, float) else None,
        verdict=check.verdict.value,
        cause=str(cause.value) if cause else "",
    )


def ratios(
    talkers: Mapping[str, tuple[Sound, int]],
    noises: Mapping[str, tuple[Sound, int]],
    rng: np.random.Generator,
    count: int,
    part: Part,
) -> Iterator[Run]:
    """Mix at -5 to 40 dB, quiet to nearly clipping, 8 to 48 kHz; each noise equally often.

    A silent part in the middle has half of the talking before it.
    """
    names = list(talkers)
    for index, name in zip(range(count), itertools.cycle(noises), strict=False):
        true = float(rng.uniform(-5, 40))
        rate = RATES[index // len(noises) % len(RATES)]
        level = float(rng.uniform(-45, -20))
        quiet_s = 3.0 if part == "known" else float(rng.uniform(2.0, 4.0))
        talker = talkers[names[int(rng.integers(len(names)))]]
        samples, onset = mix(talker, noises[name], true, rng, rate=rate, level=level, quiet_s=quiet_s)
        if part == "found in the middle":
            samples = np.roll(samples, round(2.5 * rate))
        yield run_of(name, true, captured(samples, rate, onset if part == "known" else None))


def hasty(
    talkers: Mapping[str, tuple[Sound, int]],
    noises: Mapping[str, tuple[Sound, int]],
    rng: np.random.Generator,
    talk_s: tuple[float, float],
    count: int = 300,
) -> Iterator[Run]:
    """Show what is said of files in which somebody talks almost from the beginning."""
    names = list(talkers)
    for _, name in zip(range(count), itertools.cycle(noises), strict=False):
        true, lead_s = float(rng.uniform(-5, 40)), float(rng.uniform(0.2, 0.95))
        talker = talkers[names[int(rng.integers(len(names)))]]
        voice = piece(*talker, 16000, 1600 * round(10 * float(rng.uniform(*talk_s))), rng)
        behind = piece(*noises[name], 16000, len(voice) + round(16000 * lead_s), rng)
        samples = voices.mix_noise(voice, behind, true, rate=16000, quiet_s=lead_s)
        yield run_of(name, true, captured(samples, 16000, None))


WAYS = (
    "gate",
    "gate to zero",
    "agate",
    "compand",
    "suppressor in bands",
    "begins with the voice",
    "dies",
    "drops",
    *sound_processing.CODECS,
)


def cleaned(
    talkers: Mapping[str, tuple[Sound, int]],
    noises: Mapping[str, tuple[Sound, int]],
    rng: np.random.Generator,
    count: int = 40,
) -> None:
    """Show what is said where the silent part does not hold the noise that is behind the voice."""
    names = list(talkers)
    print(f"{'guided, 16 kHz':44}{'n':>5}  noise, signal, cause")
    for way in WAYS:
        for title, low, high in (("below 10 dB", -2, 10), ("20 dB and more", 20, 42)):
            if title == "below 10 dB" and way in sound_processing.CODECS:
                continue
            said: dict[str, list[str]] = {"noise": [], "signal": [], "cause": []}
            for _, name in zip(range(count), itertools.cycle(noises), strict=False):
                talker, true = talkers[names[int(rng.integers(len(names)))]], float(rng.uniform(low, high))
                samples, onset = mix(talker, noises[name], true, rng, rate=16000, level=-27)
                checks = judged(captured(clean(way, samples, onset, rng), 16000, onset, "guided"))
                cause = checks["microphone.noise"].facts.get("cause")
                said["noise"].append(checks["microphone.noise"].verdict.value)
                said["signal"].append(checks["microphone.signal"].verdict.value)
                said["cause"].append(str(cause.value) if cause else "none")
            shares = ("; ".join(f"{w} {each.count(w)}" for w in sorted(set(each))) for each in said.values())
            print(f"{way + ', ' + title:44}{count:5}  " + " | ".join(shares))
    print()


def clean(way: str, samples: Sound, onset: int, rng: np.random.Generator) -> Sound:  # noqa: PLR0911 - one for each way
    """Return the recording through a gate that mostly stays shut on its noise, or as it is named."""
    rate = 16000
    noise, voice = (10 * np.log10(np.mean(part**2)) for part in (samples[:onset], samples[onset:]))
    threshold = float(min(-3, rng.uniform(noise + 4, max(noise + 5, voice - 8))))
    hold, release = float(rng.uniform(0.02, 0.3)), float(rng.uniform(0.01, 0.25))
    match way:
        case "gate" | "gate to zero":
            depth = 200 if way == "gate to zero" else float(rng.uniform(20, 90))
            gate = sound_processing.Gate(threshold=threshold, depth=depth, hold=hold, release=release)
            return sound_processing.apply_gate(samples, rate, gate)
        case "agate":
            level, least = 10 ** (threshold / 20), 10 ** (-float(rng.uniform(30, 90)) / 20)
            how = f"threshold={level:.5f}:range={least:.6f}:ratio=9000:attack=5:release={1000 * release:.0f}"
            return sound_processing.apply_ffmpeg(samples, rate, f"agate={how}")
        case "compand":
            curve = f"-120,-120,{threshold - 1:.1f},-100,{threshold:.1f},{threshold:.1f},0,0"
            return sound_processing.apply_sox(samples, rate, "compand", f"0.005,{release:.3f}", curve)
        case "suppressor in bands":
            suppressor = sound_processing.Suppressor(
                depth=float(rng.uniform(20, 60)),
                over=float(rng.uniform(1.2, 4)),
                learnt=float(rng.uniform(0.5, 2)),
                bands=int(rng.integers(12, 60)),
                hold=hold,
            )
            return sound_processing.apply_suppressor(samples, rate, suppressor)[0]
        case "begins with the voice":
            return np.concatenate((samples[:onset] * 0.01, samples[onset:]))
        case "dies":
            return np.where(np.arange(len(samples)) < rng.uniform(0.5, 6.5) * rate, samples, 0.0)
        case "drops":
            spoilt = samples.copy()
            for at in rng.uniform(0.5, 7.5, int(rng.integers(3, 9))):
                spoilt[round(at * rate) :][: round(float(rng.uniform(0.03, 0.4)) * rate)] = 0
            return spoilt
        case _:
            return sound_processing.apply_codec(samples, rate, way)[: len(samples)]


def ratio_table(runs: list[Run]) -> None:
    print(f"{'error of the ratio, 5 to 30 dB':32}{'n':>5}{'MAE':>7}{'bias':>7}{'p95':>7}{'within doubt':>22}")
    groups = {name: [name] for name in dict.fromkeys(run.noise for run in runs)}
    steady = [name for name in groups if any(word in name for word in STEADY)]
    for name, members in {**groups, "steady noises": steady, "all": list(groups)}.items():
        chosen = [r for r in runs if r.noise in members and 5 <= r.true <= 30 and r.ratio is not None]
        if not chosen:
            continue
        error = np.array([r.ratio - r.true for r in chosen if r.ratio is not None])
        inside = np.mean(
            [abs(r.ratio - r.true) <= r.doubt for r in chosen if r.ratio is not None and r.doubt is not None]
        )
        print(
            f"{name:32}{len(error):5}{np.abs(error).mean():7.2f}{error.mean():7.2f}"
            f"{np.percentile(np.abs(error), 95):7.2f}{100 * inside:20.0f} %"
        )
    print()


def verdict_table(runs: list[Run]) -> None:
    bands = {"below 10 dB": (-99, 10), "10 to 20 dB": (10, 20), "20 dB and more": (20, 99)}
    print(f"{'verdict':32}{'n':>5}{'pass':>8}{'warn':>8}{'fail':>8}{'error':>8}")
    for name, (low, high) in bands.items():
        for part in ("all", "steady"):
            chosen = [
                r for r in runs
                if low <= r.true < high and (part == "all" or any(word in r.noise for word in STEADY))
            ]  # fmt: skip
            shares = [
                np.mean([r.verdict == word for r in chosen]) for word in ("pass", "warn", "fail", "error")
            ]
            print(f"{name + ', ' + part:32}{len(chosen):5}" + "".join(f"{100 * s:6.1f} %" for s in shares))
    print()


def misses(runs: list[Run]) -> None:
    """List what lies below 10 dB and does not fail, and what lies above 20 and does."""
    for run in runs:
        if (run.true < 10 and run.verdict != "fail") or (run.true >= 20 and run.verdict == "fail"):
            said = "-" if run.ratio is None else f"{run.ratio:.1f}"
            print(f"{run.noise:32}true {run.true:5.1f} dB, said {said:>5} dB, {run.verdict} {run.cause}")
    print()


def kinds(noises: Mapping[str, tuple[Sound, int]], rng: np.random.Generator, count: int = 12) -> None:
    """Show what each background is called when it is loud."""
    for name, each in noises.items():
        said = [
            run_of(name, 5, captured(*heard, "file")).cause
            for heard in (
                (mixed[0], 48000, mixed[1])
                for mixed in (mix(voices.speech(), each, 8, rng, rate=48000, level=-27) for _ in range(count))
            )
        ]
        print(f"{name:32}" + ", ".join(f"{cause} {said.count(cause)}" for cause in dict.fromkeys(said)))
    print()


def causes(
    talkers: Mapping[str, tuple[Sound, int]],
    noises: Mapping[str, tuple[Sound, int]],
    rng: np.random.Generator,
    count: int = 40,
) -> None:
    """Show that each fault of a microphone is told by its own words."""
    print(f"{'fault':32}{'n':>5}{'told':>6}   else")
    steady = [name for name in noises if any(word in name for word in STEADY)]
    for fault, (check, fact, said) in FAULTS.items():
        told, other = 0, []
        for index in range(count):
            talker = list(talkers.values())[index % len(talkers)]
            noise = noises[steady[index % len(steady)]]
            rate = 16000 if fault == "narrow band" else 48000
            samples, onset = mix(talker, noise, float(rng.uniform(25, 40)), rng, rate=rate, level=-27)
            if fault == "narrow band" and talker[1] == 8000:
                rate = 16000
            spoilt = spoil(fault, samples, rate, onset, rng)
            checks = judged(captured(spoilt, rate, onset))
            missed = [
                f"{name}.{result.fact}"
                for name, each in checks.items()
                for result in each.results
                if result.verdict in ("fail", "warn") and result.why != "unsure"
            ]
            good = f"{check}.{fact}" in missed and len({m for m in missed if m.startswith(check)}) == 1
            fails = [name for name, each in checks.items() if each.verdict == "fail"]
            good &= fails == ([check] if said == "fail" else [])
            told += good
            other += [] if good else [str(missed)]
        print(f"{fault:32}{count:5}{told:6}   {' '.join(sorted(set(other)))}")
    print()


FAULTS = {
    "silent person": ("microphone.noise", "voice", "fail"),
    "muted": ("microphone.signal", "muted", "fail"),
    "clipped": ("microphone.signal", "clipping", "fail"),
    "clipped at half scale": ("microphone.signal", "clipping", "fail"),
    "narrow band": ("microphone.signal", "treble", "warn"),
    "very low": ("microphone.signal", "speech_level", "warn"),
}


def spoil(fault: str, samples: Sound, rate: int, onset: int, rng: np.random.Generator) -> Sound:
    match fault:
        case "silent person":
            return np.resize(samples[:onset], len(samples))
        case "muted":
            return np.zeros_like(samples)
        case "clipped" | "clipped at half scale":
            top = np.abs(samples).max() / rng.uniform(2, 4)
            return np.asarray(np.clip(samples, -top, top) / top) * (1.0 if fault == "clipped" else 0.5)
        case "narrow band":
            return voices.limit_to_telephone_band(samples, rate)
        case _:
            return samples * 10 ** (-float(rng.uniform(25, 35)) / 20)


def disturbances(
    talkers: Mapping[str, tuple[Sound, int]],
    noises: Mapping[str, tuple[Sound, int]],
    rng: np.random.Generator,
    count: int = 60,
) -> None:
    """Show that what nobody hears changes no verdict: each added to the same recordings."""
    time_s = np.arange(8 * 48000) / 48000
    none = np.zeros(len(time_s))
    added: dict[str, tuple[Sound, float, int]] = {
        "DC offset 0.01": (none + 0.01, 1.0, 16),
        "DC offset 0.1": (none + 0.1, 1.0, 16),
        "hum at 50 Hz, -40 dBFS": (0.0141 * np.sin(2 * np.pi * 50 * time_s), 1.0, 16),
        "hum at 60 Hz, -40 dBFS": (0.0141 * np.sin(2 * np.pi * 60 * time_s), 1.0, 16),
        "30 dB lower, 16 bits": (none, 10**-1.5, 16),
        "30 dB lower, 24 bits": (none, 10**-1.5, 24),
    }
    runs: dict[str, list[tuple[Run, Run]]] = {name: [] for name in added}
    for index in range(count):
        talker = list(talkers.values())[index % len(talkers)]
        noise = list(noises)[index % len(noises)]
        true = float(rng.uniform(0, 35))
        samples, onset = mix(talker, noises[noise], true, rng, rate=48000, level=-24)
        before = run_of(noise, true, captured(samples, 48000, onset))
        for name, (more, gain, bits) in added.items():
            after = captured(gain * (samples + more), 48000, onset, bits=bits)
            runs[name].append((before, run_of(noise, true, after)))
    print(f"{'disturbance':32}{'n':>5}{'same':>6}{'largest change':>18}   else")
    for name, pairs in runs.items():
        other = [pair for pair in pairs if pair[0].verdict != pair[1].verdict]
        changes = [abs(a.ratio - b.ratio) for a, b in pairs if a.ratio is not None and b.ratio is not None]
        said = [f"{a.noise} at {a.true:.1f} dB: {a.verdict}, {b.verdict}" for a, b in other]
        print(f"{name:32}{count:5}{count - len(other):6}{max(changes):15.1f} dB   {'; '.join(said)}")
    print()


def unguided(
    talkers: Mapping[str, tuple[Sound, int]],
    noises: Mapping[str, tuple[Sound, int]],
    rng: np.random.Generator,
    count: int = 300,
) -> None:
    """Show what is said of 5 s in which nobody was asked to be silent or to speak."""
    bands = (("below 10 dB", -99, 10), ("10 to 20 dB", 10, 20), ("20 dB and more", 20, 99))
    names = list(noises)
    for title, lead_s in (
        ("unguided, talking throughout", (0, 0)),
        ("unguided, 1 to 2.5 s before", (1, 2.5)),
    ):
        print(f"{title:32}{'n':>5}{'pass':>8}{'warn':>8}{'fail':>8}{'error':>8}")
        runs = []
        for index in range(count):
            talker = list(talkers.values())[int(rng.integers(len(talkers)))]
            name, true = names[index % len(names)], float(rng.uniform(-5, 40))
            samples, onset = mix(talker, noises[name], true, rng, rate=16000, level=-27)
            first = onset - round(float(rng.uniform(*lead_s)) * 16000)
            part = samples[first : first + 5 * 16000]
            runs.append(run_of(name, true, captured(part, 16000, None, "unguided")))
        for label, low, high in bands:
            chosen = [r for r in runs if low <= r.true < high]
            shares = [np.mean([r.verdict == v for r in chosen]) for v in ("pass", "warn", "fail", "error")]
            print(f"{label:32}{len(chosen):5}" + "".join(f"{100 * s:6.1f} %" for s in shares))
    for name, each in noises.items():
        verdicts = []
        for _ in range(10):
            samples = piece(*each, 16000, 5 * 16000, rng)
            samples *= 0.03 / np.sqrt(np.mean(samples**2))
            verdicts.append(run_of(name, -99, captured(samples, 16000, None, "unguided")).verdict)
        print(
            f"nobody speaks, {name:22} "
            + ", ".join(f"{v} {verdicts.count(v)}" for v in dict.fromkeys(verdicts))
        )
    print()


def cost(talkers: Mapping[str, tuple[Sound, int]], rng: np.random.Generator, count: int = 20) -> None:
    """Print the CPU time of both checks for each second of sound."""
    for rate in (16000, 48000):
        spent = 0.0
        for _ in range(count):
            samples, onset = mix(
                next(iter(talkers.values())), (voices.white(16, 16000), 16000), 20, rng, rate=rate, level=-27
            )
            capture = captured(samples, rate, onset)
            started = time.process_time()
            snr.measure_voice.cache_clear()
            for module in CHECKS.values():
                assert isinstance(module.analyse(capture, {}), Finding)
            spent += time.process_time() - started
        print(f"CPU for each second of sound at {rate} Hz: {1000 * spent / count / 8:.1f} ms (n {count})")


if __name__ == "__main__":
    main()
