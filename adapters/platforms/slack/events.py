"""What an event of Slack's means to the bot: pure, so that it can be held to recorded payloads."""

import re
from datetime import UTC, datetime

from adapters.platforms.slack.handles import FileHandle
from adapters.platforms.slack.payloads import EventBody, SlackFile, SlackMessage
from adapters.platforms.slack.texts import mentions, mentions_anybody, to_markdown, without_mention
from bots.events import BotEvent, MessageEdited, MessageRecalled, MessageSent
from bots.messages import Attachment, Conversation, IncomingMessage, Sender

PLATFORM = "slack"
SPOKEN = ("", "file_share", "thread_broadcast", "me_message")  # subtypes of what a person said
GONE = ("tombstone", "hidden_by_limit")  # modes of files that are no longer there
_TS = re.compile(r"\d{1,12}\.\d{1,9}")


def read_message(body: EventBody, bot_user_id: str) -> BotEvent | None:
    """Read an ``app_mention`` or ``message`` event; None if it is not for the bot.

    A reply in a thread that does not mention the bot comes with ``addressed_to_bot=False``: whether it is for
    the bot depends on whether the bot is part of that thread. Raises ValidationError for an unknown shape.
    """
    event = SlackMessage.model_validate(body.event)
    if event.subtype == "message_changed":
        return _read_change(event, body, bot_user_id)
    if event.subtype == "message_deleted":
        return _read_deletion(event, body, bot_user_id)
    if event.subtype not in SPOKEN or not _is_from_a_person(event, body, bot_user_id):
        return None
    is_addressed = event.type == "app_mention" or _is_direct(event) or mentions(event.text, bot_user_id)
    if not is_addressed and not _may_follow_up(event):
        return None
    return MessageSent(message=_message(event, body, bot_user_id, is_addressed=is_addressed))


def attachment_of(file: SlackFile, tenant_id: str) -> Attachment:
    """Name a file so that any worker can get it later."""
    handle = FileHandle(
        tenant_id=tenant_id,
        file_id=file.id,
        url=file.url_private_download or file.url_private,
        preview_url=file.thumb_1024 or file.thumb_960 or file.thumb_720,
        media_type=file.mimetype,
        is_external=file.is_external or file.mode == "external",
    )
    return Attachment(
        handle=handle.packed(),
        name=file.name or file.title or file.id,
        media_type=file.mimetype,
        size_bytes=file.size,
    )


def attachments_of(message: SlackMessage, tenant_id: str) -> tuple[Attachment, ...]:
    """Name all files of a message that are still there."""
    return tuple(
        attachment_of(file, tenant_id) for file in message.files if file.id and file.mode not in GONE
    )


def conversation_of(tenant_id: str, channel: str, message: SlackMessage) -> Conversation:
    """Say where the answer to a message goes: into its thread, or into the thread it begins."""
    root = message.thread_ts or message.ts
    return Conversation(platform=PLATFORM, tenant_id=tenant_id, channel_id=channel, thread_id=root)


def time_of(ts: str) -> datetime:
    """Read the time in a message's ``ts``; the epoch for one that is none."""
    return datetime.fromtimestamp(float(ts) if _TS.fullmatch(ts) else 0.0, UTC)


def _message(
    said: SlackMessage, body: EventBody, bot_user_id: str, *, is_addressed: bool, channel: str = ""
) -> IncomingMessage:
    tenant_id = body.tenant_id
    return IncomingMessage(
        message_id=said.ts,
        conversation=conversation_of(tenant_id, said.channel or channel, said),
        sender=Sender(user_id=said.user),
        text=to_markdown(without_mention(said.text, bot_user_id)),
        attachments=attachments_of(said, tenant_id),
        sent_at=time_of(said.ts),
        addressed_to_bot=is_addressed,
    )


def _read_change(event: SlackMessage, body: EventBody, bot_user_id: str) -> BotEvent | None:
    """Read an edit; an unfurled link, a first reply or our own edit comes as one but changes no words."""
    now, before = event.message, event.previous_message
    if now is None or before is None:
        return None
    if now.subtype == "tombstone":  # the root of a thread was deleted and its replies stay
        return _recalled(event, body, now.ts or before.ts, before)
    is_edit = now.edited is not None and bool(now.edited.ts) and now.text != before.text
    if not is_edit or not _is_from_a_person(now, body, bot_user_id) or now.subtype not in SPOKEN:
        return None
    message = _message(now, body, bot_user_id, is_addressed=True, channel=event.channel)
    return MessageEdited(message=message, edit_id=now.edited.ts if now.edited else "")


def _read_deletion(event: SlackMessage, body: EventBody, bot_user_id: str) -> BotEvent | None:
    before = event.previous_message or SlackMessage()
    if not event.deleted_ts or before.bot_id or before.user == bot_user_id:
        return None
    return _recalled(event, body, event.deleted_ts, before)


def _recalled(event: SlackMessage, body: EventBody, ts: str, before: SlackMessage) -> MessageRecalled:
    place = conversation_of(body.tenant_id, event.channel, before.model_copy(update={"ts": ts}))
    return MessageRecalled(conversation=place, message_id=ts)


def _is_from_a_person(said: SlackMessage, body: EventBody, bot_user_id: str) -> bool:
    """Tell people from bots, ours included; answering those could go on for ever."""
    is_ours = bool(said.app_id) and said.app_id == body.api_app_id
    if said.bot_id or said.subtype == "bot_message" or is_ours:
        return False
    return said.user not in ("", "USLACKBOT", bot_user_id) and bool(_TS.fullmatch(said.ts))


def _is_direct(said: SlackMessage) -> bool:
    return said.channel_type == "im" or said.channel.startswith("D")


def _may_follow_up(said: SlackMessage) -> bool:
    """Tell a possible follow-up: in a thread, and not said to somebody else."""
    return bool(said.thread_ts) and said.thread_ts != said.ts and not mentions_anybody(said.text)
