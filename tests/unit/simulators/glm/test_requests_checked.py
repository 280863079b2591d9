"""What the simulator refuses, and with which of the vendor's codes."""

import base64
import io

import pytest
from PIL import Image

from simulators.glm.controls import read_controls
from simulators.glm.conversation import check_picture_form
from simulators.glm.errors import Refusal
from simulators.glm.models import CHAT_MODELS
from simulators.glm.parameters import find_model, read_chat_request
from simulators.glm.pictures import decode_base64, look

HELLO = [{"role": "user", "content": "hello"}]
SYSTEM = {"role": "system", "content": "be kind"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
TEXT = {"type": "text", "text": "what is this?"}


def refusal_of(**body: object) -> str | None:
    """Give the code a body is refused with, None when it passes."""
    full = {"model": "glm-4.7-flash", "messages": HELLO, **body}
    try:
        read_chat_request(full, find_model(full))
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    "body",
    [
        {"temperature": 0, "top_p": 0.01, "max_tokens": 131072, "stop": ["end"], "do_sample": True},
        {"response_format": None, "thinking": None, "tools": None, "stop": None, "temperature": None},
        {"n": 3, "logit_bias": {}, "something_new": [1]},
        {"thinking": {"clear_thinking": False}},
        {"user_id": "u" * 6, "request_id": "r" * 64, "stream_options": {"include_usage": True}},
        {"messages": [SYSTEM, *HELLO, {"role": "assistant", "content": [TEXT]}, *HELLO]},
        {"model": "glm-4.6v", "messages": [{"role": "user", "content": [IMAGE] * 50 + [TEXT]}]},
        {"model": "glm-4.6v-flash", "max_tokens": 32768},
    ],
)
def test_what_the_service_takes_is_taken(body):
    assert refusal_of(**body) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"model": "glm-99"}, "1211"),
        ({"model": None}, "1213"),
        ({"model": "cogview-4"}, "1212"),
        ({"temperature": 1.01}, "1210"),
        ({"temperature": True}, "1210"),
        ({"top_p": 0}, "1210"),
        ({"max_tokens": 131073}, "1210"),
        ({"max_tokens": 0}, "1210"),
        ({"model": "glm-4v-flash", "max_tokens": 1025}, "1210"),
        ({"model": "glm-4.1v-thinking-flash", "max_tokens": 16385}, "1210"),
        ({"stop": ["a", "b"]}, "1210"),
        ({"stream": "yes"}, "1210"),
        ({"tool_choice": "required"}, "1210"),
        ({"tool_choice": {"type": "function"}}, "1210"),
        ({"tools": [{"type": "function", "function": {"name": "two words"}}]}, "1210"),
        ({"response_format": {"type": "json_schema"}}, "1210"),
        ({"model": "glm-4.6v", "response_format": {"type": "json_object"}}, "1210"),
        ({"thinking": {"type": "sometimes"}}, "1210"),
        ({"model": "glm-5.3", "thinking": {"type": "disabled"}}, "1210"),
        ({"model": "glm-5.3", "reasoning_effort": "none"}, "1210"),
        ({"user_id": "short"}, "1210"),
        ({"user_id": "u" * 129}, "1210"),
        ({"request_id": "r" * 65}, "1210"),
    ],
)
def test_a_parameter_out_of_range_is_refused(body, code):
    assert refusal_of(**body) == code


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (None, "1213"),
        ([], "1214"),
        ("hello", "1214"),
        ([SYSTEM], "1214"),
        ([SYSTEM, {"role": "assistant", "content": "hi"}, *HELLO], "1214"),
        ([{"role": "assistant", "content": "hi"}, *HELLO], "1214"),
        ([*HELLO, {"role": "assistant", "content": "hi"}], "1214"),
        ([*HELLO, SYSTEM], "1214"),
        ([{"role": "developer", "content": "x"}, *HELLO], "1214"),
        ([*HELLO, {"role": "tool", "tool_call_id": "1", "content": "x"}], "1214"),
        ([{"role": "system", "content": [TEXT]}, *HELLO], "1214"),
        ([{"role": "user", "content": ""}], "1213"),
        ([{"role": "user", "content": []}], "1213"),
        ([{"role": "user", "content": None}], "1213"),
        ([{"role": "user", "content": [{"type": "text", "text": "  "}]}], "1213"),
        ([{"role": "user", "content": [TEXT, IMAGE]}], "1210"),
        ([{"role": "user", "content": [{"type": "text", "text": "x", "cache": True}]}], "1210"),
        ([{"role": "user", "content": [{"type": "input_text", "text": "x"}]}], "1210"),
    ],
)
def test_a_list_of_messages_out_of_order_is_refused(messages, code):
    assert refusal_of(messages=messages) == code


