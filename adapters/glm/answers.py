"""The vendor's answers as records in which everything is optional: what is missing or odd becomes empty."""

from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from bots.deltas import FinishReason, Usage

_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "sensitive": "sensitive",
    "tool_calls": "tool_calls",
    "model_context_window_exceeded": "length",
}


def _text(value: object) -> str:
    """Read words; content may also be a list of parts, and a code a number."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _index(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _items(value: object) -> list[object]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _record(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _record_or_none(value: object) -> object:
    return value if isinstance(value, dict) else None


Text = Annotated[str, BeforeValidator(_text)]
Count = Annotated[int, BeforeValidator(_count)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class _Details(_Answer):
    cached_tokens: Count = 0
    reasoning_tokens: Count = 0


class UsageBody(_Answer):
    """What the request cost; the details are missing for the older models."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    prompt_tokens_details: Annotated[_Details, BeforeValidator(_record)] = _Details()
    completion_tokens_details: Annotated[_Details, BeforeValidator(_record)] = _Details()

    def as_usage(self) -> Usage:
        """Say it in our words."""
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cached_tokens=self.prompt_tokens_details.cached_tokens,
            reasoning_tokens=self.completion_tokens_details.reasoning_tokens,
        )


class _Function(_Answer):
    name: Text = ""
    arguments: Text = ""


class ToolCallBody(_Answer):
    """A call of a tool, or a part of one when the arguments are streamed."""

    id: Text = ""
    index: Annotated[int | None, BeforeValidator(_index)] = None
    function: Annotated[_Function, BeforeValidator(_record)] = _Function()


class MessageBody(_Answer):
    """A whole message or a piece of one."""

    content: Text = ""
    reasoning_content: Text = ""
    tool_calls: Annotated[tuple[ToolCallBody, ...], BeforeValidator(_items)] = ()


class ChoiceBody(_Answer):
    """The only choice there is: a ``delta`` on a stream, a ``message`` otherwise."""

    delta: Annotated[MessageBody | None, BeforeValidator(_record_or_none)] = None
    message: Annotated[MessageBody | None, BeforeValidator(_record_or_none)] = None
    finish_reason: Text = ""

    @property
    def spoken(self) -> MessageBody:
        """Tell what this choice says, in whichever field it came."""
        return self.delta or self.message or MessageBody()


class CompletionBody(_Answer):
    """A chunk of a stream or a whole answer."""

    id: Text = ""
    choices: Annotated[tuple[ChoiceBody, ...], BeforeValidator(_items)] = ()
    usage: Annotated[UsageBody | None, BeforeValidator(_record_or_none)] = None


class _Filtered(_Answer):
    role: Text = ""
    level: Count = 0


_Filter = Annotated[tuple[_Filtered, ...], BeforeValidator(_items)]


class ErrorDetail(_Answer):
    """The vendor's code, a string by the documents and at times a number, and its words."""

    code: Text = ""
    message: Text = ""


class ErrorBody(_Answer):
    """An error in either of its shapes: ``{"error": {...}}``, or code and msg at the top level."""

    error: Annotated[ErrorDetail, BeforeValidator(_record)] = ErrorDetail()
    code: Text = ""
    message: Text = Field("", validation_alias=AliasChoices("message", "msg"))
    content_filter: _Filter = Field((), validation_alias=AliasChoices("contentFilter", "content_filter"))

    @property
    def any_code(self) -> str:
        """Tell the code from whichever place holds it."""
        return self.error.code or self.code

    @property
    def any_message(self) -> str:
        """Tell the words from whichever place holds them."""
        return self.error.message or self.message

    @property
    def refused_role(self) -> str:
        """Tell whose words the content filter refused."""
        return next((entry.role for entry in self.content_filter if entry.role), "")


class _PictureLink(_Answer):
    url: Text = ""


class PicturesBody(_Answer):
    """The answer to a request for pictures: links that expire within days."""

    data: Annotated[tuple[_PictureLink, ...], BeforeValidator(_items)] = ()
    content_filter: _Filter = ()


def finish_reason(text: str) -> FinishReason:
    """Translate the vendor's reason; one that is not known yet is ``other``."""
    return _REASONS.get(text, "other")
