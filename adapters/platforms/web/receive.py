"""Takes in a message from the page: stored first, then handed to the bot, then marked as accepted."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData
from starlette.requests import Request

from adapters.platforms.web.events import (
    MalformedField,
    ReceivedForm,
    message_id_of,
    parse_message,
    shown_message,
)  # fmt: skip
from adapters.platforms.web.refusals import RequestRefused, locale_of
from adapters.platforms.web.settings import WebSettings
from adapters.platforms.web.states import WebFile, WebMessage
from adapters.platforms.web.store import WebStore
from adapters.platforms.web.uploads import ReceivedBody, keep, read_form, take_apart
from bots.errors import PlatformUnavailable
from bots.events import BotEvent, MessageSent
from bots.ports import Clock


class Receiver:
    """Receives messages; one that is sent again under its ``client_id`` stays one message."""

    def __init__(
        self,
        store: WebStore,
        settings: WebSettings,
        handle: Callable[[BotEvent], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._settings = settings
        self._handle = handle
        self._clock = clock
        self._keeping = asyncio.Semaphore(1)

    async def receive(self, request: Request) -> str:
        """Read, store and hand on; returns the message's id.

        Raises RequestRefused, PlatformUnavailable, and whatever BotError the bot raises.
        """
        form = await read_form(request, self._settings)
        try:
            event, stored = await self._store_message(request, form)
        finally:
            await form.close()
        is_accepted = False
        try:
            await self._handle(event)
            is_accepted = True
        finally:
            await self._conclude(event, stored, is_accepted=is_accepted)
        return stored.id

    async def _store_message(self, request: Request, form: FormData) -> tuple[MessageSent, WebMessage]:
        thread = request.path_params["thread"]
        body = take_apart(form, self._settings)
        try:
            message_id = message_id_of(body.client_id)
        except MalformedField as error:
            raise RequestRefused(400, "bad_client_id") from error
        known = await self._store.message(thread, message_id) if body.client_id else None
        if known is not None and known.author != "user":
            raise RequestRefused(400, "bad_client_id")
        # What was stored the first time stands: the bot may have begun with it.
        files = known.files if known else await self._keep(body)
        received = ReceivedForm(
            thread=thread,
            text=known.markdown if known else body.text,
            user=body.user,
            client_id=body.client_id,
            locale=locale_of(request),
            files=files,
        )
        sent_at = known.created_at if known else self._clock.now()
        event = parse_message(received, message_id=message_id, sent_at=sent_at)
        if known is None or known.outcome is not None:
            revision = known.revision + 1 if known else 0
            known = shown_message(event, files).model_copy(update={"revision": revision})
            await self._store.write(thread, known)
        return event, known

    async def _keep(self, body: ReceivedBody) -> tuple[WebFile, ...]:
        # One after another: many large files at once fill the memory, and Redis times out on all of them.
        async with self._keeping:
            return await keep(self._store, body.uploads, self._settings.max_file_bytes)

    async def _conclude(self, event: MessageSent, stored: WebMessage, *, is_accepted: bool) -> None:
        if stored.is_final:
            return
        changes: dict[str, object] = {"revision": stored.revision + 1}
        changes |= {"is_final": True} if is_accepted else {"outcome": "failed"}
        # Where this is lost the message stays unconfirmed, and the page offers to send it again.
        with contextlib.suppress(PlatformUnavailable):
            await self._store.write(event.message.conversation.channel_id, stored.model_copy(update=changes))
