"""Reads and checks what a call wants to be seen: text, blocks, Markdown, metadata, identity."""

import json
import re
from dataclasses import dataclass

from simulators.slack.blocks import BlockCheck, Surface
from simulators.slack.messages import Message
from simulators.slack.web_api.calls import Call
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel

MAX_MARKDOWN_TEXT_CHARS = 12_000
MAX_TEXT_CHARS = 40_000
RECOMMENDED_TEXT_CHARS = 4_000
MAX_METADATA_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a message is to show; None means the call did not say."""

    text: str | None
    blocks: list[JsonObject] | None
    attachments: list[JsonObject] | None
    metadata: JsonObject | None
    warning: str | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to see."""
        return not ((self.text or "").strip() or self.blocks or self.attachments)


def read_content(call: Call) -> Content:
    """Read the arguments that all posting methods share; raises SlackError."""
    arguments = call.arguments
    blocks = arguments.objects("blocks", "invalid_blocks_format")
    attachments = arguments.objects("attachments", "invalid_attachments")
    if attachments and len(attachments) > 100:
        raise SlackError(code="too_many_attachments")
    text = arguments.text("text") if arguments.has("text") else None
    metadata = read_metadata(call)
    markdown = read_markdown(call)
    if markdown is not None:
        if text or blocks:
            raise SlackError(code="markdown_text_conflict")
        return Content(markdown, [{"type": "markdown", "text": markdown}], attachments, metadata)
    if blocks:
        check_blocks(call, blocks, "message")
    warn_of_broadcasts(call, text or "", json.dumps(blocks or [], ensure_ascii=False))
    return Content(text, blocks, attachments, metadata)


def truncated(call: Call, content: Content) -> Content:
    """Cut a text as chat.postMessage does above 40,000 characters; above 4,000 is against Slack's advice."""
    text = content.text or ""
    if len(text) > RECOMMENDED_TEXT_CHARS and not content.blocks:
        call.simulation.violate("text_over_4000", f"{call.method}: {len(text)} characters")
    if len(text) <= MAX_TEXT_CHARS:
        return content
    cut = text[:MAX_TEXT_CHARS]
    return Content(cut, content.blocks, content.attachments, content.metadata, "message_truncated")


def read_markdown(call: Call) -> str | None:
    """Read ``markdown_text``, at most 12,000 characters a call; raises SlackError ``msg_too_long``."""
    markdown = call.arguments.text("markdown_text")
    if not markdown:
        return None
    if len(markdown) > MAX_MARKDOWN_TEXT_CHARS:
        raise too_long(call, len(markdown))
    warn_of_broadcasts(call, markdown)
    return markdown


def too_long(call: Call, chars: int) -> SlackError:
    """Word the refusal of too much text, and count it."""
    call.simulation.violate("call_refused_for_length", f"{call.method}: {chars}")
    return SlackError(code="msg_too_long")


def check_blocks(call: Call, blocks: list[JsonObject], surface: Surface) -> None:
    """Check blocks; raises SlackError."""
    workspace = call.workspace
    check = BlockCheck(surface, lambda name: call.simulation.find_file(workspace, name))
    try:
        check.run(blocks)
    except SlackError as error:
        if error.code in ("msg_too_long", "msg_blocks_too_long"):
            call.simulation.violate("call_refused_for_length", f"{call.method}: {error.code}")
        raise


def warn_of_broadcasts(call: Call, *texts: str) -> None:
    """Count live broadcasts: a model's words must not ring everybody's bell."""
    for token in ("<!here", "<!channel", "<!everyone"):
        if any(token in text for text in texts):
            call.simulation.violate("mention_of_everyone", f"{call.method}: {token}>")


def warn_of_unfurling(call: Call, content: Content) -> None:
    """Count links that Slack may fetch: a model's link is a way out for what it was told."""
    arguments = call.arguments
    allowed = not all(
        arguments.has(name) and not arguments.flag(name) for name in ("unfurl_links", "unfurl_media")
    )
    shown = (content.text or "") + json.dumps(content.blocks or [], ensure_ascii=False)
    if allowed and re.search(r"https?://", shown):
        call.simulation.violate("unfurl_allowed", call.method)


def read_metadata(call: Call) -> JsonObject | None:
    """Read ``metadata``; raises SlackError ``invalid_metadata_format`` or ``metadata_too_large``."""
    metadata = call.arguments.object("metadata", "invalid_metadata_format")
    if not metadata:
        return metadata
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError(code="invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > MAX_METADATA_BYTES:
        raise SlackError(code="metadata_too_large")
    return metadata


def read_identity(call: Call) -> JsonObject:
    """Read a borrowed name or icon; raises SlackError ``missing_scope`` without chat:write.customize."""
    names = ("username", "icon_emoji", "icon_url")
    identity = {name: call.arguments.text(name) for name in names if call.arguments.text(name)}
    if identity:
        call.require_scope("chat:write.customize")
    return identity


def require_posting(call: Call, channel: Channel) -> None:
    """Check that the bot may write there; raises SlackError."""
    if channel.is_archived:
        raise SlackError(code="is_archived")
    if channel.is_read_only:
        raise SlackError(code="restricted_action_read_only_channel")
    is_member = call.workspace.bot_user_id in channel.members
    if not is_member and "chat:write.public" not in call.installation.scopes:
        raise SlackError(code="not_in_channel")


def find_parent(call: Call, channel: Channel, refusal: str) -> str | None:
    """Check ``thread_ts``; raises SlackError ``refusal`` for an unknown one.

    A reply's own ts is refused too: Slack's reference says to use the parent's, and what it does otherwise
    is not documented.
    """
    thread_ts = call.arguments.text("thread_ts")
    if not thread_ts:
        return None
    parent = channel.messages.get(thread_ts)
    if parent is None or parent.ephemeral_to is not None or parent.deleted_at is not None:
        raise SlackError(refusal)
    if parent.is_reply:
        call.simulation.violate("reply_as_parent", f"{call.method}: {thread_ts}")
        raise SlackError(refusal)
    return thread_ts


def own_message(call: Call, channel: Channel, refusal: str) -> Message:
    """Find one of the app's own messages by ``ts``; raises SlackError ``refusal`` for somebody else's."""
    message = channel.messages.get(call.arguments.text("ts"))
    if message is None or message.deleted_at is not None or message.ephemeral_to is not None:
        raise SlackError(code="message_not_found")
    if message.app_id != call.simulation.config.app_id:
        raise SlackError(refusal)
    return message


def new_bot_message(call: Call, channel: Channel, content: Content) -> Message:
    """Make a message by the bot, not yet put anywhere."""
    return Message(
        channel=channel.id,
        ts=call.simulation.clock.next_ts(),
        user=call.workspace.bot_user_id,
        text=content.text or "",
        blocks=content.blocks or [],
        attachments=content.attachments or [],
        metadata=content.metadata,
        bot_id=call.workspace.bot_id,
        app_id=call.simulation.config.app_id,
        identity=read_identity(call),
    )
