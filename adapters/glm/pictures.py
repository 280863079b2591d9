"""Pictures painted by CogView; implements ``bots.ports.PictureModel``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO

import httpx
from pydantic import ValidationError

from adapters.glm.answers import PicturesBody
from adapters.glm.calls import SignedCalls
from adapters.glm.errors import ERROR_BODY_BYTES, TRANSPORT_FAILURES, Refusal, to_model_error
from adapters.glm.links import PictureLinks, Resolver, resolve_host
from adapters.glm.models import GlmCatalog
from adapters.glm.payloads import picture_body
from adapters.glm.settings import GlmSettings
from adapters.glm.transport import Transport, open_connections, read_at_most
from bots.deltas import PaintedPicture
from bots.errors import CommandMistaken, ModelAnsweredNothing, ModelRejectedRequest, PromptRefused
from bots.ports import Catalog
from bots.prompts import PicturePrompt

GENERATIONS_PATH = "/images/generations"
ANSWER_BYTES_MAX = 256 * 1024

_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


class GlmPainter:
    """Paints a picture and fetches it at once, for its link expires."""

    def __init__(
        self, calls: SignedCalls, links: PictureLinks, catalog: Catalog, *, painting_timeout: float
    ) -> None:
        self._calls = calls
        self._links = links
        self._catalog = catalog
        self._painting_timeout = painting_timeout  # seconds

    async def paint(self, prompt: PicturePrompt) -> PaintedPicture:
        """Paint and download one picture.

        Raises ModelAnsweredNothing when no usable picture came, other ModelErrors, and CommandMistaken for
        the size.
        """
        spec = self._catalog.spec(prompt.model)
        if not spec.paints:
            raise ModelRejectedRequest(f"The model {prompt.model} does not paint.")
        try:
            link = await self._ask(prompt)
        except ModelRejectedRequest as error:
            if prompt.size in spec.image_sizes:
                raise
            # The documents allow the family free sizes but name only a few for this model.
            sizes = ", ".join(spec.image_sizes)
            raise CommandMistaken(
                f"{prompt.model} does not paint {prompt.size}; it paints {sizes}."
            ) from error
        data = await self._links.fetch(link)
        return await asyncio.to_thread(measured, data)

    async def _ask(self, prompt: PicturePrompt) -> str:
        body = picture_body(prompt)
        deadline = asyncio.get_running_loop().time() + self._painting_timeout
        async with self._calls.post(GENERATIONS_PATH, prompt.account, body, deadline=deadline) as response:
            try:
                async with asyncio.timeout_at(deadline):
                    answer = await read_at_most(response, ANSWER_BYTES_MAX)
            except TRANSPORT_FAILURES as failure:
                raise to_model_error(failure) from failure
        return _link_in(answer)


def _link_in(answer: bytes) -> str:
    try:
        body = PicturesBody.model_validate_json(answer)
    except ValidationError as error:
        raise to_model_error(Refusal(200, answer[:ERROR_BODY_BYTES])) from error
    links = [item.url for item in body.data if item.url]
    if links:
        return links[0]
    if body.content_filter:
        raise PromptRefused(body.content_filter[0].role)
    failure = to_model_error(Refusal(200, answer[:ERROR_BODY_BYTES]))
    if failure.code == "200":  # no error either
        detail = "The answer holds no picture."
        raise ModelAnsweredNothing(detail)
    raise failure


def measured(data: bytes) -> PaintedPicture:
    """Tell a picture's kind and size by its own bytes; raises ModelAnsweredNothing if it is none."""
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=tuple(_MEDIA_TYPES)) as image:
            return PaintedPicture(data, _MEDIA_TYPES[image.format or ""], *image.size)
    except (OSError, ValueError, KeyError, SyntaxError, Image.DecompressionBombError) as error:
        detail = "What came is not a PNG, JPEG or WebP picture."
        raise ModelAnsweredNothing(detail) from error


def open_painter(
    settings: GlmSettings,
    *,
    transport: Transport = "aiohttp",
    catalog: Catalog | None = None,
    resolve: Resolver = resolve_host,
) -> AbstractAsyncContextManager[GlmPainter]:
    """Open the painter; leaving closes its connections."""
    return _open(settings, transport, catalog or GlmCatalog(), resolve)


@asynccontextmanager
async def _open(
    settings: GlmSettings, transport: Transport, catalog: Catalog, resolve: Resolver
) -> AsyncIterator[GlmPainter]:
    timeout = settings.first_token_timeout
    async with open_connections(transport, read_timeout=timeout) as connections:
        calls = SignedCalls(settings.base_url, settings.accounts(), connections)
        links = PictureLinks(connections, trusted_host=httpx.URL(settings.base_url).host, resolve=resolve)
        yield GlmPainter(calls, links, catalog, painting_timeout=timeout)
