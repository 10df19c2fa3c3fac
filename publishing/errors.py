"""Refusals that several files of this floor raise."""

from __future__ import annotations


class UnusableMedia(ValueError):
    """The file cannot be part of a post. The message says why and is for the person."""
