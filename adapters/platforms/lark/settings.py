"""What an operator may set about Lark and Feishu."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

FEISHU = "https://open.feishu.cn"
LARK = "https://open.larksuite.com"  # international tenants; their apps and ids are a world of their own


def _split(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


class LarkSettings(BaseSettings):
    """``LARK_*``: one app of one tenant, how it hears and how often it may write; times in seconds."""

    model_config = SettingsConfigDict(env_prefix="LARK_", env_ignore_empty=True, extra="ignore", frozen=True)

    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    domain: str = FEISHU
    mode: Literal["websocket", "webhook"] = "websocket"
    encrypt_key: SecretStr = SecretStr("")
    verification_token: SecretStr = SecretStr("")
    admins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()  # open_ids: ou_…
    picture_wait: float = Field(default=15.0, ge=0, le=600)  # a picture sent alone waits for its question
    frame_interval: float = Field(default=1.0, ge=0.1, le=60)  # least time between two frames of a card
    monthly_calls: int = Field(default=10_000, ge=0)  # of the free edition, all apps together; 0: no limit

    @field_validator("domain")
    @classmethod
    def _check_domain(cls, text: str) -> str:
        url = urlsplit(text.strip())
        if url.scheme not in {"http", "https"} or not url.hostname or url.path.strip("/") or url.query:
            raise ValueError(f"It is an address such as {FEISHU} or {LARK}.")
        return f"{url.scheme}://{url.netloc}"

    @property
    def is_on(self) -> bool:
        """Tell whether there is an app to be."""
        return bool(self.app_id and self.app_secret.get_secret_value())
