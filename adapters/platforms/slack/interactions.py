"""What people press, choose and submit."""

import logging

from pydantic import ValidationError

from adapters.platforms.slack.buttons import read_button
from adapters.platforms.slack.events import PLATFORM
from adapters.platforms.slack.hearing_parts import HearingParts, Json
from adapters.platforms.slack.home import PREFIX as HOME_PREFIX
from adapters.platforms.slack.home import HomeTab
from adapters.platforms.slack.modals import Modals
from adapters.platforms.slack.payloads import Action, Interaction, SlackMessage
from bots.errors import PlatformError
from bots.events import ButtonPressed
from bots.messages import Conversation, Sender

log = logging.getLogger(__name__)


class InteractionReceiver:
    """Handles one interaction; what it raises must not be acknowledged."""

    def __init__(self, parts: HearingParts, home: HomeTab, modals: Modals) -> None:
        self._parts = parts
        self._home = home
        self._modals = modals

    async def receive(self, body: Json) -> Json:
        """Do what was asked; gives the acknowledgement's payload. Raises StoreUnavailable."""
        try:
            used = Interaction.model_validate(body)
        except ValidationError:
            log.warning("slack: an interaction of unknown shape")
            return {}
        if used.type in ("shortcut", "message_action"):
            await self._open(used)
        elif used.type == "view_submission" and used.view is not None:
            return await self._modals.submit(used, used.view)
        elif used.type == "block_actions":
            for action in used.actions:
                await self._act(used, action)
        return {}

    async def _open(self, used: Interaction) -> None:
        try:
            await self._modals.open(used)
        except PlatformError as error:
            # The trigger lives three seconds; whoever pressed tries again.
            log.warning("slack: a modal did not open", extra={"error": type(error).__name__})

    async def _act(self, used: Interaction, action: Action) -> None:
        value = action.selected_option.value if action.selected_option else action.value
        if action.action_id.startswith(HOME_PREFIX):
            await self._home.choose(used.tenant_id, used.user.id, action.action_id, value)
            publish = self._home.publish(used.tenant_id, used.user.id)
            self._parts.background.spawn(publish, "showing the Home tab")
            return
        pressed = read_button(action.action_id, value)
        if pressed is None:
            log.debug("slack: ignored a press")
            return
        event = ButtonPressed(
            conversation=_place(used),
            sender=Sender(user_id=used.user.id),
            reply_id=pressed.reply_id,
            action=pressed.action,
            press_id=action.action_ts,
            value=pressed.value,
        )
        await self._parts.services.handle(event)


def _place(used: Interaction) -> Conversation:
    where, message = used.container, used.message or SlackMessage()
    return Conversation(
        platform=PLATFORM,
        tenant_id=used.tenant_id,
        channel_id=where.channel_id or used.channel.id,
        thread_id=where.thread_ts or message.thread_ts or where.message_ts or None,
    )
