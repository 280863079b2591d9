"""Events over Lark's long connection, with its own client in a thread of ours."""

import asyncio
import threading

import pytest

from adapters.clock import SystemClock
from adapters.platforms.lark.long_connection import LongConnection, Patience
from adapters.platforms.lark.settings import LarkSettings
from simulators.lark.app import create_app
from simulators.lark.config import DEFAULT_EVENTS, Config
from simulators.serving import serve
from tests.integration.lark.hearing import Lark, open_scene, until

pytestmark = pytest.mark.redis


async def test_a_question_is_heard_and_acknowledged(redis_url: str):
    async with open_scene(redis_url) as scene:
        sent = await scene.lark.send("hello")
        await until(lambda: scene.heard.messages)
        await scene.lark.until_acknowledged(sent["event_id"])

    assert [message.text for message in scene.heard.messages] == ["hello"]
    assert scene.heard.messages[0].message_id == sent["message_id"]


async def test_an_event_in_fragments_is_put_together(redis_url: str):
    async with open_scene(redis_url) as scene:
        sent = await scene.lark.send("很长 " * 5000, manner={"fragments": 7})
        await scene.lark.until_acknowledged(sent["event_id"])

    assert scene.heard.messages[0].text == ("很长 " * 5000).strip()


async def test_what_is_not_kept_is_not_acknowledged_and_comes_again(redis_url: str):
    async with open_scene(redis_url, retry_delays=(0.2, 0.2)) as scene:
        scene.heard.refusals = 1
        sent = await scene.lark.send("hello")
        await until(lambda: scene.heard.messages)
        await scene.lark.until_acknowledged(sent["event_id"])
        delivery = await scene.lark.delivery(sent["event_id"])

    assert [receipt["code"] for receipt in delivery["receipts"]] == [500, 200]


async def test_every_subscribed_event_is_acknowledged(redis_url: str):
    new = "im.message.unheard_of_v9"
    async with open_scene(redis_url, events=DEFAULT_EVENTS | {new}) as scene:
        sent = await scene.lark.send("hello")
        await scene.lark.act("react", message_id=sent["message_id"])
        await scene.lark.act("recall", message_id=sent["message_id"])
        await scene.lark.act("menu", event_key="something else")
        await scene.lark.act("enter", name="Bob")
        await scene.lark.act("chats", name="Design", has_bot=False)
        await scene.lark.act("chats", name="Design", has_bot=True)
        await scene.lark.act("events", event_type=new, event={})

        async def are_all_acknowledged() -> bool:
            found = (await scene.lark.see("deliveries"))["deliveries"]
            return len(found) >= 8 and all(one["state"] == "acknowledged" for one in found)

        await until(are_all_acknowledged)


async def test_one_slow_event_does_not_hold_up_the_next(redis_url: str):
    async with open_scene(redis_url) as scene:
        gate = asyncio.Event()
        scene.heard.gates.append(gate)
        await scene.lark.send("first")
        await until(lambda: not scene.heard.gates)
        second = await scene.lark.send("second")
        await scene.lark.until_acknowledged(second["event_id"])
        gate.set()
        await until(lambda: len(scene.heard.messages) == 2)

    assert [message.text for message in scene.heard.messages] == ["second", "first"]


async def test_a_connection_that_is_refused_once_while_reconnecting_comes_back(redis_url: str):
    """Lark's client ends here for ever, and looks healthy (facts: code 1000040350)."""
    async with open_scene(redis_url, reconnect_nonce=0) as scene:
        await scene.lark.act("faults", endpoint="ws.endpoint", kind="refuse", code=1000040350, count=1)
        await scene.lark.act("connections", action="drop")
        await until(scene.hearing.problem)
        assert "1000040350" in scene.hearing.problem()
        await until(lambda: not scene.hearing.problem())
        await scene.lark.send("are you there?")
        await until(lambda: scene.heard.messages)


async def test_a_connection_that_is_open_but_dead_is_replaced():
    heard = []

    async def receive(event):
        heard.append(event)

    config = Config()
    patience = Patience(look_every=0.05, without_sign_of_life=1.0, first_retry=0.05)
    with serve(create_app(config)) as url:
        settings = LarkSettings(
            _env_file=None, app_id=config.app_id, app_secret=config.app_secret, domain=url
        )
        connection = LongConnection(settings, receive, SystemClock(), patience)
        listening = asyncio.create_task(connection.listen())
        async with Lark.open(url, config) as lark:
            await until(lambda: not connection.problem())
            await lark.act("connections", action="silence")
            await until(lambda: "silent" in connection.problem())
            await until(lambda: not connection.problem())
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert not connection_threads()


async def test_a_wrong_secret_is_told():
    config = Config()
    with serve(create_app(config)) as url:
        settings = LarkSettings(_env_file=None, app_id=config.app_id, app_secret="wrong", domain=url)

        async def receive(_):
            return None

        connection = LongConnection(settings, receive, SystemClock(), Patience(look_every=0.05))
        listening = asyncio.create_task(connection.listen())
        await until(lambda: connection.problem() != "connecting")
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert connection.problem()


async def test_a_listener_that_is_ended_at_once_leaves_nothing_behind():
    config = Config()

    async def receive(_):
        return None

    with serve(create_app(config)) as url:
        settings = LarkSettings(
            _env_file=None, app_id=config.app_id, app_secret=config.app_secret, domain=url
        )
        for steps in (1, 5, 50):
            listening = asyncio.create_task(LongConnection(settings, receive, SystemClock()).listen())
            for _ in range(steps):
                await asyncio.sleep(0)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await until(lambda: not connection_threads())


def connection_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("lark-connection")]
