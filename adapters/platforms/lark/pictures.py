"""Pictures as messages of their own: they show large, and people can quote them to ask about them.

Pictures inside cards cannot be fetched again (resource docs, 234043), so they are the exception.
"""

import logging

from adapters.platforms.lark.errors import AppMisconfigured, CardRefused, OurDefect, ScopeMissing
from adapters.platforms.lark.handles import FileHandle
from adapters.platforms.lark.memory import LarkMemory
from adapters.platforms.lark.sending import Write
from bots.drafts import ShownPicture
from bots.errors import PlatformOutcomeUnknown, PlatformUnavailable, StoreUnavailable
from bots.messages import Attachment

log = logging.getLogger(__name__)


async def send_pictures(
    write: Write, pictures: tuple[ShownPicture, ...], memory: LarkMemory
) -> tuple[ShownPicture, ...]:
    """Send each picture once; gives those that only a card can show. Raises like ``Write.send``."""
    left: list[ShownPicture] = []
    for picture in pictures:
        if picture.handle in write.claim.state.pictures:
            continue
        try:
            message_id = await write.send(
                "image", {"image_key": picture.handle}, purpose=f"picture/{picture.handle}"
            )
        except PlatformOutcomeUnknown as error:
            raise PlatformUnavailable(str(error)) from error  # the same uuid finds it again
        except (AppMisconfigured, CardRefused, OurDefect, ScopeMissing) as error:
            log.warning("picture not sent", extra={"job": write.claim.reply_id, "error": str(error)[:300]})
            left.append(picture)
            continue
        sent = (*write.claim.state.pictures, picture.handle)
        await write.claim.save(write.claim.state.model_copy(update={"pictures": sent}))
        await _remember(memory, message_id, picture, write.conversation.thread_id)
    return tuple(left)


async def _remember(memory: LarkMemory, message_id: str, picture: ShownPicture, topic: str | None) -> None:
    handle = FileHandle(message_id=message_id, file_key=picture.handle, type="image").packed()
    attachment = Attachment(handle=handle, name="picture.png", media_type="image/png")
    try:
        await memory.keep_sent(message_id, [attachment], topic)
    except StoreUnavailable:
        log.warning("a picture will not be known when it is quoted")
