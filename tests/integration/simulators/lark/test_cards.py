"""CardKit's rules, one by one."""

import json
import threading
from typing import Any

import pytest

MARKDOWN = {"tag": "markdown", "element_id": "md", "content": ""}


def card(*elements: Any, **config: Any) -> dict[str, Any]:
    body = {"elements": list(elements) or [MARKDOWN]}
    return {"schema": "2.0", "config": {"streaming_mode": True, **config}, "body": body}


def create(lark, content: dict[str, Any]):
    return lark.api("POST", "/cardkit/v1/cards", {"type": "card_json", "data": json.dumps(content)}).json()


def made(lark, *elements: Any) -> Any:
    answer = create(lark, card(*elements))
    assert answer["code"] == 0, answer
    return answer["data"]["card_id"]


def write(lark, card_id: str, sequence: object, text: str = "text", element: str = "md", **more: Any) -> Any:
    path = f"/cardkit/v1/cards/{card_id}/elements/{element}/content"
    return lark.code("PUT", path, {"content": text, "sequence": sequence, **more})


def settings(lark, card_id: str, sequence: int, **config: Any) -> Any:
    body = {"settings": json.dumps({"config": config}), "sequence": sequence}
    return lark.code("PATCH", f"/cardkit/v1/cards/{card_id}/settings", body)


def seen(lark, card_id: str) -> dict[str, Any]:
    return next(it for it in lark.see("cards")["cards"] if it["card_id"] == card_id)


def panel(*elements: Any) -> dict[str, Any]:
    title = {"tag": "plain_text", "content": "Thinking"}
    return {
        "tag": "collapsible_panel",
        "element_id": "think",
        "header": {"title": title},
        "elements": list(elements),
    }


def button(**more: Any) -> dict[str, Any]:
    behavior = {"type": "callback", "value": {"a": "stop"}}
    text = {"tag": "plain_text", "content": "Stop"}
    return {"tag": "button", "element_id": "stop", "text": text, "behaviors": [behavior], **more}


def test_a_sequence_must_rise_over_all_operations_and_may_have_gaps(lark):
    card_id = made(lark)
    assert write(lark, card_id, 0) == 300317
    assert write(lark, card_id, 1) == 0
    assert write(lark, card_id, 1) == 300317
    assert write(lark, card_id, 7) == 0
    assert settings(lark, card_id, 7, streaming_mode=False) == 300317
    assert settings(lark, card_id, 8, streaming_mode=False) == 0
    assert write(lark, card_id, 2**31) == 10002
    assert write(lark, card_id, "9") == 10002


def test_a_repeated_uuid_is_done_once_and_may_not_carry_something_else(lark):
    card_id = made(lark)
    assert write(lark, card_id, 1, "a", uuid="u") == 0
    assert write(lark, card_id, 2, "ab") == 0
    assert write(lark, card_id, 1, "a", uuid="u") == 0
    assert seen(lark, card_id)["text"] == "ab"
    assert write(lark, card_id, 3, "other", uuid="u") == 200770


def test_content_needs_an_open_stream_a_text_element_and_a_text(lark):
    card_id = made(lark, MARKDOWN, button())
    assert write(lark, card_id, 1, "") == 300307
    assert write(lark, card_id, 2, element="stop") == 300310
    assert write(lark, card_id, 3, element="none") == 300313
    assert write(lark, "7000", 4) == 200740
    assert settings(lark, card_id, 5, streaming_mode=False) == 0
    assert write(lark, card_id, 6) == 300309
    assert settings(lark, card_id, 7, streaming_mode=True) == 0
    assert write(lark, card_id, 8) == 0


def test_streaming_ends_ten_minutes_after_it_was_last_enabled(lark):
    card_id = made(lark)
    lark.act("clock", advance_seconds=590)
    assert write(lark, card_id, 1) == 0
    assert settings(lark, card_id, 2, streaming_mode=True) == 0
    lark.act("clock", advance_seconds=590)
    assert write(lark, card_id, 3) == 0
    lark.act("clock", advance_seconds=11)
    assert write(lark, card_id, 4) == 200850
    assert settings(lark, card_id, 5, streaming_mode=True) == 0
    assert write(lark, card_id, 6) == 0


def test_on_some_tenants_late_content_is_swallowed_in_silence(start):
    lark = start(streaming_timeout="silent")
    card_id = made(lark)
    lark.act("clock", advance_seconds=601)
    assert write(lark, card_id, 1, "lost") == 0
    assert seen(lark, card_id)["text"] == ""


def test_a_card_expires_after_fourteen_days(lark):
    card_id = made(lark)
    lark.act("clock", advance_seconds=14 * 86_400 + 1)
    lark.act("tokens/revoke")
    lark = type(lark)(lark.url, lark.config)
    assert settings(lark, card_id, 1, streaming_mode=True) == 200750


