"""What the app needs in Lark's developer console, each with its reason."""

import json
from collections.abc import Mapping

from adapters.platforms.lark.events import CALLBACKS, EVENTS

SCOPES: Mapping[str, str] = {
    "im:message": "read what it is sent or quoted; answer",
    "im:message:send_as_bot": "answer in its own name",
    "im:message.p2p_msg:readonly": "hear direct messages",
    "im:message.group_at_msg:readonly": "hear mentions in groups",
    "im:resource": "fetch the pictures people send; upload those it paints",
    "cardkit:card:write": "show an answer while it grows",
    "im:chat.members:bot_access": "greet a group it is added to",
    "im:chat.access_event.bot_p2p_chat:read": "greet a person who opens the direct chat",
}
# Sensitive, an admin reviews it: to read quotations in groups and hear follow-ups without a mention.
OPTIONAL_SCOPE = "im:message.group_msg"


def scopes_json(*, reads_groups: bool = False) -> str:
    """Write the JSON for "Permissions", "Batch import/export scopes"."""
    names = [*SCOPES, *((OPTIONAL_SCOPE,) if reads_groups else ())]
    return json.dumps({"scopes": {"tenant": names, "user": []}}, indent=2)


def subscriptions() -> str:
    """Write what the app is to be told of."""
    lines = [
        "",
        "Events & callbacks, Event configuration:",
        *(f"  {name}" for name in EVENTS),
        "Events & callbacks, Callback configuration:",
        *(f"  {name}" for name in CALLBACKS),
    ]
    return "\n".join(lines)
