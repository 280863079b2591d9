"""Telling a picture's format and size from its first bytes."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """What the bytes say they are; width and height are 0 where they are not known."""

    media_type: str
    width: int = 0
    height: int = 0


def examine(data: bytes) -> Picture | None:
    """Recognise JPG, PNG, WEBP, GIF, BMP, ICO, TIFF and HEIC; gives None for anything else."""
    for signature, reader in _SIGNATURES.items():
        if data.startswith(signature) and len(data) >= 30:
            return reader(data)
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"mif1", b"hevc"}:
        return Picture("image/heic")
    return None


def _png(data: bytes) -> Picture:
    return Picture("image/png", *struct.unpack(">II", data[16:24]))


def _gif(data: bytes) -> Picture:
    return Picture("image/gif", *struct.unpack("<HH", data[6:10]))


def _bmp(data: bytes) -> Picture:
    width, height = struct.unpack("<ii", data[18:26])
    return Picture("image/bmp", abs(width), abs(height))


def _webp(data: bytes) -> Picture | None:
    if data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8X":
        sides = (int.from_bytes(data[start : start + 3], "little") + 1 for start in (24, 27))
        return Picture("image/webp", *sides)
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
    return Picture("image/webp")


def _jpeg(data: bytes) -> Picture:
    position = 2
    while position + 9 < len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:  # a start of frame carries the size
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return Picture("image/jpeg", width, height)
        position += 2 + struct.unpack(">H", data[position + 2 : position + 4])[0]
    return Picture("image/jpeg")


_SIGNATURES: Mapping[bytes, Callable[[bytes], Picture | None]] = {
    b"\x89PNG\r\n\x1a\n": _png,
    b"GIF87a": _gif,
    b"GIF89a": _gif,
    b"\xff\xd8\xff": _jpeg,
    b"BM": _bmp,
    b"RIFF": _webp,
    b"\x00\x00\x01\x00": lambda _data: Picture("image/x-icon"),
    b"II*\x00": lambda _data: Picture("image/tiff"),
    b"MM\x00*": lambda _data: Picture("image/tiff"),
}
