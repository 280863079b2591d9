"""What an operator may set about Slack."""

from pydantic import Field, SecretStr
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
    sockets: int = Field(default=2, ge=1, le=10)  # per gateway; Slack allows ten per app

    @property
    def is_on(self) -> bool:
        """Tell whether there is a workspace to speak to and a way to hear it."""
        can_speak = bool(self.bot_token.get_secret_value() or self.client_id)
        return can_speak and bool(
            self.app_token.get_secret_value() or self.signing_secret.get_secret_value()
        )
