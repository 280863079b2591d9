"""What is made of a question's files for a model that takes so and so much."""

from datetime import UTC, datetime

import pytest

from bots.errors import AttachmentUnreadable
from bots.jobs import AnswerJob
from bots.media import Document, MediaKit, Section
from bots.messages import Attachment, Conversation, IncomingMessage, Sender
from bots.models import ModelSpec
from bots.ports import Platform, TranscriptEntry
from bots.read_attachments import AttachmentsReader, Readings
from tests.fakes.writer import FakeWriter
from tests.unit.bots.files import PICTURE, AnyPicture, Links, Minutes, OneDocument
from tests.unit.bots.scene import Gallery

VISION = ModelSpec(
    name="see",
    inputs=frozenset({"text", "image", "video"}),
    context_tokens=120_000,
    max_images=10,
    concurrency=(1, 1, 1, 1),
)


class Shelf:
    """AttachmentFetcher; a file's bytes are its handle."""

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        return attachment.handle.encode()[:max_bytes]


def file(name: str, handle: str = "") -> Attachment:
    return Attachment(handle=handle or name, name=name, media_type="")


async def read(
    *files: Attachment,
    spec: ModelSpec = VISION,
    earlier: tuple[Attachment, ...] = (),
    document: Document | None = None,
    public_url: str = "",
) -> Readings:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    message = IncomingMessage(
        message_id="m",
        conversation=Conversation(platform="web", tenant_id="t", channel_id="c"),
        sender=Sender(user_id="ann"),
        text="What is this?",
        attachments=files,
        sent_at=now,
    )
    job = AnswerJob(job_id="j", reply_id="j", message=message, route=("see",), language="en", created_at=now)
    documents = OneDocument() if document is None else OneDocument(document)
    kit = MediaKit(AnyPicture(), lambda data, _: data.decode(), documents, Minutes(), Links(public_url))
    recent = (TranscriptEntry(role="user", text="Look", attachments=earlier),) if earlier else ()
    platform = Platform("web", FakeWriter(), Gallery(), Shelf())
    return await AttachmentsReader(kit).read(job, recent, spec, platform)


async def test_a_long_document_is_cut_between_pages_and_both_sides_are_told():
    pages = tuple(Section(f"Page {n}", "字" * 10_000) for n in range(1, 21))
    readings = await read(file("long.pdf"), document=Document("page", 20, pages))

    text = readings.by_handle["long.pdf"].text
    assert "## Page 5\n" in text
    assert "## Page 6\n" not in text
    assert "Only 5 of them could be read" in text
    assert readings.notices == ["I read 5 of the 20 pages of long.pdf."]


async def test_a_page_that_is_a_picture_is_shown_and_counted():
    document = Document("page", 2, (Section("Page 1", "words"), Section("Page 2", "", PICTURE)))
    readings = await read(file("scan.pdf"), document=document)

    assert readings.by_handle["scan.pdf"].pictures == (PICTURE,)
    assert readings.notices == []


async def test_a_fence_inside_a_file_does_not_end_the_file():
    readings = await read(file("a.md", "```\ncode\n```"))
    assert "````\n```\ncode\n```\n````" in readings.by_handle["```\ncode\n```"].text


async def test_a_video_becomes_as_many_frames_as_the_model_takes_with_their_times():
    reading = (await read(file("film.mp4"))).by_handle["film.mp4"]
    assert len(reading.pictures) == 10
    assert "at: 0.0 s, 6.0 s, 12.0 s," in reading.text
    assert reading.videos == ()


async def test_a_model_that_takes_videos_gets_an_address_where_there_is_one():
    reading = (await read(file("film.mp4"), public_url="https://bot.example")).by_handle["film.mp4"]
    assert [video.url for video in reading.videos] == ["https://bot.example/web/film.mp4/original"]
    assert reading.pictures == ()


async def test_pictures_and_a_video_in_one_question_all_become_pictures():
    """The vendor refuses to look at both in one request."""
    readings = await read(file("a.png"), file("film.mp4"), public_url="https://bot.example")
    assert not any(reading.videos for reading in readings.by_handle.values())
    assert readings.pictures == 10


async def test_a_model_that_takes_no_bytes_gets_the_pictures_address():
    spec = VISION.model_copy(update={"image_base64": False, "max_images": 1})
    readings = await read(file("a.png"), spec=spec, public_url="https://bot.example")
    [picture] = readings.by_handle["a.png"].pictures
    assert picture.url == "https://bot.example/web/a.png/picture"


async def test_one_unreadable_file_among_several_is_told_to_user_and_model():
    readings = await read(file("good.png"), file("bad.pdf"))
    assert readings.by_handle["bad.pdf"].text == "[The file bad.pdf could not be read.]"
    assert readings.notices[0].startswith("I can't open bad.pdf")


async def test_a_question_whose_only_file_is_unreadable_is_refused():
    with pytest.raises(AttachmentUnreadable):
        await read(file("bad.pdf"))


async def test_a_file_of_an_earlier_turn_is_read_again_in_silence():
    readings = await read(earlier=(file("notes.txt"), file("bad.pdf")))
    assert "notes.txt" in readings.by_handle["notes.txt"].text
    assert readings.notices == []
