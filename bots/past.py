"""How much of a thread's past is sent along, when the whole of it does not pass."""

from dataclasses import dataclass, field

from bots.errors import ModelError, PromptRefused, PromptTooLong
from bots.ports import TranscriptEntry


@dataclass(slots=True)
class Past:
    """The remembered turns that are still sent, and the exchanges that were dropped for good."""

    turns: tuple[TranscriptEntry, ...]
    refused_ids: list[str] = field(default_factory=list)

    def narrow(self, error: ModelError) -> bool:
        """Leave out what may be to blame for the error; False if that is not the past.

        The content filter names the history but not the turn (GLM docs, code 1301). All but the newest
        exchange has passed before, so that one goes first, and then everything.
        """
        if not self.turns:
            return False
        if isinstance(error, PromptTooLong):
            self.turns = ()
            return True
        if not isinstance(error, PromptRefused) or error.detail != "history":
            return False
        newest = self.turns[-1].exchange_id
        is_first_try = not self.refused_ids
        kept = tuple(turn for turn in self.turns if turn.exchange_id != newest) if is_first_try else ()
        gone = {turn.exchange_id for turn in self.turns if turn not in kept}
        self.refused_ids += sorted(gone - {""})  # entries of an older version have no id
        self.turns = kept
        return True
