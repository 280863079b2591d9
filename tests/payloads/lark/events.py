"""Events in the shape in which Lark sends them (message receive docs), to be changed by tests."""

import json
from typing import Any

BOT = "ou_b0700000000000000000000000000000"
TOM = "ou_70000000000000000000000000000070"
ANN = "ou_a00000000000000000000000000000aa"
CHAT = "oc_c0ffee00000000000000000000000000"


def envelope(event_type: str, event: dict[str, Any], event_id: str = "ev1") -> dict[str, Any]:
    """Wrap an event in schema 2.0."""
    header = {
        "event_id": event_id,
        "event_type": event_type,
        "create_time": "1767323045000",
        "token": "token",
        "app_id": "cli_1",
        "tenant_key": "tenant1",
    }
    return {"schema": "2.0", "header": header, "event": event}


def mention(key: str, open_id: str, name: str, kind: str = "user") -> dict[str, Any]:
    """Make one entry of ``mentions``."""
    ids = {"union_id": "on_1", "user_id": None, "open_id": open_id}
    return {"key": key, "id": ids, "mentioned_type": kind, "name": name, "tenant_key": "tenant1"}


THE_BOT = mention("@_user_1", BOT, "Glimmer", "bot")


def message(kind: str = "text", content: Any = None, **fields: Any) -> dict[str, Any]:
    """Make im.message.receive_v1, from Ann in a group unless told otherwise."""
    body = {
        "message_id": "om_1",
        "create_time": "1767323045123",
        "update_time": "1767323045123",
        "chat_id": CHAT,
        "chat_type": "group",
        "message_type": kind,
        "content": json.dumps({"text": "hello"} if content is None else content),
        **fields,
    }
    sender_type = body.pop("sender_type", "user")
    sender = {
        "sender_id": {"union_id": "on_2", "user_id": None, "open_id": ANN},
        "sender_type": sender_type,
        "tenant_key": "tenant1",
    }
    return envelope("im.message.receive_v1", {"sender": sender, "message": body})


def pressed(value: Any, **context: Any) -> dict[str, Any]:
    """Make card.action.trigger, pressed by Ann."""
    event = {
        "operator": {"tenant_key": "tenant1", "open_id": ANN, "union_id": "on_2"},
        "token": "c-1",
        "host": "im_message",
        "action": {"value": value, "tag": "button", "timezone": "Asia/Shanghai"},
        "context": {"open_message_id": "om_card", "open_chat_id": CHAT, **context},
    }
    return envelope("card.action.trigger", event, "press1")
