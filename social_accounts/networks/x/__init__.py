"""X: API v2 (OpenAPI 2.167, August 2026), OAuth 2.0 with PKCE."""
