"""POST /chat/completions and /tokenizer: checks in the service's order, then an answer, streamed or whole."""

import asyncio
import time
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send

from simulators.glm.answers import BOX, Question
from simulators.glm.controls import Controls, Fault, asks_for_refusal, read_controls
from simulators.glm.conversation import Turn, check_picture_form
from simulators.glm.errors import JSON_TYPE, Refusal, error_response
from simulators.glm.exchange import Exchange, break_off, play, read_json, send_whole
from simulators.glm.frames import FrameWriter
from simulators.glm.generation import Generation, generate, marks_boxes, prompt_tokens
from simulators.glm.journal import RequestRecord
from simulators.glm.models import Model
from simulators.glm.narrow import JsonObject
from simulators.glm.parameters import ChatRequest, find_model, read_chat_request
from simulators.glm.pictures import Picture, decode_base64, fetch, look
from simulators.glm.scenes import MAX_VIDEO_BYTES, Scene, watch
from simulators.glm.script import Rhythm, write_script
from simulators.glm.simulation import Simulation
from simulators.glm.wire import new_id, sorted_json_bytes

_UNRECORDED = frozenset({"messages", "model"})


@dataclass(frozen=True)
class Admitted:
    """A request past the checks before the limits; pictures given by address are None until fetched."""

    request: ChatRequest
    controls: Controls
    pictures: tuple[Picture | None, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """List all pictures of the conversation as they were given."""
        return tuple(url for turn in self.request.turns for url in turn.picture_urls)


class ChatDesk:
    """Answers chat requests of one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def complete(self, http: Request) -> Response:
        """Answer ``POST /chat/completions``."""
        simulation = self._simulation
        record = simulation.journal.open("chat")
        try:
            record.account = simulation.authenticate(http.headers.get("authorization"))
            body = await read_json(http, simulation.config.max_body_bytes)
            model = find_model(body)
            record.model = model.name
            admitted = await self._admit(body, model, record)
            simulation.check_balance(record.account)
            _check_content(admitted.request.turns)
            slot = simulation.slots.take(record.account, model.name)
        except Refusal as refusal:
            simulation.journal.end(record, "refused", refusal.code)
            return error_response(refusal)

        async def work(send: Send) -> None:
            await self._work(admitted, record, send)

        return Exchange(work, slot, record, simulation.journal)

    async def count(self, http: Request) -> Response:
        """Answer ``POST /tokenizer``."""
        try:
            self._simulation.authenticate(http.headers.get("authorization"))
            body = await read_json(http, self._simulation.config.max_body_bytes)
            model = find_model(body)
            request = read_chat_request(body, model)
            pictures = await self._fetch_rest(await self._admit_pictures(request))
        except Refusal as refusal:
            return error_response(refusal)
        total = prompt_tokens(request, pictures)
        image = total - prompt_tokens(request, ())
        usage = {"prompt_tokens": total, "image_tokens": image, "video_tokens": 0, "total_tokens": total}
        created = int(time.time())
        identity = new_id(created)
        answer = {
            "created": created,
            "id": identity,
            "request_id": request.request_id or identity,
            "usage": usage,
        }
        return Response(sorted_json_bytes(answer), headers={"content-type": JSON_TYPE})

    async def _admit(self, body: JsonObject, model: Model, record: RequestRecord) -> Admitted:
        record.parameters = {name: value for name, value in body.items() if name not in _UNRECORDED}
        request = read_chat_request(body, model)
        record.user_text = request.last_user_text
        for turn in request.turns:
            record.add_turn(turn.role, turn.text, len(turn.picture_urls))
        controls = read_controls(request.last_user_text)
        admitted = await self._admit_pictures(request)
        record.pictures = [picture for picture in admitted.pictures if picture]
        return replace(admitted, controls=controls)

    async def _admit_pictures(self, request: ChatRequest) -> Admitted:
        """Look at the pictures that came along; those given by address wait until there is a slot."""
        config = self._simulation.config
        admitted = Admitted(request, Controls(), ())
        may_be_base64 = request.model.base64_images or config.base64_on_4v_flash
        seen: list[Picture | None] = []
        for url in admitted.urls:
            check_picture_form(url, base64_allowed=may_be_base64, prefix_allowed=not config.strict_prefix)
            is_address = url.startswith(("http://", "https://"))
            finds_shapes = bool(BOX.search(request.last_user_text))
            seen.append(None if is_address else await self._look(decode_base64(url), finds_shapes))
        return replace(admitted, pictures=tuple(seen))

    async def _look(self, data: bytes, finds_shapes: bool) -> Picture:  # noqa: FBT001
        async with self._simulation.decoding:
            return await asyncio.to_thread(look, data, finds_shapes=finds_shapes)

    async def _watch(self, request: ChatRequest) -> tuple[Scene, ...]:
        """Fetch the newest video and look at it."""
        urls = [url for turn in request.turns for url in turn.video_urls]
        if not urls or not urls[-1].startswith(("http://", "https://")):
            return ()
        data = await fetch(urls[-1], self._simulation.config.picture_fetch_timeout, MAX_VIDEO_BYTES)
        async with self._simulation.decoding:
            return await asyncio.to_thread(watch, data)

    async def _fetch_rest(self, admitted: Admitted) -> tuple[Picture, ...]:
        timeout_s = self._simulation.config.picture_fetch_timeout
        finds_shapes = bool(BOX.search(admitted.request.last_user_text))
        return tuple(
            [
                picture or await self._look(await fetch(url, timeout_s), finds_shapes)
                for url, picture in zip(admitted.urls, admitted.pictures, strict=True)
            ]
        )

    async def _work(self, admitted: Admitted, record: RequestRecord, send: Send) -> None:
        simulation, request = self._simulation, admitted.request
        faults = simulation.meet_fault(request.model.name, admitted.controls)
        if faults is None:
            record.faults = ["hang"]
            await asyncio.sleep(simulation.config.max_hang)
            await break_off(send)
            return
        record.faults = list(faults)
        pictures = await self._fetch_rest(admitted)
        record.pictures = list(pictures)
        prompt = prompt_tokens(request, pictures)
        if prompt > request.model.context_tokens:
            raise Refusal(code="1261")
        scenes = await self._watch(request)
        question = replace(self._question(admitted, pictures, faults), scenes=scenes)
        generation = generate(request, question, prompt)
        record.answer, record.content = generation.answer, generation.content
        record.reasoning, record.finish_reason = generation.reasoning, generation.finish_reason
        script = write_script(
            generation,
            request.model,
            question.controls,
            Rhythm(simulation.pace, question.dice, simulation.config.usage),
        )
        if request.streams:
            await play(script, send, record)
            if question.controls.stamps:
                record.answer = record.content = "".join(record.sent)
            return
        await asyncio.sleep(script.steps[-1].at_s)
        record.sent = [generation.content]
        if script.ends_cleanly:
            await send_whole(send, _whole_answer(request, generation, faults), record)
        else:
            await break_off(send)

    def _question(
        self, admitted: Admitted, pictures: tuple[Picture, ...], faults: tuple[Fault, ...]
    ) -> Question:
        request = admitted.request
        users = [turn for turn in request.turns if turn.role == "user"]
        return Question(
            model=request.model.name,
            asked=tuple(turn.text for turn in users),
            pictures=pictures,
            new_pictures=len(users[-1].picture_urls),
            controls=replace(admitted.controls, faults=faults),
            wants_json=request.wants_json,
            boxes=marks_boxes(request.model.name),
            seed=self._simulation.config.seed,
        )


def _check_content(turns: tuple[Turn, ...]) -> None:
    """Refuse forbidden words with 1301: also those said earlier, which keep poisoning the conversation."""
    users = [turn.text for turn in turns if turn.role == "user"]
    if asks_for_refusal(users[-1]):
        raise Refusal(code="1301", role="user")
    if any(asks_for_refusal(text) for text in users[:-1]):
        raise Refusal(code="1301", role="history")


def _whole_answer(request: ChatRequest, generation: Generation, faults: tuple[Fault, ...]) -> bytes:
    message: JsonObject = {"content": generation.content}
    if generation.reasoning:
        message["reasoning_content"] = generation.reasoning
    if generation.tool_call is not None:
        message["tool_calls"] = [generation.tool_call]
    reason = next(
        (fault for fault in faults if fault in {"sensitive", "network_error"}), generation.finish_reason
    )
    return FrameWriter(request.model).complete(
        message, reason, generation.counts, request.request_id, filtered=reason == "sensitive"
    )
