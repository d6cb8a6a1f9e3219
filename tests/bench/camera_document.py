"""How often is the document check right? Drawn and specimen documents held before real rooms.

Longer than 500 lines because it draws the documents that it measures with.
"""

import json
import re
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import cv2
import documents
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from preflight import judge, policy
from preflight.captures import DocumentCapture
from preflight.checks import document as check
from preflight.measures import document
from preflight.measures.mrz import find_mrz, find_obstruction
from preflight.model import Check, Verdict

Generator = np.random.Generator
Picture = NDArray[np.uint8]

POLICY = policy.load()
FRAMES = 5

OCR_B = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
"""Of the Debian package fonts-ocr-b; without it another face is drawn at the same pitch."""

_INK, _BRIGHT = 30, 225
"""Level of a document's ink, and from which on it cannot be told from paper."""

FIELDS = {"TD1": ((0, 5, 15), (1, 0, 7), (1, 8, 15)), "TD2": ((-1, 0, 10), (-1, 13, 20), (-1, 21, 28))}
FIELDS["TD3"] = FIELDS["TD2"]
"""Line, first and last column of what has a check digit: number, birth, expiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """Where the zone of a file under documents/ lies, read off by eye."""

    form: str
    last: str
    zone: tuple[tuple[float, float], ...]
    turn: bool = False
    page: tuple[int, int, int, int] | None = None
    """Left, top, right, bottom, where the file shows more than the page."""


SPECIMENS = {
    "0_pass-lva.jpg": Specimen(
        form="TD3",
        last="LT00000004XXC8605102F1210314111111<11648<<86",
        zone=((203, 1256.5), (1285, 1257.5), (200, 1310), (1286, 1312)),
        turn=True,
        page=(140, 675, 1335, 1390),
    ),
    "100_id-rou.jpg": Specimen(
        form="TD2",
        last="HD198025<51328505095M1305090" + "12049941",
        zone=((47, 334.5), (558, 337), (47, 369.7), (557, 372.2)),
    ),
    "100_pass-hrv.jpg": Specimen(
        form="TD3",
        last="0070070071HRV8212258F1407019<<<<<<<<<<<<<<06",
        zone=((29, 341), (558, 340), (28, 372), (557.5, 369.5)),
    ),
    "100_pass-ltu.jpg": Specimen(
        form="TD3",
        last="00000000<0LTU5911239F12010114591123" + "1023<<<16",
        zone=((33.5, 331.3), (503, 330.3), (33.2, 358), (502.5, 358)),
    ),
    "100_pass-uto.jpg": Specimen(
        form="TD3",
        last="L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        zone=((58, 427), (722.5, 427), (58, 461.8), (722.5, 461.8)),
        page=(26, 16, 770, 520),
    ),
    "98_pass-nld.jpg": Specimen(
        form="TD3",
        last="XA00000148NLD7110195F0604121123456782<<<<<02",
        zone=((19, 266), (418.5, 266), (19, 289), (418.5, 289)),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A document to hold up."""

    name: str
    form: str
    page: documents.Page
    train: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A frame of a held document, and the truth about it."""

    frame: Picture
    zone: documents.Points
    """As Page.zone, in the frame."""
    dpi: float
    out: float
    """How far a corner of the page is outside the frame, in widths of the page."""
    washed: float
    """Share of the zone's characters that a reflection has washed out."""
    homography: NDArray[np.float64]
    """From the page to the frame."""


