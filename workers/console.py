"""What ``up`` and ``demo`` show: one banner on standard output, the children's lines on standard error."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal, TextIO

from workers.logs import mask_secrets

NAME_WIDTH = 8
ROW_WIDTH = 12


class Console:
    """Writes for people (text) or for a collector (json: each line as it came)."""

    def __init__(
        self, style: Literal["text", "json"], *, banner: TextIO | None = None, lines: TextIO | None = None
    ) -> None:
        self._style = style
        self._banner = banner or sys.stdout
        self._lines = lines or sys.stderr

    def show(self, name: str, line: str) -> None:
        """Show one line of a child's output, secrets masked."""
        text = mask_secrets(line)
        _write(self._lines, text if self._style == "json" else f"{name:<{NAME_WIDTH}}| {text}")

    def announce(self, title: str, rows: Mapping[str, str]) -> None:
        """Show the banner; a value of several lines is set below itself."""
        lines = ["", f"  {title}", ""]
        for label, value in rows.items():
            first, *more = value.splitlines()
            lines.append(f"  {label:<{ROW_WIDTH}}{first}")
            lines += [" " * (ROW_WIDTH + 2) + line for line in more]
        _write(self._banner, "\n".join([*lines, "", "  Ctrl-C stops everything.", ""]))


def _write(stream: TextIO, text: str) -> None:
    with suppress(OSError):  # a closed terminal is no reason to stop answering
        stream.write(text + "\n")
        stream.flush()
