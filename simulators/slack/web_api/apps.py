"""api.test, auth.*, apps.*: who is calling, and the way into Socket Mode."""

from urllib.parse import urlsplit

from simulators.slack.limits import Tier
from simulators.slack.web_api.calls import Call, Method
from simulators.slack.wire import JsonObject, SlackError


def api_test(call: Call) -> JsonObject:
    """Echo."""
    if call.arguments.text("error"):
        raise SlackError(call.arguments.text("error"))
    return {"args": {name: value for name, value in call.arguments.values.items() if name != "token"}}


def auth_test(call: Call) -> JsonObject:
    """Say whose token this is."""
    workspace = call.workspace
    return {
        "url": f"{call.simulation.base_url}/",
        "team": workspace.name,
        "user": workspace.users[workspace.bot_user_id].name,
        "team_id": workspace.id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def auth_revoke(call: Call) -> JsonObject:
    """Give the token back."""
    if call.arguments.flag("test"):
        return {"revoked": False}
    call.installation.revoked = True
    event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [call.workspace.bot_user_id]}}
    call.timeline.events.send(call.workspace, event)
    return {"revoked": True}


def open_connection(call: Call) -> JsonObject:
    """Give a socket's address; it opens one connection."""
    base = urlsplit(call.simulation.base_url)
    scheme = "wss" if base.scheme == "https" else "ws"
    ticket = call.sockets.new_ticket()
    return {"url": f"{scheme}://{base.netloc}/link/?ticket={ticket}&app_id={call.simulation.config.app_id}"}


def list_authorizations(call: Call) -> JsonObject:
    """List the installations that an event is visible to."""
    call.arguments.required("event_context")
    shown = [
        {
            "enterprise_id": None,
            "team_id": workspace.id,
            "user_id": workspace.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        for workspace in call.simulation.workspaces.values()
        if call.simulation.bot_tokens(workspace.id)
    ]
    return {"authorizations": shown}


def retired(call: Call) -> JsonObject:
    """Refuse a method that Slack switched off."""
    raise SlackError(code="method_deprecated", messages=(f"{call.method} is no longer available",))


METHODS = {
    "api.test": Method(api_test, Tier.SPECIAL),
    "auth.test": Method(auth_test, Tier.SPECIAL),
    "auth.revoke": Method(auth_revoke, Tier.THREE, takes_json=False),
    "apps.connections.open": Method(open_connection, Tier.THREE, ("connections:write",), caller="app"),
    "apps.event.authorizations.list": Method(
        list_authorizations, Tier.FOUR, ("authorizations:read",), caller="app"
    ),
    "files.upload": Method(retired, Tier.TWO, ("files:write",)),
}
