"""Bluesky: a personal data server, its authorization server and the PLC directory, on one origin (lexicons 2026-08)."""
