"""What people do in the workspace: talk, edit, delete, upload, invite, open the app, press stop."""

import base64
import re
import uuid

from simulators.slack.deliveries import Delivery
from simulators.slack.files import FileStore, inspect
from simulators.slack.messages import Message
from simulators.slack.rendering import message_json
from simulators.slack.simulation import Simulation
from simulators.slack.timeline import Timeline
from simulators.slack.web_api.view_methods import view_json
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel, SlackFile, Workspace


class People:
    """Acts as a member of a workspace."""

    def __init__(self, simulation: Simulation, timeline: Timeline, files: FileStore) -> None:
        self._simulation = simulation
        self._timeline = timeline
        self._files = files

    def say(
        self, workspace: Workspace, channel: Channel, user: str, said: JsonObject
    ) -> tuple[Message, list[Delivery]]:
        """Post as a person; ``said`` has text and maybe thread_ts, files, broadcast, mention, typed."""
        text = str(said.get("text") or "")
        if said.get("typed"):
            text = as_typed(workspace, text)
        if said.get("mention"):
            text = f"<@{workspace.bot_user_id}> {text}".strip()
        thread_ts = said.get("thread_ts") or None
        if thread_ts is not None and thread_ts not in channel.messages:
            raise SlackError(code="thread_not_found")
        is_bot = workspace.users[user].is_bot
        message = Message(
            channel=channel.id,
            ts=self._simulation.clock.next_ts(),
            user=user,
            text=text,
            thread_ts=thread_ts,
            client_msg_id=None if is_bot else str(uuid.uuid4()),
            bot_id=f"B{user[1:]}" if is_bot else None,
            app_id="A0OTHERAPP" if is_bot else None,
            file_ids=[self._upload(workspace, user, file).id for file in said.get("files") or []],
        )
        message.blocks = [_rich_text(text)] if text and not said.get("plain") else []
        if message.file_ids:
            message.subtype = "file_share"
        elif said.get("broadcast") and thread_ts:
            message.subtype = "thread_broadcast"
        if channel.kind == "im" and "app_context_changed" in self._simulation.config.events:
            message.app_context = workspace.looked_at.get(user)
        self._files.note_shares(workspace, channel, message)
        sent = self._timeline.add(workspace, channel, message, "user")
        for file_id in message.file_ids:
            sent += self._timeline.events.file_shared(workspace, channel, workspace.files[file_id])
        return message, sent

    def _upload(self, workspace: Workspace, user: str, given: JsonObject) -> SlackFile:
        content = base64.b64decode(str(given.get("content_base64", "")))
        name = str(given["name"])
        file = self._files.new_file(workspace, user, name, str(given.get("title") or name), len(content))
        file.content, file.completed = content, True
        file.mimetype = str(given.get("mimetype") or "")
        inspect(file)
        file.mode = str(given.get("mode") or "hosted")
        file.by_redirect = bool(given.get("by_redirect"))
        return file

    def edit(self, workspace: Workspace, channel: Channel, message: Message, text: str) -> list[Delivery]:
        """Edit a message."""
        previous = message_json(self._simulation, workspace, message)
        message.text = text
        message.blocks = [_rich_text(text)]
        message.edited = {"user": message.user, "ts": self._simulation.clock.next_ts()}
        return self._timeline.changed(workspace, channel, message, previous, "user")

    def unfurl(self, workspace: Workspace, channel: Channel, message: Message) -> list[Delivery]:
        """Have Slack unfurl a link: a message_changed without an edit."""
        previous = message_json(self._simulation, workspace, message)
        message.attachments = [
            {"id": 1, "fallback": "a page", "title": "A page", "from_url": "https://example.com/"}
        ]
        return self._timeline.changed(workspace, channel, message, previous, "unfurl")

    def delete(self, workspace: Workspace, channel: Channel, message: Message) -> list[Delivery]:
        """Delete a message."""
        return self._timeline.remove(workspace, channel, message, "user")

    def invite(self, workspace: Workspace, channel: Channel, user: str, inviter: str) -> list[Delivery]:
        """Bring somebody, also the bot, into a channel."""
        channel.members.add(user)
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "channel" else "G",
            "team": workspace.id,
            "inviter": inviter,
            "event_ts": self._simulation.clock.next_ts(),
        }
        return self._timeline.events.send(workspace, event)

    def open_app(self, workspace: Workspace, user: str, tab: str) -> list[Delivery]:
        """Open the app's Home or Messages tab."""
        event: JsonObject = {
            "type": "app_home_opened",
            "user": user,
            "channel": workspace.direct_channel(user).id,
            "tab": tab,
            "event_ts": self._simulation.clock.next_ts(),
        }
        homes = (view for view in workspace.views.values() if view.kind == "home" and view.user == user)
        home = next(homes, None)
        if tab == "messages":
            event["context"] = {"entities": []}
        elif home is not None:
            event["view"] = view_json(self._simulation, workspace, home)
        return self._timeline.events.send(workspace, event)

    def look_at(self, workspace: Workspace, user: str, channel: Channel) -> list[Delivery]:
        """Look at a channel beside the open agent."""
        entity = {"type": "slack#/types/channel_id", "value": channel.id, "team_id": workspace.id}
        workspace.looked_at[user] = {"entities": [entity]}
        event = {
            "type": "app_context_changed",
            "user": user,
            "channel": workspace.direct_channel(user).id,
            "context": {"entities": [entity]},
            "event_ts": self._simulation.clock.next_ts(),
        }
        return self._timeline.events.send(workspace, event)

    def stop(self, workspace: Workspace, channel: Channel, user: str, thread_ts: str) -> list[Delivery]:
        """Press an agent session's stop button: Slack ends the streams itself and then tells the app."""
        if "agent_session_stopped" not in self._simulation.config.events:
            raise SlackError(code="no_stop_button")
        now = self._simulation.clock.now()
        stopped = []
        for message in channel.thread(thread_ts):
            if message.stream is not None and message.stream.state(now) == "in_progress":
                message.stream.ended = "stopped_by_user"
                message.note(now, "stopped_by_user")
                self._timeline.show(workspace, message)
                stopped.append(message.ts)
        event = {
            "type": "agent_session_stopped",
            "channel": channel.id,
            "thread_ts": thread_ts,
            "user": user,
            "streaming_message_ts": stopped,
            "event_ts": self._simulation.clock.next_ts(),
        }
        return self._timeline.events.send(workspace, event)

    def uninstall(self, workspace: Workspace) -> list[Delivery]:
        """Take the app out of the workspace."""
        for installation in self._simulation.bot_tokens(workspace.id):
            installation.revoked = True
        tokens = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.bot_user_id]}}
        sent = self._timeline.events.send(workspace, {"type": "app_uninstalled"})
        return sent + self._timeline.events.send(workspace, tokens)


def as_typed(workspace: Workspace, text: str) -> str:
    """Write what a person typed as Slack stores it: entities, mentions by id, links in angle brackets."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for user in workspace.users.values():
        escaped = re.sub(rf"@{re.escape(user.name)}\b", f"<@{user.id}>", escaped)
    return re.sub(r"https?://\S+", lambda link: f"<{link.group()}>", escaped)


def _rich_text(text: str) -> JsonObject:
    """Make the block that Slack's own composer adds to every message."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "block_id": "composer", "elements": [section]}
