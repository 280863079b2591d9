"""The blocks of a reply's messages (Slack docs, Block Kit): text, notice, buttons, disclaimer."""

from typing import Any

from adapters.platforms.slack.buttons import FEEDBACK, action_id, button_value
from adapters.platforms.slack.formatting_inline import without_pings
from adapters.platforms.slack.formatting_mrkdwn import escaped, to_mrkdwn
from adapters.platforms.slack.wording import Phrase, phrase
from bots.drafts import Draft
from bots.messages import Language

Block = dict[str, Any]

SIZES = ("1024x1024", "1344x768", "768x1344", "1440x720", "720x1440")
MAX_NOTICE = 1_500  # characters
MAX_FALLBACK = 1_000  # what a notification and a screen reader get


def markdown(text: str) -> Block:
    """Show Markdown."""
    return {"type": "markdown", "text": text}


def words(text: str) -> Block:
    """Show our own sentence, small; ``verbatim`` keeps Slack from making mentions of it."""
    shown = {"type": "mrkdwn", "text": escaped(without_pings(text))[:MAX_NOTICE], "verbatim": True}
    return {"type": "context", "elements": [shown]}


def fallback(text: str, draft: Draft, language: Language) -> str:
    """Give the plain ``text`` beside the blocks."""
    return (
        to_mrkdwn(text, limit=MAX_FALLBACK)
        or escaped(without_pings(draft.notice))
        or phrase("fallback", language)
    )


def running(draft: Draft, reply_id: str, language: Language) -> list[Block]:
    """Close a message that still grows: what is going on, and Stop."""
    blocks = []
    if draft.notice:
        blocks.append(words(draft.notice))
    elif not draft.markdown:
        blocks.append(words(phrase("thinking" if draft.reasoning else "anew", language)))
    if "stop" in draft.buttons:
        blocks.append(_actions([_button("stop", reply_id, phrase("stop", language))]))
    return blocks


def ending(draft: Draft, reply_id: str, language: Language) -> list[Block]:
    """Close a finished reply: a notice, what one may do next, feedback, a disclaimer."""
    blocks = [words(draft.notice)] if draft.notice else []
    if draft.pictures:
        blocks = [words(", ".join(shown.alt for shown in draft.pictures)), *blocks]
    if draft.pictures and not draft.is_illustrated:
        blocks.append(_actions(_picture_buttons(reply_id, language)))
    elif "regenerate" in draft.buttons:
        anew: tuple[Phrase, ...] = ("regenerate", "other_model")
        blocks.append(_actions([_button(name, reply_id, phrase(name, language)) for name in anew]))
    if "like" in draft.buttons and draft.outcome == "answered":
        blocks.append({"type": "context_actions", "elements": [_feedback(reply_id, language)]})
        told = f"{phrase('disclaimer', language)} · {draft.model}" if draft.model else ""
        blocks.append(words(told or phrase("disclaimer", language)))
    return blocks


def _actions(elements: list[Block]) -> Block:
    return {"type": "actions", "elements": elements}


def _button(action: str, reply_id: str, label: str) -> Block:
    return {
        "type": "button",
        "action_id": action_id(action),
        "text": {"type": "plain_text", "text": label},
        "value": button_value(reply_id),
    }


def _picture_buttons(reply_id: str, language: Language) -> list[Block]:
    sizes = {
        "type": "static_select",
        "action_id": action_id("resize"),
        "placeholder": {"type": "plain_text", "text": phrase("size", language)},
        "options": [
            {
                "text": {"type": "plain_text", "text": size.replace("x", " × ")},
                "value": _short(reply_id, size),
            }
            for size in SIZES
        ],
    }
    again = _button("regenerate", reply_id, phrase("again", language))
    return [again, _button("vary", reply_id, phrase("vary", language)), sizes]


def _short(reply_id: str, size: str) -> str:
    return button_value(reply_id, size)


def _feedback(reply_id: str, language: Language) -> Block:
    def thumb(label: Phrase, opinion: str) -> Block:
        text = {"type": "plain_text", "text": phrase(label, language)}
        return {"text": text, "accessibility_label": text["text"], "value": button_value(reply_id, opinion)}

    return {
        "type": "feedback_buttons",
        "action_id": action_id(FEEDBACK),
        "positive_button": thumb("good", "like"),
        "negative_button": thumb("bad", "dislike"),
    }
