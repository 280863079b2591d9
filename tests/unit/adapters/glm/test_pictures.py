import asyncio
import json
from collections.abc import Callable
from io import BytesIO

import httpx
import pytest
from PIL import Image

from adapters.glm import links as links_module
from adapters.glm.links import is_public
from adapters.glm.pictures import measured, open_painter
from bots.deltas import PaintedPicture
from bots.errors import (
    BotError,
    CommandMistaken,
    ConcurrencyExceeded,
    ModelAnsweredNothing,
    ModelRejectedRequest,
    ModelTimedOut,
    ModelUnavailable,
    PromptRefused,
)
from bots.prompts import PicturePrompt
from tests.unit.adapters.glm.wire import Bytes, settings

PUBLIC, LINK = "93.184.216.34", "https://pictures.test/a.png?Signature=x"
Answer = Callable[[httpx.Request], httpx.Response]


def encoded(kind: str = "PNG", size: tuple[int, int] = (64, 32)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "orange").save(file, kind)
    return file.getvalue()


def asked(model: str = "cogview-3-flash", size: str = "1024x1024") -> PicturePrompt:
    return PicturePrompt("default", model, "a fox", size, "request-1", "user-123")


class Service:
    """The API and the host of the pictures in one; remembers what was asked of it."""

    def __init__(self, link: str = LINK, picture: Answer | None = None, answer: bytes | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.names = {"pictures.test": [PUBLIC]}
        self._answer = answer if answer is not None else json.dumps({"data": [{"url": link}]}).encode()
        self._picture = picture or (lambda _request: httpx.Response(200, content=encoded()))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "POST":
            return httpx.Response(200, content=self._answer)
        return self._picture(request)

    async def resolve(self, host: str, _port: int) -> list[str]:
        if host not in self.names:
            message = "no such host"
            raise OSError(message)
        return self.names[host]

    async def paint(self, prompt: PicturePrompt | None = None, **changes: object) -> PaintedPicture:
        transport = httpx.MockTransport(self)
        async with open_painter(settings(**changes), transport=transport, resolve=self.resolve) as painter:
            return await painter.paint(prompt or asked())


async def test_a_picture_is_painted_and_downloaded() -> None:
    service = Service()
    assert await service.paint() == PaintedPicture(encoded(), "image/png", 64, 32)
    order, download = service.requests
    assert str(order.url) == "https://glm.test/v4/images/generations"
    assert json.loads(order.content)["prompt"] == "a fox"
    assert "Authorization" not in download.headers


async def test_the_download_goes_to_the_address_that_was_checked() -> None:
    service = Service()
    await service.paint()
    download = service.requests[1]
    assert str(download.url) == f"https://{PUBLIC}/a.png?Signature=x"
    assert download.headers["Host"] == "pictures.test"
    assert download.extensions["sni_hostname"] == "pictures.test"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "fe80::1%eth0",
        "nonsense",
    ],
)
async def test_a_link_into_a_private_network_is_not_followed(address: str) -> None:
    assert not is_public(address)
    service = Service()
    service.names["pictures.test"] = [PUBLIC, address]
    with pytest.raises(ModelAnsweredNothing, match="private network"):
        await service.paint()
    assert len(service.requests) == 1


def test_public_addresses_are_public() -> None:
    assert is_public(PUBLIC)
    assert is_public("2606:2800:220:1::1")
    assert is_public("::ffff:93.184.216.34")


async def test_the_apis_own_host_is_trusted_so_that_a_simulator_can_paint() -> None:
    service = Service("http://127.0.0.1:8203/pictures/1.png")
    await service.paint(base_url="http://127.0.0.1:8202/api/paas/v4")
    assert str(service.requests[1].url) == "http://127.0.0.1:8203/pictures/1.png"


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "ftp://pictures.test/a",
        "https://user:pw@pictures.test/a",
        "a.png",
        "https://[::",
    ],
)
async def test_a_link_that_is_no_web_address_is_not_followed(link: str) -> None:
    service = Service(link)
    with pytest.raises(ModelAnsweredNothing):
        await service.paint()
    assert len(service.requests) == 1


async def test_a_redirect_is_not_followed() -> None:
    away = {"Location": "http://169.254.169.254/"}
    service = Service(picture=lambda _request: httpx.Response(302, headers=away))
    with pytest.raises(ModelUnavailable, match="302"):
        await service.paint()
    assert {request.url.host for request in service.requests} == {"glm.test", PUBLIC}


