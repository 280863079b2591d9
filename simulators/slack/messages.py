"""A message, its growth, and how Slack and the page show it."""

from dataclasses import dataclass, field
from typing import Literal

from simulators.slack.wire import JsonObject

StreamState = Literal["in_progress", "completed", "stopped_by_user", "expired"]


@dataclass(frozen=True, slots=True)
class Revision:
    """How a message looked from one moment on."""

    at: float
    method: str
    text: str


@dataclass(slots=True)
class Stream:
    """The streaming side of a message; ``parts`` keep the order in which they came."""

    started_at: float
    lifetime_seconds: float
    display_mode: str = "timeline"
    parts: list[JsonObject] = field(default_factory=list)
    plan_title: str = ""
    tail_blocks: list[JsonObject] = field(default_factory=list)
    weighed_bytes: int = 0
    inline_blocks: int = 0
    over_limit: bool = False
    ended: StreamState | None = None

    def state(self, now: float) -> StreamState:
        """Tell the state; a stream nobody stopped dies of age, however often it was appended to."""
        if self.ended is not None:
            return self.ended
        return "expired" if now - self.started_at >= self.lifetime_seconds else "in_progress"

    def blocks(self) -> list[JsonObject]:
        """Give the stream as blocks: text and cards in their order, the closing blocks at the bottom."""
        shown: list[JsonObject] = []
        tasks = [part for part in self.parts if part["type"] == "task_card"]
        if self.display_mode == "plan" and (self.plan_title or tasks):
            shown.append({"type": "plan", "title": self.plan_title, "tasks": tasks})
        for part in self.parts:
            if part["type"] == "task_card" and self.display_mode == "plan":
                continue
            shown.append(part)
        return shown + self.tail_blocks


@dataclass(slots=True)
class Message:
    """One message of a channel, by a person or a bot."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[JsonObject] = field(default_factory=list)
    attachments: list[JsonObject] = field(default_factory=list)
    file_ids: list[str] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    client_msg_id: str | None = None
    edited: JsonObject | None = None
    metadata: JsonObject | None = None
    app_context: JsonObject | None = None
    identity: JsonObject = field(default_factory=dict)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str | None = None
    deleted_at: float | None = None
    stream: Stream | None = None
    revisions: list[Revision] = field(default_factory=list)

    @property
    def root_ts(self) -> str:
        """Name the thread that this message is in, or would open."""
        return self.thread_ts or self.ts

    @property
    def is_reply(self) -> bool:
        """Tell whether the message is inside a thread and not its root."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def shown_blocks(self) -> list[JsonObject]:
        """Give the blocks that a reader sees."""
        return self.stream.blocks() if self.stream is not None else self.blocks

    def visible_text(self) -> str:
        """Give what a reader reads: the blocks' text, the text only where there are no blocks."""
        blocks = self.shown_blocks()
        if not blocks:
            return self.text
        return "\n".join(filter(None, (block_text(block) for block in blocks)))

    def note(self, at: float, method: str) -> None:
        """Remember how the message looks now."""
        self.revisions.append(Revision(at, method, self.visible_text()))


def block_text(block: JsonObject) -> str:
    """Read the text out of a block; buttons and pictures have none."""
    kind = block.get("type")
    if kind == "markdown":
        return str(block.get("text", ""))
    if kind == "task_card":
        return "\n".join(str(block[name]) for name in ("title", "details", "output") if block.get(name))
    if kind == "plan":
        return "\n".join(
            [str(block.get("title", "")), *(block_text(task) for task in block.get("tasks", []))]
        )
    if kind in ("section", "header", "context", "rich_text", "table"):
        return _gather(block)
    return ""


def _gather(node: object) -> str:
    """Collect every ``text`` string below a node, in order; elements of a list are set off by a space."""
    if isinstance(node, list):
        return " ".join(filter(None, (_gather(item) for item in node)))
    if not isinstance(node, dict):
        return ""
    own = node.get("text")
    found = [own if isinstance(own, str) else _gather(own)]
    found.extend(_gather(node[name]) for name in ("fields", "elements", "rows") if name in node)
    return " ".join(filter(None, found))


def stored_blocks(blocks: list[JsonObject]) -> list[JsonObject]:
    """Give blocks as Slack hands them back: a markdown block is kept only as its translation."""
    return [_translated(block, index) for index, block in enumerate(blocks)]


def _translated(block: JsonObject, index: int) -> JsonObject:
    if block.get("type") == "markdown":
        words = {"type": "text", "text": str(block.get("text", ""))}
        section = {"type": "rich_text_section", "elements": [words]}
        return {"type": "rich_text", "block_id": f"m{index}", "elements": [section]}
    return {"block_id": f"b{index}", **block}
