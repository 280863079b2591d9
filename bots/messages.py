"""Who said what where: the words every platform is translated into."""

import re
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["en", "zh"]


class Record(BaseModel):
    """An immutable value that may be stored as JSON; fields are added with defaults and never renamed."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Conversation(Record):
    """The place a message stands in, down to the thread."""

    platform: str
    tenant_id: str
    channel_id: str
    thread_id: str | None = None

    @property
    def key(self) -> str:
        """Name the conversation in Redis keys and logs, such as ``slack:T1:C1:171.34``."""
        return ":".join((self.platform, self.tenant_id, self.channel_id, self.thread_id or ""))


class Sender(Record):
    """The person who acted."""

    user_id: str
    display_name: str | None = None
    locale: str | None = None  # the platform's word for it, such as "zh-CN"


class Attachment(Record):
    """A file as the platform names it; its bytes are fetched late and with limits."""

    handle: str  # the platform's own reference, opaque to us
    name: str
    media_type: str  # as claimed; the magic bytes decide
    size_bytes: int | None = None


class IncomingMessage(Record):
    """One thing a person said to the bot; ``text`` is Markdown with the bot's mention removed."""

    message_id: str
    conversation: Conversation
    sender: Sender
    text: str
    attachments: tuple[Attachment, ...] = ()
    sent_at: datetime
    addressed_to_bot: bool = True

    @property
    def action_id(self) -> str:
        """Name the user's action, the same however often and over whichever event it is delivered."""
        place = self.conversation
        return f"{place.platform}:{place.tenant_id}:{place.channel_id}:{self.message_id}"


def person_key(conversation: Conversation, sender: Sender) -> str:
    """Name a person for the fair line and for what they have set."""
    return f"{conversation.platform}:{conversation.tenant_id}:{sender.user_id}"


def language_of(text: str, locale: str | None = None) -> Language:
    """Choose the language to speak to a user: their script first, then their platform's locale."""
    if any("\u4e00" <= character <= "\u9fff" for character in text):
        return "zh"
    words = re.sub(r"^\s*[/／]\w+|--\w+", "", text)  # a command's name is nobody's language
    if not any(character.isalpha() for character in words) and (locale or "").lower().startswith("zh"):
        return "zh"
    return "en"
