"""What the writer leaves in Redis: the newest state and never an older one."""

import pytest
from redis.asyncio import Redis

from adapters.platforms.web import WebSettings, WebStore, create_platform
from adapters.platforms.web.states import WebMessage
from bots.deltas import PaintedPicture
from bots.drafts import Draft, Place, Placement
from bots.errors import AttachmentGone, AttachmentTooLarge, LeaseLost, PlatformUnavailable
from bots.messages import Attachment, Conversation

pytestmark = pytest.mark.redis
THREAD = Conversation(platform="web", tenant_id="local", channel_id="t1")


@pytest.fixture
def store(redis, settings):
    return WebStore(redis, settings)


@pytest.fixture
def platform(redis, settings):
    return create_platform(redis, settings)


async def shown(store: WebStore, message_id: str = "r1") -> WebMessage:
    message = await store.message("t1", message_id)
    assert message is not None
    return message


async def test_a_posted_reply_is_named_by_its_reply_id_and_shows_its_place(platform, store):
    draft = Draft(revision=1, place=Place(position=3, seconds=20), buttons=("stop",))
    placement = await platform.writer.post(THREAD, draft, Placement(reply_id="r1", fence=1))
    message = await shown(store)
    assert (placement.reply_id, placement.revision) == ("r1", 1)
    assert (message.author, message.place, message.place_seconds) == ("bot", 3, 20)


async def test_an_edit_shows_the_whole_draft(platform, store):
    placement = await platform.writer.post(THREAD, Draft(revision=1), Placement(reply_id="r1", fence=1))
    draft = Draft(markdown="**hi**", reasoning="hm", revision=2, is_final=True, outcome="answered", model="m")
    placement = await platform.writer.edit(THREAD, draft, placement)
    message = await shown(store)
    assert (message.markdown, message.reasoning, message.is_final, message.model) == (
        "**hi**",
        "hm",
        True,
        "m",
    )
    assert placement.revision == 2


async def test_posting_twice_makes_one_message(platform, store):
    placement = Placement(reply_id="r1", fence=1)
    first = await platform.writer.post(THREAD, Draft(revision=1), placement)
    second = await platform.writer.post(THREAD, Draft(revision=1), placement)
    assert first == second
    assert len(await store.snapshot("t1")) == 1


async def test_a_worker_that_takes_a_reply_up_keeps_its_text(platform, store):
    placement = await platform.writer.post(
        THREAD, Draft(markdown="half an", reasoning="hm", revision=7), Placement(reply_id="r1", fence=1)
    )
    await platform.writer.post(
        THREAD, Draft(revision=0, buttons=("stop",)), placement.model_copy(update={"fence": 2})
    )
    message = await shown(store)
    assert (message.markdown, message.reasoning, message.buttons) == ("half an", "hm", ("stop",))
    assert (message.fence, message.is_final) == (2, False)


async def test_a_newer_fence_may_begin_its_revisions_anew(platform, store):
    await platform.writer.post(THREAD, Draft(markdown="old", revision=40), Placement(reply_id="r1", fence=1))
    await platform.writer.edit(THREAD, Draft(markdown="new", revision=1), Placement(reply_id="r1", fence=2))
    assert (await shown(store)).markdown == "new"


@pytest.mark.parametrize("verb", ["post", "edit"])
async def test_a_worker_that_lost_its_lease_writes_nothing(platform, store, verb):
    await platform.writer.post(THREAD, Draft(markdown="mine", revision=1), Placement(reply_id="r1", fence=5))
    write = getattr(platform.writer, verb)
    with pytest.raises(LeaseLost):
        await write(THREAD, Draft(markdown="late", revision=99), Placement(reply_id="r1", fence=4))
    assert (await shown(store)).markdown == "mine"


async def test_a_late_edit_is_not_shown(platform, store):
    placement = await platform.writer.post(THREAD, Draft(revision=1), Placement(reply_id="r1", fence=1))
    await platform.writer.edit(THREAD, Draft(markdown="whole", revision=9, is_final=True), placement)
    answer = await platform.writer.edit(THREAD, Draft(markdown="who", revision=8), placement)
    message = await shown(store)
    assert (message.markdown, message.is_final, answer.revision) == ("whole", True, 9)


