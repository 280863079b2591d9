"""Slack: everything that knows its API."""
