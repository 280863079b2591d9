"""Who asks: a raw key ``id.secret`` or a token signed with its secret ("GLM docs, authentication")."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from simulators.glm.config import SimulatorConfig
from simulators.glm.errors import Refusal

_SCHEME = "bearer "
_JWT_PARTS = 3


def account_of(authorization: str | None, config: SimulatorConfig) -> str:
    """Name the account behind an Authorization header; raises Refusal 1001, 1000 (or 401) or 1003."""
    if not authorization:
        raise Refusal(code="1001")
    if not authorization.lower().startswith(_SCHEME):
        raise Refusal(config.bad_key_code)
    credential = authorization[len(_SCHEME) :].strip()
    secrets = dict(key.split(".") for key in config.keys)
    key_id, _, secret = credential.partition(".")
    if _same(secrets.get(key_id), secret):
        return config.account_of(key_id)
    return config.account_of(_key_id_of_token(credential, secrets, config.bad_key_code))


def _same(expected: str | None, given: str) -> bool:
    return expected is not None and hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _key_id_of_token(token: str, secrets: Mapping[str, str], refusal_code: str) -> str:
    parts = token.split(".")
    if len(parts) != _JWT_PARTS:
        raise Refusal(refusal_code)
    try:
        header, payload = (json.loads(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
    except (ValueError, binascii.Error) as error:
        raise Refusal(refusal_code) from error
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise Refusal(refusal_code)
    key_id = str(payload.get("api_key"))
    expected = hmac.new(
        secrets.get(key_id, "").encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256
    ).digest()
    signed_right = header.get("alg") == "HS256" and header.get("sign_type") == "SIGN"
    if key_id not in secrets or not signed_right or not hmac.compare_digest(expected, signature):
        raise Refusal(refusal_code)
    expires_ms = payload.get("exp")  # milliseconds, unlike everybody else's tokens
    if not isinstance(expires_ms, int) or expires_ms < time.time() * 1000:
        raise Refusal(code="1003")
    return key_id


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
