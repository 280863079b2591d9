"""What an operator is told about the developer console is what the bot understands and needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.platforms.lark.events import CALLBACKS, EVENTS
from adapters.platforms.lark.scopes import OPTIONAL_SCOPE, SCOPES, scopes_json, subscriptions
from adapters.platforms.lark.settings import LarkSettings

HOW_TO = Path(__file__).parents[4] / "docs" / "lark.md"


def test_the_scopes_can_be_imported_as_they_are():
    imported = json.loads(scopes_json())
    assert imported == {"scopes": {"tenant": list(SCOPES), "user": []}}
    assert OPTIONAL_SCOPE not in imported["scopes"]["tenant"]
    assert OPTIONAL_SCOPE in json.loads(scopes_json(reads_groups=True))["scopes"]["tenant"]


def test_the_how_to_names_every_scope_event_and_callback():
    page = HOW_TO.read_text("utf-8")
    told = subscriptions()
    assert not [name for name in (*SCOPES, OPTIONAL_SCOPE, *EVENTS, *CALLBACKS) if f"`{name}`" not in page]
    assert not [name for name in (*EVENTS, *CALLBACKS) if name not in told]


def test_a_worker_never_loads_the_sdk():
    """It costs seconds and more memory than the rest of a worker."""
    program = (
        "import sys, adapters.platforms.lark.plugin, adapters.platforms.lark.writing;"
        "sys.exit(any(name.startswith(('lark_oapi', 'websockets')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_gateway_loads_the_connection_of_the_sdk_and_not_its_apis():
    program = (
        "import sys, adapters.platforms.lark.sdk_client as ours;"
        "assert ours.sdk.__name__ == 'lark_oapi.ws.client';"
        "assert not [name for name in sys.modules if name.startswith('lark_oapi.api')];"
        "from lark_oapi.api.im.v1 import GetMessageRequest"  # whoever wants all of it still gets it
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)


@pytest.mark.parametrize(
    ("domain", "kept"),
    [("https://open.larksuite.com/", "https://open.larksuite.com"), ("http://127.0.0.1:9103", None)],
)
def test_the_domain_may_be_feishu_lark_or_a_simulator(domain: str, kept: str | None):
    assert LarkSettings(_env_file=None, domain=domain).domain == (kept or domain)


@pytest.mark.parametrize(
    "domain", ["open.feishu.cn", "ftp://open.feishu.cn", "https://open.feishu.cn/open-apis"]
)
def test_a_domain_that_is_none_is_refused(domain: str):
    with pytest.raises(ValueError, match="It is an address such as"):
        LarkSettings(_env_file=None, domain=domain)


def test_lark_is_on_with_an_app_and_its_secret_only():
    assert not LarkSettings(_env_file=None, app_id="cli_1").is_on
    assert LarkSettings(_env_file=None, app_id="cli_1", app_secret="s").is_on


def test_admins_are_read_from_one_line(monkeypatch):
    monkeypatch.setenv("LARK_ADMINS", "ou_1, ou_2,")
    assert LarkSettings(_env_file=None).admins == ("ou_1", "ou_2")
