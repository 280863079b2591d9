"""``python -m simulators.lark``: run the simulator by hand."""

import socket

import click
import uvicorn

from simulators.lark.app import create_app
from simulators.lark.config import Config
from simulators.lark.records import ChangeFeed


class _Server(uvicorn.Server):
    """Lets the pages go before it stops; they would keep it waiting."""

    def __init__(self, config: uvicorn.Config, feed: ChangeFeed) -> None:
        super().__init__(config)
        self._feed = feed

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feed.close()
        await super().shutdown(sockets)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9103, show_default=True, type=int)
@click.option("--app-id", default=Config().app_id, show_default=True, help="What LARK_APP_ID must be.")
@click.option(
    "--app-secret", default=Config().app_secret, show_default=True, help="What LARK_APP_SECRET must be."
)
@click.option("--bot-name", default=Config().bot_name, show_default=True)
@click.option(
    "--webhook", "request_url", default="", help="Deliver events to this address, not over long connections."
)
@click.option("--encrypt-key", default="", help="Encrypt and sign webhooks with this key.")
@click.option("--verification-token", default=Config().verification_token, show_default=True)
@click.option("--scope", "scopes", multiple=True, help="A scope to grant besides the usual ones; repeatable.")
@click.option(
    "--quota", default=10_000, show_default=True, type=int, help="API calls a month; 0: a paid edition."
)
@click.option("--rate-limits/--no-rate-limits", default=True, show_default=True)
@click.option(
    "--ping-interval", default=120, show_default=True, type=int, help="Seconds between a client's pings."
)
def main(  # noqa: PLR0913 - one parameter an option
    *,
    host: str,
    port: int,
    app_id: str,
    app_secret: str,
    bot_name: str,
    request_url: str,
    encrypt_key: str,
    verification_token: str,
    scopes: tuple[str, ...],
    quota: int,
    rate_limits: bool,
    ping_interval: int,
) -> None:
    """Simulate Lark; chats and cards are to be seen at the address it listens on."""
    config = Config(
        app_id=app_id,
        app_secret=app_secret,
        bot_name=bot_name,
        mode="webhook" if request_url else "websocket",
        request_url=request_url,
        encrypt_key=encrypt_key,
        verification_token=verification_token,
        scopes=Config().scopes | set(scopes),
        monthly_quota=quota or None,
        has_rate_limits=rate_limits,
        ping_interval=ping_interval,
    )
    click.echo(f"Lark simulator: page and LARK_DOMAIN http://{host}:{port}")
    app = create_app(config)
    settings = uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)
    _Server(settings, app.state.tenant.feed).run()


if __name__ == "__main__":
    main()
