"""The bot that looks at pictures, videos and pages."""

from bots.attachments import check_attachments, needs_eyes
from bots.bot import Asked, Routes
from bots.commands import without_ask
from bots.jobs import AnswerJob
from bots.messages import Attachment, IncomingMessage
from bots.routing import able_route, needs_of

LOOKS_BACK = 6  # turns in which an earlier picture is still what a question is about


class PictureQuestionBot:
    """Answers questions with pictures, videos or PDFs, and the questions that follow them in the thread."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def jobs_for(self, asked: Asked) -> tuple[AnswerJob, ...]:
        """Take a message that has something to look at or stands shortly after some."""
        message = without_ask(asked.message)
        check_attachments(message.attachments)
        nearby = [*message.attachments]
        if message.text.strip():
            nearby += [one for entry in asked.recent[-LOOKS_BACK:] for one in entry.attachments]
        if not any(needs_eyes(attachment) for attachment in nearby):
            return ()
        route = self._route(asked, message, nearby)
        job = AnswerJob(
            job_id=message.action_id,
            reply_id=message.action_id,
            message=message,
            route=route,
            language=asked.language,
            created_at=asked.now,
            thinking=asked.preferences.thinking,
            spills=self._routes.spill_over and route[0] != asked.preferences.model,
        )
        return (job,)

    def _route(self, asked: Asked, message: IncomingMessage, nearby: list[Attachment]) -> tuple[str, ...]:
        routes, chosen = self._routes, asked.preferences.model
        return able_route(
            routes.preferred(chosen, routes.vision) if chosen in routes.vision else routes.vision,
            routes.specs,
            needs_of(message.text, nearby, sees=True, as_base64=routes.as_base64),
            needs_of(message.text, message.attachments, sees=True, as_base64=routes.as_base64),
        )
