"""What an operator reads, and what must never be read."""

import io
import json
import logging

import pytest

from workers.logs import configure_logging, mask_secrets


@pytest.fixture
def stream():
    root = logging.getLogger()
    former = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], level = former
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize(
    "secret",
    [
        "0123456789abcdef0123456789abcdef.fedcba9876543210",
        "xoxb-1234-5678-abcdef",
        "xoxe.xoxp-1-Mi0yLTEyMzQ",
        "xapp-1-A0B1-2-abcdef",
        "https://hooks.slack.com/services/T0/B0/abc",
        "t-g1044qeGEDXTB6NDJOGV4JQCYDGHRBARFTGT1234",
        "eyJhbGciOiJIUzI1NiJ9.eyJhcGlfa2V5IjoiYSJ9.c2lnbmF0dXJl",
        "/media/eyJ1cmwiOiJhIn0",
    ],
)
def test_what_looks_like_a_key_is_masked(secret):
    masked = mask_secrets(f"calling with {secret} now")
    assert secret not in masked
    assert "***" in masked
    assert masked.startswith("calling with ")
    assert masked.endswith(" now")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("redis://user:pass@host:6379/0", "redis://***host:6379/0"),
        ("{'app_secret': 'hush', 'name': 'x'}", "{'app_secret': '***', 'name': 'x'}"),
        ("token=hush&page=2", "token=***&page=2"),
        ('"encrypt_key": "hush"', '"encrypt_key": "***"'),
    ],
)
def test_only_the_secret_part_is_masked(line, expected):
    assert mask_secrets(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "started job=web:local:first:2e6cc62db917485d931c318024edfd74 model=glm-4.7-flash",
        "max_tokens=128 tokens: 12",
        "bots.errors.ConcurrencyExceeded at adapters.glm.client",
        "http://127.0.0.1:8321/healthz",
        "redis 6.2.14 on 2026-11-20T17:23:57.794883Z",
    ],
)
def test_ordinary_words_stay(line):
    assert mask_secrets(line) == line


def test_a_record_is_one_line_with_its_fields(stream):
    configure_logging("INFO", "text", stream)
    logging.getLogger("workers.runner").info("job %s\nends", "a", extra={"worker": "w 1", "attempt": 2})
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().endswith(' INFO workers.runner job a\\nends worker="w 1" attempt=2\n')


def test_a_json_record_has_the_same_and_its_traceback(stream):
    configure_logging("INFO", "json", stream)
    try:
        dict[str, str]()["Bearer abc"]
    except KeyError:
        logging.getLogger("workers.runner").exception("job failed", extra={"job": "a", "attempt": 2})
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert (record["level"], record["message"], record["job"], record["attempt"]) == (
        "ERROR",
        "job failed",
        "a",
        2,
    )
    assert "KeyError" in record["traceback"]
    assert "abc" not in line


def test_secrets_in_fields_and_exceptions_are_masked_too(stream):
    configure_logging("INFO", "text", stream)
    try:
        int("xoxb-1-2-inside")
    except ValueError:
        logging.getLogger("x").exception("failed", extra={"sent": "xoxb-1-2-beside"})
    assert "inside" not in stream.getvalue()
    assert "beside" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


@pytest.mark.parametrize("name", ["httpx", "celery.worker.strategy", "uvicorn.error", "kombu.connection"])
def test_libraries_are_quiet_until_debug_is_asked_for(stream, name):
    configure_logging("INFO", "text", stream)
    logging.getLogger(name).info("HTTP Request: POST")
    assert not stream.getvalue()
    configure_logging("DEBUG", "text", stream)
    logging.getLogger(name).info("HTTP Request: POST")
    assert "HTTP Request: POST" in stream.getvalue()
    configure_logging("INFO", "text", stream)


def test_configured_twice_it_still_tells_everything_once(stream):
    configure_logging("INFO", "text", stream)
    configure_logging("INFO", "text", stream)
    logging.getLogger("x").info("once")
    assert stream.getvalue().count("once") == 1
