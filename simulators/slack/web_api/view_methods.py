"""views.open, push, update, publish."""

from simulators.slack.limits import Tier
from simulators.slack.simulation import Simulation
from simulators.slack.views import check_view
from simulators.slack.web_api.calls import Call, Method
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import View, Workspace

MAX_MODAL_STACK = 3


def open_view(call: Call) -> JsonObject:
    """Open a modal within three seconds of what the user did."""
    content = _content(call, "modal")
    user, _ = _redeem(call)
    return {"view": add_view(call.simulation, call.workspace, user, content, None)}


def push(call: Call) -> JsonObject:
    """Put a modal over the one in which the user did something."""
    content = _content(call, "modal")
    user, below_id = _redeem(call)
    below = call.workspace.views.get(below_id or "")
    if below is None:
        raise SlackError(code="not_found")
    if _depth(call.workspace, below) >= MAX_MODAL_STACK:
        raise SlackError(code="push_limit_reached")
    return {"view": add_view(call.simulation, call.workspace, user, content, below)}


def update(call: Call) -> JsonObject:
    """Change an open modal."""
    content = _content(call, None)
    view = call.workspace.views.get(call.arguments.text("view_id"))
    external_id = call.arguments.text("external_id")
    if view is None and external_id:
        view = next(
            (v for v in call.workspace.views.values() if v.content.get("external_id") == external_id), None
        )
    if view is None or view.closed:
        raise SlackError(code="not_found")
    _check_hash(call, view)
    change_view(call.simulation, call.workspace, view, content)
    return {"view": view_json(call.simulation, call.workspace, view)}


def publish(call: Call) -> JsonObject:
    """Set a person's Home tab."""
    content = _content(call, "home")
    user = call.arguments.text("user_id")
    if user not in call.workspace.users:
        raise SlackError(code="user_not_found")
    views = call.workspace.views.values()
    home = next((view for view in views if view.kind == "home" and view.user == user), None)
    if home is None:
        return {"view": add_view(call.simulation, call.workspace, user, content, None)}
    _check_hash(call, home)
    change_view(call.simulation, call.workspace, home, content)
    return {"view": view_json(call.simulation, call.workspace, home)}


def add_view(
    simulation: Simulation, workspace: Workspace, user: str, content: JsonObject, below: View | None
) -> JsonObject:
    """Put a new view before a person."""
    view_id = simulation.new_id("V")
    kind = "home" if content["type"] == "home" else "modal"
    view = View(view_id, user, content, "home" if kind == "home" else "modal", _new_hash(simulation))
    view.root_id = below.root_id if below else view_id
    view.previous_id = below.id if below else None
    workspace.views[view_id] = view
    shown = view_json(simulation, workspace, view)
    simulation.feed.publish({"type": "view", "user": user, "view": shown})
    return shown


def change_view(simulation: Simulation, workspace: Workspace, view: View, content: JsonObject) -> None:
    """Give a view new content and a new hash."""
    view.content, view.hash = content, _new_hash(simulation)
    shown = view_json(simulation, workspace, view)
    simulation.feed.publish({"type": "view", "user": view.user, "view": shown})


def view_json(simulation: Simulation, workspace: Workspace, view: View) -> JsonObject:
    """Give a view as payloads and answers carry it."""
    defaults: JsonObject = {
        "callback_id": "",
        "private_metadata": "",
        "external_id": "",
        "submit": None,
        "close": None,
    }
    return {
        **defaults,
        **view.content,
        "id": view.id,
        "team_id": workspace.id,
        "app_id": simulation.config.app_id,
        "app_installed_team_id": workspace.id,
        "bot_id": workspace.bot_id,
        "state": view.state,
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "clear_on_close": bool(view.content.get("clear_on_close")),
        "notify_on_close": bool(view.content.get("notify_on_close")),
    }


def read_view(call: Call) -> JsonObject:
    """Read and check the view; raises SlackError."""
    content = call.arguments.object("view", "invalid_arguments")
    if not content:
        raise SlackError(code="invalid_arguments", messages=("missing required field: view",))
    check_view(content, lambda name: call.simulation.find_file(call.workspace, name))
    return content


def _content(call: Call, kind: str | None) -> JsonObject:
    content = read_view(call)
    if kind is not None and content["type"] != kind:
        raise SlackError(
            code="invalid_arguments",
            messages=(f"unsupported type: {content['type']} [json-pointer:/view/type]",),
        )
    return content


def _redeem(call: Call) -> tuple[str, str | None]:
    """Use a trigger id: once, within three seconds."""
    trigger_id = call.arguments.text("trigger_id") or call.arguments.text("interactivity_pointer")
    trigger = call.simulation.triggers.get(trigger_id)
    if trigger is None or trigger.team != call.workspace.id:
        raise SlackError(code="invalid_trigger_id")
    if trigger.used:
        raise SlackError(code="exchanged_trigger_id")
    if call.now > trigger.expires_at:
        raise SlackError(code="expired_trigger_id")
    trigger.used = True
    return trigger.user, trigger.view_id


def _check_hash(call: Call, view: View) -> None:
    named = call.arguments.text("hash")
    if named and named != view.hash:
        raise SlackError(code="hash_conflict")


def _depth(workspace: Workspace, view: View) -> int:
    depth, current = 1, view
    while current.previous_id is not None:
        current = workspace.views[current.previous_id]
        depth += 1
    return depth


def _new_hash(simulation: Simulation) -> str:
    return f"{simulation.clock.now():.0f}.{simulation.secret()[:8]}"


METHODS = {
    "views.open": Method(open_view, Tier.FOUR),
    "views.push": Method(push, Tier.FOUR),
    "views.update": Method(update, Tier.FOUR),
    "views.publish": Method(publish, Tier.FOUR),
}
