"""What the hearing side says to a person, in their language; the writing side has none of its own."""

from typing import Literal

from bots.messages import Language

Sentence = Literal[
    "store_away", "not_here", "failed", "asked", "home_title", "home_uses", "home_settings", "home_model",
    "home_thinking", "home_language", "home_note", "modal_ask", "modal_question", "modal_paint",
    "modal_prompt", "modal_size", "modal_count", "modal_send", "modal_close", "modal_gone",
]  # fmt: skip

USES_ENGLISH = """\
• Mention me in a channel, or write to me directly; pictures and text files may come along.
• `/imagine a red fox in snow --size 1344x768 --n 2` paints.
• `/ask …` asks; `/glm` shows your settings. In threads write them after a mention: `@Glimmer /imagine …`
• The shortcut “Ask about this” in a message's menu asks about that message and its pictures."""
USES_CHINESE = """\
• 在频道里提到我，或直接私信我；可以附上图片和文本文件。
• `/imagine 雪地里的红狐狸 --size 1344x768 --n 2` 画图。
• `/ask …` 提问；`/glm` 查看设置。在消息列里请写在提及之后：`@Glimmer /imagine …`
• 消息菜单里的快捷方式 “Ask about this” 可以就那条消息和图片提问。"""

SENTENCES: dict[Sentence, tuple[str, str]] = {
    "store_away": (
        "Glimmer cannot take questions right now. Please try again in a moment.",
        "Glimmer 暂时无法接收问题，请稍后再试。",
    ),
    "not_here": (
        "I am not in this conversation. Invite me to it, or ask me in a direct message.",
        "我不在这个会话里。请先邀请我，或者私信问我。",
    ),
    "failed": (
        "Slack did not let me post this here. Please try again.",
        "Slack 没有让我在这里发消息，请重试。",
    ),
    "asked": ("<@{user}> asked:", "<@{user}> 提问："),
    "home_title": ("Glimmer", "Glimmer"),
    "home_uses": (USES_ENGLISH, USES_CHINESE),
    "home_settings": ("Your settings", "你的设置"),
    "home_model": ("*Model* for questions in words", "文字问题使用的*模型*"),
    "home_thinking": ("*Thinking* before the answer", "回答前*思考*"),
    "home_language": ("*Language* of my own sentences", "我自己说话的*语言*"),
    "home_note": (
        "Answers are made by GLM models and may be wrong.",
        "回答由 GLM 模型生成，可能有误。",
    ),
    "modal_ask": ("Ask about this", "就此提问"),
    "modal_question": ("Your question", "你的问题"),
    "modal_paint": ("Create an image", "画一张图"),
    "modal_prompt": ("What shall I paint?", "画什么？"),
    "modal_size": ("Size", "尺寸"),
    "modal_count": ("How many", "张数"),
    "modal_send": ("Send", "发送"),
    "modal_close": ("Cancel", "取消"),
    "modal_gone": (
        "I no longer know what this was about. Please use the shortcut again.",
        "我已经不记得这是关于什么的了，请重新使用快捷方式。",
    ),
}


def say(name: Sentence, language: Language) -> str:
    """Say it."""
    english, chinese = SENTENCES[name]
    return english if language == "en" else chinese