def subjects(folder: Path, drawn: int) -> list[Subject]:
    """Return the specimens in `folder` and as many as `drawn` of our own that Tesseract reads when sharp."""
    rng = np.random.default_rng(5)
    pages = []
    for name, specimen in SPECIMENS.items():
        picture = cv2.imread(str(folder / name))
        if picture is None:
            continue
        if specimen.turn:
            picture = cv2.rotate(picture, cv2.ROTATE_90_COUNTERCLOCKWISE)
        left, top, right, bottom = specimen.page or (0, 0, picture.shape[1], picture.shape[0])
        zone = np.array(specimen.zone, np.float32) - (left, top)
        cropped = np.ascontiguousarray(picture[top:bottom, left:right])
        height, width = cropped.shape[:2]
        page = documents.Page(
            picture=np.asarray(cropped, np.uint8),
            lines=("", specimen.last),
            zone=zone.astype(np.float32),
            corners=np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32),
            pitch=float(zone[1, 0] - zone[0, 0]) / documents.FORMS[specimen.form].characters,
        )
        pages.append((name, specimen.form, page))
    font = OCR_B if OCR_B.is_file() else None
    for index in range(drawn):
        form = ("TD3", "TD1", "TD3", "TD2")[index % 4]
        scale = 16.0 if form == "TD1" else 13.0
        pages.append((f"drawn {index}", form, documents.draw(form, scale=scale, font=font, rng=rng)))
    known = [(name, form, page) for name, form, page in pages if _readable(page, form)]
    return [
        Subject(name=name, form=form, page=page, train=index % 2 == 0)
        for index, (name, form, page) in enumerate(known)
    ]


def _readable(page: documents.Page, form: str) -> bool:
    """Whether Tesseract reads the page where nothing is in its way; some digits it never does."""
    room = np.full((1080, 1920, 3), 90, np.uint8)
    tries = 0
    for angle in (-4.0, 0.0, 4.0):
        shown, homography = documents.show(page, room, width=0.65, angles=(angle, angle, 0))
        blurred = np.asarray(cv2.GaussianBlur(shown, (0, 0), 0.8), np.uint8)
        tries += read(blurred, homography, page, form)
    return tries == 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """How a document is held, seen and lit."""

    width: float
    centre: tuple[float, float]
    angles: tuple[float, float, float]
    light: float
    noise: float
    blur: float
    motion: float
    quality: int
    spot: tuple[float, float, float, float] | None
    """A reflection: place along and down the zone, size in lengths of the zone, strength."""


def held(page: documents.Page, rng: Generator) -> Hold:
    """Draw a way to hold a page: near or far, tilted, blurred or moved, some with a reflection, some cut."""
    width = rng.uniform(0.25, 0.9)
    moves = rng.random() < 0.25
    soft = rng.random() < 0.5
    roll, yaw, pitch = rng.uniform(-15, 15), rng.uniform(-20, 20), rng.uniform(-20, 20)
    spot = (rng.uniform(0.1, 0.9), rng.uniform(-0.3, 1.3), rng.uniform(0.03, 0.2), rng.uniform(0.5, 2.5))
    return Hold(
        width=width,
        centre=_centre(width, page, rng, cut=rng.random() < 0.12),
        angles=(roll, yaw, pitch),
        light=rng.uniform(0.18, 1.0),
        noise=rng.uniform(0.7, 6),
        blur=rng.uniform(0.6, 4.5) if soft and not moves else rng.uniform(0.6, 1.5),
        motion=rng.uniform(4, 17) if moves else 0.0,
        quality=int(rng.choice([0, 60, 75, 90])),
        spot=spot if rng.random() < 0.25 else None,
    )


def shaken(hold: Hold, rng: Generator) -> Hold:
    """Draw the next frame of a hand: a little elsewhere, a little more or less sharp."""
    shake, wobble = rng.normal(0, 1, 6), rng.lognormal(0, 0.35)
    roll, yaw, pitch = np.add(hold.angles, 1.2 * shake[3:])
    x, y = np.add(hold.centre, 0.006 * shake[1:3])
    spot = hold.spot and (hold.spot[0] + 0.04 * shake[4], hold.spot[1] + 0.1 * shake[3], *hold.spot[2:])
    return replace(
        hold,
        width=hold.width * (1 + 0.01 * shake[0]),
        centre=(float(x), float(y)),
        angles=(float(roll), float(yaw), float(pitch)),
        blur=hold.blur * wobble,
        motion=hold.motion * wobble,
        spot=spot,
    )


