"""The project's own files, as the house rules see them."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bots", "adapters", "workers", "simulators")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "scripts", "docs", ".ci")
_TEXTS = {
    ".py",
    ".js",
    ".mjs",
    ".lua",
    ".html",
    ".css",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".json",
    ".lock",
    ".txt",
    "",
}


def files(*suffixes: str) -> Iterator[Path]:
    """List our files with these suffixes (any text if none); what lies in a vendor folder is not ours."""
    wanted = set(suffixes) or _TEXTS
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*")
    for path in sorted(found):
        is_ours = "vendor" not in path.parts and "__pycache__" not in path.parts and path.name != ".env"
        if path.is_file() and path.suffix in wanted and is_ours:
            yield path


def named(path: Path) -> str:
    """Name a file from the project's root."""
    return path.relative_to(ROOT).as_posix()
