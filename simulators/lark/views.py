"""How the control API and the page see messages and cards (nothing of this is Lark's)."""

from dataclasses import asdict

from simulators.lark.card_tree import elements
from simulators.lark.cards import CardEntity
from simulators.lark.fields import Json, obj
from simulators.lark.messages import Message


def message_view(
    message: Message, sender_name: str, entity: CardEntity | None, *, is_streaming: bool
) -> Json:
    """Give a message with everything a reader sees of it."""
    view: Json = {
        "message_id": message.message_id,
        "chat_id": message.chat_id,
        "sender": sender_name,
        "sender_id": message.sender_id,
        "is_from_bot": message.is_from_app,
        "msg_type": message.msg_type,
        "content": message.content,
        "sent": message.sent,
        "create_time": message.create_time,
        "root_id": message.root_id,
        "parent_id": message.parent_id,
        "thread_id": message.thread_id,
        "upper_message_id": message.upper_message_id,
        "mentions": [asdict(mention) for mention in message.mentions],
        "notified": list(message.notified),
        "is_deleted": message.is_deleted,
        "edits": message.edits,
        "reactions": [{"who": who, "emoji": emoji} for who, emoji in message.reactions.values()],
        "follow_ups": list(message.follow_ups),
    }
    if entity:
        view["card"] = card_view(entity, is_streaming=is_streaming)
    return view


def card_view(entity: CardEntity, *, is_streaming: bool) -> Json:
    """Give a card as it stands; `text` is all its Markdown."""
    return {
        "card_id": entity.card_id,
        "message_id": entity.message_id,
        "sequence": entity.sequence,
        "is_streaming": is_streaming,
        "is_interacting": entity.is_interacting,
        "card": entity.card,
        "text": card_text(entity.card),
        "summary": summary(entity.card, is_streaming=is_streaming),
        "notified": list(entity.findings.notified),
        "vanished": list(entity.findings.vanished),
    }


def card_text(card: Json) -> str:
    """Give the texts of all Markdown elements, one after the other."""
    texts = (
        element["content"] for element in elements(card) if element.get("tag") in {"markdown", "plain_text"}
    )
    return "\n".join(str(text) for text in texts)


def summary(card: Json, *, is_streaming: bool) -> str:
    """Give the line the chat list shows: the card's own summary, or that it is being generated."""
    own = obj(obj(card.get("config")).get("summary")).get("content")
    if isinstance(own, str) and own:
        return own
    return "[Generating...]" if is_streaming else card_text(card)[:100]


def simplified(card: Json, *, is_streaming: bool) -> Json:
    """Give a card as message.get tells it: reduced to text; a streaming one comes empty."""
    title = obj(obj(card.get("header")).get("title")).get("content", "")
    text = "" if is_streaming else card_text(card)
    return {"title": title, "elements": [[{"tag": "text", "text": text}]] if text else []}
