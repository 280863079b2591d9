"""Writes messages and files as Slack's API does, and messages as the page and the tests want them."""

from dataclasses import asdict
from urllib.parse import quote

from simulators.slack.messages import Message, stored_blocks
from simulators.slack.simulation import Simulation
from simulators.slack.wire import JsonObject
from simulators.slack.workspace import Channel, SlackFile, Workspace

THUMB_SIZES = (64, 80, 160, 360, 480, 720, 800, 960, 1024)


def message_json(simulation: Simulation, workspace: Workspace, message: Message) -> JsonObject:
    """Give a message object as ``conversations.replies`` and events carry it."""
    shown: JsonObject = {"type": "message", "user": message.user, "ts": message.ts, "team": workspace.id}
    shown["text"] = message.text
    optional = {
        "subtype": message.subtype,
        "thread_ts": message.thread_ts,
        "client_msg_id": message.client_msg_id,
        "edited": message.edited,
        "bot_id": message.bot_id,
        "app_id": message.app_id,
        "attachments": message.attachments,
        "blocks": stored_blocks(message.shown_blocks()),
        "files": [
            file_json(simulation, workspace, workspace.files[file_id])
            for file_id in message.file_ids
            if file_id in workspace.files
        ],
        "reactions": [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ],
    }
    shown.update({name: value for name, value in optional.items() if value})
    shown.update(message.identity)
    if message.bot_id is not None:
        shown["bot_profile"] = {
            "id": message.bot_id,
            "app_id": message.app_id,
            "name": workspace.users[message.user].name,
            "team_id": workspace.id,
            "icons": {},
        }
    if message.stream is not None:
        state = message.stream.state(simulation.clock.now())
        shown["streaming_state"] = state if state in ("in_progress", "completed") else "errored"
    return shown


def thread_fields(channel: Channel, message: Message) -> JsonObject:
    """Give what history shows of a thread at its root, and of the parent at a reply."""
    thread = channel.thread(message.root_ts)
    replies = [other for other in thread if other.is_reply]
    if message.is_reply:
        root = channel.messages.get(message.root_ts)
        return {"parent_user_id": root.user if root else ""}
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": sorted({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
    }


def file_json(simulation: Simulation, workspace: Workspace, file: SlackFile) -> JsonObject:
    """Give a file object; before Slack has looked at it there is no type and no share."""
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    if file.mode == "file_access":
        stub = {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
        return {**stub, "created": 0, "timestamp": 0, "user": ""}
    base = f"{simulation.base_url}/files-pri/{workspace.id}-{file.id}"
    name = quote(file.name)
    shown: JsonObject = {
        "id": file.id,
        "created": int(file.created_at),
        "timestamp": int(file.created_at),
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype if file.ready else "",
        "filetype": file.mimetype.rpartition("/")[2] if file.ready else "",
        "pretty_type": file.mimetype.rpartition("/")[2].upper() if file.ready else "",
        "user": file.user,
        "user_team": workspace.id,
        "size": len(file.content or b""),
        "mode": file.mode,
        "is_external": file.mode == "external",
        "external_type": "",
        "is_public": any(not channel.startswith("D") for channel in file.shares),
        "url_private": f"{base}/{name}",
        "url_private_download": f"{base}/download/{name}",
        "permalink": f"{simulation.base_url}/files/{file.user}/{file.id}/{name}",
        "alt_txt": file.alt_txt,
        "channels": [],
        "groups": [],
        "ims": [],
        "shares": {},
    }
    if file.ready:
        shown.update(_shares(workspace, file))
        shown.update(_picture_fields(base, file))
    return shown


def _shares(workspace: Workspace, file: SlackFile) -> JsonObject:
    shares: dict[str, JsonObject] = {}
    places: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
    names = {"channel": "channels", "group": "groups", "mpim": "groups", "im": "ims"}
    for channel_id, entries in file.shares.items():
        kind = workspace.channels[channel_id].kind
        shares.setdefault("public" if kind == "channel" else "private", {})[channel_id] = entries
        places[names[kind]].append(channel_id)
    return {"shares": shares, **places}


def _picture_fields(base: str, file: SlackFile) -> JsonObject:
    if not file.width:
        return {}
    fields: JsonObject = {"original_w": file.width, "original_h": file.height}
    longest = max(file.width, file.height)
    for size in THUMB_SIZES:
        # Slack makes the small square ones always and the others only where the original is larger.
        if size <= 160 or size < longest:
            fields[f"thumb_{size}"] = f"{base}/thumb_{size}.png"
        if 160 < size < longest:
            fields[f"thumb_{size}_w"] = round(file.width * size / longest)
            fields[f"thumb_{size}_h"] = round(file.height * size / longest)
    return fields


def page_json(simulation: Simulation, workspace: Workspace, message: Message) -> JsonObject:
    """Give a message with its growth, for the page and the control API."""
    stream = message.stream
    return {
        "team": workspace.id,
        "channel": message.channel,
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "user": message.user,
        "is_bot": message.bot_id is not None,
        "subtype": message.subtype,
        "text": message.text,
        "visible_text": message.visible_text(),
        "blocks": message.shown_blocks(),
        "files": [file_json(simulation, workspace, workspace.files[file_id]) for file_id in message.file_ids],
        "edited": message.edited is not None,
        "deleted": message.deleted_at is not None,
        "ephemeral_to": message.ephemeral_to,
        "metadata": message.metadata,
        "reactions": message.reactions,
        "stream": stream.state(simulation.clock.now()) if stream else None,
        "stream_bytes": stream.weighed_bytes if stream else 0,
        "revisions": [asdict(revision) for revision in message.revisions],
        "identity": message.identity,
    }
