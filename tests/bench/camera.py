"""How often the camera checks are right: `camera.py --data DIR [--every N] [SECTION ...]`.

DIR holds faces/webcam (NUAA, 640x480, people 0001 and up), faces/yaleb (Extended Yale B,
cropped, strobe direction in the name), scenes (sharp 1920x1080 photographs), and, for
`labels`, a table labels.csv with columns picture, check, verdict.

Thresholds and lines were fixed on the train part: webcam people 1-4, Yale people 1-5, every
second scene. All else is hold-out. Verdicts are those of the checks under the policy that
ships. Between pictures of one person little differs: people and pictures are both counted.
"""

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.checks import video
from preflight.measures import image
from preflight.measures.face import Face
from preflight.measures.focus import BlurFeatures, estimate_blur, measure_blur_features
from preflight.measures.haar import HaarDetector
from preflight.model import Check, Verdict

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.camera_detail import bench_detail
from bench.camera_document import bench_document, bench_frames
from bench.camera_reasons import bench_reasons
from bench.camera_samples import (
    CHECKS,
    POLICY,
    Picture,
    Sample,
    capture,
    close_up,
    jpeg,
    judged,
    lit,
    moved,
    read,
    scenes,
    share,
    table,
    webcam,
    yale,
)
from scenes import dimmed, good
from scenes import video as write_video

LEVELS: Sequence[tuple[float, float | None]] = (
    *((level, 1.0) for level in (1, 0.3, 0.1, 0.03, 0.01, 0.003)),
    *((level, None) for level in (0.3, 0.1, 0.03, 0.01, 0.003)),
)


def bench_lighting(data: Path, every: int) -> None:
    """Less and less light, with and without gain; light from the side; how much is missing."""
    rng = np.random.default_rng(4)
    samples = webcam(data, every)
    bright = {sample.name: judged("camera.lighting", (sample.picture,)) for sample in samples}
    checks: dict[tuple[str, float, float | None], list[tuple[Sample, Check]]] = defaultdict(list)
    for sample in samples:
        for level, gain in LEVELS:
            frames = [
                lit(sample.picture, level, gain, rng) if level < 1 else sample.picture for _ in range(2)
            ]
            checks[sample.part, level, gain].append((sample, judged("camera.lighting", frames)))
    rows = []
    for (part, level, gain), found in sorted(checks.items(), key=str):
        said = [check for _, check in found]
        causes = Counter(str(check.facts["cause"].value) for check in said if "cause" in check.facts)
        people = len({sample.person for sample, _ in found})
        rows.append(
            (part, level, "auto" if gain is None else 1, len(said), people,
             *(share(said, verdict) for verdict in (Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.SKIP)),
             " ".join(f"{cause} {count}" for cause, count in causes.most_common()))
        )  # fmt: skip
    head = ("part", "light", "gain", "n", "people", "fail", "warn", "pass", "no face", "causes")
    table("Lighting: webcam frames with less light", head, iter(rows))
    _factors(checks, bright)
    _sides(data, every, samples)


def _factors(
    checks: dict[tuple[str, float, float | None], list[tuple[Sample, Check]]], bright: dict[str, Check]
) -> None:
    """Print how often "n times more light" is right within a factor 1.5, from dark half 6 up."""
    right: dict[str, list[bool]] = defaultdict(list)
    for (part, level, gain), found in checks.items():
        for sample, check in found:
            facts, before = check.facts, bright[sample.name].facts.get("dark_half")
            if level == 1 or gain is None or "light_factor" not in facts or before is None:
                continue
            if float(str(facts["dark_half"].value)) >= 6:
                missing = (
                    float(image.srgb_to_linear(40.0) / image.srgb_to_linear(float(str(before.value)))) / level
                )
                told = float(str(facts["light_factor"].value))
                right[part].append(1 / 1.5 <= told / missing <= 1.5)
    rows = ((part, len(found), f"{np.mean(found):.3f}") for part, found in sorted(right.items()))
    table("Missing light told right within 1.5, no gain, dark half 6 and more", ("part", "n", "right"), rows)


SIDEWAYS = 55


def _sides(data: Path, every: int, offices: Sequence[Sample]) -> None:
    """Print how often light from the side is hinted."""
    groups: dict[tuple[str, str], list[Check]] = defaultdict(list)
    for sample in yale(data, every):
        if abs(sample.elevation) <= 20:
            said = judged("camera.lighting", (sample.picture,))
            groups[sample.part, f"{sample.azimuth}"].append(said)
            if sample.azimuth > SIDEWAYS:
                groups[sample.part, f"> {SIDEWAYS}"].append(said)
    for sample in offices:
        groups[sample.part, "office"].append(judged("camera.lighting", (sample.picture,)))
    rows = []
    for (part, angle), checks in sorted(groups.items()):
        found = [check for check in checks if "side" in check.facts]
        hinted = [check for check in found if _missed(check, "side") or _cause(check) == "one-sided"]
        rows.append((part, angle, len(checks), len(found), f"{len(hinted) / max(len(found), 1):.3f}"))
    table(
        "Light from one side hinted, of the faces found",
        ("part", "degrees", "n", "found", "hinted"),
        iter(rows),
    )


