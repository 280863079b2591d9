"""Strict stand-ins for the services Glimmer talks to; they share no code with it."""
