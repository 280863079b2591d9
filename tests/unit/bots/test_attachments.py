"""Which files a question may have."""

import pytest

from bots.attachments import MOST_BYTES, MOST_FILES, MOST_TEXT_BYTES, check_attachments, is_picture, kind_of
from bots.errors import AttachmentTooLarge, AttachmentUnsupported, TooManyAttachments
from bots.messages import Attachment


def file(name: str, media_type: str = "application/octet-stream", size: int | None = None) -> Attachment:
    return Attachment(handle=name, name=name, media_type=media_type, size_bytes=size)


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("fox.JPG", "application/octet-stream", "picture"),
        ("fox", "image/png", "picture"),
        ("fox.heic", "", "picture"),
        ("notes.md", "application/octet-stream", "text"),
        ("Makefile", "text/x-makefile", "text"),
        ("main.PY", "", "text"),
        ("data.json", "application/json", "text"),
    ],
)
def test_a_file_is_known_by_its_type_or_its_name(name: str, media_type: str, kind: str):
    assert kind_of(file(name, media_type)) == kind
    assert is_picture(file(name, media_type)) is (kind == "picture")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("song.mp3", "audio/mpeg"), ("run.exe", ""), ("", "application/zip")],
)
def test_other_files_are_refused_by_their_name(name: str, media_type: str):
    with pytest.raises(AttachmentUnsupported) as refusal:
        check_attachments((file(name, media_type),))

    assert refusal.value.name == name
    assert not is_picture(file(name, media_type))


def test_as_many_files_as_allowed_are_taken_and_no_more():
    check_attachments((file("fox.png"),) * MOST_FILES)

    with pytest.raises(TooManyAttachments) as refusal:
        check_attachments((file("fox.png"),) * (MOST_FILES + 1))
    assert refusal.value.limit == MOST_FILES


@pytest.mark.parametrize(("name", "most"), [("fox.png", MOST_BYTES), ("notes.md", MOST_TEXT_BYTES)])
def test_files_are_taken_up_to_their_limit(name: str, most: int):
    check_attachments((file(name, size=most),))

    with pytest.raises(AttachmentTooLarge) as refusal:
        check_attachments((file("small.png", size=1), file(name, size=most + 1)))
    assert (refusal.value.name, refusal.value.limit) == (name, most)


def test_a_file_of_unknown_size_is_judged_when_it_is_fetched():
    check_attachments((file("fox.png", size=None),))
