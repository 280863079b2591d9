"""Sizes, names and borders of the tree."""

import importlib.metadata
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, files, named

MAX_LINES = 300
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|base|common|core|managers?|misc|shared)$")
# A user's directory or a build machine's mount does not exist where this is read.
MACHINE_PATHS = re.compile(r"(?<![\w.$}:*-])/(?:work|root|Users|opt/\w+|home/(?!glimmer\b)\w+)(?:/|\b(?!-))")


def test_no_module_is_longer_than_a_reader_can_hold():
    lengths = {named(path): len(path.read_text("utf-8").splitlines()) for path in files(".py", ".js", ".mjs")}
    assert len(lengths) > 50
    assert not {name: length for name, length in lengths.items() if length > MAX_LINES}


def test_module_names_say_what_is_inside():
    assert not [named(path) for path in files(".py", ".js", ".mjs", ".lua") if VAGUE_NAMES.search(path.stem)]


def test_no_text_names_a_path_of_one_machine():
    found = [
        f"{named(path)}:{number}: {line.strip()[:100]}"
        for path in files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if MACHINE_PATHS.search(line)
    ]
    assert not found


@pytest.mark.parametrize("folder", ["root", "work", "home", "Users"])
def test_such_a_path_would_be_found(folder):
    assert MACHINE_PATHS.search(f"see /{folder}/someone/notes.md")


@pytest.mark.parametrize("package", PACKAGES)
def test_nobody_else_provides_our_top_level_packages(package):
    """Pip overwrites files of the same name without a word, and the names are common."""
    providers = set(importlib.metadata.packages_distributions().get(package, ()))
    assert providers <= {"glimmer"}
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None, f"{package} has no __init__.py"
    assert Path(spec.origin).is_relative_to(ROOT)


def test_imports_point_one_way_only():
    program = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([program, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_changelog_has_a_place_for_the_next_change():
    heads = re.findall(r"^## .*$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads[0] == "## [Unreleased]"


def test_every_page_of_the_documentation_is_in_its_index():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert not {page for page in pages - {"README.md"} if f"({page})" not in index}


@pytest.mark.parametrize(
    "page", [path for path in files(".md") if path.parent in {ROOT, ROOT / "docs"}], ids=named
)
def test_links_inside_the_project_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]
