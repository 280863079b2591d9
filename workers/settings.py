"""What belongs to a process rather than to an adapter: address, data directory, logging.

Every settings class of the project reads the environment first and then ``.env`` in the working directory.
Adapters cannot import this module: the factories in ``workers`` build theirs with ``_env_file=ENV_FILE``.
"""

import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_FILE = ".env"
# An empty value counts as unset: a copied .env.example has many of them.
FROM_ENV_FILE = SettingsConfigDict(
    env_file=ENV_FILE, env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
)


class UserDirectories(BaseSettings):
    """Where the operating system lets a user's programs keep data."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    xdg_data_home: Path | None = None
    localappdata: Path | None = None

    def data_dir(self, platform: str = sys.platform) -> Path:
        """Name Glimmer's directory (XDG Base Directory Specification; relative paths there are invalid)."""
        home = Path.home()
        if platform == "win32":
            return (self.localappdata or home / "AppData" / "Local") / "Glimmer"
        if platform == "darwin":
            return home / "Library" / "Application Support" / "Glimmer"
        given = self.xdg_data_home
        return (given if given is not None and given.is_absolute() else home / ".local" / "share") / "glimmer"


class ProcessSettings(BaseSettings):
    """``HOST``, ``PORT``, ``GLIMMER_DATA_DIR`` and the other variables without a prefix."""

    model_config = FROM_ENV_FILE

    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=0, le=65535)  # 0: any free one
    public_url: str = ""
    ops_token: SecretStr = SecretStr("")
    glimmer_data_dir: Path = Field(default_factory=lambda: UserDirectories().data_dir())
    redis_url: str = ""  # may hold a password; empty: an embedded server is used
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    prometheus_multiproc_dir: str = ""  # shared by the processes of one machine; see prometheus_client
    metrics_port: int | None = Field(default=None, ge=0, le=65535)  # a worker's; the gateway has /metrics

    @field_validator("log_level", mode="before")
    @classmethod
    def _accept_any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("glimmer_data_dir")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()  # children may run in another directory

    @property
    def local_host(self) -> str:
        """Name an address of this machine that reaches a server bound to ``host``."""
        return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104


class Verbosity(BaseSettings):
    """How much to tell of an error, where the other settings may be the error."""

    model_config = FROM_ENV_FILE

    log_level: str = "INFO"


class PlatformPresence(BaseSettings):
    """Which chat platforms the operator has named, as far as people are told; the adapters own the values."""

    model_config = FROM_ENV_FILE

    slack_bot_token: SecretStr | None = None
    slack_client_id: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    lark_app_id: str | None = None
    lark_app_secret: SecretStr | None = None
    lark_mode: str = "websocket"
    lark_encrypt_key: SecretStr | None = None
    lark_verification_token: SecretStr | None = None

    @property
    def lacks(self) -> dict[str, str]:
        """Tell for each named platform what it still lacks; an empty string means that it is on."""
        found: dict[str, str] = {}
        if self.slack_bot_token or self.slack_client_id or self.slack_app_token:
            found["Slack"] = self._slack_lacks()
        if self.lark_app_id or self.lark_app_secret:
            found["Lark"] = self._lark_lacks()
        return found

    def _lark_lacks(self) -> str:
        if not (self.lark_app_id and self.lark_app_secret):
            return "set both LARK_APP_ID and LARK_APP_SECRET"
        if self.lark_mode == "webhook" and not (self.lark_encrypt_key or self.lark_verification_token):
            return "set LARK_ENCRYPT_KEY and LARK_VERIFICATION_TOKEN (webhook)"
        return ""

    def _slack_lacks(self) -> str:
        if not (self.slack_bot_token or self.slack_client_id):
            return "set SLACK_BOT_TOKEN (xoxb-…)"
        if not (self.slack_app_token or self.slack_signing_secret):
            return "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"
        return ""
