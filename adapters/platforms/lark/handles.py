"""How Lark's files and replies are named between hearing and showing."""

from typing import Literal

from bots.messages import Record

ResourceType = Literal["image", "file"]  # the only two the resource endpoint knows; audio and video are files


class FileHandle(Record):
    """One file of a message a person sent; Lark gives it out only under the message it came in."""

    message_id: str
    file_key: str
    type: ResourceType

    def packed(self) -> str:
        """Write it as an attachment's handle."""
        return f"{self.message_id}/{self.type}/{self.file_key}"

    @classmethod
    def unpacked(cls, handle: str) -> "FileHandle | None":
        """Read it back; None for a bare key, which is that of a picture the bot uploaded itself."""
        message_id, _, rest = handle.partition("/")
        kind, _, file_key = rest.partition("/")
        if not file_key or kind not in {"image", "file"}:
            return None
        return cls(message_id=message_id, file_key=file_key, type="image" if kind == "image" else "file")


def asked_message_id(reply_id: str) -> str:
    """Name the message a reply answers: the one to reply to, by the API and on the screen."""
    return reply_id.rpartition(":")[2].partition("#")[0]
