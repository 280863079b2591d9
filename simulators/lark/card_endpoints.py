"""CardKit's endpoints (cardkit/v1)."""

from collections.abc import Callable, Mapping
from typing import get_args

from simulators.lark import card_tree
from simulators.lark.api import Call, Endpoint
from simulators.lark.card_json import check_config
from simulators.lark.card_tree import NoSuchElement, Place
from simulators.lark.cards import Applied, CardEntity
from simulators.lark.errors import CardRefused, Refused
from simulators.lark.fields import Json, items, obj, parse, parse_object
from simulators.lark.tenant import Tenant

MAX_CONTENT_CHARACTERS = 100_000
SCOPES = ("cardkit:card:write",)


def _parameter(name: str) -> Refused:
    return Refused(10002, f"invalid parameter: {name}")


def _card_data(holder: Json) -> Json:
    """Read {"type":"card_json","data":"…"}; `data` is a JSON string."""
    source = holder.get("data")
    if holder.get("type") != "card_json" or not isinstance(source, str):
        raise _parameter(name="type and data")
    if (card := parse_object(source)) is None:
        raise CardRefused(200220, "cannot generate card: data is not JSON")
    return card


def _create(tenant: Tenant, call: Call) -> Json:
    return {"card_id": tenant.cards.create(_card_data(call.body)).card_id}


def _convert(tenant: Tenant, call: Call) -> Json:
    message = tenant.messages.get(str(call.body.get("message_id")))
    if not message.card_id:
        raise _parameter(name="message_id is not a card")
    return {"card_id": message.card_id}


def _operate(
    tenant: Tenant, call: Call, operation: str, apply: Callable[[CardEntity, Json], Applied]
) -> Json:
    tenant.cards.operate(call.path["card_id"], operation, call.body, apply)
    return {}


def _replace(tenant: Tenant, call: Call) -> Json:
    card = _card_data(obj(call.body.get("card")))

    def apply(_entity: CardEntity, draft: Json) -> Applied:
        draft.clear()
        draft.update(card)
        return Applied(streaming=obj(card.get("config")).get("streaming_mode") is True)

    return _operate(tenant, call, "card.update", apply)


def _settings(tenant: Tenant, call: Call) -> Json:
    source = call.body.get("settings")
    if not isinstance(source, str) or (settings := parse_object(source)) is None:
        raise _parameter(name="settings must be a JSON string")
    return _operate(tenant, call, "card.settings", lambda _entity, draft: _set(draft, settings))


def _set(draft: Json, settings: Json) -> Applied:
    if settings.keys() - {"config", "card_link"}:
        raise CardRefused(300122, "unknown property in settings")
    config = obj(settings.get("config"))
    check_config(config)
    obj(draft.setdefault("config", {})).update(config)
    if "card_link" in settings:
        draft["card_link"] = settings["card_link"]
    mode = config.get("streaming_mode")
    return Applied(streaming=mode if isinstance(mode, bool) else None)


def _content(tenant: Tenant, call: Call) -> Json:
    content, element_id = call.body.get("content"), call.path["element_id"]
    if not isinstance(content, str) or len(content) > MAX_CONTENT_CHARACTERS:
        raise _parameter(name="content")

    def apply(entity: CardEntity, draft: Json) -> Applied:
        element = _find(draft, element_id)
        if element.get("tag") not in {"markdown", "plain_text"}:
            raise CardRefused(300310, "the element is not a text element")
        if not content:
            raise CardRefused(300307, "content is empty")
        if entity.streaming_since is None:
            raise CardRefused(300309, "streaming mode is closed")
        if not tenant.cards.is_streaming(entity, tenant.config):
            if tenant.config.streaming_timeout == "silent":
                return Applied("discarded in silence: streaming timed out")
            raise CardRefused(200850, "card streaming timeout")
        before, element["content"] = str(element.get("content", "")), content
        return Applied(
            "typed" if content.startswith(before) else "replaced at once: the old text is no prefix"
        )

    return _operate(tenant, call, f"element.content {element_id}", apply)


def _find(card: Json, element_id: str, code: int = 300313) -> Json:
    try:
        return card_tree.find(card, element_id)
    except NoSuchElement as error:
        raise CardRefused(code, f"element {element_id} does not exist") from error


def _add(tenant: Tenant, call: Call) -> Json:
    source = call.body.get("elements")
    if not isinstance(source, str) or not isinstance(new := parse(source), list):
        raise _parameter(name="elements must be a JSON string of a list")
    where = {"type": call.body.get("type"), "target_element_id": call.body.get("target_element_id", "")}
    return _operate(
        tenant, call, "element.create", lambda _entity, draft: _insert(draft, {**where, "elements": new})
    )


