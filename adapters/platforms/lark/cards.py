"""A reply as a card of JSON 2.0 (card JSON 2.0 structure and component docs)."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from adapters.platforms.lark.buttons import ButtonValue
from adapters.platforms.lark.formatting_inline import clean_line
from adapters.platforms.lark.replies import ShownElement
from bots.drafts import Button, Place, ShownPicture
from bots.events import ButtonAction
from bots.messages import Language

Json = dict[str, Any]

SUMMARY_CHARACTERS = 100
NOTICE_CHARACTERS = 300  # a notice may quote what a person typed
PICTURE_SIZES = ("1024x1024", "1344x768", "768x1344")
# Frames come about once a second; the typewriter must be done before the next one (streaming docs).
STREAMING: Json = {
    "print_frequency_ms": {"default": 30},
    "print_step": {"default": 4},
    "print_strategy": "fast",
}

_SAYS: dict[str, tuple[str, str]] = {
    "place": ("{} in line", "排在第 {} 位"),
    "about": (", about {} s", "，约 {} 秒"),
    "working": ("One moment…", "请稍候…"),
    "think": ("Thinking", "思考过程"),
    "stop": ("Stop", "停止"),
    "regenerate": ("Regenerate", "重新生成"),
    "other_model": ("Other model", "换个模型"),
    "again": ("Again", "再来一张"),
    "vary": ("Vary", "变一变"),
    "like": ("👍", "👍"),
    "dislike": ("👎", "👎"),
    "seconds": ("{} s", "{} 秒"),
    "nothing": ("–", "–"),
    "withheld": (
        "Lark's content check did not let this answer through.",
        "这条回答没有通过飞书的内容审核。",
    ),
    "superseded": ("(replaced by a newer answer)", "（已被新的回答取代）"),
}


def say(what: str, language: Language) -> str:
    """Say one of the small fixed phrases of a card."""
    english, chinese = _SAYS[what]
    return chinese if language == "zh" else english


@dataclass(frozen=True, slots=True)
class CardFace:
    """Everything one card of a reply shows; ``answer`` and ``thinking`` are harmless card Markdown."""

    reply_id: str
    language: Language
    answer: str = ""
    thinking: str = ""
    place: Place | None = None
    notice: str = ""
    pictures: tuple[ShownPicture, ...] = ()
    has_picture_buttons: bool = False
    buttons: tuple[Button, ...] = ()
    model: str = ""
    seconds: float | None = None
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """One element at the root of a card; its streamed text, if any, stands in the element ``text_id``."""

    element_id: str
    make: Callable[[str], Json]
    text_id: str = ""
    text: str = ""

    @property
    def json(self) -> Json:
        """Give the whole element."""
        return self.make(self.text)

    def shown(self) -> ShownElement:
        """Give what a later comparison needs."""
        return ShownElement(
            element_id=self.element_id,
            frame=digest(self.make("")),
            text=digest(self.text) if self.text_id else "",
        )


def digest(value: object) -> str:
    """Name a JSON value briefly."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def elements(face: CardFace) -> tuple[Element, ...]:
    """Lay a card out; at least one element, always in the same order."""
    found = tuple(_elements(face))
    return found or (_small("status", say("nothing", face.language)),)


def _elements(face: CardFace) -> Iterator[Element]:
    status = status_line(face)
    if status:
        yield _small("status", status)
    if face.thinking:
        yield _thinking(face)
    if face.answer:
        yield _markdown("md", face.answer)
    for number, picture in enumerate(face.pictures, 1):
        yield _picture(number, picture)
    if face.notice:
        yield _small(
            "notice", clean_line(face.notice[:NOTICE_CHARACTERS].replace("\n", " "), pictures=frozenset())
        )
    foot = _foot(face)
    if foot:
        yield _small("foot", foot)
    buttons = list(_buttons(face))
    if buttons:
        yield _row(buttons)


def card(face: CardFace, *, is_streaming: bool) -> Json:
    """Make the whole card."""
    config: Json = {
        "streaming_mode": is_streaming,
        "update_multi": True,
        "enable_forward": True,
        "width_mode": "fill",
    }
    if is_streaming:
        config["streaming_config"] = STREAMING
    else:
        config["summary"] = {"content": summary(face)}
    body = {"elements": [element.json for element in elements(face)]}
    return {"schema": "2.0", "config": config, "body": body}


