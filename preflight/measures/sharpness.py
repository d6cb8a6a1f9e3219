"""How sharp is a frame: how wide are its sharpest edges?"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.measures.image import Picture

# Blurs between which an edge is weighed, in px: wide enough to stand above noise of 4 grey levels.
_FINE, _COARSE = 1.2, 2.4
_TILE = (135, 240)
_MOST_TILES = 16
_STRONGEST_SHARE = 0.01
_LEAST_EDGES = 150
_SHARP_QUANTILE = 0.8
_SHARPEST_TILES = 3


def edge_blur(grey: Picture) -> float | None:
    """Return the standard deviation, in px, of the blur of the picture's sharper edges.

    None where the picture (any shape from 270x480) has too few edges to tell. An edge
    blurred by s and again by a has a gradient in proportion to 1/sqrt(s² + a²), so that
    the ratio of the gradients for two a gives s (after Zhuo and Sim, Defocus map
    estimation from a single image, 2011). Of the tiles with the most contrast the third
    sharpest speaks: what stands out of focus behind a person is not a fault. The sensor's
    own pixels count, so that nothing is below about 0.5.
    """
    tiles = _tiles_of_most_contrast(grey)
    if len(tiles) < _SHARPEST_TILES:
        return None
    fine = np.stack([_gradient_magnitude(tile, _FINE) for tile in tiles])
    coarse = np.stack([_gradient_magnitude(tile, _COARSE) for tile in tiles])
    share = min(_STRONGEST_SHARE * grey.size / coarse.size, 1.0)
    strong = coarse > max(float(np.quantile(coarse[:, ::4, ::4], 1 - share)), 1.0)
    ratios = [
        float(np.quantile(fine[tile][edges] / coarse[tile][edges], _SHARP_QUANTILE))
        for tile, edges in enumerate(strong)
        if np.count_nonzero(edges) >= _LEAST_EDGES
    ]
    if not ratios:
        return None
    ratio = max(sorted(ratios, reverse=True)[:_SHARPEST_TILES][-1], 1 + 1e-3)
    squared = (_COARSE**2 - (ratio * _FINE) ** 2) / (ratio**2 - 1)
    return math.sqrt(max(squared, 0.0))


def _tiles_of_most_contrast(grey: Picture) -> list[Picture]:
    """The tiles with the most contrast: a quarter of a 1080p picture, at a quarter of the time."""
    height, width = _TILE
    corners = [
        (top, left)
        for top in range(0, grey.shape[0] - height + 1, height)
        for left in range(0, grey.shape[1] - width + 1, width)
    ]
    tiles = [grey[top : top + height, left : left + width] for top, left in corners]
    tiles.sort(key=lambda tile: float(tile[::3, ::3].std()), reverse=True)
    return tiles[:_MOST_TILES]


def _gradient_magnitude(tile: Picture, blur: float) -> NDArray[np.float32]:
    """Return the length of the gradient of a blurred tile, in levels per px."""
    smooth = cv2.GaussianBlur(tile.astype(np.float32), (0, 0), blur)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(cv2.magnitude(across, down), np.float32)
