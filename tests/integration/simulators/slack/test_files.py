"""Files in with the login trap, files out with their late processing."""

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.simulators.slack.script import ALICE_DM, GENERAL, RANDOM, Script, refusal


def picture(side: int = 40, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side // 2), "teal").save(out, kind)
    return out.getvalue()


def given(content: bytes, name: str = "a.png", **more: Any) -> dict[str, Any]:
    return {"name": name, "content_base64": base64.b64encode(content).decode(), **more}


def shared(slack: Script, content: bytes, **more: Any) -> dict[str, Any]:
    ts = slack.say(files=[given(content, **more)])
    return dict(slack.message(ALICE_DM, ts)["files"][0])


def download(url: str, token: str | None = None, **options: Any) -> httpx.Response:
    token = "xoxb-simulated-bot" if token is None else token
    return httpx.get(url, headers={"authorization": f"Bearer {token}"} if token else {}, **options)


def test_a_bot_with_files_read_gets_the_bytes(slack: Script) -> None:
    file = shared(slack, picture())

    answer = download(file["url_private"])

    assert answer.content == picture()
    assert (file["mimetype"], file["original_w"], answer.headers["content-type"]) == (
        "image/png",
        40,
        "image/png",
    )


@pytest.mark.parametrize("token", ["xoxb-wrong", "xapp-simulated-app", ""])
def test_anybody_else_ends_at_a_login_page_that_says_200(slack: Script, token: str) -> None:
    file = shared(slack, picture())

    first = download(file["url_private"], token)
    followed = download(file["url_private"], token, follow_redirects=True)

    assert (first.status_code, first.headers["x-slack-meta"]) == (302, "?;acl_fail")
    assert "redir=" in first.headers["location"]
    assert (followed.status_code, followed.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_download_may_fail_as_scripted(slack: Script) -> None:
    file = shared(slack, picture())
    slack.post("faults", method="download", kind="ratelimited", retry_after=7)
    slack.post("faults", method="download", kind="http_error", status=502)
    slack.post("faults", method="download", kind="drop_after")

    limited, broken = download(file["url_private"]), download(file["url_private"])

    assert (limited.status_code, limited.headers["retry-after"], broken.status_code) == (429, "7", 502)
    with pytest.raises(httpx.RemoteProtocolError):
        download(file["url_private"])
    assert download(file["url_private"]).content == picture()


def test_a_token_without_files_read_is_nobody(slack: Script) -> None:
    file = shared(slack, picture())
    slack.post("app", scopes=["chat:write"])

    assert download(file["url_private"]).status_code == 302


async def test_a_file_from_where_the_bot_is_not_does_not_exist_for_it(
    slack: Script, client: AsyncWebClient
) -> None:
    ts = slack.say(files=[given(picture())], channel="payroll")
    file = slack.message("payroll", ts)["files"][0]

    assert await refusal(client.files_info(file=file["id"])) == "file_not_found"
    assert download(file["url_private"]).status_code == 302


def test_the_cdn_wants_the_token_again(slack: Script) -> None:
    file = shared(slack, picture(), by_redirect=True)

    first = download(file["url_private"])
    there = f"{slack.base_url}{first.headers['location']}"

    assert first.status_code == 302
    assert download(there).content == picture()
    assert download(there, token="").status_code == 302


def test_thumbnails_are_there_only_where_the_original_is_larger(slack: Script) -> None:
    file = shared(slack, picture(500))

    assert "thumb_480" in file
    assert "thumb_720" not in file
    with Image.open(io.BytesIO(download(file["thumb_480"]).content)) as thumbnail:
        assert thumbnail.size == (480, 240)


async def test_a_stub_must_be_looked_up_first(slack: Script, client: AsyncWebClient) -> None:
    file = shared(slack, picture(), mode="file_access")

    looked_up = await client.files_info(file=file["id"])

    assert (file["mode"], file.get("url_private")) == ("file_access", None)
    assert looked_up["file"]["url_private"].endswith("/a.png")


async def test_an_upload_by_the_clients_own_helper_is_shared_late(
    slack: Script, client: AsyncWebClient
) -> None:
    root = slack.say(channel="general")

    done = await client.files_upload_v2(
        channel=GENERAL, thread_ts=root, filename="cat.png", content=picture(), alt_txt="a cat", title="Cat"
    )
    after = await client.chat_postMessage(channel=GENERAL, thread_ts=root, text="there")

    file_id = done["file"]["id"]
    assert (done["file"]["mimetype"], done["file"]["shares"]) == ("", {})
    slack.post("clock", advance=1)
    thread = slack.until("messages", lambda found: len(found["messages"]) == 3, thread_ts=root)["messages"]
    assert [message["text"] for message in thread] == ["hi", "there", ""]
    info = (await client.files_info(file=file_id))["file"]
    share = info["shares"]["public"][GENERAL][0]
    assert (share["thread_ts"], share["ts"] > after["ts"]) == (root, True)
    assert (info["mimetype"], info["alt_txt"], info["title"]) == ("image/png", "a cat", "Cat")


async def test_several_uploads_make_one_message(slack: Script, client: AsyncWebClient) -> None:
    uploads = [{"content": picture(), "filename": f"{number}.png", "title": str(number)} for number in (1, 2)]
    await client.files_upload_v2(channel=GENERAL, file_uploads=uploads)
    slack.post("clock", advance=1)

    found = slack.until("messages", lambda answer: bool(answer["messages"]))["messages"]
    assert [[file["name"] for file in message["files"]] for message in found] == [["1.png", "2.png"]]


async def test_a_block_can_show_an_upload_only_after_slack_looked_at_it(
    slack: Script, client: AsyncWebClient
) -> None:
    done = await client.files_upload_v2(filename="cat.png", content=picture())
    file_id = done["file"]["id"]
    blocks = [{"type": "image", "slack_file": {"id": file_id}, "alt_text": "a cat"}]

    early = client.chat_postMessage(channel=GENERAL, text="cat", blocks=blocks)
    assert await refusal(early) == "invalid_blocks"
    slack.post("clock", advance=1)
    await client.chat_postMessage(channel=GENERAL, text="cat", blocks=blocks)


async def test_a_file_can_be_added_by_an_update(slack: Script, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="painting…")
    done = await client.files_upload_v2(filename="cat.png", content=picture())

    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="a cat", file_ids=[done["file"]["id"]])

    assert slack.message(GENERAL, posted["ts"])["files"][0]["name"] == "cat.png"
    missing = client.chat_update(channel=GENERAL, ts=posted["ts"], text="x", file_ids=["F0NOWHERE1"])
    assert await refusal(missing) == "file_not_found"


async def test_what_cannot_be_uploaded_is_refused(slack: Script, client: AsyncWebClient) -> None:
    assert await refusal(client.files_getUploadURLExternal(filename="a", length=0)) == "missing_argument"
    too_wordy = client.files_getUploadURLExternal(filename="a", length=1, alt_txt="x" * 1_001)
    assert await refusal(too_wordy) == "alt_txt_too_large"
    unfilled = await client.files_getUploadURLExternal(filename="a", length=1)
    never_sent = client.files_completeUploadExternal(files=[{"id": unfilled["file_id"], "title": "a"}])
    assert await refusal(never_sent) == "file_not_found"
    assert await refusal(client.api_call("files.upload")) == "method_deprecated"


async def test_a_file_goes_only_where_the_bot_is_a_member(client: AsyncWebClient) -> None:
    call = client.files_upload_v2(channel=RANDOM, filename="cat.png", content=picture())

    assert await refusal(call) == "not_in_channel"


async def test_an_upload_is_completed_once(client: AsyncWebClient) -> None:
    done = await client.files_upload_v2(filename="cat.png", content=picture())

    again = client.files_completeUploadExternal(files=[{"id": done["file"]["id"], "title": "a"}])

    assert await refusal(again) == "file_not_found"


async def test_bytes_of_another_length_are_not_taken(slack: Script, client: AsyncWebClient) -> None:
    place = await client.files_getUploadURLExternal(filename="a.png", length=10)

    answer = slack.http.post(place["upload_url"], content=b"short")

    assert answer.status_code == 400
    assert slack.get("counts")["violations"] == {"upload_length_differs": 1}
