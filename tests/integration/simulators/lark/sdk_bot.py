"""A small bot made of nothing but lark-oapi, Lark's own SDK; run as a program by the tests.

Usage: sdk_bot.py BASE_URL APP_ID APP_SECRET. It prints one JSON line for each thing that happened.
"""

import asyncio
import io
import json
import queue
import sys
import threading
from typing import Any

import lark_oapi as lark  # type: ignore[import-untyped]
import lark_oapi.ws.client as ws_client  # type: ignore[import-untyped]
from lark_oapi.api.cardkit.v1 import (  # type: ignore[import-untyped]
    ContentCardElementRequest,
    ContentCardElementRequestBody,
    CreateCardRequest,
    CreateCardRequestBody,
    SettingsCardRequest,
    SettingsCardRequestBody,
)
from lark_oapi.api.im.v1 import (  # type: ignore[import-untyped]
    CreateImageRequest,
    CreateImageRequestBody,
    GetMessageRequest,
    GetMessageResourceRequest,
    P2ImMessageReceiveV1,
    ReplyMessageRequest,
    ReplyMessageRequestBody,
)
from lark_oapi.event.callback.model.p2_card_action_trigger import (  # type: ignore[import-untyped]
    P2CardActionTrigger,
    P2CardActionTriggerResponse,
)

BASE_URL, APP_ID, APP_SECRET = sys.argv[1:4]
CARD = {
    "schema": "2.0",
    "config": {"streaming_mode": True, "summary": {"content": ""}},
    "body": {
        "elements": [
            {"tag": "markdown", "element_id": "md", "content": ""},
            {
                "tag": "button",
                "element_id": "stop",
                "text": {"tag": "plain_text", "content": "Stop"},
                "behaviors": [{"type": "callback", "value": {"a": "stop"}}],
            },
        ]
    },
}

received: queue.Queue[Any] = queue.Queue()
client = lark.Client.builder().app_id(APP_ID).app_secret(APP_SECRET).domain(BASE_URL).build()


def tell(what: str, **details: object) -> None:
    sys.stdout.write(json.dumps({"what": what, **details}) + "\n")
    sys.stdout.flush()


def on_message(data: P2ImMessageReceiveV1) -> None:
    received.put(data.event)


def on_click(data: P2CardActionTrigger) -> P2CardActionTriggerResponse:
    tell("clicked", value=data.event.action.value, by=data.event.operator.open_id)
    return P2CardActionTriggerResponse({"toast": {"type": "info", "content": "stopping"}})


def answer(event) -> None:
    message = event.message
    tell(
        "received",
        type=message.message_type,
        content=json.loads(message.content),
        mentions=len(message.mentions or []),
    )
    if message.message_type == "image":
        answer_image(message)
        return
    body = CreateCardRequestBody.builder().type("card_json").data(json.dumps(CARD)).build()
    card_id = client.cardkit.v1.card.create(
        CreateCardRequest.builder().request_body(body).build()
    ).data.card_id
    content = json.dumps({"type": "card", "data": {"card_id": card_id}})
    body = (
        ReplyMessageRequestBody.builder()
        .msg_type("interactive")
        .content(content)
        .reply_in_thread(True)
        .build()
    )
    reply = client.im.v1.message.reply(
        ReplyMessageRequest.builder().message_id(message.message_id).request_body(body).build()
    )
    tell("replied", code=reply.code, message_id=reply.data.message_id, thread_id=reply.data.thread_id)
    for sequence, text in enumerate(("Hel", "Hello", "Hello **you**"), start=1):
        body = (
            ContentCardElementRequestBody.builder()
            .content(text)
            .sequence(sequence)
            .uuid(f"u{sequence}")
            .build()
        )
        request = (
            ContentCardElementRequest.builder().card_id(card_id).element_id("md").request_body(body).build()
        )
        tell("content", code=client.cardkit.v1.card_element.content(request).code)
    settings = json.dumps({"config": {"streaming_mode": False}})
    for sequence in (3, 4):  # the first repeats a sequence
        body = SettingsCardRequestBody.builder().settings(settings).sequence(sequence).build()
        request = SettingsCardRequest.builder().card_id(card_id).request_body(body).build()
        tell("closed", code=client.cardkit.v1.card.settings(request).code)


def answer_image(message) -> None:
    found = client.im.v1.message.get(GetMessageRequest.builder().message_id(message.message_id).build())
    key = json.loads(found.data.items[0].body.content)["image_key"]
    request = (
        GetMessageResourceRequest.builder().message_id(message.message_id).file_key(key).type("image").build()
    )
    picture = client.im.v1.message_resource.get(request).file.read()
    body = (
        CreateImageRequestBody.builder()
        .image_type("message")
        .image(("a.png", io.BytesIO(picture), "image/png"))
    )
    uploaded = client.im.v1.image.create(CreateImageRequest.builder().request_body(body.build()).build())
    body = ReplyMessageRequestBody.builder().msg_type("image")
    body = body.content(json.dumps({"image_key": uploaded.data.image_key})).build()
    reply = client.im.v1.message.reply(
        ReplyMessageRequest.builder().message_id(message.message_id).request_body(body).build()
    )
    tell("image", bytes=len(picture), code=reply.code)


def listen() -> None:
    # The SDK keeps the loop of whoever imports it; it needs one of its own.
    ws_client.loop = asyncio.new_event_loop()
    asyncio.set_event_loop(ws_client.loop)
    handler = lark.EventDispatcherHandler.builder("", "")
    handler = handler.register_p2_im_message_receive_v1(on_message).register_p2_card_action_trigger(on_click)
    ws_client.Client(APP_ID, APP_SECRET, event_handler=handler.build(), domain=BASE_URL).start()


threading.Thread(target=listen, daemon=True).start()
while True:
    answer(received.get())
