"""When a picture comes back with what was found in it."""

from datetime import UTC, datetime

import pytest

from bots.grounding import Box
from bots.jobs import AnswerJob
from bots.mark_picture import GroundingMarker
from bots.messages import Attachment, Conversation, IncomingMessage, Sender
from bots.ports import Platform
from bots.read_attachments import Reading, Readings
from tests.fakes.writer import FakeWriter
from tests.unit.bots.files import PICTURE, Pen
from tests.unit.bots.scene import Gallery, Shelf

ANSWER = "The cat: [[10,20,300,400]]"


async def drawn(answer: str, own: tuple[str, ...], pictures: tuple[str, ...]) -> Pen:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    message = IncomingMessage(
        message_id="m",
        conversation=Conversation(platform="web", tenant_id="t", channel_id="c"),
        sender=Sender(user_id="ann"),
        text="Where is it?",
        attachments=tuple(Attachment(handle=one, name=one, media_type="") for one in own),
        sent_at=now,
    )
    job = AnswerJob(job_id="j", reply_id="j", message=message, route=("see",), language="en", created_at=now)
    readings = Readings({one: Reading(pictures=(PICTURE,)) for one in pictures}, [], list(pictures))
    pen = Pen()
    platform = Platform("web", FakeWriter(), Gallery(), Shelf())
    shown = await GroundingMarker(pen).marked(job, readings, answer, platform)
    assert len(shown) == len(pen.drawn)
    return pen


async def test_the_only_picture_gets_the_boxes_of_the_answer():
    pen = await drawn(ANSWER, ("a.png",), ("a.png",))
    assert pen.drawn == [(PICTURE, (Box("The cat", 10, 20, 300, 400),))]


async def test_a_question_without_files_is_about_the_picture_before_it():
    assert len((await drawn(ANSWER, (), ("before.png",))).drawn) == 1


@pytest.mark.parametrize(
    ("answer", "own", "pictures"),
    [
        ("It is a cat.", ("a.png",), ("a.png",)),
        (ANSWER, ("a.png", "b.png"), ("a.png", "b.png")),
        (ANSWER, ("film.mp4",), ("before.png",)),
        (ANSWER, (), ("one.png", "two.png")),
        (ANSWER, (), ()),
    ],
    ids=["no boxes", "two pictures", "a film", "two pictures before", "no picture"],
)
async def test_without_one_picture_and_a_box_nothing_is_drawn(answer, own, pictures):
    assert (await drawn(answer, own, pictures)).drawn == []
