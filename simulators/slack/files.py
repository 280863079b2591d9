"""Files: storing, looking at them late, and giving the bytes only to who may read them."""

import io
import warnings
from collections.abc import AsyncIterator

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from simulators.slack.messages import Message
from simulators.slack.simulation import Simulation
from simulators.slack.timeline import Timeline
from simulators.slack.workspace import Channel, SlackFile, Workspace

MAX_UPLOAD_BYTES = 200 << 20
CHUNK_BYTES = 64 << 10
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to your workspace</body></html>"
)
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
_BY_NAME = {
    "mp4": "video/mp4",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
}


def sniff(content: bytes, name: str) -> str:
    """Tell a file's type as Slack does after the upload."""
    for magic, mimetype in _MAGIC:
        if content.startswith(magic):
            return mimetype
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return _BY_NAME.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def inspect(file: SlackFile) -> None:
    """Look at a file: type and size of a picture. From now on it can be shown."""
    content = file.content or b""
    file.mimetype = file.mimetype or sniff(content, file.name)
    if file.mimetype.startswith("image/"):
        try:
            with warnings.catch_warnings(), Image.open(io.BytesIO(content)) as picture:
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                file.width, file.height = picture.size
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
            file.mimetype = "application/octet-stream"
    file.ready = True


class FileStore:
    """The file server beside the Web API."""

    def __init__(self, simulation: Simulation, timeline: Timeline) -> None:
        self._simulation = simulation
        self._timeline = timeline
        self.upload_keys: dict[str, tuple[str, str]] = {}

    def new_file(self, workspace: Workspace, user: str, name: str, title: str, size: int) -> SlackFile:
        """Make room for a file."""
        file_id = self._simulation.new_id("F")
        file = SlackFile(file_id, name, title, user, self._simulation.clock.now(), size)
        workspace.files[file_id] = file
        return file

    def upload_url(self, workspace: Workspace, file: SlackFile) -> str:
        """Give an address that takes the bytes once, without a token."""
        key = self._simulation.secret()
        self.upload_keys[key] = (workspace.id, file.id)
        return f"{self._simulation.base_url}/upload/v1/{key}"

    async def take_upload(self, request: Request) -> Response:
        """Take an upload's bytes, raw or as a form."""
        place = self.upload_keys.pop(request.path_params["key"], None)
        if place is None:
            return PlainTextResponse("upload URL not found", 404)
        file = self._simulation.workspaces[place[0]].files[place[1]]
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            form = await request.form()
            parts = [value for value in form.values() if not isinstance(value, str)]
            content = await parts[0].read() if parts else b""
        else:
            content = await _read_body(request)
        if len(content) != file.announced_size:
            # What Slack does here is not documented; the stricter guess is to keep nothing.
            self._simulation.violate("upload_length_differs", f"{file.id}: {len(content)}")
            return PlainTextResponse("length does not match", 400)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def process(
        self, workspace: Workspace, files: list[SlackFile], share: Message | None, ready_at: float
    ) -> None:
        """Look at files late, and only then show them: the share may come after newer messages."""
        await self._simulation.clock.sleep_until(ready_at)
        for file in files:
            inspect(file)
        if share is None:
            return
        channel = workspace.channels[share.channel]
        share.ts = self._simulation.clock.next_ts()
        self.note_shares(workspace, channel, share)
        self._timeline.add(workspace, channel, share, "files.completeUploadExternal")
        for file in files:
            self._timeline.events.file_shared(workspace, channel, file)

    def note_shares(self, workspace: Workspace, channel: Channel, message: Message) -> None:
        """Write down in each file where it is shown."""
        for file_id in message.file_ids:
            entry = {"ts": message.ts, "channel_name": channel.name, "team_id": workspace.id}
            if message.thread_ts:
                entry["thread_ts"] = message.thread_ts
            workspace.files[file_id].shares.setdefault(channel.id, []).append(entry)

    async def download(self, request: Request) -> Response:
        """Give a file's bytes to a bot token with files:read; anybody else is led to a login page."""
        team, _, file_id = request.path_params["name"].partition("-")
        workspace = self._simulation.workspaces.get(team)
        file = workspace.files.get(file_id) if workspace else None
        is_visible = file is None or workspace is None or self._simulation.may_bot_see(workspace, file)
        if not is_visible or not self._may_read(request, team):
            address = f"{self._simulation.base_url}/?redir={request.url.path}"
            return RedirectResponse(address, 302, {"x-slack-meta": "?;acl_fail"})
        if file is None or file.deleted or file.content is None:
            return PlainTextResponse("file not found", 404)
        if file.by_redirect and "/files-cdn/" not in request.url.path:
            # Slack's own CDN asks for the header again, which generic clients drop on the way.
            return RedirectResponse(request.url.path.replace("/files-pri/", "/files-cdn/"), 302)
        rest = request.path_params["rest"]
        if rest.startswith("thumb_"):
            return Response(thumbnail(file, int(rest[6:].partition(".")[0])), media_type="image/png")
        return StreamingResponse(
            _pieces(file.content),
            media_type=file.mimetype,
            headers={"content-length": str(len(file.content))},
        )

    def _may_read(self, request: Request, team: str) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        installation = self._simulation.installations.get(token)
        if installation is None or installation.revoked or installation.team != team:
            return False
        expired = (
            installation.expires_at is not None and installation.expires_at <= self._simulation.clock.now()
        )
        return "files:read" in installation.scopes and not expired


def login_page() -> Response:
    """Answer as Slack's login page does: 200 and HTML, whatever was wanted."""
    return HTMLResponse(LOGIN_PAGE)


def thumbnail(file: SlackFile, side: int) -> bytes:
    """Scale a picture so that its longer side is ``side`` pixels."""
    with Image.open(io.BytesIO(file.content or b"")) as picture:
        picture.thumbnail((side, side))
        out = io.BytesIO()
        picture.convert("RGBA").save(out, "PNG")
    return out.getvalue()


async def _read_body(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_UPLOAD_BYTES:
            break
    return bytes(content)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]
