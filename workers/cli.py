"""The command line; what a command needs is imported when it runs, so that ``--help`` is quick."""

import asyncio
import importlib
import importlib.util
import json
import runpy
import sys
import traceback
from typing import TYPE_CHECKING

import click

from bots.errors import BotError

if TYPE_CHECKING:
    from workers.settings import ProcessSettings

NO_REDIS_URL = (
    "REDIS_URL is not set. Gateways and workers share one Redis; `glimmer up` starts one by itself."
)
NOT_ON_WINDOWS = "This command runs on Linux and macOS; on Windows use WSL."
HTTPS_ONLY = "The platform calls https addresses only."
KNOWN_ERROR = 2  # exit code
SIMULATORS = ("glm", "slack", "lark")
PORTS = click.IntRange(0, 65535)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--parent-pid", type=int, hidden=True, help="End when this process does.")
def cli(parent_pid: int | None) -> None:
    """Glimmer: GLM models answer in Slack and Lark threads and in a web playground.

    Settings come from the environment and from .env in the working directory.
    """
    if parent_pid is not None:
        from workers.children import die_with_parent

        die_with_parent(parent_pid)


@cli.command()
@click.option("--host", help="Address to listen on (HOST; 127.0.0.1).")
@click.option("--port", type=PORTS, help="First port to try (PORT; 8321).")
@click.option(
    "--pace", type=click.FloatRange(min=0), help="Pauses of the simulated model: 0 none, 1 as real."
)
@click.option("--no-redis-server", is_flag=True, help="Use the in-memory stand-in for Redis.")
def demo(host: str | None, port: int | None, pace: float | None, no_redis_server: bool) -> int:  # noqa: FBT001 - click passes flags so
    """Try it without a key, on simulated services.

    The playground opens on the first free port; nothing outlives the demo.
    """
    _refuse_windows()
    from workers.launch import demo as run_demo

    settings = _process_settings(host, port)
    return asyncio.run(run_demo(settings, pace=pace, searches_server=not no_redis_server))


@cli.command()
@click.option("--host", help="Address to listen on (HOST; 127.0.0.1).")
@click.option("--port", type=PORTS, help="Port to listen on (PORT; 8321).")
def up(host: str | None, port: int | None) -> int:
    """Run all of Glimmer on this machine.

    That is Redis (unless REDIS_URL names one), a gateway and a worker.
    """
    _refuse_windows()
    from workers.launch import up as run_up

    return asyncio.run(run_up(_process_settings(host, port)))


@cli.command()
def gateway() -> None:
    """Run one gateway: hears the platforms, serves the playground."""
    _require_redis()
    from workers.gateway import run

    run()


@cli.command()
def worker() -> None:
    """Run one worker: asks the models, writes the answers."""
    _require_redis()
    from workers.worker import run

    run()


@cli.command()
def doctor() -> int:
    """Check this machine and the settings, and say what to do."""
    from workers.doctor import examine

    return asyncio.run(examine(_process_settings()))


@cli.command()
def models() -> None:
    """Show the models Glimmer knows, with their limits and prices."""
    from workers.model_table import model_rows

    click.echo("\n".join(model_rows()))


@cli.command()
@click.option(
    "--days", type=click.IntRange(1, 400), default=7, show_default=True, help="Today and the days before."
)
def usage(days: int) -> None:
    """Show what each model was used for, with its price.

    Reads the Redis of REDIS_URL, or that of a running `glimmer up`.
    """
    from workers.usage_report import report_usage

    click.echo("\n".join(asyncio.run(report_usage(_process_settings(), days))))