async def test_a_reply_keeps_the_time_of_its_first_post(platform, store):
    placement = await platform.writer.post(THREAD, Draft(revision=1), Placement(reply_id="r1", fence=1))
    posted = (await shown(store)).created_at
    await platform.writer.edit(THREAD, Draft(markdown="a", revision=2), placement)
    await platform.writer.post(THREAD, Draft(revision=1), Placement(reply_id="r1", fence=2))
    assert (await shown(store)).created_at == posted


async def test_a_thread_keeps_only_its_newest_messages(platform, store, settings):
    for number in range(settings.max_messages + 3):
        await platform.writer.post(THREAD, Draft(revision=1), Placement(reply_id=f"r{number}", fence=1))
    kept = [state.message_id for state in await store.snapshot("t1")]
    assert kept == [f"r{number}" for number in range(3, settings.max_messages + 3)]


async def test_nothing_is_kept_for_ever(platform, redis):
    await platform.writer.post(THREAD, Draft(revision=1), Placement(reply_id="r1", fence=1))
    picture = PaintedPicture(b"png", "image/png", 10, 20)
    await platform.uploader.upload(THREAD, picture, alt="a", key="j1")
    keys = await redis.keys("*")
    assert len(keys) == 5
    assert all([await redis.ttl(key) > 0 for key in keys])


async def test_a_picture_is_stored_once_per_key(platform, redis):
    picture = PaintedPicture(b"png", "image/png", 10, 20)
    first = await platform.uploader.upload(THREAD, picture, alt="a cat", key="j1")
    again = await platform.uploader.upload(THREAD, picture, alt="a cat", key="j1")
    other = await platform.uploader.upload(THREAD, picture, alt="a cat", key="j2")
    assert first == again
    assert first.handle != other.handle
    assert (first.width, first.height, first.alt) == (10, 20, "a cat")
    assert first.handle.startswith("/api/files/")
    assert len(first.handle) > 40  # not to be guessed


async def test_a_pictures_bytes_can_be_fetched_by_its_url(platform):
    picture = PaintedPicture(b"png bytes", "image/png", 10, 20)
    painted = await platform.uploader.upload(THREAD, picture, alt="a", key="j1")
    attachment = Attachment(handle=painted.handle, name="a.png", media_type="image/png")
    assert await platform.attachments.fetch(attachment, max_bytes=100) == b"png bytes"
    with pytest.raises(AttachmentTooLarge) as caught:
        await platform.attachments.fetch(attachment, max_bytes=3)
    assert (caught.value.name, caught.value.limit) == ("a.png", 3)


async def test_a_file_that_is_gone_is_said_to_be_gone(platform):
    with pytest.raises(AttachmentGone) as caught:
        await platform.attachments.fetch(
            Attachment(handle="nowhere", name="a.png", media_type="image/png"), max_bytes=9
        )
    assert caught.value.name == "a.png"


async def test_a_file_that_was_too_large_to_keep_is_too_large(platform, settings):
    attachment = Attachment(handle="", name="film.mp4", media_type="video/mp4", size_bytes=10**9)
    with pytest.raises(AttachmentTooLarge) as caught:
        await platform.attachments.fetch(attachment, max_bytes=10**8)
    assert caught.value.limit == settings.max_file_bytes


async def test_a_redis_that_is_away_is_a_platform_that_is_unavailable(tmp_path):
    client = Redis(unix_socket_path=str(tmp_path / "nobody.sock"))
    platform = create_platform(client, WebSettings())
    with pytest.raises(PlatformUnavailable):
        await platform.writer.post(THREAD, Draft(revision=1), Placement(reply_id="r1", fence=1))
    with pytest.raises(PlatformUnavailable):
        await platform.attachments.fetch(Attachment(handle="a", name="a", media_type="a/b"), max_bytes=9)
    await client.aclose()
