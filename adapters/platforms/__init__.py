"""One folder per chat platform, with the same file names in each; a folder becomes usable by existing."""

import importlib
import pkgutil
from typing import Any

from adapters.plugin import PlatformPlugin


def available() -> tuple[str, ...]:
    """Name every platform there is a folder for."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def load(name: str) -> PlatformPlugin[Any]:
    """Import one platform's ``plugin`` module; vendor SDKs are imported only when a side is opened."""
    plugin = importlib.import_module(f"adapters.platforms.{name}.plugin").PLUGIN
    if not isinstance(plugin, PlatformPlugin):
        raise TypeError(f"adapters.platforms.{name}.plugin has no PLUGIN")
    return plugin
