"""Turns what the page sent into the bot's words; does no I/O."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from adapters.platforms.web.states import WebFile, WebMessage
from bots.events import ButtonAction, ButtonPressed, MessageSent
from bots.messages import Attachment, Conversation, IncomingMessage, Sender

THREAD_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
MAX_USER_CHARACTERS = 64
GUEST = "guest"


class MalformedField(ValueError):
    """A field of the request is not what it must be."""

    def __init__(self, *, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class ReceivedForm:
    """The fields of a message as they came; the files are stored already."""

    thread: str
    text: str
    user: str = ""
    client_id: str = ""
    locale: str | None = None
    files: tuple[WebFile, ...] = ()


def is_thread_name(name: str) -> bool:
    """Tell whether a thread may have this name."""
    return THREAD_NAME.fullmatch(name) is not None


def message_id_of(client_id: str) -> str:
    """Make the id of a message: the client's own, so that a message sent twice is one, or a new one.

    Raises MalformedField.
    """
    if not client_id:
        return uuid.uuid4().hex
    try:
        return uuid.UUID(client_id).hex
    except ValueError as error:
        raise MalformedField(field="client_id") from error


def conversation_of(thread: str) -> Conversation:
    """Name a thread of the page."""
    return Conversation(platform="web", tenant_id="local", channel_id=thread)


def parse_message(form: ReceivedForm, *, message_id: str, sent_at: datetime) -> MessageSent:
    """Make the event of a sent message."""
    message = IncomingMessage(
        message_id=message_id,
        conversation=conversation_of(form.thread),
        sender=_sender(form.user, form.locale),
        text=form.text.replace("\r\n", "\n").strip(),
        attachments=tuple(
            Attachment(handle=file.handle, name=file.name, media_type=file.media_type, size_bytes=file.size)
            for file in form.files
        ),
        sent_at=sent_at,
    )
    return MessageSent(message=message)


def shown_message(event: MessageSent, files: tuple[WebFile, ...]) -> WebMessage:
    """Make what the page shows of a message that is not yet accepted."""
    message = event.message
    return WebMessage(
        id=message.message_id,
        author="user",
        markdown=message.text,
        created_at=message.sent_at,
        files=files,
    )


def parse_press(
    fields: dict[str, object], *, thread: str, reply_id: str, locale: str | None
) -> ButtonPressed:
    """Make the event of a pressed button; raises MalformedField."""
    action = fields.get("action")
    for known in get_args(ButtonAction):
        if action == known:
            return ButtonPressed(
                conversation=conversation_of(thread),
                sender=_sender(str(fields.get("user") or ""), locale),
                reply_id=reply_id,
                action=known,
                press_id=message_id_of(str(fields.get("client_id") or "")),
            )
    raise MalformedField(field="action")


def _sender(user: str, locale: str | None) -> Sender:
    printable = "".join(character for character in user if character.isprintable()).strip()
    return Sender(user_id=printable[:MAX_USER_CHARACTERS] or GUEST, locale=locale)
