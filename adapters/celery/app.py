"""The configured Celery app; both sides of the doorbell use it."""

from urllib.parse import parse_qs, urlsplit

from celery import Celery

WORK_TASK = "glimmer.work"  # a constant: renaming a module must not lose what is in the queue
QUEUE = "glimmer"


def create_app(redis_url: str, *, socket_timeout: float) -> Celery:
    """Configure Celery so that neither a killed worker nor a Redis restart runs anything twice.

    Measured with Celery 5.7: with late acks a worker holding a task exits when Redis drops, and each blip
    runs every unacked task again; with early acks and no prefetch neither happens. A lost doorbell is rung
    again by the sweeper.
    """
    app = Celery("glimmer", broker=broker_url(redis_url), set_as_current=False)
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_acks_late=False,
        task_serializer="json",
        accept_content=["json"],
        worker_disable_prefetch=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 3600,
            "socket_timeout": socket_timeout,
            "socket_connect_timeout": 1,
        },
    )
    return app


def broker_url(redis_url: str) -> str:
    """Write a redis-py URL as kombu wants it: a Unix socket has another scheme there."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return f"redis+socket://{login}{parts.path}?virtual_host={database}"
