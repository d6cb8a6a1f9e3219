"""How often is the document check right? Drawn and specimen documents held before real rooms."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests import documents

Picture = NDArray[np.uint8]

OCR_B = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
"""Of the Debian package fonts-ocr-b; without it another face is drawn at the same pitch."""

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
class Scene:
    """Frames of a held document, and the truth about them."""

    name: str
    form: str
    frames: tuple[Picture, ...]
    zones: tuple[documents.Points, ...]
    """Per frame, as Page.zone, in the frame."""
    dpi: tuple[float, ...]
    whole: bool
    cut: bool
    glare: bool
    legible: tuple[bool, ...]
    blur: float
    motion: float


def pages(folder: Path, rng: np.random.Generator, drawn: int) -> list[tuple[str, str, documents.Page]]:
    """Name, form and page of the specimens in `folder` and of `drawn` ones of our own."""
    found = []
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
        pitch = float(zone[1, 0] - zone[0, 0]) / documents.FORMS[specimen.form].characters
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        page = documents.Page(
            picture=np.asarray(cropped, np.uint8), lines=("", specimen.last), zone=zone, corners=corners, pitch=pitch
        )
        found.append((name, specimen.form, page))
    font = OCR_B if OCR_B.is_file() else None
    for index in range(drawn):
        form = ("TD3", "TD3", "TD1", "TD3", "TD2")[index % 5]
        scale = 16.0 if form == "TD1" else 13.0
        found.append((f"drawn {index} {form}", form, documents.draw(form, scale=scale, font=font, rng=rng)))
    return found


def compose(
    name: str, form: str, page: documents.Page, room: Picture, rng: np.random.Generator, count: int = 1
) -> Scene:
    """Hold a page before a room `count` frames long, as a hand does, before a camera that is none of the best."""
    width = rng.uniform(0.25, 0.9)
    angles = np.array([rng.uniform(-15, 15), rng.uniform(-20, 20), rng.uniform(-20, 20)])
    cut = rng.random() < 0.12
    centre = _centre(width, page, rng, cut=cut)
    light, noise = rng.uniform(0.18, 1.0), rng.uniform(0.7, 6)
    quality = int(rng.choice([0, 60, 75, 90]))
    moves = rng.random() < 0.25
    blur, motion = float(rng.uniform(0.6, 1.2 if moves else 4.5) ** 1.0), float(rng.uniform(4, 17)) if moves else 0.0
    if not moves and rng.random() < 0.5:
        blur = float(rng.uniform(0.6, 1.5))
    glare = rng.random() < 0.25
    spot = (rng.uniform(0.1, 0.9), rng.uniform(-0.3, 1.3), rng.uniform(0.03, 0.2), rng.uniform(0.5, 2.5))
    frames, zones, dpis, legible = [], [], [], []
    whole = True
    for _ in range(count):
        shake = rng.normal(0, 1, 6) if count > 1 else np.zeros(6)
        wobble = rng.lognormal(0, 0.35) if count > 1 else 1.0
        picture, homography = documents.show(
            page,
            room,
            width=width * (1 + 0.01 * shake[0]),
            centre=(centre[0] + 0.006 * shake[1], centre[1] + 0.006 * shake[2]),
            angles=tuple(angles + 1.2 * shake[3:]),
        )
        zone = cv2.perspectiveTransform(page.zone[np.newaxis], homography)[0]
        corners = cv2.perspectiveTransform(page.corners[np.newaxis], homography)[0]
        inside = (corners >= 0).all() and (corners <= (picture.shape[1], picture.shape[0])).all()
        whole &= bool(inside)
        if glare:
            where = (np.add(spot[:2], 0.03 * shake[:2]), spot[2], spot[3])
            picture = _shine(picture, zone, *where)
        frame = _camera(picture, rng, light=light, noise=noise, blur=blur * wobble, motion=motion * wobble, quality=quality)
        frames.append(frame)
        zones.append(zone)
        long = np.linalg.norm(zone[1::2] - zone[::2], axis=1).mean()
        dpis.append(10 * float(long) / documents.FORMS[form].characters)
        inside = (zone > 0).all() and (zone < (picture.shape[1], picture.shape[0])).all()
        legible.append(bool(inside) and read(frame, homography, page, form))
    return Scene(
        name=name, form=form, frames=tuple(frames), zones=tuple(zones), dpi=tuple(dpis), whole=whole, cut=not whole,
        glare=glare, legible=tuple(legible), blur=blur, motion=motion,
    )


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


def _centre(
    width: float, page: documents.Page, rng: np.random.Generator, *, cut: bool
) -> tuple[float, float]:
    height = width * page.picture.shape[0] / page.picture.shape[1] * 16 / 9
    slack = np.maximum(0.46 - np.array([width, height]) / 2, 0)
    x, y = rng.uniform(-1, 1, 2) * slack + 0.5
    if cut:
        side = rng.integers(4)
        out = rng.uniform(0.04, 0.25)
        x = (out * width - width / 2 + width * 0, 1 - (out * width - width / 2), x, x)[side] if side < 2 else x
        x = {0: width / 2 - out * width, 1: 1 - width / 2 + out * width}.get(int(side), x)
        y = {2: height / 2 - out * height, 3: 1 - height / 2 + out * height}.get(int(side), y)
    return float(x), float(y)


def _shine(
    picture: Picture, zone: documents.Points, place: NDArray[np.float64], size: float, strength: float
) -> Picture:
    across, down = zone[1] - zone[0], zone[2] - zone[0]
    spot = zone[0] + across * place[0] + down * place[1]
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    radius = size * float(np.linalg.norm(across))
    distance = ((x - spot[0]) ** 2 + 1.6 * (y - spot[1]) ** 2) / radius**2
    light = 255 * strength * np.exp(-distance)
    return np.clip(picture + light[..., np.newaxis], 0, 700).astype(np.float32)


def _camera(
    picture: NDArray[np.generic], rng: np.random.Generator, *, light: float, noise: float, blur: float, motion: float, quality: int
) -> Picture:
    linear = (np.asarray(picture, np.float32) / 255) ** 2.2
    seen = cv2.GaussianBlur(linear, (0, 0), blur)
    if motion > 1:
        angle, size = rng.uniform(0, np.pi), int(motion) | 1
        kernel = np.zeros((size, size), np.float32)
        reach = np.array([np.cos(angle), np.sin(angle)]) * motion / 2
        middle = size // 2
        ends = [tuple(int(v) for v in np.round(middle + sign * reach)) for sign in (-1, 1)]
        cv2.line(kernel, *ends, 1.0, 1, cv2.LINE_AA)
        seen = cv2.filter2D(seen, -1, kernel / kernel.sum())
    grain = np.empty(seen.shape, np.float32)
    cv2.randn(grain, 0, noise)
    # The exposure brightens what the light lacks, but not all of it; what shines stays beyond white.
    frame = np.clip(255 * (seen * light) ** (1 / 2.2) + grain, 0, 255).round().astype(np.uint8)
    if quality:
        frame = cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return frame
