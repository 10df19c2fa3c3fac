"""Mastodon: every server is its own network; nothing about one server may be assumed of another."""
