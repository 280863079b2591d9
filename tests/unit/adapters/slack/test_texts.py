"""From Slack's mrkdwn with entities to Markdown."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.slack.texts import mentions, to_markdown, without_mention


@pytest.mark.parametrize(
    ("slack", "markdown"),
    [
        ("*bold* _slanted_ ~gone~ `code`", "**bold** _slanted_ ~~gone~~ `code`"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("(*yes*), *no*.", "(**yes**), **no**."),
        ("`*not bold*` and ```\n*nor this*\n```", "`*not bold*` and ```\n*nor this*\n```"),
        ("ask <@U1|ann> or <@U2> in <#C1|general>", "ask @ann or @U2 in #general"),
        ("<!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"),
        ("<https://a.example/x?y=1&amp;z=2>", "https://a.example/x?y=1&z=2"),
        ("<https://a.example|the page>", "[the page](https://a.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("`<https://a.example|a.example>`", "`a.example`"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;", "&lt;"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("  你好  ", "你好"),
    ],
)
def test_what_people_type(slack: str, markdown: str):
    assert to_markdown(slack) == markdown


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<@UBOT> why?", "why?"),
        ("<@UBOT|glimmer>: why?", ": why?"),
        ("hey <@UBOT> why?", "hey why?"),
        ("why?\n<@UBOT>", "why?"),
        ("<@UBOT>", ""),
        ("<@UBOTANY> why?", "<@UBOTANY> why?"),
    ],
)
def test_the_bots_mention_is_taken_out(text: str, rest: str):
    assert without_mention(text, "UBOT") == rest


def test_a_longer_id_is_somebody_else():
    assert mentions("<@UBOT>", "UBOT")
    assert not mentions("<@UBOT2>", "UBOT")
    assert not mentions("&lt;@UBOT&gt;", "UBOT")
    assert not mentions("<@>", "")


@given(st.text(alphabet="a*~`<>&;|@#!lgt \n你", max_size=60))
def test_typed_text_survives_whatever_it_is(typed: str):
    """What a person types is stored escaped; only emphasis may look different afterwards."""
    stored = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = str.maketrans("", "", "*~")
    assert to_markdown(stored).translate(plain) == typed.strip().translate(plain)


@given(st.text(alphabet="*~`<> a\n", max_size=2000))
def test_hostile_text_takes_no_time(text: str):
    assert len(to_markdown(text)) <= 2 * len(text)


def test_long_runs_of_blanks_take_no_time():
    started = time.perf_counter()
    for text in (" " * 200_000 + "x", "<@UBOT" * 30_000, "`" * 100_001, "*a" * 50_000, "<" * 100_000):
        to_markdown(without_mention(text, "UBOT"))
    assert time.perf_counter() - started < 2
