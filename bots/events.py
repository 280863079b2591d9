"""What a platform tells us."""

from typing import Literal

from bots.messages import Conversation, IncomingMessage, Record, Sender

ButtonAction = Literal["stop", "regenerate", "other_model", "vary", "resize", "like", "dislike"]


class MessageSent(Record):
    """A person wrote to the bot; a command is a message whose text begins with a slash."""

    message: IncomingMessage


class MessageEdited(Record):
    """A person changed a question: it is asked anew, in the same reply."""

    message: IncomingMessage
    edit_id: str  # the same however often the edit is delivered


class MessageRecalled(Record):
    """A person took a question back: its answer ends."""

    conversation: Conversation
    message_id: str


class ButtonPressed(Record):
    """A person pressed a button under one of the bot's answers."""

    conversation: Conversation
    sender: Sender
    reply_id: str  # the reply's own id: that of the job that first wrote it
    action: ButtonAction
    press_id: str  # the same however often the press is delivered
    value: str = ""  # a size for "resize", a model for "other_model" (empty: the next one that can)


BotEvent = MessageSent | MessageEdited | MessageRecalled | ButtonPressed
