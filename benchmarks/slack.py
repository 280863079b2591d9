"""How quickly Slack's people see something, and what it costs: ``python -m benchmarks.slack``.

Gateway, two workers, Redis, simulated GLM and simulated Slack (real tiers) are processes of their own.
Measured: event to acknowledgement at 100 events a second, one in ten a question; question to first sign of
life (the thread's status); first token sent by the model to text visible in Slack, one question at a time;
calls of Slack's API per answer.
What the budget forces stands beside it: with N streams open, each may be appended to every 60 N / 90 seconds.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.glimmer import Glimmer
from tests.processes import ChildProcess, free_port

MODEL = "glm-4.7-flash"
EVENTS, PER_SECOND = 300, 100
QUESTIONS = 10
AT_ONCE = 15
BOT, ALICE = "U0GLIMMERB", "U0ALICE001"


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[tuple[Glimmer, httpx.AsyncClient]]:
    """Start everything."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-simulated-bot",
        "SLACK_APP_TOKEN": "xapp-simulated-app",
        "SLACK_API_URL": f"{url}/api/",
        "GLM_CONCURRENCY": json.dumps({MODEL: AT_ONCE}),
    }
    glimmer = Glimmer(directory, ("--pace", "0", "--limit", f"{MODEL}={AT_ONCE}"), settings)
    program = [sys.executable, "-m", "simulators.slack", "--port", str(port)]
    slack = ChildProcess(program, log_path=directory / "slack.log")
    async with httpx.AsyncClient(base_url=url, timeout=40, trust_env=False) as http:
        try:
            await until(lambda: answers(http))
            await glimmer.start(workers=2)
            yield glimmer, http
        finally:
            glimmer.stop()
            slack.kill9()


async def answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/_sim/counts")).is_success
    except httpx.TransportError:
        return False


async def until(look: Any, seconds: float = 60.0) -> Any:
    """Look until there is something."""
    deadline = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return found


async def act(http: httpx.AsyncClient, text: str, channel: str = "general", *, mention: bool = True) -> str:
    body = {"text": text, "channel": channel, "mention": mention}
    return str((await http.post("/_sim/act/message", json=body)).json()["ts"])


async def see(http: httpx.AsyncClient, path: str, **query: str) -> dict[str, Any]:
    return dict((await http.get(f"/_sim/{path}", params=query)).json())


async def finished(http: httpx.AsyncClient, thread: str) -> dict[str, Any] | None:
    messages = (await see(http, "messages", thread_ts=thread, author="bot"))["messages"]
    return next((one for one in messages if "glimmer:regenerate" in str(one["blocks"])), None)


async def measure_acknowledgement(http: httpx.AsyncClient) -> None:
    """Have people talk, and mention the bot now and then, at a steady pace."""
    began = time.monotonic()
    said = []
    for number in range(EVENTS):
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        text = f"[[sim:chars=40]] chatter {number}"
        said.append(asyncio.create_task(act(http, text, mention=number % 10 == 0)))
    await asyncio.gather(*said)
    rate = EVENTS / (time.monotonic() - began)

    async def settled() -> bool:
        return all(one["settled"] for one in (await see(http, "deliveries"))["deliveries"])

    await until(settled)
    deliveries = (await see(http, "deliveries"))["deliveries"]
    times = sorted(one["attempts"][0]["ack_seconds"] for one in deliveries if one["attempts"])
    print(f"event to acknowledgement at {rate:.0f}/s: {quantiles(times)}")


async def measure_questions(http: httpx.AsyncClient) -> None:
    """Ask one question at a time on an idle budget."""
    clock_offset = time.time() - time.monotonic()
    signs, visible = [], []
    for number in range(QUESTIONS):
        asked_at = time.time()
        text = f"[[sim:stamps]] [[sim:chunks=20]] [[sim:seconds=1]] Question {number}"
        thread = await act(http, text)
        reply = await until(lambda thread=thread: finished(http, thread))
        calls = (await see(http, "calls", method="assistant.threads.setStatus"))["calls"]
        signs.append(min(call["at"] for call in calls if call["arguments"]["thread_ts"] == thread) - asked_at)
        first = next(one for one in reply["revisions"] if any(part.isdigit() for part in one["text"].split()))
        sent_at = int(next(part for part in first["text"].split() if part.isdigit())) / 1e9 + clock_offset
        visible.append(first["at"] - sent_at)
    print(f"question to first sign of life: {quantiles(sorted(signs))}")
    print(f"first token to text visible: {quantiles(sorted(visible))}")


async def measure_calls(http: httpx.AsyncClient) -> None:
    """Ask many at once and count."""
    before = len((await see(http, "calls"))["calls"])
    questions = [f"[[sim:seconds=10]] [[sim:chars=900]] Many {number}" for number in range(AT_ONCE)]
    threads = await asyncio.gather(*(act(http, question) for question in questions))
    await asyncio.gather(*(until(lambda one=one: finished(http, one)) for one in threads))
    calls = (await see(http, "calls"))["calls"][before:]
    refused = sum(call["outcome"] == "ratelimited" for call in calls)
    print(
        f"calls per answer, {AT_ONCE} answers of 10 s at once: {len(calls) / AT_ONCE:.1f}, refused {refused}"
    )
    appends = [call for call in calls if call["method"] == "chat.appendStream"]
    bound = 60 * AT_ONCE / 90
    print(f"appends per stream: {len(appends) / AT_ONCE:.1f}; the budget allows one every {bound:.0f} s")


def quantiles(times: list[float]) -> str:
    """Word a distribution in milliseconds."""
    last = len(times) - 1
    p95, p99 = times[round(0.95 * last)], times[round(0.99 * last)]
    return (
        f"p50 {1000 * statistics.median(times):.0f} ms, p95 {1000 * p95:.0f} ms, p99 {1000 * p99:.0f} ms"
        f" of {len(times)}"
    )


async def run(directory: Path) -> None:
    """Run all and print the figures."""
    async with opened(directory) as (_, http):
        await measure_questions(http)
        await measure_acknowledgement(http)
        await asyncio.sleep(62)  # a fresh minute for the budget
        await measure_calls(http)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
