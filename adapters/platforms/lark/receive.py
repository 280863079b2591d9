"""Takes in Lark's events, from whichever transport: completes them and hands them to the bot."""

import asyncio
import logging
from datetime import timedelta

from adapters.platforms.lark.complete import MessageCompleter
from adapters.platforms.lark.events import (
    CardPressed,
    ChatOpened,
    EventMalformed,
    Heard,
    HeardMessage,
    MenuChosen,
    parse_event,
)
from adapters.platforms.lark.events_fields import JsonObject, object_at, text_at
from adapters.platforms.lark.greeting import Greeter
from adapters.platforms.lark.lookups import Lookups
from adapters.platforms.lark.pending_pictures import PendingPictures
from adapters.platforms.lark.presses import PressGuard
from adapters.platforms.lark.settings import FEISHU, LarkSettings
from adapters.platforms.lark.welcome import toast
from adapters.plugin import Handle
from bots.errors import StoreUnavailable
from bots.events import ButtonPressed, MessageEdited, MessageRecalled, MessageSent
from bots.ports import Clock

log = logging.getLogger(__name__)

ACK_SECONDS = 2.5  # Lark waits three
TOAST_SECONDS = 1.0  # a card takes no writes while its button waits for an answer (code 200810)
STALE = timedelta(minutes=30)  # what comes later than this is a repetition nobody waits for any more
DUE_EVERY_SECONDS = 1.0


class Receiver:
    """Receives events; one that is repeated changes nothing."""

    def __init__(  # noqa: PLR0913 - the parts of the hearing side come together here
        self,
        settings: LarkSettings,
        handle: Handle,
        clock: Clock,
        *,
        lookups: Lookups,
        completer: MessageCompleter,
        pending: PendingPictures,
        presses: PressGuard,
        greeter: Greeter,
    ) -> None:
        self._locale = "zh-CN" if settings.domain == FEISHU else None
        self._handle = handle
        self._clock = clock
        self._lookups = lookups
        self._completer = completer
        self._pending = pending
        self._presses = presses
        self._greeter = greeter
        self._under_way: set[asyncio.Task[JsonObject | None]] = set()

    async def receive(self, envelope: JsonObject) -> JsonObject | None:
        """Take one event in; the answer is for the person who pressed a button.

        Raises StoreUnavailable when the event is not safe yet: then it must come again.
        """
        task = asyncio.create_task(self._take_in(envelope))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        await asyncio.wait({task}, timeout=ACK_SECONDS)
        if task.done():
            return task.result()
        # It goes on; Lark's repetition finds the question in line already.
        detail = "not kept in time"
        raise StoreUnavailable(detail)

    async def answer_lone_pictures(self) -> None:
        """Ask about pictures for which no words came; runs until it is cancelled."""
        while True:
            await self._clock.sleep(DUE_EVERY_SECONDS)
            try:
                for ticket, message in await self._pending.due(self._clock.now()):
                    await self._handle(MessageSent(message=message))
                    await self._pending.told(ticket)
            except StoreUnavailable as error:
                log.warning("held pictures wait for redis", extra={"error": str(error)})

    async def close(self, seconds: float = 2.0) -> None:
        """Let what is under way end."""
        if self._under_way:
            await asyncio.wait(set(self._under_way), timeout=seconds)
        for task in self._under_way:
            task.cancel()

    def _done(self, task: asyncio.Task[JsonObject | None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("event not taken in", extra={"error": f"{type(error).__name__}: {error}"})

    async def _take_in(self, envelope: JsonObject) -> JsonObject | None:
        try:
            heard = parse_event(envelope, await self._lookups.bot_open_id(), self._locale)
        except EventMalformed as error:
            kind = text_at(object_at(envelope, "header"), "event_type")
            log.warning("event malformed", extra={"event_type": kind, "lacks": str(error)})
            return None  # it would be no better the next time
        return await self._act_on(heard)

    async def _act_on(self, heard: Heard | None) -> JsonObject | None:
        match heard:
            case HeardMessage():
                await self._hear(heard)
            case CardPressed():
                return await self._press(heard)
            case MessageRecalled():
                await self._pending.forget(heard.conversation, heard.message_id)
                await self._handle(heard)
            case MenuChosen():
                if (chosen := await self._greeter.menu_message(heard, self._locale)) is not None:
                    await self._hear(chosen)
            case ChatOpened():
                await self._greeter.greet(heard)
            case None:
                pass
        return None

    async def _hear(self, heard: HeardMessage) -> None:
        is_stale = self._clock.now() - heard.message.sent_at > STALE
        if is_stale and not heard.edit_id:
            log.warning("message too old", extra={"message_id": heard.message.message_id})
            return
        message = await self._completer.complete(heard)
        if message is None:
            return
        if not is_stale:
            await self._handle(MessageSent(message=message))
        if heard.edit_id:
            # Without an answer there is nothing to write anew, and with the same text nothing happens.
            await self._handle(MessageEdited(message=message, edit_id=heard.edit_id))

    async def _press(self, heard: CardPressed) -> JsonObject:
        try:
            refusal = await self._presses.refusal(heard)
        except StoreUnavailable:
            return toast("try_again")
        if refusal is not None:
            return refusal
        task = asyncio.create_task(self._follow(heard.press))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        await asyncio.wait({task}, timeout=TOAST_SECONDS)
        failed = task.done() and not task.cancelled() and isinstance(task.exception(), StoreUnavailable)
        return toast("try_again" if failed else heard.press.action)

    async def _follow(self, press: ButtonPressed) -> None:
        await self._handle(press)
