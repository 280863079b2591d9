"""Opens what a question brings along, within what its model can take."""

import contextlib
from dataclasses import dataclass, field, replace

from bots.attachments import is_file, kind_of, most_bytes
from bots.errors import MediaError, PlatformError
from bots.jobs import AnswerJob
from bots.media import Clip, Document, MediaKit
from bots.messages import Attachment, Language
from bots.models import ModelSpec
from bots.picture_question import LOOKS_BACK
from bots.ports import Platform, TranscriptEntry
from bots.prompts import Picture, Video
from bots.tokens import PICTURE_TOKENS, count_tokens
from bots.wording import note, partly_read, sentence_for

FILES_LOOKED_BACK = 4  # files are long; pictures are limited by the model


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: words for the prompt, pictures in their order, or an address for the vendor."""

    text: str = ""
    pictures: tuple[Picture, ...] = ()
    videos: tuple[Video, ...] = ()


@dataclass(slots=True)
class Readings:
    """What could be read, by the attachment's handle, and sentences for the user about what could not."""

    by_handle: dict[str, Reading] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    plain_pictures: list[str] = field(default_factory=list)  # handles of pictures, not of frames or pages

    @property
    def pictures(self) -> int:
        """Count what counts against the model's limit."""
        return sum(len(reading.pictures) for reading in self.by_handle.values())


@dataclass(frozen=True, slots=True)
class AttachmentsReader:
    """Reads a question's files, and those shortly before it in the thread."""

    kit: MediaKit

    async def read(
        self, job: AnswerJob, recent: tuple[TranscriptEntry, ...], spec: ModelSpec, platform: Platform
    ) -> Readings:
        """Read all that can be; raises MediaError when nothing of the question's own can, PlatformError."""
        opening = _Opening(self.kit, spec, platform, job.language)
        refusals: list[MediaError] = []
        for attachment in job.message.attachments:
            try:
                await opening.open(attachment)
            except MediaError as error:
                refusals.append(error)
                name = attachment.name
                opening.readings.by_handle[attachment.handle] = Reading(
                    f"[The file {name} could not be read.]"
                )
                opening.readings.notices.append(sentence_for(error, job.language))
        if refusals and len(refusals) == len(job.message.attachments):
            raise refusals[0]
        await self._look_back(job, recent, opening)
        return opening.readings

    async def _look_back(
        self, job: AnswerJob, recent: tuple[TranscriptEntry, ...], opening: "_Opening"
    ) -> None:
        """Open the thread's latest files too; one that is gone is simply not there any more."""
        own = {one.handle for one in job.message.attachments}
        earlier = [one for entry in recent[-LOOKS_BACK:] for one in entry.attachments if is_file(one)]
        files_left = FILES_LOOKED_BACK
        for attachment in reversed(earlier):
            is_picture = kind_of(attachment) == "picture"
            if attachment.handle in own or (is_picture and not opening.images_left):
                continue
            files_left -= not is_picture
            if not is_picture and files_left < 0:
                continue
            told = list(opening.readings.notices)
            with contextlib.suppress(MediaError, PlatformError):
                await opening.open(attachment)
            opening.readings.notices = told  # it was told when the file came


@dataclass(slots=True)
class _Opening:
    kit: MediaKit
    spec: ModelSpec
    platform: Platform
    language: Language
    readings: Readings = field(default_factory=Readings)

    @property
    def images_left(self) -> int:
        room = self.spec.context_tokens // (2 * PICTURE_TOKENS)  # half of the context is for words
        return max(0, min(self.spec.max_images, room) - self.readings.pictures)

    async def open(self, attachment: Attachment) -> None:
        kind = kind_of(attachment)
        data = await self.platform.attachments.fetch(attachment, max_bytes=most_bytes(kind))
        match kind:
            case "text":
                words = self.kit.texts(data, attachment.name)
                reading = Reading(_fenced(f"File {attachment.name}:", words))
            case "picture":
                reading = await self._picture(attachment, data)
            case "document":
                document = await self.kit.documents.read(data, attachment.name, max_pictures=self.images_left)
                reading = self._document(attachment, document)
            case "video":
                reading = await self._video(attachment, data)
        self.readings.by_handle[attachment.handle] = reading

    async def _picture(self, attachment: Attachment, data: bytes) -> Reading:
        picture = await self.kit.pictures.read(data, attachment.name)
        if not self.spec.image_base64:
            url = self.kit.links.link(self.platform.name, attachment, "picture")
            picture = replace(picture, url=url)
        self.readings.plain_pictures.append(attachment.handle)
        return Reading(pictures=(picture,))

    def _document(self, attachment: Attachment, document: Document) -> Reading:
        """Take as many whole sections as fit into half of the model's context."""
        room = self.spec.context_tokens // 2
        room -= sum(count_tokens(reading.text) for reading in self.readings.by_handle.values())
        texts: list[str] = []
        pictures: list[Picture] = []
        for section in document.sections:
            words = f"## {section.title}\n\n{section.text or note('see_picture', self.language)}"
            room -= count_tokens(words) + PICTURE_TOKENS * (section.picture is not None)
            if room < 0 and texts:
                break
            texts.append(words)
            pictures += [section.picture] if section.picture else []
        head = f"File {attachment.name}, {document.unit}s: {document.total}."
        if len(texts) < document.total:
            head += (
                f" Only {len(texts)} of them could be read; tell the user if the answer may need the others."
            )
            unread = partly_read(attachment.name, document.unit, len(texts), document.total, self.language)
            self.readings.notices.append(unread)
        return Reading(_fenced(head, "\n\n".join(texts)), tuple(pictures))

    async def _video(self, attachment: Attachment, data: bytes) -> Reading:
        url = ""
        if "video" in self.spec.inputs and not self.readings.pictures and not self._has_video:
            url = self.kit.links.link(self.platform.name, attachment, "original")
        clip = await self.kit.videos.sample(data, attachment.name, max_frames=0 if url else self.images_left)
        if url:
            words = f"Video {attachment.name}, {clip.seconds:.1f} s long. Name times in seconds."
            return Reading(words, videos=(Video(url),))
        return Reading(_clip_words(attachment.name, clip), tuple(frame.picture for frame in clip.frames))

    @property
    def _has_video(self) -> bool:
        return any(reading.videos for reading in self.readings.by_handle.values())


def _clip_words(name: str, clip: Clip) -> str:
    times = ", ".join(f"{frame.seconds:.1f} s" for frame in clip.frames)
    return (
        f"Video {name}, {clip.seconds:.1f} s long, shown as {len(clip.frames)} frames in order. "
        f"They stand at: {times}. Name these times when you say when something happens."
    )


def _fenced(head: str, words: str) -> str:
    """Put a fence around a file that its own fences cannot close."""
    fence = "```"
    while fence in words:
        fence += "`"
    return f"{head}\n{fence}\n{words}\n{fence}"
