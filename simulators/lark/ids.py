"""Identifiers that look like Lark's."""

import hashlib
import secrets


def new_id(prefix: str) -> str:
    """Make an identifier such as ``om_4f…`` (`prefix` with its underscore or dash)."""
    return prefix + secrets.token_hex(16)


def new_card_id() -> str:
    """Make the identifier of a card entity: digits, at most 20 of them."""
    return "7" + "".join(secrets.choice("0123456789") for _ in range(18))


def id_of(prefix: str, name: str) -> str:
    """Make the identifier of a name, the same in every run."""
    return prefix + hashlib.sha256(name.encode()).hexdigest()[:32]
