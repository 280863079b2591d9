"""The bot that paints."""

import pytest

from bots.errors import CommandMistaken
from bots.imagine import ImagineBot
from tests.fakes.jobs import make_message
from tests.unit.bots.gateway import ROUTES, asked

BOT = ImagineBot(ROUTES)


def test_a_wish_becomes_a_painting():
    message = make_message(text="/imagine a fox --size 1344x768")

    [job] = BOT.jobs_for(asked(message))

    assert (job.prompt, job.size, job.route) == ("a fox", "1344x768", ROUTES.picture)
    assert job.job_id == job.reply_id == message.action_id


def test_a_wish_for_several_becomes_as_many_jobs_with_replies_of_their_own():
    message = make_message(text="/imagine a fox --n 4")

    jobs = BOT.jobs_for(asked(message))

    names = [job.job_id for job in jobs]
    assert names == [message.action_id, *(f"{message.action_id}#{number}" for number in (2, 3, 4))]
    assert [job.reply_id for job in jobs] == names
    assert {job.user_key for job in jobs} == {"web:local:ann"}


def test_anything_else_is_left_to_others():
    assert BOT.jobs_for(asked(make_message(text="Paint me a fox"))) == ()


@pytest.mark.parametrize(
    ("text", "words"), [("/imagine 猫 --n 9", "一次可以画"), ("/imagine cat --n 9", "1 to 4")]
)
def test_a_mistake_is_told_in_the_language_of_the_wish(text: str, words: str):
    with pytest.raises(CommandMistaken, match=words):
        BOT.jobs_for(asked(make_message(text=text)))
