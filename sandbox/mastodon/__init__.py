"""The Mastodon API as documented in July 2026 (4.6)."""
