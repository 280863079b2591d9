"""Ports of this machine; these tests listen on the loopback."""

import asyncio
import socket

from workers.ports import any_free_port, becomes_free, is_free, next_free_port, until_healthy


def test_a_port_in_use_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)


def test_the_next_free_port_is_not_the_taken_one():
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        found = next_free_port("127.0.0.1", taken)
    assert found is not None
    assert found > taken


def test_when_all_are_taken_there_is_none():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert next_free_port("127.0.0.1", server.getsockname()[1], tries=1) is None


async def test_a_port_that_is_given_up_meanwhile_becomes_free():
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    waiting = asyncio.create_task(becomes_free("127.0.0.1", port, 10))
    await asyncio.sleep(0)
    assert not waiting.done()
    server.close()
    assert await waiting


async def test_a_port_that_stays_taken_does_not_become_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not await becomes_free("127.0.0.1", server.getsockname()[1], 0.1)


async def test_a_server_is_healthy_when_it_says_200():
    answers = iter([b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n\r\n"])
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(next(answers))
        writer.close()

    port = any_free_port()
    async with await asyncio.start_server(answer, "127.0.0.1", port), asyncio.timeout(5):
        await until_healthy("127.0.0.1", port)
    assert len(asked) == 3
    assert asked[0].startswith(b"GET /healthz HTTP/1.1\r\n")
