"""Commands typed as text, the same on every platform."""

import re
from dataclasses import dataclass

from bots.errors import CommandMistaken
from bots.messages import IncomingMessage, Language
from bots.picture_sizes import DEFAULT_SIZE, read_size

_IMAGINE = re.compile(r"^\s*[/／]imagine\b\s*", re.IGNORECASE)
_ASK = re.compile(r"^\s*[/／]ask\b\s*", re.IGNORECASE)
_OPTION = re.compile(r"(?:^|\s)(?:--|—|–)(\w+)(?:[=\s]+(\S+))?")


@dataclass(frozen=True, slots=True)
class ImagineCommand:
    """``/imagine a cat --size 1344x768 --n 2``."""

    prompt: str
    size: str
    count: int = 1


def parse_imagine(text: str, language: Language) -> ImagineCommand | None:
    """Read an /imagine command; None if the text is none, CommandMistaken if it cannot be followed."""
    start = _IMAGINE.match(text)
    if start is None:
        return None
    rest = text[start.end() :]
    size, count = DEFAULT_SIZE, 1
    for option in _OPTION.finditer(rest):
        name, value = option[1].lower(), option[2] or ""
        if name == "size":
            size = _checked_size(value, language)
        elif name == "n":
            count = _checked_count(value, language)
        else:
            raise CommandMistaken(_say("option", language).format(option[1]))
    prompt = _OPTION.sub("", rest).strip()
    if not prompt:
        raise CommandMistaken(_say("prompt", language))
    return ImagineCommand(prompt, size, count)


def without_ask(message: IncomingMessage) -> IncomingMessage:
    """Read ``/ask why?`` as ``why?``."""
    return message.model_copy(update={"text": _ASK.sub("", message.text, count=1)})


def _checked_count(text: str, language: Language) -> int:
    if text not in ("1", "2", "3", "4"):
        raise CommandMistaken(_say("count", language).format(text or "?"))
    return int(text)


def _checked_size(text: str, language: Language) -> str:
    size = read_size(text)
    if size is None:
        raise CommandMistaken(_say("size", language).format(text or "?"))
    return size


_TEXTS = {
    "option": (
        "I don't know the option --{}. Try: /imagine a red fox in snow --size 1344x768",
        "我不认识选项 --{}。试试：/imagine 雪地里的红狐狸 --size 1344x768",
    ),
    "count": (
        "I paint 1 to 4 pictures at a time, not {}.",
        "一次可以画 1 到 4 张图，不能画 {} 张。",
    ),
    "prompt": (
        "Tell me what to paint. Try: /imagine a red fox in snow",
        "请告诉我要画什么。试试：/imagine 雪地里的红狐狸",
    ),
    "size": (
        "I can't paint {}. Sides: 512 to 2048 pixels in steps of 16, at most 2097152 in all. Try 1344x768",
        "画不了 {}。每边 512 到 2048 像素，且为 16 的倍数，总像素不超过 2097152，例如 1344x768。",
    ),
}


def _say(what: str, language: Language) -> str:
    english, chinese = _TEXTS[what]
    return english if language == "en" else chinese
