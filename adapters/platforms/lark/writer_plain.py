"""The lower rungs: a card that is replaced as a whole, a post, a text."""

import html
import json
from typing import Any

from adapters.platforms.lark.budget import message_window
from adapters.platforms.lark.cards import CardFace, card, digest, status_line
from adapters.platforms.lark.client import EDIT, PATCH, Endpoint
from adapters.platforms.lark.formatting_inline import ZERO_WIDTH
from adapters.platforms.lark.formatting_plain import plain_text, post_markdown
from adapters.platforms.lark.replies import Part
from adapters.platforms.lark.sending import Write
from bots.errors import PlatformOutcomeUnknown, PlatformRateLimited, PlatformUnavailable

Json = dict[str, Any]

MOST_EDITS = 20  # of a text or post (message edit docs)
EDITS_FOR_THE_END = 3
EDIT_EVERY_SECONDS = 15.0


async def show_patched(write: Write, index: int, part: Part, face: CardFace) -> Part:
    """Show the card by replacing all of it (card update docs: for 14 days, 5 times a second)."""
    content = card(face, is_streaming=False)
    if not part.message_id:
        part = await _send(write, index, part, "interactive", content)
    if part.digest != digest(content):
        body = {"content": json.dumps(content, ensure_ascii=False)}
        path = PATCH.at(message_id=part.message_id)
        await _call(write, PATCH, path, body, part)
    return _noted(write, index, part, content)


async def show_post(write: Write, index: int, part: Part, face: CardFace) -> Part:
    """Show a post; it has no buttons and shows an "edited" mark, so it is edited seldom."""
    locale = "zh_cn" if face.language == "zh" else "en_us"
    paragraph = [{"tag": "md", "text": post_markdown(_words(face))}]
    return await _edited(write, index, part, "post", {locale: {"title": "", "content": [paragraph]}}, face)


async def show_text(write: Write, index: int, part: Part, face: CardFace) -> Part:
    """Show plain words: the last rung."""
    return await _edited(write, index, part, "text", {"text": plain_text(_words(face))}, face)


async def _edited(write: Write, index: int, part: Part, msg_type: str, content: Json, face: CardFace) -> Part:
    if not part.message_id:
        part = await _send(write, index, part, msg_type, content)
    if part.digest == digest(content):
        return part
    is_early = write.now - part.armed_at < EDIT_EVERY_SECONDS or part.edits >= MOST_EDITS - EDITS_FOR_THE_END
    if not face.is_final and is_early:
        detail = "the edits of a message are few"
        raise PlatformRateLimited(detail, retry_after=EDIT_EVERY_SECONDS)
    body = {"msg_type": msg_type, "content": json.dumps(content, ensure_ascii=False)}
    await _call(write, EDIT, EDIT.at(message_id=part.message_id), body, part)
    update = {"edits": part.edits + 1, "armed_at": write.now}
    return _noted(write, index, part.model_copy(update=update), content)


async def _send(write: Write, index: int, part: Part, msg_type: str, content: Json) -> Part:
    was_tried = part.is_unsure
    if not was_tried:
        part = await write.keep(index, part.model_copy(update={"is_unsure": True}))
    purpose = f"{write.claim.state.generation}/{index}/{part.attempt}/{msg_type}"
    try:
        message_id = await write.send(msg_type, content, purpose=purpose)
    except PlatformOutcomeUnknown as error:
        raise PlatformUnavailable(str(error)) from error  # the same uuid finds it again
    # What the uuid found may be an earlier state, sent by a process that died: then it is not noted as shown.
    shown = "" if was_tried else digest(content)
    update = {"message_id": message_id, "armed_at": write.now, "digest": shown, "is_unsure": False}
    return await write.keep(index, part.model_copy(update=update))


async def _call(write: Write, endpoint: Endpoint, path: str, body: Json, part: Part) -> None:
    try:
        await write.call(endpoint, path, body, message_window(part.message_id))
    except PlatformOutcomeUnknown as error:
        raise PlatformUnavailable(str(error)) from error  # repeating it does no harm


def _noted(write: Write, index: int, part: Part, content: Json) -> Part:
    part = part.model_copy(update={"digest": digest(content), "is_streaming": False})
    write.note(index, part)
    return part


def _words(face: CardFace) -> str:
    # What was escaped for a card is written as it was: these dialects know no entities.
    answer = html.unescape(face.answer).replace(ZERO_WIDTH, "").replace("<hr>", "---")
    parts = [answer or status_line(face), face.notice]
    return "\n\n".join(part for part in parts if part) or "…"
