"""The best way to show a reply: a card entity that is typed into (CardKit streaming docs)."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.platforms.lark.budget import card_window
from adapters.platforms.lark.cards import CardFace, card, elements, summary
from adapters.platforms.lark.cards_changes import Actions, TextGrown, changes, settings_action
from adapters.platforms.lark.client import (
    CARD_BATCH,
    CARD_CONTENT,
    CARD_CREATE,
    CARD_REPLACE,
    CARD_SETTINGS,
    Endpoint,
)
from adapters.platforms.lark.errors import CardRefused, SequenceStale, StreamingOff
from adapters.platforms.lark.replies import Part
from adapters.platforms.lark.sending import Write, name_of
from bots.errors import PlatformOutcomeUnknown, PlatformUnavailable

Json = dict[str, Any]

# Lark switches streaming off ten minutes after it was last switched on (streaming docs); some tenants then
# swallow text in silence, so it is switched on again in good time.
REARM_SECONDS = 8 * 60.0
REARM_ALONG_SECONDS = 4 * 60.0  # when there is a batch to go along with


async def show_card(write: Write, index: int, part: Part, face: CardFace, *, is_streaming: bool) -> Part:
    """Make a part show ``face``; raises what a lower rung can mend, or what must be tried again."""
    if not part.card_id:
        part = await _create(write, index, part, face, is_streaming=is_streaming)
    try:
        if not part.message_id:
            content = {"type": "card", "data": {"card_id": part.card_id}}
            purpose = f"{write.claim.state.generation}/{index}/{part.attempt}/{part.card_id}"
            message_id = await write.send("interactive", content, purpose=purpose)
            part = await write.keep(index, part.model_copy(update={"message_id": message_id}))
        return await _update(write, index, part, face, is_streaming=is_streaming)
    except PlatformOutcomeUnknown as error:
        # It may have been done or not: the next write replaces the whole card, which is right either way.
        await write.keep(index, part.model_copy(update={"is_unsure": True}))
        raise PlatformUnavailable(str(error)) from error


async def _create(write: Write, index: int, part: Part, face: CardFace, *, is_streaming: bool) -> Part:
    data = json.dumps(card(face, is_streaming=is_streaming), ensure_ascii=False)
    try:
        answer = await write.call(CARD_CREATE, CARD_CREATE.at(), {"type": "card_json", "data": data})
    except PlatformOutcomeUnknown as error:
        raise PlatformUnavailable(str(error)) from error  # at worst there is a card that nobody sees
    made = _shown(part, write, face, is_streaming=is_streaming, is_armed=True)
    # Kept before it is sent: whoever takes over must send this card and no other under the same uuid.
    return await write.keep(index, made.model_copy(update={"card_id": str(answer.get("card_id", ""))}))


async def _update(write: Write, index: int, part: Part, face: CardFace, *, is_streaming: bool) -> Part:
    wanted = elements(face)
    difference = changes(part.elements, wanted)
    is_turning = is_streaming != part.is_streaming
    if part.is_unsure:
        return await _replace(write, index, part, face, is_streaming=is_streaming)
    if not difference and not is_turning:
        return part
    age = write.now - part.armed_at
    if isinstance(difference, TextGrown) and is_streaming and not is_turning:
        if age > REARM_SECONDS:
            part = await _arm(write, index, part)
        try:
            await _type(write, part, difference)
        except StreamingOff:
            part = await _arm(write, index, part)
            await _type(write, part, difference)
        return _noted(write, index, _shown(part, write, face, is_streaming=True))
    is_armed = is_turning or (is_streaming and age > REARM_ALONG_SECONDS)
    actions = _as_actions(difference, face)
    if is_armed:
        line = None if is_streaming else summary(face)
        actions.append(settings_action(is_streaming=is_streaming, summary=line))
    try:
        await _operate(write, part, CARD_BATCH, {"actions": json.dumps(actions, ensure_ascii=False)})
    except CardRefused:
        # Perhaps the card is not what the record says; replacing it whole mends that.
        return await _replace(write, index, part, face, is_streaming=is_streaming)
    return _noted(write, index, _shown(part, write, face, is_streaming=is_streaming, is_armed=is_armed))


def _as_actions(difference: TextGrown | Actions, face: CardFace) -> Actions:
    if not isinstance(difference, TextGrown):
        return difference
    changed = next(one for one in elements(face) if one.text_id == difference.text_id)
    params = {"element_id": changed.element_id, "element": changed.json}
    return [{"action": "update_element", "params": params}]


async def _replace(write: Write, index: int, part: Part, face: CardFace, *, is_streaming: bool) -> Part:
    data = json.dumps(card(face, is_streaming=is_streaming), ensure_ascii=False)
    await _operate(write, part, CARD_REPLACE, {"card": {"type": "card_json", "data": data}})
    part = part.model_copy(update={"is_unsure": False})
    return _noted(write, index, _shown(part, write, face, is_streaming=is_streaming, is_armed=True))


async def _type(write: Write, part: Part, grown: TextGrown) -> None:
    await _operate(write, part, CARD_CONTENT, {"content": grown.text}, element_id=grown.text_id)


async def _arm(write: Write, index: int, part: Part) -> Part:
    settings = json.dumps({"config": {"streaming_mode": True}})
    await _operate(write, part, CARD_SETTINGS, {"settings": settings})
    return await write.keep(index, part.model_copy(update={"armed_at": write.now, "is_streaming": True}))


async def _operate(write: Write, part: Part, endpoint: Endpoint, body: Json, *, element_id: str = "") -> None:
    """Do one operation on a card under the next sequence; a sequence is never used twice."""
    path = endpoint.at(card_id=part.card_id, element_id=element_id)

    async def attempt() -> None:
        sequence = await write.claim.next_sequence()
        uuid = name_of(write.claim.reply_id, part.card_id, sequence)
        await write.call(
            endpoint, path, {**body, "sequence": sequence, "uuid": uuid}, card_window(part.card_id)
        )

    await _above_others(write, attempt)


async def _above_others(write: Write, attempt: Callable[[], Awaitable[None]]) -> None:
    try:
        await attempt()
    except SequenceStale:
        await write.claim.skip_sequences()
        await attempt()


def _shown(part: Part, write: Write, face: CardFace, *, is_streaming: bool, is_armed: bool = False) -> Part:
    return part.model_copy(
        update={
            "elements": tuple(element.shown() for element in elements(face)),
            "is_streaming": is_streaming,
            "armed_at": write.now if is_armed else part.armed_at,
        }
    )


def _noted(write: Write, index: int, part: Part) -> Part:
    write.note(index, part)
    return part
