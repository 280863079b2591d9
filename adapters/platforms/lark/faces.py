"""What each message of a reply shows, worked out from the draft."""

from dataclasses import replace

from adapters.platforms.lark.cards import CardFace, say
from adapters.platforms.lark.formatting import Line, card_lines
from adapters.platforms.lark.formatting_pages import closing, cost, pages
from adapters.platforms.lark.replies import ReplyState
from bots.drafts import Draft
from bots.messages import Language, language_of

THINKING_BYTES = 4000  # of a card's 30 KB
THINKING_LINE = 400  # characters


def faces_of(
    draft: Draft, reply_id: str, state: ReplyState, *, now: float, default: Language
) -> tuple[CardFace, ...]:
    """Cut a draft into cards: thinking goes on top of the first, buttons go under the last."""
    thinking = thinking_of(draft.reasoning, is_whole=draft.is_final or bool(draft.markdown))
    shown = pages(draft.markdown, is_whole=draft.is_final)
    language = _language(draft, default)
    last = len(shown) - 1
    return tuple(
        CardFace(
            reply_id=reply_id,
            language=language,
            answer=page,
            thinking=thinking if number == 0 else "",
            place=draft.place if number == last else None,
            notice=draft.notice if number == last else "",
            pictures=draft.pictures if number == last else (),
            has_picture_buttons=bool(state.pictures or draft.pictures) and not draft.is_illustrated,
            buttons=draft.buttons if number == last else (),
            model=draft.model if number == last else "",
            seconds=_seconds(state, now) if draft.outcome == "answered" else None,
            is_final=draft.is_final or number < last,
        )
        for number, page in enumerate(shown)
    )


def superseded(face: CardFace) -> CardFace:
    """Give what a message shows that is not needed any more and cannot be taken back."""
    text = say("superseded", face.language)
    return CardFace(reply_id=face.reply_id, language=face.language, notice=text, is_final=True)


def withheld(face: CardFace) -> CardFace:
    """Give what a message shows whose words Lark does not let through."""
    return replace(face, answer="", thinking="", notice=say("withheld", face.language))


def has_content(draft: Draft) -> bool:
    """Tell whether a reader would miss something of a draft."""
    return bool(draft.markdown or draft.reasoning or draft.pictures)


def is_prefix_of(draft: Draft, kept: Draft) -> bool:
    """Tell whether what is kept has all that a draft has; then it is the better one to show."""
    return kept.markdown.startswith(draft.markdown) and kept.reasoning.startswith(draft.reasoning)


def thinking_of(reasoning: str, *, is_whole: bool) -> str:
    """Give the beginning of the thinking, so that more of it only adds; the panel is a side matter.

    Its tables lose their rules: they would count towards those of the card, of which there may be three.
    """
    shown: list[Line] = []
    size = 0
    for line in card_lines(reasoning, is_whole=is_whole, max_line=THINKING_LINE):
        size += cost(line)
        if size > THINKING_BYTES:
            shown += [*closing(shown), Line("…")]
            break
        if not line.is_table_rule:
            shown.append(line)
    return "\n".join(line.text for line in shown)


def _seconds(state: ReplyState, now: float) -> float | None:
    return max(0.0, now - state.began_at) if state.began_at else None


def _language(draft: Draft, default: Language) -> Language:
    words = (
        draft.markdown or draft.reasoning or draft.notice or (draft.pictures[0].alt if draft.pictures else "")
    )
    return language_of(words, "zh-CN" if default == "zh" else "en")
