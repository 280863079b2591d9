"""The worker process: Celery hears the doorbell, one loop does the work, another keeps the pulse."""

import asyncio
import contextlib
import logging
import threading
import uuid
from collections.abc import Coroutine
from functools import partial

from celery import Celery, signals
from prometheus_client import start_http_server

from adapters.celery.app import WORK_TASK, create_app
from bots.line import Grant
from workers.logs import configure_logging
from workers.loops import LoopThread
from workers.pulse import Pulse
from workers.runner import JobRunner
from workers.settings import ProcessSettings
from workers.wiring import Settings, open_pulse, open_work

log = logging.getLogger(__name__)

DRAIN_SECONDS = 8.0  # handing jobs back takes milliseconds; Redis may be slow
CONSUMER_SOCKET_SECONDS = 10.0  # longer than the second that kombu's blocking read takes
TASK_THREADS = 4  # a task only hands its job to the work loop and returns


class WorkerProcess:
    """Two threads with a loop each, and what they share."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._worker_id = uuid.uuid4().hex[:12]
        self._work = LoopThread("work", self._do_work)
        self._pulse = LoopThread("pulse", self._keep_pulse)
        self._is_open = threading.Event()
        self._pulse_parts: Pulse | None = None
        self._runner: JobRunner | None = None

    def start(self) -> None:
        """Return when jobs may come: both loops run and the first heartbeat has reached Redis."""
        for thread in (self._pulse, self._work):
            self._is_open.clear()
            thread.start()
            self._is_open.wait()

    def take(self, grant: Grant) -> None:
        """Hand a job to the work loop, from any thread."""
        if self._runner is not None:
            self._work.call(partial(_begin, self._runner, grant))

    def leave(self) -> None:
        """Hand all jobs back and end both loops."""
        if self._pulse_parts is not None:
            self._pulse_parts.stop_sweeping()
        if not self._work.leave(DRAIN_SECONDS):
            log.error("jobs could not be handed back in time; their leases will lapse")
        self._pulse.leave(1.0)

    async def _keep_pulse(self, leaving: asyncio.Event) -> None:
        async with open_pulse(self._settings, self._worker_id) as pulse:
            self._pulse_parts = pulse
            pulse.on_first_beat = self._is_open.set
            await _until(leaving, pulse.beat())

    async def _do_work(self, leaving: asyncio.Event) -> None:
        if self._pulse_parts is None:
            return
        async with open_work(self._settings, self._worker_id) as parts:
            self._runner = JobRunner(parts, self._pulse_parts.leases)
            self._is_open.set()
            await _until(leaving, parts.announcer.announce())
            await self._runner.drain()


def _begin(runner: JobRunner, grant: Grant) -> None:
    runner.take(grant)


async def _until(leaving: asyncio.Event, endless: Coroutine[None, None, None]) -> None:
    """Run what never ends until it is time to leave; raises what it raises."""
    running, waiting = asyncio.ensure_future(endless), asyncio.ensure_future(leaving.wait())
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def create_worker(settings: Settings) -> tuple[Celery, WorkerProcess]:
    """Plug the work loop into a Celery app."""
    app = create_app(settings.redis.url, socket_timeout=CONSUMER_SOCKET_SECONDS)
    process = WorkerProcess(settings)

    @app.task(name=WORK_TASK)  # type: ignore[untyped-decorator] # Celery has no types
    def work(job_id: str, token: int) -> None:
        process.take(Grant(job_id, token))

    return app, process


def run() -> None:
    """Run one worker until SIGTERM or SIGINT; jobs under way are handed to the other workers."""
    own = ProcessSettings()
    configure_logging(own.log_level, own.log_format)
    app, process = create_worker(Settings.from_environment())
    if own.metrics_port is not None:
        start_http_server(own.metrics_port)
    signals.setup_logging.connect(_keep_our_logging, weak=False)
    leave = partial(_leave, process)
    signals.worker_shutting_down.connect(leave, weak=False)
    process.start()
    app.Worker(
        pool="threads",
        concurrency=TASK_THREADS,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        hostname=f"glimmer-{uuid.uuid4().hex[:8]}@%h",
        loglevel=own.log_level,
        quiet=True,
    ).start()


def _leave(process: WorkerProcess, **_: object) -> None:
    threading.Thread(target=process.leave, name="leaving").start()  # non-daemon: the process waits for it


def _keep_our_logging(**_: object) -> None:
    """Stand in for Celery's own logging set-up."""
