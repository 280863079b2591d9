"""The bot that answers a question in words."""

from bots.attachments import check_attachments
from bots.bot import Asked, Routes
from bots.errors import EmptyQuestion
from bots.jobs import AnswerJob


class MentionBot:
    """Answers whatever is asked of it in a mention or a direct message."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def job_for(self, asked: Asked) -> AnswerJob:
        """Take every message that holds anything at all."""
        message = asked.message
        if not message.text.strip() and not message.attachments:
            raise EmptyQuestion
        check_attachments(message.attachments)
        return AnswerJob(
            job_id=message.action_id,
            reply_id=message.action_id,
            message=message,
            route=self._routes.text,
            language=asked.language,
            created_at=asked.now,
        )
