"""The bot that answers in words."""

import pytest

from bots.errors import AttachmentUnsupported, EmptyQuestion
from bots.mention import MentionBot
from bots.messages import Attachment
from bots.preferences import Preferences
from tests.fakes.jobs import make_message
from tests.unit.bots.gateway import ROUTES, asked

BOT = MentionBot(ROUTES)
NOTES = Attachment(handle="F1", name="notes.md", media_type="text/markdown")
SONG = Attachment(handle="F2", name="song.mp3", media_type="audio/mpeg")


def test_a_question_becomes_one_job_named_for_its_message():
    message = make_message(text="Why?")

    [job] = BOT.jobs_for(asked(message))

    assert job.job_id == job.reply_id == message.action_id
    assert job.route == ROUTES.text
    assert job.message.text == "Why?"


def test_the_chosen_model_comes_first_and_the_others_behind_it():
    [job] = BOT.jobs_for(asked(make_message(), preferences=Preferences(model=ROUTES.text[1], thinking="off")))

    assert job.route == (ROUTES.text[1], ROUTES.text[0])
    assert job.thinking == "off"


def test_ask_in_front_is_not_part_of_the_question():
    [job] = BOT.jobs_for(asked(make_message(text="/ask why?")))

    assert job.message.text == "why?"


@pytest.mark.parametrize("text", ["", "  \n", "/ask", "／ask  "])
def test_an_empty_question_is_refused(text: str):
    with pytest.raises(EmptyQuestion):
        BOT.jobs_for(asked(make_message(text=text)))


def test_a_file_alone_is_a_question():
    assert len(BOT.jobs_for(asked(make_message(text="", attachments=(NOTES,))))) == 1


def test_a_file_that_cannot_be_read_is_refused():
    with pytest.raises(AttachmentUnsupported):
        BOT.jobs_for(asked(make_message(attachments=(SONG,))))