def seen(subject: Subject, room: Picture, hold: Hold, rng: Generator) -> Scene:
    """Return the frame of a held page and what is true of it."""
    page = subject.page
    shown, homography = documents.show(page, room, width=hold.width, centre=hold.centre, angles=hold.angles)
    zone = cv2.perspectiveTransform(page.zone[np.newaxis], homography)[0]
    corners = cv2.perspectiveTransform(page.corners[np.newaxis], homography)[0]
    bounds = np.array(shown.shape[1::-1])
    light = np.asarray(shown, np.float32) if hold.spot is None else _shine(shown, zone, hold.spot)
    frame = _camera(light, hold, rng)
    length = float(np.linalg.norm(zone[1::2] - zone[::2], axis=1).mean())
    out = max(float(-corners.min()), float((corners - bounds).max()), 0.0)
    return Scene(
        frame=frame,
        zone=zone,
        dpi=10 * length / documents.FORMS[subject.form].characters,
        out=out / float(np.linalg.norm(corners[1] - corners[0])),
        washed=_washed(zone, documents.FORMS[subject.form], hold),
        homography=homography,
    )


def legible(subject: Subject, scene: Scene) -> bool:
    """Whether all of the zone is in view and Tesseract reads what it should."""
    bounds = np.array(scene.frame.shape[1::-1])
    inside = bool((scene.zone > 0).all() and (scene.zone < bounds).all())
    return inside and read(scene.frame, scene.homography, subject.page, subject.form)


def read(frame: Picture, homography: NDArray[np.float64], page: documents.Page, form: str) -> bool:
    """Whether Tesseract reads number, birth and expiry where they are known to be, all right.

    Its English model, the only one that packages ship, drops one of several equal digits
    at some sizes: a field counts as read when it is right at one of three.
    """
    open_fields = list(FIELDS[form])
    for pitch in (28, 20, 36):
        strips = [_strip(frame, homography, page, form, field, pitch) for field in open_fields]
        got = _tesseract(strips)
        if len(got) == len(open_fields):
            wanted = [page.lines[line][start:stop] for line, start, stop in open_fields]
            pairs = zip(open_fields, got, wanted, strict=True)
            open_fields = [field for field, seen, text in pairs if not _same(seen, text)]
        if not open_fields:
            return True
    return False


def _strip(
    frame: Picture,
    homography: NDArray[np.float64],
    page: documents.Page,
    form: str,
    field: tuple[int, int, int],
    pitch: int,
) -> Picture:
    line, start, stop = field
    last = documents.FORMS[form].lines - 1
    index = line % (last + 1)
    first_along, last_along = (page.zone[1::2] - page.zone[::2]) / documents.FORMS[form].characters
    along = first_along + (last_along - first_along) * index / last
    middle = page.zone[0] + (page.zone[2] - page.zone[0]) * index / last
    across = np.array([-along[1], along[0]]) * 0.95
    left, right = middle + along * (start - 0.06), middle + along * (stop + 0.06)
    corners = np.array([left - across, right - across, right + across, left + across], np.float32)
    seen = cv2.perspectiveTransform(corners[np.newaxis], homography)[0]
    wide, high = round(pitch * (stop - start + 0.12)), round(1.8 * pitch)
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    warp = cv2.getPerspectiveTransform(seen, target)
    strip = cv2.warpPerspective(frame, warp, (wide, high), flags=cv2.INTER_CUBIC)
    grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY).astype(np.float32)
    dark, bright = np.percentile(grey, (2, 70))
    stretched = np.clip((grey - dark) / max(bright - dark, 8) * 225 + 15, 0, 255).astype(np.uint8)
    return np.asarray(
        cv2.copyMakeBorder(stretched, 12, 12, 20, 12 * pitch - wide, cv2.BORDER_CONSTANT, value=240), np.uint8
    )


def _tesseract(strips: Sequence[Picture]) -> list[str]:
    letters = "tessedit_char_whitelist=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
    answer = subprocess.run(
        ["tesseract", "-", "-", "--psm", "6", "--dpi", "200", "-c", letters],
        input=cv2.imencode(".png", np.vstack(strips))[1].tobytes(),
        capture_output=True,
        env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/usr/local/bin:/opt/homebrew/bin"},
        check=True,
    )
    return [line.replace(" ", "") for line in answer.stdout.decode().splitlines() if line.strip()]


