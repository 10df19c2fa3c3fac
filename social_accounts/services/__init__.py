"""Verbs of this app. Those that talk to a network hold no transaction meanwhile and open the organization themselves."""
