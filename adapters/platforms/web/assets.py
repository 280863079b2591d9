"""The page and its files, as they ship with the project."""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "md": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
# No inline scripts or styles, nothing from elsewhere; only DOMPurify may turn text into HTML.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types dompurify"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page, ready to be sent."""

    data: bytes
    zipped: bytes
    content_type: str
    etag: str


def load_assets() -> dict[str, Asset]:
    """Read all files of ``static/`` by their path below it, such as ``vendor/purify.min.js``."""
    return dict(_walk(files("adapters.platforms.web").joinpath("static"), ""))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found = []
    for entry in folder.iterdir():
        content_type = CONTENT_TYPES.get(entry.name.rpartition(".")[2])
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif content_type:
            data = entry.read_bytes()
            etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
            found.append((prefix + entry.name, Asset(data, gzip.compress(data, mtime=0), content_type, etag)))
    return found


def send_asset(request: Request, asset: Asset) -> Response:
    """Answer with a file of the page, or with 304 where the browser has it already."""
    headers = {
        **SECURITY_HEADERS,
        "ETag": asset.etag,
        # Asked for anew each time (a 304 is cheap), so that an update never mixes old and new modules.
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.zipped, media_type=asset.content_type, headers=headers)
    return Response(asset.data, media_type=asset.content_type, headers=headers)
