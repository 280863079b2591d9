"""What one run of the simulator is set to."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

BOT_SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write",
    "chat:write.public", "commands", "files:read", "files:write", "groups:history", "groups:read",
    "im:history", "im:read", "im:write", "mpim:history", "mpim:read", "reactions:read", "reactions:write",
    "users:read",
)  # fmt: skip

BOT_EVENTS = (
    "app_mention", "message.channels", "message.groups", "message.im", "message.mpim", "app_home_opened",
    "app_context_changed", "agent_session_stopped", "agent_session_title_changed", "member_joined_channel",
    "tokens_revoked", "app_uninstalled",
)  # fmt: skip


class StreamRules(BaseModel):
    """How long and how much one streamed message may be.

    Slack documents neither. 300 s and 10,600 bytes of UTF-8 are the low ends of what clients measured
    (python-slack-sdk issue 1859; CopilotKit issues 6063 and 6244), so that passing here means passing there.
    """

    model_config = ConfigDict(frozen=True)

    lifetime_seconds: float = 300.0
    max_bytes: int = 10_600
    detail_weight: int = 2


class SlackSimulatorConfig(BaseModel):
    """Names, secrets and knobs of one simulated app in its workspaces."""

    model_config = ConfigDict(frozen=True)

    bot_token: str = "xoxb-simulated-bot"  # noqa: S105 - opens nothing but the simulator
    app_token: str = "xapp-simulated-app"  # noqa: S105 - opens nothing but the simulator
    signing_secret: str = "simulated-signing-secret"  # noqa: S105 - opens nothing but the simulator
    client_id: str = "1000.2000"
    client_secret: str = "simulated-client-secret"  # noqa: S105 - opens nothing but the simulator
    redirect_urls: tuple[str, ...] = ()
    token_rotation: bool = False
    app_id: str = "A0GLIMMER1"
    bot_name: str = "glimmer"
    scopes: tuple[str, ...] = BOT_SCOPES
    events: tuple[str, ...] = BOT_EVENTS
    commands: tuple[str, ...] = ("/imagine", "/ask", "/glm", "/glimmer")
    request_url: str | None = Field(
        default=None, description="HTTP delivery goes here; None means Socket Mode."
    )
    interactivity_url: str | None = Field(default=None, description="Defaults to request_url.")
    public_url: str | None = Field(default=None, description="Base of file and upload URLs; else as called.")
    agent_view: bool = True
    distribution: Literal["internal", "commercial"] = "internal"
    streams: StreamRules = StreamRules()
    rate_limits: bool = True
    ack_seconds: float = 3.0
    retry_delays_seconds: tuple[float, ...] = (0.0, 60.0, 300.0)
    upload_processing_seconds: float = 1.0
    events_per_hour: int = 30_000

    @property
    def uses_socket_mode(self) -> bool:
        """With Socket Mode on nothing is sent to URLs, and the other way round."""
        return self.request_url is None