@cli.command()
@click.argument("platform", type=click.Choice(["lark"]))
@click.option("--group-messages", is_flag=True, help="Ask for all messages of groups too, a sensitive scope.")
def scopes(platform: str, group_messages: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Print what an app needs in its platform's console.

    The JSON to import goes to the output, what to subscribe to beside it.
    """
    module = importlib.import_module(f"adapters.platforms.{platform}.scopes")
    click.echo(module.scopes_json(reads_groups=group_messages))
    click.echo(module.subscriptions(), err=True)


@cli.command()
@click.argument("platform", type=click.Choice(["slack"]))
@click.option("--http", "public_url", metavar="URL", help="Be called there; else Socket Mode.")
def manifest(platform: str, public_url: str | None) -> None:
    """Print an app's manifest, to be pasted where the platform makes apps."""
    if public_url and not public_url.startswith("https://"):
        raise click.UsageError(HTTPS_ONLY)
    module = importlib.import_module(f"adapters.platforms.{platform}.manifest")
    click.echo(json.dumps(module.create_manifest(public_url or ""), indent=2, ensure_ascii=False))


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("name", type=click.Choice(SIMULATORS))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulate(name: str, arguments: tuple[str, ...]) -> None:
    """Run a simulated service.

    The other arguments are its own; try --help.
    """
    module = f"simulators.{name}"
    if not _is_program(module):
        there = ", ".join(one for one in SIMULATORS if _is_program(f"simulators.{one}")) or "none"
        raise click.UsageError(f"There is no simulator of {name} in this version; there are: {there}.")
    sys.argv = [f"glimmer simulate {name}", *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


@cli.command("stand-in-redis", hidden=True)
@click.argument("port", type=PORTS)
def stand_in_redis(port: int) -> None:
    """Serve the demo's in-memory stand-in for Redis on the loopback."""
    from adapters.redis.stand_in import serve_stand_in

    serve_stand_in(port)


def main() -> None:
    """Run the command line; known errors become one sentence on stderr and exit code 2."""
    try:
        code = cli.main(prog_name="glimmer", standalone_mode=False)
    except click.Abort:
        code = 130
    except click.ClickException as error:
        code = _refuse(error.format_message(), error)
    except BotError as error:
        code = _refuse(str(error), error)
    except ValueError as error:  # pydantic's errors and pydantic-settings' are ValueErrors
        sentence = _about_settings(error)
        if sentence is None:
            raise
        code = _refuse(sentence, error)
    sys.exit(code if isinstance(code, int) else 0)


def _process_settings(host: str | None = None, port: int | None = None) -> "ProcessSettings":
    from workers.logs import configure_logging
    from workers.settings import ProcessSettings

    given = {"host": host, "port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    settings = ProcessSettings().model_copy(update=changed)
    configure_logging(settings.log_level, settings.log_format)
    return settings


def _require_redis() -> None:
    from workers.settings import ProcessSettings

    if not ProcessSettings().redis_url:
        raise click.UsageError(NO_REDIS_URL)


def _refuse_windows() -> None:
    if sys.platform == "win32":
        raise click.UsageError(NOT_ON_WINDOWS)


def _is_program(module: str) -> bool:
    try:
        return importlib.util.find_spec(f"{module}.__main__") is not None
    except ModuleNotFoundError:
        return False


def _refuse(sentence: str, error: Exception) -> int:
    from workers.settings import Verbosity

    if Verbosity().log_level.upper() == "DEBUG":
        traceback.print_exception(error)
    click.echo(f"glimmer: {sentence}", err=True)
    return KNOWN_ERROR


def _about_settings(error: ValueError) -> str | None:
    """Say which variable is wrong without its value, which may be a secret; None for other errors."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    if isinstance(error, SettingsError):
        return str(error)
    if not isinstance(error, ValidationError):
        return None
    prefix = _prefix_of(error.title)
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(_about_one(prefix, each["loc"], each["msg"]) for each in problems)


def _prefix_of(settings: str) -> str:
    """Tell with which letters the variables of a settings class begin."""
    from pydantic_settings import BaseSettings

    classes = BaseSettings.__subclasses__()
    found = (one.model_config.get("env_prefix", "") for one in classes if one.__name__ == settings)
    return next(found, "").upper()


def _about_one(prefix: str, place: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if not place:  # about several variables together; the message names them
        return message
    field, *inside = map(str, place)
    variable = field.upper() if field.upper().startswith(prefix) else prefix + field.upper()
    return ": ".join([".".join([variable, *inside]), message])


if __name__ == "__main__":
    main()
