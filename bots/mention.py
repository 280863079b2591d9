"""The bot that answers a question in words."""

from bots.attachments import check_attachments
from bots.bot import Asked, Routes
from bots.commands import without_ask
from bots.errors import EmptyQuestion
from bots.jobs import AnswerJob


class MentionBot:
    """Answers whatever is asked of it in a mention or a direct message."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def jobs_for(self, asked: Asked) -> tuple[AnswerJob, ...]:
        """Take every message that holds anything at all; ``/ask`` in front of it means nothing more."""
        message = without_ask(asked.message)
        if not message.text.strip() and not message.attachments:
            raise EmptyQuestion
        check_attachments(message.attachments)
        chosen = (asked.preferences.model,) if asked.preferences.model else ()
        job = AnswerJob(
            job_id=message.action_id,
            reply_id=message.action_id,
            message=message,
            route=tuple(dict.fromkeys((*chosen, *self._routes.text))),
            language=asked.language,
            created_at=asked.now,
            thinking=asked.preferences.thinking,
        )
        return (job,)
