"""How a document is seen: how large, how sharp, how much of it reflects, and where its corners are."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.measures.mrz import Mrz
from preflight.measures.mrz_form import PITCH_MM, SPACING_MM, Grey, Points

# From the page's edges to the first character and to the middle of the last line (Doc 9303-4 to -6, and
# specimens); where less room is left beside the lines, they lie in the middle.
_LEFT_MM, _BOTTOM_MM = 6.0, 10.2
# By how much of the page's width a corner may seem to be outside: of 39 pages in view none seems to be by
# more, of 93 that are cut by 3% of it all do.
_CORNER_TOLERANCE = 0.01

# Of white noise it keeps the variance 36 (Immerkaer, Fast noise variance estimation, 1996).
_HIGH_PASS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
# Sharp text has a little more fine structure along its lines than across.
_ACROSS_GAIN = 1.2
# Samples down and across one character's place, and half its height in pitches.
_PLACE_SAMPLES, _HALF_HEIGHT = (12, 8), 0.7
# A place is lost where it is this bright and has less than this share of the contrast that this part of
# the places exceed. Paper may be white all over: its letters are then as dark as ever.
_WHITE, _LOST, _USUAL = 235, 0.35, 75


def dpi(zone: Mrz) -> float:
    """Return the resolution at which the document is seen: 10 characters make an inch."""
    return 10 * zone.pitch


def sharpness(grey: Grey, zone: Mrz) -> float:
    """Return how much fine structure the zone's text has for its coarse structure, a ratio of powers.

    Both are tied to the characters' pitch p (0.07 to 0.14 p against 0.28 to 0.56 p), so
    that text of any size is held to the same, and the fine one is taken along the lines,
    across them and along both diagonals. A hand that moves blurs one way only, and
    breaks the letters more than lack of focus does: the worst counts, and again the root
    of its share of the best. Half of the text that can be read has 0.36 to 0.93, half of
    what nobody can read 0.03 to 0.10. Noise, measured on the picture itself, is taken off.
    """
    band = _rectify_zone(grey, zone).astype(np.float32)
    noise = _noise_sigma(band)
    small, large = 0.28 * zone.pitch, 0.56 * zone.pitch
    coarse = cv2.GaussianBlur(band, (0, 0), small) - cv2.GaussianBlur(band, (0, 0), large)
    shape = max(float((coarse**2).mean()), 1e-3)
    s = 0.07 * zone.pitch
    level = cv2.GaussianBlur(band, (0, 0), s)
    # Blurred by √3 s more, s becomes 2 s; a diagonal's samples are √2 px apart.
    straight, diagonal = (
        cv2.getGaussianKernel(2 * math.ceil(7 * s) + 1, s * factor) for factor in (3**0.5, 1.5**0.5)
    )
    slanted = np.diag(diagonal.ravel())
    ratios = []
    for blur in (straight.T, straight, slanted, slanted[::-1]):
        fine = level - cv2.filter2D(level, -1, blur)
        # White noise of variance 1 keeps 0.0187/s² of it between s and 2 s in one direction.
        ratios.append(max(float((fine**2).mean()) - noise**2 * 0.0187 / s**2, 0.0) / shape)
    along, across, *diagonals = ratios
    directions = along, across * _ACROSS_GAIN, *diagonals
    worst, best = min(directions), max(directions)
    return worst * math.sqrt(worst / max(best, 1e-6))


def glare(grey: Grey, zone: Mrz) -> float:
    """Return the share of the zone's characters that a reflection has washed out, white with no ink left."""
    band = _rectify_zone(grey, zone)
    edge, half = 0.9 * zone.pitch, _HALF_HEIGHT * zone.pitch
    middles = np.linspace(edge, band.shape[0] - edge, zone.form.lines)
    down, across = _PLACE_SAMPLES
    places = [
        cv2.resize(
            band[max(0, round(middle - half)) : round(middle + half)],
            (across * zone.form.characters, down),
            interpolation=cv2.INTER_AREA,
        ).reshape(down, -1, across)
        for middle in middles
    ]
    ink = np.concatenate([np.ptp(line, axis=(0, 2)).astype(float) for line in places])
    level = np.concatenate([np.median(line, axis=(0, 2)) for line in places])
    return float(((level >= _WHITE) & (ink < _LOST * np.percentile(ink, _USUAL))).mean())


def page_corners(zone: Mrz) -> Points:
    """Return where the page's corners must be, clockwise from the top left: shape (4, 2), px.

    Carried over from the zone's ends, perspective and all.
    """
    form = zone.form
    long, rows = form.characters * PITCH_MM, (form.lines - 1) * SPACING_MM
    left = -min(_LEFT_MM, (form.width - long) / 2)
    right, bottom = left + form.width, rows + _BOTTOM_MM
    top = bottom - form.height
    ends = np.array([[0, 0], [long, 0], [0, rows], [long, rows]], np.float32)
    seen = cv2.getPerspectiveTransform(ends, zone.ends.astype(np.float32))
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]])
    return np.asarray(cv2.perspectiveTransform(corners, seen)[0], np.float64)


def is_page_in_view(zone: Mrz, shape: tuple[int, ...]) -> bool:
    """Whether all of the page is within a picture of this shape, as far as its corners are known."""
    corners = page_corners(zone)
    outside = np.maximum(-corners, corners - shape[1::-1]).max(axis=1)
    return bool((outside <= _CORNER_TOLERANCE * np.linalg.norm(corners[1] - corners[0])).all())


def _rectify_zone(grey: Grey, zone: Mrz) -> Grey:
    """The zone seen straight at its own size, with 0.9 of a character above and below."""
    width = round(zone.form.characters * zone.pitch)
    rows = float(np.linalg.norm(zone.ends[2:] - zone.ends[:2], axis=1).mean())
    edge = 0.9 * zone.pitch
    places = np.array([[0, edge], [width, edge], [0, edge + rows], [width, edge + rows]], np.float32)
    warp = cv2.getPerspectiveTransform(zone.ends.astype(np.float32), places)
    band = cv2.warpPerspective(grey, warp, (width, round(rows + 2 * edge)), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(band, np.uint8)


def _noise_sigma(band: NDArray[np.float32]) -> float:
    """Standard deviation of the noise: the median of a high pass, in which edges are the exception."""
    high = cv2.filter2D(band, -1, _HIGH_PASS)
    return float(np.median(np.abs(high))) / (0.6745 * 6)
