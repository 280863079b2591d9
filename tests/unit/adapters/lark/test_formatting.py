"""No answer can make its own card fail, ping anybody, or unsettle what the typewriter has typed."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.platforms.lark.formatting import card_markdown
from adapters.platforms.lark.formatting_pages import PageLimits, pages
from simulators.lark.card_markdown import Surroundings, examine

OURS = "img_v3_ours"
STRICT = Surroundings(has_image=lambda key: key == OURS, has_person=lambda _: False, table_limit=3)
FRAGMENTS = [
    "<at id=all></at>", "< AT\nid='all'>", "<at\n", "<", "</", "at ", "id=all>", "<person id=ou_1>",
    "<font>", "<https://a.b>", "![x](https://a.b/c.png)", f"![x]({OURS})", "![x](img_v3_invented)", "![](",
    "![", "!", "[a](mailto:b)", "[a](/r)", "[a](https://a.b/c d)", "[a](https://a.b/(c))",
    "[a](javascript:x)", "[", "]", "](", ")", "(", "[1]: mailto:x\n", "https://a.b/c", "http://", "htt",
    "中文", "，", "`", "``", "```", "```\n", "```py\n", "~~~\n", "\n", "\n\n", "    ", " ", "\t", "$", "$$",
    "$x^2$", "\\(", "\\)", "\\[", "\\]", "\\frac{a}{b}", "\\", ":OK:", ":", "a", "B1", "&copy", "&", "#",
    "# ", "## ", "|", "| a | b |\n", "|---|---|\n", "| 1 | 2 |\n", "---", "---\n", "***", "**b**", "*",
    "- ", "1. ", "> ", "_", "\x00", "\r", "\ud800", "\u200b", "&#60;at id=all>", "\"", "\\u003c",
]  # fmt: skip
answers = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=40).map("".join)


@given(answers, st.booleans())
@settings(max_examples=600, deadline=None)
@example("| a |\n|---|\n" * 3 + "| b |\n| -", False)
@example("!![](x)[a](http://x)", True)
@example("[a]![(mailto:x)](foo)", True)
@example("`a\nb` ![x](h) `c`", True)
@example("https://x.y)[a](mailto:b)中", True)
@example("[![alt](img_x)](mailto:u)", True)
def test_no_answer_makes_its_card_fail_or_pings_anybody(text, is_whole):
    for page in pages(text, is_whole=is_whole):
        findings = examine(page, STRICT)
        assert findings.notified == []
        assert findings.vanished in ([], ["hr"])
        assert findings.tables <= 3
        page.encode()


@given(answers, st.integers(0, 400))
@settings(max_examples=400, deadline=None)
def test_more_text_only_adds_to_what_was_shown(text, cut):
    part = card_markdown(text[:cut], is_whole=False)
    assert card_markdown(text, is_whole=False).startswith(part)
    assert card_markdown(text).startswith(part)


@given(answers)
@settings(max_examples=200, deadline=None)
def test_every_page_is_small(text):
    limits = PageLimits(max_bytes=9_300, max_pages=50)
    assert all(len(page.encode()) < 21_000 for page in pages(text * 9, limits=limits))


@given(
    st.lists(
        st.sampled_from(["\n", "\n\n", "```\n", "| a | b |\n|---|---|\n", "> ", "- ", "word "]), max_size=60
    )
)
@example(["| a | b |\n|---|---|\n"] * 2 + ["word "] + ["| a | b |\n|---|---|\n"] * 2)
@settings(max_examples=200, deadline=None)
def test_no_word_is_lost_or_said_twice(parts):
    numbered = [f"w{number}w " if part == "word " else part for number, part in enumerate(parts)]
    shown = "".join(pages("".join(numbered), limits=PageLimits(max_bytes=300, max_pages=200)))
    words = [word.strip() for word in numbered if word.startswith("w")]
    assert re.findall(r"w\d+w", shown) == words


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("hi <at id=all></at>", "hi &#60;at id=all>&#60;/at>"),
        ("`<at id=all></at>`", "`<\u200bat id=all><\u200b/at>`"),
        ("a < b", "a &#60; b"),
        ("![x](https://e.com/a.png)", "[x](https://e.com/a.png)"),
        ("![x](attachment:1)", "x"),
        ("[m](mailto:a@b.c) [r](/x) [o](https://o.k)", "m r [o](https://o.k)"),
        ("见https://a.b/c中文", "见https://a.b/c 中文"),
        ("[维基](https://zh.a/中 x)", "[维基](https://zh.a/%E4%B8%AD)"),
        ("[w](https://a.b/A_(b))", "[w](https://a.b/A_%28b%29)"),
        ("# Big\n### Small", "#### Big\n##### Small"),
        ("say :OK: now", "say :\u200bOK: now"),
        ("&copy; AT&T 1 & 2", "&#38;copy; AT&#38;T 1 & 2"),
        (r"so \(x_1 < 2\) and $y^2$, but $5 and $6", "so `x_1 < 2` and `y^2`, but $5 and $6"),
        ("$$\na^2\n$$\nok", "```latex\na^2\n```\nok"),
        (r"\[ \frac{a}{b} \]", "```latex\n \\frac{a}{b} \n```"),
        (r"2 \* 3", "2 &#42; 3"),
        ("a\n---\nb", "a\n<hr>\nb"),
        ("```python\nif a<b: x\n", "```python\nif a<b: x\n\n```"),
        ("  ```js\n  a\n  ```\nb", "```js\na\n```\nb"),
        ("```x``` y", "\u200b```x``` y"),
        ("<https://a.b> x", "https://a.b  x"),
        ("**bold** and *it* and `code`", "**bold** and *it* and `code`"),
    ],
)
def test_a_models_markdown_is_shown_as_cards_can(written, shown):
    assert card_markdown(written) == shown


def test_only_pictures_the_bot_uploaded_are_shown():
    assert card_markdown(f"![cat]({OURS})", pictures={OURS}) == f"![cat]({OURS})"
    assert card_markdown("![cat](img_v3_invented)", pictures={OURS}) == "cat"


def test_a_fourth_table_begins_another_card_with_its_head():
    table = "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    first, second = pages(table * 5)
    assert (first.count("|---|"), second.count("|---|")) == (3, 2)
    assert second.startswith("| a | b |")


def test_code_that_is_cut_is_closed_and_opened_again():
    code = "```python\n" + "print('a line of code')\n" * 3000 + "```\nthe end"
    shown = pages(code)
    assert len(shown) == 4
    assert all(page.startswith("```python\n") for page in shown)
    assert all(page.endswith("\n```") for page in shown[:-1])
    assert shown[-1].endswith("```\nthe end")
    assert sum(page.count("print(") for page in shown) == 3000


def test_a_table_that_is_cut_gets_its_head_again():
    shown = pages("| n | text |\n|---|---|\n" + "| 1 | something to fill the row |\n" * 1500)
    assert len(shown) > 2
    assert all(page.startswith("| n | text |\n|---|---|\n| 1 |") for page in shown)


def test_where_a_card_ends_does_not_move_while_the_answer_grows():
    text = "".join(f"Paragraph {number} {'中文' * 40}\n\n" for number in range(300))
    whole = pages(text)
    assert len(whole) > 3
    for cut in range(0, len(text), 2500):
        grown = pages(text[:cut], is_whole=False)
        assert grown[:-1] == whole[: len(grown) - 1]


def test_an_endless_answer_ends_somewhere():
    shown = pages("word " * 200_000, limits=PageLimits(max_pages=3))
    assert len(shown) == 3
    assert shown[-1].endswith("…")


def test_hostile_repetition_costs_no_seconds():
    for sign in ("[", "![", "`", "$a", "\\(", "<h", "](", "!", "``` \n", "(", "[a]("):
        card_markdown(sign * 15_000)
