"""The environment of the GLM client: keys, accounts, tiers, routes and time-outs."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import httpx
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adapters.glm.models import MODELS
from bots.models import ModelSpec, Tier

CHINA_BASE_URL = "https://open.bigmodel.cn/api/paas/v4"
DEFAULT_ACCOUNT = "default"
CONCURRENCY_MAX = 10_000
_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")  # it becomes a part of Redis keys


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the vendor's; all keys of an account share its slots, so one key stands for it."""

    name: str
    key: SecretStr
    tier: Tier = "V0"
    concurrency: Mapping[str, int] = field(
        default_factory=dict
    )  # model → in flight, where the table is wrong


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _none_if_blank(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _from_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else None
    except ValueError as error:
        detail = "It is not JSON."
        raise ValueError(detail) from error


def _json_or_empty_map(value: object) -> object:
    value = _from_json(value)
    return {} if value is None else value


def _json_or_empty_list(value: object) -> object:
    value = _from_json(value)
    return [] if value is None else value


def _from_commas(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _concurrency(value: dict[str, int]) -> dict[str, int]:
    for model, limit in value.items():
        if model not in MODELS:
            raise ValueError(f"It names the model {model!r}; known are {', '.join(MODELS)}.")
        if not 1 <= limit <= CONCURRENCY_MAX:
            raise ValueError(f"The concurrency of {model} is 1 to {CONCURRENCY_MAX}, not {limit}.")
    return value


def _check_route(variable: str, models: Sequence[str], fits: Callable[[ModelSpec], bool]) -> None:
    for model in models:
        if model not in MODELS or not fits(MODELS[model]):
            known = ", ".join(name for name, spec in MODELS.items() if fits(spec))
            raise ValueError(f"{variable} names {model!r}; possible are {known}.")


def _sound_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        detail = "An API key is one word of printable ASCII."
        raise ValueError(detail)
    return SecretStr(text)


class _AccountEntry(BaseModel):
    """An element of ``GLM_ACCOUNTS``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    key: SecretStr
    tier: Tier | None = None
    concurrency: dict[str, int] = {}

    _check_key = field_validator("key")(_sound_key)
    _check_concurrency = field_validator("concurrency")(_concurrency)

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not _ACCOUNT_NAME.fullmatch(name):
            detail = "An account's name has 1 to 32 letters, digits, '-' or '_'."
            raise ValueError(detail)
        return name


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_from_commas)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class GlmSettings(BaseSettings):
    """What the environment says about GLM; raises ValidationError, which does not show the values."""

    model_config = SettingsConfigDict(
        env_prefix="GLM_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    api_key: Annotated[SecretStr | None, BeforeValidator(_none_if_blank)] = Field(
        None, validation_alias=AliasChoices("GLM_API_KEY", "ZAI_API_KEY", "ZHIPUAI_API_KEY")
    )
    account_entries: Annotated[tuple[_AccountEntry, ...], NoDecode, BeforeValidator(_json_or_empty_list)] = (
        Field((), validation_alias="GLM_ACCOUNTS")
    )
    base_url: Annotated[str, BeforeValidator(_stripped)] = CHINA_BASE_URL
    tier: Annotated[Tier, BeforeValidator(_stripped)] = "V0"
    concurrency: Annotated[dict[str, int], NoDecode, BeforeValidator(_json_or_empty_map)] = {}
    text_models: Names = ("glm-4.7-flash",)
    vision_models: Names = ("glm-4.6v-flash", "glm-4.1v-thinking-flash")
    picture_models: Names = ("cogview-3-flash",)
    allow_paid: Literal["never", "named", "always"] = "named"
    slot_grace: float = Field(0.25, ge=0, le=60)  # seconds from a closed stream to a free slot
    first_token_timeout: Seconds = 180.0
    chunk_timeout: Seconds = 180.0  # the vendor restarts a lost generation after 69 to 132 seconds
    answer_timeout: Seconds = 600.0

    _check_concurrency = field_validator("concurrency")(_concurrency)

    @field_validator("api_key")
    @classmethod
    def _check_key(cls, key: SecretStr | None) -> SecretStr | None:
        return None if key is None else _sound_key(key)

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, text: str) -> str:
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL as error:
            detail = "It is not a URL."
            raise ValueError(detail) from error
        if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
            raise ValueError(f"It is a URL such as {CHINA_BASE_URL}.")
        return text.rstrip("/")

    @model_validator(mode="after")
    def _check_routes(self) -> "GlmSettings":
        if not self.text_models:
            detail = "GLM_TEXT_MODELS names no model."
            raise ValueError(detail)
        _check_route("GLM_TEXT_MODELS", self.text_models, lambda spec: not spec.paints)
        _check_route("GLM_VISION_MODELS", self.vision_models, lambda spec: "image" in spec.inputs)
        _check_route("GLM_PICTURE_MODELS", self.picture_models, lambda spec: spec.paints)
        paid = [name for name in (*self.text_models, *self.vision_models) if MODELS[name].is_paid]
        if paid and self.allow_paid == "never":
            raise ValueError(f"GLM_ALLOW_PAID is never, but the routes name {', '.join(paid)}.")
        return self

    @model_validator(mode="after")
    def _check_accounts(self) -> "GlmSettings":
        names = [entry.name for entry in self.account_entries]
        keys = [entry.key.get_secret_value() for entry in self.account_entries]
        if len(set(names)) < len(names):
            detail = "GLM_ACCOUNTS has two accounts of one name."
            raise ValueError(detail)
        if len(set(keys)) < len(keys):
            detail = "GLM_ACCOUNTS has one key twice; it has its slots once."
            raise ValueError(detail)
        return self

    def accounts(self) -> tuple[Account, ...]:
        """List ``GLM_API_KEY`` as ``default``, unless it is among the others, and ``GLM_ACCOUNTS``."""
        listed = tuple(
            Account(
                entry.name,
                entry.key,
                entry.tier or self.tier,
                {**self.concurrency, **entry.concurrency},
            )
            for entry in self.account_entries
        )
        taken = {account.name for account in listed} | {account.key.get_secret_value() for account in listed}
        if self.api_key is None or {DEFAULT_ACCOUNT, self.api_key.get_secret_value()} & taken:
            return listed
        return (Account(DEFAULT_ACCOUNT, self.api_key, self.tier, dict(self.concurrency)), *listed)

    def vision_route(self) -> tuple[str, ...]:
        """List the models for pictures, best first, with those that cost money at the end if they may."""
        paid = (name for name, spec in MODELS.items() if spec.is_paid and "image" in spec.inputs)
        behind = tuple(paid) if self.allow_paid == "always" else ()
        return tuple(dict.fromkeys((*self.vision_models, *behind)))

    def limits(self) -> dict[str, dict[str, int]]:
        """Tell for each model how many requests each account may have in flight."""
        accounts = self.accounts()
        return {
            model: {
                account.name: account.concurrency.get(model, spec.limit_at(account.tier))
                for account in accounts
            }
            for model, spec in MODELS.items()
        }
