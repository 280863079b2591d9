"""Whatever goes wrong, the thread says it in one clear sentence, and the next question is answered."""

from typing import Any

import pytest

from tests.e2e.conftest import StartGlimmer
from tests.e2e.test_answers import photo

pytestmark = pytest.mark.e2e


def fault(code: str, times: int) -> dict[str, Any]:
    return {"model": "glm-4.7-flash", "code": code, "times": times}


CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "an empty message": ({}, "Write something", "请写几句话"),
    "a picture of 30 MB": (
        {
            "text": "What is this? 这是什么",
            "files": [("big.png", b"\x89PNG\r\n\x1a\n" + bytes(30 * 2**20), "image/png")],
        },
        "big.png is too large: I can take files up to 20 MB",
        "big.png 太大了",
    ),
    "a text file called .png": (
        {"text": "Look 看", "files": [("note.png", b"I am only words.", "image/png")]},
        "can't open note.png",
        "打不开 note.png",
    ),
    "a damaged picture": (
        {"text": "Look 看", "files": [("half.jpg", photo(640, 480)[:9000], "image/jpeg")]},
        "can't open half.jpg",
        "打不开 half.jpg",
    ),
    "a file of a type we cannot read": (
        {"text": "Look 看", "files": [("song.mp3", b"ID3....", "audio/mpeg")]},
        "can't read song.mp3",
        "读不了 song.mp3",
    ),
    "a size that cannot be painted": (
        {"text": "/imagine a fox 狐狸 --size 3000x40"},
        "can't paint 3000x40",
        "画不了 3000x40",
    ),
    "nothing to paint": ({"text": "/imagine"}, "Tell me what to paint", "要画什么"),
    "a refused prompt": ({"text": "Say it 说吧 [[sim:refuse]]"}, "content filter declined", "内容审核"),
    "no money": ({"text": "Hello 你好 [[sim:error=1113]]"}, "no balance", "余额不足"),
    "an answer that turns sensitive": (
        {"text": "Hello 你好 [[sim:fault=sensitive]]"},
        "content filter",
        "内容审核",
    ),
    "an answer that breaks off": ({"text": "Hello 你好 [[sim:fault=cut]]"}, "broke off", "中断"),
    "an empty answer": ({"text": "Hello 你好 [[sim:fault=empty]]"}, "no answer", "没有给出回答"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_each_mistake_gets_one_sentence_and_the_page_stays_usable(
    start_glimmer: StartGlimmer, open_playground, language: str
):
    glimmer = await start_glimmer(simulator=("--pace", "0"))
    person = open_playground(glimmer, language="zh-CN" if language == "zh" else "en-US")

    for number, (name, (message, english, chinese)) in enumerate(CASES.items()):
        thread = f"t{number}"
        sent = dict(message)
        if "text" in sent and language == "en":
            sent["text"] = "".join(one for one in sent["text"] if not "\u4e00" <= one <= "\u9fff")
        async with person.watch(thread) as watcher:
            await person.send(thread, **sent)
            [reply] = await watcher.final(timeout=10)
            assert (chinese if language == "zh" else english) in reply["notice"], name
            assert reply["outcome"] in ("failed", "refused"), name
            assert "sensitive" not in name or reply["markdown"] == ""
            await person.send(thread, "And 1 + 1?")
            replies = await watcher.final(2, timeout=10)
            assert replies[1]["outcome"] == "answered", name

    assert "Traceback" not in glimmer.logs


async def test_a_question_longer_than_the_context_is_told_so(start_glimmer: StartGlimmer, open_playground):
    glimmer = await start_glimmer(simulator=("--pace", "0"))
    person = open_playground(glimmer)
    book = "长" * 99_000

    async with person.watch("t1") as watcher:
        await person.send("t1", "总结", files=[(f"{n}.txt", book.encode(), "text/plain") for n in range(3)])
        [reply] = await watcher.final()

    assert "超出了模型" in reply["notice"]


async def test_an_overloaded_model_is_tried_again_and_then_answers(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "0"))
    person = open_playground(glimmer)
    await glimmer.script_faults(fault("1305", 2))

    async with person.watch("t1") as watcher:
        await person.send("t1", "Are you busy?")
        [reply] = await watcher.final(timeout=20)

    assert reply["outcome"] == "answered"
    assert any("busy" in state["notice"] for state in watcher.of(reply["id"]))


async def test_a_wrong_key_is_told_to_the_user_and_logged(start_glimmer: StartGlimmer, open_playground):
    glimmer = await start_glimmer(simulator=("--pace", "0"), GLM_API_KEY="wrong.key0123456789")
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        await person.send("t1", "Hello")
        [reply] = await watcher.final()

    assert "API key was not accepted" in reply["notice"]
    assert "KeyRejected" in glimmer.workers[0].log
    assert "wrong.key0123456789" not in glimmer.logs


async def test_a_model_service_that_cannot_be_reached_is_told_after_a_few_tries(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(simulator=("--pace", "0"))
    person = open_playground(glimmer)
    glimmer.simulator.kill9()

    async with person.watch("t1") as watcher:
        await person.send("t1", "Hello")
        [reply] = await watcher.final(timeout=30)
        assert "can't reach the model service" in reply["notice"]
        await glimmer.start_simulator()
        await person.send("t1", "Hello again")
        replies = await watcher.final(2, timeout=20)

    assert replies[1]["outcome"] == "answered"


async def test_a_message_that_is_too_large_altogether_is_refused_with_a_sentence(
    start_glimmer: StartGlimmer, open_playground
):
    glimmer = await start_glimmer(workers=0)
    person = open_playground(glimmer)

    with pytest.raises(AssertionError, match="error"):
        await person.send("t1", "Look", files=[("a.png", bytes(70 * 2**20), "image/png")])


async def test_no_text_of_a_message_reaches_the_log(start_glimmer: StartGlimmer, open_playground):
    glimmer = await start_glimmer(simulator=("--pace", "0"))
    person = open_playground(glimmer)

    async with person.watch("t1") as watcher:
        await person.send("t1", "The secret word is albatross")
        [reply] = await watcher.final()

    assert "albatross" not in glimmer.logs
    assert reply["markdown"][:40] not in glimmer.logs
    assert reply["id"] in glimmer.logs