def _insert(draft: Json, where: Json) -> Applied:
    place, target, new = where.get("type"), where.get("target_element_id") or "", items(where.get("elements"))
    if (
        place not in get_args(Place)
        or not isinstance(target, str)
        or (place != "append" and not target)
        or not new
    ):
        raise _parameter(name="type, target_element_id or elements")
    chosen: Place = (
        "append" if place == "append" else "insert_after" if place == "insert_after" else "insert_before"
    )
    try:
        card_tree.insert(draft, new, chosen, target)
    except NoSuchElement as error:
        raise CardRefused(300315, f"cannot add elements at {target}") from error
    return Applied()


def _element_json(call: Call, name: str) -> Json:
    source = call.body.get(name)
    if not isinstance(source, str) or (element := parse_object(source)) is None:
        raise _parameter(name=f"{name} must be a JSON string of an object")
    return element


def _update_element(tenant: Tenant, call: Call) -> Json:
    new, element_id = _element_json(call, "element"), call.path["element_id"]
    return _operate(tenant, call, "element.update", lambda _entity, draft: _swap(draft, element_id, new))


def _swap(draft: Json, element_id: str, new: Json) -> Applied:
    if _find(draft, element_id).get("tag") != new.get("tag"):
        raise CardRefused(300312, "the tag of an element cannot change")
    try:
        card_tree.replace(draft, element_id, {"element_id": element_id, **new})
    except NoSuchElement as error:
        raise CardRefused(300313, f"cannot update {element_id}") from error
    return Applied()


def _patch_element(tenant: Tenant, call: Call) -> Json:
    part, element_id = _element_json(call, "partial_element"), call.path["element_id"]
    return _operate(tenant, call, "element.patch", lambda _entity, draft: _merge(draft, element_id, part))


def _merge(draft: Json, element_id: str, part: Json) -> Applied:
    element = _find(draft, element_id)
    if part.get("tag", element.get("tag")) != element.get("tag"):
        raise CardRefused(300312, "the tag of an element cannot change")
    element.update(part)
    return Applied()


def _delete_element(tenant: Tenant, call: Call) -> Json:
    element_ids: list[object] = [call.path["element_id"]]
    return _operate(tenant, call, "element.delete", lambda _entity, draft: _drop(draft, element_ids))


def _drop(draft: Json, element_ids: list[object]) -> Applied:
    if not element_ids:
        raise _parameter(name="element_ids")
    for element_id in element_ids:
        try:
            card_tree.delete(draft, str(element_id))
        except NoSuchElement as error:
            raise CardRefused(300314, f"element {element_id} does not exist") from error
    return Applied()


# Inside `actions` elements and settings are plain objects, not JSON strings as in the single endpoints.
_ACTIONS: Mapping[str, Callable[[Json, Json], Applied]] = {
    "partial_update_setting": lambda draft, params: _set(draft, obj(params.get("settings"))),
    "add_elements": _insert,
    "delete_elements": lambda draft, params: _drop(draft, items(params.get("element_ids"))),
    "partial_update_element": lambda draft, params: _merge(
        draft, str(params.get("element_id")), obj(params.get("partial_element"))
    ),
    "update_element": lambda draft, params: _swap(
        draft, str(params.get("element_id")), obj(params.get("element"))
    ),
}


def _batch(tenant: Tenant, call: Call) -> Json:
    source = call.body.get("actions")
    if not isinstance(source, str) or not isinstance(actions := parse(source), list) or not actions:
        raise _parameter(name="actions must be a JSON string of a list")

    def apply(_entity: CardEntity, draft: Json) -> Applied:
        streaming: bool | None = None
        for action in map(obj, actions):
            if not (perform := _ACTIONS.get(str(action.get("action")))):
                raise _parameter(name=f"unknown action {action.get('action')}")
            applied = perform(draft, obj(action.get("params")))
            streaming = applied.streaming if applied.streaming is not None else streaming
        return Applied(streaming=streaming)

    return _operate(tenant, call, "card.batch_update", apply)


_CARD = "/open-apis/cardkit/v1/cards/{card_id}"
_ELEMENT = f"{_CARD}/elements/{{element_id}}"
ENDPOINTS = (
    Endpoint("card.create", "POST", "/open-apis/cardkit/v1/cards", _create, SCOPES),
    Endpoint("card.id_convert", "POST", "/open-apis/cardkit/v1/cards/id_convert", _convert, SCOPES),
    Endpoint("card.update", "PUT", _CARD, _replace, SCOPES),
    Endpoint("card.settings", "PATCH", f"{_CARD}/settings", _settings, SCOPES),
    Endpoint("card.batch_update", "POST", f"{_CARD}/batch_update", _batch, SCOPES),
    Endpoint("element.create", "POST", f"{_CARD}/elements", _add, SCOPES),
    Endpoint("element.update", "PUT", _ELEMENT, _update_element, SCOPES),
    Endpoint("element.patch", "PATCH", _ELEMENT, _patch_element, SCOPES),
    Endpoint("element.delete", "DELETE", _ELEMENT, _delete_element, SCOPES),
    Endpoint("card.content", "PUT", f"{_ELEMENT}/content", _content, SCOPES),
)
