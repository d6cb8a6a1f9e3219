"""Where in a picture is a document's machine-readable zone?

The zone is two or three lines of OCR-B at a fixed pitch of 0.1 inch and a fixed distance
of 6.35 mm (ICAO Doc 9303-3): no other text has both, every place filled, and exactly 44,
36 or 30 of them. Nothing is read.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.measures.mrz_characters import (
    HALF_HEIGHT_PX,
    INK_SHARE,
    MARGIN_PX,
    PITCH_PX,
    PLACES_BESIDE,
    CharacterPlaces,
    estimate_pitch,
    find_character_places,
    fit_row_ends,
    ink_around_gap,
    paper_level,
    rectify,
    row_ends_in_picture,
    row_ink,
    row_profiles,
    straighten,
)
from preflight.measures.mrz_form import FORMS, Form, Grey, Points
from preflight.measures.mrz_lines import common_ends, find_lines_at_each_scale, pair_lines

# How far the fixed pitch must stand out of the spectrum of the ink: to look closer; to count; and for a
# third line beside two. Legible zones have 5 and more in 95 of 100, other text up to 3.2
# (tests/bench/camera_document.py).
_PROMISING_PROMINENCE, _LEAST_PROMINENCE, _NEIGHBOUR_PROMINENCE = 2.0, 4.1, 3.5
# Of the two lines' common places; words in fixed pitch fill up to 0.9 of 30.
_LEAST_FILLED = 0.92
# A line's distance from the next, in thicknesses.
_LINE_DISTANCE = 2.3
# Places that a part of a zone has at least.
_LEAST_PLACES = 15
# A reflection may hide one stretch of this many places, up to this share.
_LEAST_HOLE, _LARGEST_HOLE = 3, 0.45
# Places beyond a short form that are looked at for whether its lines go on.
_PLACES_BEYOND = 3
# Share of a place's usual ink from which on it is not an ornament; share of those taken where a line goes on.
_PLAIN_INK_SHARE, _CONTINUED_SHARE = 0.6, 0.9
# Ink halfway between the lines, over that within them.
_INK_BETWEEN = 0.5
# By how much a neighbouring row's pitch may differ.
_PITCH_TOLERANCE = 0.04


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mrz:
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


class Obstruction(StrEnum):
    """What may hide a part of a zone."""

    CUT = auto()
    GLARE = auto()


def find_mrz(grey: Grey) -> Mrz | None:
    """Return the zone that stands out most in a grey picture of any shape, None where there is none.

    The page may be held upside down or, which is looked for last, sideways.
    """
    if (mrz := _find_level_mrz(grey)) is not None:
        return mrz
    mrz = _find_level_mrz(_turn_by_a_quarter(grey))
    if mrz is None:
        return None
    x, y = mrz.ends.T
    return replace(mrz, ends=np.stack((grey.shape[1] - 1 - y, x), axis=1))


def find_obstruction(grey: Grey) -> Obstruction | None:
    """Return what hides a part of a zone: the picture's edge, or a reflection; None where there is no zone.

    To be asked where no zone was found: pitch and distance are those of a zone, every
    place is taken as far as it is seen, and one end lies at the edge or in a reflection.
    The page may be held any way up.
    """
    return _find_level_obstruction(grey) or _find_level_obstruction(_turn_by_a_quarter(grey))


def _turn_by_a_quarter(grey: Grey) -> Grey:
    """Return the picture turned anticlockwise."""
    return np.asarray(cv2.rotate(grey, cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8)


def _find_level_obstruction(grey: Grey) -> Obstruction | None:
    """Return what hides a part of a zone whose lines lie level or nearly so."""
    glare_at_end = False
    for ends, rows in _candidate_parts(grey):
        width, warp = rectify(ends)
        width, warp = rectify(straighten(grey, warp, width))
        inks, levels = row_profiles(grey, warp, width, rows)
        cell, prominence = estimate_pitch([ink[MARGIN_PX:-MARGIN_PX] for ink in inks])
        above, between, below = ink_around_gap(grey, warp, width, slice(MARGIN_PX, MARGIN_PX + width))
        if prominence < _LEAST_PROMINENCE or between > _INK_BETWEEN * min(
            (above, below)[row] for row in rows
        ):
            continue
        if len(rows) == 1 and _is_one_more_row(
            row_profiles(grey, warp, width, (3 * rows[0] - 1,))[0][0], cell
        ):
            continue
        places = find_character_places(inks, levels, cell, paper_level(grey, warp, width))
        seen = np.flatnonzero(places.in_lines & places.inked)
        if len(seen) < _LEAST_PLACES or places.occupied[seen[0] : seen[-1] + 1].mean() < _LEAST_FILLED:
            continue
        beyond = row_ends_in_picture(warp, MARGIN_PX - 2 * cell, MARGIN_PX + width + 2 * cell, (0, 1))
        if (beyond < 0).any() or (beyond > np.array(grey.shape[::-1]) - 1).any():
            return Obstruction.CUT
        glare_at_end |= places.has_glare_at_ends(int(seen[0]), int(seen[-1]) + 1)
    return Obstruction.GLARE if glare_at_end else None


def _find_level_mrz(grey: Grey) -> Mrz | None:
    """Return the zone of a page whose lines lie level or nearly so."""
    best: Mrz | None = None
    for ends in _candidate_line_pairs(grey):
        mrz = _verify(grey, ends)
        if mrz and (best is None or mrz.prominence > best.prominence):
            best = mrz
    return best


def _candidate_line_pairs(grey: Grey) -> Iterator[Points]:
    """Yield the ends, in px of the picture, of pairs of lines spaced as in a zone."""
    for small, scale, lines in find_lines_at_each_scale(grey):
        for upper, lower in pair_lines(lines, small):
            yield common_ends(upper, lower) / scale


def _candidate_parts(grey: Grey) -> Iterator[tuple[Points, tuple[int, ...]]]:
    """Ends of pairs, or of a line and its neighbour that must be out of the picture; and which are seen."""
    for small, scale, lines in find_lines_at_each_scale(grey):
        for upper, lower in pair_lines(lines, small):
            yield common_ends(upper, lower) / scale, (0, 1)
        for line in lines:
            x, y = line.half / math.hypot(*line.half) * line.thickness * _LINE_DISTANCE
            for seen, way in ((0, np.array([-y, x])), (1, np.array([y, -x]))):
                own = np.stack((line.left, line.right))
                other = own + way
                if (other < 0).any() or (other >= small.shape[::-1]).any():
                    yield np.concatenate((other, own) if seen else (own, other)) / scale, (seen,)


def _verify(grey: Grey, ends: Points) -> Mrz | None:
    """Return the zone of two lines, None unless all places of one fixed pitch are taken."""
    width, warp = rectify(ends)
    inks, _ = row_profiles(grey, warp, width, range(2))
    if estimate_pitch([ink[MARGIN_PX:-MARGIN_PX] for ink in inks])[1] < _PROMISING_PROMINENCE:
        return None
    # The second time over the whole length, where at first a part of a line was missing.
    for _ in range(2):
        width, warp = rectify(straighten(grey, warp, width))
        inks, levels = row_profiles(grey, warp, width, range(2))
        cell, prominence = estimate_pitch([ink[MARGIN_PX:-MARGIN_PX] for ink in inks])
        if prominence < _LEAST_PROMINENCE:
            return None
        run = _match_form(
            find_character_places(inks, levels, cell, paper_level(grey, warp, width)), width, cell
        )
        if run is None:
            return None
        form, start, filled, glare_at_end = run
        stop = start + form.characters * cell
        width, warp = rectify(row_ends_in_picture(warp, start, stop, (0, 1)))
    width, warp = rectify(fit_row_ends(grey, warp, width, form, (0, 1)))
    if not _is_set_apart(grey, warp, width, form):
        return None
    inks, _ = row_profiles(grey, warp, width, (-2, -1, 2, 3))
    more = [_is_one_more_row(ink, width / form.characters) for ink in inks]
    rows = (-1 if more[1] else 0, 2 if more[2] else 1)
    # What a reflection leaves of two long lines can be as long as short ones: of three, the third tells them.
    if (
        sum(more) > form.lines - 2
        or rows[1] - rows[0] + 1 < form.lines
        or (glare_at_end and form is not FORMS[-1])
    ):
        return None
    ends = fit_row_ends(grey, warp, width, form, rows)
    if _is_upside_down(grey, warp, width, form):
        ends = ends[::-1]
    pitch = float(np.linalg.norm(ends[1::2] - ends[::2], axis=1).mean()) / form.characters
    return Mrz(form=form, ends=ends, pitch=pitch, prominence=prominence, filled=filled)


def _is_upside_down(grey: Grey, warp: Points, width: int, form: Form) -> bool:
    """Whether the fillers, of which every zone has some, open to the left: "<" opens to the right."""
    likeness = [0.0, 0.0]
    for row in range(2):
        ink = row_ink(grey, warp, width, row)[:, MARGIN_PX:-MARGIN_PX].astype(np.float32)
        line = cv2.resize(ink, (form.characters * PITCH_PX, ink.shape[0]))
        for turned in range(2):
            mark = np.ascontiguousarray(_draw_filler()[:, :: 1 - 2 * turned])
            alike = cv2.matchTemplate(line, mark, cv2.TM_CCOEFF_NORMED).max(0)
            likeness[turned] += float((np.maximum(alike, 0) ** 4).sum())
    return likeness[1] > likeness[0]


@cache
def _draw_filler() -> NDArray[np.float32]:
    """Return a drawing of the filler "<" in its place, shape (2 * HALF_HEIGHT_PX - 3, PITCH_PX)."""
    finer = 4
    high, wide = finer * (2 * HALF_HEIGHT_PX - 3), finer * PITCH_PX
    arms = np.array([[0.8 * wide, 0.24 * high], [0.2 * wide, 0.5 * high], [0.8 * wide, 0.76 * high]])
    drawn = np.zeros((high, wide), np.float32)
    mark = cv2.polylines(drawn, [arms.round().astype(np.int32)], isClosed=False, color=1.0, thickness=6)
    small = cv2.resize(cv2.GaussianBlur(mark, (0, 0), 1.5 * finer), None, fx=1 / finer, fy=1 / finer)
    return np.asarray(small, np.float32)


def _is_set_apart(grey: Grey, warp: Points, width: int, form: Form) -> bool:
    """Whether it is blank between the lines, and a short form no part of longer ones that are cut off."""
    above, between, below = ink_around_gap(grey, warp, width, slice(MARGIN_PX, MARGIN_PX + width))
    usual = min(above, below)
    if form is FORMS[0] or between > _INK_BETWEEN * usual:
        return between <= _INK_BETWEEN * usual
    more = round(_PLACES_BEYOND * width / form.characters)
    for beyond in (slice(MARGIN_PX - more, MARGIN_PX), slice(MARGIN_PX + width, MARGIN_PX + width + more)):
        above, between, below = ink_around_gap(grey, warp, width, beyond)
        if min(above, below) > max(INK_SHARE * usual, between / _INK_BETWEEN):
            return False
    return True


def _is_one_more_row(ink: Points, cell: float) -> bool:
    """Whether a neighbouring row is one more line of the same kind."""
    own, prominence = estimate_pitch([ink[MARGIN_PX:-MARGIN_PX]])
    return prominence > _NEIGHBOUR_PROMINENCE and abs(own / cell - 1) < _PITCH_TOLERANCE


def _match_form(places: CharacterPlaces, width: int, cell: float) -> tuple[Form, float, float, bool] | None:
    """Return the form whose number of places is taken, their start in px, the share taken, and a doubt.

    Both lines must have ink in nearly every place, and hardly any just before and after.
    The doubt is whether a short form ends in a reflection, beyond which its lines may go on.
    """
    edges, level, occupied = places.edges, places.level, places.occupied
    best: tuple[float, Form, int, float, bool] | None = None
    for form in FORMS:
        for first in range(PLACES_BESIDE, len(occupied) - form.characters - PLACES_BESIDE + 1):
            last = first + form.characters
            here = slice(first, last)
            outside = max(
                level[first - PLACES_BESIDE : first].mean(), level[last : last + PLACES_BESIDE].mean()
            )
            # Asked first: few starts get past this, and what follows takes longer.
            if outside >= _PLAIN_INK_SHARE or places.inked[here].mean() < 1 - _LARGEST_HOLE:
                continue
            # Where the line found goes on, its characters do; what lies behind a page has gaps.
            beyond = occupied[here][~places.in_lines[here]]
            filled = _share_filled(occupied[here])
            sound = filled >= _LEAST_FILLED and (not beyond.size or beyond.mean() > _CONTINUED_SHARE)
            astray = abs(edges[first] - MARGIN_PX) + abs(MARGIN_PX + width - edges[last])
            glare_at_end = form is not FORMS[0] and places.has_glare_at_ends(first, last)
            rank = filled - float(outside) / 4 - astray / cell / 100 - glare_at_end
            if sound and (best is None or rank > best[0]):
                best = rank, form, first, filled, glare_at_end
    return None if best is None else (best[1], float(edges[best[2]]), *best[3:])


def _share_filled(places: NDArray[np.bool_]) -> float:
    """Share of places taken, one hole forgiven: a reflection makes one, the gaps between words make many."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], ~places, [0])).astype(np.int8)))
    holes = edges[1::2] - edges[::2]
    longest = int(holes.max(initial=0))
    inside = bool(places[0] and places[-1] and _LEAST_HOLE <= longest <= _LARGEST_HOLE * len(places))
    return 1 - float(holes.sum() - longest * inside) / len(places)
