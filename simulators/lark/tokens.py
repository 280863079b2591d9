"""Tenant access tokens (auth/v3/tenant_access_token/internal)."""

from dataclasses import dataclass

from simulators.lark.clock import Clock
from simulators.lark.errors import Refused
from simulators.lark.ids import new_id

LIFETIME_SECONDS = 7200
# With less than this left a new token is given, and both are good until they expire.
RENEWAL_SECONDS = 1800


@dataclass(frozen=True)
class _Token:
    value: str
    expires_at: float


class Tokens:
    """Issues and checks the tokens of the one app."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: list[_Token] = []

    def issue(self) -> tuple[str, int]:
        """Give the token and its remaining seconds; the same one until half an hour before its end."""
        now = self._clock.now()
        self._tokens = [token for token in self._tokens if token.expires_at > now]
        if not self._tokens or self._tokens[-1].expires_at - now < RENEWAL_SECONDS:
            self._tokens.append(_Token(new_id("t-"), now + LIFETIME_SECONDS))
        newest = self._tokens[-1]
        return newest.value, int(newest.expires_at - now)

    def revoke_all(self) -> None:
        """Make every token issued so far invalid, as when the secret is reset."""
        self._tokens.clear()

    def check(self, authorization: str | None) -> None:
        """Accept a good ``Bearer t-…`` header; raises Refused (99991661, 99991671, 99991663) otherwise."""
        scheme, _, value = (authorization or "").partition(" ")
        if scheme != "Bearer" or not value:
            raise Refused(
                99991661, "Missing access token for authorization. Please make a request with token attached."
            )
        if not value.startswith(("t-", "u-")):
            raise Refused(99991671, "Invalid access token format: it must start with t- or u-.")
        now = self._clock.now()
        if not any(token.value == value and token.expires_at > now for token in self._tokens):
            raise Refused(
                99991663, "Invalid access token for authorization. Please make a request with token attached."
            )
