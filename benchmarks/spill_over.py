"""What spill-over is worth: ``python -m benchmarks.spill_over``.

Twenty people send 200 questions at once through the playground to an account at tier V0: 60 in words, 130
with one to five pictures, and 10 with six, which one model of the route takes and the other does not. Every
answer takes its model 0.4 s, whichever it is; gateway, two workers, Redis and simulated GLM are real. The
same is done with spill-over and without. The simulator refuses with 1302 what exceeds the account's limits,
and with 1210 what a model cannot take.
"""

import asyncio
import io
import random
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests.e2e.glimmer import Glimmer
from tests.e2e.playground import Playground

WORDS, PICTURES, MANY_PICTURES, PEOPLE, WORKERS = 60, 130, 10, 20, 2
ANSWER_SECONDS = 0.4
PATIENCE_SECONDS = 300.0
SENT_AT_ONCE = 8


@dataclass(frozen=True)
class Question:
    """One question with its number of pictures."""

    number: int
    pictures: int

    @property
    def text(self) -> str:
        """Word it so that the simulator's record of it can be found again."""
        return f"[[sim:seconds={ANSWER_SECONDS}]] [[sim:chunks=4]] [[sim:chars=200]] Question {self.number}"


@dataclass(frozen=True)
class Result:
    """One run's measures in seconds, and its counts."""

    makespan: float
    makespan_pictures: float
    mean_wait: float
    mean_wait_pictures: float
    answered: int
    shares: Counter[str]
    refusals: dict[str, int]
    peak: dict[str, int]


def questions() -> list[Question]:
    """Mix the questions, the same way each time."""
    dice = random.Random(1)
    counts = [0] * WORDS + [dice.randint(1, 5) for _ in range(PICTURES)] + [6] * MANY_PICTURES
    dice.shuffle(counts)
    return [Question(number, count) for number, count in enumerate(counts)]


def picture(number: int) -> bytes:
    """Paint a small square, each of another colour."""
    out = io.BytesIO()
    colour = (number * 37 % 256, number * 91 % 256, number * 151 % 256)
    Image.new("RGB", (64, 64), colour).save(out, "PNG")
    return out.getvalue()


async def run(directory: Path, *, spill_over: bool) -> Result:
    """Ask everything once and read the model's own books."""
    settings = {"LINE_SPILL_OVER": str(spill_over).lower(), "GLM_TIER": "V0"}
    glimmer = Glimmer(directory, ("--pace", "1"), settings)
    try:
        await glimmer.start(workers=WORKERS)
        asked = questions()
        began = time.time()
        sent = await _send(glimmer, asked)
        records = await _until_all_answered(glimmer, len(asked))
        return _measure(asked, records, sent, began, await glimmer.stats())
    finally:
        glimmer.stop()


async def _send(glimmer: Glimmer, asked: list[Question]) -> dict[int, float]:
    """Send each question in a thread of its own; tell when."""
    person, sent = Playground(glimmer.url), {}
    gate = asyncio.Semaphore(SENT_AT_ONCE)

    async def send(question: Question) -> None:
        files = [(f"{n}.png", picture(question.number + n), "image/png") for n in range(question.pictures)]
        async with gate:
            user = f"user{question.number % PEOPLE}"
            await person.send(f"t{question.number}", question.text, files=files, user=user)
            sent[question.number] = time.time()

    await asyncio.gather(*map(send, asked))
    await person.close()
    return sent


async def _until_all_answered(glimmer: Glimmer, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (await glimmer.stats())["completed"] < count:
        assert time.monotonic() < deadline, f"not all answered:\n{glimmer.logs[-4000:]}"
        await asyncio.sleep(0.5)
    return await glimmer.requests()


def _measure(
    asked: list[Question],
    records: list[dict[str, Any]],
    sent: dict[int, float],
    began: float,
    stats: dict[str, Any],
) -> Result:
    done = {
        int(one["user_text"].rpartition("Question ")[2]): one
        for one in records
        if one["outcome"] == "completed"
    }
    with_pictures = [question.number for question in asked if question.pictures]
    waits = {number: max(0.0, done[number]["started_at"] - sent[number]) for number in done}
    return Result(
        makespan=max(one["ended_at"] for one in done.values()) - began,
        makespan_pictures=max(done[number]["ended_at"] for number in with_pictures) - began,
        mean_wait=statistics.mean(waits.values()),
        mean_wait_pictures=statistics.mean(waits[number] for number in with_pictures),
        answered=len(done),
        shares=Counter(one["model"] for one in done.values()),
        refusals=stats["refusals"],
        peak=stats["peak"],
    )


def report(on: Result, off: Result) -> None:
    """Print both runs side by side."""
    print(f"{'':34}{'spill-over on':>16}{'off':>12}")
    rows = (
        ("answered, each once", f"{on.answered}", f"{off.answered}"),
        ("makespan, all", f"{on.makespan:.1f} s", f"{off.makespan:.1f} s"),
        ("makespan, pictures", f"{on.makespan_pictures:.1f} s", f"{off.makespan_pictures:.1f} s"),
        ("mean wait, all", f"{on.mean_wait:.1f} s", f"{off.mean_wait:.1f} s"),
        ("mean wait, pictures", f"{on.mean_wait_pictures:.1f} s", f"{off.mean_wait_pictures:.1f} s"),
        ("1302 refusals", f"{on.refusals.get('1302', 0)}", f"{off.refusals.get('1302', 0)}"),
        ("other refusals", f"{_others(on)}", f"{_others(off)}"),
    )
    for name, first, second in rows:
        print(f"{name:34}{first:>16}{second:>12}")
    for model in sorted({*on.shares, *off.shares}):
        shares = [f"{result.shares[model] / max(1, result.answered):.0%}" for result in (on, off)]
        print(f"{'answered by ' + model:34}{shares[0]:>16}{shares[1]:>12}")
    print(f"pictures {off.makespan_pictures / on.makespan_pictures:.1f} times as fast (aim >= 3)")
    print(f"peak in flight with spill-over: {on.peak}")


def _others(result: Result) -> int:
    return sum(count for code, count in result.refusals.items() if code != "1302")


async def compare(directory: Path) -> None:
    """Run with and without."""
    for name in ("on", "off"):
        (directory / name).mkdir()
    on = await run(directory / "on", spill_over=True)
    report(on, await run(directory / "off", spill_over=False))


def main() -> None:
    """Run on a directory that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="glimmer-bench-", ignore_cleanup_errors=True) as directory:
        asyncio.run(compare(Path(directory)))


if __name__ == "__main__":
    main()
