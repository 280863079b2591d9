"""assistant.threads.* and agents.sessions.*: what a thread says while the bot works."""

from simulators.slack.limits import Tier
from simulators.slack.web_api.calls import Call, Method
from simulators.slack.web_api.content import find_parent
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import AgentSession, ThreadStatus

SESSION_STATUSES = ("active", "processing", "suspended", "closed")
STATUS_SECONDS = 120.0
PROCESSING_SECONDS = 3_600.0


def set_status(call: Call) -> JsonObject:
    """Show words under a thread; they fade after two minutes without a message."""
    channel = call.channel("channel_id")
    thread_ts = _thread(call, "invalid_thread_ts")
    arguments = call.arguments
    status = arguments.text("status")
    loading = arguments.structure("loading_messages", "invalid_arguments") or []
    if not isinstance(loading, list) or len(loading) > 10 or any(len(str(line)) > 50 for line in loading):
        raise SlackError(
            code="invalid_arguments", messages=("loading_messages: at most 10 of at most 50 characters",)
        )
    key = (channel.id, thread_ts)
    if status:
        call.workspace.statuses[key] = ThreadStatus(status, [str(line) for line in loading], call.now)
    else:
        call.workspace.statuses.pop(key, None)
    call.timeline.show_status(call.workspace, channel.id, thread_ts, status)
    call.simulation.spawn(_fade(call, key, call.now))
    return {}


async def _fade(call: Call, key: tuple[str, str], set_at: float) -> None:
    """Take the words away once they are two minutes old; newer words start their own two minutes."""
    await call.simulation.clock.sleep_until(set_at + STATUS_SECONDS)
    status = call.workspace.statuses.get(key)
    if status is not None and call.now - status.set_at >= STATUS_SECONDS:
        del call.workspace.statuses[key]
        call.timeline.show_status(call.workspace, *key, "")


def set_title(call: Call) -> JsonObject:
    """Name a thread."""
    channel = call.channel("channel_id")
    call.workspace.titles[channel.id, _thread(call, "invalid_thread_ts")] = call.arguments.required("title")
    return {}


def set_suggested_prompts(call: Call) -> JsonObject:
    """Offer up to four prompts, for the whole DM under agent_view or for a thread."""
    channel = call.channel("channel_id")
    prompts = call.arguments.objects("prompts", "invalid_arguments")
    if not prompts or len(prompts) > 4 or any(not (p.get("title") and p.get("message")) for p in prompts):
        raise SlackError(code="invalid_arguments", messages=("prompts: 1 to 4 of title and message",))
    thread_ts = call.arguments.text("thread_ts")
    if not thread_ts and not call.simulation.config.agent_view:
        raise SlackError(code="invalid_thread_ts")
    call.workspace.prompts[channel.id, thread_ts] = prompts
    call.simulation.feed.publish(
        {"type": "prompts", "team": call.workspace.id, "channel": channel.id, "prompts": prompts}
    )
    return {}


def set_session_status(call: Call) -> JsonObject:
    """Set an agent session's state; a posted message does not clear it."""
    _require_agent(call)
    channel = call.channel("channel_id")
    thread_ts = _thread(call, "thread_ts_required")
    status = call.arguments.text("status")
    if status not in SESSION_STATUSES:
        raise SlackError(code="invalid_arguments", messages=("invalid status",))
    title = call.arguments.text("title")
    if len(title) > 200:
        raise SlackError(code="invalid_arguments", messages=("title: at most 200 characters",))
    set_session(call, channel.id, thread_ts, status, title)
    if "agent_session_stopped" not in call.simulation.config.events:
        return {"warning": "missing_agent_session_stopped_event_subscription"}
    return {}


def rename(call: Call) -> JsonObject:
    """Name an agent session."""
    _require_agent(call)
    channel = call.channel("channel_id")
    title = call.arguments.text("title")
    if not 1 <= len(title) <= 200:
        raise SlackError(code="invalid_arguments", messages=("title: 1 to 200 characters",))
    session = call.workspace.sessions.get((channel.id, _thread(call, "thread_ts_required")))
    if session is None:
        raise SlackError(code="session_not_found")
    session.title = title
    return {}


def set_session(call: Call, channel: str, thread_ts: str, status: str, title: str = "") -> None:
    """Remember a session's state and show it; ``processing`` reverts after an hour."""
    key = (channel, thread_ts)
    session = call.workspace.sessions.get(key)
    if session is None:
        session = call.workspace.sessions[key] = AgentSession(status, title)
    session.status, session.set_at = status, call.now
    call.timeline.show_status(
        call.workspace, channel, thread_ts, "is working…" if status == "processing" else ""
    )
    if status == "processing":
        call.simulation.spawn(_revert(call, session))


async def _revert(call: Call, session: AgentSession) -> None:
    await call.simulation.clock.sleep_until(session.set_at + PROCESSING_SECONDS)
    if session.status == "processing" and call.now - session.set_at >= PROCESSING_SECONDS:
        session.status = "active"


def _require_agent(call: Call) -> None:
    if not call.simulation.config.agent_view:
        raise SlackError(code="feature_disabled")


def _thread(call: Call, refusal: str) -> str:
    """Find the thread that the call names; raises SlackError ``refusal``."""
    channel = call.channel("channel_id")
    thread_ts = find_parent(call, channel, "invalid_thread_ts")
    if thread_ts is None:
        raise SlackError(refusal)
    return thread_ts


WRITE = ("chat:write",)
METHODS = {
    "assistant.threads.setStatus": Method(set_status, Tier.SPECIAL, WRITE),
    "assistant.threads.setTitle": Method(set_title, Tier.FOUR, ("assistant:write",)),
    "assistant.threads.setSuggestedPrompts": Method(set_suggested_prompts, Tier.FOUR, ("assistant:write",)),
    "agents.sessions.setStatus": Method(set_session_status, Tier.THREE, WRITE),
    "agents.sessions.rename": Method(rename, Tier.THREE, WRITE),
}
