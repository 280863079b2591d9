"""Logging, set up once per process: one line per record, and no secret in any of them."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TextIO

MAX_LINE_CHARACTERS = 8_000
QUIET_LOGGERS = (  # they tell every request, with its URL, at INFO
    "aiohttp",
    "asyncio",
    "celery",
    "httpcore",
    "httpx",
    "kombu",
    "uvicorn",
    "uvicorn.access",
    "uvicorn.error",
)
MASK = "***"

_SECRETS = (
    re.compile(r"(?P<keep>\bBearer\s+)[^\s\"',]+", re.IGNORECASE),
    re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+"),  # Slack
    re.compile(r"(?P<keep>hooks\.slack\.com/)[^\s\"']+"),  # a response URL is a secret by itself
    re.compile(r"\b[tua]-[A-Za-z0-9_-]*\d[A-Za-z0-9_.-]{15,}"),  # Lark: tenant, user and app tokens
    re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]+"),  # JSON Web Tokens
    re.compile(r"\b(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}\.[A-Za-z0-9]{10,}\b"),  # GLM: id.secret
    re.compile(r"(?P<keep>://)[^\s/@\"']*:[^\s/@\"']*@"),  # user:password in a URL
    re.compile(r"(?P<keep>/media/)[^\s\"']+"),  # a signed address opens a user's file
    re.compile(
        r"(?P<keep>(?:api_?key|app_?secret|secret|token|ticket|password|passwd|encrypt_?key|access_?key)"
        r"[\"']?\s*[=:]\s*[\"']?)(?!\*)[^\s\"',;&}]+",
        re.IGNORECASE,
    ),
)
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


def mask_secrets(text: str) -> str:
    """Blank out whatever looks like a key or a token; better one word too many than one too few."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: f"{found.groupdict().get('keep') or ''}{MASK}", text)
    return text


class TextFormatter(logging.Formatter):
    """``time level logger message key=value…``; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; secrets are masked in all of it, the exception's words included."""
        moment = datetime.fromtimestamp(record.created, tz=UTC).astimezone()
        words = [moment.isoformat(" ", "milliseconds")[:23], record.levelname, record.name, _message(record)]
        words += [f"{key}={_word(value)}" for key, value in _extra_fields(record).items()]
        line = mask_secrets(" ".join(words))[:MAX_LINE_CHARACTERS]
        if record.exc_info:
            line += "\n" + mask_secrets(self.formatException(record.exc_info))
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object per line, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; secrets are masked in every value."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask_secrets(_message(record))[:MAX_LINE_CHARACTERS],
        }
        for key, value in _extra_fields(record).items():
            is_plain = isinstance(value, (int, float, bool)) or value is None
            fields[key] = value if is_plain else mask_secrets(str(value))[:MAX_LINE_CHARACTERS]
        if record.exc_info:
            fields["traceback"] = mask_secrets(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


def configure_logging(level: str, style: Literal["text", "json"], stream: TextIO | None = None) -> None:
    """Send every logger's records through one handler to ``stream`` (stderr).

    uvicorn must be run with ``log_config=None``, and Celery's ``setup_logging`` signal must have a receiver,
    or they put handlers of their own beside it.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    # Warnings of libraries are for developers; so is Celery's page about running as root in a container.
    logging.getLogger("py.warnings").setLevel(logging.NOTSET if level == "DEBUG" else logging.ERROR)
    for name in QUIET_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.NOTSET if level == "DEBUG" else logging.WARNING)
        # A library that has set up its own handlers would speak beside ours, or past us.
        logger.handlers.clear()
        logger.propagate = True


def _message(record: logging.LogRecord) -> str:
    return record.getMessage().replace("\n", "\\n")  # a user's line break must not look like a record


def _extra_fields(record: logging.LogRecord) -> Mapping[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _OWN_FIELDS}


def _word(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[\s\"=]", text) or not text else text
