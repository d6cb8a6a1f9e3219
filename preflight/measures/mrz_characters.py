"""The characters of two lines of text seen straight: their ink, their pitch, and what stands in each place.

Two lines are rectified to one fixed size: characters `PITCH_PX` wide, lines `SPACING_PX` apart. Row 0 is the
upper line, row 1 the lower one, 0.5 lies halfway between them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.measures.mrz_form import SPACING_PITCHES, Form, Grey, Points
from preflight.measures.mrz_lines import WHITE_LEVEL

# Seen straight, in px: the pitch, the distance of the lines, half the height in which a line is
# looked at, and the margin before and after it, in which a line half found may go on.
PITCH_PX = 14
SPACING_PX = round(PITCH_PX * SPACING_PITCHES)
HALF_HEIGHT_PX = 11
MARGIN_PX = 20 * PITCH_PX
_SPECTRUM_PADDING = 8
# The rows of a line in which all characters have ink.
CORE = slice(HALF_HEIGHT_PX - 4, HALF_HEIGHT_PX + 5)
_LEVELS_ABOVE_PAPER = 12
# Places looked at on either side of the zone: its margin is wider, though ornament may fill one.
PLACES_BESIDE = 2
# Share of a place's usual ink from which on it is taken.
INK_SHARE = 0.3
# How many pitches the place where a character is seen may be astray.
_LARGEST_DEVIATION = 0.25
# Pitches sought, per PITCH_PX, and those they must stand out from, but for the nearest.
_PITCHES_SOUGHT, _PITCHES_COMPARED, _PITCHES_LEFT_OUT = (0.75, 1.35), (0.35, 1.9), 0.12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CharacterPlaces:
    """What stands in each place of the pitch, where two lines of a zone are seen straight."""

    edges: Points
    """In px, one more than there are places."""
    inked: NDArray[np.bool_]
    """Whether each of the lines has ink there."""
    occupied: NDArray[np.bool_]
    """Or where it has none, a reflection much brighter than the paper."""
    level: Points
    """Ink for what is usual."""
    in_lines: NDArray[np.bool_]
    """Whether the place is a part of the lines found."""

    def has_glare_at_ends(self, first: int, last: int) -> bool:
        """Whether a reflection lies where these places begin or end."""
        white = self.occupied & ~self.inked
        return any(
            bool(white[max(end - PLACES_BESIDE, 0) : end + PLACES_BESIDE].any()) for end in (first, last)
        )


def row_ends_in_picture(warp: Points, start: float, stop: float, rows: tuple[int, int]) -> Points:
    """Return where two rectified rows begin and end in the picture: shape (4, 2), px."""
    places = [(x, PITCH_PX + row * SPACING_PX) for row in rows for x in (start, stop)]
    back = cv2.perspectiveTransform(np.array([places], np.float64), np.linalg.inv(warp))
    return np.asarray(back[0], np.float64)


def fit_row_ends(grey: Grey, warp: Points, width: int, form: Form, rows: tuple[int, int]) -> Points:
    """Return the ends of two rows, fitted to the places of all characters between them but the outliers.

    Half a thousandth of the pitch between two lines is a hundredth of the page at its far side.
    """
    cell = width / form.characters
    edges = np.asarray(MARGIN_PX + np.arange(form.characters + 1) * cell, np.float64)
    middles = edges[:-1] + cell / 2
    turns = 2 * np.pi * (np.arange(width + 2 * MARGIN_PX) - middles[0]) / cell
    heights = np.arange(-HALF_HEIGHT_PX, HALF_HEIGHT_PX + 1)[:, np.newaxis]
    drawn, seen = [], []
    for row in range(rows[0], rows[1] + 1):
        ink = row_ink(grey, warp, width, row)
        weight = ink.sum(0)
        turn = np.arctan2(
            sum_between(weight * np.sin(turns), edges), sum_between(weight * np.cos(turns), edges)
        )
        along = turn / (2 * np.pi) * cell
        across = sum_between((ink * heights).sum(0), edges) / np.maximum(sum_between(weight, edges), 1e-6)
        level = np.full(form.characters, PITCH_PX + row * SPACING_PX)
        drawn.append(np.stack((middles, level), axis=1))
        seen.append(np.stack((middles + along, level + across), axis=1))
    moved, _ = cv2.findHomography(
        np.concatenate(drawn), np.concatenate(seen), cv2.RANSAC, _LARGEST_DEVIATION * PITCH_PX
    )
    return row_ends_in_picture(
        warp if moved is None else np.linalg.inv(moved) @ warp, MARGIN_PX, MARGIN_PX + width, rows
    )


def rectify(ends: Points) -> tuple[int, Points]:
    """Return the rectified length in px, and the homography (3, 3) that maps two lines to straight ones."""
    long = float(np.linalg.norm(ends[1::2] - ends[::2], axis=1).mean())
    down = float(np.linalg.norm(ends[2:] - ends[:2], axis=1).mean())
    width = round(long / down * SPACING_PX)
    left, right = MARGIN_PX, MARGIN_PX + width
    target = np.array(
        [[left, PITCH_PX], [right, PITCH_PX], [left, PITCH_PX + SPACING_PX], [right, PITCH_PX + SPACING_PX]],
        np.float32,
    )
    return width, np.asarray(cv2.getPerspectiveTransform(ends.astype(np.float32), target), np.float64)


def straighten(grey: Grey, warp: Points, width: int) -> Points:
    """Return the two lines' ends, moved to where their ink lies: shape (4, 2), px.

    Half a degree between the lines is a tenth of the pitch.
    """
    columns = np.arange(width) + 0.5
    places = []
    for row in range(2):
        line = row_ink(grey, warp, width, row)[:, MARGIN_PX:-MARGIN_PX]
        weight = line.sum(0)
        heights = (line * np.arange(-HALF_HEIGHT_PX, HALF_HEIGHT_PX + 1)[:, np.newaxis]).sum(0) / np.maximum(
            weight, 1e-6
        )
        slope, level = np.polyfit(columns, heights, 1, w=np.sqrt(weight + 1e-6))
        places += [
            (MARGIN_PX + x, PITCH_PX + row * SPACING_PX + level + slope * x) for x in (0.0, float(width))
        ]
    return np.asarray(cv2.perspectiveTransform(np.array([places]), np.linalg.inv(warp))[0], np.float64)


def row_profiles(
    grey: Grey, warp: Points, width: int, rows: Iterable[int]
) -> tuple[list[Points], list[Points]]:
    """Return mean ink, and mean grey level, in each column of some rectified rows."""
    lines = [rectified_row(grey, warp, width, row) for row in rows]
    return [_extract_ink(line).mean(0) for line in lines], [line[CORE].mean(0) for line in lines]


def row_ink(grey: Grey, warp: Points, width: int, row: float) -> Points:
    """Return how much darker than its surroundings each pixel of a rectified row is."""
    return _extract_ink(rectified_row(grey, warp, width, row))


def rectified_row(grey: Grey, warp: Points, width: int, row: float) -> Grey:
    """Return a row seen straight, margins included: (2 * HALF_HEIGHT_PX + 1, width + 2 * MARGIN_PX)."""
    lifted = np.array([[1, 0, 0], [0, 1, HALF_HEIGHT_PX - PITCH_PX - row * SPACING_PX], [0, 0, 1]]) @ warp
    shape = (width + 2 * MARGIN_PX, 2 * HALF_HEIGHT_PX + 1)
    return np.asarray(cv2.warpPerspective(grey, lifted, shape, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _extract_ink(line: Grey) -> Points:
    """Return how much darker each pixel is than the paper around it (black-hat transform)."""
    return np.asarray(cv2.morphologyEx(line, cv2.MORPH_BLACKHAT, np.ones((13, 13), np.uint8)), np.float64)


def ink_around_gap(grey: Grey, warp: Points, width: int, columns: slice) -> list[float]:
    """Return the mean ink of the upper line, halfway between the lines, and of the lower line."""
    return [float(row_ink(grey, warp, width, row)[CORE, columns].mean()) for row in (0, 0.5, 1)]


def estimate_pitch(inks: list[Points]) -> tuple[float, float]:
    """Return the pitch in px, and its prominence: the common peak of the spectra over the RMS around it."""
    powers = [_power_spectrum(ink) for ink in inks]
    # Characters per PITCH_PX px; a tilt of the page makes them look up to a third narrower or wider.
    frequency = np.arange(len(powers[0])) / (_SPECTRUM_PADDING * len(inks[0])) * PITCH_PX
    near = (frequency > _PITCHES_SOUGHT[0]) & (frequency < _PITCHES_SOUGHT[1])
    about = (frequency > _PITCHES_COMPARED[0]) & (frequency < _PITCHES_COMPARED[1])
    total = np.sum([power / max(float(power[about].mean()), 1e-6) for power in powers], axis=0)
    best = int(np.argmax(np.where(near, total, 0)))
    if not total[best]:
        return float(PITCH_PX), 0.0
    about &= np.abs(frequency / frequency[best] - 1) > _PITCHES_LEFT_OUT
    common = np.mean([power[best] / max(float(power[about].mean()), 1e-6) for power in powers])
    return PITCH_PX / frequency[best], math.sqrt(float(common))


def _power_spectrum(ink: Points) -> Points:
    """Return the power spectrum of a profile without its slow changes, `_SPECTRUM_PADDING` times finer."""
    ripple = ink - cv2.blur(ink.reshape(1, -1), (2 * PITCH_PX + 1, 1)).ravel()
    return np.asarray(
        np.abs(np.fft.rfft(ripple * np.hanning(len(ripple)), _SPECTRUM_PADDING * len(ripple))) ** 2
    )


def paper_level(grey: Grey, warp: Points, width: int) -> float:
    """Return the grey level of the paper between the two lines."""
    return float(np.median(rectified_row(grey, warp, width, 0.5)[CORE, MARGIN_PX : MARGIN_PX + width]))


def find_character_places(
    inks: list[Points], levels: list[Points], cell: float, paper: float
) -> CharacterPlaces:
    """Return what stands in each place of the pitch `cell` (px), from the profiles of two rows."""
    edges = np.arange(_gap_phase(inks, cell), len(inks[0]) - 1, cell)
    in_lines = (edges[:-1] >= MARGIN_PX - cell) & (edges[1:] <= len(inks[0]) - MARGIN_PX + cell)
    inked, occupied = np.ones((2, len(in_lines)), bool)
    level = np.zeros(len(in_lines))
    for ink, brightness in zip(inks, levels, strict=True):
        sums = sum_between(ink, edges)
        usual = float(np.median(sums[in_lines]))
        full = sums > INK_SHARE * usual
        white = sum_between(brightness, edges) >= max(WHITE_LEVEL, paper + _LEVELS_ABOVE_PAPER) * cell
        inked &= full
        occupied &= full | white
        level += sums / max(usual, 1e-6) / len(inks)
    return CharacterPlaces(edges=edges, inked=inked, occupied=occupied, level=level, in_lines=in_lines)


def sum_between(ink: Points, edges: Points) -> Points:
    """Return the sum of the ink between each two neighbouring edges (px, fractions too)."""
    total = np.concatenate(([0.0], np.cumsum(ink)))
    return np.asarray(np.diff(np.interp(edges, np.arange(len(total)), total)))


def _gap_phase(inks: list[Points], cell: float) -> float:
    """Return where, from 0 up to `cell` px, the gaps between the characters lie."""
    ink = np.sum(inks, axis=0)[MARGIN_PX:-MARGIN_PX]
    turn = np.exp(-2j * np.pi * np.arange(len(ink)) / cell)
    middle = -np.angle(np.sum(ink * turn)) / (2 * np.pi) * cell
    return float((MARGIN_PX + middle - cell / 2) % cell)
