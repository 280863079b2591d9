"""The workspaces that have the bot, and their tokens."""

from typing import Protocol

from pydantic import SecretStr


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
