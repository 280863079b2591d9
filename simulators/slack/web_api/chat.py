"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from simulators.slack.limits import POST_PER_CHANNEL, Tier
from simulators.slack.messages import Message
from simulators.slack.rendering import message_json
from simulators.slack.web_api.calls import Call, Method
from simulators.slack.web_api.content import (
    RECOMMENDED_TEXT_CHARS,
    Content,
    find_parent,
    new_bot_message,
    own_message,
    read_content,
    require_posting,
    too_long,
    truncated,
    warn_of_unfurling,
)
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel


def _target(call: Call) -> Channel:
    """Find where to post; a user id opens the DM, a channel's name is understood."""
    name = call.arguments.text("channel")
    user = call.workspace.users.get(name)
    if user is not None and not user.is_bot:
        return call.workspace.direct_channel(user.id)
    channel = call.workspace.visible_channel(name)
    if channel is None:
        raise SlackError(code="channel_not_found")
    return channel


def post_message(call: Call) -> JsonObject:
    """Post a message."""
    channel = _target(call)
    require_posting(call, channel)
    call.simulation.limiter.admit((call.method, call.workspace.id, channel.id), POST_PER_CHANNEL)
    content = truncated(call, read_content(call))
    if content.is_empty:
        raise SlackError(code="no_text")
    warn_of_unfurling(call, content)
    message = new_bot_message(call, channel, content)
    message.thread_ts = find_parent(call, channel, "cannot_reply_to_message")
    if call.arguments.flag("reply_broadcast") and message.thread_ts:
        message.subtype = "thread_broadcast"
    call.timeline.add(call.workspace, channel, message, call.method)
    answer = _posted(call, channel, message)
    if content.warning:
        answer["warning"] = content.warning
    return answer


def _posted(call: Call, channel: Channel, message: Message) -> JsonObject:
    shown = message_json(call.simulation, call.workspace, message)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(call: Call) -> JsonObject:
    """Change a message of the app's own; text without blocks takes the blocks away."""
    channel = call.channel()
    message = own_message(call, channel, "cant_update_message")
    if channel.is_archived:
        raise SlackError(code="is_inactive")
    if message.stream is not None:
        state = message.stream.state(call.now)
        if state == "in_progress":
            call.simulation.violate("update_while_streaming", f"{channel.id} {message.ts}")
            raise SlackError(code="streaming_state_conflict")
        if state == "completed":
            call.simulation.violate("update_after_stop", f"{channel.id} {message.ts}")
    content = read_content(call)
    if not call.arguments.text("markdown_text") and len(content.text or "") > RECOMMENDED_TEXT_CHARS:
        raise too_long(call, len(content.text or ""))
    file_ids = _file_ids(call)
    if content.is_empty and not message.attachments and not file_ids and content.blocks is None:
        raise SlackError(code="no_text")
    previous = call.timeline.snapshot(call.workspace, message)
    if file_ids is not None:
        message.file_ids = file_ids
    _apply(message, content, call.now)
    call.timeline.changed(call.workspace, channel, message, previous, call.method)
    return {**_posted(call, channel, message), "text": message.text}


def _apply(message: Message, content: Content, now: float) -> None:
    if content.text is not None:
        message.text = content.text
    if content.blocks is not None:
        message.blocks, message.stream = content.blocks, None
    elif content.text is not None and message.stream is None:
        # A streamed message stores blocks; they stay until the update brings its own (also an empty list).
        message.blocks = []
    if content.attachments is not None:
        message.attachments = content.attachments
    if content.metadata is not None:
        message.metadata = content.metadata or None
    if not content.blocks:
        message.edited = {"user": message.user, "ts": f"{now:.0f}.000000"}


def _file_ids(call: Call) -> list[str] | None:
    """Read ``file_ids``, a list or comma-separated; raises SlackError ``file_not_found``."""
    value = call.arguments.raw("file_ids")
    if value is None:
        return None
    text = call.arguments.text("file_ids")
    names = text.strip("[]").replace('"', "").split(",") if text else value
    if not isinstance(names, list):
        raise SlackError(code="file_not_found")
    for name in names:
        file = call.workspace.files.get(str(name).strip())
        if file is None or not file.completed:
            raise SlackError(code="file_not_found")
        if file.deleted:
            raise SlackError(code="file_deleted")
    return [str(name).strip() for name in names]


def delete(call: Call) -> JsonObject:
    """Delete a message of the app's own."""
    channel = call.channel()
    message = own_message(call, channel, "cant_delete_message")
    call.timeline.remove(call.workspace, channel, message, call.method)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> JsonObject:
    """Show a message to one member of a channel; it is not kept."""
    channel = call.channel()
    require_posting(call, channel)
    user = call.arguments.required("user")
    if user not in channel.members:
        raise SlackError(code="user_not_in_channel")
    content = truncated(call, read_content(call))
    if content.is_empty:
        raise SlackError(code="no_text")
    message = new_bot_message(call, channel, content)
    message.ephemeral_to = user
    message.thread_ts = find_parent(call, channel, "cannot_reply_to_message")
    call.timeline.add(call.workspace, channel, message, call.method)
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> JsonObject:
    """Give a message's address."""
    channel = call.channel()
    ts = call.arguments.required("message_ts")
    if ts not in channel.messages:
        raise SlackError(code="message_not_found")
    address = f"{call.simulation.base_url}/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": address}


WRITE = ("chat:write",)
METHODS = {
    "chat.postMessage": Method(post_message, Tier.SPECIAL, WRITE),
    "chat.update": Method(update, Tier.THREE, WRITE),
    "chat.delete": Method(delete, Tier.THREE, WRITE),
    "chat.postEphemeral": Method(post_ephemeral, Tier.FOUR, WRITE),
    "chat.getPermalink": Method(get_permalink, Tier.SPECIAL, takes_json=False),
}
