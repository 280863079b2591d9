"""How Lark says no: a code in the body, an HTTP status beside it."""

from collections.abc import Mapping

# Business errors are HTTP 400 with a JSON body; these differ.
HTTP_STATUSES: Mapping[int, int] = {99991400: 429, 99991403: 429, 234002: 401, 2200: 500}


class Refused(Exception):
    """Lark does not do what was asked; `code` says why, `details` go into the body's `error`."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        details: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.http_status = HTTP_STATUSES.get(code, 400)
        self.details = dict(details or {})
        self.headers = dict(headers or {})


class CardRefused(Refused):
    """A card is not acceptable; CardKit answers the code itself, the message API wraps it in 230099."""

    def wrapped(self) -> Refused:
        """Give the error as the message API tells it (message create docs, 230099)."""
        code = CODES_IN_MESSAGES.get(self.code, self.code)
        return Refused(
            230099, f"Failed to create card content, ext=ErrCode: {code}; ErrMsg: {self.message}; "
        )


# The message API knows the older card service's codes for what CardKit numbers anew.
CODES_IN_MESSAGES: Mapping[int, int] = {200220: 200621, 300305: 11310, 300303: 200621, 300307: 200621}


def invalid_field(name: str, description: str) -> Refused:
    """Refuse a request whose field has the wrong shape (99992402, with `field_violations`)."""
    violation = {"field": name, "description": description}
    return Refused(99992402, "field validation failed", details={"field_violations": [violation]})


def invalid_parameter(extra: str) -> Refused:
    """Refuse a message request (230001); `extra` says which parameter."""
    return Refused(230001, f"Your request contains an invalid request parameter, ext={extra}")
