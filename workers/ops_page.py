"""The operator's page: what waits, what runs, what was used; one HTML text without scripts."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bots.line import LaneStatus
from workers.usage_report import HEADINGS, ModelUsage, usage_cells

REFRESH_SECONDS = 3
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid #8884; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.bad { color: #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { .bad { color: #ff8a80; } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
OPS_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}


@dataclass(frozen=True, slots=True)
class OpsView:
    """What the operator is shown; ``lanes`` is None while Redis is away."""

    lanes: tuple[LaneStatus, ...] | None
    workers: int = 0
    usage: Sequence[ModelUsage] = ()
    problems: Mapping[str, str] | None = None  # by platform; empty when it can hear

    def as_json(self) -> dict[str, object]:
        """Write it for programs."""
        if self.lanes is None:
            return {"redis": "away"}
        return {
            "redis": "ok",
            "workers": self.workers,
            "platforms": {name: said or "ok" for name, said in (self.problems or {}).items()},
            "lanes": [_lane_json(lane) for lane in self.lanes],
            "usage_today": [_usage_json(each) for each in self.usage],
        }

    def as_html(self) -> str:
        """Write it for people."""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}"><title>Glimmer: operations</title>'
            f"<style>{STYLE}</style></head><body><h1>Glimmer</h1>{self._body()}</body></html>"
        )

    def _body(self) -> str:
        if self.lanes is None:
            return '<p class="bad">Redis is away. Nothing is lost; answers go on when it is back.</p>'
        workers = f"{self.workers} worker{'' if self.workers == 1 else 's'} alive"
        alarm = "" if self.workers else ' class="bad"'
        slots = [_lane_cells(lane) for lane in self.lanes]
        heard = [(name, said or "ok") for name, said in (self.problems or {}).items()]
        return (
            f"<p{alarm}>{workers}</p>"
            + _table("Lines and slots", ("model", "waiting", "in flight", "limit", "paused"), slots)
            + _table("Platforms", ("platform", "hears"), heard)
            + _table("Used today (UTC)", HEADINGS, [usage_cells(each) for each in self.usage])
        )


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>Nothing yet.</p>"
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{title}</h2><div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _lane_cells(lane: LaneStatus) -> tuple[str, ...]:
    in_use = sum(slots.in_use for slots in lane.slots)
    limit, in_force = sum(one.limit for one in lane.slots), sum(one.effective_limit for one in lane.slots)
    shown = str(limit) if in_force == limit else f"{in_force} of {limit}"
    paused = f"{lane.paused_for:.0f} s" if lane.paused_for else "-"
    return (lane.model, str(lane.waiting), str(in_use), shown, paused)


def _lane_json(lane: LaneStatus) -> dict[str, object]:
    slots = [
        {"account": one.account, "in_use": one.in_use, "limit": one.limit, "in_force": one.effective_limit}
        for one in lane.slots
    ]
    paused = round(lane.paused_for, 1)
    return {"model": lane.model, "waiting": lane.waiting, "paused_for_seconds": paused, "slots": slots}


def _usage_json(each: ModelUsage) -> dict[str, object]:
    used = each.usage
    return {
        "model": each.model,
        "requests": each.requests,
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "pictures": used.pictures,
        "yuan": each.yuan,
    }
