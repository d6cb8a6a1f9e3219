"""What ICAO Doc 9303 prescribes for machine-readable zones: pitch, line spacing and formats."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Points = NDArray[np.float64]
PITCH_MM, SPACING_MM = 2.54, 6.35
SPACING_PITCHES = SPACING_MM / PITCH_MM


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
