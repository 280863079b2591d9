"""The playground: a chat page of our own, as one more platform."""

from redis.asyncio import Redis

from adapters.platforms.web.attachments import WebAttachments
from adapters.platforms.web.settings import WebSettings
from adapters.platforms.web.store import WebStore
from adapters.platforms.web.writer import WebUploader, WebWriter
from bots.ports import Platform


def create_platform(redis: Redis, settings: WebSettings) -> Platform:
    """Make what a worker needs to write to the page; ``redis`` must answer in bytes."""
    store = WebStore(redis, settings)
    return Platform(
        name="web",
        writer=WebWriter(store, settings),
        uploader=WebUploader(store),
        attachments=WebAttachments(store, settings),
    )


__all__ = ["WebSettings", "WebStore", "create_platform"]
