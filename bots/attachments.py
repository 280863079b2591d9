"""Which attachments a question may have, judged by name and size before anything is fetched."""

from pathlib import PurePath
from typing import Literal

from bots.errors import AttachmentTooLarge, AttachmentUnsupported, TooManyAttachments
from bots.messages import Attachment

MOST_BYTES = 20 * 1024 * 1024
MOST_FILES = 10
MOST_TEXT_BYTES = 1024 * 1024
MOST_VIDEO_BYTES = 100 * 1024 * 1024  # the vendor takes 200 MB; a worker holds several at once

AttachmentKind = Literal["picture", "text", "document", "video"]

_PICTURES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}
)
_DOCUMENTS = frozenset({".pdf", ".docx", ".xlsx", ".pptx"})
_VIDEOS = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm"})
_TEXTS = frozenset({
    ".txt", ".md", ".markdown", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini",
    ".cfg", ".log", ".xml", ".html", ".css", ".sql", ".tex", ".diff", ".patch", ".py", ".js", ".ts", ".tsx",
    ".jsx", ".java", ".kt", ".go", ".rs", ".c", ".h", ".cpp", ".hpp", ".cs", ".rb", ".php", ".sh", ".lua",
    ".swift",
})  # fmt: skip
_LIMITS: dict[AttachmentKind, int] = {
    "picture": MOST_BYTES,
    "text": MOST_TEXT_BYTES,
    "document": MOST_BYTES,
    "video": MOST_VIDEO_BYTES,
}


def kind_of(attachment: Attachment) -> AttachmentKind:
    """Judge by the claimed type, then by the name; raises AttachmentUnsupported."""
    if is_picture(attachment):
        return "picture"
    suffix = _suffix(attachment)
    if attachment.media_type.startswith("video/") or suffix in _VIDEOS:
        # ".ts" is a video's name to a browser and a program's to its author.
        return "text" if suffix in _TEXTS else "video"
    if attachment.media_type == "application/pdf" or suffix in _DOCUMENTS:
        return "document"
    if attachment.media_type.startswith("text/") or suffix in _TEXTS:
        return "text"
    raise AttachmentUnsupported(name=attachment.name)


def most_bytes(kind: AttachmentKind) -> int:
    """Tell how large a file of a kind may be."""
    return _LIMITS[kind]


def check_attachments(attachments: tuple[Attachment, ...]) -> None:
    """Refuse what cannot be answered, before it costs a place in line; raises MediaError."""
    if len(attachments) > MOST_FILES:
        raise TooManyAttachments(limit=MOST_FILES)
    for attachment in attachments:
        limit = most_bytes(kind_of(attachment))
        if (attachment.size_bytes or 0) > limit:
            raise AttachmentTooLarge(name=attachment.name, limit=limit)


def is_picture(attachment: Attachment) -> bool:
    """Tell a picture from the rest without complaint about the rest."""
    return attachment.media_type.startswith("image/") or _suffix(attachment) in _PICTURES


def needs_eyes(attachment: Attachment) -> bool:
    """Tell what only a model that sees can answer about; a PDF may be scanned, so it counts."""
    if is_picture(attachment) or _suffix(attachment) == ".pdf" or attachment.media_type == "application/pdf":
        return True
    return is_file(attachment) and kind_of(attachment) == "video"


def is_file(attachment: Attachment) -> bool:
    """Tell whether this is of a kind that can be read at all."""
    try:
        kind_of(attachment)
    except AttachmentUnsupported:
        return False
    return True


def _suffix(attachment: Attachment) -> str:
    return PurePath(attachment.name).suffix.lower()
