"""``GET /``: a page that shows what is in flight and refreshes itself."""

from pathlib import Path

STATUS_PAGE = Path(__file__).with_name("status.html").read_text("utf-8")
