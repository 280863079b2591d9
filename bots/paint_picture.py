"""Use case: a described picture is painted and shown in the thread."""

from dataclasses import dataclass

from bots.deltas import Usage
from bots.drafts import Outcome, ShownPicture
from bots.jobs import ImagineJob
from bots.line import StartedJob
from bots.persisting import persistently
from bots.ports import Clock, Lease, PictureModel, Platform, TranscriptEntry, Transcripts, UsageLedger
from bots.progress import ProgressiveMessage
from bots.prompt_building import fingerprint
from bots.prompts import PicturePrompt


@dataclass(frozen=True, slots=True)
class PicturePainter:
    """Asks the model for one picture and gives it to the platform."""

    model: PictureModel
    transcripts: Transcripts
    ledger: UsageLedger
    clock: Clock

    async def paint(
        self,
        job: ImagineJob,
        started: StartedJob,
        platform: Platform,
        lease: Lease,
        message: ProgressiveMessage,
    ) -> Outcome:
        """Paint and show; raises BotError for what is to be retried or told."""
        shown = started.checkpoint.pictures
        if not started.checkpoint.is_complete:
            shown = await self._paint(job, started, platform, lease)
            await message.complete(shown)
        await message.conclude("answered", pictures=shown)
        entries = (
            TranscriptEntry(role="user", text=job.message.text, exchange_id=job.reply_id),
            TranscriptEntry(
                role="assistant", text=f"[painted a picture: {job.prompt}]", exchange_id=job.reply_id
            ),
        )
        conversation = job.message.conversation
        await persistently(
            lambda: self.transcripts.remember(conversation, job.reply_id, entries), lease, self.clock
        )
        return "answered"

    async def _paint(
        self, job: ImagineJob, started: StartedJob, platform: Platform, lease: Lease
    ) -> tuple[ShownPicture, ...]:
        await self.clock.sleep(started.wait)
        prompt = PicturePrompt(
            account=started.account,
            model=started.model,
            text=job.prompt,
            size=job.size,
            request_id=fingerprint(f"{job.job_id}/{job.created_at.isoformat()}"),
            user_id=fingerprint(job.user_key),
        )
        painted = await self.model.paint(prompt)
        await lease.free_slot()
        usage = Usage(pictures=1)
        await persistently(
            lambda: self.ledger.add(job.job_id, started.model, job.user_key, usage), lease, self.clock
        )
        lease.check()
        picture = await platform.uploader.upload(
            job.message.conversation, painted, alt=job.prompt, key=job.job_id
        )
        return (picture,)
