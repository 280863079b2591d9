"""Keeps finished pictures behind links that expire."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True)
class Hung:
    """A picture on the wall until a moment in Unix seconds."""

    png: bytes
    expires_at: int


class Gallery:
    """Holds the newest pictures; older ones fall out."""

    def __init__(self, kept: int, ttl_s: float) -> None:
        self._kept = kept
        self._ttl_s = ttl_s
        self._pictures: OrderedDict[str, Hung] = OrderedDict()

    def add(self, png: bytes) -> str:
        """Keep a picture and give the path and query of its link."""
        identity = secrets.token_hex(16)
        hung = Hung(png, int(time.time() + self._ttl_s))
        self._pictures[identity] = hung
        while len(self._pictures) > self._kept:
            self._pictures.popitem(last=False)
        return f"/files/cogview/{identity}.png?Expires={hung.expires_at}"

    def find(self, identity: str, expires: str | None) -> tuple[int, bytes]:
        """Give HTTP status and bytes: 200, 403 for a link that is over or was changed, 404 for an unknown."""
        hung = self._pictures.get(identity)
        if hung is None:
            return 404, b"NoSuchKey"
        if expires != str(hung.expires_at) or time.time() >= hung.expires_at:
            return 403, b"AccessDenied: the link has expired"
        return 200, hung.png
