"""response_url: five messages in thirty minutes, without a token, also where the app is no member."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from simulators.slack.blocks import BlockCheck
from simulators.slack.messages import Message
from simulators.slack.simulation import RESPONSE_URL_USES, ResponseUrl, Simulation
from simulators.slack.timeline import Timeline
from simulators.slack.wire import JsonObject, SlackError
from simulators.slack.workspace import Channel, Workspace


class ResponseUrls:
    """Takes what the app posts to its response URLs."""

    def __init__(self, simulation: Simulation, timeline: Timeline) -> None:
        self._simulation = simulation
        self._timeline = timeline

    async def serve(self, request: Request) -> Response:
        """Answer one post."""
        place = self._simulation.response_urls.get(request.path_params["key"])
        if place is None:
            return PlainTextResponse("expired_url", 404)
        if self._simulation.clock.now() > place.expires_at or place.uses >= RESPONSE_URL_USES:
            return JSONResponse({"ok": False, "error": "used_url"}, 404)
        try:
            body = await request.json()
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        if not isinstance(body, dict):
            return PlainTextResponse("invalid_payload", 400)
        place.uses += 1
        try:
            self.show(place, body)
        except SlackError as error:
            return JSONResponse(error.body(), 400)
        return JSONResponse({"ok": True})

    def show(self, place: ResponseUrl, body: JsonObject) -> None:
        """Show, replace or delete a message; raises SlackError."""
        workspace = self._simulation.workspaces[place.team]
        channel = workspace.channels[place.channel]
        blocks = body.get("blocks") or []
        BlockCheck("message", lambda name: self._simulation.find_file(workspace, name)).run(blocks)
        origin = channel.messages.get(place.message_ts or "")
        if body.get("delete_original") and origin is not None:
            self._timeline.remove(workspace, channel, origin, "response_url")
            return
        if not body.get("text") and not blocks:
            raise SlackError(code="no_text")
        if origin is not None and body.get("replace_original"):
            self._replace(workspace, channel, origin, body)
            return
        self._post(workspace, channel, place, body)

    def _replace(self, workspace: Workspace, channel: Channel, origin: Message, body: JsonObject) -> None:
        previous = self._timeline.snapshot(workspace, origin)
        origin.text, origin.blocks, origin.stream = str(body.get("text", "")), body.get("blocks") or [], None
        self._timeline.changed(workspace, channel, origin, previous, "response_url")

    def _post(self, workspace: Workspace, channel: Channel, place: ResponseUrl, body: JsonObject) -> None:
        is_public = body.get("response_type") == "in_channel"
        message = Message(
            channel=channel.id,
            ts=self._simulation.clock.next_ts(),
            user=workspace.bot_user_id,
            text=str(body.get("text", "")),
            blocks=body.get("blocks") or [],
            bot_id=workspace.bot_id,
            app_id=self._simulation.config.app_id,
            ephemeral_to=None if is_public else place.user,
        )
        # A thread reply needs in_channel and replace_original false; otherwise thread_ts does nothing.
        if (
            is_public
            and not body.get("replace_original", False)
            and body.get("thread_ts") in channel.messages
        ):
            message.thread_ts = str(body["thread_ts"])
        self._timeline.add(workspace, channel, message, "response_url")
