"""The bot that paints."""

from bots.bot import Asked, Routes
from bots.commands import ImagineCommand, parse_imagine
from bots.jobs import ImagineJob


class ImagineBot:
    """Paints what ``/imagine`` describes."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def jobs_for(self, asked: Asked) -> tuple[ImagineJob, ...]:
        """Take messages that begin with the command, a job per picture; raises CommandMistaken."""
        command = parse_imagine(asked.message.text, asked.language)
        if command is None:
            return ()
        first = asked.message.action_id
        names = (first, *(f"{first}#{number}" for number in range(2, command.count + 1)))
        return tuple(self._job(name, command, asked) for name in names)

    def _job(self, name: str, command: ImagineCommand, asked: Asked) -> ImagineJob:
        return ImagineJob(
            job_id=name,
            reply_id=name,
            message=asked.message,
            route=self._routes.picture,
            language=asked.language,
            created_at=asked.now,
            prompt=command.prompt,
            size=command.size,
        )
