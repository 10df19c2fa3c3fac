"""X's API v2 as of OpenAPI 2.167 (August 2026), below ``/-/x``."""
