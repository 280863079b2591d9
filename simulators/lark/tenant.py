"""Everything one simulated tenant holds."""

import asyncio
from collections import Counter

from simulators.lark import events
from simulators.lark.card_markdown import Surroundings
from simulators.lark.cards import CallbackToken, CardEntity, Cards
from simulators.lark.chats import Chats
from simulators.lark.clock import Clock
from simulators.lark.config import Config
from simulators.lark.deliveries import Deliveries, Delivery, Manner, Transport
from simulators.lark.faults import Faults
from simulators.lark.fields import Json
from simulators.lark.limits import Limits, Quota
from simulators.lark.long_connection import LongConnections
from simulators.lark.messages import Message, Messages
from simulators.lark.records import ChangeFeed, Records
from simulators.lark.resources import Resources
from simulators.lark.tokens import Tokens
from simulators.lark.views import message_view
from simulators.lark.webhooks import Webhooks


class Tenant:
    """The state of the simulator, one object per running app."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.clock = Clock()
        self.feed = ChangeFeed()
        self.records = Records()
        self.faults = Faults()
        self.limits = Limits(self.clock)
        self.limits.is_on = config.has_rate_limits
        self.quota = Quota(self.clock)
        self.tokens = Tokens(self.clock)
        self.chats = Chats(config)
        self.messages = Messages()
        self.resources = Resources()
        self.cards = Cards(self.clock, self.limits, self.surroundings)
        self.cards.on_change = self.show_card
        self.cards_in_flight: Counter[str] = Counter()
        self.callback_tokens: dict[str, CallbackToken] = {}
        self.long_connections = LongConnections(self.clock, self.records, lambda: self.config)
        self.webhooks = Webhooks(self.clock, lambda: self.config)
        self.deliveries = Deliveries(self.clock, self.records, lambda: self.config, self._transport)

    @property
    def config(self) -> Config:
        """Give the settings as they are now."""
        return self._config

    def configure(self, changes: Json) -> None:
        """Change settings while running; raises pydantic.ValidationError for a wrong one."""
        self._config = Config.model_validate({**self._config.model_dump(), **changes})
        self.limits.is_on = self._config.has_rate_limits

    def surroundings(self, message_id: str = "") -> Surroundings:
        """Give what a card may refer to; once it stands in a group, "all" needs the owner's permission."""
        people = self.chats.people.values()
        known = {name for person in people for name in (person.open_id, person.user_id, person.union_id)}
        chat = self.chats.chats[self.messages.get(message_id).chat_id] if message_id else None
        if chat is None or chat.mode == "p2p" or chat.may_mention_all:
            known.add("all")
        return Surroundings(
            self.resources.has_own_image, lambda person: person in known, self.config.table_limit
        )

    def push(
        self, event_type: str, event: Json, manner: Manner | None = None, event_id: str = ""
    ) -> Delivery | None:
        """Deliver an event if the app subscribes to it; gives None otherwise."""
        if event_type not in self.config.events:
            return None
        wrapped = events.envelope(self.config, event_type, self.clock.now(), event, event_id)
        return self.deliveries.push(wrapped, manner)

    def show(self, message: Message) -> None:
        """Tell the page that a message is new or changed."""
        self.feed.publish({"kind": "message", "message": self.view(message)})

    def view(self, message: Message) -> Json:
        """Give all there is to see of a message, its card included."""
        entity = self.cards.entities.get(message.card_id)
        is_streaming = entity is not None and self.cards.is_streaming(entity, self.config)
        person = self.chats.people.get(message.sender_id)
        return message_view(
            message, person.name if person else self.config.bot_name, entity, is_streaming=is_streaming
        )

    def show_card(self, entity: CardEntity) -> None:
        """Tell the page that a card changed, once it stands in a message."""
        if entity.message_id:
            self.show(self.messages.get(entity.message_id))

    async def close(self) -> None:
        """Stop everything that runs in the background."""
        await asyncio.gather(self.deliveries.close(), self.webhooks.close())

    def _transport(self) -> Transport:
        return self.webhooks if self.config.mode == "webhook" else self.long_connections
