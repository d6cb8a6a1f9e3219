"""Is the first advice about the fault? Pictures with one known fault, made from real people at run time.

A picture is a webcam frame as it came (640x480, whose size is not held against it) or at its native size
in a sharp 1080p room, in turn; one frame of each, with a sensor's noise and JPEG.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from bench.camera_samples import (
    CHECKS,
    POLICY,
    Generator,
    Picture,
    Sample,
    capture,
    close_up,
    jpeg,
    lit,
    moved,
    scenes,
    table,
    webcam,
    yale,
)
from numpy.typing import NDArray
from scenes import noisy

from preflight import judge
from preflight.checks import video
from preflight.measures import image
from preflight.measures.face import Face
from preflight.measures.haar import HaarDetector
from preflight.model import Check, Verdict
from preflight.reports.content import deciding_result
from preflight.sources.camera.frames import is_blank
from preflight.texts import Words

WORDS = Words("en")
FULL_HD = (1080, 1920)
_WEIGHT = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN)
DARK_ROOM, GREY_ROOM = 60, 0.01
"""Mean level and colour below which a room without people has a fault of its own."""
ORDER = ("camera.video", "camera.colour", "camera.face", "camera.lighting", "camera.focus")
TOLD = {
    "dark": r"lighting\.(visible(\.dark)?|dark_half(\.(dark|both))?)$",
    "noisy": r"lighting\.(visible\.noise|noise|dark_half\.both)$",
    "burnt": r"lighting\.(overexposed|visible\.burnt)$",
    "behind": r"lighting\.(dark_half|visible)\.backlight$",
    "silhouette": r"lighting\.(dark_half|visible)\.backlight$",
    "side": r"lighting\.(side|dark_half\.one-sided)$",
    "moved": r"(focus\.(blur|visible)|video\.softness)\.motion$",
    "blurred": r"(focus\.(blur|visible)|video\.softness)$",
    "blurred face": r"focus\.(blur|visible)(\.face)?$",
    "turned left": r"face\.found\.sideways$",
    "turned right": r"face\.found\.sideways$",
    "upside down": r"face\.found\.upside-down$",
    "small": r"face\.(eyes|found\.too-small)$",
    "cut": r"face\.(inside|found\.cut)$",
    "hidden": r"face\.found\.hidden$",
    "two people": r"face\.others$",
    "nobody": r"face\.found\.nobody$",
    "covered lens": r"(video\.black|lighting\.visible.*)$",
    "good": r"none$",
}
"""What the first advice may be about, for each fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A picture with one fault."""

    kind: str
    person: str
    train: bool
    picture: NDArray[np.generic]
    level: float = 1.0
    gain: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A webcam frame, where the face in it is, and which pixels are the person's (height, width, 1), 0..1."""

    sample: Sample
    face: Face
    figure: NDArray[np.float32]
    room: Picture
    number: int

    @property
    def picture(self) -> Picture:
        return self.sample.picture

    def shown(self, picture: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return a version of the frame as it is, or every second time in a room of 1080 lines."""
        if self.number % 2:
            return picture
        scene = self.room.astype(picture.dtype)
        top, left = FULL_HD[0] - picture.shape[0], (FULL_HD[1] - picture.shape[1]) // 2
        scene[top:, left : left + picture.shape[1]] = picture
        return scene


def figure(picture: Picture, face: Face) -> NDArray[np.float32]:
    """Return which pixels are the person's: GrabCut from a head and shoulders drawn around the face."""
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    x, y, side = (value / 2 for value in (face.x, face.y, face.side))
    mask = np.full(half.shape[:2], cv2.GC_BGD, np.uint8)
    middle, centre = round(x + side / 2), round(y + side / 2)
    bottom = half.shape[0]
    body = np.array([[middle - 0.5 * side, y + side], [middle + 0.5 * side, y + side],
                     [middle + 1.6 * side, bottom], [middle - 1.6 * side, bottom]], np.int32)  # fmt: skip
    cv2.ellipse(mask, (middle, centre), (round(0.7 * side), round(0.95 * side)), 0, 0, 360, cv2.GC_PR_BGD, -1)
    cv2.fillPoly(mask, [body], cv2.GC_PR_FGD)
    cv2.ellipse(mask, (middle, centre), (round(0.5 * side), round(0.75 * side)), 0, 0, 360, cv2.GC_PR_FGD, -1)
    cv2.ellipse(mask, (middle, centre), (round(0.35 * side), round(0.5 * side)), 0, 0, 360, cv2.GC_FGD, -1)
    core = (round(0.8 * side), round(bottom - y - 1.3 * side))
    if core[1] > 0:
        cv2.ellipse(mask, (middle, bottom), core, 0, 180, 360, cv2.GC_FGD, -1)
    cv2.setRNGSeed(1)
    cv2.grabCut(half, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload] # no box is needed
    whole = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    smooth = cv2.GaussianBlur(cv2.medianBlur(whole, 5), (0, 0), 1.0)
    return np.asarray(cv2.resize(smooth, picture.shape[1::-1])[..., None], np.float32)


def lightened(picture: Picture, light: float | NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the picture with its linear light multiplied, clipped as a sensor clips it."""
    return np.asarray(image.linear_to_srgb(image.srgb_to_linear(picture) * light), np.float32)


def people(data: Path, every: int) -> Iterator[Person]:
    """Yield the webcam frames with the face found in each."""
    cascade, rooms = HaarDetector(), scenes(data, 1)
    for number, sample in enumerate(webcam(data, every)):
        faces = cascade.search(sample.picture) or cascade.search_thoroughly(sample.picture)
        face = faces[0]
        _, room = rooms[(2 * number + (not sample.train)) % len(rooms)]
        cut = figure(sample.picture, face)
        yield Person(sample=sample, face=face, figure=cut, room=room, number=number)


def _burnt(part: Person, rng: Generator) -> NDArray[np.float32]:
    """The whole picture, or a lamp on the face, at which skin is more than white."""
    face = part.face
    skin = image.grey(face.crop(part.picture, 0.25, 0.2, 0.75, 0.9))
    gain = rng.uniform(1.0, 1.8) / float(image.srgb_to_linear(np.percentile(skin, 40)))
    light = np.full(part.picture.shape[:2], gain, np.float32)
    if part.number % 4 > 1:
        middle = (round(face.x + face.side / 2), round(face.y + face.side / 2))
        light[:] = 1
        cv2.circle(light, middle, round(0.9 * face.side), gain, cv2.FILLED)
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), 0.2 * face.side), np.float32)
    return lightened(part.picture, light[..., None])


def _against(part: Person, light: float, window: NDArray[np.float32]) -> NDArray[np.float32]:
    """The person in less light before their own room, which is a bright window."""
    return lightened(part.picture, light) * part.figure + window * (1 - part.figure)


def _one_sided(part: Person, rng: Generator) -> NDArray[np.float32]:
    across = np.arange(part.picture.shape[1], dtype=np.float32)[None, :, None]
    slope = np.clip((across - part.face.x - 0.45 * part.face.side) / (0.15 * part.face.side), -1, 1)
    dark = rng.uniform(0.01, 0.03)
    return lightened(part.picture, dark + (1 - dark) * (1 + (-slope if part.number % 4 > 1 else slope)) / 2)


def _soft(part: Person) -> NDArray[np.float32]:
    """The person out of focus before a sharp room."""
    amount = (0.05, 0.08, 0.12, 0.2)[part.number // 2 % 4]
    soft = cv2.GaussianBlur(part.picture.astype(np.float32), (0, 0), amount * part.face.eyes)
    whole = part.room.astype(np.float32)
    height, width = part.picture.shape[:2]
    behind = whole[-height:, 640 : 640 + width]
    behind[:] = soft * part.figure + behind * (1 - part.figure)
    return whole


def _turned(part: Person, quarters: int) -> Picture:
    turned = np.rot90(part.picture, quarters)
    if part.number % 2:
        return turned
    scene = part.room.copy()
    top, left = (FULL_HD[0] - turned.shape[0]) // 2, (FULL_HD[1] - turned.shape[1]) // 2
    scene[top : top + turned.shape[0], left : left + turned.shape[1]] = turned
    return scene


def _spoilt(part: Person, rng: Generator) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Yield one picture of each fault that lies over the whole of a frame."""
    number, eyes = part.number, part.face.eyes
    yield "burnt", _burnt(part, rng)
    yield "behind", _against(part, rng.uniform(0.03, 0.08), lightened(part.picture, 2.0))
    window = lightened(np.maximum(part.picture, np.uint8(40)), 3.0)
    yield "silhouette", _against(part, rng.uniform(0.002, 0.012), window)
    yield "side", _one_sided(part, rng)
    shown = part.shown(part.picture).astype(np.float32)
    yield "moved", moved(shown, (0.2, 0.3, 0.45)[number % 3] * eyes, (0, 45, 90, 135)[number // 2 % 4])
    yield "blurred", cv2.GaussianBlur(shown, (0, 0), (0.05, 0.08, 0.12, 0.2, 0.3)[number % 5] * eyes)
    yield "blurred face", _soft(part)
    for quarters, kind in enumerate(("turned left", "upside down", "turned right"), 1):
        yield kind, _turned(part, quarters)


def _placed(part: Person, kind: str, other: Person, rng: Generator) -> NDArray[np.generic]:
    picture, face = part.picture, part.face
    scene = part.room.copy()
    if kind == "small":
        near, _ = close_up(part.sample, face, (9.0, 12.0, 15.0, 18.0, 20.0)[part.number % 5])
        height, width = near.shape[:2]
        top, left = int(rng.integers(200, 700)), int(rng.integers(600, 1200))
        scene[top : top + height, left : left + width] = near
    elif kind == "cut":
        share = rng.uniform(0.4, 0.6)
        way = part.number // 2 % 4
        x, y = round(face.x + share * face.side), round(face.y + share * face.side)
        kept = (picture[:, x:], picture[:, :x], picture[y:], picture[:y])[way]
        if part.number % 2 and way < 2:
            return kept
        height, width = kept.shape[:2]
        top = (600, 600, 0, 1080 - height)[way]
        left = (0, 1920 - width, 600, 600)[way]
        scene = scene[: top + height] if way == 0 else scene
        scene[top : top + height, left : left + width] = kept[: scene.shape[0] - top]
    elif kind == "hidden":
        covered = picture.copy()
        x, y, side = (round(value) for value in (face.x, face.y, face.side))
        colour = ((235, 200, 150), (120, 150, 200), (40, 40, 45))[part.number % 3]
        down = ((0.5, 1.0), (0.15, 0.5))[part.number // 2 % 2]
        box = (
            slice(y + round(down[0] * side), y + round(down[1] * side)),
            slice(x + side // 10, x + side - side // 10),
        )
        shade = rng.normal(0, 4, covered[box].shape)
        covered[box] = np.clip(np.asarray(colour) + shade, 0, 255)
        return part.shown(covered)
    elif kind == "two people":
        for one, left in ((part, 200), (other, 1000)):
            scene[-480:, left : left + 640] = one.picture
    elif kind == "good":
        return part.shown(picture)
    return scene


def _cases(data: Path, every: int) -> Iterator[Case]:
    rng = np.random.default_rng(19)
    crowd = list(people(data, every))
    for part in crowd:
        others = [one for one in crowd if one.sample.person != part.sample.person
                  and one.sample.train == part.sample.train]  # fmt: skip
        made = partial(Case, person=part.sample.person, train=part.sample.train)
        yield made(kind="dark", picture=part.picture, level=rng.uniform(0.002, 0.008))
        yield made(kind="noisy", picture=part.picture, level=rng.uniform(0.001, 0.003), gain=16)
        for kind, picture in _spoilt(part, rng):
            yield made(kind=kind, picture=picture)
        for kind in ("small", "cut", "hidden", "two people", "good"):
            yield made(kind=kind, picture=_placed(part, kind, others[part.number % len(others)], rng))
    for sample in yale(data, every):
        if 60 <= sample.azimuth <= 75 and abs(sample.elevation) <= 20:
            yield Case(kind="side", person=sample.person, train=sample.train, picture=sample.picture)
    for number, (half, room) in enumerate(scenes(data, 1)[:: max(1, every // 2)]):
        if image.grey(room).mean() < DARK_ROOM or image.chroma((room,)) < GREY_ROOM:
            continue
        for view in (room, room[:, ::-1], room[:540, :960], room[540:, 960:]):
            yield Case(kind="nobody", person=f"room {number}", train=half == "train", picture=view)
    for number in range(40 // every):
        yield Case(kind="covered lens", person=f"cover {number % 5}", train=number % 2 == 0,
                   picture=_cover(number, rng))  # fmt: skip


def _cover(number: int, rng: Generator) -> NDArray[np.float32]:
    """A shutter, black or grey or lit from its edge, and a finger."""
    plain = np.full((*FULL_HD, 3), rng.uniform(1, 12), np.float32)
    if number % 5 == 1:
        plain += np.linspace(0, rng.uniform(2, 6), FULL_HD[1], dtype=np.float32)[None, :, None]
    elif number % 5 == 2:
        plain += rng.uniform(10, 60)
    elif number % 5 >= 3:
        down, across = np.mgrid[-1 : 1 : FULL_HD[0] * 1j, -1 : 1 : FULL_HD[1] * 1j]
        glow = np.exp(-(down**2 + across**2))[..., None].astype(np.float32)
        plain += glow * np.array((4, 6, 30), np.float32) * rng.uniform(0.5, 1)
    return plain


def _delivered(case: Case, rng: Generator) -> Picture:
    whole = np.asarray(np.clip(case.picture, 0, 255), np.uint8)
    if case.level < 1:
        return lit(whole, case.level, case.gain, rng)
    return jpeg(noisy(whole, 1.5, int(rng.integers(1000))), 85)


def first_advice(frame: Picture) -> str:
    """Return which words of a report come first: a failure's, else an error's, else a warning's."""
    black = is_blank(frame[::8, ::8])
    seen = replace(capture((frame,)), arrivals=(0.0,), black=int(black))
    checks = []
    for check in ORDER:
        module = CHECKS.get(check, video)
        if check == "camera.colour" and (frame[..., 0] == frame[..., 1]).mean() > 0.9:
            # A picture from a camera without colours has that fault too.
            continue
        if check == "camera.video" and not black and frame.shape[:2] != FULL_HD:
            continue
        demands = [
            demand for demand in POLICY.demands_on(check) if demand.fact not in ("fps", "width", "height")
        ]
        checks.append(judge.judge(check, module.analyse(seen, POLICY.parameters["camera"]), demands))
    told = (one for verdict in _WEIGHT for one in checks if one.verdict is verdict)
    return next((_key(one) for one in told), "none")


def _key(check: Check) -> str:
    result = deciding_result(check)
    if result is None:
        return f"{check.id}.{check.verdict}"
    caused = WORDS.cause_key(check, result) or f"{check.id}.{result.fact}"
    return caused.removeprefix("camera.") + (f" {result.why}" if result.why == "unsure" else "")


def bench_reasons(data: Path, every: int) -> None:
    """Of pictures with one known fault, the share whose first advice is about it."""
    rng = np.random.default_rng(20)
    told: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for case in _cases(data, every):
        said = first_advice(_delivered(case, rng))
        told["train" if case.train else "hold-out", case.kind].append((case.person, said))
    head = ("part", "fault", "n", "people", "right", "else")
    table("First advice about the fault", head, _rows(told))


def _rows(told: dict[tuple[str, str], list[tuple[str, str]]]) -> Iterator[tuple[object, ...]]:
    for part in ("train", "hold-out"):
        every: list[bool] = []
        for kind, pattern in TOLD.items():
            group = told[part, kind]
            hits = [bool(re.match(pattern, said)) for _, said in group]
            if not hits:
                continue
            if kind != "good":
                every += hits
            wrong = Counter(said for (_, said), hit in zip(group, hits, strict=True) if not hit)
            others = " ".join(f"{said} {count}" for said, count in wrong.most_common(5))
            people = len({person for person, _ in group})
            yield part, f"{kind:14}", len(group), people, f"{np.mean(hits):.3f}", f"  {others}"
        yield part, f"{'all faults':14}", len(every), "", f"{np.mean(every):.3f}", ""
