"""The GLM simulator over real sockets: authentication, slots, streams, faults, pictures."""

import base64
import hashlib
import hmac
import json
import re
import time

import httpx
import pytest

from simulators.glm.app import BASE_PATH, create_app
from simulators.glm.config import SimulatorConfig
from simulators.serving import serve

CHAT = f"{BASE_PATH}/chat/completions"
PAINT = f"{BASE_PATH}/images/generations"


def token(key: str, expires_in_s: float) -> str:
    """Sign a short-lived token as the vendor's old client does."""
    key_id, secret = key.split(".")
    now_ms = int(time.time() * 1000)
    parts: list[dict[str, object]] = [
        {"alg": "HS256", "sign_type": "SIGN", "typ": "JWT"},
        {"api_key": key_id, "exp": now_ms + int(expires_in_s * 1000), "timestamp": now_ms},
    ]
    encoded = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )
    signature = hmac.new(secret.encode(), encoded.encode(), hashlib.sha256).digest()
    return f"{encoded}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        (None, 401, "1001"),
        ("Bearer nobody.secret", 401, "1000"),
        ("Bearer simulator.wrong", 401, "1000"),
        ("simulator.secret", 401, "1000"),
        (f"Bearer {token('simulator.secret', -1)}", 401, "1003"),
        (f"Bearer {token('simulator.wrong', 3600)}", 401, "1000"),
        (f"Bearer {token('simulator.secret', 3600)}", 200, None),
    ],
)
async def test_only_a_right_key_opens(desk, authorization, status, code):
    headers = {} if authorization is None else {"Authorization": authorization}
    async with httpx.AsyncClient(base_url=desk.url, headers=headers) as client:
        answer = await client.post(CHAT, json=desk.body("hello"))
    assert answer.status_code == status
    assert answer.json().get("error", {}).get("code") == code


async def test_a_stream_is_byte_exact(desk):
    answer = await desk.ask("hi [[sim:text=好]]", stream=True)
    assert answer.headers["content-type"] == "text/event-stream;charset=UTF-8"
    identity = re.search(r'"id":"(\d{14}[0-9a-f]{16})","created":(\d+)', answer.text)
    assert identity is not None
    head = (
        f'data: {{"id":"{identity[1]}","created":{identity[2]},"object":"chat.completion.chunk",'
        '"model":"glm-4.7-flash","choices":[{"index":0,'
    )
    usage = (
        '"usage":{"prompt_tokens":14,"completion_tokens":1,"total_tokens":15,'
        '"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":0}}'
    )
    assert answer.text == (
        head + '"delta":{"role":"assistant","content":"好"}}]}\n\n'
        + head + '"delta":{"role":"assistant","content":""}}]}\n\n'
        + head + '"finish_reason":"stop","delta":{"role":"assistant","content":""}}],' + usage + "}\n\n"
        "data: [DONE]\n\n"
    )  # fmt: skip


async def test_thoughts_come_first_and_unless_switched_off(desk):
    lines = (await desk.ask("hi", stream=True, thinking=None)).text.splitlines()
    fields = ["reasoning_content" in line for line in lines if line.startswith("data: {")]
    assert fields[0]
    assert fields == sorted(fields, reverse=True)
    assert "reasoning_content" not in (await desk.ask("hi", stream=True)).text


async def test_a_whole_answer_has_its_keys_in_alphabetical_order(desk):
    answer = (await desk.ask("hi [[sim:text=yes]]", request_id="my-request-1")).json()
    assert list(answer) == ["choices", "created", "id", "model", "object", "request_id", "usage"]
    assert answer["choices"][0]["message"] == {"content": "yes", "role": "assistant"}
    assert answer["request_id"] == "my-request-1"


