"""The envelopes of events, and which of them an app gets at all."""

from simulators.lark.chats import Chat
from simulators.lark.config import Config
from simulators.lark.fields import Json
from simulators.lark.ids import new_id
from simulators.lark.messages import Message

CARD_ACTION = "card.action.trigger"


def envelope(config: Config, event_type: str, now: float, event: Json, event_id: str = "") -> Json:
    """Wrap an event in schema 2.0; times are milliseconds, microseconds in card callbacks."""
    ticks_per_second = 1_000_000 if event_type == CARD_ACTION else 1000
    header: Json = {
        "event_id": event_id or new_id(""),
        "event_type": event_type,
        "create_time": str(int(now * ticks_per_second)),
        "token": config.verification_token,
        "app_id": config.app_id,
        "tenant_key": config.tenant_key,
    }
    return {"schema": "2.0", "header": header, "event": event}


def is_message_pushed(config: Config, chat: Chat, message: Message, bot_open_id: str) -> bool:
    """Tell whether the app's subscriptions and scopes bring it this message."""
    if "im.message.receive_v1" not in config.events or not chat.has_bot:
        return False
    if chat.mode == "p2p":
        return bool(config.scopes & {"im:message.p2p_msg:readonly", "im:message.p2p_msg"})
    if "im:message.group_msg" in config.scopes:
        return True
    is_mentioned = any(mention.open_id == bot_open_id for mention in message.mentions)
    at_scopes = {
        "im:message.group_at_msg:readonly",
        "im:message.group_at_msg",
        "im:message.group_at_msg.include_bot:readonly",
    }
    return is_mentioned and bool(config.scopes & at_scopes)
