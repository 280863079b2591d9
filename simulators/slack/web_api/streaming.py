"""chat.startStream, appendStream, stopStream."""

from simulators.slack.limits import Tier
from simulators.slack.messages import Message, Stream
from simulators.slack.rendering import message_json
from simulators.slack.streams import check_chunks, require_streaming, take
from simulators.slack.web_api.calls import Call, Method
from simulators.slack.web_api.content import (
    Content,
    check_blocks,
    find_parent,
    new_bot_message,
    own_message,
    read_markdown,
    read_metadata,
    require_posting,
    too_long,
    warn_of_broadcasts,
)
from simulators.slack.web_api.sessions import SESSION_STATUSES, set_session
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel

DISPLAY_MODES = ("timeline", "plan")


def start(call: Call) -> JsonObject:
    """Open a streamed message in a thread."""
    channel = call.channel()
    require_posting(call, channel)
    chunks = _read_chunks(call)
    # The reference calls thread_ts optional; live, a stream without one is refused with this word.
    thread_ts = find_parent(call, channel, "invalid_thread_ts")
    if thread_ts is None:
        raise SlackError(code="invalid_thread_ts")
    _check_recipient(call, channel)
    display_mode = call.arguments.text("task_display_mode") or "timeline"
    if display_mode not in DISPLAY_MODES:
        raise SlackError(code="invalid_arguments", messages=("invalid task_display_mode",))
    rules = call.simulation.config.streams
    stream = Stream(call.now, rules.lifetime_seconds, display_mode)
    _take(call, stream, chunks)
    message = new_bot_message(call, channel, Content("", None, None, None))
    message.thread_ts, message.stream = thread_ts, stream
    call.timeline.add(call.workspace, channel, message, call.method)
    call.simulation.spawn(_show_expiry(call, message, stream))
    if call.simulation.config.agent_view:
        set_session(call, channel.id, thread_ts, "processing")
    return {"channel": channel.id, "ts": message.ts}


async def _show_expiry(call: Call, message: Message, stream: Stream) -> None:
    """Let the page show the broken look of a stream that nobody stopped in time."""
    await call.simulation.clock.sleep_until(stream.started_at + stream.lifetime_seconds)
    if message.stream is stream and stream.ended is None:
        call.timeline.show(call.workspace, message)


def append(call: Call) -> JsonObject:
    """Add to a streamed message."""
    channel = call.channel()
    message = own_message(call, channel, "message_not_owned_by_app")
    chunks = _read_chunks(call)
    stream = _running(call, message)
    if not chunks:
        raise SlackError(code="no_text")
    warnings = _take(call, stream, chunks)
    call.timeline.grew(call.workspace, message, call.method)
    answer: JsonObject = {"channel": channel.id, "ts": message.ts}
    if warnings:
        answer["warning"] = ",".join(warnings)
    return answer


def stop(call: Call) -> JsonObject:
    """Close a streamed message, with last words and blocks for its bottom."""
    channel = call.channel()
    message = own_message(call, channel, "message_not_owned_by_app")
    chunks = _read_chunks(call)
    blocks = call.arguments.objects("blocks", "invalid_blocks_format") or []
    if blocks:
        check_blocks(call, blocks, "stream")
    metadata = read_metadata(call)
    status = call.arguments.text("session_status") or "active"
    if status not in SESSION_STATUSES:
        raise SlackError(code="invalid_arguments", messages=("invalid session_status",))
    stream = _running(call, message)
    if not (chunks or blocks or stream.parts or stream.plan_title):
        raise SlackError(code="no_text")
    previous = call.timeline.snapshot(call.workspace, message)
    _take(call, stream, chunks)
    stream.tail_blocks, stream.ended = blocks, "completed"
    message.metadata = metadata or message.metadata
    message.text = message.visible_text()
    call.timeline.changed(call.workspace, channel, message, previous, call.method)
    if call.simulation.config.agent_view:
        set_session(call, channel.id, message.root_ts, status)
    shown = message_json(call.simulation, call.workspace, message)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _running(call: Call, message: Message) -> Stream:
    try:
        return require_streaming(message, call.now)
    except SlackError as error:
        state = message.stream.state(call.now) if message.stream else "none"
        call.simulation.violate("append_after_end", f"{call.method} {message.ts}: {state}, {error.code}")
        raise


def _take(call: Call, stream: Stream, chunks: list[JsonObject]) -> list[str]:
    try:
        return take(stream, chunks, call.simulation.config.streams)
    except SlackError as error:
        raise too_long(call, stream.weighed_bytes) from error


def _read_chunks(call: Call) -> list[JsonObject]:
    """Read the text or the chunks; both at once are refused."""
    chunks = call.arguments.objects("chunks", "invalid_chunks")
    markdown = read_markdown(call)
    if markdown is not None:
        if chunks is not None:
            raise SlackError(
                code="invalid_arguments", messages=("markdown_text and chunks cannot be used together",)
            )
        return [{"type": "markdown_text", "text": markdown}]
    check_chunks(chunks or [])
    for chunk in chunks or []:
        warn_of_broadcasts(call, str(chunk.get("text", "")))
        if chunk["type"] == "blocks":
            check_blocks(call, chunk["blocks"][:50], "stream")
    return [chunk for chunk in chunks or [] if chunk.get("text") != ""]


def _check_recipient(call: Call, channel: Channel) -> None:
    """Outside DMs a stream must say for whom it is, by ids of people who exist."""
    arguments, workspace = call.arguments, call.workspace
    if channel.kind != "im":
        if not arguments.raw("recipient_team_id"):
            raise SlackError(code="missing_recipient_team_id")
        if not arguments.raw("recipient_user_id"):
            raise SlackError(code="missing_recipient_user_id")
    team, user = arguments.raw("recipient_team_id"), arguments.raw("recipient_user_id")
    if team and (not isinstance(team, str) or team not in call.simulation.workspaces):
        raise SlackError(code="team_not_found")
    everybody = call.simulation.workspaces[team] if isinstance(team, str) and team else workspace
    if user and (not isinstance(user, str) or user not in everybody.users):
        raise SlackError(code="user_not_found")


WRITE = ("chat:write",)
METHODS = {
    "chat.startStream": Method(start, Tier.TWO, WRITE),
    "chat.appendStream": Method(append, Tier.FOUR, WRITE),
    "chat.stopStream": Method(stop, Tier.TWO, WRITE),
}
