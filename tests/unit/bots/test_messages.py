"""Who said what where."""

import pytest

from bots.jobs import JOB
from bots.messages import Conversation, Language, Sender, language_of, person_key
from tests.fakes.jobs import make_job, make_message

PLACE = Conversation(platform="slack", tenant_id="T1", channel_id="C1", thread_id="1.2")


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        ("Why?", None, "en"),
        ("为什么？", None, "zh"),
        ("What does 法定人数 mean?", "en-US", "zh"),
        ("Why?", "zh-CN", "en"),
        ("", "zh-CN", "zh"),
        ("", "ZH_tw", "zh"),
        ("", "en-US", "en"),
        ("", None, "en"),
        ("123 + 4?", "zh-CN", "zh"),
        ("/imagine", "zh-CN", "zh"),
        ("／imagine --size 1024", "zh-CN", "zh"),
        ("/imagine a fox", "zh-CN", "en"),
    ],
)
def test_the_words_tell_the_language_and_without_words_the_platform_does(
    text: str, locale: str | None, language: Language
):
    assert language_of(text, locale) == language


def test_a_place_is_named_down_to_the_thread():
    assert PLACE.key == "slack:T1:C1:1.2"
    assert PLACE.model_copy(update={"thread_id": None}).key == "slack:T1:C1:"


def test_an_action_is_named_alike_however_it_is_delivered():
    message = make_message("m1")
    in_thread = message.model_copy(
        update={"conversation": message.conversation.model_copy(update={"thread_id": "1.2"})}
    )

    assert message.action_id == in_thread.action_id == "web:local:t1:m1"


def test_a_person_is_the_same_in_every_channel_but_not_in_every_workspace():
    ann = Sender(user_id="ann")

    elsewhere = PLACE.model_copy(update={"channel_id": "C2"})
    other_company = PLACE.model_copy(update={"tenant_id": "T2"})

    assert person_key(PLACE, ann) == person_key(elsewhere, ann) == "slack:T1:ann"
    assert person_key(other_company, ann) != person_key(PLACE, ann)


def test_a_job_survives_the_store():
    job = make_job()

    assert JOB.validate_json(JOB.dump_json(job)) == job


def test_a_job_of_a_newer_version_can_be_read():
    body = JOB.dump_json(make_job()).replace(b"{", b'{"invented_later": 1, ', 1)

    assert JOB.validate_json(body) == make_job()
