"""``python -m simulators.glm``: serve the GLM simulator."""

from typing import get_args

import click
import uvicorn
from pydantic import ValidationError

from simulators.glm.app import BASE_PATH, create_app
from simulators.glm.config import DEFAULT_KEY, SimulatorConfig, UsagePlacement
from simulators.glm.models import TIERS


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001
    pairs = dict(value.partition("=")[::2] for value in values)
    if not all(pairs.values()):
        raise click.BadParameter(f"expected NAME=VALUE, got {' '.join(values)}")
    return pairs


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=9101, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--tier", default="V0", type=click.Choice(TIERS), help="The accounts' tier, which sets the limits."
)
@click.option("--limit", "limits", multiple=True, callback=_pairs, help="MODEL=N in flight; may be repeated.")
@click.option(
    "--key", "keys", multiple=True, default=(DEFAULT_KEY,), help="An accepted id.secret; may be repeated."
)
@click.option(
    "--account", "accounts", multiple=True, callback=_pairs, help="KEY_ID=ACCOUNT; may be repeated."
)
@click.option("--empty-account", "empty_accounts", multiple=True, help="An account without money (1113).")
@click.option("--pace", default=1.0, help="0 answers at once, 1 as fast as in life, 2 half as fast.")
@click.option("--seed", default=0, help="Another seed gives other answers.")
@click.option(
    "--usage", default="with_finish", type=click.Choice(get_args(UsagePlacement)), help="Where usage comes."
)
@click.option(
    "--overload", "overload_probability", default=0.0, help="How often a request meets 1305, 0 to 1."
)
@click.option("--strict-prefix", is_flag=True, help="Refuse pictures with a data: prefix.")
@click.option("--base64-on-4v-flash", is_flag=True, help="Let glm-4v-flash take Base64 pictures.")
@click.option("--requests-kept", default=500, help="How many requests /_sim/requests remembers.")
@click.option("--picture-url-ttl", default=7 * 24 * 3600.0, help="Seconds for which links to pictures work.")
def main(host: str, port: int, **settings: object) -> None:
    """Serve a strict stand-in for the GLM open platform."""
    try:
        config = SimulatorConfig.model_validate(settings)
    except ValidationError as error:
        raise click.UsageError("; ".join(detail["msg"] for detail in error.errors())) from error
    click.echo(f"GLM simulator: http://{host}:{port}{BASE_PATH} (tier {config.tier}, pace {config.pace:g})")
    click.echo(f"Keys: {' '.join(config.keys)}   Status: http://{host}:{port}/")
    # Without a limit, one open stream would keep the process from ending.
    uvicorn.run(
        create_app(config),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
