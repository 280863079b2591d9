"""Imports the long connection of lark-oapi and nothing else of it.

``import lark_oapi``, of any part, loads the models of every API there is: 10,000 modules, seconds of CPU
time and 130 MB. The connection needs 60 of them.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_PACKAGE = "lark_oapi"
_DISPATCHER = (
    f"{_PACKAGE}.event.dispatcher_handler"  # names the models of all events; we read events ourselves
)


def import_client() -> ModuleType:
    """Import ``lark_oapi.ws.client``; raises ImportError."""
    name = f"{_PACKAGE}.ws.client"
    if _PACKAGE in sys.modules:
        return importlib.import_module(name)
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ImportError(_PACKAGE)
    folder = Path(spec.origin).parent
    stand_ins = {
        _PACKAGE: _empty_package(_PACKAGE, folder),
        f"{_PACKAGE}.event": _empty_package(f"{_PACKAGE}.event", folder / "event"),
        _DISPATCHER: ModuleType(_DISPATCHER),
    }
    stand_ins[_DISPATCHER].EventDispatcherHandler = object  # type: ignore[attr-defined] # the name is all it needs
    sys.modules.update(stand_ins)
    try:
        return importlib.import_module(name)
    finally:
        # Whoever imports lark_oapi later gets all of it.
        for stand_in in stand_ins:
            sys.modules.pop(stand_in, None)


def _empty_package(name: str, folder: Path) -> ModuleType:
    """Make a package that has its modules but none of what its ``__init__`` would load."""
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    return package
