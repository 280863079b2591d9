"""What Lark's codes mean; the same code means different things at different endpoints.

Sources: the error code sections of the message, CardKit and resource documents, and the general error codes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bots.errors import (
    AttachmentGone,
    AttachmentTooLarge,
    AttachmentUnsupported,
    BotError,
    MessageNotEditable,
    PlatformDenied,
    PlatformRateLimited,
    PlatformUnavailable,
)


class TokenRefused(PlatformUnavailable):
    """The tenant_access_token is not valid any more; fetch another one."""


class QuotaUsedUp(PlatformDenied):
    """The tenant's API calls of this month are used up; buy more or wait for the first of the month."""


class ScopeMissing(PlatformDenied):
    """The app lacks a scope; the admin must grant it in the developer console."""


class AppMisconfigured(PlatformDenied):
    """The app's secret, its state or its network rules do not let it in; the admin must act."""


class ThreadImpossible(PlatformDenied):
    """This message or chat takes no replies in a topic; reply without one."""


class StreamingOff(PlatformUnavailable):
    """The card's streaming mode is off; switch it on again."""


class SequenceStale(PlatformUnavailable):
    """Somebody else has written to the card with a higher sequence."""


class CardNotReady(PlatformUnavailable):
    """The card entity is not known everywhere yet; try again in half a second."""


class CardBusy(PlatformRateLimited):
    """Somebody is pressing a button of the card; try again in half a second."""


class CardGone(PlatformDenied):
    """The card entity does not exist, has expired or belongs to another app."""


class CardTooLarge(PlatformDenied):
    """The card has too many bytes, elements or tables."""


class CardRefused(PlatformDenied):
    """The card or the text is not acceptable as it is; show it in a simpler form."""


class ContentRefused(PlatformDenied):
    """Lark's content check or the tenant's data protection does not let the words through."""


class TooFrequent(PlatformRateLimited):
    """The app calls this API too often; all its processes have to pause."""


class EditsUsedUp(PlatformDenied):
    """The message takes no more edits, but a new one can be sent."""


class OurDefect(PlatformDenied):
    """Lark calls the request malformed; this is a defect of ours."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer with a code that is not 0."""

    endpoint: str  # such as "message.reply"
    status: int
    code: int
    message: str
    log_id: str = ""  # X-Tt-Logid, which Lark's support asks for
    reset: float | None = None  # seconds, from x-ogw-ratelimit-reset


Codes = Mapping[int, type[BotError]]

# General error codes: they come from the gateway in front of every endpoint.
GENERAL: Codes = {
    99991400: TooFrequent,
    99991403: QuotaUsedUp,
    99991401: AppMisconfigured,
    99991543: AppMisconfigured,
    99991661: TokenRefused,
    99991663: TokenRefused,
    99991664: TokenRefused,
    99991665: TokenRefused,
    99991671: TokenRefused,
    99991662: AppMisconfigured,
    99991673: AppMisconfigured,
    99991668: AppMisconfigured,
    99991677: AppMisconfigured,
    99991679: AppMisconfigured,
    99991672: ScopeMissing,
    99992351: PlatformDenied,
    99992361: PlatformDenied,
    99992354: MessageNotEditable,
    99992402: OurDefect,
    10003: AppMisconfigured,
    10014: AppMisconfigured,
    2200: PlatformUnavailable,
}

# Message documents; what all their endpoints share.
MESSAGES: Codes = {
    230001: OurDefect,
    230002: PlatformDenied,
    230006: AppMisconfigured,
    230011: MessageNotEditable,
    230013: PlatformDenied,
    230015: PlatformDenied,
    230017: CardRefused,
    230018: PlatformDenied,
    230019: ThreadImpossible,
    230020: PlatformRateLimited,
    230022: ContentRefused,
    230025: CardTooLarge,
    230026: PlatformDenied,
    230027: ScopeMissing,
    230028: ContentRefused,
    230029: PlatformDenied,
    230034: PlatformDenied,
    230035: PlatformDenied,
    230036: PlatformDenied,
    230038: PlatformDenied,
    230049: PlatformUnavailable,
    230050: MessageNotEditable,
    230053: PlatformDenied,
    230054: CardRefused,
    230055: OurDefect,
    230075: PlatformDenied,
    230099: CardRefused,
    230110: MessageNotEditable,
    230111: PlatformDenied,
    231003: MessageNotEditable,
    231203: PlatformDenied,
    231204: PlatformDenied,
    232009: PlatformDenied,
}