def _same(got: str, wanted: str) -> bool:
    """Letters that a reader of check digits sets right by their place count as the digits they look like."""
    fold = str.maketrans("OQDILZSGB", "000112568")
    return len(got) == len(wanted) and all(
        w == "<" or g.translate(fold) == w.translate(fold) for g, w in zip(got, wanted, strict=True)
    )


def _centre(width: float, page: documents.Page, rng: Generator, *, cut: bool) -> tuple[float, float]:
    height = width * page.picture.shape[0] / page.picture.shape[1] * 16 / 9
    slack = np.maximum(0.44 - np.array([width, height]) / 2, 0)
    x, y = rng.uniform(-1, 1, 2) * slack + 0.5
    if cut:
        out = rng.uniform(0.04, 0.25)
        half_x, half_y = width / 2 - out * width, height / 2 - out * height
        x, y = ((half_x, y), (1 - half_x, y), (x, half_y), (x, 1 - half_y))[rng.integers(4)]
    return float(x), float(y)


def _shine(
    picture: Picture, zone: documents.Points, spot: tuple[float, float, float, float]
) -> NDArray[np.float32]:
    across, down = zone[1] - zone[0], zone[2] - zone[0]
    x0, y0 = zone[0] + across * spot[0] + down * spot[1]
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    radius = spot[2] * float(np.linalg.norm(across))
    light = 255 * spot[3] * np.exp(-((x - x0) ** 2 + 1.6 * (y - y0) ** 2) / radius**2)
    return np.asarray(np.clip(picture + light[..., np.newaxis], 0, 700), np.float32)


def _washed(zone: documents.Points, form: documents.Form, hold: Hold) -> float:
    """Share of a zone's characters whose ink a reflection makes as bright as paper."""
    if hold.spot is None:
        return 0.0
    across, down = zone[1] - zone[0], zone[2] - zone[0]
    along, below = np.meshgrid(
        (np.arange(form.characters) + 0.5) / form.characters, np.linspace(0, 1, form.lines)
    )
    x, y = (
        np.multiply.outer(across, along - hold.spot[0]) + np.multiply.outer(down, below - hold.spot[1])
    ) / (hold.spot[2] * float(np.linalg.norm(across)))
    ink = _INK + 255 * hold.spot[3] * np.exp(-(x**2) - 1.6 * y**2)
    return float((255 * ((ink / 255) ** 2.2 * hold.light) ** (1 / 2.2) >= _BRIGHT).mean())


