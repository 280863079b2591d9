"""files.getUploadURLExternal, completeUploadExternal, info, delete."""

from simulators.slack.files import FileStore
from simulators.slack.limits import Tier
from simulators.slack.messages import Message
from simulators.slack.rendering import file_json
from simulators.slack.web_api.calls import Call, Method
from simulators.slack.web_api.content import Content, find_parent, new_bot_message
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel, SlackFile

MAX_FILE_BYTES = 1 << 30
MAX_SNIPPET_BYTES = 1 << 20


class FileMethods:
    """The methods that need the file server."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    def get_upload_url(self, call: Call) -> JsonObject:
        """Announce a file and get an address for its bytes."""
        name = call.arguments.text("filename")
        size = call.arguments.number("length", 0)
        if not name or size < 1:
            raise SlackError(code="missing_argument")
        if size > MAX_FILE_BYTES:
            raise SlackError(code="file_upload_size_restricted")
        if call.arguments.text("snippet_type") and size > MAX_SNIPPET_BYTES:
            raise SlackError(code="snippet_too_large")
        alt_txt = call.arguments.text("alt_txt")
        if len(alt_txt) > 1_000:
            raise SlackError(code="alt_txt_too_large")
        file = self._store.new_file(call.workspace, call.workspace.bot_user_id, name, name, size)
        file.alt_txt = alt_txt
        return {"upload_url": self._store.upload_url(call.workspace, file), "file_id": file.id}

    def complete_upload(self, call: Call) -> JsonObject:
        """Finish uploads and have them shared, which happens later."""
        files = self._named_files(call)
        channel = self._target(call)
        share = None
        if channel is not None:
            share = self._share(call, channel, files)
        elif call.arguments.text("thread_ts"):
            raise SlackError(code="invalid_arguments", messages=("thread_ts needs one channel",))
        for file in files:
            file.completed = True
        ready_at = call.now + call.simulation.config.upload_processing_seconds
        answer = {"files": [file_json(call.simulation, call.workspace, file) for file in files]}
        call.simulation.spawn(self._store.process(call.workspace, files, share, ready_at))
        return answer

    def _named_files(self, call: Call) -> list[SlackFile]:
        named = call.arguments.objects("files", "invalid_arguments")
        if not named:
            raise SlackError(code="invalid_arguments", messages=("missing required field: files",))
        files: list[SlackFile] = []
        for entry in named:
            file = call.workspace.files.get(str(entry.get("id")))
            if file is None or file.content is None or file.completed:
                raise SlackError(code="file_not_found")
            if entry.get("title"):
                file.title = str(entry["title"])
            files.append(file)
        return files

    def _target(self, call: Call) -> Channel | None:
        names = [name for name in call.arguments.text("channels").split(",") if name]
        name = call.arguments.text("channel_id") or (names[0] if names else "")
        if not name:
            return None
        if len(names) > 1:
            raise SlackError(
                code="invalid_arguments", messages=("the simulator shares to one channel at a time",)
            )
        channel = call.workspace.visible_channel(name)
        if channel is None or channel.id != name:
            raise SlackError(code="channel_not_found")
        if call.workspace.bot_user_id not in channel.members:
            raise SlackError(code="not_in_channel")
        if channel.is_archived or channel.is_read_only:
            raise SlackError(code="posting_to_channel_denied")
        return channel

    def _share(self, call: Call, channel: Channel, files: list[SlackFile]) -> Message:
        text = call.arguments.text("initial_comment")
        blocks = None if text else call.arguments.objects("blocks", "invalid_blocks")
        if any(block.get("type") != "rich_text" for block in blocks or []):
            raise SlackError(code="invalid_blocks")
        message = new_bot_message(call, channel, Content(text, blocks, None, None))
        message.thread_ts = find_parent(call, channel, "invalid_thread_ts")
        message.subtype = "file_share"
        message.file_ids = [file.id for file in files]
        return message

    def info(self, call: Call) -> JsonObject:
        """Describe a file as far as Slack knows it."""
        return {"file": file_json(call.simulation, call.workspace, self._find(call)), "comments": []}

    def delete(self, call: Call) -> JsonObject:
        """Delete one of the bot's files."""
        file = self._find(call)
        if file.user != call.workspace.bot_user_id:
            raise SlackError(code="cant_delete_file")
        file.deleted = True
        return {}

    def _find(self, call: Call) -> SlackFile:
        file = call.workspace.files.get(call.arguments.text("file"))
        if file is None or not file.completed or not call.simulation.may_bot_see(call.workspace, file):
            raise SlackError(code="file_not_found")
        if file.deleted:
            raise SlackError(code="file_deleted")
        if file.mode == "file_access":
            file.mode = "hosted"
        return file

    def methods(self) -> dict[str, Method]:
        """Give the entries of this family."""
        write, read = ("files:write",), ("files:read",)
        return {
            "files.getUploadURLExternal": Method(self.get_upload_url, Tier.FOUR, write, takes_json=False),
            "files.completeUploadExternal": Method(self.complete_upload, Tier.FOUR, write),
            "files.info": Method(self.info, Tier.FOUR, read, takes_json=False),
            "files.delete": Method(self.delete, Tier.THREE, write),
        }
