"""Which names the gateway answers to, so that no foreign page can reach it by renaming itself."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from workers.settings import ProcessSettings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, not bound
REFUSED = (
    "This address is not known here. Use the one that Glimmer printed when it started, "
    "or set PUBLIC_URL to the address people use.\n"
)


class KnownHosts:
    """The hosts of PUBLIC_URL and HOST, and this machine's own names.

    Against DNS rebinding: another site may point its own name at our address, and its pages then share our
    origin, but they cannot change the Host header. Where we listen on every address, bare IP addresses and
    names without a dot (a container's) are known too, since no site can have such a name.
    """

    def __init__(self, own: ProcessSettings) -> None:
        given = (urlsplit(own.public_url).hostname or "", own.host.lower())
        self._names = LOOPBACK_NAMES | (frozenset(given) - EVERY_ADDRESS)
        self._is_open = own.host in EVERY_ADDRESS

    def __contains__(self, header: object) -> bool:
        """Tell whether a Host header (``name``, ``name:port``, ``[::1]:port``) names us."""
        name = host_name(str(header))
        return name in self._names or (self._is_open and bool(name) and (is_ip(name) or "." not in name))


class HostCheck:
    """ASGI middleware that refuses unknown hosts with 421, but for paths that are open to any.

    Those are health checks, which see nothing, and platforms' callbacks, which are signed.
    """

    def __init__(self, app: ASGIApp, known: KnownHosts, open_paths: tuple[str, ...]) -> None:
        self._app = app
        self._known = known
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        is_checked = scope["type"] == "http" and not scope["path"].startswith(self._open_paths)
        if is_checked and Headers(scope=scope).get("host", "") not in self._known:
            await PlainTextResponse(REFUSED, status_code=421)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def host_name(header: str) -> str:
    """Take the name or address out of a Host header; empty if there is none."""
    try:
        return (urlsplit(f"//{header.strip()}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_ip(name: str) -> bool:
    """Tell whether a host name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