def _cause(check: Check) -> str:
    return str(check.facts["cause"].value) if "cause" in check.facts else ""


def _missed(check: Check, fact: str) -> bool:
    return any(result.fact == fact and result.verdict is not Verdict.PASS for result in check.results)


BLURS = (0, 0.01, 0.02, 0.03, 0.05, 0.08)
SMEARS = (0.10, 0.15)
DIRECTIONS = (0, 45, 90, 135)


def sharp_faces(data: Path, every: int) -> list[tuple[Sample, Face]]:
    """Return webcam frames and frontally lit Yale faces with the face found in each."""
    cascade = HaarDetector()
    frontal = [sample for sample in yale(data, every) if sample.azimuth <= 25 and abs(sample.elevation) <= 20]
    found = [
        (sample, cascade.search(sample.picture) or cascade.search_thoroughly(sample.picture))
        for sample in (*webcam(data, every), *frontal)
    ]
    return [(sample, faces[0]) for sample, faces in found if faces and faces[0].eyes >= 60]


Degraded = tuple[Sample, str, int, int, float, BlurFeatures]
"""Sample, kind of degradation, noise, pixels between the eyes, amount, what is measured."""


def degraded(data: Path, every: int) -> Iterator[Degraded]:
    """Yield every sharp face blurred and smeared by every amount, with noise and JPEG in turn."""
    rng = np.random.default_rng(5)
    for number, (sample, found) in enumerate(sharp_faces(data, every)):
        noise, quality = ((0, 90), (3, 80), (8, 80), (3, 50), (8, 60))[number % 5]
        # What enlarging a face to 200 px lacks, its focus does not look at: it is measured at 61 px.
        for eyes in (60.0, min(found.eyes, 75.0 + 15 * (number % 3)), 200.0):
            clear, where = close_up(sample, found, eyes)
            amounts = [("blur", amount, 0) for amount in BLURS]
            amounts += [("smear", amount, turn) for amount in SMEARS for turn in DIRECTIONS]
            for kind, amount, turn in amounts:
                spoilt = clear
                if amount and kind == "blur":
                    spoilt = np.asarray(cv2.GaussianBlur(clear, (0, 0), amount * where.eyes), np.float32)
                elif amount:
                    spoilt = moved(clear, amount * where.eyes, turn)
                frame = (
                    jpeg(spoilt + rng.normal(0, noise, spoilt.shape), quality)
                    if noise
                    else jpeg(spoilt, quality)
                )
                measured = measure_blur_features(frame, where)
                if measured:
                    yield sample, kind, noise, round(eyes), amount, measured


