"""What Slack's messages say besides the model's words, in two languages."""

from typing import Literal

from bots.drafts import Draft
from bots.messages import Language

Phrase = Literal[
    "stop", "regenerate", "other_model", "again", "vary", "size", "good", "bad", "disclaimer", "thinking",
    "thought", "anew", "writing", "fallback",
]  # fmt: skip

_PHRASES: dict[Phrase, tuple[str, str]] = {
    "stop": ("Stop", "停止"),
    "regenerate": ("Regenerate", "重新生成"),
    "other_model": ("Other model", "换个模型"),
    "again": ("Again", "再来一张"),
    "vary": ("Vary", "换个样子"),
    "size": ("Size", "尺寸"),
    "good": ("Good answer", "回答得好"),
    "bad": ("Bad answer", "回答得不好"),
    "disclaimer": ("AI can be wrong. Check what matters.", "内容由 AI 生成，重要信息请核实。"),
    "thinking": ("Thinking…", "思考中…"),
    "thought": ("Thought about it", "思考过程"),
    "anew": ("Writing this anew…", "正在重新生成…"),
    "writing": ("is writing…", "正在写…"),
    "fallback": ("An answer", "回答"),
}


def phrase(name: Phrase, language: Language) -> str:
    """Say it."""
    english, chinese = _PHRASES[name]
    return chinese if language == "zh" else english


def status_of(draft: Draft, language: Language) -> str:
    """Say beside the bot's name what a waiting reply waits for; Slack shows "Glimmer is thinking…"."""
    if draft.notice:
        return draft.notice[:140]
    place = draft.place
    if place is None or place.position <= 0:
        return "正在思考…" if language == "zh" else "is thinking…"
    wait = _duration(place.seconds, language)
    if language == "zh":
        return f"正在排队：第 {place.position} 位{f'，约 {wait}' if wait else ''}"
    return f"is waiting: number {place.position} in line{f', about {wait}' if wait else ''}"


def _duration(seconds: float | None, language: Language) -> str:
    if seconds is None:
        return ""
    if seconds < 55:
        tens = max(5, 5 * round(seconds / 5))
        return f"{tens} 秒" if language == "zh" else f"{tens} s"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} 分钟" if language == "zh" else f"{minutes} min"
