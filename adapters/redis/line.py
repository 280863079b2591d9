"""Line and slots in Redis: the intake for gateways, the desk for workers, the upkeep for both."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.redis.connection import text_of, translated
from adapters.redis.scripts import LineScripts, milliseconds
from bots.drafts import Checkpoint, Outcome, Place
from bots.errors import LeaseLost
from bots.jobs import JOB, Job
from bots.line import (
    Acceptance,
    Grant,
    LaneStatus,
    Renewal,
    RequeueReason,
    SlotStatus,
    StartedJob,
    StoppedJob,
    SweepReport,
    WaitingJob,
    WaitingReply,
)

MOST_LISTED = 2000  # waiting jobs per lane whose place is shown; those behind see their first place


class RedisIntake:
    """JobIntake on Redis."""

    def __init__(self, scripts: LineScripts) -> None:
        self._scripts = scripts

    async def accept(self, job: Job) -> Acceptance:
        """Store and line up in one script, so that a crash leaves all of it or nothing."""
        body = JOB.dump_json(job).decode()
        answer = await self._scripts.call_json(
            "accept",
            job.job_id,
            job.reply_id,
            json.dumps(job.lanes),
            job.user_key,
            body,
            self._scripts.probe_ms,
        )
        place = _place(answer["position"], answer["mean"], answer["total"])
        return Acceptance(bool(answer["is_new"]), int(answer["token"]), place, _grants(answer))

    async def stop(self, reply_id: str) -> StoppedJob | None:
        """Take a waiting job out, or flag a running one for its worker."""
        answer = await self._scripts.call_json("stop", reply_id, self._scripts.record_ms)
        if not answer:
            return None
        return StoppedJob(
            job=JOB.validate_json(answer["body"]),
            was_waiting=bool(answer["was_waiting"]),
            token=int(answer["token"]),
            checkpoint=_checkpoint(answer),
        )

    async def find(self, reply_id: str) -> Job | None:
        """Read the newest job of a reply."""
        scripts = self._scripts
        with translated():
            job_id = await scripts.redis.get(f"{scripts.root}reply:{reply_id}")
            if job_id is None:
                return None
            body = await scripts.redis.hget(f"{scripts.root}job:{text_of(job_id)}", "body")
        return None if body is None else JOB.validate_json(body)


class RedisDesk:
    """JobDesk on Redis for one worker process."""

    def __init__(self, scripts: LineScripts, worker_id: str) -> None:
        self._scripts = scripts
        self._worker_id = worker_id

    async def start(self, grant: Grant) -> StartedJob | None:
        """Confirm the grant and take the lease."""
        lease_ms = milliseconds(self._scripts.line.lease_seconds)
        answer = await self._scripts.call_json("start", grant.job_id, grant.token, self._worker_id, lease_ms)
        if not answer:
            return None
        return StartedJob(
            job=JOB.validate_json(answer["body"]),
            token=grant.token,
            model=answer["lane"],
            account=answer["account"],
            checkpoint=_checkpoint(answer),
            attempts=int(answer["attempts"]),
            refusals=int(answer["refusals"]),
            wait=answer["wait"] / 1000,
            waited=answer["waited"] / 1000,
            stop_requested=bool(answer["stop"]),
        )

    async def renew(self, grants: Sequence[Grant]) -> Mapping[str, Renewal]:
        """Renew every lease of the process in one call."""
        line = self._scripts.line
        pairs = [part for grant in grants for part in (grant.job_id, grant.token)]
        answers = await self._scripts.call(
            "renew",
            self._worker_id,
            milliseconds(line.liveness_seconds),
            milliseconds(line.lease_seconds),
            milliseconds(line.liveness_seconds / 2),
            milliseconds(line.outage_grace_seconds),
            *pairs,
        )
        return {grant.job_id: answer.decode() for grant, answer in zip(grants, answers, strict=True)}

    async def save(self, grant: Grant, checkpoint: Checkpoint) -> None:
        """Store the checkpoint if the lease is ours."""
        if not await self._scripts.call("save", grant.job_id, grant.token, checkpoint.model_dump_json()):
            raise LeaseLost(grant.job_id)

    async def free_slot(self, grant: Grant) -> tuple[Grant, ...]:
        """Hand the slot on; the job keeps its lease."""
        scripts = self._scripts
        answer = await scripts.call_json(
            "free_slot", grant.job_id, grant.token, scripts.grace_ms, scripts.probe_ms
        )
        return _grants(answer)

    async def finish(self, grant: Grant, outcome: Outcome) -> tuple[Grant, ...]:
        """Close the job and hand its slot on if it still has one."""
        scripts = self._scripts
        answer = await scripts.call_json(
            "finish",
            grant.job_id,
            grant.token,
            outcome,
            scripts.grace_ms,
            scripts.probe_ms,
            scripts.record_ms,
        )
        return _grants(answer)

    async def requeue(self, grant: Grant, reason: RequeueReason, *, pause: float = 0.0) -> tuple[Grant, ...]:
        """Go back to the head of its lines; a refusal lowers the lane's limit or pauses it."""
        scripts = self._scripts
        answer = await scripts.call_json(
            "requeue",
            grant.job_id,
            grant.token,
            reason,
            milliseconds(pause),
            scripts.grace_ms,
            scripts.probe_ms,
            scripts.line.breaker_failures,
            milliseconds(scripts.line.breaker_seconds),
        )
        return _grants(answer)

    async def bar(self, grant: Grant, seconds: float, *, everywhere: bool) -> bool:
        """Leave the job's account out unless it is the last of its model."""
        span = milliseconds(seconds)
        return bool(await self._scripts.call("bar", grant.job_id, grant.token, span, int(everywhere)))