def bench_focus(data: Path, every: int) -> None:
    """Blur and movement in shares of the distance between the eyes, noise, JPEG, size."""
    demand = next(demand for demand in POLICY.demands_on("camera.focus") if demand.fact == "blur")
    most, comfortable = float(str(demand.bound)), demand.comfortable or 0.0
    by_amount: dict[tuple[str, str, str, float], list[float]] = defaultdict(list)
    by_size: dict[tuple[str, int, float], list[float]] = defaultdict(list)
    for sample, kind, noise, eyes, amount, measured in degraded(data, every):
        grain = "8" if noise == 8 else "0-3"
        by_amount[sample.part, kind, grain, amount].append(estimate_blur(measured))
        if kind == "blur":
            by_size[sample.part, eyes // 15 * 15, amount].append(estimate_blur(measured))

    def row(blurs: Sequence[float]) -> tuple[object, ...]:
        fail = np.mean([value > most for value in blurs])
        warn = np.mean([comfortable < value <= most for value in blurs])
        return len(blurs), f"{fail:.3f}", f"{warn:.3f}", f"{np.median(blurs):.1f}"

    head: Sequence[str] = ("part", "kind", "noise", "amount", "n", "fail", "warn", "blur")
    table("Focus of one frame", head, ((*key, *row(blurs)) for key, blurs in sorted(by_amount.items())))
    head = ("part", "eyes px", "amount", "n", "fail", "warn", "blur")
    table("Focus by size", head, ((*key, *row(blurs)) for key, blurs in sorted(by_size.items())))
    rows = []
    for part in ("train", "hold-out"):
        said = [
            judged("camera.focus", (sample.picture,)) for sample in webcam(data, every) if sample.part == part
        ]
        rows.append(
            (part, len(said), share(said, Verdict.FAIL), share(said, Verdict.WARN), share(said, Verdict.PASS))
        )
    table("Focus of the webcam frames as they are", ("part", "n", "fail", "warn", "pass"), iter(rows))


def bench_fit(data: Path, every: int) -> None:
    """Print the two lines of `measures.focus.estimate_blur`, fitted to the train part."""
    rows = [row for row in degraded(data, every) if row[0].train and row[4] != max(BLURS)]
    for name, kinds in (("width", {"blur"}), ("widest", {"blur", "smear"})):
        chosen = [row for row in rows if row[1] in kinds]
        # A smear of length L has the variance of a Gaussian of L / sqrt(12), along one line only.
        wanted = [100 * row[4] * (0.8 / np.sqrt(12) if row[1] == "smear" else 1) for row in chosen]
        known = [[1.0, getattr(row[5], name), max(row[5].band, -4.0)] for row in chosen]
        line = np.linalg.lstsq(np.array(known), np.array(wanted), rcond=None)[0]
        print(f"blur = {line[0]:.2f} + {line[1]:.2f} {name} + {line[2]:.2f} band   (n {len(chosen)})")


TINTS = {"none": (0, 0), "infra-red": (12, -8), "magenta": (-10, 20), "sepia": (-25, 18), "green": (-6, -14)}


def tinted(picture: Picture, name: str) -> NDArray[np.float32]:
    """Return the grey of a picture with a tint that follows its brightness."""
    blue, red = TINTS[name]
    luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    bow = 4 * (luma / 255) * (1 - luma / 255)
    b, r = luma + blue * bow, luma + red * bow
    return np.dstack([b, (luma - 0.299 * r - 0.114 * b) / 0.587, r])


def bench_colour(data: Path, every: int) -> None:
    """Colour and grey, tinted, noisy, dim with and without gain, JPEG; five frames and one."""
    rng = np.random.default_rng(6)
    sources = [(sample.part, sample.picture) for sample in webcam(data, every)[::3]]
    sources += [(part, np.asarray(cv2.resize(picture, (960, 540), interpolation=cv2.INTER_AREA), np.uint8))
                for part, picture in scenes(data, every)]  # fmt: skip
    conditions: Sequence[tuple[str, float, float | None, float, int]] = (
        ("bright", 1, 1, 0, 90), ("noisy", 1, 1, 8, 60), ("x0.3", 0.3, 1, 0, 85), ("x0.1", 0.1, 1, 0, 70),
        ("x0.1 gain", 0.1, None, 0, 70), ("x0.03 gain", 0.03, None, 0, 85), ("x0.01 gain", 0.01, None, 0, 85),
    )  # fmt: skip
    said: dict[tuple[str, str, int, str], list[Check]] = defaultdict(list)
    for number, (part, picture) in enumerate(sources):
        tint = tuple(TINTS)[number % len(TINTS)]
        versions = {"grey": np.clip(tinted(picture, tint), 0, 255).astype(np.uint8)}
        if image.chroma((picture,)) > 0.01:
            # Some photographs are grey themselves.
            versions["colour"] = picture
        for truth, version in versions.items():
            for name, level, gain, noise, quality in conditions:
                frames = []
                for _ in range(5):
                    frame = lit(version, level, gain, rng, 100) if level < 1 else version
                    frames.append(jpeg(frame + rng.normal(0, noise, frame.shape), quality))
                for count in (5, 1):
                    said[part, name, count, truth].append(judged("camera.colour", frames[:count]))
    total: dict[tuple[str, int, str], list[Check]] = defaultdict(list)
    for (part, _, count, truth), checks in said.items():
        total[part, count, truth] += checks
    head: Sequence[str] = ("part", "frames", "truth", "n", "pass", "fail", "unsure")
    verdicts = (Verdict.PASS, Verdict.FAIL, Verdict.WARN)
    rows = (
        (*key, len(found), *(share(found, verdict) for verdict in verdicts))
        for key, found in sorted(total.items())
    )
    table("Colour, all conditions", head, rows)
    head = ("part", "condition", "frames", "truth", "n", "pass", "fail", "unsure")
    rows = (
        (*key, len(found), *(share(found, verdict) for verdict in verdicts))
        for key, found in sorted(said.items())
    )
    table("Colour by condition", head, rows)


def bench_face(data: Path, every: int) -> None:
    """Faces found in 1080p scenes by size; false faces in scenes without people, mirrored, dimmed and cut."""
    cascade, found = HaarDetector(), defaultdict(list)
    rooms = scenes(data, every)
    for number, sample in enumerate(webcam(data, every)):
        native = cascade.search(sample.picture)
        found[sample.part, "native"].append(bool(native))
        for eyes in (24, 30, 60, 80):
            clear, where = close_up(sample, native[0], min(eyes, native[0].eyes))
            room = rooms[number % len(rooms)][1].copy()
            height, width = clear.shape[:2]
            top, left = (room.shape[0] - height) // 2, (room.shape[1] - width) // 2
            room[top : top + height, left : left + width] = clear
            seen = cascade.search(room) or cascade.search_thoroughly(room)
            hit = any(
                abs(one.x - left - where.x) + abs(one.y - top - where.y) < where.side / 2 for one in seen[:1]
            )
            found[sample.part, f"{eyes} px"].append(hit)
    for part, room in rooms:
        views = (room, room[:, ::-1], dimmed(room, 0.15), room[:540, :960], room[540:, 960:])
        for view in views:
            facts = judged("camera.face", (np.ascontiguousarray(view),)).facts
            found[part, "nobody"].append("found" not in facts or not facts["found"].value)
    rows = ((*key, len(hits), f"{np.mean(hits):.3f}") for key, hits in sorted(found.items()))
    table("Faces found; scenes without people said to be that", ("part", "what", "n", "right"), rows)


def bench_cpu(data: Path, every: int) -> None:
    """CPU of one core for each check, on eight 1080p frames of a person, nobody, a fine texture; memory."""
    del every
    _program()
    room, person = scenes(data, 6)[0][1], webcam(data, 1)[0].picture
    somebody = room.copy()
    somebody[300:780, 640:1280] = person
    rng = np.random.default_rng(1)
    texture = np.repeat(rng.integers(0, 256, (270, 480, 1), np.uint8), 3, axis=2)
    texture = np.asarray(cv2.resize(texture, room.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    for name, picture in (("of a person", somebody), ("of nobody", room), ("of a fine texture", texture)):
        frames = [jpeg(picture + rng.normal(0, 1.5, picture.shape), 90) for _ in range(8)]
        shot, spent = capture(frames), []
        for check, module in {"camera.video": video, **CHECKS}.items():
            begun = time.process_time()
            module.analyse(shot, POLICY.parameters["camera"])
            spent.append((check, 1000 * (time.process_time() - begun)))
        spent.append(("all", sum(took for _, took in spent)))
        rows = ((check, f"{took / len(frames):.1f}", f"{took:.0f}") for check, took in spent)
        title = f"CPU on frames {name} (what checks share counts for the first)"
        table(title, ("check", "ms a frame", "ms in all"), rows)


def _program() -> None:
    """Print what the program needs for two seconds of 1080p video.

    To be asked first: a process counts the memory of the one that started it as its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        film = write_video(Path(folder) / "person.avi", good())
        choices = ("--no-input", "--only", "camera", "--camera", str(film), "--format", "json")
        command = (sys.executable, "-m", "preflight", "run", *choices)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("\nThe program on two seconds of 1080p video, with decoding:", end=" ")
    print(f"{used.ru_utime + used.ru_stime:.1f} s CPU, at most {used.ru_maxrss / 1024:.0f} MB in one process")


def bench_labels(data: Path, every: int) -> None:
    """A folder of pictures with labels: what was said against what should be."""
    del every
    table_path = data / "labels.csv"
    if not table_path.is_file():
        print(f"\n{table_path} is not there: no labelled pictures")
        return
    confusion: Counter[tuple[str, str, str]] = Counter()
    with table_path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            said = judged(row["check"], (read(data / row["picture"]),))
            confusion[row["check"], row["verdict"], said.verdict] += 1
    rows = ((*key, count) for key, count in sorted(confusion.items()))
    table("Labelled pictures", ("check", "should", "said", "n"), rows)


SECTIONS: dict[str, Callable[[Path, int], None]] = {
    "lighting": bench_lighting,
    "focus": bench_focus,
    "fit": bench_fit,
    "colour": bench_colour,
    "face": bench_face,
    "detail": bench_detail,
    "document": bench_document,
    "frames": bench_frames,
    "cpu": bench_cpu,
    "labels": bench_labels,
    "reasons": bench_reasons,
}


def main() -> int:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture only")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(unknown)}")
    cv2.setNumThreads(1)
    for name in asked.sections or SECTIONS:
        begun = time.process_time()
        SECTIONS[name](asked.data, asked.every)
        print(f"({name}: {time.process_time() - begun:.0f} s CPU)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
