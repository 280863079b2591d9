"""The bot that looks at pictures."""

from bots.attachments import check_attachments, is_picture
from bots.bot import Asked, Routes
from bots.commands import without_ask
from bots.jobs import AnswerJob

LOOKS_BACK = 6  # turns in which an earlier picture is still what a question is about


class PictureQuestionBot:
    """Answers questions that come with pictures, and the questions that follow them in the thread."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def jobs_for(self, asked: Asked) -> tuple[AnswerJob, ...]:
        """Take a message that has pictures or stands shortly after some."""
        message = without_ask(asked.message)
        check_attachments(message.attachments)
        nearby = [*message.attachments]
        if message.text.strip():
            nearby += [one for entry in asked.recent[-LOOKS_BACK:] for one in entry.attachments]
        if not any(is_picture(attachment) for attachment in nearby):
            return ()
        job = AnswerJob(
            job_id=message.action_id,
            reply_id=message.action_id,
            message=message,
            route=self._routes.vision,
            language=asked.language,
            created_at=asked.now,
            thinking=asked.preferences.thinking,
        )
        return (job,)
