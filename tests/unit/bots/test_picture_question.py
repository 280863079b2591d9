"""The bot that looks at pictures."""

import pytest

from bots.errors import AttachmentUnsupported
from bots.messages import Attachment
from bots.picture_question import LOOKS_BACK, PictureQuestionBot
from bots.ports import TranscriptEntry
from tests.fakes.jobs import make_message
from tests.unit.bots.gateway import ROUTES, asked

BOT = PictureQuestionBot(ROUTES)
PHOTO = Attachment(handle="F1", name="fox.png", media_type="image/png")
NOTES = Attachment(handle="F2", name="notes.md", media_type="text/markdown")
SONG = Attachment(handle="F3", name="song.mp3", media_type="audio/mpeg")
SHOWN = TranscriptEntry(role="user", text="What is this?", attachments=(PHOTO,))
TALK = TranscriptEntry(role="assistant", text="A fox.")


@pytest.mark.parametrize("text", ["What is this?", "", "/ask what is this?"])
def test_a_message_with_a_picture_goes_to_a_model_with_eyes(text: str):
    [job] = BOT.jobs_for(asked(make_message(text=text, attachments=(NOTES, PHOTO))))

    assert job.route == ROUTES.vision
    assert not job.message.text.startswith("/ask")


@pytest.mark.parametrize("attachments", [(), (NOTES,)])
def test_a_message_without_pictures_is_left_to_others(attachments: tuple[Attachment, ...]):
    assert BOT.jobs_for(asked(make_message(attachments=attachments))) == ()


def test_a_question_soon_after_a_picture_is_about_it():
    [job] = BOT.jobs_for(asked(make_message(text="Which colour?"), SHOWN, TALK))

    assert job.route == ROUTES.vision


def test_a_question_long_after_a_picture_is_not():
    assert BOT.jobs_for(asked(make_message(text="Which colour?"), SHOWN, *[TALK] * LOOKS_BACK)) == ()


def test_an_empty_message_after_a_picture_is_no_question():
    assert BOT.jobs_for(asked(make_message(text=" "), SHOWN, TALK)) == ()


def test_a_file_that_cannot_be_read_is_refused():
    with pytest.raises(AttachmentUnsupported):
        BOT.jobs_for(asked(make_message(attachments=(PHOTO, SONG))))
