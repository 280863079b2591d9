"""The bot that looks at pictures."""

from bots.attachments import check_attachments, is_picture
from bots.bot import Asked, Routes
from bots.jobs import AnswerJob

LOOKS_BACK = 6  # turns in which an earlier picture is still what a question is about


class PictureQuestionBot:
    """Answers questions that come with pictures, and the questions that follow them in the thread."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def job_for(self, asked: Asked) -> AnswerJob | None:
        """Take a message that has pictures or stands shortly after some."""
        message = asked.message
        check_attachments(message.attachments)
        nearby = [*message.attachments]
        if message.text.strip():
            nearby += [one for entry in asked.recent[-LOOKS_BACK:] for one in entry.attachments]
        if not any(is_picture(attachment) for attachment in nearby):
            return None
        return AnswerJob(
            job_id=message.action_id,
            reply_id=message.action_id,
            message=message,
            route=self._routes.vision,
            language=asked.language,
            created_at=asked.now,
        )
