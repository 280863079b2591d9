"""A fake is worth what the contract suite that holds it is worth."""

import ast
from collections.abc import Iterator

from tests.architecture.tree import ROOT, named


def fakes() -> Iterator[tuple[str, str]]:
    """Name each fake with its module: a public class with coroutines; plain records are no fakes."""
    for path in sorted((ROOT / "tests" / "fakes").rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
                continue
            if any(isinstance(part, ast.AsyncFunctionDef) for part in ast.walk(node)):
                yield named(path), node.name


def names_in_contracts() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tests" / "contracts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
    return found


def test_every_fake_is_held_to_a_contract():
    used = names_in_contracts()
    found = list(fakes())
    assert found
    assert not [f"{module}: {name}" for module, name in found if name not in used]
