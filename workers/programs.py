"""What ``glimmer up`` and ``glimmer demo`` start, as data: commands, environments, readiness."""

import os
import signal
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from adapters.redis.embedded import LOADING_SECONDS, EmbeddedRedis
from workers.children import ChildSpec
from workers.ports import until_healthy, until_listening

PROJECT_ROOT = Path(__file__).parent.parent
LOOPBACK = "127.0.0.1"
DRAIN_SECONDS = 12.0  # a worker hands its jobs back within 10 s


@dataclass(frozen=True)
class SimulatorProgram:
    """A simulator of the demo: ``python -m simulators.<name> --host … --port …`` and what points to it.

    ``{url}`` in ``settings`` and ``page`` stands for its address; ``page`` is shown to people.
    """

    name: str
    arguments: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    takes_pace: bool = False


DEMO_SIMULATORS = (
    SimulatorProgram(
        "glm",
        arguments=("--key", "demo.secret"),
        settings={"GLM_BASE_URL": "{url}/api/paas/v4", "GLM_API_KEY": "demo.secret"},
        takes_pace=True,
    ),
    SimulatorProgram(
        "slack",
        settings={
            "SLACK_API_URL": "{url}/api/",
            "SLACK_BOT_TOKEN": "xoxb-simulated-bot",
            "SLACK_APP_TOKEN": "xapp-simulated-app",
        },
        page="Slack, simulated: {url}/",
    ),
    SimulatorProgram(
        "lark",
        arguments=("--quota", "0"),  # a paid tenant: the free edition's month is about 160 streamed answers
        settings={
            "LARK_DOMAIN": "{url}",
            "LARK_APP_ID": "cli_simulated0000001",
            "LARK_APP_SECRET": "simulated-app-secret",
        },
        page="Lark, simulated: {url}/",
    ),
)


@dataclass(frozen=True)
class SimulatorAddress:
    """A simulator of this run."""

    program: SimulatorProgram
    port: int

    @property
    def settings(self) -> dict[str, str]:
        """Tell which variables point to it."""
        return {name: self._filled(value) for name, value in self.program.settings.items()}

    @property
    def page(self) -> str:
        """Tell people where to look at it; empty where there is nothing to see."""
        return self._filled(self.program.page)

    def _filled(self, text: str) -> str:
        return text.replace("{url}", f"http://{LOOPBACK}:{self.port}")


@dataclass(frozen=True)
class Place:
    """Where a child runs: all of its environment, and its working directory (None: ours)."""

    environment: Mapping[str, str]
    directory: Path | None = None


def inherited_environment(*, without: Sequence[str] = ()) -> dict[str, str]:
    """Copy our environment for a child, less the variables that begin so; it will find our packages."""
    everything = os.environ  # noqa: TID251 - a child needs PATH and the like; no setting is read here
    kept = {name: value for name, value in everything.items() if not name.startswith(tuple(without))}
    if Path(sysconfig.get_path("purelib")) != PROJECT_ROOT:
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PROJECT_ROOT), kept.get("PYTHONPATH"))))
    return kept


def own_command(*arguments: str) -> tuple[str, ...]:
    """Name one of our commands as a child's; -P keeps the modules of the working directory out of it."""
    watch = () if sys.platform == "linux" else ("--parent-pid", str(os.getpid()))
    return (sys.executable, "-P", "-m", "workers.cli", *watch, *arguments)


def redis_child(redis: EmbeddedRedis, place: Place) -> ChildSpec:
    """Describe the embedded server; SIGTERM has it sync its file before it ends."""
    return ChildSpec(
        "redis",
        redis.command,
        place.environment,
        prepare=redis.prepare,
        wait_until_ready=redis.wait_until_ready,
        ready_seconds=LOADING_SECONDS,
        stop_seconds=10.0,
        dies_by=signal.SIGTERM,
        is_quiet=True,
    )


def stand_in_child(port: int, place: Place) -> ChildSpec:
    """Describe the in-memory stand-in for Redis."""
    return ChildSpec(
        "redis",
        own_command("stand-in-redis", str(port)),
        place.environment,
        place.directory,
        wait_until_ready=partial(until_listening, LOOPBACK, port),
        is_quiet=True,
    )


def simulator_child(simulated: SimulatorAddress, pace: float | None, place: Place) -> ChildSpec:
    """Describe a simulator on its port of the loopback; ``pace`` scales its pauses."""
    program, port = simulated.program, simulated.port
    arguments = ["simulate", program.name, "--host", LOOPBACK, "--port", str(port), *program.arguments]
    if program.takes_pace and pace is not None:
        arguments += ["--pace", str(pace)]
    return ChildSpec(
        program.name,
        own_command(*arguments),
        place.environment,
        place.directory,
        wait_until_ready=partial(until_listening, LOOPBACK, port),
    )


def worker_child(place: Place) -> ChildSpec:
    """Describe the worker, which takes its time to hand its jobs back."""
    return ChildSpec(
        "worker", own_command("worker"), place.environment, place.directory, stop_seconds=DRAIN_SECONDS
    )


def gateway_child(host: str, port: int, place: Place) -> ChildSpec:
    """Describe the gateway; ``host`` is an address at which it can be reached from here."""
    return ChildSpec(
        "gateway",
        own_command("gateway"),
        place.environment,
        place.directory,
        wait_until_ready=partial(until_healthy, host, port),
    )
