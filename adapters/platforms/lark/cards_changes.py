"""What has to be done to a card so that it shows something else: one call, as small as it can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.platforms.lark.cards import Element
from adapters.platforms.lark.replies import ShownElement

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TextGrown:
    """Only one text differs: it can be typed."""

    text_id: str
    text: str


Actions = list[Json]


def changes(shown: Sequence[ShownElement], wanted: Sequence[Element]) -> TextGrown | Actions:
    """Compare; no actions when nothing differs (batch update docs: actions)."""
    before = {element.element_id: element for element in shown}
    new_texts = [
        element
        for element in wanted
        if element.element_id in before and before[element.element_id] != element.shown()
    ]
    is_same_set = [element.element_id for element in wanted] == list(before)
    if is_same_set and len(new_texts) == 1 and _only_text_differs(before, new_texts[0]):
        return TextGrown(new_texts[0].text_id, new_texts[0].text)
    actions = [_action("update_element", element_id=one.element_id, element=one.json) for one in new_texts]
    actions += _additions(before, wanted)
    # Deleting last: a card is never empty in between.
    gone = [name for name in before if name not in {element.element_id for element in wanted}]
    if gone:
        actions.append(_action("delete_elements", element_ids=gone))
    return actions


def settings_action(*, is_streaming: bool, summary: str | None = None) -> Json:
    """Make the action that opens or closes streaming; a summary of our own stays until the next one."""
    config: Json = {"streaming_mode": is_streaming}
    if summary is not None:
        config["summary"] = {"content": summary}
    return _action("partial_update_setting", settings={"config": config})


def _only_text_differs(before: dict[str, ShownElement], element: Element) -> bool:
    return (
        bool(element.text_id and element.text) and before[element.element_id].frame == element.shown().frame
    )


def _additions(before: dict[str, ShownElement], wanted: Sequence[Element]) -> Actions:
    """Add each new element after the one that precedes it, or before the first that stays."""
    actions: Actions = []
    previous = ""
    for element in wanted:
        if element.element_id not in before:
            place: Json = {"type": "insert_after", "target_element_id": previous}
            if not previous:
                place = {"type": "insert_before", "target_element_id": next(iter(before))}
            if not before and not previous:
                place = {"type": "append"}
            actions.append(_action("add_elements", elements=[element.json], **place))
        previous = element.element_id
    return actions


def _action(name: str, **params: object) -> Json:
    return {"action": name, "params": params}
