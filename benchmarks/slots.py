"""How full the slots are kept, and how fairly: ``python -m benchmarks.slots``.

One heavy user asks 900 questions at once, then 100 light users ask one each; every answer takes the model
0.2 to 1.0 s, and the account allows 30 in flight. Two worker processes, Redis (append-only file, synced at
every write) and simulated GLM are real. The ideal is the sum of the model's own times divided by 30; since no
job is left to fill the other slots while the last ones end, even a perfect line needs about 1.02 of it.
"""

import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from adapters.celery.app import create_app
from adapters.celery.doorbell import CeleryDoorbell
from adapters.redis.connection import open_redis
from adapters.redis.line import RedisIntake, RedisKeeper
from adapters.redis.scripts import LineScripts
from adapters.redis.settings import LineSettings, RedisSettings
from bots.jobs import Job
from tests.e2e.glimmer import Glimmer
from tests.fakes.jobs import make_job

MODEL = "glm-4.7-flash"
SLOTS, HEAVY, LIGHT, WORKERS = 30, 900, 100, 2
CHUNKS = 6
PATIENCE_SECONDS = 120.0


def jobs() -> list[tuple[Job, float]]:
    """Make the questions with the model's own time for each, in seconds."""
    dice = random.Random(1)
    made: list[tuple[Job, float]] = []
    for number in range(HEAVY + LIGHT):
        seconds = round(dice.uniform(0.2, 1.0), 3)
        user = "heavy" if number < HEAVY else f"light{number}"
        text = f"[[sim:seconds={seconds}]] [[sim:chunks={CHUNKS}]] [[sim:chars=300]] {user} {number}"
        made.append((make_job(f"m{number}", user=user, model=MODEL, text=text, thread=f"t{number}"), seconds))
    return made


async def run(directory: Path) -> None:
    """Run once and print the figures."""
    glimmer = Glimmer(
        directory,
        ("--pace", "1", "--limit", f"{MODEL}={SLOTS}", "--requests-kept", "2000"),
        {"GLM_CONCURRENCY": f'{{"{MODEL}": {SLOTS}}}'},
    )
    try:
        await glimmer.start(workers=0)
        for _ in range(WORKERS):
            await glimmer.start_worker()
        await measure(glimmer)
    finally:
        glimmer.stop()


async def measure(glimmer: Glimmer) -> None:
    """Put all questions in line, wait until all are answered, and judge by the model's own books."""
    work = jobs()
    doorbell = CeleryDoorbell(create_app(glimmer.redis.url, socket_timeout=1))
    async with open_redis(RedisSettings(url=glimmer.redis.url), socket_timeout=5) as redis:
        scripts = LineScripts(redis, LineSettings())
        intake, keeper = RedisIntake(scripts), RedisKeeper(scripts)
        began = time.time()
        for job, _ in work:
            await doorbell.ring((await intake.accept(job)).grants)
        accepted = time.time()
        records = await _until_all_answered(glimmer, len(work))
        status = await keeper.status()
    doorbell.close()
    report(work, records, began, accepted, await glimmer.stats())
    assert all(lane.waiting == 0 for lane in status)


async def _until_all_answered(glimmer: Glimmer, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (await glimmer.stats())["completed"] < count:
        assert time.monotonic() < deadline, f"not all answered:\n{glimmer.logs[-4000:]}"
        await asyncio.sleep(0.5)
    return await glimmer.requests()


def report(
    work: list[tuple[Job, float]],
    records: list[dict[str, Any]],
    began: float,
    accepted: float,
    stats: dict[str, Any],
) -> None:
    """Print what was measured beside what was aimed at."""
    done = sorted(records, key=lambda record: record["ended_at"])
    makespan = done[-1]["ended_at"] - began
    ideal = sum(seconds for _, seconds in work) / SLOTS
    light = [record for record in done if "]] light" in record["user_text"]]
    heavy = [record for record in done if "]] heavy" in record["user_text"]]
    waits = sorted(record["started_at"] - began for record in light)
    light_done, quarter = light[-1]["ended_at"] - began, heavy[HEAVY // 4 - 1]["ended_at"] - began
    in_flight = stats["peak"].get(f"demo/{MODEL}")
    once = len(records) == len(work)
    print(f"jobs                      {len(done)} of {len(work)} answered, each once: {once}")
    print(f"accepting them all        {accepted - began:.2f} s")
    print(f"makespan / ideal          {makespan / ideal:.3f} ({makespan:.2f} s / {ideal:.2f} s; aim <= 1.05)")
    print(f"peak in flight            {in_flight} (aim = {SLOTS})")
    print(f"1302 refusals             {stats['refusals'].get('1302', 0)} (aim 0)")
    print(f"light users' wait         p50 {statistics.median(waits):.2f} s, max {waits[-1]:.2f} s")
    print(f"last light user answered  {light_done:.2f} s; heavy user a quarter through: {quarter:.2f} s")


def main() -> None:
    """Run on a directory that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="glimmer-bench-", ignore_cleanup_errors=True) as directory:
        asyncio.run(run(Path(directory)))


if __name__ == "__main__":
    main()
