"""All of Glimmer as separate processes, each of which can be killed."""

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.processes import ChildProcess, RedisServer, free_port

KEY = "demo.secret"


@dataclass
class Glimmer:
    """Redis, a simulated GLM, a gateway and workers; stop it with ``stop``."""

    directory: Path
    simulator_arguments: tuple[str, ...] = ("--pace", "0.3")
    settings: dict[str, str] = field(default_factory=dict)
    redis: RedisServer = field(init=False)
    simulator: ChildProcess = field(init=False)
    gateway: ChildProcess = field(init=False)
    workers: list[ChildProcess] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    simulator_port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "REDIS_URL": self.redis.url,
            "GLM_API_KEY": KEY,
            "GLM_BASE_URL": f"{self.simulator_url}/api/paas/v4",
            "GLM_SLOT_GRACE": "0",  # the simulator frees a slot the moment its response has ended
            "PORT": str(self.port),
            "GLIMMER_DATA_DIR": str(self.directory),
            **self.settings,
        }

    async def start(self, *, workers: int = 1) -> None:
        """Start everything and wait until it is ready."""
        self.redis = RedisServer(self.directory / "redis", port=free_port())
        self.redis.start()
        await self.start_simulator()
        await self.start_gateway()
        for _ in range(workers):
            await self.start_worker()

    async def start_simulator(self) -> None:
        arguments = ["--host", "127.0.0.1", "--port", str(self.simulator_port), "--key", KEY]
        self.simulator = self._child(
            "simulator", "-m", "simulators.glm", *arguments, *self.simulator_arguments
        )
        await self._until_answers(f"{self.simulator_url}/_sim/stats", self.simulator)

    async def start_gateway(self) -> None:
        self.gateway = self._child("gateway", "-m", "workers.cli", "gateway")
        await self._until_answers(f"{self.url}/readyz", self.gateway)

    async def start_worker(self) -> ChildProcess:
        worker = self._child(f"worker{len(self.workers)}", "-m", "workers.cli", "worker")
        self.workers.append(worker)
        await worker.wait_for_log("worker is ready")
        return worker

    async def stats(self) -> dict[str, Any]:
        """Ask the simulator what it has seen."""
        return dict(await self._ask("GET", "/_sim/stats"))

    async def requests(self) -> list[dict[str, Any]]:
        """Ask the simulator for its last requests, oldest first."""
        return list(await self._ask("GET", "/_sim/requests?limit=5000"))

    async def script_faults(self, *faults: dict[str, Any]) -> None:
        """Have the simulator fail as told."""
        await self._ask("POST", "/_sim/faults", json=list(faults))

    async def set_limits(self, limits: dict[str, int]) -> None:
        """Change the simulator's limits."""
        await self._ask("POST", "/_sim/limits", json=limits)

    async def forget(self, *, pace: float = 0.3) -> None:
        """Have the simulator forget requests and faults, and set its pace."""
        await self._ask("DELETE", "/_sim")
        await self._ask("POST", "/_sim/pace", json={"pace": pace})

    def stop(self) -> None:
        """Kill what is left."""
        for child in (*self.workers, getattr(self, "gateway", None), getattr(self, "simulator", None)):
            if child is not None and child.exit_code is None:
                child.kill9()
        if hasattr(self, "redis"):
            self.redis.discard()

    @property
    def logs(self) -> str:
        """Read what gateway and workers have logged."""
        return "\n".join(child.log for child in (self.gateway, *self.workers))

    def _child(self, name: str, *arguments: str) -> ChildProcess:
        return ChildProcess(
            [sys.executable, *arguments],
            log_path=self.directory / f"{name}.log",
            extra_env=self.environment,
            cwd=Path.cwd(),
        )

    async def _ask(self, method: str, path: str, **body: Any) -> Any:
        async with httpx.AsyncClient(base_url=self.simulator_url, trust_env=False) as client:
            response = await client.request(method, path, **body)
            assert response.is_success, response.text
            return response.json() if response.content else None

    async def _until_answers(self, url: str, child: ChildProcess) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(1000):
                assert child.exit_code is None, child.log
                try:
                    if (await client.get(url)).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.02)
        raise AssertionError(f"{url} does not answer:\n{child.log}")
