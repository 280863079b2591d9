"""The ``/glm`` command: help, and what a person may set for themselves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bots.messages import Language
from bots.preferences import Preferences
from bots.wording import note

_GLM = re.compile(r"^\s*[/／]glm\b\s*", re.IGNORECASE)
_THINKING = {"auto": "auto", "on": "on", "off": "off", "自动": "auto", "开": "on", "关": "off"}
_LANGUAGES = {"en": "en", "英文": "en", "zh": "zh", "中文": "zh", "auto": None, "自动": None}


@dataclass(frozen=True, slots=True)
class GlmAnswer:
    """What to say, and the new choices if there are any."""

    sentence: str
    changed: Preferences | None = None
    forgets: bool = False  # what was said in the thread is to be dropped
    asks_usage: bool = False  # the sentence is the person's own use


def answer_glm(
    text: str, language: Language, preferences: Preferences, models: Sequence[str]
) -> GlmAnswer | None:
    """Follow a /glm command; None if the text is none."""
    start = _GLM.match(text)
    if start is None:
        return None
    word, _, value = text[start.end() :].strip().partition(" ")
    value = value.strip().lower()
    match word.lower():
        case "model" | "模型":
            return _choose_model(value, language, preferences, models)
        case "thinking" | "思考" if value in _THINKING:
            return _saved(preferences.model_copy(update={"thinking": _THINKING[value]}), language)
        case "language" | "语言" if value in _LANGUAGES:
            return _saved(preferences.model_copy(update={"language": _LANGUAGES[value]}), language)
        case _:
            return _deeds(language).get(word.lower()) or GlmAnswer(_help(language, preferences, models))


def _deeds(language: Language) -> dict[str, GlmAnswer]:
    forget = GlmAnswer(note("forgotten", language), forgets=True)
    usage = GlmAnswer("", asks_usage=True)
    return {"forget": forget, "忘记": forget, "usage": usage, "用量": usage}


def _choose_model(
    value: str, language: Language, preferences: Preferences, models: Sequence[str]
) -> GlmAnswer:
    if value in ("auto", "default", "默认", "自动"):
        return _saved(preferences.model_copy(update={"model": ""}), language)
    if value not in models:
        names = ", ".join(f"`{name}`" for name in models)
        english = f"I don't have that model. Choose one of {names} or `auto`."
        return GlmAnswer(english if language == "en" else f"没有这个模型。可选：{names}，或 `auto`。")
    return _saved(preferences.model_copy(update={"model": value}), language)


def _saved(changed: Preferences, language: Language) -> GlmAnswer:
    said = _summary(changed, language)
    return GlmAnswer(f"Saved. {said}" if language == "en" else f"已保存。{said}", changed)


def _summary(preferences: Preferences, language: Language) -> str:
    model, spoken = preferences.model or "auto", preferences.language or "auto"
    if language == "en":
        return f"Your settings: model `{model}`, thinking `{preferences.thinking}`, language `{spoken}`."
    return f"当前设置：模型 `{model}`，思考 `{preferences.thinking}`，语言 `{spoken}`。"


def _help(language: Language, preferences: Preferences, models: Sequence[str]) -> str:
    names = ", ".join(f"`{name}`" for name in models)
    if language == "en":
        lines = (
            "**What I can do**",
            "- Ask me anything, with pictures or text files if you like.",
            "- `/imagine a red fox in snow --size 1344x768` paints a picture (`--n 4` paints four).",
            "- `/ask …` asks a question where I am not mentioned.",
            "- `/glm model NAME`, `/glm thinking auto|on|off`, `/glm language en|zh|auto` set how I answer.",
            "- `/glm forget` makes me forget this thread; `/glm usage` tells what you have used.",
            f"- Models: {names}.",
        )
    else:
        lines = (
            "**我能做什么**",
            "- 直接提问，可以附上图片或文本文件。",
            "- `/imagine 雪地里的红狐狸 --size 1344x768` 画一张图（`--n 4` 画四张）。",
            "- `/ask …` 在没有提到我的地方提问。",
            "- `/glm model 名称`、`/glm thinking auto|on|off`、`/glm language en|zh|auto` 调整回答方式。",
            "- `/glm forget` 让我忘记这个话题；`/glm usage` 查看你的用量。",
            f"- 模型：{names}。",
        )
    return "\n".join(lines) + "\n\n" + _summary(preferences, language)
