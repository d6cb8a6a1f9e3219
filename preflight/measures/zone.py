"""Where in a picture is a document's machine-readable zone?

The zone is two or three lines of OCR-B at a fixed pitch of 0.1 inch and a fixed distance
of 6.35 mm (ICAO Doc 9303-3): no other text has both, every place filled, and exactly 44,
36 or 30 of them. Nothing is read.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from functools import cache
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Points = NDArray[np.float64]

PITCH_MM, SPACING_MM = 2.54, 6.35
_SPACING = SPACING_MM / PITCH_MM

# The picture's longer side is brought to these, and characters of these heights (px) are sought there:
# together 9 to 51 px in a 1920x1080 picture, 90 to 510 dpi.
_SCALES = ((960, (4.5, 8.5)), (480, (7.5, 12.0)))
_STEEPEST = math.radians(30)
_PARALLEL = math.radians(4)

# Seen straight, in px: the pitch, the distance of the lines, half the height in which a line is
# looked at, and the margin before and after it, in which a line half found may go on.
_CELL = 14
_ROW = round(_CELL * _SPACING)
_HALF = 11
_MARGIN = 20 * _CELL
_PADDING = 8
# The rows of a line in which all characters have ink.
_CORE = slice(_HALF - 4, _HALF + 5)

# How far the fixed pitch must stand out of the spectrum of the ink: to look closer; to count; and for a
# third line beside two. Legible zones have 5 and more in 95 of 100, other text up to 3.2
# (tests/bench/camera_document.py).
_PROMISING, _PROMINENT, _NEIGHBOUR = 2.0, 4.1, 3.5
# Of the two lines' common places; words in fixed pitch fill up to 0.9 of 30.
_FILLED = 0.92
# Thicknesses that a reflection may part a line by, the level from which on it is one, and levels above paper.
_SHINE, _WHITE, _BRIGHTER = 25, 235, 12
# A line's distance from the next, in thicknesses.
_THICKNESSES = 2.3
# Places that a part of a zone has at least.
_PART = 15
# A reflection may hide one stretch of this many places, up to this share.
_HOLE, _HOLE_SHARE = 3, 0.45
# Places looked at on either side of the zone: its margin is wider, though ornament may fill one.
_AROUND = 2
# Places beyond a short form that are looked at for whether its lines go on.
_MORE = 3
# Share of a place's usual ink from which on it is taken, and from which on it is not an ornament; share of
# places taken where a line goes on.
_INK, _PLAIN_INK, _GOING_ON = 0.3, 0.6, 0.9
# Ink halfway between the lines, over that within them.
_BETWEEN = 0.5
# Length over distance of the lines, over what a form has: tilted pages look shorter or narrower.
_TILTED = (0.72, 1.4)
# How many pitches the place where a character is seen may be astray.
_STRAY = 0.25
# Pitches sought, per _CELL, and those they must stand out from, but for the nearest; a neighbour's tolerance.
_SOUGHT, _BESIDE, _NEAREST, _SAME = (0.75, 1.35), (0.35, 1.9), 0.12, 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A size of document: millimetres, and how its zone is laid out."""

    characters: int
    lines: int
    width: float
    height: float


