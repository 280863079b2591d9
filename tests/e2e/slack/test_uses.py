"""The uses of Glimmer in Slack, over sockets and over HTTP, with all the real processes."""

import asyncio
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.e2e.slack.conftest import SIGNING_SECRET, SlackGlimmer, StartInSlack, picture

pytestmark = pytest.mark.e2e


def markdown(reply: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in reply["blocks"] if block["type"] == "markdown")


async def test_a_mention_is_answered_in_its_thread(start_in_slack: StartInSlack, way: str):
    here = await start_in_slack(way)
    ts = await here.mention("What is a quorum? Show a table and code.")
    [reply] = await here.answers(ts)
    [request] = await here.glimmer.requests()
    counts = await here.all_acknowledged()
    assert request["user_text"] == "What is a quorum? Show a table and code."
    assert reply["thread_ts"] == ts
    assert markdown(reply).strip() == request["answer"].strip()
    assert (counts["unacked"], counts["retries"], counts["violations"]) == (0, 0, {})
    assert "accepted" in here.glimmer.logs
    for secret in ("quorum", "xoxb-", "xapp-", SIGNING_SECRET):
        assert secret not in here.glimmer.logs


async def test_a_picture_is_looked_at_in_a_direct_message(start_in_slack: StartInSlack, way: str):
    here = await start_in_slack(way, pace="0")
    sent = await here.act("message", text="What size is this picture?", files=[picture()])
    [reply] = await here.answers(sent["ts"])
    assert "640 × 480" in markdown(reply)


async def test_a_command_paints_into_the_thread_it_begins(start_in_slack: StartInSlack, way: str):
    here = await start_in_slack(way, pace="0")
    await here.act("slash", command="/imagine", text="a red fox in snow --size 1344x768", channel="general")

    async def asked() -> list[dict[str, Any]]:
        seen = await here.see("messages", channel="general", author="bot")
        return [one for one in seen["messages"] if one["thread_ts"] is None or one["thread_ts"] == one["ts"]]

    [question] = await here.until(asked)
    assert "a red fox in snow" in question["text"]

    await here.answers(question["ts"])
    [picture] = [file for one in await here.replies(question["ts"]) for file in one["files"]]
    assert (picture["mimetype"], picture["original_w"], picture["original_h"]) == ("image/png", 1344, 768)


async def test_a_reply_in_the_thread_needs_no_mention_and_knows_what_was_said(start_in_slack: StartInSlack):
    here = await start_in_slack(pace="0")
    ts = await here.mention("My name is Ada.")
    await here.answers(ts)
    await here.act("message", text="what did I say first?", channel="general", thread_ts=ts)
    [_, second] = await here.answers(ts, 2)
    assert "My name is Ada." in markdown(second)


async def test_a_message_with_a_picture_is_asked_about_by_its_shortcut(start_in_slack: StartInSlack):
    here = await start_in_slack(pace="0")
    shown = await here.act("message", text="look", channel="general", user="bob", files=[picture("blue")])
    await here.act("message_shortcut", channel="general", ts=shown["ts"], callback_id="glimmer_ask")

    async def modal() -> Any:
        views = (await here.see("state"))["workspaces"][0]["views"]
        return [one["view"] for one in views if one["kind"] == "modal"]

    [view] = await here.until(modal)
    field = {"entered": {"type": "plain_text_input", "value": "What size is this picture?"}}
    await here.act("submit_view", view_id=view["id"], values={"question": field})
    [reply] = await here.answers(shown["ts"])
    assert "640 × 480" in markdown(reply)


async def test_an_edited_question_is_answered_anew_in_the_same_message(start_in_slack: StartInSlack):
    here = await start_in_slack(pace="0")
    ts = await here.mention("[[sim:text=four]] two and two?")
    [first] = await here.answers(ts)
    bot = f"<@{(await here.see('state'))['workspaces'][0]['bot_user_id']}>"
    await here.act("edit", channel="general", ts=ts, text=f"{bot} [[sim:text=five]] two and three?")

    async def changed() -> list[dict[str, Any]]:
        return [one for one in await here.answers(ts) if "five" in markdown(one)]

    [second] = await here.until(changed)
    assert second["ts"] == first["ts"]
    assert "four" not in markdown(second)
    assert len(await here.replies(ts)) == 1


async def test_a_picture_is_painted_again_in_another_size(start_in_slack: StartInSlack):
    here = await start_in_slack(pace="0")
    sent = await here.act("message", text="/imagine a red fox")
    [reply] = await here.answers(sent["ts"])
    menus = [element for block in reply["blocks"] for element in block.get("elements", [])]
    [sizes] = [menu for menu in menus if menu.get("action_id") == "glimmer:resize"]
    wide = next(one["value"] for one in sizes["options"] if "1344x768" in one["value"])
    await here.act("press", ts=reply["ts"], action_id="glimmer:resize", value=wide)

    async def is_wide() -> bool:
        files = [file for one in await here.replies(sent["ts"]) for file in one["files"]]
        return any((file["original_w"], file["original_h"]) == (1344, 768) for file in files)

    await here.until(is_wide)


