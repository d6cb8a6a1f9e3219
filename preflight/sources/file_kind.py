"""What kind of file this is, by its first bytes: names tell little, and not the truth."""

from pathlib import Path

from preflight.errors import MeasurementError
from preflight.model import Kind

_HEAD_BYTES = 256
_SIGNATURES = (
    # Offset, bytes, the kind's usual name; the first that fits counts.
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (8, b"WEBP", "WebP"),
    (8, b"WAVE", "WAV"),
    (8, b"AVI ", "AVI"),
    (8, b"AIFF", "AIFF"),
    (8, b"AIFC", "AIFF"),
    (0, b"fLaC", "FLAC"),
    (0, b"OggS", "OGG"),
    (0, b"caff", "CAF"),
    (0, b"#!AMR", "AMR"),
    (0, b"ID3", "MP3"),
    (0, b"\x1aE\xdf\xa3", "Matroska"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "Windows Media"),
    (0, b"FLV\x01", "FLV"),
    (0, b"#EXTM3U", "M3U"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"Rar!", "RAR"),
    (0, b"7z\xbc\xaf", "7z"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"MZ", "EXE"),
    (0, b"\x7fELF", "ELF"),
)
_BRANDS = {
    # The brands of ISO/IEC 14496-12 files: the first one, or one of those compatible, names the kind.
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
    b"M4A ": "M4A",
    b"M4B ": "M4A",
    b"qt  ": "MOV",
}
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_PACKET_BYTES, _PACKET_SYNC = 188, b"G"
"""Of an MPEG transport stream (ISO/IEC 13818-1)."""
_ADTS_MASK, _ADTS_SYNC = 0xF6, 0xF0
_MPEG_SYNC = 0xE0


def name_kind(path: Path) -> str:
    """Return the usual name of a file's kind, such as "HEIC"; an empty text where it is none of these."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for offset, signature, kind in _SIGNATURES:
        if head.startswith(signature, offset):
            return "WebM" if kind == "Matroska" and b"webm" in head else kind
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), head[3]), 4))]
        # AVIF and HEIC also say that they are the general kind of picture.
        return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), "MP4")
    if head[4:8] in _OLD_QUICKTIME:
        return "MOV"
    return _name_packets(head)


def _name_packets(head: bytes) -> str:
    """Return the kind of a file without a head, of packets that begin with a sign each."""
    if head[:1] == head[_PACKET_BYTES : _PACKET_BYTES + 1] == _PACKET_SYNC:
        return "MPEG-TS"
    if head[:1] == b"\xff" and len(head) > 1:
        if head[1] & _ADTS_MASK == _ADTS_SYNC:
            return "AAC"
        if head[1] & _MPEG_SYNC == _MPEG_SYNC:
            return "MP3"
    return ""


def refuse_kind(kind: str) -> MeasurementError:
    """Return what is raised for a file that is whole, but of a kind that is not read here."""
    return MeasurementError(Kind.BAD_INPUT, f"other kind: {kind}" if kind else "of no known kind")
