"""Use case: a person presses a button under an answer, edits a question or takes it back."""

import logging
from dataclasses import dataclass
from typing import assert_never

from bots.commands import parse_imagine, without_ask
from bots.errors import CommandMistaken, LimitReached
from bots.events import ButtonPressed
from bots.jobs import AnswerJob, ImagineJob, Job
from bots.line import JobIntake
from bots.messages import IncomingMessage
from bots.open_reply import ReplyOpener
from bots.ports import Clock
from bots.usage import UsageBook
from bots.wording import sentence_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ButtonHandler:
    """Stops answers and writes them anew."""

    intake: JobIntake
    opener: ReplyOpener
    clock: Clock
    usage: UsageBook

    async def press(self, event: ButtonPressed) -> None:
        """Do what the button says; raises StoreUnavailable."""
        match event.action:
            case "stop":
                await self.stop(event.reply_id)
            case "regenerate" | "other_model" | "vary" | "resize":
                await self._write_anew(event)
            case "like" | "dislike" as opinion:
                log.info("feedback", extra={"job": event.reply_id, "opinion": opinion})
            case _ as unreachable:
                assert_never(unreachable)

    async def stop(self, reply_id: str) -> None:
        """End the reply's job; a running one's worker writes the end itself."""
        stopped = await self.intake.stop(reply_id)
        if stopped is not None and stopped.was_waiting:
            await self.opener.conclude_waiting(stopped)

    async def ask_anew(self, message: IncomingMessage, edit_id: str) -> bool:
        """Answer an edited question in the old reply; False if there is no such reply."""
        former = await self.intake.find(message.action_id)
        if former is None:
            return False
        changed = _asking(message, former)
        if changed.message.text != former.message.text:
            await self._replace(former, changed, edit_id)
        return True

    async def _write_anew(self, event: ButtonPressed) -> None:
        former = await self.intake.find(event.reply_id)
        if former is None:
            log.info("nothing to write anew", extra={"job": event.reply_id})
            return
        await self._replace(former, _changed(former, event), event.press_id)

    async def _replace(self, former: Job, job: Job, change_id: str) -> None:
        job_id = f"{job.reply_id}~{change_id}"
        if former.job_id == job_id:
            return  # delivered again: the job that it made must not be stopped
        try:
            await self.usage.check((job,))
        except LimitReached as error:
            # The old answer stays; the sentence comes below it.
            sentence, beside = sentence_for(error, job.language), f"{job.reply_id}~limit"
            await self.opener.say(job.message, sentence, is_failure=True, reply_id=beside)
            return
        await self.intake.stop(job.reply_id)
        await self.opener.open(job.model_copy(update={"job_id": job_id, "created_at": self.clock.now()}))


def _asking(message: IncomingMessage, job: Job) -> Job:
    """Read a changed message as its job was read; a command that cannot be followed leaves it as it is."""
    if isinstance(job, AnswerJob):
        return job.model_copy(update={"message": without_ask(message)})
    try:
        command = parse_imagine(message.text, job.language)
    except CommandMistaken:
        return job
    if command is None:
        return job
    return job.model_copy(update={"message": message, "prompt": command.prompt, "size": command.size})


def _changed(job: Job, event: ButtonPressed) -> Job:
    if event.action == "resize" and isinstance(job, ImagineJob) and event.value:
        return job.model_copy(update={"size": event.value})
    if event.action == "other_model" and isinstance(job, AnswerJob):
        # The next model that can do it takes the lead; the former one goes last.
        first, rest = job.route[:1], job.route[1:]
        route = (event.value, *job.route) if event.value else (*rest, *first)
        # Not back to the former one, however busy the new one is.
        return job.model_copy(update={"route": tuple(dict.fromkeys(route)), "spills": False})
    return job
