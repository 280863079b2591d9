"""Checks what stands inside blocks: text objects, buttons, menus, inputs."""

from dataclasses import dataclass, field

from simulators.slack.wire import JsonObject, SlackError

_MENUS = frozenset(
    f"{prefix}{kind}_select"
    for prefix in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
_PICKERS = frozenset(
    {"datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons", "overflow"}
)
_ACTIONS = (
    _MENUS | _PICKERS | {"button", "feedback_buttons", "icon_button", "workflow_button", "rich_text_input"}
)
_INPUTS = (_MENUS | _PICKERS | {
    "plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input", "rich_text_input",
}) - {"overflow"}  # fmt: skip


@dataclass(slots=True)
class Findings:
    """What a check found wrong, with JSON pointers as Slack writes them."""

    messages: list[str] = field(default_factory=list)

    def add(self, pointer: str, words: str) -> None:
        """Note one fault."""
        self.messages.append(f"{words} [json-pointer:{pointer}]")

    def refuse(self, code: str) -> None:
        """Raise SlackError ``code`` where anything was found."""
        if self.messages:
            raise SlackError(code, tuple(self.messages))


def check_text(findings: Findings, value: object, at: str, max_chars: int, *, plain: bool = False) -> None:
    """Check a text object; ``plain`` where Slack takes plain_text only."""
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        findings.add(at, "missing required field: text")
        return
    kind = value.get("type")
    if kind not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        findings.add(f"{at}/type", f"unsupported type: {kind}")
    if (kind == "plain_text" and "verbatim" in value) or (kind == "mrkdwn" and "emoji" in value):
        findings.add(at, "invalid additional property")
    if not value["text"]:
        findings.add(f"{at}/text", "must be more than 0 characters")
    if len(value["text"]) > max_chars:
        findings.add(f"{at}/text", f"must be less than {max_chars + 1} characters")


def check_context_elements(findings: Findings, elements: object, at: str) -> None:
    """Check a context block's texts and pictures, at most ten."""
    if not isinstance(elements, list) or not elements:
        findings.add(at, "missing required field: elements")
        return
    if len(elements) > 10:
        findings.add(at, "no more than 10 items allowed")
    for index, element in enumerate(elements):
        if isinstance(element, dict) and element.get("type") == "image":
            _check_image_element(findings, element, f"{at}/{index}")
        else:
            check_text(findings, element, f"{at}/{index}", 2_000)


def check_action_elements(
    findings: Findings, elements: list[JsonObject], at: str, *, accessory: bool = False
) -> None:
    """Check interactive elements and that no action id comes twice in a block."""
    seen: set[str] = set()
    for index, element in enumerate(elements):
        here = at if accessory else f"{at}/{index}"
        kind = element.get("type") if isinstance(element, dict) else None
        if accessory and kind == "image":
            _check_image_element(findings, element, here)
            continue
        if kind not in _ACTIONS:
            findings.add(f"{here}/type", f"unsupported type: {kind}")
            continue
        action_id = element.get("action_id")
        if action_id is not None and (not isinstance(action_id, str) or not 0 < len(action_id) <= 255):
            findings.add(f"{here}/action_id", "must be 1 to 255 characters")
        if action_id and action_id in seen:
            findings.add(f"{here}/action_id", "action_id already exists")
        seen.add(str(action_id))
        _check_action(findings, element, here)


def _check_action(findings: Findings, element: JsonObject, at: str) -> None:
    kind = element["type"]
    if kind == "button":
        _check_button(findings, element, at)
    elif kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            _check_button(findings, element.get(name), f"{at}/{name}")
    elif kind == "icon_button":
        check_text(findings, element.get("text"), f"{at}/text", 75, plain=True)
        if not element.get("icon"):
            findings.add(f"{at}/icon", "missing required field: icon")
    elif kind == "overflow" or "static_select" in kind:
        _check_options(findings, element, at)


def _check_button(findings: Findings, button: object, at: str) -> None:
    if not isinstance(button, dict):
        findings.add(at, "missing required field")
        return
    check_text(findings, button.get("text"), f"{at}/text", 75, plain=True)
    for name, max_chars in (("value", 2_000), ("url", 3_000), ("accessibility_label", 75)):
        value = button.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > max_chars):
            findings.add(f"{at}/{name}", f"must be a string of less than {max_chars + 1} characters")
    if button.get("style") not in (None, "primary", "danger"):
        findings.add(f"{at}/style", "must be primary or danger")


def _check_options(findings: Findings, element: JsonObject, at: str) -> None:
    options = element.get("options")
    if options is None and element.get("option_groups"):
        return
    limit = 5 if element["type"] == "overflow" else 100
    if not isinstance(options, list) or not 1 <= len(options) <= limit:
        findings.add(f"{at}/options", f"must have 1 to {limit} items")
        return
    for index, option in enumerate(options):
        if not isinstance(option, dict) or not isinstance(option.get("value"), str):
            findings.add(f"{at}/options/{index}/value", "missing required field: value")
            continue
        if len(option["value"]) > 150:
            findings.add(f"{at}/options/{index}/value", "must be less than 151 characters")
        check_text(findings, option.get("text"), f"{at}/options/{index}/text", 75)


def _check_image_element(findings: Findings, element: JsonObject, at: str) -> None:
    if not isinstance(element.get("alt_text"), str):
        findings.add(f"{at}/alt_text", "missing required field: alt_text")
    if not isinstance(element.get("image_url"), str) and "slack_file" not in element:
        findings.add(f"{at}/image_url", "missing required field: image_url")


def check_input_element(findings: Findings, element: object, at: str) -> None:
    """Check the element of an input block."""
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(element, dict) or kind not in _INPUTS:
        findings.add(f"{at}/type", f"unsupported type: {kind}")
        return
    if "static_select" in element["type"]:
        _check_options(findings, element, at)
    if element.get("placeholder") is not None:
        check_text(findings, element["placeholder"], f"{at}/placeholder", 150, plain=True)
