"""Checks the list of messages as the service does ("GLM docs, chat completion") and reduces it to turns."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.glm.errors import Refusal, messages_invalid, missing, parameter
from simulators.glm.models import Model
from simulators.glm.narrow import JsonObject, is_list, is_object

# Keys each content part may have and must have; anything else is refused (additionalProperties is false).
_PART_SHAPES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "image_url": (frozenset({"url"}), frozenset({"url"})),
    "video_url": (frozenset({"url"}), frozenset({"url"})),
    "file_url": (frozenset({"url"}), frozenset({"url"})),
    "file": (frozenset({"file_id", "file_url", "file_data", "filename"}), frozenset()),
}
_KINDS = {"image_url": "image_url", "video_url": "video_url", "file_url": "file_url", "file": "file_url"}
_ROLES = frozenset({"system", "user", "assistant", "tool"})
_MOST_FILES = 50
_PARSE_ERROR = "图片输入格式/解析错误"


@dataclass(frozen=True)
class Turn:
    """One message: its text, and the pictures and other media that came with it."""

    role: str
    text: str
    picture_urls: tuple[str, ...] = ()
    video_urls: tuple[str, ...] = ()
    files: int = 0


def read_turns(messages: object, model: Model) -> tuple[Turn, ...]:
    """Check messages against the model's abilities; raises Refusal 1210, 1213, 1214 or 1215."""
    if messages is None:
        raise missing(field="messages")
    if not is_list(messages) or not messages:
        raise messages_invalid()
    turns = tuple(_read_message(message, model) for message in messages)
    _check_order(turns, messages)
    _check_media(turns, model)
    return turns


def _read_message(message: object, model: Model) -> Turn:
    if not is_object(message) or message.get("role") not in _ROLES:
        raise messages_invalid()
    role, content = str(message["role"]), message.get("content")
    if role == "tool":
        if not isinstance(message.get("tool_call_id"), str) or not isinstance(content, str):
            raise messages_invalid()
        return Turn(role, content)
    if role == "assistant" and message.get("tool_calls") and not content:
        return Turn(role, "")
    if is_list(content) and role != "system":
        return _read_parts(role, content, model.parts if role == "user" else frozenset({"text"}), model)
    return Turn(role, _read_plain(content))


def _read_plain(content: object) -> str:
    if content is None or content == "":
        raise missing(field="prompt")
    if not isinstance(content, str):
        raise messages_invalid()
    if not content.strip():
        raise missing(field="prompt")
    return content


def _read_parts(role: str, parts: Sequence[object], allowed: frozenset[str], model: Model) -> Turn:
    texts: list[str] = []
    pictures: list[str] = []
    videos: list[str] = []
    files = 0
    for position, part in enumerate(parts):
        kind = part.get("type") if is_object(part) else None
        if not is_object(part) or not isinstance(kind, str) or kind not in allowed:
            raise parameter(name="messages.content.type", detail=f"取值范围 {_names(allowed)}")
        if kind == "text":
            texts.append(_read_text(part))
            continue
        media = _read_media(part, kind)
        if kind == "image_url":
            pictures.append(str(media["url"]))
            continue
        files += _KINDS[kind] == "file_url"
        if kind == "video_url":
            videos.append(str(media["url"]))
            _check_video(str(media["url"]), position, model)
        elif kind == "file_url" and not _is_web_address(str(media["url"])):
            raise parameter(name="file_url", detail="仅支持URL")
    text = "\n".join(texts)
    # A picture alone is answered with "prompt not received".
    if not text.strip():
        raise missing(field="prompt")
    return Turn(role, text, tuple(pictures), tuple(videos), files)


def _names(kinds: frozenset[str]) -> str:
    order = ("text", "image_url", "video_url", "file_url", "file")
    return str([kind for kind in order if kind in kinds])


def _read_text(part: JsonObject) -> str:
    if set(part) != {"type", "text"} or not isinstance(part["text"], str):
        raise parameter(name="messages.content.text", detail="请检查文档")
    return part["text"]


def _read_media(part: JsonObject, kind: str) -> JsonObject:
    media = part.get(kind)
    may, must = _PART_SHAPES[kind]
    well_shaped = (
        set(part) == {"type", kind}
        and is_object(media)
        and must <= set(media) <= may
        and bool(media)
        and all(isinstance(value, str) and value for value in media.values())
    )
    if not well_shaped or not is_object(media):
        raise parameter(f"messages.content.{kind}", "请检查文档")
    return media


def _check_video(url: str, position: int, model: Model) -> None:
    if model.raw_video and position != 0:  # 4V-Plus wants its video before everything else
        raise parameter(name="video_url", detail="video_url 必须为第一个元素")
    if not _is_web_address(url) and not model.raw_video:
        raise parameter(name="video_url", detail="仅支持URL")


def _is_web_address(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _check_order(turns: Sequence[Turn], messages: Sequence[object]) -> None:
    roles = [turn.role for turn in turns]
    spoken = [role for role in roles if role != "system"]
    if not spoken or spoken[0] != "user" or roles[-1] not in {"user", "tool"}:
        raise messages_invalid()
    for position, role in enumerate(roles):
        if role == "system" and roles[position + 1] != "user":
            raise messages_invalid()
        if role == "tool" and not _answers_a_call(roles, messages, position):
            raise messages_invalid()


def _answers_a_call(roles: Sequence[str], messages: Sequence[object], position: int) -> bool:
    caller = position - 1
    while roles[caller] == "tool":
        caller -= 1
    message = messages[caller]
    return roles[caller] == "assistant" and is_object(message) and bool(message.get("tool_calls"))


def _check_media(turns: Sequence[Turn], model: Model) -> None:
    """Count over the whole list: the limits are per request, so old pictures count as well."""
    urls = [url for turn in turns for url in turn.picture_urls]
    videos = sum(len(turn.video_urls) for turn in turns)
    files = sum(turn.files for turn in turns)
    present = [
        name
        for name, count in (("image_url", len(urls)), ("video_url", videos), ("file_url", files))
        if count
    ]
    if len(present) > 1:
        raise Refusal(code="1215", message=f"{present[0]} 与 {present[1]} 不能同时设置，请检查文档")
    if len(urls) > model.max_images and urls:
        raise Refusal(code="1210", message="API 调用参数有误，输入图片数量超过限制")
    if files > _MOST_FILES:
        raise Refusal(code="1210", message="API 调用参数有误，输入文件数量超过限制")


def check_picture_form(url: str, *, base64_allowed: bool, prefix_allowed: bool) -> None:
    """Refuse with 1210 a form of picture this model or account does not take."""
    if _is_web_address(url):
        return
    is_prefixed = url.startswith("data:")
    if not base64_allowed or (is_prefixed and not prefix_allowed):
        raise Refusal(code="1210", message=_PARSE_ERROR)
