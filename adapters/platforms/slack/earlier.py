"""What a message refers to without holding it: files it only names, and what was said above it."""

import asyncio
import logging

from pydantic import ValidationError

from adapters.platforms.slack.events import attachment_of, attachments_of
from adapters.platforms.slack.handles import FileHandle
from adapters.platforms.slack.hearing_parts import WebApi
from adapters.platforms.slack.payloads import SlackFile, SlackMessage
from adapters.platforms.slack.texts import to_markdown
from bots.attachments import MOST_FILES, is_picture
from bots.errors import PlatformError
from bots.messages import Attachment, IncomingMessage

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # of the three until the acknowledgement
QUOTED_CHARACTERS = 6000
EARLIER = "(Earlier in this thread:)"
LOOK_BACK = 15  # messages; more is not given to apps outside Slack's marketplace (docs, rate limits)


async def with_known_files(message: IncomingMessage, api: WebApi) -> IncomingMessage:
    """Ask what the stubs among a message's files are (Slack Connect); a file that stays unknown stays."""
    stubs = [file for file in message.attachments if not file.media_type and not _url(file)]
    if not stubs:
        return message
    known = await asyncio.gather(*(_known(file, api) for file in stubs[:MOST_FILES]))
    by_handle = dict(zip([file.handle for file in stubs], known, strict=False))
    files = tuple(by_handle.get(file.handle, file) for file in message.attachments)
    return message.model_copy(update={"attachments": files})


async def with_earlier_messages(message: IncomingMessage, api: WebApi) -> IncomingMessage:
    """Add what was said in a thread the bot has just come to, and its pictures if the question has none."""
    if message.text.startswith(("/", "／")):
        return message
    place = message.conversation
    arguments = {"channel": place.channel_id, "ts": place.thread_id, "limit": LOOK_BACK}
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            answer = await api.call(place.tenant_id, "conversations.replies", arguments)
        said = [SlackMessage.model_validate(one) for one in answer.get("messages") or ()]
    except (PlatformError, TimeoutError, ValidationError) as error:
        log.warning("slack: earlier messages not seen", extra={"error": type(error).__name__})
        return message
    earlier = [one for one in said if one.ts < message.message_id]
    pictures = [
        file for one in reversed(earlier) for file in attachments_of(one, place.tenant_id) if is_picture(file)
    ]
    added = {"text": f"{message.text}\n\n{_quoted(earlier)}".strip() if earlier else message.text}
    if message.attachments:
        return message.model_copy(update=added)
    return message.model_copy(update={**added, "attachments": tuple(pictures[:MOST_FILES])})


def _quoted(earlier: list[SlackMessage]) -> str:
    """Quote what was said, the last words of it if it is much."""
    lines = [
        f"> @{one.user or one.bot_id}: {line}"
        for one in earlier
        for line in to_markdown(one.text).splitlines()
        if line.strip()
    ]
    kept: list[str] = []
    for line in reversed(lines):
        if sum(map(len, kept)) + len(line) > QUOTED_CHARACTERS:
            break
        kept.insert(0, line)
    return "\n".join((EARLIER, *kept)) if kept else ""


async def _known(attachment: Attachment, api: WebApi) -> Attachment:
    handle = FileHandle.unpacked(attachment.handle)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            answer = await api.call(handle.tenant_id, "files.info", {"file": handle.file_id})
        return attachment_of(SlackFile.model_validate(answer.get("file") or {}), handle.tenant_id)
    except (PlatformError, TimeoutError, ValidationError) as error:
        log.warning("slack: a file stays unknown", extra={"error": type(error).__name__})
        # Most of what people share is pictures; the worker looks at the bytes again.
        return attachment.model_copy(update={"media_type": "image/unknown"})


def _url(attachment: Attachment) -> str:
    return FileHandle.unpacked(attachment.handle).url
