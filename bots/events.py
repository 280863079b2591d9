"""What a platform tells us."""

from typing import Literal

from bots.messages import Conversation, IncomingMessage, Record, Sender

ButtonAction = Literal["stop", "regenerate", "like", "dislike"]


class MessageSent(Record):
    """A person wrote to the bot."""

    message: IncomingMessage


class ButtonPressed(Record):
    """A person pressed a button under one of the bot's answers."""

    conversation: Conversation
    sender: Sender
    reply_id: str  # the reply's own id: that of the job that first wrote it
    action: ButtonAction
    press_id: str  # the same however often the press is delivered


BotEvent = MessageSent | ButtonPressed
