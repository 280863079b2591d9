"""The lock fits pyproject.toml and can be used anywhere."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUNTIME = PROJECT["project"]["dependencies"]
DEVELOPMENT = PROJECT["dependency-groups"]["dev"]
LOCKS = ("requirements.lock", "requirements.runtime.lock")


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("lock", "wanted"), [(LOCKS[0], [*RUNTIME, *DEVELOPMENT]), (LOCKS[1], RUNTIME)], ids=LOCKS
)
def test_every_dependency_is_pinned_to_a_version_that_fits(lock, wanted):
    pinned = pins(lock)
    for text in wanted:
        requirement = Requirement(text)
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{text} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(version, prereleases=True), f"{text}, but {lock} has {version}"


def test_the_image_gets_the_versions_that_were_tested():
    tested = pins("requirements.lock")
    assert not {
        name: version
        for name, version in pins("requirements.runtime.lock").items()
        if tested[name] != version
    }


def test_the_image_gets_no_development_tools():
    runtime = pins("requirements.runtime.lock")
    assert not {Requirement(text).name for text in DEVELOPMENT} & set(runtime)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_download_from(lock):
    """Such a place would be that of the machine that made the lock."""
    text = (ROOT / lock).read_text("utf-8")
    assert not re.findall(r"^(?:--\S+|.*(?:https?|file)://.*|.* @ .*)$", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_its_hashes(lock):
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert not [entry.partition("\n")[0] for entry in entries if "--hash=sha256:" not in entry]
