"""What Prometheus sees: counters live in the processes, lines and slots are read from Redis at a scrape."""

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bots.deltas import Delta, Finished, PaintedPicture, ReasoningDelta, TextDelta, Usage
from bots.drafts import Draft, EditLimits, Placement
from bots.errors import BotError, ModelError
from bots.jobs import Job
from bots.line import Acceptance, JobIntake, LaneStatus, StoppedJob
from bots.messages import Conversation
from bots.models import ModelSpec
from bots.ports import Catalog, ChatModel, MessageWriter, PictureModel
from bots.prompts import PicturePrompt, Prompt

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)

JOBS = Counter("glimmer_jobs", "Finished jobs", ["kind", "platform", "outcome"])
LINE_WAIT = Histogram("glimmer_line_wait_seconds", "From accepted to started", buckets=SECONDS)
FIRST_TOKEN = Histogram("glimmer_first_token_seconds", "From request to first token", buckets=SECONDS)
FIRST_TEXT = Histogram(
    "glimmer_first_text_visible_seconds", "From start to first visible text", buckets=SECONDS
)
PLATFORM_CALLS = Counter(
    "glimmer_platform_calls", "Calls to chat platforms", ["platform", "method", "outcome"]
)
EDITS_MERGED = Counter("glimmer_edits_merged", "Deltas shown together with later ones")
UPSTREAM_ERRORS = Counter("glimmer_upstream_errors", "Refusals and failures of the model service", ["code"])
DUPLICATES = Counter("glimmer_duplicates", "Deliveries of actions that were known already")
JOBS_RESUMED = Counter("glimmer_jobs_resumed", "Jobs taken over from dead workers")
TOKENS = Counter("glimmer_tokens", "Tokens used", ["model", "kind"])
COST = Counter("glimmer_cost_yuan", "Cost at list prices", ["model"])


class PrometheusMeter:
    """Meter on Prometheus."""

    def first_text_visible(self, seconds: float) -> None:
        """Observe one answer's first text."""
        FIRST_TEXT.observe(seconds)

    def edits_merged(self, count: int) -> None:
        """Count saved edits."""
        EDITS_MERGED.inc(count)


def count_usage(spec: ModelSpec, usage: Usage) -> None:
    """Add one request's tokens and their list price."""
    TOKENS.labels(spec.name, "prompt").inc(usage.prompt_tokens)
    TOKENS.labels(spec.name, "completion").inc(usage.completion_tokens)
    TOKENS.labels(spec.name, "cached").inc(usage.cached_tokens)
    COST.labels(spec.name).inc(spec.list_price(usage))


class MeteredChatModel:
    """ChatModel that notes first tokens, usage and errors of the one it wraps."""

    def __init__(self, model: ChatModel, catalog: Catalog) -> None:
        self._model = model
        self._catalog = catalog

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Delta]]:
        """Open the wrapped model's stream."""
        return self._metered(prompt)

    @asynccontextmanager
    async def _metered(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Delta]]:
        began = perf_counter()
        try:
            async with self._model.stream(prompt) as deltas:
                yield self._noted(deltas, self._catalog.spec(prompt.model), began)
        except ModelError as error:
            UPSTREAM_ERRORS.labels(error.code or type(error).__name__).inc()
            raise

    async def _noted(
        self, deltas: AsyncIterator[Delta], spec: ModelSpec, began: float
    ) -> AsyncIterator[Delta]:
        is_first = True
        async for delta in deltas:
            if is_first and isinstance(delta, (TextDelta, ReasoningDelta)):
                FIRST_TOKEN.observe(perf_counter() - began)
                is_first = False
            if isinstance(delta, Finished) and delta.usage:
                count_usage(spec, delta.usage)
            yield delta


class MeteredPictureModel:
    """PictureModel that notes the cost and the errors of the one it wraps."""

    def __init__(self, model: PictureModel, catalog: Catalog) -> None:
        self._model = model
        self._catalog = catalog

    async def paint(self, prompt: PicturePrompt) -> PaintedPicture:
        """Paint with the wrapped model; raises ModelError."""
        try:
            painted = await self._model.paint(prompt)
        except ModelError as error:
            UPSTREAM_ERRORS.labels(error.code or type(error).__name__).inc()
            raise
        COST.labels(prompt.model).inc(self._catalog.spec(prompt.model).list_price(Usage(pictures=1)))
        return painted


class MeteredIntake:
    """JobIntake that counts repeated deliveries to the one it wraps."""

    def __init__(self, intake: JobIntake) -> None:
        self._intake = intake

    async def accept(self, job: Job) -> Acceptance:
        """Accept through; raises StoreUnavailable."""
        acceptance = await self._intake.accept(job)
        if not acceptance.is_new:
            DUPLICATES.inc()
        return acceptance

    async def stop(self, reply_id: str) -> StoppedJob | None:
        """Stop through; raises StoreUnavailable."""
        return await self._intake.stop(reply_id)

    async def find(self, reply_id: str) -> Job | None:
        """Find through; raises StoreUnavailable."""
        return await self._intake.find(reply_id)


class MeteredWriter:
    """MessageWriter that counts the calls of the one it wraps."""

    def __init__(self, platform: str, writer: MessageWriter) -> None:
        self._platform = platform
        self._writer = writer

    @property
    def limits(self) -> EditLimits:
        """Tell the wrapped writer's limits."""
        return self._writer.limits

    async def post(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Post through; raises what the writer raises."""
        return await self._counted("post", self._writer.post(conversation, draft, placement))

    async def edit(self, conversation: Conversation, draft: Draft, placement: Placement) -> Placement:
        """Edit through; raises what the writer raises."""
        return await self._counted("edit", self._writer.edit(conversation, draft, placement))

    async def _counted(self, method: str, call: Awaitable[Placement]) -> Placement:
        try:
            placed = await call
        except BotError as error:
            PLATFORM_CALLS.labels(self._platform, method, type(error).__name__).inc()
            raise
        PLATFORM_CALLS.labels(self._platform, method, "ok").inc()
        return placed


def render_metrics(lanes: tuple[LaneStatus, ...], *, shared_directory: str) -> bytes:
    """Write the text that Prometheus scrapes; ``shared_directory`` gathers all processes of one machine."""
    registry = CollectorRegistry()
    registry.register(_LanesCollector(lanes))
    return process_metrics(shared_directory) + generate_latest(registry)


class _LanesCollector(Collector):
    """Lines and slots as they are at the scrape.

    Not Gauge objects: those would keep their values in the shared directory and be told a second time.
    """

    def __init__(self, lanes: tuple[LaneStatus, ...]) -> None:
        self._lanes = lanes

    def collect(self) -> Iterator[Metric]:
        length = GaugeMetricFamily("glimmer_line_length", "Jobs in line", labels=["model"])
        in_use = GaugeMetricFamily("glimmer_slots_in_use", "Requests in flight", labels=["account", "model"])
        limit = GaugeMetricFamily("glimmer_slots_limit", "Limit in force", labels=["account", "model"])
        for lane in self._lanes:
            length.add_metric([lane.model], lane.waiting)
            for slots in lane.slots:
                in_use.add_metric([slots.account, lane.model], slots.in_use)
                limit.add_metric([slots.account, lane.model], slots.effective_limit)
        yield from (length, in_use, limit)


def process_metrics(shared_directory: str) -> bytes:
    """Write this process's counters, or those of all that share the directory."""
    if not shared_directory:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=shared_directory)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
