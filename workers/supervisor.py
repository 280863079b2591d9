"""Starts the children in order, keeps them running, and stops them in the opposite order."""

import asyncio
import signal
from collections.abc import Callable, Sequence

from workers.children import Child, ChildSpec, Show

KILLED_EXIT_CODE = 130  # as a shell tells Ctrl-C


class Supervisor:
    """Runs stages of children; those of one stage start together, after the stages before are ready.

    They are stopped one after the other, the last one named first.
    """

    def __init__(self, stages: Sequence[Sequence[ChildSpec]], *, show: Show) -> None:
        self.children = {spec.name: Child(spec, show) for stage in stages for spec in stage}
        self._stages = stages
        self._stopping = asyncio.Event()
        self._is_killed = False
        self._keepers: list[asyncio.Task[None]] = []

    async def run(self, announce: Callable[[], None]) -> int:
        """Run until SIGINT, SIGTERM or SIGHUP; ``announce`` is called when all are ready.

        Returns the exit code: 0, or 130 after a second Ctrl-C. Raises BotError if a child does not start.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
                loop.add_signal_handler(number, self.interrupt)
        try:
            if await self._start_all():
                announce()
                await self._stopping.wait()
        finally:
            self._stopping.set()
            await self._stop_all()
        return KILLED_EXIT_CODE if self._is_killed else 0

    def interrupt(self) -> None:
        """Begin to stop; called again, kill what is left."""
        if not self._stopping.is_set():
            self._stopping.set()
            return
        self._is_killed = True
        for child in self.children.values():
            child.kill()

    async def _start_all(self) -> bool:
        """Start every stage; False when told to stop meanwhile."""
        starting = asyncio.create_task(self._start_stages())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                return False
            starting.result()
            return True
        finally:
            for task in (starting, stopping):
                task.cancel()
            await asyncio.gather(starting, stopping, return_exceptions=True)

    async def _start_stages(self) -> None:
        for stage in self._stages:
            children = [self.children[spec.name] for spec in stage]
            results = await asyncio.gather(*(child.start() for child in children), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            self._keepers += [asyncio.create_task(child.keep_running()) for child in children]
        for child in self.children.values():
            child.check()

    async def _stop_all(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for child in reversed(self.children.values()):
            if self._is_killed:
                child.kill()
            await child.stop()
