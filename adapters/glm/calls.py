"""A signed POST to the vendor: the account's key in, an open response or a ModelError out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from http import HTTPStatus

import httpx
from pydantic import SecretStr

from adapters.glm.errors import ERROR_BODY_BYTES, TRANSPORT_FAILURES, Refusal, to_model_error
from adapters.glm.settings import Account
from adapters.glm.transport import Connections, read_at_most, sliced
from bots.errors import KeyRejected

_log = logging.getLogger(__name__)


class SignedCalls:
    """Posts to the API in the name of an account."""

    def __init__(self, base_url: str, accounts: Sequence[Account], connections: Connections) -> None:
        self._base_url = base_url
        self._keys: Mapping[str, SecretStr] = {account.name: account.key for account in accounts}
        self._connections = connections

    @asynccontextmanager
    async def post(
        self, path: str, account: str, body: bytes, *, deadline: float
    ) -> AsyncIterator[httpx.Response]:
        """Send the body and give the response once its head says 200; leaving closes the connection.

        ``deadline`` is in the event loop's time and covers everything up to the head. Raises ModelError.
        """
        headers = self._headers(account, body)
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(deadline):
                    client = await stack.enter_async_context(self._connections.lend())
                    request = client.build_request(
                        "POST", self._base_url + path, content=sliced(body), headers=headers
                    )
                    response = await client.send(request, stream=True)
                    stack.push_async_callback(_close, response)
                    refusal = await _refusal(response)
            except TRANSPORT_FAILURES as failure:
                error = to_model_error(failure)
                _log.info("%s failed for account %s: %s", path, account, error.detail)
                raise error from failure
            if refusal is not None:
                error = to_model_error(refusal)
                _log.info("%s refused for account %s: %s %s", path, account, refusal.status, error.code)
                raise error
            yield response

    def _headers(self, account: str, body: bytes) -> dict[str, str]:
        key = self._keys.get(account)
        if key is None:
            raise KeyRejected(f"There is no API key for the account {account!r}.")
        return {
            "Authorization": f"Bearer {key.get_secret_value()}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            # Compressed events would wait in somebody's buffer.
            "Accept-Encoding": "identity",
        }


async def _refusal(response: httpx.Response) -> Refusal | None:
    if response.status_code == HTTPStatus.OK:
        return None
    body = await read_at_most(response, ERROR_BODY_BYTES)
    return Refusal(response.status_code, body, response.headers.get("Retry-After", ""))


async def _close(response: httpx.Response) -> None:
    with suppress(*TRANSPORT_FAILURES):
        await response.aclose()
