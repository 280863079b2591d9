"""How a button under an answer names what it does, written by one side and read by the other."""

from pydantic import ValidationError

from bots.events import ButtonAction
from bots.messages import Record

PREFIX = "glimmer:"
FEEDBACK = "feedback"  # Slack's pair of thumbs shares one action_id; the value says which


class ButtonValue(Record):
    """The ``value`` of a button, as JSON; the names are short because Slack allows 2,000 characters."""

    r: str  # the reply's id
    v: str = ""  # a size, a model, "like" or "dislike"


class Pressed(Record):
    """A button of ours, read."""

    action: ButtonAction
    reply_id: str
    value: str = ""


def action_id(action: ButtonAction | str, suffix: str = "") -> str:
    """Name an action; a suffix keeps ids apart where one message has several of the same action."""
    return f"{PREFIX}{action}:{suffix}" if suffix else f"{PREFIX}{action}"


def button_value(reply_id: str, value: str = "") -> str:
    """Write a button's ``value``."""
    return ButtonValue(r=reply_id, v=value).model_dump_json(exclude_defaults=True)


def read_button(pressed_id: str, value: str) -> Pressed | None:
    """Read a pressed button; None if it is not one of ours."""
    if not pressed_id.startswith(PREFIX):
        return None
    name = pressed_id.removeprefix(PREFIX).partition(":")[0]
    try:
        read = ButtonValue.model_validate_json(value)
        if name == FEEDBACK:
            return Pressed.model_validate({"action": read.v, "reply_id": read.r})
        return Pressed.model_validate({"action": name, "reply_id": read.r, "value": read.v})
    except ValidationError:
        return None