async def test_one_slot_means_one_request_at_a_time(desk):
    async with desk.http.stream("POST", CHAT, json=desk.body("[[sim:seconds=30]]", stream=True)) as first:
        lines = first.aiter_lines()
        await anext(lines)
        refused = await desk.ask("me too")
        elsewhere = await desk.ask("another model", model="glm-4-flash-250414")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "1302")
        assert "retry-after" not in refused.headers
        assert elsewhere.status_code == 200
        assert (await desk.stats())["in_flight"] == {"simulator/glm-4.7-flash": 1}


async def test_a_caller_who_leaves_during_a_pause_frees_the_slot_at_once(desk):
    body = desk.body("[[sim:fault=stall]]", stream=True)
    async with desk.http.stream("POST", CHAT, json=body) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        assert (await desk.stats())["in_flight_total"] == 1
    left_at = time.monotonic()
    await desk.until_in_flight(0)
    assert time.monotonic() - left_at < 1.0
    assert (await desk.requests())[0]["outcome"] == "disconnected"
    assert (await desk.stats())["disconnected"] == 1


async def test_the_slot_is_free_when_the_last_byte_has_come(desk):
    for _ in range(30):
        assert (await desk.ask("again", stream=True)).status_code == 200
    assert (await desk.stats())["refusals"] == {}
    assert (await desk.stats())["peak"] == {"simulator/glm-4.7-flash": 1}


async def test_keys_of_one_account_share_its_slots():
    config = SimulatorConfig(pace=0, keys=("a.1", "b.2", "c.3"), accounts={"a": "firm", "b": "firm"})
    with serve(create_app(config)) as url:
        async with httpx.AsyncClient(base_url=url) as client:

            def request(key: str, text: str) -> httpx.Request:
                body = {
                    "model": "glm-4.7-flash",
                    "messages": [{"role": "user", "content": text}],
                    "stream": True,
                }
                return client.build_request(
                    "POST", CHAT, json=body, headers={"Authorization": f"Bearer {key}"}
                )

            stalled = await client.send(request("a.1", "[[sim:fault=stall]]"), stream=True)
            assert (await client.send(request("b.2", "x"))).status_code == 429
            assert (await client.send(request("c.3", "x"))).status_code == 200
            await stalled.aclose()


