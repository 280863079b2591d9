"""Addresses under which the vendor fetches a file, and what is behind them."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from adapters.media.pictures import PillowPictureReader
from adapters.media.relay import RelayLinks, relay_key
from adapters.media.relay_routes import MediaRelay
from bots.errors import AttachmentGone, PlatformUnavailable
from bots.messages import Attachment
from bots.ports import Platform
from tests.media_made import five_shapes, video_of
from tests.unit.bots.scene import Gallery

FILM = video_of((("red", 0.0, 1.0),))
MINE = Attachment(handle="film", name="film.mp4", media_type="video/mp4")
OTHER = Attachment(handle="other", name="other.mp4", media_type="video/mp4")
PHOTO = Attachment(handle="photo", name="photo.png", media_type="image/png")


class Watch:
    """Clock that the test sets."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Shelf:
    """AttachmentFetcher over a few files."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Exception] = {"film": FILM, "other": FILM[:-1], "photo": five_shapes()}
        self.fetched: list[str] = []

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        self.fetched.append(attachment.handle)
        found = self.files.get(attachment.handle, AttachmentGone(name=attachment.name))
        if isinstance(found, Exception):
            raise found
        return found[:max_bytes]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def links(watch: Watch) -> RelayLinks:
    return RelayLinks(relay_key("", "id.secret"), "https://bot.example/", 900, watch)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def vendor(links: RelayLinks, shelf: Shelf) -> AsyncIterator[httpx.AsyncClient]:
    platforms = {"web": Platform("web", None, Gallery(), shelf)}  # type: ignore[arg-type] # nobody writes here
    relay = MediaRelay(links, platforms, PillowPictureReader())
    transport = httpx.ASGITransport(Starlette(routes=[relay.route]))
    async with httpx.AsyncClient(transport=transport) as client:
        yield client


async def test_a_signed_address_gives_the_file(vendor, links):
    response = await vendor.get(links.link("web", MINE, "original"))
    assert response.status_code == 200
    assert response.content == FILM
    assert response.headers["content-type"] == "video/mp4"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, len(FILM)), ("bytes=-5", len(FILM) - 5, len(FILM)),
     ("bytes=0-99999999", 0, len(FILM))],
)  # fmt: skip
async def test_ranges_are_served(vendor, links, wanted, begin, end):
    response = await vendor.get(links.link("web", MINE, "original"), headers={"range": wanted})
    assert response.status_code == 206
    assert response.content == FILM[begin:end]
    assert response.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(FILM)}"


async def test_a_range_behind_the_end_is_refused(vendor, links):
    url = links.link("web", MINE, "original")
    assert (await vendor.get(url, headers={"range": "bytes=99999999-"})).status_code == 416


async def test_many_ranges_cost_one_fetch(vendor, links, shelf):
    url = links.link("web", MINE, "original")
    for begin in range(0, 50, 10):
        await vendor.get(url, headers={"range": f"bytes={begin}-{begin + 9}"})
    assert shelf.fetched == ["film"]


async def test_an_address_expires_even_when_the_file_is_at_hand(vendor, links, watch):
    url = links.link("web", MINE, "original")
    assert (await vendor.get(url)).status_code == 200
    watch.time += timedelta(seconds=901)
    assert (await vendor.get(url)).status_code == 404


async def test_a_token_bent_to_another_file_is_refused(vendor, links, shelf):
    mine, other = (unpacked(links.link("web", one, "original")) for one in (MINE, OTHER))
    bent = base64.urlsafe_b64encode(mine[:32] + other[32:]).rstrip(b"=").decode()
    assert (await vendor.get(f"https://bot.example/media/{bent}")).status_code == 404
    assert shelf.fetched == []


@pytest.mark.parametrize("token", ["x", "a" * 200, "%00", "é", "a" * 5000])
async def test_a_forged_token_is_refused(vendor, shelf, token):
    assert (await vendor.get(f"https://bot.example/media/{token}")).status_code == 404
    assert shelf.fetched == []


async def test_a_token_signed_with_another_key_is_refused(vendor, watch, shelf):
    foreign = RelayLinks(relay_key("", "other.key"), "https://bot.example", 900, watch)
    assert (await vendor.get(foreign.link("web", MINE, "original"))).status_code == 404
    assert shelf.fetched == []


async def test_every_single_changed_character_is_noticed(links):
    token = links.link("web", MINE, "original").rpartition("/")[2]
    for place in range(0, len(token) - 1, 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert links.ticket(changed) is None


async def test_a_picture_is_handed_on_as_a_model_would_get_it(vendor, links):
    response = await vendor.get(links.link("web", PHOTO, "picture"))
    assert response.headers["content-type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("error", "status"), [(AttachmentGone(name="film.mp4"), 410), (PlatformUnavailable(), 503)]
)
async def test_trouble_behind_the_relay_has_its_status(vendor, links, shelf, error, status):
    shelf.files["film"] = error
    assert (await vendor.get(links.link("web", MINE, "original"))).status_code == status


def test_without_a_public_address_there_are_no_links(watch):
    assert RelayLinks(b"key", "", 900, watch).link("web", MINE, "original") == ""


def unpacked(url: str) -> bytes:
    token = url.rpartition("/")[2]
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
