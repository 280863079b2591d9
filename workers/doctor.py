"""``glimmer doctor``: looks at the machine and the settings and says what to do, one line each."""

import asyncio
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import click
from pydantic import ValidationError

from adapters.glm.client import open_glm
from adapters.glm.settings import Account, GlmSettings
from adapters.redis.embedded import OLDEST_VERSION
from bots.errors import (
    BotError,
    ConcurrencyExceeded,
    ModelAnsweredNothing,
    ModelOverloaded,
    StoreUnavailable,
)
from bots.prompts import Prompt, Turn
from workers.launch import HOW_TO_GET_A_KEY
from workers.ports import is_free
from workers.redis_choice import check_reachable, choose_redis
from workers.settings import ENV_FILE, PlatformPresence, ProcessSettings

PYTHON_VERSIONS = ((3, 11), (3, 13))  # first and last
ASKED_MODEL = "glm-4.7-flash"  # costs nothing
ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    is_good: bool
    text: str

    def __str__(self) -> str:
        """Write it for people."""
        return f"{'✓' if self.is_good else '✗'} {self.text}"


def _good(text: str) -> Finding:
    return Finding(is_good=True, text=text)


def _bad(text: str) -> Finding:
    return Finding(is_good=False, text=text)


async def examine(settings: ProcessSettings, say: Callable[[str], None] = click.echo) -> int:
    """Check everything, each call with a time-out; returns the exit code, 1 if anything is wrong."""
    checks: tuple[Callable[[], Awaitable[list[Finding]]], ...] = (
        check_python,
        check_key,
        lambda: check_redis(settings),
        lambda: check_port(settings),
        lambda: check_data_dir(settings.glimmer_data_dir),
        check_platforms,
    )
    all_good = True
    for check in checks:
        for finding in await check():
            say(str(finding))
            all_good = all_good and finding.is_good
    return 0 if all_good else 1


async def check_python() -> list[Finding]:
    """Check the interpreter."""
    first, last = PYTHON_VERSIONS
    version = ".".join(map(str, sys.version_info[:3]))
    if first <= sys.version_info[:2] <= last:
        return [_good(f"Python {version}")]
    wanted = f"{first[0]}.{first[1]} to {last[0]}.{last[1]}"
    return [_bad(f"Python {version}: Glimmer is tested with {wanted}; install one of these")]


async def check_key() -> list[Finding]:
    """Check each account with a chat request of one token."""
    try:
        glm = GlmSettings(_env_file=ENV_FILE)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        return [_bad(f"{'.'.join(map(str, each['loc']))}: {each['msg']}") for each in problems]
    if not glm.accounts():
        return [_bad(HOW_TO_GET_A_KEY)]
    return [await _ask(glm, account) for account in glm.accounts()]


async def _ask(glm: GlmSettings, account: Account) -> Finding:
    # /tokenizer would cost no slot, but it is documented for some models only; a chat is what will be used.
    prompt = Prompt(
        account=account.name,
        model=ASKED_MODEL,
        turns=(Turn("user", "Hi"),),
        request_id=f"doctor-{uuid.uuid4().hex}",
        user_id="glimmer-doctor",
        max_output_tokens=1,
    )
    whose = f"GLM key of account {account.name}"
    try:
        async with asyncio.timeout(ANSWER_SECONDS), open_glm(glm) as client:
            await client.complete(prompt)
    except (ConcurrencyExceeded, ModelOverloaded, ModelAnsweredNothing):
        return _good(f"{whose}: accepted; {ASKED_MODEL} is busy just now")
    except TimeoutError:
        return _bad(f"{whose}: {glm.base_url} gave no answer in {ANSWER_SECONDS:.0f} s; check the network")
    except BotError as error:
        return _bad(f"{whose}: {type(error).__doc__}{f' ({error.detail})' if error.detail else ''}")
    return _good(f"{whose}: accepted (one token from {ASKED_MODEL} at {glm.base_url})")


async def check_redis(settings: ProcessSettings) -> list[Finding]:
    """Check the operator's Redis, or tell which server would be started."""
    try:
        choice = choose_redis(settings.redis_url, settings.glimmer_data_dir)
        if choice.embedded is not None:
            return [_good(f"Redis: {choice.described}, {choice.embedded.program.path}")]
        version = await check_reachable(settings.redis_url)
    except StoreUnavailable as error:
        return [_bad(f"Redis: {error}")]
    said = ".".join(map(str, version))
    if version < OLDEST_VERSION:
        return [_bad(f"Redis: {choice.described} is {said}; 6.2 or newer is needed")]
    return [_good(f"Redis: {choice.described} answers, version {said}")]


async def check_port(settings: ProcessSettings) -> list[Finding]:
    """Check that the gateway could listen."""
    where = f"{settings.host}:{settings.port}"
    try:
        free = is_free(settings.host, settings.port)
    except OSError as error:
        return [_bad(f"Port: cannot listen on {where}: {error}; set HOST and PORT")]
    if not free:
        return [_bad(f"Port: {where} is taken, by a running Glimmer or another program; stop it or set PORT")]
    return [_good(f"Port: {where} is free")]


async def check_data_dir(data_dir: Path) -> list[Finding]:
    """Check that we may write where the data live, or where they would; nothing is left behind."""
    existing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        return [_bad(f"Data directory: cannot write to {existing}: {error}; set GLIMMER_DATA_DIR")]
    return [_good(f"Data directory: {data_dir}{'' if existing == data_dir else ' (will be made)'}")]


async def check_platforms() -> list[Finding]:
    """Check that each chat platform that is named has all it needs; none is fine too."""
    lacks = PlatformPresence().lacks
    if not lacks:
        return [_good("Platforms: the playground only; Slack and Lark are not configured")]
    return [
        _bad(f"{name}: {lack}") if lack else _good(f"{name}: configured")
        for name, lack in sorted(lacks.items())
    ]