async def test_a_download_that_fails_is_tried_once_more() -> None:
    answers: list[httpx.Response | Exception] = [
        httpx.ReadError("cut"),
        httpx.Response(200, content=encoded()),
    ]

    def picture(_request: httpx.Request) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert (await Service(picture=picture).paint()).width == 64


async def test_each_address_is_tried_before_the_download_is_given_up() -> None:
    def picture(request: httpx.Request) -> httpx.Response:
        message = "unreachable"
        raise httpx.ConnectError(message, request=request)

    service = Service(picture=picture)
    service.names["pictures.test"] = [PUBLIC, "93.184.216.35", "93.184.216.36"]
    with pytest.raises(ModelUnavailable):
        await service.paint()
    assert len({request.url.host for request in service.requests[1:]}) == 3


async def test_a_host_without_a_name_is_unavailable() -> None:
    with pytest.raises(ModelUnavailable):
        await Service("https://elsewhere.test/a.png").paint()
    service = Service()
    service.names["pictures.test"] = []
    with pytest.raises(ModelUnavailable, match="no address"):
        await service.paint()


async def test_a_picture_without_an_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "PICTURE_BYTES_MAX", 10_000)
    body = Bytes(b"x" * 1000 for _ in iter(int, 1))
    with pytest.raises(ModelAnsweredNothing, match="larger than 10000 bytes"):
        await Service(picture=lambda _request: httpx.Response(200, stream=body)).paint()
    assert body.is_closed


async def test_a_download_that_stands_still_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "DOWNLOAD_SECONDS", 0.05)
    stuck = Bytes([asyncio.Event().wait])
    with pytest.raises(ModelTimedOut):
        await Service(picture=lambda _request: httpx.Response(200, stream=stuck)).paint()


@pytest.mark.parametrize(
    "data", [b"", b"<html>expired</html>", b"GIF89a" + b"\0" * 50, encoded()[:20], b"\x89PNG\r\n"]
)
async def test_what_is_not_a_picture_is_not_passed_on(data: bytes) -> None:
    with pytest.raises(ModelAnsweredNothing, match="PNG, JPEG or WebP"):
        await Service(picture=lambda _request: httpx.Response(200, content=data)).paint()


@pytest.mark.parametrize(
    ("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_the_bytes_tell_the_kind_and_the_size(kind: str, media_type: str) -> None:
    assert measured(encoded(kind)) == PaintedPicture(encoded(kind), media_type, 64, 32)


@pytest.mark.parametrize(
    ("answer", "ours"),
    [
        (b'{"data":[]}', ModelAnsweredNothing),
        (b'{"data":[{"url":null}]}', ModelAnsweredNothing),
        (b'{"data":[],"content_filter":[{"role":"assistant","level":1}]}', PromptRefused),
        (b'{"error":{"code":"1302"}}', ConcurrencyExceeded),
        (b"<html>", ModelUnavailable),
    ],
)
async def test_an_answer_without_a_picture_is_an_error(answer: bytes, ours: type[BotError]) -> None:
    with pytest.raises(BotError) as caught:
        await Service(answer=answer).paint()
    assert type(caught.value) is ours


async def test_a_refused_wish_is_told() -> None:
    said = b'{"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301","message":"no"}}'
    transport = httpx.MockTransport(lambda _request: httpx.Response(400, content=said))
    async with open_painter(settings(), transport=transport) as painter:
        with pytest.raises(PromptRefused) as caught:
            await painter.paint(asked())
    assert caught.value.detail == "user"


@pytest.mark.parametrize(
    ("size", "ours"), [("1040x1040", CommandMistaken), ("768x1344", ModelRejectedRequest)]
)
async def test_a_free_size_that_the_model_refuses_is_the_users_to_change(
    size: str, ours: type[BotError]
) -> None:
    with pytest.raises(BotError) as caught:
        await Service(answer=b'{"error":{"code":"1210"}}').paint(asked(size=size))
    assert type(caught.value) is ours


async def test_what_cannot_be_painted_is_not_asked_for() -> None:
    service = Service()
    with pytest.raises(ModelRejectedRequest):
        await service.paint(asked(model="glm-4.7-flash"))
    assert service.requests == []
