"""Signed addresses under which the vendor fetches one file; implements ``bots.media.MediaLinks``.

An address is ``PUBLIC_URL/media/{token}``; the token holds what is to be fetched and until when, and an
HMAC-SHA256 over that (RFC 2104), so nothing is stored and nobody can make one up or bend one to another file.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from pydantic import ValidationError

from bots.media import LinkForm
from bots.messages import Attachment, Record
from bots.ports import Clock

_SIGNATURE_BYTES = 32
_MOST_TOKEN_CHARACTERS = 4000


class Ticket(Record):
    """What a token says: one file, in one form, until a time in Unix seconds."""

    platform: str
    attachment: Attachment
    form: LinkForm
    expires_at: int


@dataclass(frozen=True, slots=True)
class RelayLinks:
    """Signs addresses and checks them."""

    key: bytes
    public_url: str
    link_seconds: int
    clock: Clock

    def link(self, platform: str, attachment: Attachment, form: LinkForm) -> str:
        """Sign an address that expires; empty without PUBLIC_URL."""
        if not self.public_url:
            return ""
        expires_at = int(self.clock.now().timestamp()) + self.link_seconds
        ticket = Ticket(platform=platform, attachment=attachment, form=form, expires_at=expires_at)
        content = ticket.model_dump_json().encode()
        token = base64.urlsafe_b64encode(self._signature(content) + content).rstrip(b"=").decode()
        return f"{self.public_url.rstrip('/')}/media/{token}"

    def ticket(self, token: str) -> Ticket | None:
        """Read a token; None if it is forged, damaged or expired."""
        if len(token) > _MOST_TOKEN_CHARACTERS:
            return None
        try:
            packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        signature, content = packed[:_SIGNATURE_BYTES], packed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(content)):
            return None
        try:
            ticket = Ticket.model_validate_json(content)
        except ValidationError:
            return None
        return ticket if self.clock.now().timestamp() < ticket.expires_at else None

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self.key, content, "sha256")


def relay_key(secret: str, glm_key: str) -> bytes:
    """Make the key all processes sign with: of MEDIA_SECRET, or of the GLM key, which they share anyway."""
    return hashlib.sha256(b"glimmer media relay\0" + (secret or glm_key).encode()).digest()
