"""POST /images/generations and the links it answers with."""

import asyncio
import random
import re
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send

from simulators.glm.controls import Controls, asks_for_refusal, read_controls, strip_controls
from simulators.glm.errors import Refusal, error_response, missing, parameter
from simulators.glm.exchange import Exchange, break_off, read_json, send_whole
from simulators.glm.journal import RequestRecord
from simulators.glm.models import CHAT_MODELS, PAINTERS, Painter
from simulators.glm.narrow import JsonObject
from simulators.glm.pacing import PAINTING_S
from simulators.glm.painting import paint
from simulators.glm.parameters import check_user_id
from simulators.glm.simulation import Simulation
from simulators.glm.wire import json_bytes

_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")


class Studio:
    """Paints for one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def generate(self, http: Request) -> Response:
        """Answer ``POST /images/generations``."""
        simulation = self._simulation
        record = simulation.journal.open("picture")
        try:
            record.account = simulation.authenticate(http.headers.get("authorization"))
            body = await read_json(http, simulation.config.max_body_bytes)
            painter = find_painter(body)
            record.model = painter.name
            record.parameters = {
                name: value for name, value in body.items() if name not in {"model", "prompt"}
            }
            prompt, size_px = read_prompt(body, painter), read_size(body, painter)
            record.user_text = prompt
            controls = read_controls(prompt)
            simulation.check_balance(record.account)
            _check_content(prompt)
            slot = simulation.slots.take(record.account, painter.name)
        except Refusal as refusal:
            simulation.journal.end(record, "refused", refusal.code)
            return error_response(refusal)
        base = f"{http.url.scheme}://{http.url.netloc}"
        watermark = body.get("watermark_enabled") is not False

        async def work(send: Send) -> None:
            await self._work(record, controls, send, base=base, size_px=size_px, watermark=watermark)

        return Exchange(work, slot, record, simulation.journal)

    async def _work(
        self,
        record: RequestRecord,
        controls: Controls,
        send: Send,
        *,
        base: str,
        size_px: tuple[int, int],
        watermark: bool,
    ) -> None:
        simulation = self._simulation
        model = record.model or ""
        faults = simulation.meet_fault(model, controls)
        if faults is None:
            record.faults = ["hang"]
            await asyncio.sleep(simulation.config.max_hang)
            await break_off(send)
            return
        record.faults = list(faults)
        started_s = time.monotonic()
        words = strip_controls(record.user_text) or record.user_text
        png = await asyncio.to_thread(paint, words, *size_px, watermark=watermark)
        dice = random.Random(f"{simulation.config.seed}:{record.user_text}".encode("utf-8", "replace"))
        wanted_s = (
            dice.uniform(*PAINTING_S) * simulation.pace if controls.seconds is None else controls.seconds
        )
        await asyncio.sleep(max(0.0, wanted_s - (time.monotonic() - started_s)))
        if "cut" in faults:
            await break_off(send)
            return
        url = base + simulation.gallery.add(png)
        record.answer = record.content = url
        record.finish_reason = "stop"
        answer: JsonObject = {
            "created": int(time.time()),
            "data": [{"url": url}],
            "content_filter": [{"role": "assistant", "level": 3}],
        }
        await send_whole(send, json_bytes(answer), record)

    async def serve_file(self, http: Request) -> Response:
        """Answer ``GET /files/cogview/<id>.png?Expires=…``; no CORS headers, as in life."""
        identity = str(http.path_params["identity"])
        status, content = self._simulation.gallery.find(identity, http.query_params.get("Expires"))
        return Response(content, status, media_type="image/png" if status == 200 else "text/plain")


def _check_content(prompt: str) -> None:
    if asks_for_refusal(prompt):
        raise Refusal(code="1301")


def find_painter(body: JsonObject) -> Painter:
    """Look the model up; raises Refusal 1213, 1211, or 1212 for a chat model."""
    name = body.get("model")
    if name is None:
        raise missing(field="model")
    if isinstance(name, str) and name in CHAT_MODELS:
        raise Refusal(code="1212", message="当前模型不支持images.generations调用方式。")
    if not isinstance(name, str) or name not in PAINTERS:
        raise Refusal(code="1211")
    return PAINTERS[name]


def read_prompt(body: JsonObject, painter: Painter) -> str:
    """Check the prompt and the small parameters; raises Refusal 1213 or 1210."""
    prompt = body.get("prompt")
    if prompt is None or (isinstance(prompt, str) and not prompt.strip()):
        raise missing(field="prompt")
    if not isinstance(prompt, str) or len(prompt) > (painter.max_prompt_characters or len(prompt)):
        raise parameter(name="prompt", detail="请检查文档")
    if body.get("quality") is not None and body["quality"] not in painter.qualities:
        raise parameter(name="quality", detail=f"取值范围 {list(painter.qualities)}")
    if body.get("watermark_enabled") is not None and not isinstance(body["watermark_enabled"], bool):
        raise parameter(name="watermark_enabled", detail="取值范围 [true, false]")
    check_user_id(body)
    return prompt


def read_size(body: JsonObject, painter: Painter) -> tuple[int, int]:
    """Give width and height in pixels; raises Refusal 1210 for a size the model does not make."""
    size = body.get("size") if body.get("size") is not None else painter.default_size
    match = _SIZE.fullmatch(size) if isinstance(size, str) else None
    if match is None:
        raise parameter(name="size", detail="请检查文档")
    width, height = int(match[1]), int(match[2])
    if match[0] in painter.sizes:
        return width, height
    if painter.free_sides_px is None:
        raise parameter(name="size", detail=f"取值范围 {list(painter.sizes)}")
    least, most, multiple = painter.free_sides_px
    sides_fit = all(least <= side <= most and side % multiple == 0 for side in (width, height))
    if not sides_fit or width * height > painter.max_pixels:
        raise parameter(name="size", detail=f"边长范围[{least},{most}]，且为{multiple}的倍数")
    return width, height
