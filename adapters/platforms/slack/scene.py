"""What one write has before it: the reply, the draft, and the text as Slack may show it."""

from dataclasses import dataclass

from adapters.platforms.slack.formatting import render
from adapters.platforms.slack.replies import ReplyRecord, Turn, digest
from bots.drafts import Draft
from bots.messages import Conversation, Language, language_of


@dataclass(frozen=True, slots=True)
class Scene:
    """One write of one reply."""

    place: Conversation
    draft: Draft
    turn: Turn
    text: str

    @classmethod
    def of(cls, place: Conversation, draft: Draft, turn: Turn) -> "Scene":
        """Set the scene; of a text that grows only what is certain is shown."""
        return cls(place, draft, turn, render(draft.markdown, is_whole=draft.is_final))

    @property
    def record(self) -> ReplyRecord:
        """Tell what is known of the reply's messages."""
        return self.turn.record

    @property
    def reply_id(self) -> str:
        """Name the reply."""
        return self.turn.reply_id

    @property
    def language(self) -> Language:
        """Tell in which language the reader asked."""
        if self.record.asker is not None:
            return self.record.asker.language
        return language_of(self.draft.markdown or self.draft.notice)

    @property
    def is_continuation(self) -> bool:
        """Tell whether the text goes on from what the messages show, written by ourselves."""
        return digest(self.text[: self.record.end]) == self.record.shown

    def metadata(self, number: int) -> dict[str, object]:
        """Name a message so that it can be found again; everybody in the channel's apps can read it."""
        return {"event_type": EVENT_TYPE, "event_payload": {"reply": self.reply_id, "part": number}}


EVENT_TYPE = "glimmer_reply"
