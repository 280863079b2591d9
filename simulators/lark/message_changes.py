"""Changing what was sent: edit, card update, recall, reactions."""

from simulators.lark import fields
from simulators.lark.api import Call, Endpoint
from simulators.lark.contents import MAX_RICH_BYTES, prepare, too_long
from simulators.lark.errors import CardRefused, Refused, invalid_parameter
from simulators.lark.fields import Json
from simulators.lark.ids import new_id
from simulators.lark.messages import Message
from simulators.lark.tenant import Tenant

MAX_EDITS = 20
CARD_UPDATE_SECONDS = 14 * 86_400
UPDATE_SCOPES = ("im:message", "im:message:send_as_bot", "im:message:update")
RECALL_SCOPES = ("im:message", "im:message:send_as_bot", "im:message:recall")
REACTION_SCOPES = ("im:message", "im:message.reactions:write_only")


def _edit(tenant: Tenant, call: Call) -> Json:
    message = tenant.messages.get(call.path["message_id"])
    msg_type, source = fields.text(call.body, "msg_type"), fields.text(call.body, "content")
    _check_alive(message)
    if not message.is_from_app:
        raise Refused(230071, "The operator is not the sender of the message.")
    if msg_type not in {"text", "post"} or message.msg_type != msg_type:
        raise invalid_parameter(extra="only text and post can be edited, and stay what they are")
    if message.edits >= MAX_EDITS:
        raise Refused(230072, "The message has reached the number of times it can be edited.")
    if _age(tenant, message) > tenant.config.edit_window:
        raise Refused(230075, "The message has exceeded the time in which it can be edited.")
    prepared = prepare(tenant, msg_type, source)
    message.sent, message.content, message.notified = prepared.sent, prepared.content, prepared.notified
    message.edits += 1
    message.update_time = tenant.clock.now_ms()
    tenant.show(message)
    return message.view(tenant.config.tenant_key)


def _update_card(tenant: Tenant, call: Call) -> Json:
    message = tenant.messages.get(call.path["message_id"])
    source = fields.text(call.body, "content")
    _check_alive(message)
    if not message.is_from_app:
        raise Refused(230027, "Lack of necessary permissions.")
    if not (entity := tenant.cards.entities.get(message.card_id)):
        raise invalid_parameter(extra="the message is not a card")
    if _age(tenant, message) > CARD_UPDATE_SECONDS:
        raise Refused(230031, "The message was sent more than 14 days ago.")
    tenant.limits.check_message(message.message_id)
    if len(source.encode()) > MAX_RICH_BYTES:
        raise too_long()
    if entity.is_interacting:
        raise CardRefused(11310, "card action is lock").wrapped()
    try:
        # What is no JSON object is no card either: it lacks the schema.
        tenant.cards.replace(entity, fields.parse_object(source) or {}, "message.patch")
    except CardRefused as refusal:
        raise refusal.wrapped() from refusal
    message.update_time = tenant.clock.now_ms()
    return {}


def _recall(tenant: Tenant, call: Call) -> Json:
    message = tenant.messages.get(call.path["message_id"])
    if not message.is_from_app:
        raise Refused(230026, "No permission to recall this message.")
    _check_alive(message)
    if _age(tenant, message) > tenant.config.recall_window:
        raise Refused(230009, "The message can not be recalled any more.")
    message.is_deleted = True
    tenant.show(message)
    return {}


def _react(tenant: Tenant, call: Call) -> Json:
    message = _present(tenant, call)
    emoji = fields.text(fields.obj(call.body.get("reaction_type")), "emoji_type")
    reaction_id = new_id("")
    message.reactions[reaction_id] = (tenant.config.app_id, emoji)
    tenant.show(message)
    operator: Json = {"operator_id": tenant.config.app_id, "operator_type": "app"}
    return {
        "reaction_id": reaction_id,
        "operator": operator,
        "action_time": tenant.clock.now_ms(),
        "reaction_type": {"emoji_type": emoji},
    }


def _unreact(tenant: Tenant, call: Call) -> Json:
    message = _present(tenant, call)
    who, emoji = message.reactions.get(call.path["reaction_id"], ("", ""))
    if who != tenant.config.app_id:
        raise invalid_parameter(extra="reaction_id")
    del message.reactions[call.path["reaction_id"]]
    tenant.show(message)
    return {"reaction_id": call.path["reaction_id"], "reaction_type": {"emoji_type": emoji}}


def _present(tenant: Tenant, call: Call) -> Message:
    message = tenant.messages.get(call.path["message_id"])
    if message.is_deleted:
        raise Refused(230110, "The message has been deleted.")
    if not tenant.chats.chats[message.chat_id].has_bot:
        raise Refused(230002, "The bot can not be outside the group.")
    return message


def _check_alive(message: Message) -> None:
    if message.is_deleted:
        raise Refused(230011, "The message was withdrawn.")


def _age(tenant: Tenant, message: Message) -> float:
    return tenant.clock.now() - int(message.create_time) / 1000


_MESSAGE = "/open-apis/im/v1/messages/{message_id}"
ENDPOINTS = (
    Endpoint("message.edit", "PUT", _MESSAGE, _edit, UPDATE_SCOPES),
    Endpoint("message.patch", "PATCH", _MESSAGE, _update_card, UPDATE_SCOPES),
    Endpoint("message.recall", "DELETE", _MESSAGE, _recall, RECALL_SCOPES),
    Endpoint("reaction.create", "POST", f"{_MESSAGE}/reactions", _react, REACTION_SCOPES),
    Endpoint("reaction.delete", "DELETE", f"{_MESSAGE}/reactions/{{reaction_id}}", _unreact, REACTION_SCOPES),
)
