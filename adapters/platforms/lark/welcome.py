"""What the bot says when it meets somebody, and on a card when a button is pressed."""

from typing import Literal

from bots.events import ButtonAction
from bots.messages import Language

Meeting = Literal["direct", "group"]

_WELCOMES: dict[Meeting, dict[Language, str]] = {
    "direct": {
        "en": (
            "Hello! Ask me anything, or send a picture and then your question.\n"
            "/imagine a red fox in snow – paints a picture\n"
            "/glm – shows what else I can do"
        ),
        "zh": (
            "你好！直接提问，或者先发图片再发问题。\n/imagine 雪地里的红狐狸 – 画一张图\n/glm – 查看更多用法"
        ),
    },
    "group": {
        "en": (
            "Hello everybody! Mention me with your question and I answer in its topic; "
            "mention me again to go on.\n"
            "For a picture, quote it or put it into the same message. /imagine after the mention paints one."
        ),
        "zh": (
            "大家好！@我 并写下问题，我会在话题里回答；继续提问请再次 @我。\n"
            "想问图片，请引用它或与问题放在同一条消息里。@我 后加 /imagine 可以画图。"
        ),
    },
}

_TOASTS: dict[str, tuple[str, str, str]] = {  # kind, English, Chinese
    "stop": ("info", "Stopping.", "正在停止。"),
    "regenerate": ("info", "Writing it anew.", "正在重新生成。"),
    "other_model": ("info", "Asking another model.", "正在换一个模型回答。"),
    "vary": ("info", "Painting it again.", "正在重新画。"),
    "resize": ("info", "Painting it in another size.", "正在换尺寸重画。"),
    "like": ("success", "Thank you!", "谢谢反馈！"),
    "dislike": ("success", "Thank you, noted.", "谢谢反馈，已记录。"),
    "not_yours": (
        "warning",
        "Only the person who asked can do this.",
        "只有提问的人可以这样做。",
    ),
    "too_old": (
        "warning",
        "This answer is too old for that. Please ask again.",
        "这条回答时间太久了，请重新提问。",
    ),
    "try_again": (
        "error",
        "That did not work just now. Please try again.",
        "暂时没有成功，请再试一次。",
    ),
}


def welcome(meeting: Meeting, language: Language) -> str:
    """Say what can be done here."""
    return _WELCOMES[meeting][language]


def toast(what: ButtonAction | Literal["not_yours", "too_old", "try_again"]) -> dict[str, object]:
    """Make the answer to a pressed button, in the languages of Lark's clients (card callback docs)."""
    kind, english, chinese = _TOASTS[what]
    texts = {"en_us": english, "zh_cn": chinese}
    return {"toast": {"type": kind, "content": english, "i18n": texts}}
