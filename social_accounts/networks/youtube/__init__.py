"""YouTube: Data API v3 (discovery document of November 2026), OAuth of Google with PKCE and offline access."""
