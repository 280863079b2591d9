"""The thread as server-sent events: nothing lost, nothing out of order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from adapters.platforms.web import WebSettings
from tests.integration.web.playground import serve, until
from tests.processes import RedisServer

pytestmark = pytest.mark.redis


class Reader:
    """What a reader of one stream has seen."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = []
        self.comments = 0
        self.has_ended = False

    def revisions(self, message_id: str = "r1") -> list[int]:
        return [state["revision"] for state in self.states if state["id"] == message_id]

    async def read(self, response: httpx.Response) -> None:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                self.states.append(json.loads(line.removeprefix("data: ")))
            elif line.startswith(":"):
                self.comments += 1
        self.has_ended = True


@asynccontextmanager
async def reading(http: httpx.AsyncClient, thread: str = "t1") -> AsyncIterator[Reader]:
    async with http.stream("GET", f"/api/threads/{thread}/events", timeout=30) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        reader = Reader()
        task = asyncio.create_task(reader.read(response))
        try:
            yield reader
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_a_reader_gets_what_is_there_and_then_each_change(http, playground):
    reply = playground.reply("t1")
    await reply.show("one")
    async with reading(http) as reader:
        await until(lambda: reader.revisions() == [1])
        await reply.show("one two")
        await until(lambda: reader.revisions() == [1, 2])
        await reply.finish("one two three")
        await until(lambda: len(reader.states) == 3)
    last = reader.states[-1]
    assert (last["markdown"], last["is_final"], last["buttons"]) == (
        "one two three", True, ["regenerate", "like", "dislike"],
    )  # fmt: skip


async def test_a_reader_hears_of_its_own_thread_only(http, playground):
    async with reading(http, "t1") as reader:
        await playground.reply("t2", "other").finish("elsewhere")
        await playground.reply("t1", "mine").finish("here")
        await until(lambda: reader.states)
    assert {state["id"] for state in reader.states} == {"mine"}


async def test_readers_that_come_while_text_grows_end_with_all_of_it_in_order(http, playground):
    reply = playground.reply("t1")

    seen: list[list[int]] = []

    async def write() -> None:
        for number in range(150):
            await reply.show("x" * number)
        await reply.finish("done")

    async def follow() -> None:
        async with reading(http) as reader:
            await until(lambda: reader.states and reader.states[-1]["is_final"])
            seen.append(reader.revisions())

    await asyncio.gather(*(follow() for _ in range(8)), write())
    assert len(seen) == 8
    for revisions in seen:
        assert revisions == sorted(revisions)
        assert revisions[-1] == 151


async def test_all_readers_share_one_connection_to_redis(http, playground, redis):
    async with reading(http, "t1") as one, reading(http, "t2") as two, reading(http, "t1") as three:
        for thread in ("t1", "t2"):
            await playground.reply(thread).finish("hello")
        await until(lambda: one.states and two.states and three.states)
        subscribed = [client for client in await redis.client_list() if int(client["psub"])]
        assert len(subscribed) == 1


async def test_a_silent_stream_is_kept_alive(redis):
    async with (
        serve(redis, WebSettings(keep_alive_seconds=0.05)) as playground,
        httpx.AsyncClient(base_url=playground.url, trust_env=False) as http,
        reading(http) as reader,
    ):
        await until(lambda: reader.comments >= 3)


async def test_a_stream_ends_at_once_when_the_process_is_told_to_stop(http, playground):
    async with reading(http) as reader:
        await playground.reply("t1").finish("hello")
        await until(lambda: reader.states)
        await playground.hub.close()
        await until(lambda: reader.has_ended, timeout=2)
    async with reading(http) as late:
        await until(lambda: late.has_ended, timeout=2)


async def test_readers_survive_a_redis_that_was_killed_and_came_back(tmp_path):
    """What is written before the new subscription stands comes with the snapshot after it."""
    server = RedisServer(tmp_path / "data")
    server.start()
    client = Redis.from_url(server.url, socket_timeout=5)
    try:
        async with (
            serve(client, WebSettings()) as playground,
            httpx.AsyncClient(base_url=playground.url, trust_env=False) as http,
            reading(http) as reader,
        ):
            reply = playground.reply("t1")
            await reply.show("before")
            await until(lambda: reader.states)
            server.kill9()
            server.start()
            await client.connection_pool.disconnect()
            await reply.show("meanwhile")
            await until(lambda: reader.states[-1]["markdown"] == "meanwhile")
            await reply.finish("after")
            await until(lambda: reader.states[-1]["markdown"] == "after")
            assert reader.revisions() == sorted(reader.revisions())
    finally:
        await client.aclose()
        server.discard()


async def test_a_stream_without_redis_is_an_honest_503(tmp_path):
    client = Redis(unix_socket_path=str(tmp_path / "nobody.sock"))
    async with (
        serve(client, WebSettings()) as playground,
        httpx.AsyncClient(base_url=playground.url, trust_env=False) as http,
    ):
        response = await http.get("/api/threads/t1/events")
        assert response.status_code == 503
        assert "try again" in response.json()["error"]["message"]
    await client.aclose()
