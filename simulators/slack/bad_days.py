"""Scripted faults for what is no method of the Web API: uploads, downloads, response URLs."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from simulators.slack.simulation import Simulation

Endpoint = Callable[[Request], Awaitable[Response]]


class BrokenConnection(Response):
    """Breaks the connection: the headers come, the promised body never does."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Start an answer and leave."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


def with_faults(simulation: Simulation, name: str, serve: Endpoint) -> Endpoint:
    """Let faults scripted for ``name`` strike an endpoint; ``*`` means the Web API only."""

    async def endpoint(request: Request) -> Response:
        fault = simulation.faults.take(name, with_any=False)
        if fault is None:
            return await serve(request)
        refusal = fault.refusal()
        if refusal is not None:
            headers = {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}
            return JSONResponse(refusal.body(), refusal.status, headers)
        if fault.kind == "http_error":
            return HTMLResponse("<html><body>Something went wrong</body></html>", fault.status)
        if fault.kind == "slow":
            await simulation.clock.sleep(fault.seconds)
            return await serve(request)
        await serve(request)
        if fault.kind == "drop_after":
            return BrokenConnection()
        await simulation.clock.sleep(fault.seconds)
        return HTMLResponse("<html>504 Gateway Timeout</html>", 504)

    return endpoint
