"""Picture files: what OpenCV decodes, and what phones take photos in (HEIC)."""

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from preflight.errors import MeasurementError, label
from preflight.measures.image import Picture
from preflight.model import Kind
from preflight.sources import file_kind
from preflight.sources.camera.environment import MOST_PICTURE_PIXELS, MOST_PIXELS
from preflight.sources.camera.frames import require_size

KINDS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "JPEG 2000", "WebP", "AVIF", "HEIC")
"""What is read as a picture."""
_FILE_BYTES = 96 << 20
"""Largest file that is read: a sequential JPEG of 200 megapixels has some 60 MB."""
_MOST_JPEG_PIXELS = 210_000_000
_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
_FRAME_MARKERS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""SOF0 to SOF15 of ISO/IEC 10918-1, table B.1: those that give a picture's size."""
_SEQUENTIAL = (0xC0, 0xC1)
_TURN_BOX = b"\0\0\0\x09irot"
_AVIF_HEAD_BYTES = 1 << 16
"""What is said of a picture stands before it."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it is looked at, and the size it has in its file."""

    picture: Picture
    width: int
    height: int
    """In pixels; those of a very large photo are more than are looked at."""


def read_picture(path: Path) -> Photo | None:
    """Return the picture in a file, None where it cannot be decoded, such as a film.

    Raises `MeasurementError` for pictures that are too small to judge or too large to read.
    """
    kind = file_kind.name_kind(path)
    if path.stat().st_size > _FILE_BYTES:
        if kind in KINDS:
            raise _too_large()
        return None
    if kind == "HEIC":
        return _reduce(_decode_heic(path))
    # From memory: OpenCV opens no path that the code page of Windows cannot write.
    data = np.fromfile(path, np.uint8)
    if kind == "JPEG" and (photo := _decode_large_jpeg(data)):
        return photo
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:
        raise _too_large() from None
    if picture is not None:
        quarters = _read_avif_turn(data) if kind == "AVIF" else 0
        return _reduce(np.ascontiguousarray(np.rot90(np.asarray(picture, np.uint8), quarters)))
    if kind in KINDS:
        # No film: FFmpeg crashes on some damaged AVIF files.
        raise MeasurementError(Kind.BAD_INPUT, f"not a readable {kind} file")
    return None


def _too_large() -> MeasurementError:
    return MeasurementError(Kind.BAD_INPUT, "too large: picture")


def _reduce(picture: Picture) -> Photo:
    """Return a decoded picture, halved where it is larger than is looked at."""
    height, width = picture.shape[:2]
    if width * height > MOST_PIXELS:
        picture = np.asarray(
            cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8
        )
    return Photo(require_size(picture), width, height)


def _decode_large_jpeg(data: "np.ndarray[tuple[int], np.dtype[np.uint8]]") -> Photo | None:
    """Return a JPEG of more pixels than are looked at, of which only every so many are decoded."""
    header = _read_jpeg_header(data.data) if len(data) else None
    if header is None or header[0] * header[1] <= MOST_PIXELS:
        return None
    width, height, marker = header
    # Of a progressive one the decoder holds all coefficients at once, whatever is asked for.
    most = _MOST_JPEG_PIXELS if marker in _SEQUENTIAL else MOST_PICTURE_PIXELS
    if width * height > most:
        raise _too_large()
    factor = next(factor for factor in _REDUCED if width * height <= MOST_PIXELS * factor**2)
    picture = cv2.imdecode(data, _REDUCED[factor])
    if picture is None:
        return None
    # The decoder turns it as its EXIF says.
    if (picture.shape[1] > picture.shape[0]) != (width > height):
        width, height = height, width
    return Photo(require_size(np.asarray(picture, np.uint8)), width, height)


def _read_jpeg_header(data: memoryview) -> tuple[int, int, int] | None:
    """Return width, height and the marker of the frame header; None where there is none."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:  # noqa: PLR2004 - what each marker begins with
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if marker in _FRAME_MARKERS:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7]), marker
        at += 1 if marker == 0xFF else 2 + length  # noqa: PLR2004 - a filling byte
    return None


def _read_avif_turn(data: "np.ndarray[tuple[int], np.dtype[np.uint8]]") -> int:
    """Return by how many quarters to the left a picture is to be turned (ISO/IEC 23008-12, 6.5.10).

    OpenCV 4.14 passes over it.
    """
    head = data[:_AVIF_HEAD_BYTES].tobytes()
    at = head.find(_TURN_BOX)
    return head[at + len(_TURN_BOX)] & 3 if 0 <= at < len(head) - len(_TURN_BOX) else 0


def _decode_heic(path: Path) -> Picture:
    """Return the main picture of a HEIC file, turned as it says, as BGR."""
    # Only here: it brings Pillow with it, which nothing else needs.
    import pi_heif  # noqa: PLC0415

    pi_heif.options.DECODE_THREADS = 1
    try:
        heif = pi_heif.open_heif(io.BytesIO(path.read_bytes()), convert_hdr_to_8bit=True)
        width, height = heif.size
        if width * height > MOST_PICTURE_PIXELS:
            raise _too_large()
        pixels = np.asarray(heif)
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError, MemoryError, LookupError) as error:
        raise MeasurementError(Kind.BAD_INPUT, f"not a readable HEIC file: {label(error)}") from None
    code = cv2.COLOR_GRAY2BGR if pixels.ndim < 3 or pixels.shape[2] < 3 else cv2.COLOR_RGB2BGR  # noqa: PLR2004
    if pixels.ndim == 3 and pixels.shape[2] == 4:  # noqa: PLR2004 - with transparency
        code = cv2.COLOR_RGBA2BGR
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)
