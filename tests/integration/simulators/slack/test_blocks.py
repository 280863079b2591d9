"""What blocks may be, one rule a line."""

from typing import Any

import pytest

from simulators.slack.blocks import BlockCheck, Surface
from simulators.slack.wire import SlackError
from simulators.slack.workspace import SlackFile

LATE = SlackFile("F0LATE0001", "late.png", "late", "U0GLIMMERB", 0.0, 1)
READY = SlackFile("F0READY001", "a.png", "a", "U0GLIMMERB", 0.0, 1, mimetype="image/png", ready=True)
WEBP = SlackFile("F0WEBP0001", "a.webp", "a", "U0GLIMMERB", 0.0, 1, mimetype="image/webp", ready=True)
FILES = {file.id: file for file in (LATE, READY, WEBP)}


def check(*blocks: dict[str, Any], surface: Surface = "message") -> None:
    BlockCheck(surface, FILES.get).run(list(blocks))


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def feedback() -> dict[str, Any]:
    up, down = {"text": plain("Good"), "value": "up"}, {"text": plain("Bad"), "value": "down"}
    buttons = {"type": "feedback_buttons", "action_id": "fb", "positive_button": up, "negative_button": down}
    return {"type": "context_actions", "elements": [buttons]}


def image(**source: Any) -> dict[str, Any]:
    return {"type": "image", "alt_text": "a cat", **source}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": mrkdwn("x" * 3_000)},
        {"type": "section", "fields": [mrkdwn("x")] * 10, "accessory": button()},
        {"type": "section", "text": {**mrkdwn("x"), "verbatim": True}, "expand": True},
        {"type": "header", "text": plain("x" * 150)},
        {"type": "markdown", "text": "x" * 12_000},
        {"type": "context", "elements": [mrkdwn("x")] * 10},
        {"type": "divider"},
        actions(*[button(action_id=f"a{number}") for number in range(25)]),
        feedback(),
        image(image_url="https://example.com/a.png"),
        image(slack_file={"id": "F0READY001"}),
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 10},
    ],
)
def test_what_slack_takes_is_taken(block: dict[str, Any]) -> None:
    check(block)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "poem"}, "unsupported type: poem"),
        ({"type": "section"}, "text or fields"),
        ({"type": "section", "text": mrkdwn("")}, "more than 0 characters"),
        ({"type": "section", "text": mrkdwn("x" * 3_001)}, "less than 3001 characters"),
        ({"type": "section", "fields": [mrkdwn("x")] * 11}, "no more than 10"),
        ({"type": "section", "fields": [mrkdwn("x" * 2_001)]}, "less than 2001"),
        ({"type": "section", "text": {**plain("x"), "verbatim": True}}, "invalid additional property"),
        ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
        ({"type": "header", "text": plain("x" * 151)}, "less than 151"),
        ({"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10"),
        ({"type": "context", "elements": [button()]}, "missing required field: text"),
        (actions(*[button(action_id=f"a{number}") for number in range(26)]), "no more than 25"),
        (actions(button(), button()), "action_id already exists"),
        (actions(button(text=plain("x" * 76))), "less than 76"),
        (actions(button(text=mrkdwn("x"))), "unsupported type: mrkdwn"),
        (actions(button(value="x" * 2_001)), "less than 2001"),
        (actions(button(value=7)), "must be a string"),
        (actions(button(style="loud")), "primary or danger"),
        (actions(), "missing required field: elements"),
        ({"type": "context_actions", "elements": [button()] * 6}, "no more than 5"),
        ({"type": "image", "image_url": "https://example.com/a.png"}, "alt_text is required"),
        (image(), "exactly one of image_url and slack_file"),
        (image(image_url="ftp://example.com"), "must be a URL"),
        (image(image_url="http://127.0.0.1:9101/a.png"), "downloading image failed"),
        (image(image_url="http://minio:9000/a.png"), "downloading image failed"),
        ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "unsupported type: text"),
        ({"type": "plan", "title": "x", "tasks": [{"title": "x"}]}, "missing required field: task_id"),
        (image(slack_file={"id": "F0LATE0001"}), "invalid slack file [json-pointer:/blocks/0/slack_file]"),
        (image(slack_file={"id": "F0WEBP0001"}), "invalid slack file"),
        (image(slack_file={"id": "F0NOWHERE1"}), "invalid slack file"),
        (image(slack_file={"id": "F0READY001", "url": "https://x"}), "exactly one of id and url"),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}, "20 cells"),
        ({"type": "table", "rows": [[{"type": "picture"}]]}, "type of cell"),
        ({"type": "divider", "block_id": "x" * 256}, "less than 256"),
    ],
)
def test_what_slack_refuses_is_refused_with_a_pointer(block: dict[str, Any], words: str) -> None:
    with pytest.raises(SlackError) as caught:
        check(block)

    assert caught.value.code == "invalid_blocks"
    assert words in " ".join(caught.value.messages)


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([{"type": "markdown", "text": "x" * 6_001}] * 2, "msg_too_long"),
        ([{"type": "section", "text": mrkdwn("x" * 3_000)}] * 5, "msg_blocks_too_long"),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2, "invalid_blocks"),
        ([{"type": "divider", "block_id": "a"}] * 2, "invalid_blocks"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
    ],
)
def test_what_is_too_much_together_is_refused(blocks: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(SlackError) as caught:
        check(*blocks)

    assert caught.value.code == code


def test_a_modal_takes_a_hundred_blocks_but_no_markdown() -> None:
    check(*[{"type": "divider"}] * 100, surface="modal")

    with pytest.raises(SlackError):
        check({"type": "markdown", "text": "x"}, surface="modal")
