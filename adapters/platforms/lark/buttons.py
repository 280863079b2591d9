"""What a button under an answer carries, written by one side and read by the other."""

from pydantic import ValidationError

from bots.events import ButtonAction
from bots.messages import Record


class ButtonValue(Record):
    """The ``value`` of a callback; always an object, because the SDK cannot read a string (button docs)."""

    action: ButtonAction
    reply: str  # the reply's id
    value: str = ""  # a size, a model

    def packed(self) -> dict[str, str]:
        """Write it into a card."""
        return {"action": self.action, "reply": self.reply, "value": self.value}

    @classmethod
    def unpacked(cls, value: object) -> "ButtonValue | None":
        """Read a pressed button; None if it is not one of ours."""
        try:
            return cls.model_validate(value)
        except ValidationError:
            return None
