"""conversations.*, users.*, bots.info, reactions.*."""

from simulators.slack.limits import HISTORY_COMMERCIAL, HISTORY_COMMERCIAL_LIMIT, Tier
from simulators.slack.messages import Message
from simulators.slack.rendering import message_json, thread_fields
from simulators.slack.web_api.calls import ALL_HISTORY, ALL_READ, KIND_SCOPES, Call, Method
from simulators.slack.web_api.content import require_posting
from simulators.slack.wire import JsonObject, SlackError, missing_field
from simulators.slack.workspace import Channel


def _readable(call: Call, verb: str) -> Channel:
    channel = call.channel()
    call.require_scope(f"{KIND_SCOPES[channel.kind]}:{verb}")
    return channel


def _history_channel(call: Call) -> Channel:
    channel = _readable(call, "history")
    if call.workspace.bot_user_id not in channel.members:
        raise SlackError(code="not_in_channel")
    if call.simulation.config.distribution == "commercial":
        call.simulation.limiter.admit((call.method, call.workspace.id, "commercial"), HISTORY_COMMERCIAL)
    return channel


def _page(call: Call, channel: Channel, messages: list[Message]) -> JsonObject:
    """Give one page; an over-large limit is cut, not refused."""
    is_commercial = call.simulation.config.distribution == "commercial"
    most, default = (HISTORY_COMMERCIAL_LIMIT,) * 2 if is_commercial else (1_000, 100)
    limit = call.arguments.number("limit", default)
    if limit < 1:
        raise SlackError(code="invalid_limit")
    limit = min(limit, most)
    cursor = call.arguments.text("cursor")
    first = 0
    if cursor:
        if not cursor.startswith("next:") or not cursor[5:].isdigit():
            raise SlackError(code="invalid_cursor")
        first = int(cursor[5:])
    shown = messages[first : first + limit]
    has_more = first + limit < len(messages)
    with_metadata = call.arguments.flag("include_all_metadata")
    answer: JsonObject = {
        "messages": [_history_json(call, channel, message, with_metadata=with_metadata) for message in shown],
        "has_more": has_more,
    }
    if has_more:
        answer["response_metadata"] = {"next_cursor": f"next:{first + limit}"}
    return answer


def _history_json(call: Call, channel: Channel, message: Message, *, with_metadata: bool) -> JsonObject:
    shown = {
        **message_json(call.simulation, call.workspace, message),
        **thread_fields(channel, message),
    }
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown


def _in_window(call: Call, message: Message) -> bool:
    """Tell whether ``oldest`` and ``latest`` let a message through."""
    oldest, latest = call.arguments.text("oldest") or "0", call.arguments.text("latest")
    try:
        is_edge = message.ts in (oldest, latest) and call.arguments.flag("inclusive")
        after = float(message.ts) > float(oldest)
        before = not latest or float(message.ts) < float(latest)
    except ValueError as error:
        raise SlackError(code="invalid_ts_oldest") from error
    return is_edge or (after and before)


def history(call: Call) -> JsonObject:
    """Give a channel's messages, newest first, without thread replies."""
    channel = _history_channel(call)
    roots = [m for m in channel.persistent() if not m.is_reply or m.subtype == "thread_broadcast"]
    return _page(call, channel, [m for m in reversed(roots) if _in_window(call, m)])


def replies(call: Call) -> JsonObject:
    """Give a thread, oldest first, its root at the head."""
    channel = _history_channel(call)
    named = channel.messages.get(call.arguments.text("ts"))
    if named is None or named.deleted_at is not None or named.ephemeral_to is not None:
        raise SlackError(code="thread_not_found")
    thread = channel.thread(named.root_ts)
    return _page(call, channel, [m for m in thread if m.ts == named.root_ts or _in_window(call, m)])


def info(call: Call) -> JsonObject:
    """Describe a channel."""
    return {"channel": call.workspace.channel_json(_readable(call, "read"))}


def list_conversations(call: Call) -> JsonObject:
    """List channels of the kinds asked for."""
    kinds = {"public_channel": "channel", "private_channel": "group", "mpim": "mpim", "im": "im"}
    wanted = {
        kinds.get(name.strip()) for name in (call.arguments.text("types") or "public_channel").split(",")
    }
    if None in wanted:
        raise SlackError(code="invalid_types")
    visible = [
        call.workspace.channel_json(channel)
        for channel in call.workspace.channels.values()
        if channel.kind in wanted and call.workspace.visible_channel(channel.id)
    ]
    return {"channels": visible, "response_metadata": {"next_cursor": ""}}


