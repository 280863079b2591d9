"""Commands typed as text."""

import pytest

from bots.commands import ImagineCommand, parse_imagine, without_ask
from bots.errors import CommandMistaken
from tests.fakes.jobs import make_message


@pytest.mark.parametrize(
    ("text", "prompt", "size", "count"),
    [
        ("/imagine a red fox", "a red fox", "1024x1024", 1),
        ("／imagine 一只红狐狸", "一只红狐狸", "1024x1024", 1),
        ("  /IMAGINE a fox", "a fox", "1024x1024", 1),
        ("/imagine a fox --size 1344x768", "a fox", "1344x768", 1),
        ("/imagine a fox --size=1344x768", "a fox", "1344x768", 1),
        ("/imagine a fox --size 1344×768", "a fox", "1344x768", 1),
        ("/imagine a fox --size 1344*768", "a fox", "1344x768", 1),
        ("/imagine --n 3 a fox", "a fox", "1024x1024", 3),
        ("/imagine a fox —n 2 –size 768x1344", "a fox", "768x1344", 2),
        ("/imagine a well-known fox - red", "a well-known fox - red", "1024x1024", 1),
    ],
)
def test_a_wish_is_read_with_its_options(text: str, prompt: str, size: str, count: int):
    assert parse_imagine(text, "en") == ImagineCommand(prompt, size, count)


@pytest.mark.parametrize(
    "text", ["imagine a fox", "please /imagine a fox", "/imagined a fox", "", "/ask why"]
)
def test_what_is_no_wish_is_not_taken_for_one(text: str):
    assert parse_imagine(text, "en") is None


@pytest.mark.parametrize("size", ["2048x1024", "512x512", "1024x2048", "1440x720", "864x1152"])
def test_sizes_within_the_models_limits_are_taken(size: str):
    command = parse_imagine(f"/imagine a fox --size {size}", "en")

    assert command is not None
    assert command.size == size


@pytest.mark.parametrize(
    "size", ["496x1024", "2064x1024", "1000x1024", "2048x2048", "10240x1024", "big", "1024", ""]
)
@pytest.mark.parametrize(("language", "beginning"), [("en", "I can't paint"), ("zh", "画不了")])
def test_other_sizes_are_refused_with_an_example(size: str, language: str, beginning: str):
    with pytest.raises(CommandMistaken) as mistake:
        parse_imagine(f"/imagine a fox --size {size}", language)  # type: ignore[arg-type] # one of two

    assert mistake.value.detail.startswith(beginning)
    assert "1344x768" in mistake.value.detail


@pytest.mark.parametrize("count", ["0", "5", "-1", "two", "1.5", ""])
def test_a_wish_for_none_or_too_many_pictures_is_refused(count: str):
    with pytest.raises(CommandMistaken, match="1 to 4"):
        parse_imagine(f"/imagine a fox --n {count}", "en")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "don't know the option --seed"), ("zh", "选项 --seed")]
)
def test_an_unknown_option_is_named(language: str, words: str):
    with pytest.raises(CommandMistaken, match=words):
        parse_imagine("/imagine a fox --seed 7", language)  # type: ignore[arg-type] # one of two


@pytest.mark.parametrize("text", ["/imagine", "/imagine  ", "/imagine --n 2"])
def test_a_wish_for_nothing_is_refused(text: str):
    with pytest.raises(CommandMistaken, match="what to paint"):
        parse_imagine(text, "en")


@pytest.mark.parametrize("text", ["/ask why?", "／ask why?", "  /ASK   why?", "why?"])
def test_ask_in_front_of_a_question_means_nothing_more(text: str):
    assert without_ask(make_message(text=text)).text == "why?"


@pytest.mark.parametrize("text", ["/asking why?", "I /ask why?"])
def test_what_only_looks_like_ask_is_left(text: str):
    assert without_ask(make_message(text=text)).text == text
