import base64
import json
from typing import Any

import pytest

from adapters.glm.models import MODELS
from adapters.glm.payloads import WORDLESS_QUESTION, chat_body, picture_body
from bots.errors import ModelRejectedRequest
from bots.models import ModelSpec
from bots.prompts import Picture, PicturePrompt, Prompt, Turn, Video

TEXT, VISION = "glm-4.7-flash", "glm-4.6v-flash"


def picture(data: bytes = b"\x89PNG") -> Picture:
    return Picture(data, "image/png", 10, 10)


def body_of(
    *turns: Turn, model: str = TEXT, is_streamed: bool = True, spec: ModelSpec | None = None, **more: Any
) -> dict[str, Any]:
    prompt = Prompt(
        "default",
        model,
        turns or (Turn("user", "Hi"),),
        request_id=more.pop("request_id", "request-1"),
        user_id=more.pop("user_id", "user-123"),
        **more,
    )
    body = json.loads(chat_body(prompt, spec or MODELS[model], is_streamed=is_streamed))
    assert isinstance(body, dict)
    return body


def test_a_question_becomes_a_body() -> None:
    assert body_of(Turn("system", "Be brief."), Turn("user", "你好")) == {
        "model": "glm-4.7-flash",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "你好"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 65536,
        "temperature": 0.99,
        "top_p": 0.95,
        "request_id": "request-1",
        "user_id": "user-123",
        "thinking": {"type": "disabled"},
    }


def test_a_whole_answer_is_asked_for_without_stream_options() -> None:
    body = body_of(is_streamed=False)
    assert body["stream"] is False
    assert "stream_options" not in body


def test_thinking_is_switched_only_where_there_is_a_switch() -> None:
    assert body_of(thinking=True)["thinking"] == {"type": "enabled"}
    assert "thinking" not in body_of(model="glm-4.1v-thinking-flash", thinking=True)
    assert "thinking" not in body_of(model="glm-4-flash-250414", thinking=True)


@pytest.mark.parametrize(
    ("model", "wanted", "sent"),
    [
        ("glm-4.1v-thinking-flash", None, 16384),
        ("glm-4.1v-thinking-flash", 32768, 16384),
        ("glm-4v-flash", 9000, 1024),
        ("glm-4.6v-flash", 100, 100),
        ("glm-4.6v-flash", 0, 1),
    ],
)
def test_the_output_stays_within_the_models_limit(model: str, wanted: int | None, sent: int) -> None:
    assert body_of(model=model, max_output_tokens=wanted)["max_tokens"] == sent


def test_sampling_stays_off_its_ends() -> None:
    ends = MODELS[TEXT].model_copy(update={"temperature": 0.0, "top_p": 1.0})
    body = body_of(spec=ends)
    assert (body["temperature"], body["top_p"]) == (0.01, 0.99)


@pytest.mark.parametrize("bad", ["short", "x" * 65])
def test_an_id_of_a_wrong_length_is_replaced_by_the_same_one_each_time(bad: str) -> None:
    first = body_of(request_id=bad)["request_id"]
    assert 6 <= len(first) <= 64
    assert first == body_of(request_id=bad)["request_id"]
    assert first != bad


def test_user_ids_fit_and_an_empty_one_is_left_out() -> None:
    assert 6 <= len(body_of(user_id="u1")["user_id"]) <= 128
    assert body_of(user_id="u" * 128)["user_id"] == "u" * 128
    assert "user_id" not in body_of(user_id="")


def test_a_picture_is_bare_base64_before_the_words() -> None:
    message = body_of(Turn("user", "What is it?", (picture(),)), model=VISION)["messages"][0]
    assert message["content"] == [
        {"type": "image_url", "image_url": {"url": base64.b64encode(b"\x89PNG").decode()}},
        {"type": "text", "text": "What is it?"},
    ]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_picture_never_goes_without_words(text: str) -> None:
    content = body_of(Turn("user", text, (picture(),)), model=VISION)["messages"][0]["content"]
    assert content[-1] == {"type": "text", "text": WORDLESS_QUESTION}


def test_only_the_newest_pictures_of_the_talk_are_sent() -> None:
    turns = (
        Turn("user", "first", (picture(b"1"),)),
        Turn("assistant", "a cat"),
        Turn("user", "", (picture(b"2"),)),
        Turn("assistant", "a dog"),
        Turn("user", "and?", (picture(b"3"),)),
    )
    messages = body_of(*turns, model="glm-4v-flash")["messages"]
    assert [message["content"] for message in messages[:3]] == ["first", "a cat", "a dog"]
    assert messages[3]["content"][0]["image_url"]["url"] == base64.b64encode(b"3").decode()


