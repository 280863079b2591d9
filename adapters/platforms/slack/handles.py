"""What must be known to get a file later, by any worker, packed into an attachment's handle."""

from bots.messages import Record


class FileHandle(Record):
    """One file of Slack's; ``tenant_id`` finds the token, ``file_id`` finds a fresh address."""

    tenant_id: str
    file_id: str
    url: str = ""  # url_private_download or url_private; empty for a stub (Slack Connect)
    preview_url: str = ""  # the largest PNG or JPEG that Slack made of it, if it made one
    media_type: str = ""
    is_external: bool = False  # the bytes are at Google Drive or the like, not at Slack

    def packed(self) -> str:
        """Write it as an attachment's handle."""
        return self.model_dump_json(exclude_defaults=True)

    @classmethod
    def unpacked(cls, handle: str) -> "FileHandle":
        """Read it back; raises ValidationError for a handle that is none of ours."""
        return cls.model_validate_json(handle)
