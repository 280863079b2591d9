"""Which attachments a question may have, judged by name and size before anything is fetched."""

from pathlib import PurePath
from typing import Literal

from bots.errors import AttachmentTooLarge, AttachmentUnsupported, TooManyAttachments
from bots.messages import Attachment

MOST_BYTES = 20 * 1024 * 1024
MOST_FILES = 10
MOST_TEXT_BYTES = 1024 * 1024

AttachmentKind = Literal["picture", "text"]

_PICTURES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}
)
_TEXTS = frozenset(
    {".txt", ".md", ".markdown", ".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".cfg"}
    | {
        ".log",
        ".xml",
        ".html",
        ".css",
        ".sql",
        ".tex",
        ".diff",
        ".patch",
        ".py",
        ".js",
        ".ts",
        ".tsx",
        ".jsx",
    }
    | {
        ".java",
        ".kt",
        ".go",
        ".rs",
        ".c",
        ".h",
        ".cpp",
        ".hpp",
        ".cs",
        ".rb",
        ".php",
        ".sh",
        ".lua",
        ".swift",
    }
)


def kind_of(attachment: Attachment) -> AttachmentKind:
    """Judge by the claimed type, then by the name; raises AttachmentUnsupported."""
    if is_picture(attachment):
        return "picture"
    suffix = PurePath(attachment.name).suffix.lower()
    if attachment.media_type.startswith("text/") or suffix in _TEXTS:
        return "text"
    raise AttachmentUnsupported(name=attachment.name)


def check_attachments(attachments: tuple[Attachment, ...]) -> None:
    """Refuse what cannot be answered, before it costs a place in line; raises MediaError."""
    if len(attachments) > MOST_FILES:
        raise TooManyAttachments(limit=MOST_FILES)
    for attachment in attachments:
        kind = kind_of(attachment)
        limit = MOST_BYTES if kind == "picture" else MOST_TEXT_BYTES
        if (attachment.size_bytes or 0) > limit:
            raise AttachmentTooLarge(name=attachment.name, limit=limit)


def is_picture(attachment: Attachment) -> bool:
    """Tell a picture from the rest without complaint about the rest."""
    suffix = PurePath(attachment.name).suffix.lower()
    return attachment.media_type.startswith("image/") or suffix in _PICTURES
