"""Checks the parameters of a chat request in the order the service does; nulls and unknown fields pass."""

import re
from dataclasses import dataclass

from simulators.glm.conversation import Turn, read_turns
from simulators.glm.errors import Refusal, missing, parameter
from simulators.glm.models import CHAT_MODELS, PAINTERS, Model
from simulators.glm.narrow import JsonObject, is_list, is_number, is_object, is_whole

_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TOOL_TYPES = frozenset({"function", "web_search", "retrieval", "mcp"})
_MOST_TOOLS = 128
_FORCED_EFFORTS = frozenset({"low", "high", "max"})
_NO_EFFORT = frozenset({"none", "minimal"})


@dataclass(frozen=True)
class ChatRequest:
    """A request that passed every check; ``max_tokens`` is the model's default where none was given."""

    model: Model
    turns: tuple[Turn, ...]
    streams: bool
    thinks: bool
    max_tokens: int
    stop: str | None
    wants_json: bool
    tool_name: str | None  # the first function offered
    streams_tools: bool
    request_id: str | None
    user_id: str | None

    @property
    def last_user_text(self) -> str:
        """Give the newest thing the user said."""
        return next(turn.text for turn in reversed(self.turns) if turn.role == "user")


def find_model(body: JsonObject) -> Model:
    """Look the model up; raises Refusal 1213, 1211, or 1212 for a picture model."""
    name = body.get("model")
    if name is None:
        raise missing(field="model")
    if isinstance(name, str) and name in PAINTERS:
        raise Refusal(code="1212", message="当前模型不支持chat.completions调用方式。")
    if not isinstance(name, str) or name not in CHAT_MODELS:
        raise Refusal(code="1211")
    return CHAT_MODELS[name]


def read_chat_request(body: JsonObject, model: Model) -> ChatRequest:
    """Check everything but pictures' bytes; raises Refusal 1210, 1213, 1214 or 1215."""
    _check_flags(body)
    _check_number(body, "temperature", 0.0, 1.0)
    _check_number(body, "top_p", 0.01, 1.0)
    _check_length(body, "request_id", 6, 64)
    check_user_id(body)
    _check_choices(body, model)
    tool_name = _read_tools(body, model)
    return ChatRequest(
        model=model,
        turns=read_turns(body.get("messages"), model),
        streams=body.get("stream") is True,
        thinks=_read_thinking(body, model),
        max_tokens=_read_max_tokens(body, model),
        stop=_read_stop(body.get("stop")),
        wants_json=_read_format(body.get("response_format"), model),
        tool_name=tool_name,
        streams_tools=body.get("tool_stream") is True,
        request_id=_text_or_none(body.get("request_id")),
        user_id=_text_or_none(body.get("user_id")),
    )


def check_user_id(body: JsonObject) -> None:
    """Refuse a ``user_id`` outside 6 to 128 characters, which painters check too."""
    _check_length(body, "user_id", 6, 128)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _check_flags(body: JsonObject) -> None:
    for name in ("stream", "do_sample", "tool_stream", "watermark_enabled"):
        if body.get(name) is not None and not isinstance(body[name], bool):
            raise parameter(name=name, detail="取值范围 [true, false]")
    options = body.get("stream_options")
    if options is not None and not is_object(options):
        raise parameter(name="stream_options", detail="请检查文档")


def _check_number(body: JsonObject, name: str, least: float, most: float) -> None:
    value = body.get(name)
    if value is not None and not (is_number(value) and least <= value <= most):
        raise parameter(name=name, detail=f"限制数值范围[{least},{most}]")


def _check_length(body: JsonObject, name: str, least: int, most: int) -> None:
    value = body.get(name)
    if value is not None and not (isinstance(value, str) and least <= len(value) <= most):
        raise parameter(name=name, detail=f"限制长度范围[{least},{most}]")


def _check_choices(body: JsonObject, model: Model) -> None:
    if body.get("tool_choice") not in {None, "auto"} if _hashable(body.get("tool_choice")) else True:
        raise parameter(name="tool_choice", detail="取值范围 ['auto']")
    effort = body.get("reasoning_effort")
    if effort is not None and not isinstance(effort, str):
        raise parameter(name="reasoning_effort", detail="请检查文档")
    if model.thinking == "forced" and effort is not None and effort not in _FORCED_EFFORTS:
        raise Refusal(code="1210", message="该模型始终思考，不支持关闭思考；请使用 low、high 或 max。")


def _hashable(value: object) -> bool:
    return value is None or isinstance(value, str)


def _read_tools(body: JsonObject, model: Model) -> str | None:
    tools = body.get("tools")
    if tools is None:
        return None
    if not is_list(tools) or len(tools) > _MOST_TOOLS:
        raise parameter(name="tools", detail=f"最多 {_MOST_TOOLS} 个")
    if tools and not model.tools:
        raise Refusal(code="1210", message="当前模型不支持 tools 参数")
    names = [_read_tool(tool, model) for tool in tools]
    return next((name for name in names if name), None)


def _read_tool(tool: object, model: Model) -> str | None:
    kind = tool.get("type") if is_object(tool) else None
    allowed = frozenset({"function"}) if model.is_vision else _TOOL_TYPES
    if (
        not is_object(tool)
        or not isinstance(kind, str)
        or kind not in allowed
        or not is_object(tool.get(kind))
    ):
        raise parameter(name="tools.type", detail=f"取值范围 {sorted(allowed)}")
    if kind != "function":
        return None
    function = tool["function"]
    name = function.get("name") if is_object(function) else None
    if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
        raise parameter(name="tools.function.name", detail="请检查文档")
    return name


def _read_thinking(body: JsonObject, model: Model) -> bool:
    thinking = body.get("thinking")
    if thinking is not None and not is_object(thinking):
        raise parameter(name="thinking", detail="请检查文档")
    kind = thinking.get("type") if is_object(thinking) else None
    if kind not in ({None, "enabled", "disabled"} if _hashable(kind) else frozenset[object]()):
        raise parameter(name="thinking.type", detail="取值范围 ['enabled', 'disabled']")
    clear = thinking.get("clear_thinking") if is_object(thinking) else None
    if clear is not None and not isinstance(clear, bool):
        raise parameter(name="thinking.clear_thinking", detail="取值范围 [true, false]")
    if model.thinking == "forced" and kind == "disabled":
        raise Refusal(code="1210", message="该模型始终思考，不支持关闭思考；请使用 low、high 或 max。")
    if model.thinking == "switch":
        return kind != "disabled" and body.get("reasoning_effort") not in _NO_EFFORT
    return model.thinking != "none"


def _read_max_tokens(body: JsonObject, model: Model) -> int:
    value = body.get("max_tokens")
    if value is None:
        return model.default_max_tokens
    if not is_whole(value) or not 1 <= value <= model.max_tokens:
        raise parameter(name="max_tokens", detail=f"限制数值范围[1,{model.max_tokens}]")
    return value


def _read_stop(stop: object) -> str | None:
    """Take one stop word: the documents disagree on one or four, and one is always right."""
    if stop is None or stop == []:
        return None
    word = stop[0] if is_list(stop) and len(stop) == 1 else stop
    if not isinstance(word, str) or not word:
        raise parameter(name="stop", detail="目前仅支持单个停止词")
    return word


def _read_format(wanted: object, model: Model) -> bool:
    if wanted is None:
        return False
    kind = wanted.get("type") if is_object(wanted) else None
    if kind == "text":
        return False
    if kind != "json_object" or model.is_vision:
        raise parameter(name="response_format.type", detail="取值范围 ['text', 'json_object']")
    return True
