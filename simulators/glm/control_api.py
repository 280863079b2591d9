"""``/_sim/*``: the strings behind the stage. Nothing here exists at the vendor."""

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.glm.config import check_limits
from simulators.glm.fault_queue import ScriptedFault
from simulators.glm.simulation import Simulation
from simulators.glm.slots import by_account_and_model
from simulators.glm.wire import json_bytes

_FAULTS = TypeAdapter(list[ScriptedFault])
_LIMITS = TypeAdapter(dict[str, int])
_DEFAULT_REQUESTS = 50


class Pace(BaseModel):
    """How fast to answer: 0 is at once, 1 as in life."""

    model_config = ConfigDict(extra="forbid")

    pace: float = Field(ge=0.0)


class ControlDesk:
    """Scripts and reports on one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """List what is served under ``/_sim``."""
        return [
            Route("/_sim", self.reset, methods=["DELETE"]),
            Route("/_sim/faults", self.add_faults, methods=["POST"]),
            Route("/_sim/limits", self.set_limits, methods=["POST"]),
            Route("/_sim/pace", self.set_pace, methods=["POST"]),
            Route("/_sim/stats", self.stats),
            Route("/_sim/requests", self.requests),
        ]

    async def reset(self, http: Request) -> Response:  # noqa: ARG002 - Starlette passes it
        """Forget faults and records, return to the limits and the pace of the start."""
        self._simulation.reset()
        return Response(status_code=204)

    async def add_faults(self, http: Request) -> Response:
        """Queue a list such as ``[{"model": "glm-4.7-flash", "code": "1305", "times": 3}]``."""
        try:
            self._simulation.faults.add(_FAULTS.validate_json(await http.body()))
        except ValidationError as error:
            return _mistaken(error)
        return _json({"pending": self._simulation.faults.pending()})

    async def set_limits(self, http: Request) -> Response:
        """Change limits, ``{"glm-4.7-flash": 3}``; requests in flight stay."""
        try:
            limits = _LIMITS.validate_json(await http.body())
            check_limits(limits)
        except ValueError as error:  # pydantic's ValidationError is one
            return _mistaken(error)
        self._simulation.slots.limits |= limits
        return _json({"limits": self._simulation.slots.limits})

    async def set_pace(self, http: Request) -> Response:
        """Change the pace of requests to come, ``{"pace": 0.5}``."""
        try:
            self._simulation.pace = Pace.model_validate_json(await http.body()).pace
        except ValidationError as error:
            return _mistaken(error)
        return _json({"pace": self._simulation.pace})

    async def stats(self, http: Request) -> Response:  # noqa: ARG002 - Starlette passes it
        """Report counters: in flight, peaks, refusals by code, totals per model, disconnects."""
        simulation = self._simulation
        journal, slots = simulation.journal, simulation.slots
        return _json(
            {
                "in_flight": by_account_and_model(+slots.in_flight),
                "in_flight_total": slots.in_flight.total(),
                "peak": by_account_and_model(slots.peak),
                "limits": slots.limits,
                "totals": dict(journal.totals),
                "completed": journal.outcomes["completed"],
                "disconnected": journal.outcomes["disconnected"],
                "refused": journal.outcomes["refused"],
                "refusals": dict(journal.refusals),
                "pace": simulation.pace,
                "tier": simulation.config.tier,
                "pending_faults": simulation.faults.pending(),
            }
        )

    async def requests(self, http: Request) -> Response:
        """List the last requests, the oldest first; ``?limit=N``."""
        wanted = http.query_params.get("limit", str(_DEFAULT_REQUESTS))
        count = int(wanted) if wanted.isdecimal() else _DEFAULT_REQUESTS
        return _json([record.as_json() for record in self._simulation.journal.last(count)])


def _mistaken(error: ValueError) -> Response:
    return _json({"error": str(error)}, 400)


def _json(value: object, status: int = 200) -> Response:
    return Response(json_bytes(value), status, media_type="application/json")
