"""The guard that keeps unit tests off the network."""

import asyncio
import socket

import pytest


def test_a_name_of_the_outside_world_is_not_looked_up():
    with pytest.raises(pytest.fail.Exception, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)


def test_an_outside_address_is_not_called():
    with socket.socket() as connection, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        connection.connect(("192.0.2.1", 80))


async def test_asyncio_does_not_get_around_the_guard():
    with pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        await asyncio.open_connection("192.0.2.1", 80)


async def test_the_loopback_is_open():
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("localhost", port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
