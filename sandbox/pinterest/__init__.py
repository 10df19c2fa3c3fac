"""Pinterest's API v5 as of OpenAPI 5.23.0 (December 2025), below ``/-/pinterest``."""
