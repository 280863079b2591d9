"""Says no to a request: in JSON, with a sentence in the reader's language."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from adapters.platforms.web.sentences import Sentence, preferred_locale, sentence
from bots.messages import language_of


class RequestRefused(Exception):
    """The request is not served; carries the HTTP status and the sentence to answer with."""

    def __init__(self, status: int, name: Sentence, *, limit: int = 0) -> None:
        super().__init__(name)
        self.status = status
        self.name: Sentence = name
        self.limit = limit


def locale_of(connection: HTTPConnection) -> str | None:
    """Tell the locale the browser asks for."""
    return preferred_locale(connection.headers.get("accept-language", ""))


def refusal(connection: HTTPConnection, refused: RequestRefused) -> JSONResponse:
    """Answer a refused request."""
    text = sentence(refused.name, language_of("", locale_of(connection)), limit=refused.limit)
    headers = {"Cache-Control": "no-store"}
    if refused.status == 503:
        headers["Retry-After"] = "2"
    return JSONResponse({"error": {"message": text}}, status_code=refused.status, headers=headers)


def require_same_site(connection: HTTPConnection) -> None:
    """Refuse what another site makes a browser send; scripts send neither header and pass.

    Raises RequestRefused.
    """
    if connection.headers.get("sec-fetch-site") == "cross-site":
        raise RequestRefused(403, "cross_site")
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
        raise RequestRefused(403, "cross_site")
