"""YouTube's Data API v3 as of its discovery document of November 2026, below ``/-/youtube``. Accounts are channels."""
