"""Every sentence the bot says in its own name."""

import re
from collections.abc import Iterator

import pytest

from bots import errors
from bots.errors import (
    AttachmentTooLarge,
    BotError,
    CommandMistaken,
    LimitReached,
    MediaError,
    ModelError,
    TooManyAttachments,
)
from bots.messages import Language
from bots.wording import note, sentence_for

SECRET = "sk-4711 Traceback 1302 https://internal"
CJK = re.compile("[\u4e00-\u9fff]")
# Names and marks that stand in a Chinese sentence as they are.
NAMES = re.compile(r"GLM|API Key|JPEG|PNG|WebP|GIF|MP4|MOV|MKV|PDF|docx|xlsx|pptx|token|MB|\{?\w+\.png\}?")
NOTES = ("busy", "stopped", "length", "look_at_picture", "the_file")


def kinds_of_errors() -> Iterator[type[BotError]]:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, BotError) and kind is not CommandMistaken:
            yield kind


def raised(kind: type[BotError]) -> BotError:
    if issubclass(kind, MediaError):
        return kind(SECRET, name="fox.png", limit=3)
    if issubclass(kind, LimitReached):
        return kind(SECRET, limit=3)
    if issubclass(kind, ModelError):
        return kind(SECRET, code="1302", retry_after=7.0)
    return kind(SECRET, retry_after=7.0)


every_error = pytest.mark.parametrize("kind", tuple(kinds_of_errors()), ids=lambda kind: kind.__name__)


def test_there_are_errors_to_speak_of():
    assert len(list(kinds_of_errors())) > 25


@every_error
def test_every_error_has_a_sentence_in_english(kind: type[BotError]):
    sentence = sentence_for(raised(kind), "en")

    assert sentence.endswith(".")
    assert not CJK.search(sentence)


@every_error
def test_every_error_has_a_sentence_in_chinese(kind: type[BotError]):
    sentence = sentence_for(raised(kind), "zh")

    assert sentence.endswith("。")
    assert CJK.search(sentence)
    assert not re.search(r"[A-Za-z]{2,}", NAMES.sub("", sentence))


@every_error
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_sentence_tells_codes_details_or_our_own_names(kind: type[BotError], language: Language):
    sentence = sentence_for(raised(kind), language)

    assert not any(part in sentence for part in (*SECRET.split(), kind.__name__, "{", "}"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_mistaken_command_has_its_sentence_with_it(language: Language):
    assert sentence_for(CommandMistaken("Try it so."), language) == "Try it so."


@pytest.mark.parametrize(
    ("error", "language", "part"),
    [
        (AttachmentTooLarge(name="fox.png", limit=20 * 1024 * 1024), "en", "fox.png is too large"),
        (AttachmentTooLarge(name="fox.png", limit=20 * 1024 * 1024), "zh", "20 MB"),
        (TooManyAttachments(limit=10), "en", "at most 10 files"),
        (AttachmentTooLarge(limit=1024 * 1024), "en", "The file is too large"),
        (AttachmentTooLarge(limit=1024 * 1024), "zh", "文件 太大了"),
    ],
)
def test_a_refused_file_is_named_with_the_limit(error: MediaError, language: Language, part: str):
    assert part in sentence_for(error, language)


def test_a_files_name_is_not_read_as_a_form():
    assert "{name}.png" in sentence_for(AttachmentTooLarge(name="{name}.png", limit=1), "en")


@pytest.mark.parametrize("name", NOTES)
def test_every_phrase_is_there_in_both_languages(name: str):
    assert not CJK.search(note(name, "en"))
    assert CJK.search(note(name, "zh"))