def test_old_pictures_are_left_out_for_a_model_without_eyes_and_new_ones_refused() -> None:
    old = (Turn("user", "look", (picture(),)), Turn("assistant", "a cat"), Turn("user", "thanks"))
    assert [message["content"] for message in body_of(*old)["messages"]] == ["look", "a cat", "thanks"]
    with pytest.raises(ModelRejectedRequest):
        body_of(Turn("user", "look", (picture(),)))


def roles(*turns: Turn) -> list[str]:
    return [message["role"] for message in body_of(*turns)["messages"]]


def test_a_user_follows_the_system_and_speaks_last() -> None:
    turns = (
        Turn("system", "s"),
        Turn("assistant", "left over from a trimmed history"),
        Turn("user", "q"),
        Turn("assistant", "a"),
        Turn("user", "q"),
        Turn("assistant", "unfinished"),
    )
    assert roles(*turns) == ["system", "user", "assistant", "user"]


def test_all_that_the_system_says_stands_at_the_head() -> None:
    messages = body_of(Turn("system", "a"), Turn("user", "q"), Turn("system", "b"), Turn("user", "r"))[
        "messages"
    ]
    assert [message["content"] for message in messages] == ["a\n\nb", "q", "r"]


def test_empty_turns_are_not_sent() -> None:
    assert (
        roles(Turn("system", " "), Turn("user", "q"), Turn("assistant", ""), Turn("user", "r"))
        == ["user"] * 2
    )


@pytest.mark.parametrize("turns", [(Turn("system", "s"),), (Turn("assistant", "a"),), (Turn("user", " "),)])
def test_a_prompt_in_which_no_user_speaks_is_not_sent(turns: tuple[Turn, ...]) -> None:
    with pytest.raises(ModelRejectedRequest):
        body_of(*turns)


def test_half_a_surrogate_does_not_stop_a_question() -> None:
    assert body_of(Turn("user", "a\ud83db"))["messages"][0]["content"] == "a?b"


def painting(size: str = "1024x1024", user_id: str = "user-123") -> PicturePrompt:
    return PicturePrompt("default", "cogview-3-flash", "a fox", size, "request-1", user_id)


def test_a_request_for_a_picture() -> None:
    assert json.loads(picture_body(painting("1024x512"))) == {
        "model": "cogview-3-flash",
        "prompt": "a fox",
        "size": "1024x512",
        "user_id": "user-123",
    }
    assert "user_id" not in json.loads(picture_body(painting(user_id="")))


FILM = Video("https://bot.example/media/token")


def kinds(message: Any) -> list[str]:
    content = message["content"]
    return [part["type"] for part in content] if isinstance(content, list) else ["text"]


def test_a_video_stands_first_as_an_address() -> None:
    [message] = body_of(Turn("user", "When?", videos=(FILM,)), model="glm-4v-plus-0111")["messages"]
    assert message["content"][0] == {"type": "video_url", "video_url": {"url": FILM.url}}
    assert kinds(message) == ["video_url", "text"]


def test_a_video_and_pictures_are_never_in_one_request() -> None:
    """The vendor refuses the mixture, and counts the whole talk (GLM docs, GLM-4.6V)."""
    before = Turn("user", "Look", (picture(),)), Turn("assistant", "Seen")
    filmed = body_of(*before, Turn("user", "When?", videos=(FILM,)), model=VISION)["messages"]
    shown = body_of(
        Turn("user", "When?", videos=(FILM,)),
        Turn("assistant", "At 3 s"),
        Turn("user", "This?", (picture(),)),
        model=VISION,
    )["messages"]
    assert [kind for message in filmed for kind in kinds(message)] == ["text", "text", "video_url", "text"]
    assert [kind for message in shown for kind in kinds(message)] == ["text", "text", "image_url", "text"]


def test_a_video_is_not_sent_to_a_model_that_takes_none() -> None:
    with pytest.raises(ModelRejectedRequest):
        body_of(Turn("user", "When?", videos=(FILM,)), model="glm-4v-flash")


def test_a_model_that_takes_no_bytes_gets_the_pictures_address() -> None:
    linked = Picture(b"\x89PNG", "image/png", 10, 10, url="https://bot.example/media/picture")
    for model, expected in (("glm-4v-flash", linked.url), (VISION, "iVBORw==")):
        [message] = body_of(Turn("user", "What?", (linked,)), model=model)["messages"]
        assert message["content"][0]["image_url"]["url"] == expected