def test_a_card_is_sent_once_only_and_in_its_wrapper(lark):
    card_id = made(lark)
    wrapped = {"type": "card", "data": {"card_id": card_id}}
    bare = lark.say({"card_id": card_id}, msg_type="interactive").json()
    assert bare["code"] == 230099
    assert "ErrCode: 200621" in bare["msg"]
    assert lark.say(wrapped, msg_type="interactive", uuid="once").json()["code"] == 0
    assert lark.say(wrapped, msg_type="interactive", uuid="once").json()["code"] == 0
    again = lark.say(wrapped, msg_type="interactive").json()
    assert again["code"] == 230099
    assert "ErrCode: 11310" in again["msg"]
    assert len(lark.see("messages")["messages"]) == 1


TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({**card(), "schema": "1.0"}, 300303, id="old schema"),
        pytest.param({**card(), "extra": 1}, 200220, id="unknown property of the card"),
        pytest.param(card({**MARKDOWN, "colour": "red"}), 200220, id="unknown property of an element"),
        pytest.param(card(wide_screen_mode=True), 200220, id="unknown setting"),
        pytest.param(card(update_multi=False), 300302, id="not shared"),
        pytest.param(card({"tag": "note", "elements": []}), 200861, id="note"),
        pytest.param(card({"tag": "action", "actions": []}), 200861, id="action"),
        pytest.param({**card(), "body": {"elements": []}}, 300307, id="empty"),
        pytest.param(card(MARKDOWN, MARKDOWN), 300301, id="two of one id"),
        pytest.param(card({**MARKDOWN, "element_id": "1st"}), 200220, id="id starts with a digit"),
        pytest.param(card({**MARKDOWN, "element_id": "a" * 21}), 200220, id="id too long"),
        pytest.param(card(*({"tag": "hr"} for _ in range(201))), 300305, id="201 elements"),
        pytest.param(card({**MARKDOWN, "content": "字" * 10_000}), 200860, id="30 KB"),
        pytest.param(card({**MARKDOWN, "content": TABLE * 4}), 11310, id="four tables"),
        pytest.param(
            card({**MARKDOWN, "content": "![x](https://e.com/a.png)"}), 200570, id="picture by address"
        ),
        pytest.param(card({**MARKDOWN, "content": "![x](img_invented)"}), 200570, id="invented picture"),
        pytest.param(card({**MARKDOWN, "content": "[m](mailto:a@b.c)"}), 200220, id="link without http"),
        pytest.param(
            card({**MARKDOWN, "content": "见https://a.b/c中文"}), 200220, id="address glued to Chinese"
        ),
        pytest.param(card({**MARKDOWN, "content": "<at id=ou_nobody></at>"}), 100290, id="unknown person"),
        pytest.param(card({"tag": "column", "elements": [MARKDOWN]}), 200220, id="column alone"),
        pytest.param(card({"tag": "column_set", "columns": [button()]}), 200220, id="button for a column"),
        pytest.param(card(button(confirm={"text": {}})), 200220, id="confirm without title"),
        pytest.param(card(panel(panel(panel(panel(panel(MARKDOWN)))))), 300301, id="panels of one id"),
    ],
)
def test_a_wrong_card_is_refused(lark, content, code):
    assert create(lark, content)["code"] == code


@pytest.mark.parametrize(
    "text",
    [
        TABLE * 3,
        "```\n" + TABLE * 5 + "```",
        "`![x](https://e.com/a.png)`",
        "[见](https://a.b/c)中文 https://a.b/c 中文",
        "a < b, <br> and 3 | 4",
    ],
)
def test_a_text_that_lark_shows_is_accepted(lark, text):
    assert create(lark, card({**MARKDOWN, "content": text}))["code"] == 0


def test_buttons_stand_side_by_side_in_columns(lark):
    columns = [{"tag": "column", "width": "auto", "elements": [button()]}]
    assert create(lark, card(MARKDOWN, {"tag": "column_set", "columns": columns}))["code"] == 0


def test_elements_are_added_changed_and_taken_out(lark):
    card_id = made(lark, MARKDOWN, panel({**MARKDOWN, "element_id": "inner", "content": "thought"}), button())
    cards = f"/cardkit/v1/cards/{card_id}"
    hr = json.dumps([{"tag": "hr", "element_id": "line"}])
    added = {"type": "insert_before", "target_element_id": "think", "elements": hr, "sequence": 1}
    assert lark.code("POST", f"{cards}/elements", added) == 0
    more = {"type": "append", "target_element_id": "think", "elements": '[{"tag":"hr"}]', "sequence": 2}
    assert lark.code("POST", f"{cards}/elements", more) == 0
    assert lark.code("DELETE", f"{cards}/elements/stop", {"sequence": 3}) == 0
    assert lark.code("DELETE", f"{cards}/elements/stop", {"sequence": 4}) == 300314
    changed = {"partial_element": json.dumps({"expanded": True}), "sequence": 5}
    assert lark.code("PATCH", f"{cards}/elements/think", changed) == 0
    other = {"element": json.dumps({"tag": "hr"}), "sequence": 6}
    assert lark.code("PUT", f"{cards}/elements/md", other) == 300312
    objects = {"type": "append", "elements": [{"tag": "hr"}], "sequence": 7}
    assert lark.code("POST", f"{cards}/elements", objects) == 10002
    elements = seen(lark, card_id)["card"]["body"]["elements"]
    assert [element["tag"] for element in elements] == ["markdown", "hr", "collapsible_panel"]
    assert [element["tag"] for element in elements[2]["elements"]] == ["markdown", "hr"]
    assert elements[2]["expanded"] is True


