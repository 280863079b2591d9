"""The control API under ``/_sim/``: acting as people, scripting trouble, looking. Nothing of it is Lark's."""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.lark import people_acts
from simulators.lark.card_callbacks import NotPressable, press
from simulators.lark.chats import Chat, ChatMode
from simulators.lark.deliveries import Manner
from simulators.lark.endpoints import FAULT_POINTS
from simulators.lark.errors import Refused
from simulators.lark.faults import Fault
from simulators.lark.fields import Json, obj, parse_object
from simulators.lark.people_acts import Act
from simulators.lark.tenant import Tenant


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Press(_Strict):
    message_id: str
    button: str  # its element_id or its text
    user: str = "Alice"


class _Edit(_Strict):
    message_id: str
    text: str
    is_pushed: bool = True  # some tenants push edits, under the same message_id


class _OnMessage(_Strict):
    message_id: str
    user: str = "Alice"
    emoji: str = "THUMBSUP"


class _Menu(_Strict):
    user: str = "Alice"
    event_key: str


class _Person(_Strict):
    name: str
    is_available: bool = True
    has_bot_on: bool = True


class _Chat(_Strict):
    name: str
    mode: ChatMode = "group"
    members: list[str] = []
    has_bot: bool | None = None
    has_topics: bool = True
    may_bot_send: bool = True
    is_dissolved: bool = False
    is_restricted: bool = False
    may_mention_all: bool = False


class _Event(_Strict):
    event_type: str
    event: dict[str, object]
    event_id: str = ""
    manner: Manner = Manner()


class _Repeat(_Strict):
    event_id: str
    manner: Manner = Manner()


class _Release(_Strict):
    is_reversed: bool = False


class _Clock(_Strict):
    advance_seconds: float


class _Connections(_Strict):
    action: Literal["silence", "resume", "drop"]
    device_id: str = "*"


class _Quota(_Strict):
    used: int


Command: TypeAlias = Callable[[Tenant, Request, Json], Awaitable[Json]]


async def _send(tenant: Tenant, _request: Request, body: Json) -> Json:
    sent = people_acts.send(tenant, Act.model_validate(body))
    return {
        "message_id": sent.message.message_id,
        "thread_id": sent.message.thread_id,
        "event_id": sent.event_id,
    }


async def _press(tenant: Tenant, _request: Request, body: Json) -> Json:
    act = _Press.model_validate(body)
    return await press(tenant, act.message_id, act.button, tenant.chats.person(act.user))


async def _recall(tenant: Tenant, _request: Request, body: Json) -> Json:
    people_acts.recall(tenant, _OnMessage.model_validate(body).message_id)
    return {}


async def _edit(tenant: Tenant, _request: Request, body: Json) -> Json:
    act = _Edit.model_validate(body)
    return {"event_id": people_acts.edit(tenant, act.message_id, act.text, is_pushed=act.is_pushed)}


async def _react(tenant: Tenant, _request: Request, body: Json) -> Json:
    act = _OnMessage.model_validate(body)
    people_acts.react(tenant, act.message_id, tenant.chats.person(act.user), act.emoji)
    return {}


async def _enter(tenant: Tenant, _request: Request, body: Json) -> Json:
    chat = people_acts.open_direct_chat(tenant, tenant.chats.add_person(_Person.model_validate(body).name))
    _show_chats(tenant)
    return {"chat_id": chat.chat_id}


async def _menu(tenant: Tenant, _request: Request, body: Json) -> Json:
    act = _Menu.model_validate(body)
    people_acts.use_menu(tenant, tenant.chats.person(act.user), act.event_key)
    return {}


async def _person(tenant: Tenant, _request: Request, body: Json) -> Json:
    wanted = _Person.model_validate(body)
    person = tenant.chats.add_person(wanted.name)
    person.is_available, person.has_bot_on = wanted.is_available, wanted.has_bot_on
    return {"open_id": person.open_id}


async def _chat(tenant: Tenant, _request: Request, body: Json) -> Json:
    """Make a chat or change one; the bot joining or leaving is an event."""
    wanted = _Chat.model_validate(body)
    members = [tenant.chats.add_person(name) for name in wanted.members or ["Alice"]]
    chat = _known_chat(tenant, wanted) or tenant.chats.add_chat(
        wanted.name, wanted.mode, [person.open_id for person in members]
    )
    for flag in ("has_topics", "may_bot_send", "is_dissolved", "is_restricted", "may_mention_all"):
        setattr(chat, flag, getattr(wanted, flag))
    if wanted.has_bot is not None:
        people_acts.set_membership(tenant, chat, members[0], is_member=wanted.has_bot)
    _show_chats(tenant)
    return {"chat_id": chat.chat_id}


