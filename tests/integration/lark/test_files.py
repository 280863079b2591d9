"""Bytes from and for Lark have caps."""

import pytest

from bots.deltas import PaintedPicture
from bots.errors import AttachmentGone, AttachmentTooLarge, PlatformDenied
from bots.messages import Attachment

pytestmark = pytest.mark.redis


async def test_a_file_is_read_up_to_its_cap_and_no_further(stage):
    sent = stage.lark.act(
        "messages", chat="Alice", type="file", attachments=[{"data": "aGVsbG8gd29ybGQ=", "name": "a.txt"}]
    )
    [message] = [
        one for one in stage.lark.see("messages")["messages"] if one["message_id"] == sent["message_id"]
    ]
    handle = f"{sent['message_id']}/file/{message['content']['file_key']}"
    attachment = Attachment(handle=handle, name="a.txt", media_type="text/plain")
    assert await stage.platform.attachments.fetch(attachment, max_bytes=100) == b"hello world"
    with pytest.raises(AttachmentTooLarge) as caught:
        await stage.platform.attachments.fetch(attachment, max_bytes=5)
    assert (caught.value.name, caught.value.limit) == ("a.txt", 5)
    wrong = attachment.model_copy(update={"handle": f"{sent['message_id']}/file/file_v3_other"})
    with pytest.raises(AttachmentGone):
        await stage.platform.attachments.fetch(wrong, max_bytes=100)


async def test_a_picture_of_more_than_ten_megabytes_is_not_sent_off(stage):
    asked = stage.ask()
    painted = PaintedPicture(b"x" * (10 * 1024 * 1024 + 1), "image/png", 9, 9)
    with pytest.raises(PlatformDenied):
        await stage.platform.uploader.upload(asked.conversation, painted, alt="a", key="k")
    assert stage.calls("image.create") == []
