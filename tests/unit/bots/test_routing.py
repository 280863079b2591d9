"""Which models a question may go to."""

from datetime import UTC, datetime

import pytest

from adapters.glm.models import MODELS
from adapters.glm.settings import GlmSettings
from bots.bot import Asked, Routes
from bots.errors import BotError, NoModelAble, PromptTooLong, TooManyPictures
from bots.jobs import AnswerJob
from bots.mention import MentionBot
from bots.messages import Attachment
from bots.picture_question import PictureQuestionBot
from bots.ports import TranscriptEntry
from bots.preferences import Preferences
from bots.routing import Needs, able
from bots.wording import sentence_for
from tests.fakes.jobs import make_message

TEXT, SMALL_TEXT = "glm-4.7-flash", "glm-4-flash-250414"
BEST, FIVE, ONE, PAID = "glm-4.6v-flash", "glm-4.1v-thinking-flash", "glm-4v-flash", "glm-4v-plus-0111"


def routes(text=(TEXT,), vision=(BEST, FIVE), *, spill_over=True, as_base64=True) -> Routes:
    return Routes(
        text=text,
        vision=vision,
        picture=("cogview-3-flash",),
        specs=MODELS,
        spill_over=spill_over,
        as_base64=as_base64,
    )


def pictures(count: int, prefix: str = "p") -> tuple[Attachment, ...]:
    return tuple(
        Attachment(handle=f"{prefix}{number}", name=f"{number}.png", media_type="image/png", size_bytes=1000)
        for number in range(count)
    )


def asked(text: str = "What is this?", now=(), before=(), model: str = "") -> Asked:
    recent = (TranscriptEntry(role="user", text="Look.", attachments=before),) if before else ()
    message = make_message(text=text, attachments=now)
    return Asked(message, "en", recent, Preferences(model=model), datetime(2026, 1, 1, tzinfo=UTC))


def vision_job(ours: Routes, question: Asked) -> AnswerJob:
    [job] = PictureQuestionBot(ours).jobs_for(question)
    return job


def text_job(ours: Routes, question: Asked) -> AnswerJob:
    [job] = MentionBot(ours).jobs_for(question)
    return job


def test_a_picture_may_go_to_every_model_that_sees():
    job = vision_job(routes(), asked(now=pictures(1)))

    assert job.route == (BEST, FIVE)
    assert job.lanes == (BEST, FIVE)


def test_more_pictures_than_a_model_takes_leave_it_out():
    assert vision_job(routes(), asked(now=pictures(6))).route == (BEST,)


def test_earlier_pictures_count_as_well():
    assert vision_job(routes(), asked(now=pictures(3), before=pictures(3, "old"))).route == (BEST,)


def test_where_no_model_takes_all_earlier_pictures_those_that_take_the_questions_own_do():
    ours = routes(vision=(FIVE,))

    assert vision_job(ours, asked(now=pictures(3), before=pictures(3, "old"))).route == (FIVE,)


def test_a_model_that_wants_addresses_is_left_out_where_there_are_none():
    question = asked(now=pictures(1))

    assert vision_job(routes(vision=(ONE, FIVE)), question).route == (FIVE,)
    assert vision_job(routes(vision=(ONE, FIVE), as_base64=False), question).route == (ONE, FIVE)


def test_a_long_question_goes_to_the_model_with_the_room():
    question = asked("Summarise: " + "word " * 80_000)

    assert text_job(routes(text=(SMALL_TEXT, TEXT)), question).route == (TEXT,)


def refusal(ours: Routes, question: Asked) -> BotError:
    with pytest.raises(BotError) as caught:
        vision_job(ours, question)
    return caught.value


def test_too_many_pictures_for_every_model_are_refused_with_the_number_that_is_possible():
    error = refusal(routes(vision=(FIVE,)), asked(now=pictures(6)))

    assert isinstance(error, TooManyPictures)
    assert "at most 5" in sentence_for(error, "en")
    assert "5 张" in sentence_for(error, "zh")


def test_a_question_too_long_for_every_model_is_refused():
    with pytest.raises(PromptTooLong):
        text_job(routes(), asked("word " * 200_000))


def test_a_picture_that_no_model_can_look_at_is_refused():
    assert isinstance(refusal(routes(vision=()), asked(now=pictures(1))), NoModelAble)
    assert isinstance(refusal(routes(vision=(ONE,)), asked(now=pictures(1))), NoModelAble)


def test_a_chosen_model_comes_first_and_its_asker_waits_for_it():
    job = vision_job(routes(), asked(now=pictures(1), model=FIVE))

    assert job.route == (FIVE, BEST)
    assert job.lanes == (FIVE,)


def test_a_chosen_model_that_cannot_serve_this_question_is_passed_over():
    assert vision_job(routes(), asked(now=pictures(1), model=TEXT)).lanes == (BEST, FIVE)
    assert vision_job(routes(), asked(now=pictures(6), model=FIVE)).lanes == (BEST,)


def test_a_model_chosen_long_ago_that_is_no_longer_offered_is_forgotten():
    assert text_job(routes(), asked(model=PAID)).route == (TEXT,)


def test_spill_over_can_be_switched_off():
    assert vision_job(routes(spill_over=False), asked(now=pictures(1))).lanes == (BEST,)


def test_words_spill_over_only_where_the_route_names_several_models():
    assert text_job(routes(), asked()).lanes == (TEXT,)
    assert text_job(routes(text=(TEXT, SMALL_TEXT)), asked()).lanes == (TEXT, SMALL_TEXT)


@pytest.mark.parametrize("kind", ["video", "file"])
def test_only_models_that_take_a_kind_are_able(kind):
    needs = Needs(inputs=frozenset({"text", kind}))

    assert able(MODELS[BEST], needs)
    assert not able(MODELS[ONE], needs)


def test_a_painter_answers_nothing():
    assert not able(MODELS["cogview-3-flash"], Needs())


# -- models that cost money -------------------------------------------------------------------------------


def glm_settings(**values) -> GlmSettings:
    return GlmSettings(_env_file=None, **values)


def test_models_that_cost_money_are_used_only_where_a_route_names_them():
    assert not any(MODELS[name].is_paid for name in glm_settings().vision_route())
    assert glm_settings(vision_models=(BEST, PAID)).vision_route() == (BEST, PAID)


def test_models_that_cost_money_stand_behind_the_others_where_they_always_may():
    route = glm_settings(allow_paid="always").vision_route()

    assert route[:2] == (BEST, FIVE)
    assert PAID in route[2:]


def test_a_route_that_names_a_model_that_costs_money_where_none_may_is_refused():
    with pytest.raises(ValueError, match="GLM_ALLOW_PAID is never"):
        glm_settings(vision_models=(BEST, PAID), allow_paid="never")