def members(call: Call) -> JsonObject:
    """List a channel's members."""
    return {"members": sorted(_readable(call, "read").members), "response_metadata": {"next_cursor": ""}}


def open_conversation(call: Call) -> JsonObject:
    """Open the DM with a person."""
    users = call.arguments.text("users")
    if not users:
        raise SlackError(code="users_list_not_supplied")
    if "," in users:
        raise SlackError(code="method_not_supported_for_channel_type")
    if users not in call.workspace.users or users == call.workspace.bot_user_id:
        raise SlackError(code="user_not_found")
    call.require_scope("im:write")
    channel = call.workspace.direct_channel(users)
    return {"channel": {"id": channel.id}, "no_op": False, "already_open": True}


def join(call: Call) -> JsonObject:
    """Join a public channel."""
    channel = call.channel()
    if channel.kind != "channel":
        raise SlackError(code="method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError(code="is_archived")
    channel.members.add(call.workspace.bot_user_id)
    return {"channel": call.workspace.channel_json(channel)}


def user_info(call: Call) -> JsonObject:
    """Describe a person."""
    user = call.workspace.users.get(call.arguments.text("user"))
    if user is None:
        raise SlackError(code="user_not_found")
    return {"user": call.workspace.user_json(user)}


def bot_info(call: Call) -> JsonObject:
    """Describe the bot."""
    workspace = call.workspace
    if call.arguments.text("bot") != workspace.bot_id:
        raise SlackError(code="bot_not_found")
    config = call.simulation.config
    described = {"id": workspace.bot_id, "app_id": config.app_id, "user_id": workspace.bot_user_id}
    return {"bot": {**described, "name": config.bot_name, "deleted": False, "icons": {}}}


def add_reaction(call: Call) -> JsonObject:
    """Put an emoji on a message."""
    channel, message, name = _reaction(call)
    require_posting(call, channel)
    users = message.reactions.setdefault(name, [])
    if call.workspace.bot_user_id in users:
        raise SlackError(code="already_reacted")
    users.append(call.workspace.bot_user_id)
    call.timeline.show(call.workspace, message)
    return {}


def remove_reaction(call: Call) -> JsonObject:
    """Take one's emoji off a message."""
    _, message, name = _reaction(call)
    users = message.reactions.get(name, [])
    if call.workspace.bot_user_id not in users:
        raise SlackError(code="no_reaction")
    users.remove(call.workspace.bot_user_id)
    if not users:
        del message.reactions[name]
    call.timeline.show(call.workspace, message)
    return {}


def _reaction(call: Call) -> tuple[Channel, Message, str]:
    channel = call.channel()
    message = channel.messages.get(call.arguments.text("timestamp"))
    if message is None or message.deleted_at is not None or message.ephemeral_to is not None:
        raise SlackError(code="message_not_found")
    name = call.arguments.text("name")
    if not name:
        raise missing_field(name="name")
    if ":" in name or not name.isascii():
        raise SlackError(code="invalid_name")
    return channel, message, name


METHODS = {
    "conversations.history": Method(history, Tier.THREE, ALL_HISTORY, takes_json=False),
    "conversations.replies": Method(replies, Tier.THREE, ALL_HISTORY, takes_json=False),
    "conversations.info": Method(info, Tier.THREE, ALL_READ, takes_json=False),
    "conversations.list": Method(list_conversations, Tier.TWO, ALL_READ, takes_json=False),
    "conversations.members": Method(members, Tier.FOUR, ALL_READ, takes_json=False),
    "conversations.open": Method(open_conversation, Tier.THREE, ("im:write", "mpim:write")),
    "conversations.join": Method(join, Tier.THREE, ("channels:join",)),
    "users.info": Method(user_info, Tier.FOUR, ("users:read",), takes_json=False),
    "bots.info": Method(bot_info, Tier.THREE, ("users:read",), takes_json=False),
    "reactions.add": Method(add_reaction, Tier.THREE, ("reactions:write",)),
    "reactions.remove": Method(remove_reaction, Tier.TWO, ("reactions:write",)),
}
