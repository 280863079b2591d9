"""Every endpoint there is."""

from simulators.lark import (
    app_endpoints,
    card_callbacks,
    card_endpoints,
    message_changes,
    message_reading,
    message_sending,
    resource_endpoints,
)

ENDPOINTS = (
    *app_endpoints.ENDPOINTS,
    *message_sending.ENDPOINTS,
    *message_changes.ENDPOINTS,
    *message_reading.ENDPOINTS,
    *resource_endpoints.ENDPOINTS,
    *card_endpoints.ENDPOINTS,
    *card_callbacks.ENDPOINTS,
)
# What a fault may be scripted for.
FAULT_POINTS = frozenset({"*", "ws.handshake"} | {endpoint.name for endpoint in ENDPOINTS})
