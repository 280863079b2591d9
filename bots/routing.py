"""Which models can serve a question, judged by what it holds before anything is fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bots.attachments import is_picture
from bots.errors import NoModelAble, PromptTooLong, TooManyPictures
from bots.messages import Attachment
from bots.models import Modality, ModelSpec
from bots.tokens import PICTURE_TOKENS, count_tokens

BYTES_PER_TOKEN = 4  # of a text file nobody has read yet; English has about so many, Chinese three


@dataclass(frozen=True, slots=True)
class Needs:
    """What a question asks of a model."""

    inputs: frozenset[Modality] = frozenset({"text"})
    images: int = 0
    as_base64: bool = True  # pictures are sent as they are, for want of an address where they can be fetched
    tokens: int = 0  # of the question with its files, estimated


def needs_of(
    text: str, attachments: Sequence[Attachment], *, sees: bool = False, as_base64: bool = True
) -> Needs:
    """Count what is certain to be sent; ``sees`` where something must be looked at, not only read."""
    pictures = sum(map(is_picture, attachments))
    files = sum((one.size_bytes or 0) for one in attachments if one.media_type.startswith("text/"))
    return Needs(
        inputs=frozenset({"text", "image"} if sees or pictures else {"text"}),
        images=max(pictures, int(sees)),
        as_base64=as_base64,
        tokens=count_tokens(text) + files // BYTES_PER_TOKEN + pictures * PICTURE_TOKENS,
    )


def able(spec: ModelSpec, needs: Needs) -> bool:
    """Tell whether a model can serve what is needed, with some room left for the answer."""
    return (
        not spec.paints
        and needs.inputs <= spec.inputs
        and needs.images <= spec.max_images
        and (spec.image_base64 or not needs.images or not needs.as_base64)
        and needs.tokens <= room_of(spec)
    )


def room_of(spec: ModelSpec) -> int:
    """Tell how many tokens a prompt may have, so that a usual answer still fits."""
    return spec.context_tokens - min(spec.default_output_tokens, spec.context_tokens // 4)


def able_route(
    wanted: Sequence[str], specs: Mapping[str, ModelSpec], whole: Needs, question: Needs
) -> tuple[str, ...]:
    """Leave those of a route that can serve the question with its past, or else the question alone.

    A model of which nothing is known is taken for able. Raises NoModelAble, TooManyPictures, PromptTooLong.
    """
    for needs in (whole, question):
        fitting = tuple(
            dict.fromkeys(name for name in wanted if name not in specs or able(specs[name], needs))
        )
        if fitting:
            return fitting
    raise _refusal([specs[name] for name in wanted], question)


def _refusal(specs: Sequence[ModelSpec], needs: Needs) -> NoModelAble | TooManyPictures | PromptTooLong:
    """Find what it fails for: leave out one need after the other, until a model can serve the rest."""
    if any(able(spec, replace(needs, tokens=0)) for spec in specs):
        return PromptTooLong()
    seeing = [spec for spec in specs if able(spec, replace(needs, images=1, tokens=0))]
    if seeing:
        return TooManyPictures(limit=max(spec.max_images for spec in seeing))
    return NoModelAble()
