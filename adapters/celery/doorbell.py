"""Rings for admitted jobs."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from adapters.celery.app import WORK_TASK
from bots.line import Grant

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0


class CeleryDoorbell:
    """Doorbell over Celery; publishing is synchronous there, so it has a thread of its own."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="doorbell")

    async def ring(self, grants: Sequence[Grant]) -> None:
        """Publish one message per grant; a broker that is away or slow is left to the sweeper."""
        if not grants:
            return
        publishing = asyncio.get_running_loop().run_in_executor(self._thread, self._publish, tuple(grants))
        # kombu tries 6 s to reach a broker that refuses; a platform waits 3 s for its acknowledgement.
        await asyncio.wait((publishing,), timeout=PATIENCE_SECONDS)

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _publish(self, grants: tuple[Grant, ...]) -> None:
        for grant in grants:
            try:
                self._app.send_task(WORK_TASK, args=(grant.job_id, grant.token), retry=False)
            except (OperationalError, RedisError, OSError) as error:
                log.warning("doorbell not rung", extra={"job": grant.job_id, "error": type(error).__name__})
                return  # the others would fail likewise, and each try costs its time-out
