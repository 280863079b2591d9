"""Everything that can go wrong, as one tree; the docstring of a class is its message.

BotError(detail, retry_after)
├─ ModelError
│  ├─ ConcurrencyExceeded †       the account has too many requests in flight
│  ├─ ModelOverloaded †           the service is too busy
│  ├─ ModelUnavailable †          cannot be reached, or fails inside
│  ├─ ModelStreamBroken           the answer broke off after text was shown
│  ├─ ModelTimedOut               the answer took too long
│  ├─ ModelAnsweredNothing        an empty answer
│  ├─ PromptTooLong, PromptRefused, ModelRejectedRequest, ModelNotFound
│  └─ KeyRejected, OutOfMoney, QuotaExhausted       the operator must act
├─ MediaError
│  └─ EmptyQuestion, TooManyAttachments, AttachmentTooLarge, AttachmentUnreadable,
│     AttachmentUnsupported, AttachmentGone, NoModelAble; PictureTooLarge and TextTooLong are
│     AttachmentTooLarge, TooManyPictures is TooManyAttachments
├─ LimitReached
│  └─ DailyTokensSpent, DailyPicturesSpent          the person's own, until tomorrow
├─ CommandMistaken                the user typed an option that does not exist
├─ PlatformError
│  └─ PlatformRateLimited †, PlatformUnavailable †, PlatformOutcomeUnknown ‡, PlatformDenied,
│     MessageNotEditable
├─ StoreUnavailable †             Redis cannot be reached
├─ LeaseLost                      somebody else works on this job now
└─ JobAbandoned                   the job killed its workers again and again

† transient: try again later      ‡ look before trying again: it may have been done
"""

from typing import ClassVar


class BotError(Exception):
    """Something went wrong."""

    is_transient: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        self.detail = detail
        self.retry_after = retry_after  # seconds
        super().__init__(detail or (type(self).__doc__ or "").partition("\n")[0])


class ModelError(BotError):
    """The model did not answer."""

    def __init__(self, detail: str = "", *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.code = code  # the vendor's code, for logs and metrics only


class ConcurrencyExceeded(ModelError):
    """The account has as many requests in flight as it may; wait for one to end."""

    is_transient = True


class ModelOverloaded(ModelError):
    """The model service is too busy; try again in a while."""

    is_transient = True


class ModelUnavailable(ModelError):
    """The model service cannot be reached or failed inside; try again in a while."""

    is_transient = True


class ModelStreamBroken(ModelError):
    """The answer broke off before its end."""


class ModelTimedOut(ModelError):
    """The model took longer than a user would wait."""


class ModelAnsweredNothing(ModelError):
    """The model ended without a word; ask again or with a larger output limit."""


class PromptTooLong(ModelError):
    """The question with its history is longer than the model's context; shorten it."""


class PromptRefused(ModelError):
    """The vendor's content filter refused the question or the answer; rephrase it."""


class ModelRejectedRequest(ModelError):
    """The model refused the request as malformed; this is a defect of ours."""


class ModelNotFound(ModelError):
    """The vendor does not know this model; check the configured name."""


class KeyRejected(ModelError):
    """The API key is wrong or expired; the operator must set GLM_API_KEY."""


class OutOfMoney(ModelError):
    """The account has no balance; the operator must top it up."""


class QuotaExhausted(ModelError):
    """The account's quota or plan does not allow this now; wait for its reset."""


class MediaError(BotError):
    """An attachment cannot be used."""

    def __init__(self, detail: str = "", *, name: str = "", limit: int = 0) -> None:
        super().__init__(detail)
        self.name = name  # the file's name, shown to the user
        self.limit = limit  # bytes or pieces, shown to the user; 0 where it is not known


class EmptyQuestion(MediaError):
    """The message holds neither words nor a picture."""


class AttachmentTooLarge(MediaError):
    """The file is larger than the limit."""


class PictureTooLarge(AttachmentTooLarge):
    """The picture has more pixels than we decode; ``limit`` is in pixels."""


class TextTooLong(AttachmentTooLarge):
    """The text file has more characters than a question may hold; ``limit`` is in characters."""


class AttachmentUnreadable(MediaError):
    """The file is damaged or not what its name says."""


class AttachmentUnsupported(MediaError):
    """Files of this type cannot be read yet."""


class TooManyAttachments(MediaError):
    """More files than one question may have."""


class TooManyPictures(TooManyAttachments):
    """No model of the route looks at so many pictures at once."""


class NoModelAble(MediaError):
    """No model of the route can look at this; the operator may add one."""


class AttachmentGone(MediaError):
    """The file is no longer there; send it again."""


class LimitReached(BotError):
    """The person has used up what the operator allows; it is theirs again tomorrow."""

    def __init__(self, detail: str = "", *, limit: int = 0) -> None:
        super().__init__(detail)
        self.limit = limit  # tokens or pictures, shown to the user


class DailyTokensSpent(LimitReached):
    """The day's tokens are used up."""


class DailyPicturesSpent(LimitReached):
    """The day's pictures are used up, or fewer are left than were asked for."""


class CommandMistaken(BotError):
    """The command has an option or a value that does not exist."""


class PlatformError(BotError):
    """The chat platform did not do what was asked."""


class PlatformRateLimited(PlatformError):
    """The platform wants fewer calls; wait as long as it says."""

    is_transient = True


class PlatformUnavailable(PlatformError):
    """The platform cannot be reached or failed inside, and did nothing."""

    is_transient = True


class PlatformOutcomeUnknown(PlatformError):
    """The platform may or may not have done it; look before trying again."""


class PlatformDenied(PlatformError):
    """The bot is not allowed to do this here."""


class MessageNotEditable(PlatformError):
    """The message was deleted or can no longer be edited."""


class StoreUnavailable(BotError):
    """Redis cannot be reached; nothing was accepted."""

    is_transient = True


class LeaseLost(BotError):
    """Another worker has this job now; write nothing more."""


class JobAbandoned(BotError):
    """The job's workers died again and again; it is given up with an apology."""