class RedisKeeper:
    """LineKeeper on Redis."""

    def __init__(self, scripts: LineScripts) -> None:
        self._scripts = scripts

    async def configure(self, limits: Mapping[str, Mapping[str, int]]) -> None:
        """Set how many requests each (model, account) may have in flight."""
        await self._scripts.call("configure", json.dumps({lane: dict(row) for lane, row in limits.items()}))

    async def sweep(self) -> SweepReport:
        """Do one round of upkeep."""
        scripts = self._scripts
        answer = await scripts.call_json(
            "sweep",
            milliseconds(scripts.line.ring_again_seconds),
            scripts.line.max_attempts,
            scripts.grace_ms,
            scripts.probe_ms,
            scripts.record_ms,
        )
        return SweepReport(_grants(answer), tuple(answer["resumed"]), tuple(answer["abandoned"]))

    async def waiting(self) -> tuple[WaitingJob, ...]:
        """List the lines as they will be served."""
        answer = await self._scripts.call_json("waiting", self._scripts.probe_ms, MOST_LISTED)
        best: dict[
            str, tuple[float, Place]
        ] = {}  # a job may wait in several lanes; it is served in the first
        for lane in answer["lanes"] or ():
            for index, job_id in enumerate(lane["jobs"], start=1):
                rounds = -(-index // lane["total"]) if lane["total"] else math.inf
                if job_id not in best or rounds < best[job_id][0]:
                    best[job_id] = rounds, _place(index, lane["mean"], lane["total"])
        return tuple(WaitingJob(job_id, place) for job_id, (_, place) in best.items())

    async def replies(self, job_ids: Sequence[str]) -> tuple[WaitingReply, ...]:
        """Read the records of waiting jobs in one round trip."""
        scripts = self._scripts
        with translated():
            async with scripts.redis.pipeline(transaction=False) as pipe:
                for job_id in job_ids:
                    pipe.hmget(f"{scripts.root}job:{job_id}", "state", "body", "token", "checkpoint")
                rows = await pipe.execute()
        return tuple(
            WaitingReply(
                JOB.validate_json(body), int(token), Checkpoint.model_validate_json(checkpoint or b"{}")
            )
            for state, body, token, checkpoint in rows
            if state == b"waiting"
        )

    async def status(self) -> tuple[LaneStatus, ...]:
        """Count lines and slots for metrics and the operator's page."""
        answer = await self._scripts.call_json("status", self._scripts.probe_ms)
        return tuple(
            LaneStatus(
                model=lane["lane"],
                waiting=int(lane["waiting"]),
                paused_for=lane["paused"] / 1000,
                slots=tuple(SlotStatus(row[0], *map(int, row[1:])) for row in lane["slots"] or ()),
            )
            for lane in answer["lanes"] or ()
        )

    async def workers_alive(self) -> int:
        """Count the workers that have said lately that they live."""
        return int(await self._scripts.call("workers"))


def _grants(answer: dict[str, Any]) -> tuple[Grant, ...]:
    # Lua's cjson writes an empty list as {}; iterating either gives nothing.
    return tuple(Grant(job_id, int(token)) for job_id, token in answer.get("grants", ()))


def _checkpoint(answer: dict[str, Any]) -> Checkpoint:
    return Checkpoint.model_validate_json(answer.get("checkpoint") or "{}")


def _place(position: int, mean_ms: float, slots: int) -> Place:
    """Estimate by rounds: with s slots, the n-th in line waits ceil(n / s) mean holding times."""
    seconds = -(-position // slots) * mean_ms / 1000 if position and slots and mean_ms else None
    return Place(position=int(position), seconds=seconds)