async def test_scripted_faults_strike_in_order_and_only_their_model(desk):
    faults = [{"model": "glm-4.7-flash", "code": "1305", "times": 2}, {"code": "http_500_html"}]
    assert (await desk.http.post("/_sim/faults", json=faults)).status_code == 200
    answers = [await desk.ask("x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 429, 500, 200]
    assert "<html>" in answers[2].text
    assert (await desk.stats())["refusals"] == {"1305": 2, "http_500_html": 1}


async def test_silence_lasts_until_the_caller_gives_up(desk):
    await desk.http.post("/_sim/faults", json=[{"code": "hang"}])
    with pytest.raises(httpx.ReadTimeout):
        await desk.http.post(CHAT, json=desk.body("x"), timeout=0.3)
    await desk.until_in_flight(0)
    assert (await desk.ask("x")).status_code == 200


async def test_an_unknown_fault_is_not_queued(desk):
    assert (await desk.http.post("/_sim/faults", json=[{"code": "1999"}])).status_code == 400
    assert (await desk.http.post("/_sim/limits", json={"glm-99": 1})).status_code == 400
    assert (await desk.http.post("/_sim/pace", json={"pace": -1})).status_code == 400


async def test_a_refusal_poisons_the_conversation_until_it_is_dropped(desk):
    answer = await desk.ask("[[sim:refuse]]", stream=True)
    assert answer.status_code == 400
    assert answer.text.startswith('{"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301",')
    history = [
        {"role": "user", "content": "[[sim:refuse]]"},
        {"role": "assistant", "content": "no"},
        {"role": "user", "content": "sorry"},
    ]
    later = await desk.ask("unused", messages=history)
    assert later.json()["contentFilter"] == [{"level": 1, "role": "history"}]


async def test_a_prompt_beyond_the_context_is_refused(desk):
    answer = await desk.ask("长" * 16_500, model="glm-4v-flash")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "1261")
    assert (await desk.stats())["in_flight_total"] == 0


async def test_an_account_without_money_gets_429_with_1113():
    with serve(create_app(SimulatorConfig(empty_accounts=frozenset({"simulator"})))) as url:
        body = {"model": "glm-4.7-flash", "messages": [{"role": "user", "content": "x"}]}
        async with httpx.AsyncClient(headers={"Authorization": "Bearer simulator.secret"}) as client:
            answer = await client.post(url + CHAT, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "1113")


@pytest.mark.parametrize("fragments", [True, False])
async def test_a_tool_is_called_when_the_script_says_so(desk, fragments):
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    raw = (await desk.ask("[[sim:tool]]", stream=True, tools=tools, tool_stream=fragments)).text
    last = next(line for line in raw.splitlines() if '"finish_reason":"tool_calls"' in line)
    assert ('"name":"weather"' in last) is not fragments
    assert raw.count('"name":"weather"') == 1


async def test_odd_text_does_not_upset_the_records(desk):
    body = b'{"model":"glm-4.7-flash","messages":[{"role":"user","content":"\\ud800 [[sim:text=\\ud800]]"}]}'
    assert (await desk.http.post(CHAT, content=body)).status_code == 200
    assert (
        await desk.http.post(PAINT, content=b'{"model":"cogview-3-flash","prompt":"\\ud800"}')
    ).status_code == 200
    assert len(await desk.requests()) == 2


async def test_a_reset_forgets_what_was_counted_but_not_who_is_in_flight(desk):
    body = desk.body("[[sim:fault=stall]]", stream=True)
    async with desk.http.stream("POST", CHAT, json=body) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        await desk.http.delete("/_sim")
        assert (await desk.ask("x")).status_code == 429
    await desk.until_in_flight(0)
    stats = await desk.stats()
    assert (stats["disconnected"], stats["refused"]) == (0, 1)


async def test_stamps_are_the_times_of_sending(desk):
    before = time.monotonic_ns()
    raw = (await desk.ask("[[sim:stamps]][[sim:chunks=20]][[sim:seconds=0.1]]", stream=True)).text
    stamps = [int(stamp) for stamp in re.findall(r'"content":"(\d+) "', raw)]
    assert len(stamps) == 20
    assert before < stamps[0] <= stamps[-1] < time.monotonic_ns()
    assert stamps == sorted(stamps)


async def test_what_was_said_can_be_looked_up(desk):
    shown = (await desk.ask("Tell me about tea")).json()["choices"][0]["message"]["content"]
    [record] = await desk.requests()
    assert record["user_text"] == "Tell me about tea"
    assert record["answer"] == shown.lstrip("\n")
    assert (record["model"], record["outcome"], record["code"]) == ("glm-4.7-flash", "completed", None)
    assert (await desk.http.delete("/_sim")).status_code == 204
    assert await desk.requests() == []


async def test_the_pace_can_be_changed_while_it_runs(desk):
    await desk.http.post("/_sim/pace", json={"pace": 0.2})
    begun = time.monotonic()
    await desk.ask("x [[sim:tokens=40]]")
    assert 0.2 < time.monotonic() - begun < 3


async def test_the_status_page_and_odd_paths_answer(desk):
    assert "GLM simulator" in (await desk.http.get("/")).text
    assert (await desk.http.get(f"{BASE_PATH}/nothing")).json()["status"] == 404
    assert len((await desk.http.get(f"{BASE_PATH}/models")).json()["data"]) == 11
    counted = await desk.http.post(f"{BASE_PATH}/tokenizer", json=desk.body("What is 2 + 2?"))
    assert counted.json()["usage"]["prompt_tokens"] == 13


async def test_a_body_that_is_no_json_object_is_refused(desk):
    for content in (b"", b"[1]", b"{", b"\xff", b"[" * 200_000, b'{"temperature":NaN}'):
        answer = await desk.http.post(CHAT, content=content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "1210")
