"""What the simulated models say, and how it is cut into chunks."""

import io
import json
import random

import pytest
from PIL import Image

from simulators.glm.answers import Question, compose_answer
from simulators.glm.controls import read_controls
from simulators.glm.generation import generate, prompt_tokens
from simulators.glm.models import CHAT_MODELS
from simulators.glm.pacing import cut_evenly, cut_into_chunks, due_times
from simulators.glm.painting import paint
from simulators.glm.parameters import read_chat_request
from simulators.glm.pictures import Picture, main_colours
from simulators.glm.script import Rhythm, write_script

BLUE = Picture("JPEG", 3024, 4032, 1000, ("blue", "white"), 1, has_gps=False)


def ask(*asked: str, pictures: tuple[Picture, ...] = (), model: str = "glm-4.7-flash", **flags: bool) -> str:
    """Answer the last of several questions."""
    question = Question(
        model=model,
        asked=asked,
        pictures=pictures,
        new_pictures=len(pictures),
        controls=read_controls(asked[-1]),
        wants_json=flags.get("wants_json", False),
        boxes=flags.get("boxes", False),
        seed=0,
    )
    return compose_answer(question)


def test_the_same_question_gets_the_same_answer_and_another_does_not():
    assert ask("Why is the sky blue?") == ask("Why is the sky blue?")
    assert ask("Why is the sky blue?") != ask("Why is the sea blue?")


def test_the_answer_mentions_the_question_in_its_language():
    assert "Why is the sky blue?" in ask("Why is the sky blue?")
    chinese = ask("天空为什么是蓝色的？")
    assert "天空为什么是蓝色的？" in chinese
    assert "要点" in chinese


def test_a_table_and_code_come_when_asked_for():
    assert "|---|" in ask("Compare them in a table")
    assert "|---|" in ask("请用表格比较")
    assert "```sql" in ask("Show me the code in SQL")
    assert "```python" in ask("写一段代码")
    assert "|---|" not in ask("Compare them")


def test_a_long_answer_is_about_thirty_thousand_characters():
    assert 30_000 <= len(ask("Write a long report")) < 34_000
    assert 30_000 <= len(ask("写一篇很长的文章")) < 34_000
    assert len(ask("How long is the river?")) < 5_000
    assert len(ask("长城在哪里？")) < 5_000


@pytest.mark.parametrize("question", ["What did I say first?", "我说的第一句话是什么？"])
def test_the_first_turn_is_remembered(question):
    assert "My cat is called Momo" in ask("My cat is called Momo", "And my dog?", question)


def test_pictures_are_described_by_size_shape_and_colour():
    english = ask("What is in this picture?", pictures=(BLUE,))
    assert "3024 × 4032 px" in english
    assert "upright" in english
    assert "**blue** and **white**" in english
    chinese = ask("这是什么？", pictures=(BLUE,))
    assert "3024 × 4032 px" in chinese
    assert "**蓝色**和**白色**" in chinese


def test_a_missing_picture_is_said_to_be_missing():
    assert "no picture reached me" in ask("What is in this picture?")
    assert "没有收到任何图片" in ask("这张图片里有什么？")
    assert "no picture reached me" not in ask("Draw me a picture of a fox")


def test_control_words_set_the_text_exactly():
    assert ask("hi [[sim:text=a ]b]\n```x```]]") == "a ]b]\n```x```"
    assert len(ask("hi [[sim:chars=12345]]")) == 12345
    assert "[[sim" not in ask("Tell me [[sim:seconds=2]]")


def test_json_is_json_when_asked_for():
    assert json.loads(ask("give me facts", wants_json=True))["question"] == "give me facts"


def test_coordinates_come_in_box_markers():
    text = ask("Where is it? Provide coordinates", pictures=(BLUE,), boxes=True)
    assert "<|begin_of_box|>[[" in text
    assert "]]<|end_of_box|>" in text


def test_chunks_joined_are_the_text():
    text = ask("Write a long report about 中文 and 👋 emoji")
    chunks = cut_into_chunks(text, random.Random(1))
    assert "".join(chunks) == text
    assert "".join(cut_evenly(text, 60)) == text
    assert len(cut_evenly("ab", 7)) == 7


def test_a_realistic_pace_is_forty_to_sixty_tokens_a_second():
    times = due_times([4] * 100, random.Random(3), 1.0)
    assert 0.3 <= times[0] <= 0.8
    assert 396 / 60 * 0.8 <= times[-1] - times[0] <= 396 / 40 * 1.2
    assert due_times([4] * 3, random.Random(3), 0.0) == [0.0, 0.0, 0.0]


def stream(text: str, model: str = "glm-4.7-flash", **body: object) -> bytes:
    """Give the whole stream of an answer as one."""
    request = read_chat_request(
        {"messages": [{"role": "user", "content": text}], "model": model, **body}, CHAT_MODELS[model]
    )
    question = Question(model, (text,), (), 0, read_controls(text), wants_json=False, boxes=False, seed=0)
    generation = generate(request, question, prompt_tokens(request, ()))
    script = write_script(
        generation, request.model, question.controls, Rhythm(1.0, random.Random(1), "with_finish")
    )
    return b"".join(step.data for step in script.steps)


@pytest.mark.parametrize("fault", ["glued", "split_utf8", "comment_keepalive"])
def test_faults_of_transport_leave_the_text_whole(fault):
    raw = stream(f"天空 [[sim:fault={fault}]]").decode()
    frames = [json.loads(line[6:]) for line in raw.splitlines() if line.startswith("data: {")]
    text = "".join(frame["choices"][0]["delta"].get("content", "") for frame in frames)
    assert "天空" in text
    assert raw.endswith("data: [DONE]\n\n")


def test_usage_comes_where_it_is_asked_for():
    def usages(fault: str) -> list[bool]:
        raw = stream(
            f"hi [[sim:text=one two three four five six seven eight nine]] [[sim:fault={fault}]]"
        ).decode()
        return ['"usage"' in line for line in raw.splitlines() if line.startswith("data: {")]

    assert not any(usages("usage_none"))
    assert all(usage for usage in usages("usage_every")[:-2])
    separate = stream("hi [[sim:text=x]] [[sim:fault=usage_separate]]", thinking={"type": "disabled"})
    assert b'"choices":[],"usage":{' in separate.split(b"\n\n")[-3]


def test_reasoning_counts_against_max_tokens():
    raw = stream("Explain", max_tokens=5)
    assert b'"finish_reason":"length"' in raw
    assert b'"content":"' in raw
    assert b'"completion_tokens":5' in raw


def test_always_thinking_models_think_inside_the_text():
    raw = stream("Explain", model="glm-4.1v-thinking-flash", thinking={"type": "disabled"})
    assert b"reasoning_content" not in raw
    assert b"<think>" in raw
    assert b"prompt_tokens_details" not in raw


def test_a_painting_has_the_size_asked_for_and_depends_on_the_words():
    picture = Image.open(io.BytesIO(paint("海上的灯塔 🗼 lighthouse", 720, 1440, watermark=True)))
    assert (picture.format, picture.size) == ("PNG", (720, 1440))
    assert paint("a", 512, 512, watermark=True) == paint("a", 512, 512, watermark=True)
    assert paint("a", 512, 512, watermark=True) != paint("b", 512, 512, watermark=True)


def test_colours_are_named_by_area():
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((20, 60, 220), (0, 0, 100, 70))
    assert main_colours(picture) == ("blue", "white")
