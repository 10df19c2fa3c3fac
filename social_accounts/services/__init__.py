"""Verbs of this app. Those that talk to a network hold no transaction while it answers."""
