"""Addresses (slugs) made from names."""

from __future__ import annotations

from collections.abc import Container

from django.utils.text import slugify

from orgs.models import RESERVED_SLUGS, Organization

FALLBACK = "organization"
MAX_TRIES = 1_000


def propose_slug(name: str) -> str:
    """Return a free address for an organization of this name: "acme", or "acme-2" when that is taken."""
    wanted = slugify(name)[:34].strip("-") or FALLBACK
    taken = set(Organization.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return first_free(wanted, taken | RESERVED_SLUGS)


def first_free(wanted: str, taken: Container[str]) -> str:
    """Return the wanted slug, or the first of wanted-2, wanted-3, ... that is not taken."""
    if wanted not in taken:
        return wanted
    return next(
        candidate for number in range(2, MAX_TRIES) if (candidate := f"{wanted}-{number}") not in taken
    )
