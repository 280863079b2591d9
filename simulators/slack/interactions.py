"""What people press, type and submit: commands, shortcuts, buttons, modals."""

from simulators.slack.deliveries import Delivery, Dispatcher
from simulators.slack.messages import Message
from simulators.slack.rendering import message_json
from simulators.slack.response_urls import ResponseUrls
from simulators.slack.simulation import ResponseUrl, Simulation
from simulators.slack.timeline import Timeline
from simulators.slack.views import check_view
from simulators.slack.web_api.view_methods import add_view, change_view, view_json
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel, View, Workspace


class Interactions:
    """Sends interactions to the app and does what its ack asks for."""

    def __init__(
        self, simulation: Simulation, dispatcher: Dispatcher, timeline: Timeline, responses: ResponseUrls
    ) -> None:
        self._simulation = simulation
        self._dispatcher = dispatcher
        self._timeline = timeline
        self._responses = responses

    def slash_command(
        self, workspace: Workspace, channel: Channel, user: str, command: str, text: str
    ) -> Delivery:
        """Type a slash command; a text in the ack is shown to the user, or to all if it says so."""
        simulation = self._simulation
        names = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}
        response_url = simulation.new_response_url(workspace.id, channel.id, user)
        payload = {
            "token": "deprecated-do-not-use",
            "team_id": workspace.id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": names.get(channel.kind, channel.name),
            "user_id": user,
            "user_name": workspace.users[user].name,
            "command": command,
            "text": text,
            "api_app_id": simulation.config.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": simulation.new_trigger(workspace.id, user),
        }

        def show(reply: JsonObject) -> None:
            if reply.get("text") or reply.get("blocks"):
                place = simulation.response_urls[response_url.rpartition("/")[2]]
                self._show_ack(place, reply)

        return self._dispatcher.send_interaction("slash_commands", workspace.id, payload, show)

    def _show_ack(self, place: ResponseUrl, reply: JsonObject) -> None:
        try:
            self._responses.show(place, reply)
        except SlackError as error:
            # The user sees an error of Slack's; the app never hears of it.
            self._simulation.violate("ack_refused", error.code)

    def press(
        self, workspace: Workspace, channel: Channel, message: Message, user: str, action: JsonObject
    ) -> Delivery:
        """Press a button of a message; ``action`` names action_id and, where several share it, value."""
        found = find_action(message, action)
        is_ephemeral = message.ephemeral_to is not None
        container: JsonObject = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": is_ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._interaction(workspace, user, "block_actions")
        payload |= {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": {}},
            "response_url": self._simulation.new_response_url(
                workspace.id, channel.id, user, message.ts, is_ephemeral=is_ephemeral
            ),
            "actions": [{**found, "action_ts": self._simulation.clock.next_ts()}],
        }
        if not is_ephemeral:
            payload["message"] = message_json(self._simulation, workspace, message)
        return self._dispatcher.send_interaction("interactive", workspace.id, payload)

    def press_in_view(self, workspace: Workspace, view: View, user: str, action: JsonObject) -> Delivery:
        """Press a button of a modal or Home tab."""
        found = find_in_blocks(view.content["blocks"], action)
        payload = self._interaction(workspace, user, "block_actions", view.id)
        payload |= {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._simulation, workspace, view),
            "actions": [{**found, "action_ts": self._simulation.clock.next_ts()}],
        }
        return self._dispatcher.send_interaction("interactive", workspace.id, payload)

    def message_shortcut(
        self, workspace: Workspace, channel: Channel, message: Message, user: str, callback_id: str
    ) -> Delivery:
        """Use a shortcut on a message; the app need not be in the channel."""
        simulation = self._simulation
        payload = self._interaction(workspace, user, "message_action")
        payload |= {
            "callback_id": callback_id,
            "action_ts": simulation.clock.next_ts(),
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel.name},
            "message": message_json(simulation, workspace, message),
            "response_url": simulation.new_response_url(workspace.id, channel.id, user),
        }
        return self._dispatcher.send_interaction("interactive", workspace.id, payload)

    def global_shortcut(self, workspace: Workspace, user: str, callback_id: str) -> Delivery:
        """Use a shortcut from anywhere: no channel and no response_url."""
        payload = self._interaction(workspace, user, "shortcut")
        payload |= {"callback_id": callback_id, "action_ts": self._simulation.clock.next_ts()}
        return self._dispatcher.send_interaction("interactive", workspace.id, payload)

    def submit_view(self, workspace: Workspace, view: View, values: JsonObject) -> Delivery:
        """Submit a modal; the ack may show errors, change it, put another over it, or close all."""
        view.state = {"values": values}
        payload = self._interaction(workspace, view.user, "view_submission", view.id)
        payload |= {"view": view_json(self._simulation, workspace, view), "response_urls": []}

        def follow(reply: JsonObject) -> None:
            self._follow_ack(workspace, view, reply)

        return self._dispatcher.send_interaction("interactive", workspace.id, payload, follow)

    def close_view(self, workspace: Workspace, view: View) -> Delivery | None:
        """Dismiss a modal; the app hears of it only where it asked to."""
        view.closed = True
        if not view.content.get("notify_on_close"):
            return None
        payload = self._interaction(workspace, view.user, "view_closed")
        payload |= {"view": view_json(self._simulation, workspace, view), "is_cleared": False}
        return self._dispatcher.send_interaction("interactive", workspace.id, payload)

    def _follow_ack(self, workspace: Workspace, view: View, reply: JsonObject) -> None:
        simulation = self._simulation
        action = reply.get("response_action")
        content = reply.get("view")
        if action in ("update", "push") and isinstance(content, dict):
            try:
                check_view(content, lambda name: simulation.find_file(workspace, name))
            except SlackError as error:
                simulation.violate("ack_refused", error.code)
                return
            if action == "update":
                change_view(simulation, workspace, view, content)
            else:
                add_view(simulation, workspace, view.user, content, view)
        elif action == "errors":
            view.state["errors"] = reply.get("errors") or {}
        elif action == "clear":
            for other in workspace.views.values():
                other.closed = other.closed or other.root_id == view.root_id
        else:
            view.closed = True
        shown = view_json(simulation, workspace, view)
        simulation.feed.publish({"type": "view", "user": view.user, "view": shown, "closed": view.closed})

    def _interaction(
        self, workspace: Workspace, user: str, kind: str, view_id: str | None = None
    ) -> JsonObject:
        simulation = self._simulation
        return {
            "type": kind,
            "token": "deprecated-do-not-use",
            "team": {"id": workspace.id, "domain": workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "api_app_id": simulation.config.app_id,
            "user": simulation.user_object(workspace, user),
            "trigger_id": simulation.new_trigger(workspace.id, user, view_id),
        }


def find_action(message: Message, action: JsonObject) -> JsonObject:
    """Find what is pressed among the blocks that are on show; raises SlackError ``action_not_found``."""
    return find_in_blocks(message.shown_blocks(), action)


def find_in_blocks(blocks: list[JsonObject], action: JsonObject) -> JsonObject:
    """Find an element by action_id (and value), and give it as ``actions[0]`` has it."""
    for index, block in enumerate(blocks):
        elements = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        for element in filter(lambda item: isinstance(item, dict), elements):
            for button in _pressable(element):
                if button.get("action_id") != action.get("action_id"):
                    continue
                if action.get("value") not in (None, button.get("value")) and "options" not in button:
                    continue
                return {"block_id": block.get("block_id", f"b{index}"), **_pressed(button, action)}
    raise SlackError(code="action_not_found")


def _pressable(element: JsonObject) -> list[JsonObject]:
    if element.get("type") != "feedback_buttons":
        return [element]
    shared = {"type": "feedback_buttons", "action_id": element.get("action_id")}
    return [{**shared, **element[name]} for name in ("positive_button", "negative_button")]


def _pressed(button: JsonObject, action: JsonObject) -> JsonObject:
    chosen = next((o for o in button.get("options") or [] if o.get("value") == action.get("value")), None)
    if chosen is not None:
        return {"type": button["type"], "action_id": button["action_id"], "selected_option": chosen}
    names = ("type", "action_id", "value", "text", "url", "style")
    return {name: button[name] for name in names if name in button}
