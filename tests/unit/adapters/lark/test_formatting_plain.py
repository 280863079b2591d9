"""Posts and texts know less than cards, and ping nobody either."""

import pytest

from adapters.platforms.lark.formatting_plain import MOST_BYTES, plain_text, post_markdown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# Title\ntext", "**Title**\ntext"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nend", "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```\nend"),
        ("![x](https://a.b/c.png) ![y](img_1)", "[x](https://a.b/c.png) y"),
        ("[a](https://a.b) [m](mailto:x)", "[a](https://a.b) m"),
        ("```\n# no title\n| a |\n```\n# Title", "```\n# no title\n| a |\n```\n**Title**"),
        ('hi <at user_id="all"></at> < AT x', 'hi <\u200bat user_id="all"><\u200b/at> <\u200b AT x'),
    ],
)
def test_a_post_shows_what_posts_can(written, shown):
    assert post_markdown(written) == shown


def test_a_mention_in_code_is_broken_too():
    assert "<at" not in post_markdown('```\n<at user_id="all">\n```')


def test_a_text_stays_as_it_is_but_for_mentions():
    assert plain_text('# a **b** <at user_id="all"></at> a < b') == (
        '# a **b** <\u200bat user_id="all"><\u200b/at> a < b'
    )


def test_what_is_too_long_ends_somewhere():
    assert len(post_markdown("长" * 20_000).encode()) <= MOST_BYTES + 3
    assert plain_text("长" * 20_000).endswith("…")
