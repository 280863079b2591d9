"""What a hundred answers at once cost: ``python -m benchmarks.streams``.

Part 1 puts the three ways to connect side by side in this process: 100 streams of 60 chunks over 6 s each,
the chunks stamped by the simulated GLM, so that the delay added to each chunk is known. Part 2 asks a whole
Glimmer (one worker process) 100 questions at once and weighs its processes. Part 3 asks it one at a time and
compares the first visible text with the model's first chunk.
"""

import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path

import httpx

from adapters.glm.client import open_glm
from adapters.glm.settings import GlmSettings
from adapters.glm.transport import TransportName
from bots.deltas import TextDelta
from bots.prompts import Prompt, Turn
from tests.e2e.glimmer import KEY, Glimmer
from tests.e2e.playground import Playground

MODEL = "glm-4.7-flash"
STREAMS, CHUNKS, SECONDS = 100, 60, 6
TEXT = f"[[sim:seconds={SECONDS}]] [[sim:chunks={CHUNKS}]] [[sim:stamps]] Question"
IDLE_QUESTIONS = 20
TRANSPORTS: tuple[TransportName, ...] = ("aiohttp", "per-stream", "shared")


def p(values: list[float], share: float) -> float:
    """Read a percentile, in milliseconds."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def compare_transports(glimmer: Glimmer) -> None:
    """Run the same streams over each transport, twice in turn."""
    settings = GlmSettings(api_key=KEY, base_url=f"{glimmer.simulator_url}/api/paas/v4")
    print(f"1. {STREAMS} streams of {CHUNKS} chunks in {SECONDS} s; delay added to a chunk, in ms")
    for _ in range(2):
        for transport in TRANSPORTS:
            delays: list[float] = []
            cpu = time.process_time()
            async with open_glm(settings, transport=transport) as client:
                await asyncio.gather(*(_stream(client, number, delays) for number in range(STREAMS)))
            cpu = 1000 * (time.process_time() - cpu) / STREAMS
            figures = f"p50 {p(delays, 0.5):6.1f}  p95 {p(delays, 0.95):6.1f}  p99 {p(delays, 0.99):6.1f}"
            print(f"   {transport:<10} {figures}   CPU {cpu:5.1f} ms per stream")


async def _stream(client: object, number: int, delays: list[float]) -> None:
    prompt = Prompt("default", MODEL, (Turn("user", f"{TEXT} {number}"),), f"bench-{number:06}", "bench-user")
    async with client.stream(prompt) as deltas:  # type: ignore[attr-defined] # GlmClient, over any transport
        async for delta in deltas:
            now = time.monotonic_ns()
            stamp = _last_stamp(delta.text) if isinstance(delta, TextDelta) else None
            delays += [(now - stamp) / 1e9] if stamp else []


def _last_stamp(text: str) -> int | None:
    words = text.split()
    return int(words[-1]) if words and words[-1].isdigit() else None


async def weigh(glimmer: Glimmer) -> None:
    """Ask 100 questions at once and read what the processes used."""
    worker = glimmer.workers[0].pid
    person = Playground(glimmer.url)
    lags: list[float] = []
    before = _cpu_seconds(worker)
    watching = [asyncio.create_task(_watch(glimmer, f"s{n}", lags)) for n in range(STREAMS)]
    await asyncio.sleep(1)
    for number in range(STREAMS):
        await person.send(f"s{number}", f"{TEXT} {number}", user=f"u{number}")
    await asyncio.sleep(SECONDS / 2)
    parts = {"worker": worker, "gateway": glimmer.gateway.pid, "redis": glimmer.redis.pid}
    sizes = {name: _megabytes(pid) for name, pid in parts.items()}
    await asyncio.wait_for(asyncio.gather(*watching), 60)
    cpu = 1000 * (_cpu_seconds(worker) - before) / STREAMS
    await person.close()
    print(f"2. {STREAMS} answers at once, one worker process, each watched in a page")
    print(f"   worker CPU            {cpu:.1f} ms per answer (aim <= 40)")
    print(f"   RSS                   {', '.join(f'{name} {size:.0f} MB' for name, size in sizes.items())}")
    print(f"   RSS together          {sum(sizes.values()):.0f} MB (aim <= 400; worker <= 150)")
    print(f"   newest chunk visible  p50 {p(lags, 0.5):.1f} ms, p95 {p(lags, 0.95):.1f} ms after it was sent")


async def _watch(glimmer: Glimmer, thread: str, lags: list[float]) -> None:
    async with (
        httpx.AsyncClient(base_url=glimmer.url, timeout=60, trust_env=False) as client,
        client.stream("GET", f"/api/threads/{thread}/events") as response,
    ):
        async for line in response.aiter_lines():
            if not line.startswith("data:"):
                continue
            now = time.monotonic_ns()
            state = json.loads(line[5:])
            if state["author"] == "bot" and state["is_final"]:
                return
            if state["author"] == "bot" and (stamp := _last_stamp(state["markdown"])):
                lags.append((now - stamp) / 1e9)


async def time_first_text(glimmer: Glimmer) -> None:
    """Ask one question at a time and time its first text."""
    person = Playground(glimmer.url)
    added: list[float] = []
    for number in range(IDLE_QUESTIONS):
        async with person.watch(f"i{number}") as watcher:
            await person.send(f"i{number}", f"[[sim:seconds=1]] [[sim:chunks=10]] [[sim:stamps]] {number}")
            await watcher.until(lambda it: any(reply["markdown"] for reply in it.replies.values()))
            now = time.monotonic_ns()
            first = next(state["markdown"] for state in watcher.history if state["markdown"][:1].isdigit())
            added.append((now - int(first.split()[0])) / 1e9)
            await watcher.final()
    await person.close()
    print(f"3. first text visible after the model's first chunk, idle, {IDLE_QUESTIONS} questions")
    print(f"   p50 {p(added, 0.5):.1f} ms, p95 {p(added, 0.95):.1f} ms (aim p95 <= 250)")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def run(directory: Path) -> None:
    """Run all three parts."""
    limits = f'{{"{MODEL}": {STREAMS}}}'
    glimmer = Glimmer(
        directory, ("--pace", "1", "--limit", f"{MODEL}={STREAMS}"), {"GLM_CONCURRENCY": limits}
    )
    try:
        await glimmer.start()
        await compare_transports(glimmer)
        await weigh(glimmer)
        await time_first_text(glimmer)
    finally:
        glimmer.stop()


def main() -> None:
    """Run on a directory that is thrown away."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with tempfile.TemporaryDirectory(prefix="glimmer-bench-", ignore_cleanup_errors=True) as directory:
        asyncio.run(run(Path(directory)))


if __name__ == "__main__":
    main()
