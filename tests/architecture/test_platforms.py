"""Every platform's folder has the same shape, so that a reader who knows one knows all."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters import platforms
from adapters.plugin import PlatformPlugin

FOLDER = Path(platforms.__file__).parent
SHARED_FILES = {"__init__.py", "attachments.py", "events.py", "plugin.py", "settings.py", "writer.py"}
HEAVY = ("slack_bolt", "slack_sdk", "lark_oapi", "PIL")


def test_the_three_platforms_are_there():
    assert platforms.available() == ("lark", "slack", "web")


@pytest.mark.parametrize("name", platforms.available())
def test_a_platforms_folder_has_the_files_every_platform_has(name: str):
    assert {path.name for path in (FOLDER / name).glob("*.py")} >= SHARED_FILES


@pytest.mark.parametrize("name", platforms.available())
def test_a_platform_exports_its_plugin(name: str):
    plugin = platforms.load(name)

    assert isinstance(plugin, PlatformPlugin)
    assert plugin.name == name


@pytest.mark.parametrize("name", platforms.available())
def test_loading_a_platform_imports_no_vendors_sdk(name: str):
    """A worker that only writes must not pay for what only a gateway needs."""
    code = (
        "import sys; from adapters import platforms;"
        f"plugin = platforms.load({name!r}); plugin.settings();"
        f"print([one for one in {HEAVY!r} if one in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parents[1]
    )

    assert output.stdout.strip() == "[]"
