"""Where Redis is and how patient we are with it."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RedisSettings(BaseSettings):
    """``REDIS_*``; the URL is filled in by the supervisor when an embedded server is used."""

    model_config = SettingsConfigDict(env_prefix="REDIS_", env_ignore_empty=True, extra="ignore", frozen=True)

    url: str = ""
    max_connections: int = 1000  # redis-py 8 stops at 100 otherwise


class UsageSettings(BaseSettings):
    """``USAGE_*``: what one person may spend on one day; 0 is no limit."""

    model_config = SettingsConfigDict(
        env_prefix="USAGE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    daily_tokens: int = Field(0, ge=0)  # of questions and answers together
    daily_pictures: int = Field(0, ge=0)


class LineSettings(BaseSettings):
    """``LINE_*``: the clockwork of line and slots, in seconds."""

    model_config = SettingsConfigDict(env_prefix="LINE_", env_ignore_empty=True, extra="ignore", frozen=True)

    lease_seconds: float = 15.0
    liveness_seconds: float = 4.0  # a worker that is silent this long is taken for dead
    ring_again_seconds: float = 3.0  # a grant nobody has started is rung again
    outage_grace_seconds: float = 1.5  # after Redis was away, living workers speak first
    probe_seconds: float = 5.0  # quiet time before a lowered limit is raised again
    spill_over: bool = True  # whether a question may go to the next model of its route when the first is busy
    record_seconds: float = 48 * 3600.0  # finished records stay, so that late redeliveries are recognised
    breaker_failures: int = 3  # failures in a row after which an account is left out for a while
    breaker_seconds: float = 30.0
    barred_seconds: float = 300.0  # so long is an account left out whose key or balance is no good
    max_attempts: int = 3  # workers that may die over one job before it is given up
