"""What an operator may set about Slack."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

NOTHING = SecretStr("")


class SlackSettings(BaseSettings):
    """``SLACK_*``: one workspace by its tokens, or many by OAuth; over Socket Mode, HTTP or both."""

    model_config = SettingsConfigDict(env_prefix="SLACK_", env_ignore_empty=True, extra="ignore", frozen=True)

    bot_token: SecretStr = NOTHING  # xoxb-…
    app_token: SecretStr = NOTHING  # xapp-…, switches Socket Mode on
    signing_secret: SecretStr = NOTHING  # switches HTTP on
    client_id: str = ""  # switches OAuth on
    client_secret: SecretStr = NOTHING
    token_key: SecretStr = NOTHING  # encrypts the tokens that OAuth brings
    api_url: str = "https://slack.com/api/"
    public_url: str = Field(default="", validation_alias="PUBLIC_URL")  # where OAuth sends people back to
    sockets: int = Field(default=2, ge=1, le=10)  # per gateway; Slack allows ten per app

    @model_validator(mode="after")
    def _needs_all_of_oauth(self) -> Self:
        if not self.client_id:
            return self
        for name in ("client_secret", "token_key"):
            if not getattr(self, name).get_secret_value():
                problem = (
                    f"SLACK_CLIENT_ID is set, so SLACK_{name.upper()} must be set too (see docs/slack.md)"
                )
                raise ValueError(problem)
        return self

    @property
    def is_on(self) -> bool:
        """Tell whether there is a workspace to speak to and a way to hear it."""
        return self._can_speak and self._can_hear

    @property
    def missing(self) -> str:
        """Say which variable is missing where some are set; empty if all or none are."""
        if self._can_speak and not self._can_hear:
            return "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) too"
        if self._can_hear and not self._can_speak:
            return "set SLACK_BOT_TOKEN, or SLACK_CLIENT_ID for many workspaces, too"
        return ""

    @property
    def _can_speak(self) -> bool:
        return bool(self.bot_token.get_secret_value() or self.client_id)

    @property
    def _can_hear(self) -> bool:
        return bool(self.app_token.get_secret_value() or self.signing_secret.get_secret_value())
