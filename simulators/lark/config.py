"""What the simulated tenant and app look like; most of it can be changed while running."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MEBIBYTE = 1024 * 1024

# The scopes such a bot asks for in the console; `im:message.group_msg` is sensitive and left out.
DEFAULT_SCOPES = frozenset(
    {
        "im:message",
        "im:message:send_as_bot",
        "im:message.p2p_msg:readonly",
        "im:message.group_at_msg:readonly",
        "im:resource",
        "cardkit:card:write",
        "im:message.reactions:write_only",
        "im:chat:readonly",
        "im:chat.members:bot_access",
        "im:chat.access_event.bot_p2p_chat:read",
    }
)

DEFAULT_EVENTS = frozenset(
    {
        "im.message.receive_v1",
        "im.message.recalled_v1",
        "im.message.reaction.created_v1",
        "im.chat.member.bot.added_v1",
        "im.chat.member.bot.deleted_v1",
        "im.chat.access_event.bot_p2p_chat_entered_v1",
        "application.bot.menu_v6",
    }
)


class Config(BaseModel):
    """The app's console settings and the platform's limits.

    Times are in seconds. The defaults are the documented ones; tests shorten or lift them on purpose.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_id: str = "cli_simulated0000001"
    app_secret: str = "simulated-app-secret"  # noqa: S105 - opens nothing but this simulator
    bot_name: str = "Glimmer"
    tenant_key: str = "simulatedtenant1"
    scopes: frozenset[str] = DEFAULT_SCOPES
    events: frozenset[str] = DEFAULT_EVENTS
    callbacks: frozenset[str] = frozenset({"card.action.trigger"})
    is_seeded: bool = True  # start with people and chats

    mode: Literal["websocket", "webhook"] = "websocket"
    request_url: str = ""  # where webhooks go
    encrypt_key: str = ""
    verification_token: str = "simulated-verification-token"  # noqa: S105 - opens nothing but this simulator

    ping_interval: int = 120
    reconnect_interval: int = 120
    reconnect_nonce: int = 30
    connection_limit: int = 50
    fragment_bytes: int = 0  # split longer payloads into several frames; 0 never
    ack_timeout: float = 3.0
    challenge_timeout: float = 1.0
    retry_delays: tuple[float, ...] = (15.0, 300.0, 3600.0, 21600.0)

    has_rate_limits: bool = True
    monthly_quota: int | None = 10_000  # the free edition; None: a paid one
    table_limit: int = 3  # documented 4 and 5, seen to fail above 3
    streaming_seconds: float = 600.0
    # After ten minutes most tenants get a refusal; some report that content is swallowed in silence.
    streaming_timeout: Literal["refuse", "silent"] = "refuse"
    recall_window: float = 86_400.0
    edit_window: float = 86_400.0
    hang_seconds: float = Field(
        default=120.0, description="how long a call stays unanswered after a scripted time-out"
    )
