"""A thread and a question become a prompt that fits."""

import pytest

from bots.errors import PromptTooLong
from bots.messages import Attachment
from bots.models import ModelSpec
from bots.ports import TranscriptEntry
from bots.prompt_building import LEFT_OUT, SYSTEM, build_prompt, fingerprint, wants_thinking
from bots.prompts import Picture, Prompt
from bots.read_attachments import Reading
from bots.tokens import count_tokens
from tests.fakes.jobs import make_job
from tests.unit.bots.scene import SPEC

JOB = make_job(text="What is a quorum?")
NOTES = "File notes.md:\n```\nThe password is heron.\n```"
SMALL = SPEC.model_copy(update={"context_tokens": 400, "default_output_tokens": 100})


def photo(number: int) -> Attachment:
    return Attachment(handle=f"F{number}", name=f"{number}.png", media_type="image/png")


def said(role: str, text: str, *files: Attachment) -> TranscriptEntry:
    return TranscriptEntry.model_validate({"role": role, "text": text, "attachments": files})


def talk(*texts: str) -> list[TranscriptEntry]:
    """Questions and answers in turn."""
    return [said("user" if number % 2 == 0 else "assistant", text) for number, text in enumerate(texts)]


def seen(*numbers: int) -> dict[str, Reading]:
    return {
        f"F{number}": Reading(pictures=(Picture(b"%d" % number, "image/png", 8, 8),)) for number in numbers
    }


def built(
    recent: list[TranscriptEntry],
    *,
    spec: ModelSpec = SPEC,
    files: tuple[Attachment, ...] = (),
    text: str = "",
) -> Prompt:
    message = JOB.message.model_copy(update={"attachments": files, "text": text or JOB.message.text})
    job = JOB.model_copy(update={"message": message})
    return build_prompt(job, spec, "main", recent, {**seen(1, 2, 3), "T1": Reading(NOTES)})


def texts_of(prompt: Prompt) -> list[str]:
    return [turn.text for turn in prompt.turns[1:]]


def test_every_prompt_begins_with_the_same_words():
    assert built([]).turns[0].text == built(talk("Hi.", "Hello."), text="Why?").turns[0].text == SYSTEM


def test_the_whole_talk_goes_along_when_there_is_room():
    assert texts_of(built(talk("Hi.", "Hello."))) == ["Hi.", "Hello.", "What is a quorum?"]


def test_the_newest_turns_stay_when_there_is_not():
    recent = talk(*(f"{number} " * 20 for number in range(20)))

    texts = texts_of(built(recent, spec=SMALL))

    newest = texts[2:-1] if texts[1] == LEFT_OUT else texts[:-1]
    kept = [entry.text for entry in recent][-len(newest) :]
    assert 2 < len(newest) < 18
    assert texts[-len(newest) - 1 :] == [*kept, "What is a quorum?"]


def test_a_prompt_leaves_room_for_the_answer():
    recent = talk(*(f"{number} " * 20 for number in range(20)))

    prompt = built(recent, spec=SMALL)

    cost = sum(count_tokens(turn.text) for turn in prompt.turns)
    assert cost <= SMALL.context_tokens - SMALL.default_output_tokens


@pytest.mark.parametrize("length", range(1, 9))
def test_an_answer_never_stands_first(length: int):
    for spec in (SPEC, *(SPEC.model_copy(update={"context_tokens": 300 + 40 * step}) for step in range(9))):
        prompt = built(talk(*(f"{number} " * 20 for number in range(length))), spec=spec)
        assert prompt.turns[1].role == "user"


def test_a_question_is_kept_whole_or_refused():
    assert texts_of(built([], spec=SMALL, text="x" * 300)) == ["x" * 300]
    with pytest.raises(PromptTooLong):
        built([], spec=SMALL, text="x" * 900)


def test_a_chinese_question_counts_for_more():
    with pytest.raises(PromptTooLong):
        built([], spec=SMALL, text="法" * 300)


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("word", 2), ("法定人数", 4), ("法 a", 2)])
def test_tokens_are_estimated_from_above(text: str, tokens: int):
    assert count_tokens(text) == tokens


def test_pictures_of_the_question_come_before_those_of_the_past():
    recent = [said("user", "This?", photo(1)), said("assistant", "A hen."), said("user", "And?", photo(2))]

    prompt = built([*recent, said("assistant", "A fox.")], files=(photo(3),))

    assert [[picture.data for picture in turn.pictures] for turn in prompt.turns[1:]] == [
        [],
        [],
        [b"2"],
        [],
        [b"3"],
    ]


def test_the_past_shows_no_pictures_to_a_model_without_eyes():
    prompt = built([said("user", "This?", photo(1))], spec=SPEC.model_copy(update={"max_images": 0}))

    assert not any(turn.pictures for turn in prompt.turns)
    assert texts_of(prompt) == ["This?", "What is a quorum?"]


def test_a_picture_that_could_not_be_read_is_left_out():
    assert built([said("user", "This?", photo(9))]).turns[1].pictures == ()


def test_a_picture_without_words_asks_what_is_in_it():
    for language, words in (("en", "What is in this picture?"), ("zh", "这张图片里有什么？")):
        message = JOB.message.model_copy(update={"text": " ", "attachments": (photo(1),)})
        job = JOB.model_copy(update={"message": message, "language": language})

        assert build_prompt(job, SPEC, "main", [], seen(1)).turns[-1].text == words


def test_a_text_file_stands_below_the_question():
    notes = Attachment(handle="T1", name="notes.md", media_type="text/markdown")

    text = texts_of(built([], files=(notes,)))[-1]

    assert text == f"What is a quorum?\n\n{NOTES}"


def test_the_vendor_does_not_learn_who_asks():
    prompt = built([])

    assert prompt.user_id == fingerprint(JOB.user_key)
    assert "ann" not in prompt.user_id
    assert 6 <= len(prompt.user_id) <= 128
    assert 6 <= len(prompt.request_id) <= 64


def test_an_answer_written_anew_is_another_request():
    again = JOB.model_copy(update={"job_id": f"{JOB.job_id}~p1"})

    first, second = (build_prompt(job, SPEC, "main", [], {}) for job in (JOB, again))

    assert first.request_id != second.request_id


@pytest.mark.parametrize(
    ("mode", "chosen", "text", "thinks"),
    [
        ("none", "on", "Why?", False),
        ("always", "off", "Hi", True),
        ("switch", "on", "Hi", True),
        ("switch", "off", "Prove it step by step", False),
        ("switch", "auto", "Hi", False),
        ("switch", "auto", "Why is the sky blue?", True),
        ("switch", "auto", "请证明", True),
        ("switch", "auto", "word " * 40, True),
    ],
)
def test_quick_questions_get_quick_answers(mode: str, chosen: str, text: str, thinks: bool):
    job = make_job(text=text).model_copy(update={"thinking": chosen})

    assert wants_thinking(job, SPEC.model_copy(update={"thinking": mode})) is thinks
