"""Lines of text in a grey picture, and pairs of them that may belong to a machine-readable zone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from preflight.measures.mrz_form import FORMS, SPACING_PITCHES, Grey, Points

# The picture's longer side is brought to these, and characters of these heights (px) are sought there:
# together 9 to 51 px in a 1920x1080 picture, 90 to 510 dpi.
_SCALES = ((960, (4.5, 8.5)), (480, (7.5, 12.0)))
_LARGEST_SLOPE = math.radians(30)
_LARGEST_ANGLE_BETWEEN = math.radians(4)
# A reflection may part a line by this many of its thicknesses.
_GLARE_THICKNESSES = 25
# Level from which on a reflection is one, and levels that it is above the paper.
WHITE_LEVEL = 235
# Length over distance of the lines, over what a form has: tilted pages look shorter or narrower.
_TILT_RATIOS = (0.72, 1.4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextLine:
    """A long thin dark thing: its middle, half its length as a vector, and its thickness."""

    centre: Points
    half: Points
    thickness: float

    @property
    def length(self) -> float:
        """From end to end, px."""
        return 2 * math.hypot(*self.half)

    @property
    def angle(self) -> float:
        """Slope in radians; positive where the line falls to the right."""
        return math.atan2(self.half[1], self.half[0])

    @property
    def left(self) -> Points:
        """Its left end (x, y), px."""
        return self.centre - self.half

    @property
    def right(self) -> Points:
        """Its right end (x, y), px."""
        return self.centre + self.half


def find_lines_at_each_scale(grey: Grey) -> Iterator[tuple[Grey, float, list[TextLine]]]:
    """Yield the picture reduced to each scale, that scale, and the lines found in it, in its own px."""
    for size, heights in _SCALES:
        scale = min(size / max(grey.shape), 1.0)
        small = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        for height in heights:
            lines = [
                line
                for line in _join_collinear(_find_text_lines(small, height), small)
                if line.length > 13 * height
            ]
            yield small, scale, lines


def _find_text_lines(small: Grey, height: float) -> list[TextLine]:
    """Return long thin dark components, made of characters about `height` px high."""
    ink = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, _disc_kernel(1.3 * height))
    ink = cv2.GaussianBlur(ink, (0, 0), max(0.6, 0.09 * height))
    around = cv2.blur(
        cv2.dilate(ink, np.ones((_odd_size(1.6 * height),) * 2, np.uint8)), (_odd_size(2.5 * height),) * 2
    )
    dark = np.asarray((ink > np.maximum(6, 0.43 * around)) * np.uint8(255), np.uint8)
    words = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, _disc_kernel(max(3, 0.95 * height)))
    words = cv2.morphologyEx(words, cv2.MORPH_OPEN, _disc_kernel(max(2, 0.4 * height)))
    contours, _ = cv2.findContours(words, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        centre, (width, thickness), degrees = cv2.minAreaRect(contour)
        if width < thickness:
            width, thickness, degrees = thickness, width, degrees - 90
        angle = math.radians((degrees + 90) % 180 - 90)
        long = width > max(2.5 * thickness, 3 * height)
        if long and 0.4 * height < thickness < 2.6 * height and abs(angle) < _LARGEST_SLOPE:
            half = np.array([math.cos(angle), math.sin(angle)]) * width / 2
            found.append(TextLine(centre=np.array(centre), half=half, thickness=thickness))
    return found


def _join_collinear(lines: list[TextLine], small: Grey) -> list[TextLine]:
    """Join what lies on one line: a zone often falls apart where it glares or its ink is thin."""
    rest = sorted(lines, key=lambda line: float(line.left[0]))
    whole = []
    while rest:
        line = rest.pop(0)
        for other in tuple(rest):
            if _is_continued_by(line, other, small):
                rest.remove(other)
                half = (other.right - line.left) / 2
                thickness = max(line.thickness, other.thickness)
                line = TextLine(centre=line.left + half, half=half, thickness=thickness)
        whole.append(line)
    return whole


def _is_continued_by(line: TextLine, other: TextLine, small: Grey) -> bool:
    """Whether another piece further right lies on the same line, near by or beyond a reflection."""
    # Plain numbers: this is asked of every two lines, and arrays of two take ten times as long.
    thickness = max(line.thickness, other.thickness)
    (x, y), (across, down) = line.centre.tolist(), line.half.tolist()
    (other_x, other_y), (other_across, other_down) = other.centre.tolist(), other.half.tolist()
    half = math.hypot(across, down)
    across, down = across / half, down / half
    x, y = other_x - x, other_y - y
    ahead = (x - other_across) * across + (y - other_down) * down - half
    aside = abs(x * down - y * across) + abs(other_across * down - other_down * across)
    if aside > 0.6 * thickness or ahead < -0.5 * thickness:
        return False
    return ahead < 5 * thickness or (
        ahead < _GLARE_THICKNESSES * thickness and _is_white_between(small, line.right, other.left)
    )


def _is_white_between(small: Grey, start: Points, stop: Points) -> bool:
    """Whether what lies between two places is mostly white, as a reflection is."""
    x, y = np.linspace(start, stop, 24).round().astype(int).T
    levels = small[y.clip(0, small.shape[0] - 1), x.clip(0, small.shape[1] - 1)]
    return bool(np.median(levels) >= WHITE_LEVEL)


def pair_lines(lines: list[TextLine], small: Grey) -> Iterator[tuple[TextLine, TextLine]]:
    """Yield pairs of lines, the upper first, spaced as in a zone; a reflection may have shortened one."""
    low, high = _TILT_RATIOS
    for pair in combinations(lines, 2):
        upper, lower = sorted(pair, key=lambda line: float(line.centre[1]))
        short, long = sorted(pair, key=lambda line: line.length)
        if short.length < 0.4 * long.length or abs(upper.angle - lower.angle) > _LARGEST_ANGLE_BETWEEN:
            continue
        along = (upper.half + lower.half) / math.hypot(*(upper.half + lower.half))
        offset = lower.centre - upper.centre
        down, across = float(along[0] * offset[1] - along[1] * offset[0]), float(offset @ along)
        count = long.length / max(down, 1e-6) * SPACING_PITCHES
        if not any(low < count / form.characters < high for form in FORMS):
            continue
        even = short.length >= 0.75 * long.length and abs(across) < 0.15 * long.length
        if even or _is_shortened_by_glare(short, long, small):
            yield upper, lower


def _is_shortened_by_glare(short: TextLine, long: TextLine, small: Grey) -> bool:
    """Whether one line reaches as far as the other wherever no reflection lies."""
    along = long.half / math.hypot(*long.half)
    before, behind = float((short.left - long.left) @ along), float((long.right - short.right) @ along)
    ends = (
        (short.left, short.left - before * along, before),
        (short.right, short.right + behind * along, behind),
    )
    return all(gap < 2 * long.thickness or _is_white_between(small, start, stop) for start, stop, gap in ends)


def common_ends(upper: TextLine, lower: TextLine) -> Points:
    """Return both lines' ends, extended to where the longer one reaches: as `Mrz.ends`, shape (4, 2), px."""
    along = (upper.half + lower.half) / math.hypot(*(upper.half + lower.half))
    start = min(float(line.left @ along) for line in (upper, lower))
    stop = max(float(line.right @ along) for line in (upper, lower))
    ends = []
    for line in (upper, lower):
        unit = line.half / math.hypot(*line.half)
        reaches = ((reach - float(line.centre @ along)) / float(unit @ along) for reach in (start, stop))
        ends += [line.centre + unit * reach for reach in reaches]
    return np.array(ends)


def _odd_size(size: float) -> int:
    """Return a whole odd number near this size, as kernels have."""
    return int(size) | 1


def _disc_kernel(size: float) -> Grey:
    """Return a round structuring element about `size` px wide."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_odd_size(size),) * 2), np.uint8)
