"""``.env.example`` is the operators' reference: complete, commented, and true."""

import ast
import importlib
import re
from collections.abc import Iterator

import pytest
from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from tests.architecture.tree import ROOT, files, named

EXAMPLE = (ROOT / ".env.example").read_text("utf-8").splitlines()
VARIABLE = re.compile(r"#?([A-Z][A-Z0-9_]*)=(.*)")
# The operating system sets these; they are not for a project's .env.
SET_BY_THE_SYSTEM = {"UserDirectories"}


def settings_classes() -> list[type[BaseSettings]]:
    for path in files(".py"):
        module = named(path).removesuffix(".py").replace("/", ".")
        if module.startswith(("adapters.", "workers.")) and "BaseSettings" in path.read_text("utf-8"):
            importlib.import_module(module)
    found = [
        settings
        for settings in descendants(BaseSettings)
        if settings.__module__.partition(".")[0] in {"adapters", "workers"}
        and settings.__name__ not in SET_BY_THE_SYSTEM
    ]
    return sorted(found, key=lambda settings: (settings.__module__, settings.__name__))


def descendants(parent: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
    for child in parent.__subclasses__():
        yield child
        yield from descendants(child)


def variables_of(settings: type[BaseSettings], name: str, field: FieldInfo) -> set[str]:
    """Name the environment variables of a field, in capitals."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return {choice.upper() for choice in alias.choices if isinstance(choice, str)}
    if isinstance(alias, str):
        return {alias.upper()}
    return {(settings.model_config.get("env_prefix", "") + name).upper()}


CLASSES = settings_classes()
KNOWN = {
    variable: f"{settings.__name__}.{name}"
    for settings in CLASSES
    for name, field in settings.model_fields.items()
    for variable in variables_of(settings, name, field)
}
SHOWN = {match[1]: match[2] for line in EXAMPLE if (match := VARIABLE.fullmatch(line))}


def test_every_setting_is_in_the_example():
    assert KNOWN
    assert not {variable: owner for variable, owner in KNOWN.items() if variable not in SHOWN}


def test_everything_in_the_example_is_a_setting():
    assert SHOWN
    assert not set(SHOWN) - set(KNOWN)


def test_every_variable_is_shown_once_and_with_a_comment_above():
    previous = ""
    seen: set[str] = set()
    for line in EXAMPLE:
        match = VARIABLE.fullmatch(line)
        if match:
            assert match[1] not in seen, f"{match[1]} is there twice"
            assert previous.startswith("# "), f"{match[1]} has no comment above"
            seen.add(match[1])
        previous = line


def test_no_settings_are_built_without_the_env_file():
    """What an operator writes into ``.env`` must not count for some variables, or in some processes, only."""
    forgetful = {settings.__name__ for settings in CLASSES if settings.model_config.get("env_file") != ".env"}
    found = [
        f"{named(path)}:{node.lineno}: {node.func.id}"
        for path in files(".py")
        if path.is_relative_to(ROOT / "adapters") or path.is_relative_to(ROOT / "workers")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in forgetful
        if not any(keyword.arg == "_env_file" for keyword in node.keywords)
    ]
    assert not found


@pytest.mark.parametrize("settings", CLASSES, ids=lambda settings: settings.__name__)
def test_the_example_shows_the_defaults(settings, monkeypatch):
    """So a copy with every line uncommented changes nothing; an empty value counts as unset."""
    for variable in KNOWN:
        monkeypatch.delenv(variable, raising=False)
    untouched = settings(_env_file=None)
    for variable, value in SHOWN.items():
        monkeypatch.setenv(variable, value)
    assert settings(_env_file=None) == untouched
