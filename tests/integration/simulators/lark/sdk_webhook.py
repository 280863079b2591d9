"""Receives webhooks with nothing but lark-oapi; run as a program by the tests.

Usage: sdk_webhook.py ENCRYPT_KEY VERIFICATION_TOKEN. It prints its port, then one JSON line for each event.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import lark_oapi as lark  # type: ignore[import-untyped]
from lark_oapi.core.model import RawRequest  # type: ignore[import-untyped]


def tell(**details: object) -> None:
    sys.stdout.write(json.dumps(details) + "\n")
    sys.stdout.flush()


def on_message(data: lark.im.v1.P2ImMessageReceiveV1) -> None:
    tell(what="received", content=data.event.message.content, chat_type=data.event.message.chat_type)


dispatcher = (
    lark.EventDispatcherHandler.builder(sys.argv[1], sys.argv[2])
    .register_p2_im_message_receive_v1(on_message)
    .build()
)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        request = RawRequest()
        request.uri = self.path
        request.headers = dict(self.headers.items())
        request.body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = dispatcher.do(request)
        tell(what="answered", status=answer.status_code, body=answer.content.decode())
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_arguments: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
tell(what="listening", port=server.server_port)
server.serve_forever()
