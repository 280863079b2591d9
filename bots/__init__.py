"""What the bot decides: no I/O, no clock but the Clock port, no vendor names."""
