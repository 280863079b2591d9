"""Sending: create, reply, push_follow_up."""

from simulators.lark import fields
from simulators.lark.api import Call, Endpoint
from simulators.lark.chats import Chat
from simulators.lark.contents import MAX_TEXT_REQUEST_BYTES, prepare, too_long
from simulators.lark.errors import Refused, invalid_field, invalid_parameter
from simulators.lark.fields import Json
from simulators.lark.ids import new_id
from simulators.lark.messages import Message
from simulators.lark.tenant import Tenant

ID_TYPES = frozenset({"open_id", "user_id", "union_id", "email", "chat_id"})
MAX_UUID = 50
FOLLOW_UP_SECONDS = 600
SEND_SCOPES = ("im:message", "im:message:send_as_bot", "im:message:send")


def _create(tenant: Tenant, call: Call) -> Json:
    id_type = call.query.get("receive_id_type", "")
    if id_type not in ID_TYPES:  # thread_id too: it is for forwarding only
        raise invalid_field(name="receive_id_type", description=f"options: [{','.join(sorted(ID_TYPES))}]")
    receive_id = fields.text(call.body, "receive_id")
    uuid = fields.optional_text(call.body, "uuid", maximum=MAX_UUID)
    chat = tenant.chats.receiver(id_type, receive_id)
    return _send(tenant, call, chat, uuid, None)


def _reply(tenant: Tenant, call: Call) -> Json:
    parent = tenant.messages.get(call.path["message_id"])
    is_in_thread = fields.flag(call.body, "reply_in_thread")
    uuid = fields.optional_text(call.body, "uuid", maximum=MAX_UUID)
    chat = tenant.chats.chats[parent.chat_id]
    if parent.is_deleted:
        raise Refused(230011, "The message was withdrawn.")
    if parent.upper_message_id:
        raise Refused(230072, "The operated message is an aggregated message.")
    if is_in_thread and not chat.has_topics and not parent.thread_id:
        raise Refused(230071, "The operated message is in a chat that does not support threads.")
    if is_in_thread and not parent.thread_id and chat.mode != "topic":
        return _send(tenant, call, chat, uuid, parent, opens_topic=True)
    return _send(tenant, call, chat, uuid, parent)


def _send(
    tenant: Tenant, call: Call, chat: Chat, uuid: str, parent: Message | None, *, opens_topic: bool = False
) -> Json:
    msg_type, source = fields.text(call.body, "msg_type"), fields.text(call.body, "content")
    now = tenant.clock.now()
    if earlier := tenant.messages.sent_under(uuid, now):
        return earlier.view(tenant.config.tenant_key)
    if call.body_bytes > MAX_TEXT_REQUEST_BYTES:
        raise too_long()
    tenant.chats.check_sendable(chat)
    tenant.limits.check_chat(chat.chat_id)
    prepared = prepare(tenant, msg_type, source)
    if "all" in prepared.notified and chat.mode != "p2p" and not chat.may_mention_all:
        refusal = Refused(
            230099, "Failed to create card content, ext=ErrCode: 100290; ErrMsg: no permission to at all; "
        )
        raise refusal if prepared.card else invalid_parameter(extra="no permission to mention all")
    message = Message(
        message_id=new_id("om_"),
        chat_id=chat.chat_id,
        sender_id=tenant.config.app_id,
        msg_type=msg_type,
        content=prepared.content,
        create_time=tenant.clock.now_ms(),
        sent=prepared.sent,
        notified=prepared.notified,
    )
    place(tenant, chat, message, parent, opens_topic=opens_topic)
    if prepared.card:
        message.card_id, prepared.card.message_id = prepared.card.card_id, message.message_id
    tenant.messages.add(message)
    tenant.messages.remember(uuid, now, message)
    tenant.show(message)
    return message.view(tenant.config.tenant_key)


def place(tenant: Tenant, chat: Chat, message: Message, parent: Message | None, *, opens_topic: bool) -> None:
    """Set where a message stands: in a topic the root is also the parent, elsewhere replies form a chain."""
    if parent is None:
        message.thread_id = new_id("omt_") if chat.mode == "topic" or opens_topic else ""
        return
    if opens_topic and not parent.thread_id:
        parent.thread_id = new_id("omt_")
        tenant.show(parent)
        message.root_id = message.parent_id = parent.message_id
    elif parent.thread_id:
        message.root_id = message.parent_id = tenant.messages.in_thread(parent.thread_id)[0].message_id
    else:
        message.root_id, message.parent_id = parent.root_id or parent.message_id, parent.message_id
    message.thread_id = parent.thread_id


def _follow_up(tenant: Tenant, call: Call) -> Json:
    message = tenant.messages.get(call.path["message_id"])
    chat = tenant.chats.chats[message.chat_id]
    bubbles = [bubble.get("content") for bubble in fields.objects(call.body.get("follow_ups"))]
    texts = [text for text in bubbles if isinstance(text, str) and 0 < len(text) <= 200]
    if not 1 <= len(bubbles) <= 3 or len(texts) != len(bubbles):
        raise invalid_parameter(extra="follow_ups: 1 to 3 of at most 200 characters")
    latest = [known for known in tenant.messages if known.chat_id == chat.chat_id and known.is_from_app][-1:]
    age = tenant.clock.now() - int(message.create_time) / 1000
    if chat.mode != "p2p" or [message] != latest or age > FOLLOW_UP_SECONDS:
        raise invalid_parameter(extra="only the bot's latest message in a p2p chat, at most 600 s old")
    message.follow_ups = texts
    tenant.show(message)
    return {}


_MESSAGES = "/open-apis/im/v1/messages"
ENDPOINTS = (
    Endpoint("message.create", "POST", _MESSAGES, _create, SEND_SCOPES),
    Endpoint("message.reply", "POST", f"{_MESSAGES}/{{message_id}}/reply", _reply, SEND_SCOPES),
    Endpoint(
        "message.follow_up", "POST", f"{_MESSAGES}/{{message_id}}/push_follow_up", _follow_up, SEND_SCOPES
    ),
)
