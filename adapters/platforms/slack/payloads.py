"""The shapes that Slack sends, as far as we read them (Slack docs: Events API, slash commands, views)."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Json = dict[str, Any]

# Slack sends null as well as nothing where a value is absent.
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Flag = Annotated[bool, BeforeValidator(lambda value: bool(value) and value != "false")]


class Shape(BaseModel):
    """What all of them share."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SlackFile(Shape):
    """A file object, or the stub that a file of another organisation begins as."""

    id: Text = ""
    name: Text = ""
    title: Text = ""
    mimetype: Text = ""
    mode: Text = ""
    size: int | None = None
    is_external: Flag = False
    url_private: Text = ""
    url_private_download: Text = ""
    thumb_720: Text = ""
    thumb_960: Text = ""
    thumb_1024: Text = ""

    @property
    def is_stub(self) -> bool:
        """Tell whether ``files.info`` must be asked what it is (Slack Connect)."""
        return self.mode == "file_access"


class Edited(Shape):
    """Who edited a message when."""

    ts: Text = ""


class SlackMessage(Shape):
    """A ``message`` or ``app_mention`` event, and the messages inside ``message_changed``."""

    type: Text = ""
    subtype: Text = ""
    channel: Text = ""
    channel_type: Text = ""
    user: Text = ""
    user_team: Text = ""  # the writer's own workspace, where it is not the bot's
    team: Text = ""  # the same, nearly always
    bot_id: Text = ""
    app_id: Text = ""
    text: Text = ""
    ts: Text = ""
    thread_ts: Text = ""
    parent_user_id: Text = ""
    edited: Edited | None = None
    files: Annotated[tuple[SlackFile, ...], BeforeValidator(lambda value: value or ())] = ()
    deleted_ts: Text = ""
    message: "SlackMessage | None" = None
    previous_message: "SlackMessage | None" = None


class Authorization(Shape):
    """One installation that an event is visible to."""

    enterprise_id: Text = ""
    team_id: Text = ""
    user_id: Text = ""
    is_bot: Flag = False
    is_enterprise_install: Flag = False


class EventBody(Shape):
    """The envelope of an event, the same over HTTP and Socket Mode."""

    team_id: Text = ""
    enterprise_id: Text = ""
    api_app_id: Text = ""
    event: Json = Field(default_factory=dict)
    authorizations: Annotated[tuple[Authorization, ...], BeforeValidator(lambda value: value or ())] = ()

    @property
    def installation(self) -> Authorization:
        """Tell which installation the event is for; never ``event.team``, which is the writer's."""
        if self.authorizations:
            return self.authorizations[0]
        return Authorization(enterprise_id=self.enterprise_id, team_id=self.team_id)

    @property
    def tenant_id(self) -> str:
        """Name the workspace, or the organisation where Slack names no workspace."""
        return self.installation.team_id or self.team_id or self.installation.enterprise_id


class Command(Shape):
    """A slash command."""

    team_id: Text = ""
    enterprise_id: Text = ""
    channel_id: Text = ""
    channel_name: Text = ""
    user_id: Text = ""
    command: Text = ""
    text: Text = ""
    trigger_id: Text = ""

    @property
    def tenant_id(self) -> str:
        """Name the workspace, or the organisation where Slack names no workspace."""
        return self.team_id or self.enterprise_id


class Named(Shape):
    """An object of which we need the id; a user's also says where they are from."""

    id: Text = ""
    team_id: Text = ""


Maybe = Annotated[Named, BeforeValidator(lambda value: value or {})]


class Container(Shape):
    """Where a pressed button was."""

    message_ts: Text = ""
    channel_id: Text = ""
    thread_ts: Text = ""


class Option(Shape):
    """A choice of a menu."""

    value: Text = ""


class Action(Shape):
    """What was pressed or chosen."""

    action_id: Text = ""
    action_ts: Text = ""
    value: Text = ""
    selected_option: Option | None = None


class View(Shape):
    """A modal or a Home tab."""

    id: Text = ""
    callback_id: Text = ""
    private_metadata: Text = ""
    state: Json = Field(default_factory=dict)

    def entered(self, block_id: str) -> str:
        """Give what stands in a block's field, of whatever kind it is; empty if nothing does."""
        fields = (self.state.get("values") or {}).get(block_id) or {}
        for field in fields.values():
            chosen = field.get("selected_option") or {}
            return str(field.get("value") or chosen.get("value") or "")
        return ""


class Interaction(Shape):
    """A pressed button, a shortcut or a submitted modal."""

    type: Text = ""
    trigger_id: Text = ""
    callback_id: Text = ""
    team: Maybe = Named()
    enterprise: Maybe = Named()
    user: Named
    channel: Maybe = Named()
    container: Annotated[Container, BeforeValidator(lambda value: value or {})] = Container()
    message: SlackMessage | None = None
    actions: Annotated[tuple[Action, ...], BeforeValidator(lambda value: value or ())] = ()
    view: View | None = None

    @property
    def tenant_id(self) -> str:
        """Name the workspace, or the organisation where Slack names no workspace."""
        return self.team.id or self.user.team_id or self.enterprise.id
