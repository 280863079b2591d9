"""A strict stand-in for Slack: it refuses what Slack's documents say Slack refuses."""
