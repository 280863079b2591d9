"""What we start: the gateway, the worker, and the one command that runs both."""
