"""How the modals look."""

from adapters.platforms.slack.hearing_parts import Json
from adapters.platforms.slack.sentences import say
from bots.messages import Language
from bots.picture_sizes import DEFAULT_SIZE

ASK, PAINT = "glimmer_ask", "glimmer_paint"  # callback ids, also in the manifest
QUESTION, PROMPT, SIZE, COUNT = "question", "prompt", "size", "count"  # block ids
SIZES = (DEFAULT_SIZE, "1344x768", "768x1344", "1152x864", "864x1152")
COUNTS = ("1", "2", "3", "4")
MOST_CHARACTERS = 3000  # Slack's own limit of a text field


def ask_view(name: str, language: Language) -> Json:
    """Draw "Ask about this"; ``name`` finds the message again."""
    blocks = [_text(QUESTION, say("modal_question", language))]
    return {**_modal(ASK, say("modal_ask", language), blocks, language), "private_metadata": name}


def paint_view(language: Language) -> Json:
    """Draw "Create an image"."""
    blocks = [
        _text(PROMPT, say("modal_prompt", language)),
        _choice(SIZE, say("modal_size", language), SIZES),
        _choice(COUNT, say("modal_count", language), COUNTS),
    ]
    return _modal(PAINT, say("modal_paint", language), blocks, language)


def _modal(callback_id: str, title: str, blocks: list[Json], language: Language) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(title),
        "submit": _plain(say("modal_send", language)),
        "close": _plain(say("modal_close", language)),
        "blocks": blocks,
    }


def _text(block_id: str, label: str) -> Json:
    element = {
        "type": "plain_text_input",
        "action_id": "entered",
        "multiline": True,
        "max_length": MOST_CHARACTERS,
    }
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}


def _choice(block_id: str, label: str, values: tuple[str, ...]) -> Json:
    options = [{"text": _plain(value), "value": value} for value in values]
    element = {
        "type": "static_select",
        "action_id": "chosen",
        "options": options,
        "initial_option": options[0],
    }
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}
