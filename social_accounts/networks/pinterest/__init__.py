"""Pinterest, API v5 as of OpenAPI 5.23.0 (December 2025): Pins, and the boards they are on."""
