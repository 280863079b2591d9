"""The blocks around an answer: what they offer, and that they carry no live mention."""

import json

import pytest

from adapters.platforms.slack import blocks
from adapters.platforms.slack.buttons import read_button
from bots.drafts import Draft, ShownPicture

REPLY = "slack:T1:C1:1.2"
AFTER = ("regenerate", "like", "dislike")


def pressed(found: list[blocks.Block]) -> list[tuple[str, str]]:
    """Press everything there is: give each action with its value, as the hearing side reads them."""
    elements = [e for block in found for e in block.get("elements", []) if "action_id" in e]
    values: list[tuple[str, str]] = []
    for element in elements:
        if element["type"] == "feedback_buttons":
            values += [
                (element["action_id"], element[f"{side}_button"]["value"])
                for side in ("positive", "negative")
            ]
        elif element["type"] == "static_select":
            values += [(element["action_id"], option["value"]) for option in element["options"]]
        else:
            values.append((element["action_id"], element["value"]))
    read = [read_button(action_id, value) for action_id, value in values]
    assert all(one is not None and one.reply_id == REPLY for one in read)
    return [(one.action, one.value) for one in read if one is not None]


def test_an_answer_can_be_asked_for_anew_and_judged():
    draft = Draft(markdown="x", outcome="answered", is_final=True, buttons=AFTER, model="glm-4.6")
    assert pressed(blocks.ending(draft, REPLY, "en")) == [
        ("regenerate", ""), ("other_model", ""), ("like", ""), ("dislike", ""),
    ]  # fmt: skip


def test_a_picture_can_be_painted_again_varied_and_in_other_sizes():
    picture = ShownPicture(handle="F1", alt="a fox")
    draft = Draft(pictures=(picture,), outcome="answered", is_final=True, buttons=AFTER)
    found = pressed(blocks.ending(draft, REPLY, "zh"))
    assert found[:2] == [("regenerate", ""), ("vary", "")]
    assert ("resize", "1344x768") in found


def test_an_answer_with_a_marked_picture_is_no_painting():
    picture = ShownPicture(handle="F1", alt="the cat, marked")
    draft = Draft(
        markdown="The cat: [[1,2,30,40]]",
        pictures=(picture,),
        is_illustrated=True,
        outcome="answered",
        is_final=True,
        buttons=AFTER,
    )
    found = blocks.ending(draft, REPLY, "en")
    assert pressed(found)[:2] == [("regenerate", ""), ("other_model", "")]
    assert "the cat, marked" in json.dumps(found)


def test_a_failure_is_not_judged():
    draft = Draft(notice="It broke off.", outcome="failed", is_final=True, buttons=AFTER)
    assert pressed(blocks.ending(draft, REPLY, "en")) == [("regenerate", ""), ("other_model", "")]


def test_our_own_words_without_buttons_have_none():
    assert blocks.ending(Draft(markdown="help", outcome="answered", is_final=True), REPLY, "en") == []


@pytest.mark.parametrize("text", ["<!channel> & <@U1>", "@here", "<https://x.io|bank.com>"])
def test_a_notice_mentions_nobody(text):
    shown = json.dumps(blocks.words(text), ensure_ascii=False)
    assert "<" not in shown
    assert "@here" not in shown
    assert '"verbatim": true' in shown


def test_a_notification_reads_the_answer():
    assert blocks.fallback("**Yes**, it does.", Draft(), "en") == "\u200b*Yes*\u200b, it does."
    assert blocks.fallback("", Draft(notice="It <broke>."), "en") == "It &lt;broke&gt;."
    assert blocks.fallback("", Draft(), "zh") == "回答"
