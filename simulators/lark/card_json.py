"""Which cards of JSON 2.0 are acceptable (card JSON 2.0 structure and breaking changes).

Components outside the tables below exist in Lark but are not simulated, and refused.
"""

import re
from collections.abc import Mapping

from simulators.lark import card_tree
from simulators.lark.card_markdown import OVER_LIMIT, PARSE_ERROR, Findings, Surroundings, examine
from simulators.lark.errors import CardRefused
from simulators.lark.fields import Json, byte_length, items, obj, objects

MAX_CARD_BYTES = 30_000  # the documents say 30 KB; the smaller reading
MAX_ELEMENTS = 200
MAX_NESTING = 5
MAX_TABLE_COMPONENTS = 5
_ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_COMMON = _words("tag element_id margin")
PROPERTIES: Mapping[str, frozenset[str]] = {
    "markdown": _COMMON | _words("content text_size text_align icon"),
    "plain_text": _COMMON | _words("content text_size text_color text_align lines"),
    "lark_md": _COMMON | _words("content text_size text_color text_align lines"),
    "div": _COMMON | _words("text icon width"),
    "hr": _COMMON,
    "img": _COMMON | _words("img_key alt title corner_radius scale_type size preview transparent"),
    "img_combination": _COMMON | _words("combination_mode img_list corner_radius"),
    "button": _COMMON
    | _words(
        "type size width text icon disabled disabled_tips hover_tips confirm behaviors name form_action_type"
    ),
    "column_set": _COMMON | _words("columns flex_mode horizontal_spacing horizontal_align background_style"),
    "column": _COMMON
    | _words(
        "width weight elements vertical_align vertical_spacing horizontal_align padding background_style"
    ),
    "collapsible_panel": _COMMON
    | _words("expanded header border vertical_spacing padding background_color elements"),
    "table": _COMMON | _words("columns rows page_size row_height header_style"),
}
_CARD = _words("schema config card_link header body")
_BODY = _words(
    "direction padding horizontal_spacing vertical_spacing horizontal_align vertical_align elements"
)
_HEADER = _words("title subtitle text_tag_list template icon padding")
_CONFIG = _words(
    "streaming_mode streaming_config summary locales enable_forward update_multi width_mode "
    "use_custom_translation enable_forward_interaction style"
)
_BUTTON_TYPES = _words(
    "default primary danger text primary_text danger_text primary_filled danger_filled laser"
)
_TEMPLATES = _words("blue wathet turquoise green yellow orange red carmine violet purple indigo grey default")


def check(card: Json, surroundings: Surroundings) -> Findings:
    """Accept a card or raise CardRefused with CardKit's code; gives what its texts ping and lose."""
    if byte_length(card) > MAX_CARD_BYTES:
        raise CardRefused(200860, "card content exceeds the limit of 30 KB")
    if card.get("schema") != "2.0":
        raise CardRefused(300303, "card schema is not 2.0")
    _known(card, _CARD, "card")
    check_config(obj(card.get("config")))
    header = obj(card.get("header"))
    _known(header, _HEADER, "header")
    if header and header.get("template", "default") not in _TEMPLATES:
        raise CardRefused(PARSE_ERROR, "unknown header template")
    body = obj(card.get("body"))
    _known(body, _BODY, "body")
    if not items(body.get("elements")):
        raise CardRefused(300307, "card is empty")
    _check_identifiers(card)
    findings = _check_elements(items(body["elements"]), surroundings, depth=1)
    if count_tagged(body) > MAX_ELEMENTS:
        raise CardRefused(300305, "element exceeds the limit")
    components = sum(element.get("tag") == "table" for element in card_tree.elements(card))
    if components > MAX_TABLE_COMPONENTS or findings.tables > surroundings.table_limit:
        raise CardRefused(OVER_LIMIT, "card table number over limit")
    return findings


def check_config(config: Json) -> None:
    """Accept a card's `config`; raises CardRefused (200220, 300302)."""
    _known(config, _CONFIG, "config")
    for name in ("streaming_mode", "update_multi", "enable_forward"):
        if not isinstance(config.get(name, True), bool):
            raise CardRefused(PARSE_ERROR, f"config.{name} must be a boolean")
    if config.get("update_multi") is False:
        raise CardRefused(300302, "update_multi must be true")
    if "summary" in config and not isinstance(obj(config["summary"]).get("content", ""), str):
        raise CardRefused(PARSE_ERROR, "config.summary.content must be a string")


def count_tagged(value: object) -> int:
    """Count every object with a tag, nested texts included."""
    if isinstance(value, dict):
        return ("tag" in value) + sum(count_tagged(child) for child in value.values())
    return sum(count_tagged(child) for child in items(value))


def _known(value: Json, names: frozenset[str], where: str) -> None:
    if unknown := value.keys() - names:
        raise CardRefused(PARSE_ERROR, f"unknown property in {where}: {', '.join(sorted(unknown))}")


