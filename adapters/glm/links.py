"""Downloads the picture behind a link of the vendor's, and nothing that is not on the public internet.

The vendor's hosts change, so no list of them is kept. Instead the name is resolved here, its addresses are
checked, and the connection goes to the checked address: a name may mean something else a moment later.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from adapters.glm.errors import TRANSPORT_FAILURES, to_model_error
from adapters.glm.transport import Connections, read_at_most
from bots.errors import ModelAnsweredNothing, ModelError, ModelUnavailable

PICTURE_BYTES_MAX = 20 * 1024 * 1024
DOWNLOAD_SECONDS = 60.0
TRIES = 2  # a lost picture would cost another painting

Resolver = Callable[[str, int], Awaitable[list[str]]]


async def resolve_host(host: str, port: int) -> list[str]:
    """Resolve a name to addresses, IPv4 first; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class _Target:
    url: httpx.URL
    headers: dict[str, str]
    extensions: dict[str, str]


class PictureLinks:
    """Downloads pictures; ``trusted_host`` is the API's own, which may be a simulator on this machine."""

    def __init__(
        self, connections: Connections, *, trusted_host: str, resolve: Resolver = resolve_host
    ) -> None:
        self._connections = connections
        self._trusted_host = trusted_host
        self._resolve = resolve

    async def fetch(self, link: str) -> bytes:
        """Download at most ``PICTURE_BYTES_MAX`` bytes, following no redirect.

        Raises ModelAnsweredNothing for a link that must not be followed, and other ModelErrors.
        """
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS):
                targets = await self._targets(link)
                return await self._first_of(targets)
        except TRANSPORT_FAILURES as failure:
            raise to_model_error(failure) from failure

    async def _first_of(self, targets: list[_Target]) -> bytes:
        problem: ModelError = ModelUnavailable("The picture's host has no address.")
        for target in (targets * TRIES)[: max(TRIES, len(targets))]:
            try:
                return await self._get(target)
            except ModelUnavailable as error:
                problem = error
            except TRANSPORT_FAILURES as failure:
                problem = to_model_error(failure)
                problem.__cause__ = failure
        raise problem

    async def _get(self, target: _Target) -> bytes:
        async with self._connections.lend() as client:
            request = client.build_request(
                "GET", target.url, headers=target.headers, extensions=dict(target.extensions)
            )
            response = await client.send(request, stream=True, follow_redirects=False)
            async with aclosing(response):
                if response.status_code != HTTPStatus.OK:
                    raise ModelUnavailable(f"The picture's host answered {response.status_code}.")
                data = await read_at_most(response, PICTURE_BYTES_MAX + 1)
        if len(data) > PICTURE_BYTES_MAX:
            raise ModelAnsweredNothing(f"The picture is larger than {PICTURE_BYTES_MAX} bytes.")
        return data

    async def _targets(self, link: str) -> list[_Target]:
        try:
            url = httpx.URL(link)
        except httpx.InvalidURL as error:
            detail = "The picture's link is not a URL."
            raise ModelAnsweredNothing(detail) from error
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
            detail = "The picture's link is not a web address."
            raise ModelAnsweredNothing(detail)
        if url.host == self._trusted_host:
            return [_Target(url, {}, {})]
        addresses = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        if not all(is_public(address) for address in addresses):
            detail = "The picture's link leads into a private network."
            raise ModelAnsweredNothing(detail)
        host = url.netloc.decode("ascii")
        # The certificate is checked against the name although the connection goes to the address.
        return [
            _Target(url.copy_with(host=address), {"Host": host}, {"sni_hostname": url.host})
            for address in addresses
        ]


def is_public(text: str) -> bool:
    """Tell whether an IP address is on the public internet, also when it is wrapped in an IPv6 address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address.sixtofour is not None or address.teredo is not None or address in _NAT64:
            return False
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
