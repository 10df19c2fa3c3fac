"""Threads: its own API v1.0, with the manners of the Graph API."""
