"""Runs the simulator: ``python -m simulators.slack``."""

import click
import uvicorn

from simulators.slack.app import create_app
from simulators.slack.config import SlackSimulatorConfig


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9102, show_default=True)
@click.option("--signing-secret", default=None, help="Signs HTTP deliveries.")
@click.option("--bot-token", default=None, help="The home workspace's bot token, xoxb-…")
@click.option("--app-token", default=None, help="The app-level token for Socket Mode, xapp-…")
@click.option("--client-id", default=None, help="For OAuth.")
@click.option("--client-secret", default=None, help="For OAuth.")
@click.option("--request-url", default=None, help="Deliver events here over HTTP; without it: Socket Mode.")
@click.option(
    "--interactivity-url", default=None, help="Deliver interactions here; default: the request URL."
)
@click.option("--public-url", default=None, help="Base of the URLs handed out; default: as first called.")
@click.option("--bot-name", default=None)
@click.option("--distribution", default=None, type=click.Choice(["internal", "commercial"]))
@click.option("--rate-limits/--no-rate-limits", default=True, show_default=True)
@click.option("--token-rotation/--no-token-rotation", default=False, show_default=True)
def main(host: str, port: int, **options: str | bool | None) -> None:
    """Serve a strict stand-in for Slack, with a page at / to watch and to talk."""
    given = {name: value for name, value in options.items() if value is not None}
    config = SlackSimulatorConfig.model_validate(given)
    click.echo(f"Slack simulator: page http://{host}:{port}/  Web API http://{host}:{port}/api/")
    # The page's live feed never ends by itself, so shutting down must not wait for it.
    uvicorn.run(create_app(config), host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
