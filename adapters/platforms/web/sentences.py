"""What the playground's server says to a person, in their language."""

from typing import Literal

from bots.messages import Language

Sentence = Literal[
    "bad_thread", "bad_form", "bad_json", "bad_client_id", "cross_site", "too_large", "too_long",
    "too_many_files", "unavailable", "failed", "no_message", "unknown_action", "no_file",
]  # fmt: skip

SENTENCES: dict[Sentence, tuple[str, str]] = {
    "bad_thread": (
        "A thread's name has 1 to 64 letters, digits, hyphens or underscores.",
        "会话名由 1 到 64 个字母、数字、连字符或下划线组成。",
    ),
    "bad_form": ("The message must be sent as a multipart form.", "消息必须以 multipart 表单发送。"),
    "bad_json": ("The request must hold a small JSON object.", "请求必须是一个小的 JSON 对象。"),
    "bad_client_id": ("client_id must be a UUID.", "client_id 必须是 UUID。"),
    "cross_site": ("Requests from other sites are refused.", "拒绝来自其他站点的请求。"),
    "too_large": (
        "The message with its files is larger than {limit} MB.",
        "消息和文件总大小超过 {limit} MB。",
    ),
    "too_long": ("The text is longer than {limit} characters.", "文字超过 {limit} 个字符。"),
    "too_many_files": ("At most {limit} files fit into one message.", "一条消息最多 {limit} 个文件。"),
    "unavailable": (
        "Glimmer cannot take messages right now. Please try again in a moment.",
        "Glimmer 暂时无法接收消息，请稍后再试。",
    ),
    "failed": ("The message could not be handled. Please try again.", "消息处理失败，请重试。"),
    "no_message": ("There is no such answer in this thread.", "这个会话里没有这条回答。"),
    "unknown_action": ("This action is not known.", "未知的操作。"),
    "no_file": ("This file is not here (any more).", "文件不存在或已过期。"),
}


def sentence(name: Sentence, language: Language, *, limit: int = 0) -> str:
    """Say it in ``language``; ``limit`` fills the place some sentences have for a number."""
    english, chinese = SENTENCES[name]
    return (chinese if language == "zh" else english).format(limit=limit)


def preferred_locale(accept_language: str) -> str | None:
    """Pick the locale a browser likes best, such as ``zh-CN`` (RFC 9110 §12.5.4)."""
    best, best_weight = None, 0.0
    for choice in accept_language[:500].split(","):
        name, _, parameter = choice.strip().partition(";")
        weight = _weight(parameter)
        if name and name != "*" and weight > best_weight:
            best, best_weight = name.strip()[:35], weight
    return best


def _weight(parameter: str) -> float:
    key, _, value = parameter.strip().partition("=")
    if key != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
