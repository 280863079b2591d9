"""What a worker must not carry: the SDK costs it seconds and 170 MB."""

import subprocess
import sys

LOOK = """
import sys
import adapters.platforms.lark.plugin
import adapters.platforms.lark.writing
heavy = {"lark_oapi", "requests", "websockets"}
print(sorted(name for name in sys.modules if name.partition(".")[0] in heavy))
"""


def test_the_writing_side_never_imports_the_sdk():
    command = [sys.executable, "-c", LOOK]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
