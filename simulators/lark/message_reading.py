"""Reading: one message, a chat's or topic's history."""

from simulators.lark.api import Call, Endpoint
from simulators.lark.chats import Chat
from simulators.lark.errors import Refused, invalid_field
from simulators.lark.fields import Json, dump
from simulators.lark.messages import Message
from simulators.lark.tenant import Tenant
from simulators.lark.views import simplified

READ_SCOPES = ("im:message", "im:message:readonly")
HISTORY_SCOPES = ("im:message", "im:message:readonly", "im:message.history:readonly")
MAX_PAGE = 50


def _get(tenant: Tenant, call: Call) -> Json:
    message = tenant.messages.get(call.path["message_id"])
    _check_readable(tenant, tenant.chats.chats[message.chat_id])
    children = [child for child in tenant.messages if child.upper_message_id == message.message_id]
    return {"items": [_item(tenant, call, known) for known in (message, *children)]}


def _list(tenant: Tenant, call: Call) -> Json:
    kind, container = call.query.get("container_id_type"), call.query.get("container_id", "")
    if kind == "thread":
        found = _thread(tenant, call, container)
    elif kind == "chat":
        found = _chat(tenant, call, container)
    else:
        raise invalid_field(name="container_id_type", description="options: [chat,thread]")
    order = call.query.get("sort_type", "ByCreateTimeAsc")
    if order not in {"ByCreateTimeAsc", "ByCreateTimeDesc"}:
        raise invalid_field(name="sort_type", description="options: [ByCreateTimeAsc,ByCreateTimeDesc]")
    if order == "ByCreateTimeDesc":
        found.reverse()
    return _page(tenant, call, found, order)


def _thread(tenant: Tenant, call: Call, thread_id: str) -> list[Message]:
    if "start_time" in call.query or "end_time" in call.query:
        raise invalid_field(name="start_time", description="not supported for a thread")
    if not (found := tenant.messages.in_thread(thread_id)):
        raise Refused(230073, "The thread is invisible to the operator.")
    _check_readable(tenant, tenant.chats.chats[found[0].chat_id])
    return found


def _chat(tenant: Tenant, call: Call, chat_id: str) -> list[Message]:
    if not (chat := tenant.chats.chats.get(chat_id)):
        raise invalid_field(name="container_id", description="no such chat")
    _check_readable(tenant, chat)
    if chat.is_restricted:
        raise Refused(231203, "The chat does not allow its messages to be copied.")
    start, end = _number(call, "start_time", 0), _number(call, "end_time", 10**11)
    return [
        message
        for message in tenant.messages
        if message.chat_id == chat_id
        and not message.upper_message_id
        and not (message.thread_id and message.root_id)  # of a topic only its root
        and start <= int(message.create_time) // 1000 <= end
    ]


def _page(tenant: Tenant, call: Call, found: list[Message], order: str) -> Json:
    size = _number(call, "page_size", 20)
    if not 1 <= size <= MAX_PAGE:
        raise invalid_field(name="page_size", description="min: 1, max: 50")
    sort, _, offset = call.query.get("page_token", f"{order}.0").partition(".")
    if sort != order or not offset.isdigit():
        raise invalid_field(name="page_token", description="belongs to another sort_type")
    start = int(offset)
    shown = found[start : start + size]
    has_more = start + size < len(found)
    token = f"{order}.{start + size}" if has_more else ""
    return {
        "has_more": has_more,
        "page_token": token,
        "items": [_item(tenant, call, message) for message in shown],
    }


def _item(tenant: Tenant, call: Call, message: Message) -> Json:
    entity = tenant.cards.entities.get(message.card_id)
    if entity is None:
        return message.view(tenant.config.tenant_key)
    if call.query.get("card_msg_content_type") == "user_card_content":
        return message.view(tenant.config.tenant_key, {"user_dsl": dump(entity.card)})
    is_streaming = tenant.cards.is_streaming(entity, tenant.config)
    return message.view(tenant.config.tenant_key, simplified(entity.card, is_streaming=is_streaming))


def _check_readable(tenant: Tenant, chat: Chat) -> None:
    if not chat.has_bot:
        raise Refused(230002, "The bot can not be outside the group.")
    if chat.mode != "p2p" and "im:message.group_msg" not in tenant.config.scopes:
        raise Refused(230027, "Lack of necessary permissions, ext=need scope: im:message.group_msg")


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit():
        raise invalid_field(name, "must be a number")
    return int(text)


_MESSAGES = "/open-apis/im/v1/messages"
ENDPOINTS = (
    Endpoint("message.list", "GET", _MESSAGES, _list, HISTORY_SCOPES),
    Endpoint("message.get", "GET", f"{_MESSAGES}/{{message_id}}", _get, READ_SCOPES),
)
