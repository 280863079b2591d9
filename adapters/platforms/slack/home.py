"""The Home tab: what the bot can do, and what a person may set."""

from adapters.platforms.slack.events import PLATFORM
from adapters.platforms.slack.hearing_parts import Json, WebApi
from adapters.platforms.slack.sentences import say
from bots.messages import Conversation, Language, Sender, person_key
from bots.preferences import Preferences, PreferenceStore

PREFIX = "glimmer-home:"
AUTO = "auto"
THINKING = (AUTO, "on", "off")
LANGUAGES = (AUTO, "en", "zh")


class HomeTab:
    """Shows the tab and follows its menus."""

    def __init__(self, api: WebApi, preferences: PreferenceStore, models: tuple[str, ...]) -> None:
        self._api = api
        self._preferences = preferences
        self._models = models

    async def publish(self, tenant_id: str, user_id: str) -> None:
        """Show the tab to one person; raises PlatformError, StoreUnavailable."""
        chosen = await self._preferences.read(_person(tenant_id, user_id))
        view = home_view(chosen, self._models)
        await self._api.call(tenant_id, "views.publish", {"user_id": user_id, "view": view})

    async def choose(self, tenant_id: str, user_id: str, action_id: str, value: str) -> None:
        """Keep a choice of one of the menus; raises StoreUnavailable."""
        name = action_id.removeprefix(PREFIX)
        person = _person(tenant_id, user_id)
        chosen = await self._preferences.read(person)
        update: Json
        match name:
            case "model" if value == AUTO or value in self._models:
                update = {"model": "" if value == AUTO else value}
            case "thinking" if value in THINKING:
                update = {"thinking": value}
            case "language" if value in LANGUAGES:
                update = {"language": None if value == AUTO else value}
            case _:
                return
        await self._preferences.write(person, chosen.model_copy(update=update))


def home_view(chosen: Preferences, models: tuple[str, ...]) -> Json:
    """Draw the tab."""
    language: Language = chosen.language or "en"
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": _plain(say("home_title", language))},
            _section(say("home_uses", language)),
            {"type": "divider"},
            {"type": "header", "text": _plain(say("home_settings", language))},
            _menu("model", say("home_model", language), (AUTO, *models), chosen.model or AUTO),
            _menu("thinking", say("home_thinking", language), THINKING, chosen.thinking),
            _menu("language", say("home_language", language), LANGUAGES, chosen.language or AUTO),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": say("home_note", language)}]},
        ],
    }


def _person(tenant_id: str, user_id: str) -> str:
    place = Conversation(platform=PLATFORM, tenant_id=tenant_id, channel_id="")
    return person_key(place, Sender(user_id=user_id))


def _menu(name: str, label: str, values: tuple[str, ...], chosen: str) -> Json:
    options = [{"text": _plain(value), "value": value} for value in values]
    current = next((option for option in options if option["value"] == chosen), options[0])
    menu = {
        "type": "static_select",
        "action_id": f"{PREFIX}{name}",
        "options": options,
        "initial_option": current,
    }
    return {"type": "section", "text": {"type": "mrkdwn", "text": label}, "accessory": menu}


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}
