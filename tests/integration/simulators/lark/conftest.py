"""A running simulator, and a client for both of its sides."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from simulators.lark.app import create_app
from simulators.lark.config import Config
from simulators.serving import serve


class Lark:
    """Speaks to the simulator: as the bot through `api`, as everybody else through `act` and `see`."""

    def __init__(self, url: str, config: Config) -> None:
        self.url = url
        self.config = config
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)
        answer = self.http.post(
            "/open-apis/auth/v3/tenant_access_token/internal",
            json={"app_id": config.app_id, "app_secret": config.app_secret},
        ).json()
        self.token = answer["tenant_access_token"]

    def api(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.http.request(method, f"/open-apis{path}", json=body, headers=headers, **options)

    def code(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        return self.api(method, path, body, **options).json()["code"]

    def data(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self.api(method, path, body, **options).json()
        assert answer["code"] == 0, answer
        return answer["data"]

    def act(self, command: str, **body: Any) -> Any:
        response = self.http.post(f"/_sim/{command}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def see(self, view: str, **query: str) -> Any:
        return self.http.get(f"/_sim/{view}", params=query).json()

    def wait_for(self, seen: Callable[[], Any], seconds: float = 30) -> Any:
        """Look again and again until there is something to see."""
        deadline = time.monotonic() + seconds
        while not (found := seen()):
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.02)
        return found

    def chat_id(self, name: str) -> Any:
        return next(chat["chat_id"] for chat in self.see("chats")["chats"] if chat["name"] == name)

    def send(self, **body: Any) -> Any:
        return self.act("messages", **{"chat": "Alice", **body})

    def say(self, content: Any, chat: str = "Alice", msg_type: str = "text", **body: Any) -> httpx.Response:
        """Let the bot send to a chat."""
        receive = {
            "receive_id": self.chat_id(chat),
            "msg_type": msg_type,
            "content": json.dumps(content),
            **body,
        }
        return self.api("POST", "/im/v1/messages?receive_id_type=chat_id", receive)


@pytest.fixture
def start() -> Iterator[Callable[..., Lark]]:
    """Start simulators with any settings."""
    running: list[tuple[Any, Lark]] = []

    def run(**settings: Any) -> Lark:
        config = Config(**settings)
        server = serve(create_app(config))
        lark = Lark(server.__enter__(), config)
        running.append((server, lark))
        return lark

    yield run
    for server, lark in running:
        lark.http.close()
        server.__exit__(None, None, None)


@pytest.fixture
def lark(start: Callable[..., Lark]) -> Lark:
    """One simulator as it comes."""
    return start()
