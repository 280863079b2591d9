"""Prompts as the bodies of requests (GLM docs, chat completions and image generation)."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from bots.errors import ModelRejectedRequest
from bots.models import ModelSpec
from bots.prompts import Picture, PicturePrompt, Prompt, Turn

REQUEST_ID_CHARACTERS = (6, 64)
USER_ID_CHARACTERS = (6, 128)
SAMPLING_MIN, SAMPLING_MAX = 0.01, 0.99  # the documents disagree on whether the ends are allowed
WORDLESS_QUESTION = "Describe what you see."  # a picture alone is refused with 1213

Json = dict[str, object]


def chat_body(prompt: Prompt, spec: ModelSpec, *, is_streamed: bool) -> bytes:
    """Write the body of ``/chat/completions`` as UTF-8 JSON.

    Raises ModelRejectedRequest if no user speaks, or shows pictures to a model that takes none.
    """
    body: Json = {
        "model": prompt.model,
        "messages": _messages(prompt.turns, spec),
        "stream": is_streamed,
        "max_tokens": _output_tokens(prompt.max_output_tokens, spec),
        "temperature": _sampling(spec.temperature),
        "top_p": _sampling(spec.top_p),
        "request_id": fitted_id(prompt.request_id, REQUEST_ID_CHARACTERS),
    }
    if prompt.user_id:
        body["user_id"] = fitted_id(prompt.user_id, USER_ID_CHARACTERS)
    if spec.thinking == "switch":
        # Said in either case: left out it means "enabled".
        body["thinking"] = {"type": "enabled" if prompt.thinking else "disabled"}
    if is_streamed:
        body["stream_options"] = {"include_usage": True}  # not documented, and accepted
    return _encoded(body)


def picture_body(prompt: PicturePrompt) -> bytes:
    """Write the body of ``/images/generations``; the vendor paints one picture and knows no ``n``."""
    body: Json = {"model": prompt.model, "prompt": prompt.text, "size": prompt.size}
    if prompt.user_id:
        body["user_id"] = fitted_id(prompt.user_id, USER_ID_CHARACTERS)
    return _encoded(body)


def fitted_id(text: str, bounds: tuple[int, int]) -> str:
    """Keep an id that is within the bounds, in characters; replace another by its digest."""
    shortest, longest = bounds
    return text if shortest <= len(text) <= longest else hashlib.sha256(text.encode()).hexdigest()[:32]


def _encoded(body: Json) -> bytes:
    # A lone surrogate can come out of a platform's JSON; it must not stop the whole question.
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _output_tokens(wanted: int | None, spec: ModelSpec) -> int:
    tokens = spec.default_output_tokens if wanted is None else wanted
    return max(1, min(tokens, spec.max_output_tokens))


def _sampling(value: float) -> float:
    return round(min(max(value, SAMPLING_MIN), SAMPLING_MAX), 2)


def _messages(turns: Sequence[Turn], spec: ModelSpec) -> list[Json]:
    """Put the turns in an order that is not refused with 1214.

    One system message at the head, where it also helps the vendor's cache; then a user; a user at the end.
    """
    system = "\n\n".join(turn.text for turn in turns if turn.role == "system" and turn.text.strip())
    talk = [turn for turn in turns if turn.role != "system" and (turn.text.strip() or _shows(turn))]
    spoken_by_user = [place for place, turn in enumerate(talk) if turn.role == "user"]
    if not spoken_by_user:
        detail = "The prompt holds no turn of a user."
        raise ModelRejectedRequest(detail)
    talk = talk[spoken_by_user[0] : spoken_by_user[-1] + 1]
    if talk[-1].pictures and not spec.max_images:
        raise ModelRejectedRequest(f"The model {spec.name} takes no pictures.")
    if talk[-1].videos and "video" not in spec.inputs:
        raise ModelRejectedRequest(f"The model {spec.name} takes no videos.")
    head: list[Json] = [{"role": "system", "content": system}] if system else []
    return head + [_message(turn, spec) for turn in _newest_media(talk, spec)]


def _newest_media(talk: Sequence[Turn], spec: ModelSpec) -> list[Turn]:
    """Keep the newest pictures or the newest video: both in one request are refused (code 1215).

    The vendor's limit counts the whole talk, not each message.
    """
    newest = next((turn for turn in reversed(talk) if _shows(turn)), None)
    takes_video = newest is not None and bool(newest.videos) and "video" in spec.inputs
    pictures_left, videos_left = (0, 1) if takes_video else (spec.max_images, 0)
    kept: list[Turn] = []
    for turn in reversed(talk):
        pictures = turn.pictures[-pictures_left:] if pictures_left > 0 and turn.role == "user" else ()
        videos = turn.videos[-videos_left:] if videos_left > 0 and turn.role == "user" else ()
        pictures_left -= len(pictures)
        videos_left -= len(videos)
        kept.append(replace(turn, pictures=pictures, videos=videos))
    return [turn for turn in reversed(kept) if turn.text.strip() or _shows(turn)]


def _shows(turn: Turn) -> bool:
    return bool(turn.pictures or turn.videos)


def _message(turn: Turn, spec: ModelSpec) -> Json:
    if not _shows(turn):
        return {"role": turn.role, "content": turn.text}
    words = turn.text if turn.text.strip() else WORDLESS_QUESTION
    # The video stands first: GLM-4V-Plus refuses it anywhere else.
    parts: list[Json] = [{"type": "video_url", "video_url": {"url": video.url}} for video in turn.videos]
    parts += [_picture_part(picture, spec) for picture in turn.pictures]
    return {"role": turn.role, "content": [*parts, {"type": "text", "text": words}]}


def _picture_part(picture: Picture, spec: ModelSpec) -> Json:
    if picture.url and not spec.image_base64:
        return {"type": "image_url", "image_url": {"url": picture.url}}
    # Bare base64, as the vendor's own client sends it: with the prefix of a data URL it is refused at times.
    return {"type": "image_url", "image_url": {"url": base64.b64encode(picture.data).decode()}}
