"""The model's Markdown on its way to Slack: prefix-stable, without pings, honest about links."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.slack.formatting import closed, open_fence, render, table_head
from adapters.platforms.slack.formatting_mrkdwn import MAX_TEXT, to_mrkdwn

JOINER = "\u2060"
PIECES = (
    "<!here>", "<!channel>", "<!everyone|x>", "<! here>", "<@U12>", "<@W12|ann>", "<#C12|x>",
    "<!subteam^S1|a>", "<!date^1^{date}|x>", "@here", "@channel", "@everyone", "@group", "@ev", "<", "@", "!",
    "#", "here", "channel>", "<https://x.io|bank.com>", "<mailto:a@b.c|d>", "<http", "[a](https://b.io)",
    "[bank.com](https://evil.io)",
    "![a](https://b.io/c.png)", "[x]: http://b.io", "[", "](", "]", "(", ")", "**", "*", "_", "`", "``",
    "```", "```py", "~~~", "\n", "\n\n", "| a | b |", "|---|---|", "|", "\\", " ", "中文", "：", "“", "x",
    "http://a.io",
    "javascript:1", ":", "- ", "1. ", "> ", JOINER, "\u200b", "&lt;",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8"), max_size=30).map("".join)
# Written from Slack's documents and not from our code: what a client of Slack's brings to life.
PING = re.compile(
    r"<!\s*(here|channel|everyone|group|subteam)|<[@#][A-Z0-9]|(?<![a-z0-9])@(here|channel|everyone)",
    re.IGNORECASE,
)
CONTROL_LINK = re.compile(r"<(https?|mailto|tel):[^<>|\s]*\|[^<>]*>", re.IGNORECASE)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.data())
def test_what_is_shown_of_a_beginning_is_a_beginning_of_what_is_shown(text, data):
    cut = data.draw(st.integers(0, len(text)))
    early, whole = render(text[:cut], is_whole=False), render(text, is_whole=True)
    assert whole.startswith(early)
    assert whole.startswith(render(text, is_whole=False))


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.booleans())
def test_no_ping_and_no_hidden_address_survives(text, is_whole):
    shown = render(text, is_whole=is_whole)
    assert not PING.search(shown)
    assert not CONTROL_LINK.search(shown)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_no_ping_survives_in_mrkdwn_and_it_never_outgrows_its_limit(text):
    shown = to_mrkdwn(text, limit=200)
    assert not PING.search(shown)
    assert len(shown) <= 200
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_every_code_block_is_closed(text):
    shown = closed(render(text, is_whole=False))
    assert open_fence(shown) == ""
    assert shown.startswith(render(text, is_whole=False))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="<@[]*`\\|~_"), max_size=200))
def test_plain_words_stay_as_they_are(text):
    assert render(text, is_whole=True) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see [the docs](https://docs.io/a_(b))", "see [the docs](https://docs.io/a_(b))"),
        ("[bank.com](https://evil.io)", "bank.com (<https://evil.io>)"),
        ("[https://bank.com/x](https://evil.io)", "https://bank.com/x (<https://evil.io>)"),
        ("[docs.bank.com](https://bank.com)", "docs.bank.com (<https://bank.com>)"),
        ("[bank.com](https://www.bank.com/a)", "[bank.com](https://www.bank.com/a)"),
        ("[bank.com](https://docs.bank.com)", "[bank.com](https://docs.bank.com)"),
        ("[x](javascript:alert(1))", f"[x]{JOINER}(javascript:alert(1))"),
        ("[write](mailto:a@b.io)", "[write](mailto:a@b.io)"),
        ("a[i](x)", f"a[i]{JOINER}(x)"),
        ("[bank.com]: https://evil.io", f"[bank.com]{JOINER}: https://evil.io"),
        ("[bank.com][1]", f"[bank.com]{JOINER}[1]"),
        ("[![https://bank.com](https://x.io/a.png)](https://evil.io)", None),
        ("<https://x.io|bank.com>", f"<{JOINER}https://x.io|bank.com>"),
        ("<https://x.io>", "<https://x.io>"),
        ("<!DOCTYPE html> <!-- x -->", "<!DOCTYPE html> <!-- x -->"),
        ("`<!here>`", f"`<{JOINER}!here>`"),
        ("a < b and b > a", "a < b and b > a"),
        ("write to ann@here.com", "write to ann@here.com"),
    ],
)
def test_links_and_tokens(text, shown):
    rendered = render(text, is_whole=True)
    if shown is None:
        assert "](https://evil.io)" not in rendered
    else:
        assert rendered == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**注意：**请看", f"**注意：{JOINER}**请看"),
        ("中文**“引用”**中文", f"中文**{JOINER}“引用”{JOINER}**中文"),
        ("**粗体**中文", "**粗体**中文"),
        ("**bold:** text", "**bold:** text"),
        ("**a** and **b**", "**a** and **b**"),
    ],
)
def test_bold_is_seen_between_chinese_characters(text, shown):
    assert render(text, is_whole=True) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Go to [the do", "Go to "),
        ("Go to [the docs](https://x", "Go to "),
        ("It is **very impor", "It is "),
        ("Call `a(", "Call "),
        ("Hello @chan", "Hello "),
        ("Hello <!cha", "Hello "),
        ("Before\n| a | b |\n", "Before\n"),
        ("Before\n| a | b |\n|---|", "Before\n"),
        ("Before\n| a | b |\n|---|---|\n| 1 |", "Before\n| a | b |\n|---|---|\n"),
        ("Before\n```py", "Before\n"),
        ("```py\nx = 1\n``", "```py\nx = 1\n"),
        ("```html\n<p>hi</p", "```html\n<p>hi</p"),
    ],
)
def test_what_is_not_finished_is_held_back(text, shown):
    assert render(text, is_whole=False) == shown


def test_a_cut_code_block_names_its_language_for_the_next_message():
    assert open_fence("text\n```py\nx = 1\n") == "```py"
    assert open_fence("```py\nx\n```\nafter") == ""
    assert closed("~~~~\nx") == "~~~~\nx\n~~~~"


def test_a_cut_table_gives_its_head_to_the_next_message():
    table = "intro\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert table_head(table) == "| a | b |\n|---|---|\n"
    assert table_head("intro\n| a | b |\n|---|---|\n") == ""
    assert table_head("no table\n") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# Title\n**b** *i* ~~s~~", "\u200b*Title*\u200b\n\u200b*b*\u200b _i_ ~s~"),
        ("- one\n* two", "• one\n• two"),
        ("[t](https://x.io/?a=1&b=2)", "<https://x.io/?a=1&amp;b=2|t>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("```py\nx < 1\n```", "```\nx &lt; 1\n```"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```"),
        ("`a*b*c`", "`a*b*c`"),
    ],
)
def test_markdown_in_slacks_own_words(text, shown):
    assert to_mrkdwn(text) == shown


def test_a_long_text_is_cut_for_the_notification():
    assert len(to_mrkdwn("word " * 2000)) <= MAX_TEXT