# Where an endpoint means something of its own.
BY_ENDPOINT: Mapping[str, Codes] = {
    "message.reply": {230071: ThreadImpossible, 230072: ThreadImpossible},
    "message.edit": {
        230071: PlatformDenied,
        230072: EditsUsedUp,
        230073: PlatformDenied,
        230074: PlatformDenied,
        230075: EditsUsedUp,
    },
    "message.patch": {230031: EditsUsedUp, 230027: CardGone},
    "message.recall": {230009: EditsUsedUp},
    "message.list": {230073: PlatformDenied},
}

# CardKit documents.
CARDS: Codes = {
    10002: OurDefect,
    11310: CardTooLarge,
    100290: CardRefused,
    200220: CardRefused,
    200510: StreamingOff,
    200550: CardRefused,
    200570: CardRefused,
    200621: CardRefused,
    200740: CardGone,
    200750: CardGone,
    200770: PlatformUnavailable,
    200810: CardBusy,
    200850: StreamingOff,
    200860: CardTooLarge,
    200861: CardRefused,
    300120: SequenceStale,
    300121: CardRefused,
    300122: CardRefused,
    300301: CardRefused,
    300302: CardRefused,
    300303: CardRefused,
    300305: CardTooLarge,
    300307: CardRefused,
    300309: StreamingOff,
    300310: CardRefused,
    300311: CardGone,
    300312: CardRefused,
    300313: CardRefused,
    300314: CardRefused,
    300315: CardRefused,
    300317: SequenceStale,
}

# Resource documents, reading and uploading.
RESOURCES: Codes = {
    230110: AttachmentGone,
    234001: OurDefect,
    234002: TokenRefused,
    234003: AttachmentGone,
    234004: PlatformDenied,
    234006: CardTooLarge,
    234007: AppMisconfigured,
    234009: PlatformDenied,
    234010: CardRefused,
    234011: CardRefused,
    234019: PlatformUnavailable,
    234037: AttachmentTooLarge,
    234038: PlatformDenied,
    234039: CardTooLarge,
    234040: PlatformDenied,
    234041: PlatformDenied,
    234042: PlatformUnavailable,
    234043: AttachmentUnsupported,
    232096: PlatformDenied,
}

_GROUPS: tuple[tuple[tuple[str, ...], Codes], ...] = (
    (("card.", "element."), CARDS),
    (("resource.", "image.", "file."), RESOURCES),
    (("message.",), MESSAGES),
)
_INNER_CODE = re.compile(r"ErrCode:\s*(\d+)")
BUSY_SECONDS = 0.6  # the card is locked for as long as a callback takes to be answered


def error_for(refusal: Refusal) -> BotError:
    """Turn a refusal into the error a caller can act on; the only place that knows what a code means."""
    kind = _kind(refusal)
    detail = f"{refusal.endpoint}: {refusal.code} {refusal.message[:500]} (log id {refusal.log_id})"
    if issubclass(kind, CardBusy):
        return kind(detail, retry_after=BUSY_SECONDS)
    if issubclass(kind, AttachmentGone | AttachmentTooLarge | AttachmentUnsupported):
        return kind(detail)
    return kind(detail, retry_after=refusal.reset)


def _kind(refusal: Refusal) -> type[BotError]:
    own = BY_ENDPOINT.get(refusal.endpoint, {})
    if refusal.code in own:
        return own[refusal.code]
    if refusal.code == 230099:
        return _card_in_message(refusal.message)
    for prefixes, codes in _GROUPS:
        if refusal.endpoint.startswith(prefixes) and refusal.code in codes:
            return codes[refusal.code]
    if refusal.code in GENERAL:
        return GENERAL[refusal.code]
    if refusal.status == 429:
        return PlatformRateLimited
    return PlatformUnavailable if refusal.status >= 500 else PlatformDenied


def _card_in_message(message: str) -> type[BotError]:
    """Judge a card refused by a message endpoint: 230099 wraps the card service's own code."""
    found = _INNER_CODE.search(message)
    code = int(found[1]) if found else 0
    if code == 11310:
        if "is lock" in message:
            return CardBusy
        return CardNotReady if "cardid" in message else CardTooLarge
    if code in {200860, 300305}:
        return CardTooLarge
    return CardRefused
