"""Events over HTTP: verification of the address, encryption, signature."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Sequence

import httpx

from simulators.lark.clock import Clock
from simulators.lark.config import Config
from simulators.lark.deliveries import Problem, Receipt
from simulators.lark.fields import Json, dump, parse_object

CONNECT_TIMEOUT_SECONDS = 2.0
BLOCK_BYTES = 16
MAX_ANSWER_BYTES = 1_000_000


class EncryptionUnavailable(RuntimeError):
    """Encrypted webhooks need the package pycryptodome (it comes with lark-oapi); install it."""


def encrypt(payload: str, encrypt_key: str) -> str:
    """Encrypt as Lark does: AES-256-CBC under sha256 of the key, the IV in front, PKCS#7, base64.

    Raises:
        EncryptionUnavailable: no pycryptodome.
    """
    try:
        from Crypto.Cipher import AES
    except ImportError as error:
        raise EncryptionUnavailable from error
    vector = secrets.token_bytes(BLOCK_BYTES)
    data = payload.encode()
    padding = BLOCK_BYTES - len(data) % BLOCK_BYTES
    cipher = AES.new(hashlib.sha256(encrypt_key.encode()).digest(), AES.MODE_CBC, vector)
    return base64.b64encode(vector + bytes(cipher.encrypt(data + bytes([padding]) * padding))).decode()


def sign(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """Give the X-Lark-Signature of a raw body."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()


class Webhooks:
    """Posts events to the request URL; the address must have answered a challenge first."""

    def __init__(self, clock: Clock, config: Callable[[], Config]) -> None:
        self._clock = clock
        self._config = config
        self._verified_url = ""
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        """Close the HTTP client."""
        await self._client.aclose()

    def targets(self) -> Sequence[str]:
        """Name the one address, if there is one."""
        return [url] if (url := self._config().request_url) else []

    async def verify(self) -> bool:
        """Post a challenge and see whether it comes back with status 200 within one second."""
        config = self._config()
        challenge = secrets.token_hex(16)
        body: Json = {"challenge": challenge, "token": config.verification_token, "type": "url_verification"}
        receipt = await self._post(body, config.challenge_timeout)
        answer = receipt.answer
        is_verified = (
            not receipt.problem and isinstance(answer, dict) and answer.get("challenge") == challenge
        )
        self._verified_url = config.request_url if is_verified else ""
        return is_verified

    async def deliver(self, envelope: Json, target: str | None, fragments: int) -> Receipt:  # noqa: ARG002 - one way only
        """Post one event; an address that never passed the challenge gets none ("offline")."""
        config = self._config()
        if not config.request_url or (config.request_url != self._verified_url and not await self.verify()):
            return Receipt(self._clock.now(), config.request_url, "offline")
        return await self._post(envelope, config.ack_timeout)

    async def _post(self, payload: Json, timeout: float) -> Receipt:
        config = self._config()
        text = dump(payload)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if config.encrypt_key:
            text = dump({"encrypt": encrypt(text, config.encrypt_key)})
            stamp, nonce = str(int(self._clock.now())), secrets.token_hex(8)
            signature = sign(stamp, nonce, config.encrypt_key, text.encode())
            headers |= {
                "X-Lark-Request-Timestamp": stamp,
                "X-Lark-Request-Nonce": nonce,
                "X-Lark-Signature": signature,
            }
        started, at = time.monotonic(), self._clock.now()
        limits = httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT_SECONDS))
        try:
            response = await self._client.post(
                config.request_url, content=text, headers=headers, timeout=limits
            )
        except httpx.TimeoutException:
            return Receipt(at, config.request_url, "timeout")
        except httpx.HTTPError:
            return Receipt(at, config.request_url, "connect")
        ack_ms = int((time.monotonic() - started) * 1000)
        answer = parse_object(response.content[:MAX_ANSWER_BYTES])
        problem: Problem = "" if response.status_code == 200 else "status"
        return Receipt(at, config.request_url, problem, response.status_code, ack_ms, answer)
