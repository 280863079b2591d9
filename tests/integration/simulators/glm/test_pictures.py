"""Pictures over the GLM simulator's sockets: seen, fetched, painted, served until they expire."""

import base64
import io

import httpx
import pytest
from PIL import Image

from simulators.glm.app import BASE_PATH, create_app
from simulators.glm.config import SimulatorConfig
from simulators.serving import serve

PAINT = f"{BASE_PATH}/images/generations"


def picture(width: int, height: int) -> str:
    """Encode a mostly green picture."""
    image = Image.new("RGB", (width, height), (20, 160, 60))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def about(url: str) -> list[dict[str, object]]:
    """Build the messages of a question about one picture."""
    parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What do you see?"}]
    return [{"role": "user", "content": parts}]


async def test_a_picture_is_described_by_what_it_is(desk):
    answer = await desk.ask("", model="glm-4.6v-flash", messages=about(picture(640, 480)))
    text = answer.json()["choices"][0]["message"]["content"]
    assert "640 × 480 px" in text
    assert "landscape" in text
    assert "green" in text
    assert answer.json()["usage"]["prompt_tokens"] > 23 * 17
    [record] = await desk.requests()
    assert isinstance(record["pictures"], list)
    assert (record["pictures"][0]["width"], record["pictures"][0]["height"]) == (640, 480)


async def test_4v_flash_fetches_its_picture_and_takes_no_base64(desk):
    refused = await desk.ask("", model="glm-4v-flash", messages=about(picture(64, 64)))
    assert refused.json()["error"] == {"code": "1210", "message": "图片输入格式/解析错误"}
    painted = await desk.http.post(PAINT, json={"model": "cogview-3-flash", "prompt": "a hill"})
    url = painted.json()["data"][0]["url"]
    seen = await desk.ask("", model="glm-4v-flash", messages=about(url))
    assert "1024 × 1024 px" in seen.json()["choices"][0]["message"]["content"]
    gone = await desk.ask("", model="glm-4v-flash", messages=about(url.replace(".png", "0.png")))
    assert gone.json()["error"]["code"] == "1210"
    assert (await desk.stats())["in_flight_total"] == 0


async def test_cogview_paints_the_size_asked_for(desk):
    body = {"model": "cogview-3-flash", "prompt": "a fox", "size": "1440x720", "quality": "hd", "n": 4}
    answer = (await desk.http.post(PAINT, json=body)).json()
    assert list(answer) == ["created", "data", "content_filter"]
    assert len(answer["data"]) == 1
    async with httpx.AsyncClient() as stranger:
        file = await stranger.get(answer["data"][0]["url"])
        changed = await stranger.get(answer["data"][0]["url"] + "0")
    assert Image.open(io.BytesIO(file.content)).size == (1440, 720)
    assert changed.status_code == 403


async def test_a_link_to_a_picture_expires():
    with serve(create_app(SimulatorConfig(pace=0, picture_url_ttl=0))) as url:
        async with httpx.AsyncClient(headers={"Authorization": "Bearer simulator.secret"}) as client:
            painted = await client.post(url + PAINT, json={"model": "cogview-3-flash", "prompt": "x"})
            assert (await client.get(painted.json()["data"][0]["url"])).status_code == 403


@pytest.mark.parametrize(
    ("model", "change", "code"),
    [
        ("cogview-3-flash", {"size": "1000x1000"}, "1210"),
        ("cogview-3-flash", {"size": "512x512"}, "1210"),
        ("cogview-4", {"size": "512x510"}, "1210"),
        ("cogview-4", {"size": "2048x2048"}, "1210"),
        ("cogview-4", {"size": 1024}, "1210"),
        ("cogview-3-flash", {"prompt": " "}, "1213"),
        ("cogview-3-flash", {"quality": "best"}, "1210"),
        ("cogview-3-flash", {"user_id": "x"}, "1210"),
        ("cogview-3-flash", {"prompt": "[[sim:refuse]]"}, "1301"),
        ("glm-4.7-flash", {}, "1212"),
        ("cogview-9", {}, "1211"),
    ],
)
async def test_cogview_refuses_what_it_cannot_paint(desk, model, change, code):
    answer = await desk.http.post(PAINT, json={"model": model, "prompt": "x", **change})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