VIDEO = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
FILE = {"type": "file_url", "file_url": {"url": "https://example.com/a.pdf"}}


@pytest.mark.parametrize(
    ("model", "parts", "code"),
    [
        ("glm-4v-flash", [IMAGE, IMAGE, TEXT], "1210"),
        ("glm-4v-plus-0111", [IMAGE] * 6 + [TEXT], "1210"),
        ("glm-4.6v", [IMAGE] * 51 + [TEXT], "1210"),
        ("glm-4.6v", [IMAGE, FILE, TEXT], "1215"),
        ("glm-4.6v", [IMAGE, VIDEO, TEXT], "1215"),
        ("glm-4.1v-thinking-flash", [FILE, TEXT], "1210"),
        ("glm-4v-flash", [VIDEO, TEXT], "1210"),
        ("glm-4v-plus-0111", [TEXT, VIDEO], "1210"),
        ("glm-4v-flash", [IMAGE], "1213"),
        ("glm-4.6v", [{"type": "image_url", "image_url": "https://example.com/a.png"}, TEXT], "1210"),
        ("glm-4.6v", [{"type": "image_url", "image_url": {"url": "u", "detail": "low"}}, TEXT], "1210"),
    ],
)
def test_media_a_model_does_not_take_are_refused(model, parts, code):
    assert refusal_of(model=model, messages=[{"role": "user", "content": parts}]) == code


def test_pictures_of_earlier_turns_count_towards_the_limit():
    turn = {"role": "user", "content": [IMAGE, TEXT]}
    said = {"role": "assistant", "content": "a cat"}
    assert refusal_of(model="glm-4v-flash", messages=[turn]) is None
    assert refusal_of(model="glm-4v-flash", messages=[turn, said, turn]) == "1210"


def test_function_tools_are_not_for_the_small_vision_models():
    tools = [{"type": "function", "function": {"name": "weather"}}]
    assert refusal_of(model="glm-4.6v", tools=tools) is None
    assert refusal_of(model="glm-4v-flash", tools=tools) == "1210"
    assert refusal_of(model="glm-4.6v", tools=[{"type": "web_search", "web_search": {}}]) == "1210"


def encoded(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        encoded(50, 50)[:-40],
        encoded(50, 50, "WEBP"),
        encoded(50, 50, "GIF"),
        encoded(6001, 1),
        encoded(20, 20) + bytes(5_000_000),
    ],
    ids=["empty", "text", "cut", "webp", "gif", "too wide", "too many bytes"],
)
def test_a_picture_that_is_none_is_refused(data):
    with pytest.raises(Refusal) as caught:
        look(data)
    assert (caught.value.code, caught.value.message) == ("1210", "图片输入格式/解析错误")


def test_a_picture_is_really_looked_at():
    picture = look(encoded(3024, 4032, "JPEG"))
    assert (picture.format, picture.width, picture.height, picture.shape) == ("JPEG", 3024, 4032, "upright")
    assert picture.colours == ("red",)


def test_a_picture_that_still_has_to_be_turned_is_seen_as_stored():
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif)
    picture = look(out.getvalue())
    assert (picture.width, picture.height, picture.exif_orientation) == (40, 30, 6)


@pytest.mark.parametrize("url", ["data:text/plain;base64,aGk=", "data:image/png,aGk=", "a b", "%%%", "图"])
def test_base64_that_is_none_is_refused(url):
    with pytest.raises(Refusal):
        decode_base64(url)


def test_raw_and_prefixed_base64_are_the_same_picture():
    raw = base64.b64encode(encoded(4, 4)).decode()
    assert decode_base64(raw) == decode_base64(f"data:image/png;base64,{raw}") == encoded(4, 4)


def test_a_strict_account_refuses_the_prefix_and_4v_flash_refuses_base64():
    check_picture_form("aGk=", base64_allowed=True, prefix_allowed=False)
    with pytest.raises(Refusal):
        check_picture_form("data:image/png;base64,aGk=", base64_allowed=True, prefix_allowed=False)
    assert not CHAT_MODELS["glm-4v-flash"].base64_images
    with pytest.raises(Refusal):
        check_picture_form("aGk=", base64_allowed=False, prefix_allowed=True)


@pytest.mark.parametrize(
    "text",
    [
        "[[sim:fault=nonsense]]",
        "[[sim:charz=3]]",
        "[[sim:chars=many]]",
        "[[sim:error=9999]]",
        "[[sim:seconds=-1]]",
    ],
)
def test_a_control_word_without_sense_is_noticed(text):
    with pytest.raises(Refusal):
        read_controls(text)
