"""Reads that join several models for one screen, or for one question."""

from __future__ import annotations

from orgs.selectors.people import organizations_of, people_to_ask
from orgs.selectors.standing import people_with_standing, standings

__all__ = ["organizations_of", "people_to_ask", "people_with_standing", "standings"]