@pytest.mark.parametrize("by", ["slack", "deletion"])
async def test_an_answer_nobody_wants_any_more_ends(start_in_slack: StartInSlack, by: str):
    """By Slack's own Stop, and by deleting the question: the model's connection closes."""
    here = await start_in_slack()
    ts = await here.mention("[[sim:seconds=60]] tell me a long story")

    async def is_being_written() -> Any:
        return [one for one in await here.replies(ts) if len(one["visible_text"]) > 200]

    await here.until(is_being_written)
    if by == "slack":
        await here.act("stop", channel="general", thread_ts=ts)
    else:
        await here.act("delete", channel="general", ts=ts)

    async def has_left() -> bool:
        return [one["outcome"] for one in await here.glimmer.requests()] == ["disconnected"]

    await here.until(has_left, 10)


async def test_a_refused_question_is_explained_in_the_thread(start_in_slack: StartInSlack):
    here = await start_in_slack()
    ts = await here.mention("")
    await here.until(lambda: here.replies(ts))
    await here.all_acknowledged()
    [reply] = await here.replies(ts)
    assert reply["visible_text"]
    assert await here.glimmer.requests() == []


async def repeated(here: SlackGlimmer, number: int) -> None:
    """Have everything that was held sent three times, over both sockets, the last first."""
    held = (await here.see("deliveries"))["deliveries"]
    assert len(held) == number
    await here.post("deliveries/release", reverse=True)
    numbers = [socket["number"] for socket in (await here.see("sockets"))["sockets"]]
    assert len(numbers) == 2
    await asyncio.gather(
        *(here.post(f"deliveries/{one['id']}/replay", times=2, sockets=numbers) for one in held)
    )


async def test_every_event_three_times_over_two_sockets_is_answered_once(start_in_slack: StartInSlack):
    here = await start_in_slack(workers=2)
    await here.post("deliveries/hold")
    roots = [await here.mention(f"[[sim:text=answer {number}]] question {number}") for number in range(5)]
    await repeated(here, 10)
    for number, ts in enumerate(roots):
        [reply] = await here.answers(ts)
        assert f"answer {number}" in markdown(reply)
    counts = await here.all_acknowledged()
    assert len(await here.glimmer.requests()) == 5
    assert [len(await here.replies(ts)) for ts in roots] == [1] * 5
    assert counts["unacked"] == 0


async def test_what_comes_while_redis_is_away_is_answered_once_it_is_back(start_in_slack: StartInSlack):
    here = await start_in_slack()
    here.glimmer.redis.kill9()
    ts = await here.mention("[[sim:text=here]] are you there?")

    async def was_refused() -> bool:
        deliveries = (await here.see("deliveries"))["deliveries"]
        return all(one["attempts"] for one in deliveries)

    await here.until(was_refused)
    here.glimmer.redis.start()
    [reply] = await here.answers(ts, seconds=75)
    assert "here" in markdown(reply)


async def test_what_no_gateway_heard_is_answered_by_the_next(start_in_slack: StartInSlack):
    here = await start_in_slack()
    here.glimmer.gateway.kill9()
    ts = await here.mention("[[sim:text=here]] are you there?")

    async def nobody_heard() -> bool:
        return all(len(one["attempts"]) == 2 for one in (await here.see("deliveries"))["deliveries"])

    await here.until(nobody_heard)
    await here.glimmer.start_gateway()
    await here.post("clock", advance=61)  # Slack tries again after a minute
    [reply] = await here.answers(ts)
    assert "here" in markdown(reply)
    assert len(await here.glimmer.requests()) == 1


async def test_a_slow_slack_does_not_hold_up_the_acknowledgement(start_in_slack: StartInSlack):
    here = await start_in_slack()
    for method in ("assistant.threads.setStatus", "chat.startStream", "chat.postMessage"):
        await here.post("faults", method=method, kind="slow", seconds=5.0, count=1)
    ts = await here.mention("[[sim:text=here]] are you there?")
    [reply] = await here.answers(ts)
    counts = await here.all_acknowledged()
    assert "here" in markdown(reply)
    assert counts["ack_seconds"]["max"] < 1.5
    assert counts["retries"] == 0


async def test_a_workspace_that_installs_the_bot_is_answered_with_its_own_token(start_in_slack: StartInSlack):
    key = Fernet.generate_key().decode()
    here = await start_in_slack(
        SLACK_CLIENT_ID="1000.2000", SLACK_CLIENT_SECRET="simulated-client-secret", SLACK_TOKEN_KEY=key
    )
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        done = await browser.get(f"{here.glimmer.url}/slack/install")
    assert "installed" in done.text
    ts = await here.mention("[[sim:text=welcome]] hello", team="T0GLIMMER2")
    [reply] = await here.answers(ts)
    assert (reply["team"], markdown(reply)) == ("T0GLIMMER2", "welcome")
