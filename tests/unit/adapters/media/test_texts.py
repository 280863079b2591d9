"""Text files in the encodings people have."""

import random

import pytest

from adapters.media.texts import MAX_CHARACTERS, read_text
from bots.errors import AttachmentTooLarge, AttachmentUnreadable, AttachmentUnsupported

WORDS = "Glimmer 微光, naïve: 12 €\tüber\n第二行"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_common_encodings_read_alike(encoding):
    assert read_text(WORDS.encode(encoding), "notes.txt") == WORDS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unmarked_utf_16_is_known_by_its_zeros(encoding):
    assert read_text("name,value\nα,1\n".encode(encoding), "table.csv") == "name,value\nα,1\n"


def test_big_endian_utf_16_with_its_mark_is_read():
    assert read_text(b"\xfe\xff" + WORDS.encode("utf-16-be"), "notes.txt") == WORDS


def test_chinese_from_an_old_windows_program_is_read():
    text = "会议纪要:今天下午三点,三楼会议室。请大家准时参加。" * 50
    assert read_text(text.encode("gbk"), "纪要.txt") == text


def test_line_ends_become_one_kind():
    assert read_text(b"a\r\nb\rc\n", "x.txt") == "a\nb\nc\n"


def test_coloured_logs_are_texts():
    assert read_text(b"\x1b[31mERROR\x1b[0m gone\n", "x.log") == "\x1b[31mERROR\x1b[0m gone\n"


def test_an_empty_file_is_an_empty_text():
    assert read_text(b"", "x.txt") == ""


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_no_text(seed):
    with pytest.raises(AttachmentUnreadable) as caught:
        read_text(random.Random(seed).randbytes(2000), "x.txt")
    assert caught.value.name == "x.txt"


def test_zeros_among_words_are_no_text():
    with pytest.raises(AttachmentUnreadable):
        read_text(b"words\0words and more words", "x.txt")


def test_a_picture_called_txt_is_called_unsupported():
    with pytest.raises(AttachmentUnsupported):
        read_text(b"\x89PNG\r\n\x1a\n" + bytes(20), "x.txt")


@pytest.mark.parametrize("letter", ["a", "中"])
def test_the_cap_counts_characters_not_bytes(letter):
    assert len(read_text((letter * MAX_CHARACTERS).encode(), "long.txt")) == MAX_CHARACTERS
    with pytest.raises(AttachmentTooLarge) as caught:
        read_text((letter * (MAX_CHARACTERS + 1)).encode(), "long.txt")
    assert (caught.value.name, caught.value.limit) == ("long.txt", MAX_CHARACTERS)


def test_far_too_many_bytes_are_refused_undecoded():
    with pytest.raises(AttachmentTooLarge):
        read_text(b"a" * (4 * MAX_CHARACTERS + 1), "long.txt")
