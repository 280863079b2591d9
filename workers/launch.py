"""``glimmer up`` and ``glimmer demo``: all of Glimmer on one machine, in one command."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.glm.settings import GlmSettings
from bots.errors import BotError
from workers.children import ChildSpec
from workers.console import Console
from workers.ports import any_free_port, becomes_free, next_free_port
from workers.programs import (
    DEMO_SIMULATORS,
    Place,
    SimulatorAddress,
    gateway_child,
    inherited_environment,
    simulator_child,
    worker_child,
)
from workers.redis_choice import check_reachable, choose_demo_redis, choose_redis
from workers.settings import ENV_FILE, PlatformPresence, ProcessSettings
from workers.supervisor import Supervisor

PORT_PATIENCE_SECONDS = 2.0
# What could make a demo talk to somebody's real account, workspace or line.
REAL_WORLD = (
    "GLIMMER_", "GLM_", "LARK_", "METRICS_", "OPS_", "PUBLIC_URL", "REDIS_", "SLACK_", "ZAI_", "ZHIPUAI_",
)  # fmt: skip
HOW_TO_GET_A_KEY = (
    "No GLM key is set. Get one at https://open.bigmodel.cn (the flash models are free) and put "
    "GLM_API_KEY=… into .env or the environment; or try `glimmer demo`, which needs none."
)


class CannotStart(BotError):
    """Glimmer cannot start; what must be changed is said."""


async def up(settings: ProcessSettings) -> int:
    """Run everything with the operator's accounts until told to stop; returns the exit code.

    Raises BotError with a sentence for the operator if something is missing or taken.
    """
    accounts = GlmSettings(_env_file=ENV_FILE).accounts()
    if not accounts:
        raise CannotStart(HOW_TO_GET_A_KEY)
    redis = choose_redis(settings.redis_url, settings.glimmer_data_dir)
    if settings.redis_url:
        await check_reachable(settings.redis_url)
    with redis.hold(), _shared_metrics(settings) as metrics_dir:
        port = await _port_for_up(settings)
        own = _own_settings(settings, port, redis.url, settings.glimmer_data_dir)
        own["PROMETHEUS_MULTIPROC_DIR"] = metrics_dir
        place = Place(inherited_environment() | own)
        rows = {
            "Playground": _playground_url(settings, port),
            "Model": f"GLM, account {', '.join(account.name for account in accounts)}",
            "Platforms": _platforms(PlatformPresence().lacks),
            "Redis": redis.described,
            "Data": str(settings.glimmer_data_dir) if redis.embedded else "in that Redis",
        }
        stages = [redis.children(place), _processes(settings, port, place)]
        return await _run(settings, stages, "Glimmer is up.", rows)


async def demo(settings: ProcessSettings, *, pace: float | None = None, searches_server: bool = True) -> int:
    """Run everything against simulators, on data that are thrown away; returns the exit code.

    The operator's keys, workspaces and Redis are kept out of it, also those in ``.env``.
    """
    port = _port_for_demo(settings)
    with (
        tempfile.TemporaryDirectory(prefix="glimmer-demo-", ignore_cleanup_errors=True) as made,
        _shared_metrics(settings) as metrics_dir,
    ):
        data_dir = Path(made)
        redis = choose_demo_redis(data_dir, searches_server=searches_server)
        own = _own_settings(settings, port, redis.url, data_dir)
        own["PROMETHEUS_MULTIPROC_DIR"] = metrics_dir
        own.setdefault("PUBLIC_URL", _playground_url(settings, port))  # the simulated GLM can reach it
        # The directory has no .env, and so nobody reads the operator's.
        plain = Place(inherited_environment(without=REAL_WORLD) | own, directory=data_dir)
        simulated = [SimulatorAddress(simulator, any_free_port()) for simulator in DEMO_SIMULATORS]
        pointing = {name: value for each in simulated for name, value in each.settings.items()}
        place = Place({**plain.environment, **pointing}, directory=data_dir)
        rows = {
            "Playground": _playground_url(settings, port),
            "Model": "simulated GLM: no key, no cost, made-up answers",
            "Platforms": "\n".join(["playground", *(each.page for each in simulated if each.page)]),
            "Redis": redis.described,
            "Data": f"{data_dir} (removed at the end)",
        }
        with redis.hold():
            stages = [
                redis.children(plain),
                [simulator_child(each, pace, plain) for each in simulated],
                _processes(settings, port, place),
            ]
            return await _run(settings, stages, "Glimmer's demo is up.", rows)


@contextmanager
def _shared_metrics(settings: ProcessSettings) -> Iterator[str]:
    """Name the directory in which gateway and worker add up their metrics: a fresh one unless one is set.

    The counters of a former run would otherwise be counted again.
    """
    if settings.prometheus_multiproc_dir:
        yield settings.prometheus_multiproc_dir
        return
    with tempfile.TemporaryDirectory(prefix="glimmer-metrics-", ignore_cleanup_errors=True) as made:
        yield made


async def _run(
    settings: ProcessSettings, stages: Sequence[Sequence[ChildSpec]], title: str, rows: Mapping[str, str]
) -> int:
    console = Console(settings.log_format)
    supervisor = Supervisor(stages, show=console.show)
    return await supervisor.run(lambda: console.announce(title, rows))


def _processes(settings: ProcessSettings, port: int, place: Place) -> list[ChildSpec]:
    # The last one is stopped first: no new questions while the worker hands its jobs back.
    return [worker_child(place), gateway_child(settings.local_host, port, place)]


def _own_settings(settings: ProcessSettings, port: int, redis_url: str, data_dir: Path) -> dict[str, str]:
    """Write down for the children what we have decided; it wins over their ``.env``."""
    decided = {
        "HOST": settings.host,
        "PORT": str(port),
        "PUBLIC_URL": settings.public_url,
        "REDIS_URL": redis_url,
        "GLIMMER_DATA_DIR": str(data_dir),
        "LOG_LEVEL": settings.log_level,
        "LOG_FORMAT": settings.log_format,
    }
    return {name: value for name, value in decided.items() if value}


def _playground_url(settings: ProcessSettings, port: int) -> str:
    host = f"[{settings.local_host}]" if ":" in settings.local_host else settings.local_host
    return settings.public_url or f"http://{host}:{port}/"


def _platforms(lacks: Mapping[str, str]) -> str:
    on = ["playground", *(name for name, lack in lacks.items() if not lack)]
    off = [f"{name} is off: {lack}" for name, lack in lacks.items() if lack]
    return "\n".join([", ".join(on), *off])


async def _port_for_up(settings: ProcessSettings) -> int:
    if not settings.port:
        return any_free_port()
    try:
        # A former run that was just killed may still be on its way out.
        free = await becomes_free(settings.host, settings.port, PORT_PATIENCE_SECONDS)
    except OSError as error:
        raise _cannot_listen(settings, error) from error
    if not free:
        raise CannotStart(
            f"Port {settings.port} on {settings.host} is taken by another program; stop that or set PORT."
        )
    return settings.port


def _port_for_demo(settings: ProcessSettings) -> int:
    if not settings.port:
        return any_free_port()
    try:
        port = next_free_port(settings.host, settings.port)
    except OSError as error:
        raise _cannot_listen(settings, error) from error
    if port is None:
        raise CannotStart(f"No port from {settings.port} up is free; give another one with --port.")
    return port


def _cannot_listen(settings: ProcessSettings, error: OSError) -> CannotStart:
    return CannotStart(f"Cannot listen on {settings.host}:{settings.port} (HOST, PORT): {error}")