def test_one_batch_finishes_a_card_or_changes_nothing(lark):
    card_id = made(lark, MARKDOWN, button())
    text = {"element_id": "md", "partial_element": {"content": "final"}}
    actions = [
        {"action": "partial_update_element", "params": text},
        {"action": "delete_elements", "params": {"element_ids": ["stop"]}},
        {"action": "partial_update_setting", "params": {"settings": {"config": {"streaming_mode": False}}}},
    ]
    wrong = [*actions, {"action": "delete_elements", "params": {"element_ids": ["stop"]}}]
    path = f"/cardkit/v1/cards/{card_id}/batch_update"
    assert lark.code("POST", path, {"sequence": 1, "actions": json.dumps(wrong)}) == 300314
    assert seen(lark, card_id)["text"] == ""
    assert seen(lark, card_id)["is_streaming"]
    assert lark.code("POST", path, {"sequence": 2, "actions": json.dumps(actions)}) == 0
    assert seen(lark, card_id)["text"] == "final"
    assert not seen(lark, card_id)["is_streaming"]


def test_the_history_tells_whether_text_was_typed_or_replaced(lark):
    card_id = made(lark)
    for sequence, text in enumerate(("Hel", "Hello", "**Hello**"), start=1):
        assert write(lark, card_id, sequence, text) == 0
    notes = [change["note"] for change in seen(lark, card_id)["history"]]
    assert notes[1:3] == ["typed", "typed"]
    assert notes[3].startswith("replaced at once")


def test_the_chat_list_says_generating_until_the_stream_is_closed(lark):
    card_id = made(lark)
    assert seen(lark, card_id)["summary"] == "[Generating...]"
    assert settings(lark, card_id, 1, streaming_mode=False, summary={"content": "an answer"}) == 0
    assert seen(lark, card_id)["summary"] == "an answer"


def test_only_a_permitted_bot_may_mention_everybody_in_a_group(lark):
    card_id = made(lark)
    lark.say({"type": "card", "data": {"card_id": card_id}}, chat="Design", msg_type="interactive")
    assert write(lark, card_id, 1, "<at id=all></at>") == 100290
    lark.act("chats", name="Design", may_mention_all=True)
    assert write(lark, card_id, 2, "<at id=all></at>") == 0
    assert seen(lark, card_id)["notified"] == ["all"]


def test_calls_on_one_card_that_overlap_are_noted(lark):
    card_id = made(lark)
    lark.act("faults", endpoint="card.content", kind="slow", delay_seconds=1)
    codes: list[int] = []
    slow = threading.Thread(target=lambda: codes.append(write(lark, card_id, 1)))
    slow.start()
    lark.wait_for(lambda: lark.see("status")["calls_in_flight"])
    assert write(lark, card_id, 2) == 0
    slow.join()
    assert codes == [300317]  # the later call came first
    assert "overlap" in lark.see("violations")["violations"][0]["what"]


def test_elements_nest_five_deep(lark):
    def nested(depth: int) -> dict[str, Any]:
        inner = nested(depth - 1) if depth > 1 else {"tag": "markdown", "content": "x"}
        return {**panel(inner), "element_id": f"level{depth}"}

    assert create(lark, card(nested(4)))["code"] == 0
    assert create(lark, card(nested(5)))["code"] == 200220


def test_a_card_takes_ten_operations_a_second(lark):
    card_id = made(lark)
    codes = [write(lark, card_id, sequence) for sequence in range(1, 12)]
    assert codes == [0] * 10 + [99991400]


def test_a_message_patch_replaces_the_card_five_times_a_second(lark):
    message_id = lark.say(card(), msg_type="interactive").json()["data"]["message_id"]
    closed = json.dumps(card({**MARKDOWN, "content": "static"}, streaming_mode=False))
    codes = [lark.code("PATCH", f"/im/v1/messages/{message_id}", {"content": closed}) for _ in range(6)]
    assert codes == [0] * 5 + [230020]
    card_id = lark.data("POST", "/cardkit/v1/cards/id_convert", {"message_id": message_id})["card_id"]
    assert seen(lark, card_id)["text"] == "static"
    lark.act("clock", advance_seconds=14 * 86_400 + 1)
    lark = type(lark)(lark.url, lark.config)
    assert lark.code("PATCH", f"/im/v1/messages/{message_id}", {"content": closed}) == 230031
