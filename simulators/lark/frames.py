"""The long connection's frames: protobuf ``pbbp2.Frame`` (proto2), written by hand.

Header: 1 key, 2 value. Frame: 1 SeqID, 2 LogID, 3 service, 4 method (0 control, 1 data), 5 headers,
6 payload_encoding, 7 payload_type, 8 payload, 9 LogIDNew.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

CONTROL = 0
DATA = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_REQUIRED_FIELDS = frozenset({1, 2, 3, 4})


class FrameInvalid(ValueError):
    """The bytes are no frame; `what` says why."""

    def __init__(self, *, what: str) -> None:
        super().__init__(what)


@dataclass(frozen=True)
class Frame:
    """One message of the long connection; `headers` keeps their order."""

    seq_id: int = 0
    log_id: int = 0
    service: int = 0
    method: int = CONTROL
    headers: dict[str, str] = field(default_factory=dict)
    payload_encoding: str = ""
    payload_type: str = ""
    payload: bytes | None = None
    log_id_new: str = ""


def encode(frame: Frame) -> bytes:
    """Write a frame as protobuf bytes."""
    numbers = ((1, frame.seq_id), (2, frame.log_id), (3, frame.service), (4, frame.method))
    parts = [_varint(number << 3 | _VARINT) + _varint(value) for number, value in numbers]
    for key, value in frame.headers.items():
        parts.append(_delimited(5, _delimited(1, key.encode()) + _delimited(2, value.encode())))
    for number, text in ((6, frame.payload_encoding), (7, frame.payload_type)):
        if text:
            parts.append(_delimited(number, text.encode()))
    if frame.payload is not None:
        parts.append(_delimited(8, frame.payload))
    if frame.log_id_new:
        parts.append(_delimited(9, frame.log_id_new.encode()))
    return b"".join(parts)


def decode(data: bytes) -> Frame:
    """Read a frame from protobuf bytes.

    Raises:
        FrameInvalid: the bytes are cut short, of another shape, or lack a required field.
    """
    numbers: dict[int, int] = {}
    blobs: dict[int, bytes] = {}
    headers: dict[str, str] = {}
    for number, value in _fields(data):
        if number == 5 and isinstance(value, bytes):
            key, text = _header(value)
            headers[key] = text
        elif isinstance(value, int):
            numbers[number] = value
        else:
            blobs[number] = value
    if not numbers.keys() >= _REQUIRED_FIELDS:
        raise FrameInvalid(what="a required field is missing")
    if numbers[4] not in {CONTROL, DATA}:
        raise FrameInvalid(what="method is neither control nor data")
    return Frame(
        seq_id=numbers[1],
        log_id=numbers[2],
        service=numbers[3],
        method=DATA if numbers[4] else CONTROL,
        headers=headers,
        payload_encoding=_utf8(blobs.get(6, b"")),
        payload_type=_utf8(blobs.get(7, b"")),
        payload=blobs.get(8),
        log_id_new=_utf8(blobs.get(9, b"")),
    )


def _header(data: bytes) -> tuple[str, str]:
    pair = {number: value for number, value in _fields(data) if isinstance(value, bytes)}
    if not pair.keys() >= {1, 2}:
        raise FrameInvalid(what="a header needs key and value")
    return _utf8(pair[1]), _utf8(pair[2])


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FrameInvalid(what="a string is not UTF-8") from error


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _delimited(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64 and position < len(data):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
    raise FrameInvalid(what="a number is cut short")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    position = 0
    while position < len(data):
        key, position = _read_varint(data, position)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, position = _read_varint(data, position)
            yield number, value
            continue
        if wire == _BYTES:
            length, position = _read_varint(data, position)
        elif wire in {_FIXED64, _FIXED32}:
            length = 8 if wire == _FIXED64 else 4
        else:
            raise FrameInvalid(what=f"wire type {wire}")
        if position + length > len(data):
            raise FrameInvalid(what="a field is cut short")
        yield number, data[position : position + length]
        position += length
