"""Signed HTTP delivery: url_verification, signature v0, retry headers, redirects, refusal of retries."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import httpx

from simulators.slack.deliveries import Attempt, Delivery
from simulators.slack.simulation import Simulation
from simulators.slack.wire import JsonObject

MAX_REDIRECTS = 2
MAX_ANSWER_BYTES = 1 << 20


class HttpDelivery:
    """Posts to the app's request URL; the URL must have passed its challenge first."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._client: httpx.AsyncClient | None = None
        self._verified = False

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def verify(self) -> bool:
        """Put the challenge to the request URL; without the right answer no event is ever sent."""
        challenge = self._simulation.secret()
        body = {"token": "deprecated-do-not-use", "challenge": challenge, "type": "url_verification"}
        url = self._simulation.config.request_url or ""
        try:
            answer = await self._post(url, json.dumps(body).encode(), "application/json", {})
        except httpx.HTTPError:
            return False
        said = answer.text.strip()
        with contextlib.suppress(ValueError):
            parsed = answer.json()
            said = str(parsed.get("challenge", "")) if isinstance(parsed, dict) else said
        self._verified = answer.status_code == 200 and said == challenge
        return self._verified

    async def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Post once and wait three seconds for a 200."""
        simulation = self._simulation
        attempt.via = "http"
        work = asyncio.ensure_future(self._exchange(delivery, attempt))
        deadline = attempt.sent_at + simulation.config.ack_seconds
        if await simulation.clock.before(deadline, work):
            await work
            return
        attempt.end("timeout", deadline)
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work

    async def _exchange(self, delivery: Delivery, attempt: Attempt) -> None:
        if not self._verified and not await self.verify():
            attempt.end("connection_failed", self._simulation.clock.now())
            return
        config = self._simulation.config
        url = (
            config.request_url
            if delivery.kind == "events_api"
            else config.interactivity_url or config.request_url
        )
        body, content_type = encode(delivery)
        headers = {}
        if attempt.number:
            headers = {"x-slack-retry-num": str(attempt.number), "x-slack-retry-reason": attempt.reason}
        try:
            answer = await self._post(url or "", body, content_type, headers)
        except httpx.TooManyRedirects:
            attempt.end("too_many_redirects", self._simulation.clock.now())
            return
        except httpx.HTTPError:
            attempt.end("connection_failed", self._simulation.clock.now())
            return
        attempt.status = answer.status_code
        attempt.ack_seconds = self._simulation.clock.now() - attempt.sent_at
        if answer.status_code == 200:
            attempt.end("acked", self._simulation.clock.now())
            delivery.reply = _reply(answer) if delivery.kind != "events_api" else None
        else:
            is_final = answer.headers.get("x-slack-no-retry") == "1"
            attempt.end("no_retry" if is_final else "refused", self._simulation.clock.now())

    async def _post(
        self, url: str, body: bytes, content_type: str, headers: dict[str, str]
    ) -> httpx.Response:
        if self._client is None:
            self._client = httpx.AsyncClient(
                follow_redirects=True, max_redirects=MAX_REDIRECTS, trust_env=False, timeout=30.0
            )
        # Real time, whatever the script did to the clock: the app checks it against its own.
        timestamp = str(int(time.time()))
        signed = {
            "content-type": content_type,
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": sign(self._simulation.config.signing_secret, timestamp, body),
        }
        async with self._client.stream("POST", url, content=body, headers={**signed, **headers}) as answer:
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MAX_ANSWER_BYTES:
                    message = "The answer is larger than Slack would read."
                    raise httpx.DecodingError(message)
            answer_headers = {"content-type": answer.headers.get("content-type", "")}
            no_retry = answer.headers.get("x-slack-no-retry")
            if no_retry:
                answer_headers["x-slack-no-retry"] = no_retry
            return httpx.Response(answer.status_code, headers=answer_headers, content=bytes(content))


def sign(signing_secret: str, timestamp: str, body: bytes) -> str:
    """Make ``x-slack-signature``, version v0 (Slack docs, verifying requests)."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()


def encode(delivery: Delivery) -> tuple[bytes, str]:
    """Encode as Slack does: events as JSON, commands as a form, interactions as JSON in a form."""
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload, ensure_ascii=False).encode(), "application/json"
    form: JsonObject = delivery.payload
    if delivery.kind == "interactive":
        form = {"payload": json.dumps(delivery.payload, ensure_ascii=False)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _reply(answer: httpx.Response) -> JsonObject | None:
    if not answer.content:
        return None
    try:
        parsed = answer.json()
    except ValueError:
        return {"text": answer.text}
    return parsed if isinstance(parsed, dict) else None
