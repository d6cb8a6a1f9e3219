"""Specimen documents, drawn at run time: the sizes and check digits of ICAO Doc 9303, data of "Utopia"."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]

PITCH_MM = 2.54
SPACING_MM = 6.35
BOTTOM_MM = 10.2
"""From the page's lower edge to the middle of its last line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One of the three sizes of Doc 9303, in mm."""

    width: float
    height: float
    left: float
    characters: int
    lines: int


FORMS = {
    "TD1": Form(width=85.6, height=54.0, left=4.7, characters=30, lines=3),
    "TD2": Form(width=105.0, height=74.0, left=5.5, characters=36, lines=2),
    "TD3": Form(width=125.0, height=88.0, left=5.5, characters=44, lines=2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document seen from straight above."""

    picture: Picture
    """BGR, shape (height, width, 3)."""
    lines: tuple[str, ...]
    zone: Points
    """Left and right end of the first line's middle, then of the last line's: shape (4, 2), px."""
    corners: Points
    """Of the page, clockwise from the top left: shape (4, 2), px."""
    pitch: float
    """Of the characters, px."""


def check_digit(field: str) -> str:
    """Weights 7, 3, 1 over the values 0-9, A=10 ... Z=35, `<`=0, modulo 10 (Doc 9303-3)."""
    values = ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".find(c) if c != "<" else 0 for c in field]
    return str(sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10)


def zone_lines(form: str, rng: np.random.Generator | None = None) -> tuple[str, ...]:
    """Lines of a machine-readable zone; the book's own Anna Maria Eriksson, or somebody drawn by `rng`."""
    number, birth, expiry, names = "L898902C3", "740812", "120415", "ERIKSSON<<ANNA<MARIA"
    if rng is not None:
        letters = "ABCDEFGHIJKLMNOPRSTUVZ"
        number = rng.choice(list(letters)) + "".join(map(str, rng.integers(0, 10, 8)))
        birth, expiry = (
            f"{rng.integers(*years):02}{rng.integers(1, 13):02}{rng.integers(1, 29):02}"
            for years in ((40, 100), (26, 37))
        )
        names = "<<".join(
            "".join(rng.choice(list(letters), rng.integers(4, 10))) for _ in ("surname", "given name")
        )
    number, birth, expiry = (field + check_digit(field) for field in (number, birth, expiry))
    if form == "TD1":
        middle = f"{birth}F{expiry}UTO".ljust(29, "<")
        first = f"I<UTO{number}".ljust(30, "<")
        whole = check_digit(first[5:30] + middle[:7] + middle[8:15] + middle[18:29])
        return first, middle + whole, names[:30].ljust(30, "<")
    characters = FORMS[form].characters
    last = f"{number}UTO{birth}F{expiry}".ljust(characters - 1, "<")
    if form == "TD3":
        last = last[:42] + check_digit(last[28:42])
    whole = check_digit(last[:10] + last[13:20] + last[21:])
    return f"P<UTO{names}"[:characters].ljust(characters, "<"), last + whole


def draw(
    form: str,
    *,
    scale: float = 12.0,
    font: Path | None = None,
    rng: np.random.Generator | None = None,
    zone: bool = True,
) -> Page:
    """Draw a page of `form` at `scale` px per mm; `zone=False` is the side of a card without one."""
    size = FORMS[form]
    own = rng or np.random.default_rng(0)
    paper = _paper(round(size.height * scale), round(size.width * scale), own)
    image = Image.fromarray(paper)
    pen = ImageDraw.Draw(image)
    if form != "TD1":
        _portrait(pen, size, scale, own)
    _labels(pen, size, scale, own)
    lines = zone_lines(form, rng) if zone else ()
    ink = tuple(int(level) for level in own.integers(10, 50, 3))
    glyphs = _font(font, 4.2 * scale)
    # A face that is no OCR-B has wide letters that would run into one another.
    widest = (1.0 if font else 0.7) * PITCH_MM * scale
    for index, line in enumerate(reversed(lines)):
        y = (size.height - BOTTOM_MM - index * SPACING_MM) * scale
        for column, character in enumerate(line):
            x = (size.left + (column + 0.5) * PITCH_MM) * scale
            mask = _glyph(character, glyphs, widest)
            image.paste(ink, (round(x - mask.width / 2), round(y - mask.height / 2)), mask)
    below = (size.height - BOTTOM_MM) * scale
    above = below - (size.lines - 1) * SPACING_MM * scale
    left, right = size.left * scale, (size.left + size.characters * PITCH_MM) * scale
    height, width = paper.shape[:2]
    return Page(
        picture=np.asarray(image),
        lines=lines,
        zone=np.array([[left, above], [right, above], [left, below], [right, below]], np.float32),
        corners=np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32),
        pitch=PITCH_MM * scale,
    )


@cache
def specimen(form: str, scale: float = 12.0) -> Page:
    """The page of the book's own Anna Maria Eriksson; not to be changed in place."""
    return draw(form, scale=scale)


def show(
    page: Page,
    background: Picture,
    *,
    width: float = 0.7,
    centre: tuple[float, float] = (0.5, 0.5),
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> tuple[Picture, NDArray[np.float64]]:
    """Hold the page before a background, `width` of the frame wide; return the picture and the homography.

    `angles` are roll, yaw and pitch in degrees; the camera's field of view is 60 degrees wide.
    """
    height, across = background.shape[:2]
    focal = across / 2 / np.tan(np.radians(30))
    roll, yaw, pitch = np.radians(angles)
    around_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    around_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    flat = page.corners - page.corners.mean(0)
    solid = np.column_stack((flat / flat[1, 0] / 2, np.zeros(4))) @ (around_z @ around_y @ around_x).T
    solid[:, 2] += focal / (width * across)
    seen = solid[:, :2] / solid[:, 2:] * focal + np.multiply(centre, (across, height))
    homography = cv2.getPerspectiveTransform(page.corners, seen.astype(np.float32))
    # Half the size at a time first, as a lens averages what a pixel cannot hold.
    picture, shrink = page.picture, 1.0
    while width * across * 2 <= picture.shape[1]:
        picture = np.asarray(cv2.pyrDown(picture), np.uint8)
        shrink *= 2
    scaled = homography @ np.diag([shrink, shrink, 1.0])
    held = cv2.warpPerspective(picture, scaled, (across, height), flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(
        np.full(picture.shape[:2], 255, np.uint8), scaled, (across, height), flags=cv2.INTER_LINEAR
    )
    shown, edge = background.copy(), (cover > 0) & (cover < 255)
    cv2.copyTo(held, cover, shown)
    share = cover[edge][:, np.newaxis].astype(np.float32) / 255
    shown[edge] = (held[edge] * share + background[edge] * (1 - share)).round()
    return shown, np.asarray(homography, np.float64)


def _paper(height: int, width: int, rng: np.random.Generator) -> Picture:
    tint = rng.uniform(190, 240, 3)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    period = width / rng.uniform(40, 110)
    guilloche = np.sin((y + 12 * np.sin(x / width * 18)) * 2 * np.pi / period) * rng.uniform(2, 9)
    paper: Picture = np.clip(tint + guilloche[..., np.newaxis], 0, 255).astype(np.uint8)
    return paper


def _portrait(pen: ImageDraw.ImageDraw, size: Form, scale: float, rng: np.random.Generator) -> None:
    left, top, wide = 5 * scale, 0.22 * size.height * scale, 0.24 * size.width * scale
    skin = tuple(int(level) for level in rng.integers(90, 210, 3))
    pen.rectangle((left, top, left + wide, top + 1.25 * wide), (205, 205, 200))
    pen.ellipse((left + 0.25 * wide, top + 0.2 * wide, left + 0.75 * wide, top + 0.9 * wide), skin)
    pen.ellipse((left + 0.1 * wide, top + 0.95 * wide, left + 0.9 * wide, top + 1.5 * wide), (60, 50, 50))
    pen.rectangle((left, top + 1.25 * wide, left + wide, top + 1.55 * wide), (225, 225, 220))


def _labels(pen: ImageDraw.ImageDraw, size: Form, scale: float, rng: np.random.Generator) -> None:
    left = 0.33 * size.width * scale
    pen.text((left, 4 * scale), "PASSPORT  UTOPIA", (60, 40, 40), font=_font(None, 4.5 * scale))
    small, large = _font(None, 1.8 * scale), _font(None, 3.0 * scale)
    words = ("Eriksson", "Anna Maria", "Utopian", "12 August 1974", "Zenith", "15 April 2012")
    room = size.height - BOTTOM_MM - size.lines * SPACING_MM - 10
    for index, word in enumerate(words[: int(room // 6)]):
        y = (10 + index * 6) * scale
        pen.text((left, y), ("Surname / Nom", "Given names", "Nationality")[index % 3], (90,) * 3, font=small)
        pen.text((left + rng.uniform(0, 4) * scale, y + 2 * scale), word, (30,) * 3, font=large)


@cache
def _glyph(character: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, widest: float) -> Image.Image:
    """The mask of a character, `widest` px wide at most."""
    left, top, right, bottom = (round(edge) for edge in font.getbbox(character, anchor="lm"))
    mask = Image.new("L", (right - left + 2, bottom - top + 2), 0)
    ImageDraw.Draw(mask).text((1 - left, 1 - top), character, 255, font=font, anchor="lm")
    return mask.resize((min(mask.width, round(widest)), mask.height), Image.Resampling.BOX)


def _font(path: Path | None, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)
