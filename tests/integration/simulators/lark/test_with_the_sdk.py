"""Lark's own SDK works with the simulator; it is the judge of the shapes."""

import base64
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from simulators.lark.config import Config

HERE = Path(__file__).parent
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4//8/AAX+Av6nmqCgAAAAAElFTkSuQmCC"
)


class Program:
    """A program made of the SDK; `next` waits for the line that tells of `what`."""

    def __init__(self, name: str, *arguments: str) -> None:
        command = [sys.executable, str(HERE / name), *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as out:
            for line in out:
                self.lines.put(line)

    def next(self, what: str) -> Any:
        seen = ""
        while True:
            try:
                seen += (line := self.lines.get(timeout=40))
            except queue.Empty:
                raise AssertionError(f"no {what} in:\n{seen}") from None
            if line.startswith("{") and (told := json.loads(line))["what"] == what:
                return told

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def test_the_sdk_hears_streams_closes_and_answers_clicks(start):
    lark = start(scopes=Config().scopes | {"im:message.group_msg"}, ping_interval=1)
    bot = Program("sdk_bot.py", lark.url, lark.config.app_id, lark.config.app_secret)
    try:
        lark.wait_for(lambda: lark.see("status")["connections"], 60)

        sent = lark.send(chat="Design", text="@Glimmer hello", manner={"fragments": 3})
        received = bot.next("received")
        assert received["content"] == {"text": "@_user_1 hello"}
        assert received["mentions"] == 1
        replied = bot.next("replied")
        assert replied["code"] == 0
        assert replied["thread_id"].startswith("omt_")
        assert [bot.next("content")["code"] for _ in range(3)] == [0, 0, 0]
        assert [bot.next("closed")["code"] for _ in range(2)] == [300317, 0]

        card = lark.see("cards")["cards"][0]
        assert card["text"] == "Hello **you**"
        assert not card["is_streaming"]
        reply = next(
            it for it in lark.see("messages")["messages"] if it["message_id"] == replied["message_id"]
        )
        assert reply["root_id"] == reply["parent_id"] == sent["message_id"]

        shown = lark.act("press", message_id=replied["message_id"], button="stop", user="Bob")
        assert bot.next("clicked")["value"] == {"a": "stop"}
        assert shown["toast"] == {"type": "info", "content": "stopping"}

        lark.send(
            type="image", attachments=[{"data": base64.b64encode(PNG).decode(), "media_type": "image/png"}]
        )
        assert bot.next("image") == {"what": "image", "bytes": len(PNG), "code": 0}

        lark.wait_for(lambda: lark.see("status")["connections"][0]["pings"] > 1)
        deliveries = lark.see("deliveries")["deliveries"]
        assert {it["state"] for it in deliveries} == {"acknowledged"}
        assert [it["code"] for it in lark.see("violations")["violations"]] == [300317]
    finally:
        bot.stop()


def test_the_sdk_verifies_decrypts_and_reads_webhooks(start):
    program = Program("sdk_webhook.py", key := "an encrypt key", Config().verification_token)
    try:
        url = f"http://127.0.0.1:{program.next('listening')['port']}/lark/events"
        lark = start(mode="webhook", request_url=url, encrypt_key=key)
        lark.send(chat="Design", text="@Glimmer 你好")
        challenge = program.next("answered")
        assert challenge["status"] == 200
        assert "challenge" in challenge["body"]
        received = program.next("received")
        assert json.loads(received["content"]) == {"text": "@_user_1 你好"}
        assert received["chat_type"] == "group"
        assert program.next("answered")["status"] == 200
        lark.wait_for(lambda: lark.see("deliveries")["deliveries"][0]["state"] == "acknowledged")
    finally:
        program.stop()