def summary(face: CardFace) -> str:
    """Give the line of the chat list; without one it would go on saying that something is generated."""
    text = face.answer or face.notice or (face.pictures[0].alt if face.pictures else "") or "–"
    return " ".join(text.replace("&#60;", "<").split())[:SUMMARY_CHARACTERS]


def status_line(face: CardFace) -> str:
    """Say what is going on while there is nothing else to see."""
    if face.is_final or face.answer or face.pictures:
        return ""
    if face.place is None or face.place.position <= 0:
        return "" if face.thinking else say("working", face.language)
    text = say("place", face.language).format(face.place.position)
    if face.place.seconds is not None:
        text += say("about", face.language).format(max(1, round(face.place.seconds)))
    return f"⏳ {text}"


def _foot(face: CardFace) -> str:
    if not face.is_final or not face.model:
        return ""
    words = [clean_line(face.model, pictures=frozenset())]
    if face.seconds is not None:
        words.append(say("seconds", face.language).format(f"{face.seconds:.1f}"))
    return " · ".join(words)


def _small(element_id: str, text: str) -> Element:
    return Element(
        element_id,
        lambda _: {
            "tag": "markdown",
            "element_id": element_id,
            "content": f"<font color='grey'>{text}</font>",
            "text_size": "notation",
        },
    )


def _markdown(element_id: str, text: str) -> Element:
    def make(content: str) -> Json:
        return {"tag": "markdown", "element_id": element_id, "content": content}

    return Element(element_id, make, text_id=element_id, text=text)


def _thinking(face: CardFace) -> Element:
    title = say("think", face.language)

    def make(content: str) -> Json:
        return {
            "tag": "collapsible_panel",
            "element_id": "think",
            "expanded": False,
            "header": {"title": {"tag": "plain_text", "content": title}, "vertical_align": "center"},
            "border": {"color": "grey", "corner_radius": "5px"},
            "padding": "8px 8px 8px 8px",
            "elements": [
                {"tag": "markdown", "element_id": "think_md", "content": content, "text_size": "notation"}
            ],
        }

    return Element("think", make, text_id="think_md", text=face.thinking)


def _picture(number: int, picture: ShownPicture) -> Element:
    return Element(
        f"picture{number}",
        lambda _: {
            "tag": "img",
            "element_id": f"picture{number}",
            "img_key": picture.handle,
            "alt": {"tag": "plain_text", "content": picture.alt[:100]},
            "scale_type": "fit_horizontal",
            "preview": True,
        },
    )


def _buttons(face: CardFace) -> Iterator[Json]:
    if "stop" in face.buttons:
        yield _button(face, "stop", "stop")
    if "regenerate" in face.buttons:
        if face.has_picture_buttons:
            yield _button(face, "again", "regenerate")
            yield _button(face, "vary", "vary")
            for number, size in enumerate(PICTURE_SIZES, 1):
                yield _button(face, f"size{number}", "resize", value=size, text=size.replace("x", "×"))
        else:
            yield _button(face, "regenerate", "regenerate")
            yield _button(face, "other_model", "other_model")
    if "like" in face.buttons:
        yield _button(face, "like", "like")
    if "dislike" in face.buttons:
        yield _button(face, "dislike", "dislike")


def _button(
    face: CardFace, element_id: str, action: ButtonAction, *, value: str = "", text: str = ""
) -> Json:
    packed = ButtonValue(action=action, reply=face.reply_id, value=value).packed()
    return {
        "tag": "button",
        "element_id": element_id,
        "type": "default",
        "size": "small",
        "text": {"tag": "plain_text", "content": text or say(element_id, face.language)},
        "behaviors": [{"type": "callback", "value": packed}],
    }


def _row(buttons: list[Json]) -> Element:
    columns = [{"tag": "column", "width": "auto", "elements": [button]} for button in buttons]
    return Element(
        "buttons",
        lambda _: {
            "tag": "column_set",
            "element_id": "buttons",
            "flex_mode": "flow",
            "horizontal_spacing": "8px",
            "columns": columns,
        },
    )