def _known_chat(tenant: Tenant, wanted: _Chat) -> Chat | None:
    return next(
        (chat for chat in tenant.chats.chats.values() if wanted.name in {chat.name, chat.chat_id}), None
    )


def _show_chats(tenant: Tenant) -> None:
    tenant.feed.publish({"kind": "chats"})


async def _event(tenant: Tenant, _request: Request, body: Json) -> Json:
    wanted = _Event.model_validate(body)
    delivery = tenant.push(wanted.event_type, wanted.event, wanted.manner, wanted.event_id)
    return {"event_id": delivery.event_id if delivery else ""}


async def _repeat(tenant: Tenant, _request: Request, body: Json) -> Json:
    wanted = _Repeat.model_validate(body)
    if wanted.event_id not in tenant.deliveries.all:
        raise Refused(404, "no such event")
    tenant.deliveries.repeat(wanted.event_id, wanted.manner)
    return {}


async def _release(tenant: Tenant, _request: Request, body: Json) -> Json:
    order = await tenant.deliveries.release(is_reversed=_Release.model_validate(body).is_reversed)
    return {"event_ids": order}


async def _faults(tenant: Tenant, request: Request, body: Json) -> Json:
    if request.method == "DELETE":
        tenant.faults.waiting.clear()
    else:
        fault = Fault.model_validate(body)
        if fault.endpoint not in FAULT_POINTS:
            raise Refused(404, f"no such endpoint; there are {', '.join(sorted(FAULT_POINTS))}")
        tenant.faults.waiting.append(fault)
    return {"waiting": [fault.model_dump() for fault in tenant.faults.waiting]}


async def _clock(tenant: Tenant, _request: Request, body: Json) -> Json:
    tenant.clock.advance(_Clock.model_validate(body).advance_seconds)
    return {"now": tenant.clock.now()}


async def _settings(tenant: Tenant, _request: Request, body: Json) -> Json:
    tenant.configure(body)
    return {}


async def _connections(tenant: Tenant, _request: Request, body: Json) -> Json:
    wanted = _Connections.model_validate(body)
    chosen = [it for it in tenant.long_connections.open.values() if wanted.device_id in {"*", it.device_id}]
    for connection in chosen:
        if wanted.action == "drop":
            await tenant.long_connections.drop(connection.device_id)
        else:
            connection.is_silent = wanted.action == "silence"
    return {"count": len(chosen)}


async def _tokens(tenant: Tenant, _request: Request, _body: Json) -> Json:
    tenant.tokens.revoke_all()
    return {}


async def _quota(tenant: Tenant, _request: Request, body: Json) -> Json:
    tenant.quota.count()  # settles which month it is
    tenant.quota.used = _Quota.model_validate(body).used
    return {"used": tenant.quota.used}


async def _verify(tenant: Tenant, _request: Request, _body: Json) -> Json:
    return {"is_verified": await tenant.webhooks.verify()}


COMMANDS: dict[str, Command] = {
    "messages": _send,
    "press": _press,
    "edit": _edit,
    "recall": _recall,
    "react": _react,
    "enter": _enter,
    "menu": _menu,
    "people": _person,
    "chats": _chat,
    "events": _event,
    "events/repeat": _repeat,
    "events/release": _release,
    "faults": _faults,
    "clock": _clock,
    "settings": _settings,
    "connections": _connections,
    "tokens/revoke": _tokens,
    "quota": _quota,
    "webhook/verify": _verify,
}


def routes(tenant: Tenant) -> list[Route]:
    """Make the routes of all commands."""
    return [_route(tenant, name, command) for name, command in COMMANDS.items()]


def _route(tenant: Tenant, name: str, command: Command) -> Route:
    async def serve(request: Request) -> Response:
        body = parse_object(await request.body()) or {}
        try:
            return JSONResponse(obj(await command(tenant, request, body)))
        except ValidationError as error:
            return JSONResponse({"error": error.errors(include_url=False, include_context=False)}, 422)
        except NotPressable as error:
            return JSONResponse({"error": str(error)}, 409)
        except Refused as refusal:
            return JSONResponse({"error": refusal.message, "code": refusal.code}, 404)

    return Route(f"/_sim/{name}", serve, methods=["POST", "DELETE"])
