"""Text files, whatever their encoding."""

from adapters.media.sniff import decode_text, sniff
from bots.errors import AttachmentUnreadable, AttachmentUnsupported, TextTooLong

MAX_CHARACTERS = 200_000
_MAX_BYTES = 4 * MAX_CHARACTERS  # no encoding we read takes more than four bytes for a character


def read_text(data: bytes, name: str) -> str:
    """Decode a text file, line ends as ``\\n``; an empty one gives an empty string.

    Raises TextTooLong, AttachmentUnsupported for a file of another kind,
    AttachmentUnreadable for bytes that are no text.
    """
    if not data:
        return ""
    kind = sniff(data)
    if kind not in {"text", "unknown"}:
        raise AttachmentUnsupported(f"not a text but {kind}", name=name)
    if len(data) > _MAX_BYTES:
        raise TextTooLong(name=name, limit=MAX_CHARACTERS)
    text = decode_text(data)
    if text is None:
        raise AttachmentUnreadable(detail="not a text in UTF-8, UTF-16 or GB18030", name=name)
    if len(text) > MAX_CHARACTERS:
        raise TextTooLong(name=name, limit=MAX_CHARACTERS)
    return text.replace("\r\n", "\n").replace("\r", "\n")
