"""Which profiles an entry of the audit log about a post or publication concerns: for "last used" in access reviews."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from publishing.models import Publication


def profiles_of_publications(ids: Collection[int]) -> Iterable[tuple[int, int]]:
    """Yield (id of the publication, id of its profile)."""
    return Publication.objects.filter(pk__in=ids).values_list("pk", "profile_id")


def profiles_of_posts(ids: Collection[int]) -> Iterable[tuple[int, int]]:
    """Yield (id of the post, id of a profile it goes out on)."""
    return Publication.objects.filter(post__in=ids).values_list("post_id", "profile_id")
