"""What the simulator can be told when it starts."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulators.glm.models import CHAT_MODELS, PAINTERS, Tier

UsagePlacement = Literal["with_finish", "separate", "every", "none"]

DEFAULT_KEY = "simulator.secret"
_DAY_S = 24 * 3600


class SimulatorConfig(BaseModel):
    """The simulated accounts, their limits and the service's habits; times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: tuple[str, ...] = (DEFAULT_KEY,)  # "id.secret" each
    accounts: dict[str, str] = Field(
        default_factory=dict
    )  # key id -> account; by default the id is the account
    empty_accounts: frozenset[str] = frozenset()  # accounts without money: 1113
    bad_key_code: Literal["1000", "401"] = "1000"  # both have been seen

    tier: Tier = "V0"
    limits: dict[str, int] = Field(default_factory=dict)  # over the tier's table
    overload_probability: float = Field(default=0.0, ge=0.0, le=1.0)  # how often a request meets 1305

    pace: float = Field(default=1.0, ge=0.0)  # 0: no pauses, 1: realistic, 2: half as fast
    seed: int = 0
    usage: UsagePlacement = "with_finish"

    strict_prefix: bool = False  # refuse "data:image/...;base64," as some accounts report
    base64_on_4v_flash: bool = False  # the documents forbid it; some code does it
    picture_fetch_timeout: float = Field(default=10.0, gt=0.0)
    picture_url_ttl: float = Field(default=7.0 * _DAY_S, ge=0.0)  # measured; the documents promise 30 days
    pictures_kept: int = Field(default=100, gt=0)
    requests_kept: int = Field(default=500, gt=0)
    max_body_bytes: int = Field(default=64 * 1024 * 1024, gt=0)
    max_hang: float = Field(default=600.0, gt=0.0)  # nothing stays open longer than this

    @field_validator("keys")
    @classmethod
    def _keys_have_two_parts(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            identity, dot, secret = key.partition(".")
            if not (identity and dot and secret) or "." in secret:
                raise ValueError(f"a key has the form id.secret, not {len(key)} characters without that dot")
        return keys

    @field_validator("limits")
    @classmethod
    def _limits_name_models(cls, limits: dict[str, int]) -> dict[str, int]:
        check_limits(limits)
        return limits

    def account_of(self, key_id: str) -> str:
        """Name the account a key belongs to; all keys of an account share its slots."""
        return self.accounts.get(key_id, key_id)


def check_limits(limits: dict[str, int]) -> None:
    """Raise ValueError for an unknown model or a negative number."""
    for model, slots in limits.items():
        if model not in CHAT_MODELS and model not in PAINTERS:
            raise ValueError(f"no such model: {model}")
        if slots < 0:
            raise ValueError(f"a limit is not negative: {model}={slots}")
