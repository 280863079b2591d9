"""How streams of the GLM simulator end badly when they are told to."""

import json
import re

import httpx
import pytest


async def test_a_restart_inside_a_frame_has_a_new_id_and_the_whole_text(desk):
    text = "one two three four five six seven eight nine ten eleven twelve"
    words = f"x [[sim:text={text}]] [[sim:fault=restart_midframe]] [[sim:pause=0.05]]"
    raw = (await desk.ask(words, stream=True)).text
    assert len(set(re.findall(r'"id":"(\w+)"', raw))) == 2
    broken = next(line for line in raw.splitlines() if line.count("data: {") == 2)
    second = raw[raw.index(broken) + broken.rindex("data: {") :]
    pieces = [json.loads(line[6:]) for line in second.splitlines() if line.startswith("data: {")]
    assert "".join(piece["choices"][0]["delta"]["content"] for piece in pieces) == text
    assert (await desk.requests())[0]["sent"] == text


@pytest.mark.parametrize("streams", [True, False])
async def test_a_cut_breaks_the_connection(desk, streams):
    with pytest.raises(httpx.RemoteProtocolError):
        await desk.ask("x [[sim:fault=cut]]", stream=streams)


@pytest.mark.parametrize(
    ("fault", "mark", "ends"),
    [
        ("drop_done", '"finish_reason":"stop"', False),
        ("inband_error", 'data: {"error":{"code":"1234"', False),
        ("network_error", '"finish_reason":"network_error"', True),
        (
            "sensitive",
            '"finish_reason":"sensitive","delta":{"role":"assistant","content":""}}],"content_filter"',
            True,
        ),
    ],
)
async def test_a_stream_can_end_badly(desk, fault, mark, ends):
    raw = (await desk.ask(f"x [[sim:fault={fault}]]", stream=True)).text
    assert mark in raw
    assert raw.endswith("[DONE]\n\n") is ends
