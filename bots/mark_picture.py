"""Use case: what a model located in the user's picture is shown in that picture."""

import logging
from dataclasses import dataclass

from bots.drafts import ShownPicture
from bots.errors import MediaError, PlatformError
from bots.grounding import boxes_in
from bots.jobs import AnswerJob
from bots.media import PictureMarker
from bots.ports import Platform
from bots.prompts import Picture
from bots.read_attachments import Readings
from bots.wording import note

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GroundingMarker:
    """Draws an answer's boxes on the picture it is about, and gives it to the platform."""

    pictures: PictureMarker

    async def marked(
        self, job: AnswerJob, readings: Readings, answer: str, platform: Platform
    ) -> tuple[ShownPicture, ...]:
        """Show the picture with its boxes if there is just one picture and there are boxes.

        The answer stands without it, so a platform that refuses it is only logged.
        """
        picture = _only_picture(job, readings)
        boxes = boxes_in(answer) if picture else ()
        if picture is None or not boxes:
            return ()
        labels = ", ".join(dict.fromkeys(box.label for box in boxes if box.label)) or str(len(boxes))
        alt = note("marked", job.language).format(labels=labels)
        try:
            drawn = await self.pictures.mark(picture, boxes)
            shown = await platform.uploader.upload(
                job.message.conversation, drawn, alt=alt, key=f"{job.job_id}/boxes"
            )
        except (MediaError, PlatformError) as error:
            log.warning("marked picture not shown", extra={"job": job.job_id, "error": type(error).__name__})
            return ()
        return (shown,)


def _only_picture(job: AnswerJob, readings: Readings) -> Picture | None:
    """Find the one picture a question is about: its own, or without files the one it follows."""
    own = [one.handle for one in job.message.attachments]
    about = [handle for handle in readings.plain_pictures if not own or handle in own]
    if len(about) != 1 or len(own) > 1:
        return None
    return readings.by_handle[about[0]].pictures[0]
