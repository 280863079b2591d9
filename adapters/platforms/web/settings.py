"""What an operator may set about the playground."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """Limits of the playground, from ``WEB_…`` variables; sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="WEB_", extra="ignore")

    max_file_bytes: int = Field(default=20 * 1024 * 1024, ge=1)
    max_files: int = Field(default=10, ge=0)
    max_text_characters: int = Field(default=100_000, ge=1)
    max_request_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    max_messages: int = Field(default=400, ge=2)  # kept per thread; the oldest go first
    retention_seconds: int = Field(default=7 * 24 * 3600, ge=1)
    min_edit_interval: float = Field(default=0.15, ge=0)  # faster than this the eye sees no difference
    keep_alive_seconds: float = Field(default=15.0, gt=0)  # proxies cut silent streams after 30 s
