"""What the bot's own conversation shows around the messages: prompts to begin with, titles."""

from adapters.platforms.slack.hearing_parts import Json, WebApi
from bots.messages import IncomingMessage, language_of

TITLE_CHARACTERS = 60
PROMPTS: tuple[Json, ...] = (
    {"title": "Explain something", "message": "Explain how rainbows form, in three sentences."},
    {"title": "Ask about a picture", "message": "What is on the picture I am sending?"},
    {"title": "Paint a picture", "message": "/imagine a red fox in snow"},
    {"title": "用中文提问", "message": "用一段话介绍一下长城。"},
)  # at most four


async def suggest_prompts(channel_id: str, tenant_id: str, api: WebApi) -> None:
    """Offer prompts where a person opens the conversation; raises PlatformError."""
    arguments = {"channel_id": channel_id, "title": "What shall we do?", "prompts": list(PROMPTS)}
    await api.call(tenant_id, "assistant.threads.setSuggestedPrompts", arguments)


async def title_thread(message: IncomingMessage, api: WebApi) -> None:
    """Name a new thread after its first message; raises PlatformError."""
    place = message.conversation
    nameless = "图片" if language_of(message.text, message.sender.locale) == "zh" else "Picture"
    title = " ".join(message.text.split())[:TITLE_CHARACTERS] or nameless
    arguments = {"channel_id": place.channel_id, "thread_ts": place.thread_id, "title": title}
    await api.call(place.tenant_id, "assistant.threads.setTitle", arguments)
