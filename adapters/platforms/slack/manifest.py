"""The app's manifest: what an operator pastes into api.slack.com (Slack docs, app manifests)."""

from typing import Any

from adapters.platforms.slack.greeting import PROMPTS
from adapters.platforms.slack.modal_views import ASK, PAINT

# Each scope with its reason; docs/slack.md shows them.
SCOPES: dict[str, str] = {
    "app_mentions:read": "hear mentions",
    "assistant:write": "suggest prompts and name threads in the bot's own conversation",
    "channels:history": "hear replies in threads it is part of, see pictures further up",
    "chat:write": "answer, show that it works, stream",
    "chat:write.public": "answer commands in public channels it was not invited to",
    "commands": "/imagine, /ask, /glm and the two shortcuts",
    "files:read": "look at pictures and text files",
    "files:write": "show the pictures it painted",
    "groups:history": "the same as channels:history, in private channels",
    "im:history": "hear direct messages",
    "im:write": "open a direct conversation for what a shortcut brings",
    "mpim:history": "the same as channels:history, in group messages",
}
BOT_SCOPES = tuple(SCOPES)
BOT_EVENTS = (
    "agent_session_stopped", "app_home_opened", "app_mention", "app_uninstalled", "message.channels",
    "message.groups", "message.im", "message.mpim", "tokens_revoked",
)  # fmt: skip
COMMANDS = (
    ("/imagine", "Paint a picture", "a red fox in snow --size 1344x768 --n 2"),
    ("/ask", "Ask a question", "why is the sky blue?"),
    ("/glm", "Help and your settings", "model | thinking | language"),
)
Json = dict[str, Any]


def create_manifest(public_url: str = "") -> Json:
    """Make the manifest, for Socket Mode, or for HTTP at ``public_url``."""
    base = public_url.rstrip("/")
    events_url = f"{base}/slack/events" if base else ""
    subscriptions: Json = {"bot_events": list(BOT_EVENTS)}
    interactivity: Json = {"is_enabled": True}
    if events_url:
        subscriptions["request_url"] = events_url
        interactivity["request_url"] = events_url
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Glimmer",
            "description": "GLM models answer in threads, look at pictures and paint them.",
            "background_color": "#1a1d21",
        },
        "features": _features(events_url),
        "oauth_config": _oauth(base),
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not base,
            "token_rotation_enabled": False,
        },
    }


def _features(events_url: str) -> Json:
    commands = [
        {"command": name, "description": does, "usage_hint": hint, "should_escape": True}
        | ({"url": events_url} if events_url else {})
        for name, does, hint in COMMANDS
    ]
    return {
        "bot_user": {"display_name": "Glimmer", "always_online": True},
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "agent_view": {
            "agent_description": "Answers questions, looks at pictures and paints them, with GLM models.",
            "suggested_prompts": list(PROMPTS),
        },
        "slash_commands": commands,
        "shortcuts": [
            {
                "name": "Ask about this",
                "type": "message",
                "callback_id": ASK,
                "description": "Ask Glimmer about this message and its pictures",
            },
            {
                "name": "Create an image",
                "type": "global",
                "callback_id": PAINT,
                "description": "Have Glimmer paint a picture",
            },
        ],
    }


def _oauth(base: str) -> Json:
    config: Json = {"scopes": {"bot": list(BOT_SCOPES)}}
    if base:
        config["redirect_urls"] = [f"{base}/slack/oauth_redirect"]
    return config
