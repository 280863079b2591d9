"""Slack's words for a refusal and ours: a table of codes and one function (Slack docs, errors per method)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from bots.errors import (
    MessageNotEditable,
    PlatformDenied,
    PlatformError,
    PlatformOutcomeUnknown,
    PlatformRateLimited,
    PlatformUnavailable,
)

RETRY_AFTER_SECONDS = 5.0  # where Slack wants fewer calls and does not say for how long
RETRY_AFTER_SECONDS_MAX = 300.0


class StreamEnded(MessageNotEditable):
    """The streamed message is closed: too old, too long, or stopped."""


class StreamStopped(StreamEnded):
    """The reader pressed Slack's own stop button."""


class StillStreaming(PlatformUnavailable):
    """The message is still a stream, which ends by itself in some minutes; then it can be changed."""


class EditRefused(MessageNotEditable):
    """The message is there but may not be changed (any more)."""


class ContentRefused(PlatformDenied):
    """The message is too long, or a block of it is wrong."""


class FileUnknown(PlatformDenied):
    """Slack has no such file, or will not show it to us."""


_CODES: dict[type[PlatformError], tuple[str, ...]] = {
    PlatformRateLimited: ("ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"),
    # Nothing was done, and it may work soon; an expired token is replaced by whoever refreshes it.
    PlatformUnavailable: (
        "service_unavailable", "team_added_to_org", "external_channel_migrating", "token_expired",
        "update_failed", "org_login_required",
    ),
    # "Some aspect of the operation may have succeeded" (Slack docs, chat.postMessage).
    PlatformOutcomeUnknown: (
        "internal_error", "fatal_error", "request_timeout", "messaging_processing_failed",
        "file_update_failed",
    ),
    MessageNotEditable: ("message_not_found", "thread_not_found", "is_inactive", "block_mismatch"),
    EditRefused: ("cant_update_message", "edit_window_closed", "message_not_owned_by_app"),
    StillStreaming: ("streaming_state_conflict",),
    StreamEnded: ("message_not_in_streaming_state",),
    StreamStopped: ("stopped_by_user",),
    ContentRefused: (
        "msg_too_long", "msg_blocks_too_long", "msg_blocks_too_many", "no_text", "invalid_blocks",
        "invalid_blocks_format", "markdown_text_conflict", "invalid_chunks", "metadata_too_large",
        "invalid_metadata_format", "invalid_metadata_schema", "invalid_attachments",
        "only_one_table_allowed",
    ),
    FileUnknown: ("file_not_found", "file_deleted", "access_denied", "not_visible"),
    PlatformDenied: (
        "channel_not_found", "not_in_channel", "is_archived", "restricted_action",
        "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel", "restricted_action_thread_locked", "thread_locked",
        "cannot_reply_to_message", "invalid_thread_ts", "thread_ts_required", "messages_tab_disabled",
        "ekm_access_denied", "slack_connect_canvas_sharing_blocked", "slack_connect_blocked_file_type",
        "slack_connect_clip_sharing_blocked", "slack_connect_file_link_sharing_blocked",
        "slack_connect_file_upload_sharing_blocked", "slack_connect_lists_sharing_blocked",
        "team_not_found", "user_not_found", "app_access_restricted", "team_access_not_granted",
        "account_inactive", "token_revoked", "invalid_auth", "not_authed", "not_allowed_token_type",
        "missing_scope", "no_permission", "feature_disabled", "not_authorized", "access_restricted",
        "missing_recipient_team_id", "missing_recipient_user_id", "channel_type_not_supported",
        "not_subscribed_to_message_stream_stopped", "reserved_username", "session_not_found",
        "cant_delete_message", "cant_delete_file", "posting_to_channel_denied", "alt_txt_too_large",
        "file_upload_size_restricted", "file_uploads_disabled",
        "file_uploads_except_images_disabled", "file_type_not_allowed", "storage_limit_reached",
        "snippet_too_large", "max_file_sharing_exceeded", "missing_argument", "invalid_arguments",
        "unknown_method",
    ),
}  # fmt: skip
BY_CODE: dict[str, type[PlatformError]] = {code: ours for ours, codes in _CODES.items() for code in codes}


def refusal_of(status: int, body: Mapping[str, Any], retry_after: str = "") -> PlatformError:
    """Turn an answer that is not "ok" into our error; its ``detail`` is Slack's word, never a message text.

    A word that we do not know is a denial: Slack has understood the call and did not do it. A 5xx without a
    word may have come from in front of Slack or from behind, so the outcome is unknown.
    """
    code = str(body.get("error") or "")
    wait = _seconds(retry_after)
    if status == HTTPStatus.TOO_MANY_REQUESTS or BY_CODE.get(code) is PlatformRateLimited:
        return PlatformRateLimited(code or "ratelimited", retry_after=wait or RETRY_AFTER_SECONDS)
    if not code:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return PlatformOutcomeUnknown(f"http_{status}", retry_after=wait)
        return PlatformDenied(f"http_{status}")
    detail = f"{code}: {body['needed']}" if code == "missing_scope" and body.get("needed") else code
    return BY_CODE.get(code, PlatformDenied)(detail, retry_after=wait)


def _seconds(retry_after: str) -> float | None:
    """Read the header, in whole seconds; Slack sends no dates."""
    if not retry_after.isdigit():
        return None
    return min(float(retry_after), RETRY_AFTER_SECONDS_MAX)
