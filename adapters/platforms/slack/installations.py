"""The workspaces that have the bot, and their tokens."""

from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr, ValidationError
from redis.asyncio import Redis

from adapters.platforms.slack.store_errors import reaching_store
from bots.errors import PlatformDenied
from bots.messages import Record

ORGANISATION_SECONDS = 400 * 24 * 3600


class BotTokens(Protocol):
    """Gives the token to speak to a workspace with."""

    async def bot_token(self, tenant_id: str) -> str:
        """Look up a workspace's token, fresh enough to be used at once.

        Raises PlatformDenied if the bot is not installed there, StoreUnavailable.
        """
        ...


class OneWorkspace:
    """BotTokens of a bot whose only token is in the settings."""

    def __init__(self, bot_token: SecretStr) -> None:
        self._bot_token = bot_token

    async def bot_token(self, tenant_id: str) -> str:  # noqa: ARG002 - there is only one
        """Give the token."""
        return self._bot_token.get_secret_value()


class Installation(Record):
    """What OAuth brought for one workspace, or for a whole organisation."""

    tenant_id: str  # the workspace's id, or the organisation's for one that has it everywhere
    bot_user_id: str
    bot_token: str
    refresh_token: str = ""  # single use; empty where the app's tokens do not rotate
    expires_at: float | None = None  # seconds since the epoch


class InstallationStore:
    """Keeps installations in Redis, encrypted; every call raises StoreUnavailable."""

    def __init__(self, redis: Redis, token_key: SecretStr) -> None:
        self._redis = redis
        keys = [key.strip() for key in token_key.get_secret_value().split(",")]
        # The first encrypts, all decrypt: so a key can be replaced without a new installation.
        self._cipher = MultiFernet([Fernet(key) for key in keys if key])

    async def save(self, installation: Installation) -> None:
        """Keep an installation in place of the workspace's former one."""
        sealed = self._cipher.encrypt(installation.model_dump_json().encode())
        with reaching_store():
            await self._redis.set(_key(installation.tenant_id), sealed)

    async def find(self, tenant_id: str) -> Installation | None:
        """Look a workspace up, by itself or by its organisation; raises PlatformDenied for a lost key."""
        with reaching_store():
            sealed = await self._redis.get(_key(tenant_id))
            if sealed is None and (organisation := await self._redis.get(_organisation_key(tenant_id))):
                sealed = await self._redis.get(_key(_text(organisation)))
        if sealed is None:
            return None
        try:
            return Installation.model_validate_json(self._cipher.decrypt(sealed))
        except (InvalidToken, ValidationError) as error:
            detail = "unreadable installation: was SLACK_TOKEN_KEY changed?"
            raise PlatformDenied(detail) from error

    async def forget(self, tenant_id: str) -> None:
        """Delete what is known of a workspace; it may have been deleted before."""
        with reaching_store():
            await self._redis.delete(_key(tenant_id), _organisation_key(tenant_id))

    async def belongs_to(self, tenant_id: str, organisation_id: str) -> None:
        """Note that a workspace has the bot through its organisation (Enterprise Grid)."""
        with reaching_store():
            await self._redis.set(_organisation_key(tenant_id), organisation_id, ex=ORGANISATION_SECONDS)


def _key(tenant_id: str) -> str:
    return f"glimmer:slack:installation:{{{tenant_id}}}"


def _organisation_key(tenant_id: str) -> str:
    return f"glimmer:slack:organisation:{{{tenant_id}}}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
