"""Pictures into a thread and files out of one: late processing, stubs, redirects, the login trap."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from adapters.clock import SystemClock
from adapters.platforms.slack.attachments import SlackAttachments
from adapters.platforms.slack.budget import CallBudget
from adapters.platforms.slack.calls import PacedCalls
from adapters.platforms.slack.client import SlackClient
from adapters.platforms.slack.handles import FileHandle
from adapters.platforms.slack.installations import OneWorkspace
from adapters.platforms.slack.uploader import SlackUploader
from bots.deltas import PaintedPicture
from bots.errors import (
    AttachmentGone,
    AttachmentTooLarge,
    AttachmentUnsupported,
    PlatformDenied,
    PlatformError,
)
from bots.messages import Attachment, Conversation
from tests.integration.slack.workspace import GENERAL, TEAM, Workspace

pytestmark = pytest.mark.redis


def png(size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    return out.getvalue()


PICTURE = PaintedPicture(png(), "image/png", 64, 48)


@pytest.fixture
def uploader(client: SlackClient, redis) -> SlackUploader:
    return SlackUploader(PacedCalls(client, CallBudget(redis), SystemClock()), redis)


@pytest.fixture
async def place(workspace: Workspace) -> Conversation:
    thread = await workspace.ask("/imagine")
    return Conversation(platform="slack", tenant_id=TEAM, channel_id=GENERAL, thread_id=thread)


async def shared(workspace: Workspace, place: Conversation) -> list[dict[str, Any]]:
    return [message for message in await workspace.replies(place.thread_id or "") if message["files"]]


async def test_a_picture_stands_in_the_thread_with_its_title_and_alt_text(uploader, workspace, place):
    shown = await uploader.upload(place, PICTURE, alt="a teal square", key="job-1")

    [message] = await shared(workspace, place)  # already there: what is posted next comes below it
    [file] = message["files"]
    assert (file["id"], file["title"], file["alt_txt"]) == (shown.handle, "a teal square", "a teal square")
    assert (file["original_w"], file["original_h"], shown.width) == (64, 48, 64)


async def test_a_picture_is_shown_once_per_key(uploader, workspace, place, client, redis):
    first = await uploader.upload(place, PICTURE, alt="a", key="job-1")
    other_process = SlackUploader(PacedCalls(client, CallBudget(redis), SystemClock()), redis)
    again = await other_process.upload(place, PICTURE, alt="a", key="job-1")

    assert (again.handle, len(await shared(workspace, place))) == (first.handle, 1)


@pytest.mark.parametrize("kind", ["drop_after", "http_error"])
@pytest.mark.parametrize(
    "method", ["files.getUploadURLExternal", "files.completeUploadExternal", "files.info"]
)
async def test_an_upload_whose_answers_are_lost_is_shown_once(uploader, workspace, place, method, kind):
    await workspace.fault(method, kind)
    await uploader.upload(place, PICTURE, alt="a", key="job-1")

    assert len(await shared(workspace, place)) == 1


async def test_an_upload_that_is_refused_is_told(uploader, workspace, place):
    await workspace.fault("files.getUploadURLExternal", "error", error="file_uploads_disabled")
    with pytest.raises(PlatformDenied):
        await uploader.upload(place, PICTURE, alt="a", key="job-1")


async def sent(
    workspace: Workspace, data: bytes, name: str = "a.png", mimetype: str = "image/png"
) -> dict[str, Any]:
    """Have somebody send a file; gives the file as the event carries it."""
    content = base64.b64encode(data).decode()
    file = {"name": name, "content_base64": content, "mimetype": mimetype}
    ts = (await workspace.send("act/message", text="look", channel=GENERAL, files=[file]))["ts"]
    found = await workspace.get("messages", channel=GENERAL)
    [message] = [one for one in found["messages"] if one["ts"] == ts]
    return dict(message["files"][0])


def attachment(file: dict[str, Any], **changes: object) -> Attachment:
    handle = FileHandle(
        tenant_id=TEAM, file_id=file["id"], url=file["url_private"], media_type=file["mimetype"],
        preview_url=file.get("thumb_1024", ""),
    ).model_copy(update=changes)  # fmt: skip
    return Attachment(handle=handle.packed(), name=file["name"], media_type=file["mimetype"])


@pytest.fixture
def attachments(client: SlackClient, workspace: Workspace) -> SlackAttachments:
    return SlackAttachments(client, f"{workspace.base_url}/api/", SystemClock())


async def test_a_file_is_fetched_with_the_bots_token(attachments, workspace):
    data = png()
    assert await attachments.fetch(attachment(await sent(workspace, data)), max_bytes=10_000) == data


async def test_slacks_own_redirect_is_followed_with_the_token(attachments, workspace):
    data = png()
    file = await sent(workspace, data)
    await workspace.send(f"files/{file['id']}", by_redirect=True)

    assert await attachments.fetch(attachment(file), max_bytes=10_000) == data


async def test_another_organisations_file_is_looked_up_first(attachments, workspace):
    data = png()
    file = await sent(workspace, data)
    await workspace.send(f"files/{file['id']}", mode="file_access")

    assert await attachments.fetch(attachment(file, url="", media_type=""), max_bytes=10_000) == data


async def test_a_login_page_is_not_taken_for_the_file(workspace, client, attachments):
    file = await sent(workspace, png())
    await workspace.send("app", scopes=["chat:write"])
    with pytest.raises(PlatformDenied, match="files:read"):
        await attachments.fetch(attachment(file), max_bytes=10_000)


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/a.png", "http://files.slack.com/a.png", "https://files.slack.com.evil.example/a.png",
     "https://evilslack.com/a.png", "http://127.0.0.1:1/a.png"],
)  # fmt: skip
async def test_the_token_goes_to_no_other_host(attachments, workspace, url):
    file = await sent(workspace, png())
    with pytest.raises(PlatformDenied, match="another host"):
        await attachments.fetch(attachment(file, url=url), max_bytes=10_000)


async def test_a_file_that_is_too_large_is_left_or_read_from_its_preview(attachments, workspace):
    file = await sent(workspace, png((1600, 1200)))
    with pytest.raises(AttachmentTooLarge) as caught:
        await attachments.fetch(attachment(file, preview_url=""), max_bytes=100)
    assert (caught.value.name, caught.value.limit) == ("a.png", 100)


async def test_an_odd_picture_is_read_from_slacks_preview(attachments, workspace):
    file = await sent(workspace, png((1600, 1200)))
    data = await attachments.fetch(attachment(file, media_type="image/heic"), max_bytes=1_000_000)
    assert Image.open(io.BytesIO(data)).size == (1024, 768)


async def test_a_deleted_file_is_gone(attachments, workspace):
    file = await sent(workspace, png())
    await workspace.send(f"files/{file['id']}", deleted=True)
    with pytest.raises(AttachmentGone) as caught:
        await attachments.fetch(attachment(file), max_bytes=10_000)
    assert caught.value.name == "a.png"
    with pytest.raises(AttachmentGone):
        await attachments.fetch(attachment(file, url=""), max_bytes=10_000)


async def test_a_file_of_google_drive_is_not_slacks_to_give(attachments, workspace):
    file = await sent(workspace, png())
    with pytest.raises(AttachmentUnsupported):
        await attachments.fetch(attachment(file, is_external=True), max_bytes=10_000)


async def test_a_handle_of_nobodys_is_gone(attachments):
    with pytest.raises(AttachmentGone):
        await attachments.fetch(Attachment(handle="?", name="a", media_type="a/b"), max_bytes=9)


async def test_a_slack_that_is_away_is_said_to_be_away(client, workspace):
    from pydantic import SecretStr

    away = SlackClient(client.http, OneWorkspace(SecretStr("xoxb-x")), "http://127.0.0.1:1/api/")
    with pytest.raises(PlatformError) as caught:
        await away.call(TEAM, "chat.postMessage", {"channel": GENERAL, "text": "x"})
    assert caught.value.is_transient
