"""The playground's HTTP API, as the page and scripts use it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from bots.deltas import PaintedPicture
from bots.errors import PlatformUnavailable, StoreUnavailable
from bots.messages import Attachment

pytestmark = pytest.mark.redis
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50
ZH = {"Accept-Language": "zh-CN,zh;q=0.9"}


async def send(
    http: httpx.AsyncClient,
    thread: str = "t1",
    *,
    files: Sequence[tuple[str, bytes, str]] = (),
    headers: dict[str, str] | None = None,
    **fields: str,
) -> httpx.Response:
    parts = [("files", file) for file in files]
    return await http.post(
        f"/api/threads/{thread}/messages", data=fields, files=parts or {"files": ("", b"")}, headers=headers
    )


async def messages(http: httpx.AsyncClient, thread: str = "t1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await http.get(f"/api/threads/{thread}")).json()["messages"]
    return found


def error_of(response: httpx.Response) -> str:
    return str(response.json()["error"]["message"])


async def test_a_message_is_accepted_stored_and_handed_to_the_bot(http, playground):
    response = await send(http, text="hello", user="ann", headers=ZH)
    assert response.status_code == 202
    [event] = playground.bot.messages
    assert event.message.message_id == response.json()["message_id"]
    assert (event.message.text, event.message.sender.user_id) == ("hello", "ann")
    assert event.message.sender.locale == "zh-CN"
    [shown] = await messages(http)
    assert (shown["author"], shown["markdown"], shown["is_final"]) == ("user", "hello", True)


async def test_the_thread_has_the_documented_fields(http, playground):
    await send(http, text="hello")
    reply = playground.reply("t1")
    await reply.open(place={"position": 2, "seconds": 9})
    question, answer = await messages(http)
    documented = {
        "id", "author", "markdown", "reasoning", "revision", "is_final", "place", "outcome", "images",
        "buttons",
    }  # fmt: skip
    assert documented <= set(answer)
    assert (answer["place"], answer["place_seconds"], question["place"]) == (2, 9, None)


async def test_a_file_reaches_the_bot_and_the_page(http, playground):
    await send(http, text="look", files=[("cat.png", PNG, "image/png")])
    [attachment] = playground.bot.messages[0].message.attachments
    assert (attachment.name, attachment.media_type, attachment.size_bytes) == (
        "cat.png",
        "image/png",
        len(PNG),
    )
    assert await playground.platform.attachments.fetch(attachment, max_bytes=1000) == PNG
    [shown] = await messages(http)
    file = await http.get(shown["files"][0]["url"])
    assert (file.content, file.headers["content-type"]) == (PNG, "image/png")


async def test_a_picture_without_words_is_a_message(http, playground):
    assert (await send(http, files=[("cat.png", PNG, "image/png")])).status_code == 202
    assert playground.bot.messages[0].message.text == ""


async def test_a_file_over_the_limit_is_accepted_without_its_bytes(http, playground, settings):
    data = b"x" * (settings.max_file_bytes + 1)
    assert (await send(http, text="see", files=[("big.bin", data, "")])).status_code == 202
    assert playground.bot.messages[0].message.attachments == (
        Attachment(handle="", name="big.bin", media_type="application/octet-stream", size_bytes=len(data)),
    )
    [shown] = await messages(http)
    assert (shown["files"][0]["url"], shown["files"][0]["size"]) == (None, len(data))


async def test_a_request_over_the_limit_is_refused_in_the_readers_language(http, playground, settings):
    data = b"x" * (settings.max_request_bytes + 1)
    response = await send(http, text="see", files=[("big.bin", data, "")], headers=ZH)
    assert response.status_code == 413
    assert "超过" in error_of(response)
    assert (playground.bot.events, await messages(http)) == ([], [])


async def test_a_request_of_unknown_length_is_cut_off_at_the_limit(http, playground):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(1000):
            sent += 1
            yield b"x" * 10_000
            await asyncio.sleep(0)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    try:
        response = await http.post("/api/threads/t1/messages", content=endless(), headers=headers)
        assert response.status_code == 413
    except (httpx.WriteError, httpx.ReadError):
        assert sent < 1000  # the server hung up on us, which says the same
    assert playground.bot.events == []


@pytest.mark.parametrize(
    ("fields", "files", "status", "words"),
    [
        ({"text": "x" * 501}, 0, 413, "500 characters"),
        ({"text": "x"}, 4, 413, "3 files"),
        ({"text": "x", "client_id": "nonsense"}, 0, 400, "UUID"),
    ],
)
async def test_what_is_too_much_or_malformed_is_refused_with_a_sentence(
    http, playground, fields, files, status, words
):
    response = await send(http, files=[("a", b"a", "")] * files, **fields)
    assert response.status_code == status
    assert words in error_of(response)
    assert playground.bot.events == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b"--b\r\nbroken", b'{"text": "hello"}'])
async def test_a_broken_form_is_refused(http, playground, body):
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await http.post("/api/threads/t1/messages", content=body, headers=headers)
    assert response.status_code == 400
    assert playground.bot.events == []


@pytest.mark.parametrize("path", ["", "/events", "/messages", "/messages/r1/actions"])
async def test_a_bad_thread_name_is_refused_in_the_readers_language(http, path):
    method = "POST" if "messages" in path else "GET"
    response = await http.request(method, f"/api/threads/a%7Bb%7D{path}", headers=ZH)
    assert response.status_code == 400
    assert "会话名" in error_of(response)
    assert "letters" in error_of(await http.request(method, f"/api/threads/{'x' * 65}{path}"))


async def test_a_message_sent_again_under_its_client_id_is_one_message(http, playground):
    client_id = str(uuid.uuid4())
    for _ in range(2):
        await send(http, text="hello", client_id=client_id, files=[("cat.png", PNG, "image/png")])
    assert len(await messages(http)) == 1
    first, second = playground.bot.messages
    assert first == second
    assert len(await playground.redis.keys("*:file")) == 1


async def test_a_bot_that_cannot_take_it_leaves_a_message_that_can_be_sent_again(http, playground):
    client_id = str(uuid.uuid4())
    playground.bot.failure = StoreUnavailable()
    response = await send(http, text="hello", client_id=client_id, headers=ZH)
    assert response.status_code == 503
    assert "稍后再试" in error_of(response)
    [shown] = await messages(http)
    assert (shown["markdown"], shown["outcome"], shown["is_final"]) == ("hello", "failed", False)

    playground.bot.failure = None
    assert (await send(http, text="hello", client_id=client_id)).status_code == 202
    [shown] = await messages(http)
    assert (shown["outcome"], shown["is_final"]) == (None, True)
    assert len({event.message.action_id for event in playground.bot.messages}) == 1


async def test_a_message_that_could_not_be_stored_does_not_reach_the_bot(http, playground, redis_server):
    redis_server.freeze()
    await playground.redis.connection_pool.disconnect()
    try:
        response = await send(http, text="hello")
    finally:
        redis_server.thaw()
    assert response.status_code == 503
    assert playground.bot.events == []


async def test_a_client_cannot_overwrite_an_answer(http, playground):
    reply_id = uuid.uuid4().hex
    await playground.reply("t1", reply_id).finish("true words")
    assert (await send(http, text="lies", client_id=reply_id)).status_code == 400
    [shown] = await messages(http)
    assert shown["markdown"] == "true words"


async def act(http: httpx.AsyncClient, message_id: str, body: object, thread: str = "t1") -> httpx.Response:
    return await http.post(f"/api/threads/{thread}/messages/{message_id}/actions", json=body)


async def test_a_pressed_button_reaches_the_bot(http, playground):
    await playground.reply("t1", "web:local:t1:m1").open()
    press_id = uuid.uuid4().hex
    body = {"action": "stop", "user": "ann", "client_id": press_id}
    assert (await act(http, "web:local:t1:m1", body)).status_code == 202
    [press] = playground.bot.presses
    assert (press.action, press.reply_id, press.press_id) == ("stop", "web:local:t1:m1", press_id)
    assert press.sender.user_id == "ann"


async def test_a_press_on_what_is_not_there_or_not_known_is_refused(http, playground):
    await playground.reply("t1").open()
    question = (await send(http, text="hello")).json()["message_id"]
    playground.bot.events.clear()
    assert (await act(http, "nobody", {"action": "stop"})).status_code == 404
    assert (await act(http, "r1", {"action": "stop"}, thread="t2")).status_code == 404
    assert (await act(http, question, {"action": "stop"})).status_code == 404
    assert (await act(http, "r1", {"action": "explode"})).status_code == 400
    assert (await act(http, "r1", ["stop"])).status_code == 400
    assert (await act(http, "r1", {"action": "stop", "x": "x" * 20_000})).status_code == 413
    assert playground.bot.events == []


async def test_a_press_the_bot_cannot_take_is_an_honest_503(http, playground):
    await playground.reply("t1").open()
    playground.bot.failure = PlatformUnavailable()
    response = await act(http, "r1", {"action": "stop"})
    assert response.status_code == 503
    assert "try again" in error_of(response)


async def test_posts_from_other_sites_are_refused(http, playground):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await send(http, text="hello", headers=headers)).status_code == 403
    assert (await send(http, text="hello", headers={"Origin": playground.url})).status_code == 202
    assert len(playground.bot.events) == 1


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.svg", "image/svg+xml"), ("a.html", "text/html"), ("报告.pdf", "application/pdf")],
)
async def test_a_file_that_could_run_is_only_downloaded(http, name, media_type):
    await send(http, text="see", files=[(name, b"<script>alert(1)</script>", media_type)])
    [shown] = await messages(http)
    file = await http.get(shown["files"][0]["url"])
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]


async def test_a_painted_picture_is_shown_inline(http, playground):
    reply = playground.reply("t1")
    picture = PaintedPicture(PNG, "image/png", 10, 20)
    painted = await playground.platform.uploader.upload(reply.conversation, picture, alt="a cat", key="j1")
    await reply.finish("", pictures=(painted,))
    [shown] = await messages(http)
    assert shown["images"] == [{"url": painted.handle, "alt": "a cat", "width": 10, "height": 20}]
    file = await http.get(painted.handle)
    assert file.headers["content-disposition"].startswith("inline")
    assert file.content == PNG


async def test_a_file_that_is_not_there_is_said_so(http):
    response = await http.get("/api/files/nothing", headers=ZH)
    assert response.status_code == 404
    assert "不存在" in error_of(response)


async def test_the_page_comes_with_a_strict_policy_and_is_fetched_once(http):
    page = await http.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    again = await http.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_assets_have_their_types_and_nothing_else_is_served(http):
    types = {"app.js": "text/javascript", "tokens.css": "text/css", "icon.svg": "image/svg+xml"}
    for name, media_type in types.items():
        assert (await http.get(f"/static/{name}")).headers["content-type"].startswith(media_type)
    for path in ("/static/nothing.js", "/static/../store.py", "/static/..%2fstore.py", "/static/"):
        assert (await http.get(path)).status_code == 404


async def test_an_unforeseen_failure_leaves_a_message_that_can_be_sent_again(http, playground):
    client_id = uuid.uuid4().hex
    playground.bot.failure = ZeroDivisionError()
    assert (await send(http, text="hello", client_id=client_id)).status_code == 500
    [shown] = await messages(http)
    assert shown["outcome"] == "failed"
