"""The bot that paints."""

from bots.bot import Asked, Routes
from bots.commands import parse_imagine
from bots.jobs import ImagineJob


class ImagineBot:
    """Paints what ``/imagine`` describes."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def job_for(self, asked: Asked) -> ImagineJob | None:
        """Take messages that begin with the command; raises CommandMistaken."""
        command = parse_imagine(asked.message.text, asked.language)
        if command is None:
            return None
        return ImagineJob(
            job_id=asked.message.action_id,
            reply_id=asked.message.action_id,
            message=asked.message,
            route=self._routes.picture,
            language=asked.language,
            created_at=asked.now,
            prompt=command.prompt,
            size=command.size,
        )