FORMS = (
    Form(characters=44, lines=2, width=125.0, height=88.0),
    Form(characters=36, lines=2, width=105.0, height=74.0),
    Form(characters=30, lines=3, width=85.6, height=54.0),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Zone:
    """A machine-readable zone in a picture."""

    form: Form
    ends: Points
    """Left and right end of the first line's middle, then of the last line's: shape (4, 2), px."""
    pitch: float
    """Distance of the characters, px."""
    prominence: float
    """How far the fixed pitch stands out of the spectrum of the ink; 1 is chance."""
    filled: float
    """Share of the places that hold a character."""


class Hidden(StrEnum):
    """What may hide a part of a zone."""

    CUT = auto()
    GLARE = auto()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """What stands in each place of the pitch, where two lines of a zone are seen straight."""

    edges: Points
    """In px, one more than there are places."""
    inked: NDArray[np.bool_]
    """Whether each of the lines has ink there."""
    taken: NDArray[np.bool_]
    """Or where it has none, a reflection much brighter than the paper."""
    level: Points
    """Ink for what is usual."""
    within: NDArray[np.bool_]
    """Whether the place is a part of the lines found."""

    def shone(self, first: int, last: int) -> bool:
        """Whether a reflection lies where these places begin or end."""
        white = self.taken & ~self.inked
        return any(bool(white[max(end - _AROUND, 0) : end + _AROUND].any()) for end in (first, last))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Line:
    """A long thin dark thing: its middle, half its length as a vector, and its thickness."""

    centre: Points
    half: Points
    thickness: float

    @property
    def length(self) -> float:
        return 2 * math.hypot(*self.half)

    @property
    def angle(self) -> float:
        return math.atan2(self.half[1], self.half[0])

    @property
    def left(self) -> Points:
        return self.centre - self.half

    @property
    def right(self) -> Points:
        return self.centre + self.half


def find(grey: Grey) -> Zone | None:
    """Return the zone that stands out most in a grey picture of any shape, None where there is none.

    The page may be held upside down or, which is looked for last, sideways.
    """
    if (zone := _level(grey)) is not None:
        return zone
    zone = _level(_sideways(grey))
    if zone is None:
        return None
    x, y = zone.ends.T
    return replace(zone, ends=np.stack((grey.shape[1] - 1 - y, x), axis=1))


def hidden(grey: Grey) -> Hidden | None:
    """Return what hides a part of a zone: the picture's edge, or a reflection; None where there is no zone.

    To be asked where no zone was found: pitch and distance are those of a zone, every
    place is taken as far as it is seen, and one end lies at the edge or in a reflection.
    The page may be held any way up.
    """
    return _hidden(grey) or _hidden(_sideways(grey))


def _sideways(grey: Grey) -> Grey:
    return np.asarray(cv2.rotate(grey, cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8)


def _hidden(grey: Grey) -> Hidden | None:
    """Return what hides a part of a zone whose lines lie level or nearly so."""
    shone = False
    for ends, rows in _parts(grey):
        width, warp = _rectifying(ends)
        width, warp = _rectifying(_straightened(grey, warp, width))
        inks, levels = _profiles(grey, warp, width, rows)
        cell, prominence = _pitch([ink[_MARGIN:-_MARGIN] for ink in inks])
        above, between, below = _three_inks(grey, warp, width, slice(_MARGIN, _MARGIN + width))
        if prominence < _PROMINENT or between > _BETWEEN * min((above, below)[row] for row in rows):
            continue
        if len(rows) == 1 and _belongs(_profiles(grey, warp, width, (3 * rows[0] - 1,))[0][0], cell):
            continue
        places = _places(inks, levels, cell, _paper(grey, warp, width))
        seen = np.flatnonzero(places.within & places.inked)
        if len(seen) < _PART or places.taken[seen[0] : seen[-1] + 1].mean() < _FILLED:
            continue
        beyond = _placed(warp, _MARGIN - 2 * cell, _MARGIN + width + 2 * cell, (0, 1))
        if (beyond < 0).any() or (beyond > np.array(grey.shape[::-1]) - 1).any():
            return Hidden.CUT
        shone |= places.shone(int(seen[0]), int(seen[-1]) + 1)
    return Hidden.GLARE if shone else None


def _level(grey: Grey) -> Zone | None:
    """Return the zone of a page whose lines lie level or nearly so."""
    best: Zone | None = None
    for ends in _candidates(grey):
        zone = _verified(grey, ends)
        if zone and (best is None or zone.prominence > best.prominence):
            best = zone
    return best


def _candidates(grey: Grey) -> Iterator[Points]:
    """Ends of pairs of lines that lie below one another as those of a zone do."""
    for small, scale, lines in _long_lines(grey):
        for upper, lower in _pairs(lines, small):
            yield _common_ends(upper, lower) / scale


def _parts(grey: Grey) -> Iterator[tuple[Points, tuple[int, ...]]]:
    """Ends of pairs, or of a line and its neighbour that must be out of the picture; and which are seen."""
    for small, scale, lines in _long_lines(grey):
        for upper, lower in _pairs(lines, small):
            yield _common_ends(upper, lower) / scale, (0, 1)
        for line in lines:
            x, y = line.half / math.hypot(*line.half) * line.thickness * _THICKNESSES
            for seen, way in ((0, np.array([-y, x])), (1, np.array([y, -x]))):
                own = np.stack((line.left, line.right))
                other = own + way
                if (other < 0).any() or (other >= small.shape[::-1]).any():
                    yield np.concatenate((other, own) if seen else (own, other)) / scale, (seen,)


def _long_lines(grey: Grey) -> Iterator[tuple[Grey, float, list[_Line]]]:
    """The picture at each of the scales, its scale, and the lines found there, in its px."""
    for size, heights in _SCALES:
        scale = min(size / max(grey.shape), 1.0)
        small = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        for height in heights:
            lines = [line for line in _joined(_lines(small, height), small) if line.length > 13 * height]
            yield small, scale, lines


def _lines(small: Grey, height: float) -> list[_Line]:
    """Long thin dark components of characters about `height` px high."""
    ink = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, _disc(1.3 * height))
    ink = cv2.GaussianBlur(ink, (0, 0), max(0.6, 0.09 * height))
    around = cv2.blur(
        cv2.dilate(ink, np.ones((_odd(1.6 * height),) * 2, np.uint8)), (_odd(2.5 * height),) * 2
    )
    dark = np.asarray((ink > np.maximum(6, 0.43 * around)) * np.uint8(255), np.uint8)
    words = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, _disc(max(3, 0.95 * height)))
    words = cv2.morphologyEx(words, cv2.MORPH_OPEN, _disc(max(2, 0.4 * height)))
    contours, _ = cv2.findContours(words, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        centre, (width, thickness), degrees = cv2.minAreaRect(contour)
        if width < thickness:
            width, thickness, degrees = thickness, width, degrees - 90
        angle = math.radians((degrees + 90) % 180 - 90)
        long = width > max(2.5 * thickness, 3 * height)
        if long and 0.4 * height < thickness < 2.6 * height and abs(angle) < _STEEPEST:
            half = np.array([math.cos(angle), math.sin(angle)]) * width / 2
            found.append(_Line(centre=np.array(centre), half=half, thickness=thickness))
    return found


def _joined(lines: list[_Line], small: Grey) -> list[_Line]:
    """Join what lies on one line: a zone often falls apart where it glares or its ink is thin."""
    rest = sorted(lines, key=lambda line: float(line.left[0]))
    whole = []
    while rest:
        line = rest.pop(0)
        for other in tuple(rest):
            if _continues(line, other, small):
                rest.remove(other)
                half = (other.right - line.left) / 2
                thickness = max(line.thickness, other.thickness)
                line = _Line(centre=line.left + half, half=half, thickness=thickness)
        whole.append(line)
    return whole


def _continues(line: _Line, other: _Line, small: Grey) -> bool:
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
    return ahead < 5 * thickness or (ahead < _SHINE * thickness and _shines(small, line.right, other.left))


def _shines(small: Grey, start: Points, stop: Points) -> bool:
    """Whether what lies between two places is mostly white, as a reflection is."""
    x, y = np.linspace(start, stop, 24).round().astype(int).T
    levels = small[y.clip(0, small.shape[0] - 1), x.clip(0, small.shape[1] - 1)]
    return bool(np.median(levels) >= _WHITE)


def _pairs(lines: list[_Line], small: Grey) -> Iterator[tuple[_Line, _Line]]:
    """Lines that lie below one another as those of a zone do, but for what a reflection took of one."""
    low, high = _TILTED
    for pair in combinations(lines, 2):
        upper, lower = sorted(pair, key=lambda line: float(line.centre[1]))
        short, long = sorted(pair, key=lambda line: line.length)
        if short.length < 0.4 * long.length or abs(upper.angle - lower.angle) > _PARALLEL:
            continue
        along = (upper.half + lower.half) / math.hypot(*(upper.half + lower.half))
        offset = lower.centre - upper.centre
        down, across = float(along[0] * offset[1] - along[1] * offset[0]), float(offset @ along)
        count = long.length / max(down, 1e-6) * _SPACING
        if not any(low < count / form.characters < high for form in FORMS):
            continue
        even = short.length >= 0.75 * long.length and abs(across) < 0.15 * long.length
        if even or _robbed(short, long, small):
            yield upper, lower


def _robbed(short: _Line, long: _Line, small: Grey) -> bool:
    """Whether one line reaches as far as the other wherever no reflection lies."""
    along = long.half / math.hypot(*long.half)
    before, behind = float((short.left - long.left) @ along), float((long.right - short.right) @ along)
    ends = (
        (short.left, short.left - before * along, before),
        (short.right, short.right + behind * along, behind),
    )
    return all(gap < 2 * long.thickness or _shines(small, start, stop) for start, stop, gap in ends)


def _verified(grey: Grey, ends: Points) -> Zone | None:
    """The zone of two lines, if their characters stand at one fixed pitch and every place is taken."""
    width, warp = _rectifying(ends)
    inks, _ = _profiles(grey, warp, width, range(2))
    if _pitch([ink[_MARGIN:-_MARGIN] for ink in inks])[1] < _PROMISING:
        return None
    # The second time over the whole length, where at first a part of a line was missing.
    for _ in range(2):
        width, warp = _rectifying(_straightened(grey, warp, width))
        inks, levels = _profiles(grey, warp, width, range(2))
        cell, prominence = _pitch([ink[_MARGIN:-_MARGIN] for ink in inks])
        if prominence < _PROMINENT:
            return None
        run = _run(_places(inks, levels, cell, _paper(grey, warp, width)), width, cell)
        if run is None:
            return None
        form, start, filled, shone = run
        stop = start + form.characters * cell
        width, warp = _rectifying(_placed(warp, start, stop, (0, 1)))
    width, warp = _rectifying(_fitted(grey, warp, width, form, (0, 1)))
    if not _apart(grey, warp, width, form):
        return None
    inks, _ = _profiles(grey, warp, width, (-2, -1, 2, 3))
    more = [_belongs(ink, width / form.characters) for ink in inks]
    rows = (-1 if more[1] else 0, 2 if more[2] else 1)
    # What a reflection leaves of two long lines can be as long as short ones: of three, the third tells them.
    if sum(more) > form.lines - 2 or rows[1] - rows[0] + 1 < form.lines or (shone and form is not FORMS[-1]):
        return None
    ends = _fitted(grey, warp, width, form, rows)
    if _upside_down(grey, warp, width, form):
        ends = ends[::-1]
    pitch = float(np.linalg.norm(ends[1::2] - ends[::2], axis=1).mean()) / form.characters
    return Zone(form=form, ends=ends, pitch=pitch, prominence=prominence, filled=filled)


def _placed(warp: Points, start: float, stop: float, rows: tuple[int, int]) -> Points:
    """Where two rows that are seen straight begin and end in the picture."""
    places = [(x, _CELL + row * _ROW) for row in rows for x in (start, stop)]
    back = cv2.perspectiveTransform(np.array([places], np.float64), np.linalg.inv(warp))
    return np.asarray(back[0], np.float64)


def _fitted(grey: Grey, warp: Points, width: int, form: Form, rows: tuple[int, int]) -> Points:
    """Ends of rows as the places of all their characters have them together, without those astray.

    Half a thousandth of the pitch between two lines is a hundredth of the page at its far side.
    """
    cell = width / form.characters
    edges = np.asarray(_MARGIN + np.arange(form.characters + 1) * cell, np.float64)
    middles = edges[:-1] + cell / 2
    turns = 2 * np.pi * (np.arange(width + 2 * _MARGIN) - middles[0]) / cell
    heights = np.arange(-_HALF, _HALF + 1)[:, np.newaxis]
    drawn, seen = [], []
    for row in range(rows[0], rows[1] + 1):
        ink = _line_ink(grey, warp, width, row)
        weight = ink.sum(0)
        turn = np.arctan2(_sums(weight * np.sin(turns), edges), _sums(weight * np.cos(turns), edges))
        along = turn / (2 * np.pi) * cell
        across = _sums((ink * heights).sum(0), edges) / np.maximum(_sums(weight, edges), 1e-6)
        level = np.full(form.characters, _CELL + row * _ROW)
        drawn.append(np.stack((middles, level), axis=1))
        seen.append(np.stack((middles + along, level + across), axis=1))
    moved, _ = cv2.findHomography(np.concatenate(drawn), np.concatenate(seen), cv2.RANSAC, _STRAY * _CELL)
    return _placed(warp if moved is None else np.linalg.inv(moved) @ warp, _MARGIN, _MARGIN + width, rows)


def _common_ends(upper: _Line, lower: _Line) -> Points:
    """Ends of both lines' axes, drawn out to where the longer reaches."""
    along = (upper.half + lower.half) / math.hypot(*(upper.half + lower.half))
    start = min(float(line.left @ along) for line in (upper, lower))
    stop = max(float(line.right @ along) for line in (upper, lower))
    ends = []
    for line in (upper, lower):
        unit = line.half / math.hypot(*line.half)
        reaches = ((reach - float(line.centre @ along)) / float(unit @ along) for reach in (start, stop))
        ends += [line.centre + unit * reach for reach in reaches]
    return np.array(ends)


def _rectifying(ends: Points) -> tuple[int, Points]:
    """Length in px, and what maps the two lines to straight ones of it, _ROW apart, behind a margin."""
    long = float(np.linalg.norm(ends[1::2] - ends[::2], axis=1).mean())
    down = float(np.linalg.norm(ends[2:] - ends[:2], axis=1).mean())
    width = round(long / down * _ROW)
    left, right = _MARGIN, _MARGIN + width
    target = np.array(
        [[left, _CELL], [right, _CELL], [left, _CELL + _ROW], [right, _CELL + _ROW]], np.float32
    )
    return width, np.asarray(cv2.getPerspectiveTransform(ends.astype(np.float32), target), np.float64)


def _straightened(grey: Grey, warp: Points, width: int) -> Points:
    """Ends of the two lines as their ink lies: half a degree between them is a tenth of the pitch."""
    columns = np.arange(width) + 0.5
    places = []
    for row in range(2):
        line = _line_ink(grey, warp, width, row)[:, _MARGIN:-_MARGIN]
        weight = line.sum(0)
        heights = (line * np.arange(-_HALF, _HALF + 1)[:, np.newaxis]).sum(0) / np.maximum(weight, 1e-6)
        slope, level = np.polyfit(columns, heights, 1, w=np.sqrt(weight + 1e-6))
        places += [(_MARGIN + x, _CELL + row * _ROW + level + slope * x) for x in (0.0, float(width))]
    return np.asarray(cv2.perspectiveTransform(np.array([places]), np.linalg.inv(warp))[0], np.float64)


def _profiles(grey: Grey, warp: Points, width: int, rows: Iterable[int]) -> tuple[list[Points], list[Points]]:
    """Ink and level in each column of lines seen straight; row 0 is the upper of the pair."""
    lines = [_line(grey, warp, width, row) for row in rows]
    return [_ink(line).mean(0) for line in lines], [line[_CORE].mean(0) for line in lines]


def _line_ink(grey: Grey, warp: Points, width: int, row: float) -> Points:
    return _ink(_line(grey, warp, width, row))


def _line(grey: Grey, warp: Points, width: int, row: float) -> Grey:
    lifted = np.array([[1, 0, 0], [0, 1, _HALF - _CELL - row * _ROW], [0, 0, 1]]) @ warp
    shape = (width + 2 * _MARGIN, 2 * _HALF + 1)
    return np.asarray(cv2.warpPerspective(grey, lifted, shape, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _ink(line: Grey) -> Points:
    return np.asarray(cv2.morphologyEx(line, cv2.MORPH_BLACKHAT, np.ones((13, 13), np.uint8)), np.float64)


def _upside_down(grey: Grey, warp: Points, width: int, form: Form) -> bool:
    """Whether the fillers, of which every zone has some, open to the left: "<" opens to the right."""
    likeness = [0.0, 0.0]
    for row in range(2):
        ink = _line_ink(grey, warp, width, row)[:, _MARGIN:-_MARGIN].astype(np.float32)
        line = cv2.resize(ink, (form.characters * _CELL, ink.shape[0]))
        for turned in range(2):
            mark = np.ascontiguousarray(_chevron()[:, :: 1 - 2 * turned])
            alike = cv2.matchTemplate(line, mark, cv2.TM_CCOEFF_NORMED).max(0)
            likeness[turned] += float((np.maximum(alike, 0) ** 4).sum())
    return likeness[1] > likeness[0]


@cache
def _chevron() -> NDArray[np.float32]:
    """Draw the filler "<" in its place, shape (2 * _HALF - 3, _CELL)."""
    finer = 4
    high, wide = finer * (2 * _HALF - 3), finer * _CELL
    arms = np.array([[0.8 * wide, 0.24 * high], [0.2 * wide, 0.5 * high], [0.8 * wide, 0.76 * high]])
    drawn = np.zeros((high, wide), np.float32)
    mark = cv2.polylines(drawn, [arms.round().astype(np.int32)], isClosed=False, color=1.0, thickness=6)
    small = cv2.resize(cv2.GaussianBlur(mark, (0, 0), 1.5 * finer), None, fx=1 / finer, fy=1 / finer)
    return np.asarray(small, np.float32)


def _apart(grey: Grey, warp: Points, width: int, form: Form) -> bool:
    """Whether it is blank between the lines, and a short form no part of longer ones that are cut off."""
    above, between, below = _three_inks(grey, warp, width, slice(_MARGIN, _MARGIN + width))
    usual = min(above, below)
    if form is FORMS[0] or between > _BETWEEN * usual:
        return between <= _BETWEEN * usual
    more = round(_MORE * width / form.characters)
    for beyond in (slice(_MARGIN - more, _MARGIN), slice(_MARGIN + width, _MARGIN + width + more)):
        above, between, below = _three_inks(grey, warp, width, beyond)
        if min(above, below) > max(_INK * usual, between / _BETWEEN):
            return False
    return True


def _three_inks(grey: Grey, warp: Points, width: int, columns: slice) -> list[float]:
    """Mean ink of the upper line, halfway between the two, and of the lower line."""
    return [float(_line_ink(grey, warp, width, row)[_CORE, columns].mean()) for row in (0, 0.5, 1)]


def _belongs(ink: Points, cell: float) -> bool:
    """Whether a neighbouring row is one more line of the same kind."""
    own, prominence = _pitch([ink[_MARGIN:-_MARGIN]])
    return prominence > _NEIGHBOUR and abs(own / cell - 1) < _SAME


def _pitch(inks: list[Points]) -> tuple[float, float]:
    """Pitch in px and how far it stands out: the common peak of the spectra over the RMS around it."""
    powers = [_power(ink) for ink in inks]
    # Characters per _CELL px; a tilt of the page makes them look up to a third narrower or wider.
    frequency = np.arange(len(powers[0])) / (_PADDING * len(inks[0])) * _CELL
    near = (frequency > _SOUGHT[0]) & (frequency < _SOUGHT[1])
    about = (frequency > _BESIDE[0]) & (frequency < _BESIDE[1])
    total = np.sum([power / max(float(power[about].mean()), 1e-6) for power in powers], axis=0)
    best = int(np.argmax(np.where(near, total, 0)))
    if not total[best]:
        return float(_CELL), 0.0
    about &= np.abs(frequency / frequency[best] - 1) > _NEAREST
    common = np.mean([power[best] / max(float(power[about].mean()), 1e-6) for power in powers])
    return _CELL / frequency[best], math.sqrt(float(common))


def _power(ink: Points) -> Points:
    ripple = ink - cv2.blur(ink.reshape(1, -1), (2 * _CELL + 1, 1)).ravel()
    return np.asarray(np.abs(np.fft.rfft(ripple * np.hanning(len(ripple)), _PADDING * len(ripple))) ** 2)


def _run(places: _Places, width: int, cell: float) -> tuple[Form, float, float, bool] | None:
    """The form whose number of places is taken, where they start in px, the share taken, and a doubt.

    Both lines must have ink in nearly every place, and hardly any just before and after.
    The doubt is whether a short form ends in a reflection, beyond which its lines may go on.
    """
    edges, level, taken = places.edges, places.level, places.taken
    best: tuple[float, Form, int, float, bool] | None = None
    for form in FORMS:
        for first in range(_AROUND, len(taken) - form.characters - _AROUND + 1):
            last = first + form.characters
            here = slice(first, last)
            outside = max(level[first - _AROUND : first].mean(), level[last : last + _AROUND].mean())
            # Asked first: few starts get past this, and what follows takes longer.
            if outside >= _PLAIN_INK or places.inked[here].mean() < 1 - _HOLE_SHARE:
                continue
            # Where the line found goes on, its characters do; what lies behind a page has gaps.
            beyond = taken[here][~places.within[here]]
            filled = _filled(taken[here])
            sound = filled >= _FILLED and (not beyond.size or beyond.mean() > _GOING_ON)
            astray = abs(edges[first] - _MARGIN) + abs(_MARGIN + width - edges[last])
            shone = form is not FORMS[0] and places.shone(first, last)
            rank = filled - float(outside) / 4 - astray / cell / 100 - shone
            if sound and (best is None or rank > best[0]):
                best = rank, form, first, filled, shone
    return None if best is None else (best[1], float(edges[best[2]]), *best[3:])


def _paper(grey: Grey, warp: Points, width: int) -> float:
    """Level of what lies between the two lines."""
    return float(np.median(_line(grey, warp, width, 0.5)[_CORE, _MARGIN : _MARGIN + width]))


def _places(inks: list[Points], levels: list[Points], cell: float, paper: float) -> _Places:
    edges = np.arange(_phase(inks, cell), len(inks[0]) - 1, cell)
    within = (edges[:-1] >= _MARGIN - cell) & (edges[1:] <= len(inks[0]) - _MARGIN + cell)
    inked, taken = np.ones((2, len(within)), bool)
    level = np.zeros(len(within))
    for ink, brightness in zip(inks, levels, strict=True):
        sums = _sums(ink, edges)
        usual = float(np.median(sums[within]))
        full = sums > _INK * usual
        white = _sums(brightness, edges) >= max(_WHITE, paper + _BRIGHTER) * cell
        inked &= full
        taken &= full | white
        level += sums / max(usual, 1e-6) / len(inks)
    return _Places(edges=edges, inked=inked, taken=taken, level=level, within=within)


def _filled(places: NDArray[np.bool_]) -> float:
    """Share of places taken, one hole forgiven: a reflection makes one, the gaps between words make many."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], ~places, [0])).astype(np.int8)))
    holes = edges[1::2] - edges[::2]
    longest = int(holes.max(initial=0))
    inside = bool(places[0] and places[-1] and _HOLE <= longest <= _HOLE_SHARE * len(places))
    return 1 - float(holes.sum() - longest * inside) / len(places)


def _sums(ink: Points, edges: Points) -> Points:
    total = np.concatenate(([0.0], np.cumsum(ink)))
    return np.asarray(np.diff(np.interp(edges, np.arange(len(total)), total)))


def _phase(inks: list[Points], cell: float) -> float:
    """Where between 0 and `cell` px the gaps between the characters lie."""
    ink = np.sum(inks, axis=0)[_MARGIN:-_MARGIN]
    turn = np.exp(-2j * np.pi * np.arange(len(ink)) / cell)
    middle = -np.angle(np.sum(ink * turn)) / (2 * np.pi) * cell
    return float((_MARGIN + middle - cell / 2) % cell)


def _odd(size: float) -> int:
    return int(size) | 1


def _disc(size: float) -> Grey:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_odd(size),) * 2), np.uint8)
