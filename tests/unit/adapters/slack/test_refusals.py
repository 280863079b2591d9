"""Slack's errors, as its method pages list them, and what the bot makes of each."""

import pytest

from adapters.platforms.slack.refusals import (
    BY_CODE,
    ContentRefused,
    EditRefused,
    StillStreaming,
    StreamEnded,
    StreamStopped,
    refusal_of,
)
from bots.errors import (
    MessageNotEditable,
    PlatformDenied,
    PlatformOutcomeUnknown,
    PlatformRateLimited,
    PlatformUnavailable,
)

# (Slack docs: chat.postMessage, chat.update, chat.*Stream, files.*, assistant.threads.setStatus.)
TABLE = [
    ("channel_not_found not_in_channel is_archived restricted_action", PlatformDenied),
    ("restricted_action_read_only_channel", PlatformDenied),
    ("restricted_action_thread_only_channel restricted_action_non_threadable_channel", PlatformDenied),
    ("restricted_action_thread_locked cannot_reply_to_message messages_tab_disabled", PlatformDenied),
    ("ekm_access_denied team_not_found app_access_restricted account_inactive token_revoked", PlatformDenied),
    ("invalid_auth not_authed missing_scope invalid_thread_ts reserved_username", PlatformDenied),
    ("missing_recipient_team_id missing_recipient_user_id user_not_found", PlatformDenied),
    ("channel_type_not_supported feature_disabled thread_ts_required not_authorized", PlatformDenied),
    ("slack_connect_file_upload_sharing_blocked slack_connect_file_link_sharing_blocked", PlatformDenied),
    ("alt_txt_too_large file_upload_size_restricted file_uploads_disabled", PlatformDenied),
    ("file_type_not_allowed", PlatformDenied),
    ("file_uploads_except_images_disabled storage_limit_reached missing_argument", PlatformDenied),
    ("posting_to_channel_denied max_file_sharing_exceeded snippet_too_large", PlatformDenied),
    ("msg_too_long msg_blocks_too_long no_text invalid_blocks invalid_blocks_format", ContentRefused),
    ("markdown_text_conflict metadata_too_large invalid_chunks", ContentRefused),
    ("ratelimited rate_limited message_limit_exceeded", PlatformRateLimited),
    ("internal_error fatal_error messaging_processing_failed file_update_failed", PlatformOutcomeUnknown),
    ("service_unavailable token_expired external_channel_migrating update_failed", PlatformUnavailable),
    ("message_not_found is_inactive block_mismatch", MessageNotEditable),
    ("cant_update_message edit_window_closed message_not_owned_by_app", EditRefused),
    ("streaming_state_conflict", StillStreaming),
    ("message_not_in_streaming_state", StreamEnded),
    ("stopped_by_user", StreamStopped),
]  # fmt: skip
ROWS = [(code, ours) for codes, ours in TABLE for code in codes.split()]


@pytest.mark.parametrize(("code", "ours"), ROWS)
def test_each_word_of_slacks_has_its_meaning(code, ours):
    refusal = refusal_of(200, {"ok": False, "error": code})
    assert type(refusal) is ours
    assert refusal.detail == code
    assert code in BY_CODE


def test_a_new_word_is_a_denial():
    assert type(refusal_of(200, {"ok": False, "error": "brand_new_word"})) is PlatformDenied


def test_a_429_waits_as_long_as_slack_says():
    assert refusal_of(429, {"ok": False, "error": "ratelimited"}, "17").retry_after == 17
    assert refusal_of(429, {}, "").retry_after == 5
    assert refusal_of(200, {"error": "rate_limited"}, "100000").retry_after == 300


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_page_of_html_leaves_the_outcome_open(status):
    assert type(refusal_of(status, {})) is PlatformOutcomeUnknown


def test_the_missing_scope_is_named():
    body = {"error": "missing_scope", "needed": "files:write", "provided": "chat:write"}
    assert refusal_of(200, body).detail == "missing_scope: files:write"
