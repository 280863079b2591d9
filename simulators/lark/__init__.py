"""A strict stand-in for the Lark/Feishu open platform, as far as a chat bot meets it."""
