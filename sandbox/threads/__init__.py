"""Threads, API v1.0, below ``/-/threads``."""
