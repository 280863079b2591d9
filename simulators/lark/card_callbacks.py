"""Clicks on cards: the callback, what its answer may do, and the delayed update."""

from collections.abc import Iterator

from simulators.lark import card_tree
from simulators.lark.api import Call, Endpoint
from simulators.lark.cards import CallbackToken, CardEntity
from simulators.lark.chats import Person
from simulators.lark.deliveries import Receipt
from simulators.lark.errors import CardRefused, Refused, invalid_parameter
from simulators.lark.events import CARD_ACTION, envelope
from simulators.lark.fields import Json, obj, objects
from simulators.lark.ids import new_id
from simulators.lark.tenant import Tenant

TOKEN_SECONDS = 1800
TOAST_TYPES = frozenset({"info", "success", "error", "warning"})
# What the clicking user is shown (card callback docs, error codes).
SHOWN_CODES = {"offline": 200342, "timeout": 200341, "connect": 200342, "status": 200671, "body": 200672}


class NotPressable(Exception):
    """There is no such button, or it is disabled, or its card is gone."""

    def __init__(self, *, why: str) -> None:
        super().__init__(why)


def buttons(card: Json) -> Iterator[Json]:
    """Give the buttons of a card that call back."""
    for element in card_tree.elements(card):
        if element.get("tag") == "button" and callback_value(element) is not None:
            yield element


def callback_value(button: Json) -> object:
    """Give what a button sends back; None for one that only opens a page."""
    return next(
        (it.get("value") for it in objects(button.get("behaviors")) if it.get("type") == "callback"), None
    )


async def press(tenant: Tenant, message_id: str, which: str, person: Person) -> Json:
    """Press a button, named by its element_id or text, and give what the user is shown.

    The result has `code` (0, or the error shown), `toast`, and `is_card_updated`.

    Raises:
        Refused: no such message.
        NotPressable: no such button.
    """
    message = tenant.messages.get(message_id)
    entity = tenant.cards.entities.get(message.card_id)
    if entity is None or message.is_deleted:
        raise NotPressable(why="the message is no card, or was recalled")
    button = _button(entity, which)
    if CARD_ACTION not in tenant.config.callbacks:
        return {"code": 200340, "toast": {}, "is_card_updated": False}
    token = new_id("c-")
    tenant.callback_tokens[token] = CallbackToken(message_id, tenant.clock.now() + TOKEN_SECONDS)
    action: Json = {"value": callback_value(button), "tag": "button", "timezone": "Asia/Shanghai"}
    if name := button.get("name"):
        action["name"] = name
    event: Json = {
        "operator": {"tenant_key": tenant.config.tenant_key, **person.ids(tenant.config.scopes)},
        "token": token,
        "host": "im_message",
        "action": action,
        "context": {"open_message_id": message_id, "open_chat_id": message.chat_id},
    }
    tenant.cards.set_interacting(entity, is_on=True)
    try:
        wrapped = envelope(tenant.config, CARD_ACTION, tenant.clock.now(), event)
        receipt = await tenant.deliveries.call_back(wrapped)
    finally:
        tenant.cards.set_interacting(entity, is_on=False)
        tenant.callback_tokens[token].is_answered = True
    return _show(tenant, entity, receipt)


def _button(entity: CardEntity, which: str) -> Json:
    for button in buttons(entity.card):
        if which in {button.get("element_id"), obj(button.get("text")).get("content")}:
            if button.get("disabled") is True:
                raise NotPressable(why=f"{which} is disabled")
            return button
    raise NotPressable(why=f"the card has no button {which}")


def _show(tenant: Tenant, entity: CardEntity, receipt: Receipt) -> Json:
    if receipt.problem:
        return {
            "code": SHOWN_CODES[receipt.problem],
            "problem": receipt.problem,
            "toast": {},
            "is_card_updated": False,
        }
    answer = {} if receipt.answer is None else receipt.answer
    if not isinstance(answer, dict) or answer.keys() - {"toast", "card"}:
        return _wrong_answer(tenant, 200672, "a callback's answer has only toast and card")
    toast = obj(answer.get("toast"))
    if toast and (
        toast.get("type", "info") not in TOAST_TYPES or not isinstance(toast.get("content", ""), str)
    ):
        return _wrong_answer(tenant, 200672, "a toast needs a known type and a text")
    new = obj(answer.get("card"))
    is_updated = False
    if new and tenant.cards.is_streaming(entity, tenant.config):
        tenant.records.violate(
            tenant.clock.now(), CARD_ACTION, 0, "a streaming card is not changed by an answer"
        )
    elif new:
        if new.get("type") != "raw" or obj(new.get("data")).get("schema") != "2.0":
            return _wrong_answer(tenant, 200830, "a v2 card is updated with v2 JSON only")
        try:
            tenant.cards.replace(entity, obj(new["data"]), "callback answer")
        except CardRefused as refusal:
            return _wrong_answer(
                tenant, 200673, f"wrong card in the answer: {refusal.code} {refusal.message}"
            )
        is_updated = True
    return {"code": 0, "toast": toast, "is_card_updated": is_updated}


def _wrong_answer(tenant: Tenant, code: int, what: str) -> Json:
    tenant.records.violate(tenant.clock.now(), CARD_ACTION, code, what)
    return {"code": code, "problem": what, "toast": {}, "is_card_updated": False}


def _delayed_update(tenant: Tenant, call: Call) -> Json:
    token = tenant.callback_tokens.get(str(call.body.get("token")))
    if token is None or token.expires_at < tenant.clock.now() or not token.uses_left:
        raise invalid_parameter(extra="the token is unknown, expired or used twice")
    if not token.is_answered:
        raise Refused(2200, "internal error: the callback was not answered yet")
    entity = tenant.cards.entity(tenant.messages.get(token.message_id).card_id)
    token.uses_left -= 1
    try:
        tenant.cards.replace(entity, obj(call.body.get("card")), "delayed update")
    except CardRefused as refusal:
        raise refusal.wrapped() from refusal
    return {}


ENDPOINTS = (
    Endpoint("card.delayed_update", "POST", "/open-apis/interactive/v1/card/update", _delayed_update),
)
