"""Jobs as tests need them."""

from datetime import UTC, datetime

from bots.jobs import AnswerJob
from bots.messages import Attachment, Conversation, IncomingMessage, Sender

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def make_message(
    name: str = "m1",
    *,
    user: str = "ann",
    text: str = "What is a quorum?",
    attachments: tuple[Attachment, ...] = (),
    platform: str = "web",
    thread: str = "t1",
) -> IncomingMessage:
    """Make a message that a person sent in the playground."""
    return IncomingMessage(
        message_id=name,
        conversation=Conversation(platform=platform, tenant_id="local", channel_id=thread),
        sender=Sender(user_id=user),
        text=text,
        attachments=attachments,
        sent_at=LONG_AGO,
    )


def make_job(
    name: str = "m1",
    *,
    user: str = "ann",
    model: str = "glm-4.7-flash",
    text: str = "Hi",
    thread: str = "t1",
) -> AnswerJob:
    """Make a question in line for a model."""
    message = make_message(name, user=user, text=text, thread=thread)
    return AnswerJob(
        job_id=message.action_id,
        reply_id=message.action_id,
        message=message,
        route=(model,),
        language="en",
        created_at=LONG_AGO,
    )
