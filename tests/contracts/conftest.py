"""What the contracts of this folder are tried on."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.line_under_test import Line, fake_line, redis_line


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.redis)])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    """One implementation of the line after the other."""
    if request.param == "fake":
        async with fake_line() as opened:
            yield opened
    else:
        async with redis_line(request.getfixturevalue("redis_url")) as opened:
            yield opened
