"""What ``up`` and ``demo`` show."""

import io

from workers.console import Console


class ClosedTerminal(io.StringIO):
    """A terminal whose window is gone."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_childs_line_has_its_name_in_front_and_no_secret():
    lines = io.StringIO()
    Console("text", lines=lines).show("worker", "sent Bearer abc")
    assert lines.getvalue() == "worker  | sent Bearer ***\n"


def test_json_lines_stay_json():
    lines = io.StringIO()
    Console("json", lines=lines).show("worker", '{"message": "ready"}')
    assert lines.getvalue() == '{"message": "ready"}\n'


def test_the_banner_aligns_its_rows():
    banner = io.StringIO()
    Console("text", banner=banner).announce("Up.", {"Playground": "http://x/", "Redis": "one\ntwo"})
    assert "  Playground  http://x/\n  Redis       one\n              two\n" in banner.getvalue()


def test_a_closed_terminal_is_no_reason_to_stop():
    console = Console("text", banner=ClosedTerminal(), lines=ClosedTerminal())
    console.show("worker", "ready")
    console.announce("Up.", {"Playground": "http://x/"})
