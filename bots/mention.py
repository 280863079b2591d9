"""The bot that answers a question in words."""

from bots.attachments import check_attachments
from bots.bot import Asked, Routes
from bots.commands import without_ask
from bots.errors import EmptyQuestion
from bots.jobs import AnswerJob
from bots.routing import able_route, needs_of


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
        needs = needs_of(message.text, message.attachments)
        wanted = self._routes.preferred(asked.preferences.model, self._routes.text)
        route = able_route(wanted, self._routes.specs, needs, needs)
        job = AnswerJob(
            job_id=message.action_id,
            reply_id=message.action_id,
            message=message,
            route=route,
            language=asked.language,
            created_at=asked.now,
            thinking=asked.preferences.thinking,
            # Who has chosen a model would rather wait for it.
            spills=self._routes.spill_over and route[0] != asked.preferences.model,
        )
        return (job,)
