"""One folder per chat platform, with the same file names in each; a folder becomes usable by existing."""

import importlib
import pkgutil
from importlib.util import find_spec
from typing import Any

from adapters.plugin import PlatformPlugin


def available() -> tuple[str, ...]:
    """Name every folder with a ``plugin`` module."""
    folders = (module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    return tuple(sorted(name for name in folders if find_spec(f"{__name__}.{name}.plugin")))


def load(name: str) -> PlatformPlugin[Any]:
    """Import one platform's ``plugin`` module; vendor SDKs are imported only when a side is opened."""
    plugin = importlib.import_module(f"adapters.platforms.{name}.plugin").PLUGIN
    if not isinstance(plugin, PlatformPlugin):
        raise TypeError(f"adapters.platforms.{name}.plugin has no PLUGIN")
    return plugin
