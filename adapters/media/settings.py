"""What an operator may set about files, videos and the addresses under which the vendor fetches them."""

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class MediaSettings(BaseSettings):
    """Caps from ``MEDIA_…`` variables; sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="MEDIA_", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    max_pages: int = Field(default=500, ge=1)  # pages, slides or sheets of one file
    max_characters: int = Field(default=400_000, ge=1000)  # taken from one file
    max_unpacked_bytes: int = Field(default=200_000_000, ge=1)  # of an Office file, which is a ZIP
    max_rows: int = Field(default=5000, ge=1)  # of one sheet
    max_frames: int = Field(default=40, ge=1)  # of one video
    max_frame_pixels: int = Field(default=40_000_000, ge=1)  # 8K has 33 million
    read_seconds: float = Field(default=30.0, gt=0)  # for one file; what is read by then is used
    link_seconds: int = Field(default=900, ge=1)  # how long a signed address works
    secret: SecretStr = SecretStr("")  # signs the addresses; empty: derived from the GLM key
    public_url: str = Field(default="", validation_alias=AliasChoices("PUBLIC_URL"))