def _camera(light: NDArray[np.float32], hold: Hold, rng: Generator) -> Picture:
    seen_light = cv2.GaussianBlur(cv2.pow(light / 255, 2.2), (0, 0), hold.blur)
    if hold.motion > 1:
        size = int(hold.motion) | 1
        kernel, angle = np.zeros((size, size), np.float32), rng.uniform(0, np.pi)
        reach = np.array([np.cos(angle), np.sin(angle)]) * hold.motion / 2
        start, stop = (np.round(size // 2 + sign * reach).astype(int).tolist() for sign in (-1, 1))
        cv2.line(kernel, start, stop, 1.0, 1, cv2.LINE_AA)
        seen_light = np.maximum(cv2.filter2D(seen_light, -1, kernel / kernel.sum()), 0)
    grain = rng.standard_normal(seen_light.shape, np.float32) * hold.noise
    grey_levels = 255 * cv2.pow(seen_light * hold.light, 1 / 2.2) + grain
    frame = np.asarray(np.clip(grey_levels, 0, 255).round(), np.uint8)
    if not hold.quality:
        return frame
    packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, hold.quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found in one frame of a scene."""

    subject: Subject
    hold: Hold
    scene: Scene
    legible: bool
    right: bool
    """Found, and at the right place."""
    dpi: float = 0.0
    sharpness: float = 0.0
    glare: float = 0.0
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Some frames of a document held up, the truth about the best of each, and what was said of all."""

    name: str
    train: bool
    legible: bool
    out: float
    washed: float
    said: Check


def look(subject: Subject, hold: Hold, scene: Scene) -> Look:
    """Look for the zone in one frame."""
    grey = np.asarray(cv2.cvtColor(scene.frame, cv2.COLOR_BGR2GRAY), np.uint8)
    zone = find_mrz(grey)
    empty = replace(scene, frame=np.empty((0, 0, 3), np.uint8))
    known = Look(subject=subject, hold=hold, scene=empty, legible=legible(subject, scene), right=False)
    if zone is None or np.linalg.norm(zone.ends.mean(0) - scene.zone.mean(0)) > 0.3 * scene.dpi:
        return known
    return replace(
        known,
        right=True,
        dpi=document.dpi(zone),
        sharpness=document.sharpness(grey, zone),
        glare=document.glare(grey, zone),
        whole=document.is_page_in_view(zone, grey.shape),
    )


def _print_found(looks: Sequence[Look], part: str) -> None:
    """Print what is found and how exactly, frame by frame."""
    plain = [one for one in looks if one.hold.spot is None]
    legible = [one for one in looks if one.legible]
    found = [one for one in legible if one.right]
    pages = len({one.subject.name for one in looks})
    print(
        f"\nDocuments, {part}: {len(looks)} frames of {pages} documents, {len(legible)} legible (Tesseract)"
    )
    for name, chosen in (
        ("legible", legible),
        ("- specimens", [one for one in legible if "drawn" not in one.subject.name]),
        ("- drawn", [one for one in legible if "drawn" in one.subject.name]),
        ("illegible", [one for one in looks if not one.legible]),
    ):
        print(f"  found, {name}: {_share(one.right for one in chosen)}")
    errors = np.abs([one.dpi / one.scene.dpi - 1 for one in found])
    print(
        f"  dpi error: median {np.median(errors):.2%}, 95 % within {np.quantile(errors, 0.95):.2%},", end=" "
    )
    print(f"largest {errors.max():.2%}; within 3 %: {_share(errors <= 0.03)}")
    for low, high in ((0, 100), (100, 120), (120, 160), (160, 200), (200, 260), (260, 600)):
        sharp = [
            one
            for one in plain
            if low <= one.scene.dpi < high and one.hold.blur < 1.5 and not one.hold.motion
        ]
        inside = [one for one in sharp if one.scene.out == 0]
        print(f"  sharp, {low}-{high} dpi, legible: {_share(one.legible for one in inside)}")
    measured = [one for one in plain if one.right and one.scene.out < 0.1]
    good = np.array([one.sharpness for one in measured if one.legible])
    bad = np.array([one.sharpness for one in measured if not one.legible])
    area = float((good[:, np.newaxis] > bad).mean())
    print(f"  sharpness, no reflection: AUC {area:.3f} ({len(good)}/{len(bad)})")
    for limit in (0.1, 0.14, 0.17, 0.2, 0.26, 0.3, 0.36):
        print(f"    >= {limit:.0%}: legible {_share(good >= limit)}, illegible {_share(bad >= limit)}")
    for view, least, most in (("all in view", 0.0, 0.0), ("cut by 3 % or more", 0.03, 1.0)):
        told = [one.whole for one in looks if one.right and least <= one.scene.out <= most]
        print(f"  said to be whole, {view}: {_share(told)}")


def _print_said(shows: Sequence[Show], part: str) -> None:
    """Print what is said over several frames; a show is legible when one of its frames is."""
    pages = len({show.name for show in shows})
    print(f"\nDocuments over {FRAMES} frames, {part}: {len(shows)} shows of {pages} documents")
    readable = [show for show in shows if show.legible]
    clear = [show for show in readable if not show.out and not show.washed]
    for name, chosen in (
        ("legible, in view, without reflection", clear),
        ("- specimens", [show for show in clear if "drawn" not in show.name]),
        ("- drawn", [show for show in clear if "drawn" in show.name]),
        ("legible, in view", [show for show in readable if not show.out]),
        ("legible", readable),
        ("illegible", [show for show in shows if not show.legible]),
    ):
        print(f"  {name}: passes {_share(show.said.verdict is Verdict.PASS for show in chosen)}")
    for fact in ("found", "dpi", "sharpness", "glare", "whole"):
        print(
            f"    {fact} missed or close, of the first: {_share(_warned(show.said, fact) for show in clear)}"
        )
    for name, fact, chosen in (
        ("a reflection over the zone in all frames", "glare", [show for show in shows if show.washed]),
        ("cut by 3 % or more in all frames", "whole", [show for show in shows if show.out >= 0.03]),
    ):
        passed = _share(show.said.verdict is Verdict.PASS for show in chosen)
        print(f"  {name}: named {_share(_named(show.said, fact) for show in chosen)}, passes {passed}")


def _warned(said: Check, fact: str) -> bool:
    verdicts = (Verdict.WARN, Verdict.FAIL)
    return any(result.fact == fact and result.verdict in verdicts for result in said.results)


def _named(said: Check, fact: str) -> bool:
    """Whether what is wrong is told, with the zone found or without."""
    cause = said.facts.get("cause")
    return _warned(said, fact) or (cause is not None and cause.value == {"whole": "cut"}.get(fact, fact))


def _said(frames: Sequence[Picture]) -> Check:
    finding = check.analyse(DocumentCapture(asked=True, frames=tuple(frames)), {})
    return judge.judge("camera.document", finding, POLICY.demands_on("camera.document"))


def _share(yes: Iterable[object]) -> str:
    told = [bool(one) for one in yes]
    return f"{sum(told) / len(told):.1%} ({sum(told)}/{len(told)})" if told else "- (0)"


def others(data: Path, every: int) -> Iterator[tuple[str, str, Picture]]:
    """Group, name and picture of what holds no document: faces, rooms, objects, text, code, digits."""
    for path in sorted((data / "faces").glob("*/*"))[::every]:
        yield "faces", path.name, _framed(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    for path in sorted((data / "scenes").glob("*.jpg"))[::every]:
        yield "rooms", path.name, _framed(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    folder = Path(skimage.data.__file__).parent
    for path in sorted((*folder.glob("*.png"), *folder.glob("*.jpg")))[::every]:
        yield "objects", path.name, _framed(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    rng = np.random.default_rng(3)
    fonts = [*sorted(Path("/usr/share/fonts/truetype/dejavu").glob("*.ttf")), OCR_B]
    fixed = [font for font in fonts if "Mono" in font.name or font == OCR_B]
    code = "\n".join(path.read_text("utf-8") for path in sorted(Path(json.__file__).parent.glob("*.py")))
    words = re.findall(r"[A-Za-z]+", code)
    for index in range(max(1, 150 // every)):
        kind = ("code", "prose", "columns", "digits", "book")[index % 5]
        font = (fonts if kind == "book" else fixed)[int(rng.integers(len(fixed)))]
        width = int(rng.choice([30, 36, 44])) if kind == "columns" else int(rng.integers(28, 90))
        yield kind, f"{kind} {index} {font.name}", _printed(_text(kind, code, words, width, rng), font, rng)


def _text(kind: str, code: str, words: Sequence[str], width: int, rng: Generator) -> list[str]:
    if kind == "code":
        lines = code.splitlines()
        return lines[int(rng.integers(len(lines) - 100)) :][:60]
    if kind == "digits":
        return [" ".join(f"{value:02X}" for value in rng.integers(0, 256, 15)) for _ in range(60)]
    lines = []
    for _ in range(60):
        line = ""
        while len(line) < width:
            line += f"{rng.choice(words)} "
        lines.append(line[:width] if kind == "columns" else line)
    return lines


def _printed(lines: Sequence[str], font: Path, rng: Generator) -> Picture:
    size = int(rng.integers(14, 50))
    face = ImageFont.truetype(str(font), size) if font.is_file() else ImageFont.load_default(size)
    leading = round(size * rng.uniform(1.0, 1.6))
    paper = Image.new("L", (1920, 1080), int(rng.integers(180, 255)))
    pen, left, ink = ImageDraw.Draw(paper), int(rng.integers(0, 400)), int(rng.integers(0, 80))
    for row, line in enumerate(lines[: 1070 // leading]):
        pen.text((left, 10 + row * leading), line, ink, font=face)
    turn = cv2.getRotationMatrix2D((960, 540), rng.uniform(-8, 8), rng.uniform(0.8, 1.3))
    page = cv2.warpAffine(np.asarray(paper), turn, (1920, 1080), borderMode=cv2.BORDER_REFLECT)
    page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.6, 1.5))
    return np.asarray(np.clip(page + rng.normal(0, rng.uniform(0.5, 4), page.shape), 0, 255), np.uint8)


def _framed(picture: cv2.typing.MatLike | None) -> Picture:
    """The picture as large as a 1080p frame holds it."""
    if picture is None:
        raise SystemExit("a picture of the data cannot be read")
    scale = min(1920 / picture.shape[1], 1080 / picture.shape[0])
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    fitted = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way)
    frame = np.full((1080, 1920), 128, np.uint8)
    top, left = (1080 - fitted.shape[0]) // 2, (1920 - fitted.shape[1]) // 2
    frame[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return frame


def _print_others(data: Path, every: int) -> None:
    counts: dict[str, list[bool]] = defaultdict(list)
    spent, parts = [], []
    for group, name, picture in others(data, every):
        begun = time.process_time()
        zone = find_mrz(picture)
        spent.append(1000 * (time.process_time() - begun))
        counts[group].append(zone is not None)
        parts.append(zone is None and find_obstruction(picture) is not None)
        if zone:
            print(f"  found though there is none: {name}, {zone.form.characters}, {zone.prominence:.1f}")
    print(f"\nNo document: found in {_share(one for group in counts.values() for one in group)}", end="; ")
    print(", ".join(f"{group} {sum(told)}/{len(told)}" for group, told in counts.items()))
    print(f"  taken for a part of one: {_share(parts)}")
    middle, most = np.quantile(spent, (0.5, 0.95))
    print(f"CPU of finding: median {middle:.0f} ms, 95 % within {most:.0f} ms a frame")


def bench_document(data: Path, every: int) -> None:
    """Print how often documents are found, and how well they are measured, frame by frame."""
    if (held_up := _held_up(data, every)) is None:
        return
    known, rooms = held_up
    rng = np.random.default_rng(11)
    looks: list[Look] = []
    for index in range(max(1, 600 // every)):
        subject, room = known[index % len(known)], _room(rooms, rng)
        hold = held(subject.page, rng)
        looks.append(look(subject, hold, seen(subject, room, hold, rng)))
    for part in (True, False):
        _print_found([one for one in looks if one.subject.train is part], "train" if part else "hold-out")
    _print_others(data, every)


def bench_frames(data: Path, every: int) -> None:
    """Print what is said of documents of which several frames are seen, as hands move."""
    if (held_up := _held_up(data, every)) is None:
        return
    known, rooms = held_up
    indices = range(max(1, 150 // every))
    subjects_held = [known[index % len(known)] for index in indices]
    with ProcessPoolExecutor() as pool:
        shows = list(pool.map(_show, subjects_held, repeat(rooms), indices))
    for part in (True, False):
        _print_said([show for show in shows if show.train is part], "train" if part else "hold-out")


def _show(subject: Subject, rooms: Sequence[Path], index: int) -> Show:
    cv2.setNumThreads(1)
    rng = np.random.default_rng((13, index))
    room, hold = _room(rooms, rng), held(subject.page, rng)
    frames = [seen(subject, room, shaken(hold, rng), rng) for _ in range(FRAMES)]
    return Show(
        name=subject.name,
        train=subject.train,
        legible=any(legible(subject, scene) for scene in frames),
        out=min(scene.out for scene in frames),
        washed=min(scene.washed for scene in frames),
        said=_said([scene.frame for scene in frames]),
    )


def _held_up(data: Path, every: int) -> tuple[list[Subject], list[Path]] | None:
    """Return documents and rooms; nothing, and say so, where nothing can tell what is legible."""
    if shutil.which("tesseract") is None:
        print("\ndocument: needs the program tesseract, which says what can be read")
        return None
    return subjects(data / "documents", max(6, 24 // every)), sorted((data / "scenes").glob("*.jpg"))


def _room(rooms: Sequence[Path], rng: Generator) -> Picture:
    return np.asarray(cv2.imread(str(rooms[int(rng.integers(len(rooms)))])), np.uint8)