def _check_identifiers(card: Json) -> None:
    seen: set[object] = set()
    for identifier in card_tree.identifiers(card):
        if not isinstance(identifier, str) or not _ELEMENT_ID.fullmatch(identifier):
            raise CardRefused(PARSE_ERROR, f"invalid element_id: {str(identifier)[:40]}")
        if identifier in seen:
            raise CardRefused(300301, f"duplicate element_id: {identifier}")
        seen.add(identifier)


def _check_elements(
    children: list[object], surroundings: Surroundings, depth: int, parent: object = None
) -> Findings:
    findings = Findings()
    if children and depth > MAX_NESTING:
        raise CardRefused(PARSE_ERROR, "elements are nested too deeply")
    for child in children:
        if not isinstance(child, dict):
            raise CardRefused(PARSE_ERROR, "an element must be an object")
        if (child.get("tag") == "column") != (parent == "column_set"):
            raise CardRefused(PARSE_ERROR, "columns belong into a column_set, and nothing else does")
        findings.add(_check_element(child, surroundings, depth))
        inner = items(child.get("elements")) or items(
            child.get("columns") if child["tag"] == "column_set" else None
        )
        findings.add(_check_elements(inner, surroundings, depth + 1, child["tag"]))
    return findings


def _check_element(element: Json, surroundings: Surroundings, depth: int) -> Findings:
    tag = element.get("tag")
    if tag in {"action", "note"}:
        raise CardRefused(
            200861, f"cards of schema V2 no longer support this capability; unsupported tag {tag}"
        )
    if not isinstance(tag, str) or tag not in PROPERTIES or tag in {"plain_text", "lark_md"}:
        raise CardRefused(PARSE_ERROR, f"not support tag: {tag}")
    _known(element, PROPERTIES[tag], tag)
    if tag == "markdown":
        return examine(_string(element, "content"), surroundings)
    if tag == "table" and depth > 1:
        raise CardRefused(PARSE_ERROR, "a table must be at the card's root")
    if tag == "div":
        return _check_text(element, "text", surroundings)
    if tag in {"img", "img_combination"}:
        _check_image(element, surroundings)
    _check_parts(element)
    return Findings()


def _check_parts(element: Json) -> None:
    if element["tag"] == "button":
        _check_button(element)
    elif element["tag"] == "collapsible_panel":
        _check_text(obj(element.get("header")), "title")


def _string(element: Json, name: str) -> str:
    value = element.get(name)
    if not isinstance(value, str):
        raise CardRefused(PARSE_ERROR, f"{element.get('tag')}.{name} must be a string")
    return value


def _check_text(holder: Json, name: str, surroundings: Surroundings | None = None) -> Findings:
    text = obj(holder.get(name))
    tag = text.get("tag")
    if tag not in {"plain_text", "lark_md", "markdown"}:
        raise CardRefused(PARSE_ERROR, f"{name} needs a text element")
    _known(text, PROPERTIES[str(tag)], str(tag))
    content = _string(text, "content")
    return examine(content, surroundings) if surroundings and tag != "plain_text" else Findings()


def _check_image(element: Json, surroundings: Surroundings) -> None:
    if element["tag"] == "img":
        _check_text(element, "alt")
        pictures = [element]
    else:
        pictures = list(objects(element.get("img_list")))
        most = {"double": 2, "triple": 3, "bisect": 6, "trisect": 9}.get(
            str(element.get("combination_mode")), 0
        )
        if not 0 < len(pictures) <= most:
            raise CardRefused(PARSE_ERROR, "img_list does not suit combination_mode")
    for picture in pictures:
        key = picture.get("img_key")
        if not isinstance(key, str) or not surroundings.has_image(key):
            raise CardRefused(200570, f"invalid image key: {str(key)[:80]}")


def _check_button(button: Json) -> None:
    _check_text(button, "text")
    if len(_string(obj(button["text"]), "content")) > 100:
        raise CardRefused(PARSE_ERROR, "a button's text has at most 100 characters")
    if button.get("type", "default") not in _BUTTON_TYPES:
        raise CardRefused(PARSE_ERROR, "unknown button type")
    if button.get("size", "medium") not in {"tiny", "small", "medium", "large"}:
        raise CardRefused(PARSE_ERROR, "unknown button size")
    if "confirm" in button:
        _check_text(obj(button["confirm"]), "title")
    for behavior in items(button.get("behaviors")):
        _check_behavior(obj(behavior))


def _check_behavior(behavior: Json) -> None:
    if behavior.get("type") == "open_url":
        if not str(behavior.get("default_url", "")).startswith(("http://", "https://")):
            raise CardRefused(PARSE_ERROR, "open_url needs an http address")
    elif behavior.get("type") != "callback":
        raise CardRefused(PARSE_ERROR, f"unknown behavior: {behavior.get('type')}")
    elif not isinstance(behavior.get("value"), dict | str):
        raise CardRefused(PARSE_ERROR, "callback needs a value")
