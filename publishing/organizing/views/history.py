"""The versions of a post: every one, the difference between any two, and bringing one back."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from orgs.views.base import ActView, OrganizationView
from publishing.models import Post, PostVersion
from publishing.organizing.difference import difference, steps_of
from publishing.rights import may_change_post, require_change_post
from publishing.selectors.organizing import organizing_of, readable_posts
from publishing.services.posts import EDITABLE, CannotChange
from publishing.services.restoring import CannotRestore, restore_version
from publishing.states import StateError
from ui.addresses import id_in

VERSIONS_PER_PAGE = 25


class PostView(OrganizationView):
    """A view of a post the person may read; who may not gets 404."""

    listing = "profile.view_posts"

    @cached_property
    def post_shown(self) -> Post:
        posts = readable_posts(self.access, self.organization)
        post: Post = get_object_or_404(posts.select_related("author"), pk=self.kwargs["pk"])
        return post


class History(PostView):
    """Its versions, newest first, each with what it changed; ``?from=2&to=5`` compares two."""

    template_name = "publishing/organizing/history.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        post = self.post_shown
        versions = post.versions.select_related("saved_by").order_by("-number")
        page = Paginator(versions, VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
        shown = list(page.object_list)
        numbers = list(versions.values_list("number", flat=True))
        return self.page(
            post=post,
            order=organizing_of(self.access, self.organization, post),
            pictures=list(post.media.order_by("position")),
            page=page,
            steps=self.steps(shown, numbers),
            numbers=numbers,
            latest=numbers[0] if numbers else None,
            may_restore=self.may_restore(),
            **self.compared(numbers),
        )

    def steps(self, shown: list[PostVersion], numbers: list[int]) -> list[Any]:
        """Return the shown versions with what each changed; the page's last is compared with the one before it."""
        if not shown:
            return []
        older = [number for number in numbers if number < shown[-1].number][:1]
        before = list(self.post_shown.versions.filter(number__in=older))
        return steps_of([*shown, *before])[: len(shown)]

    def compared(self, numbers: list[int]) -> dict[str, Any]:
        """Return the two versions to compare: those asked for, else the last two."""
        asked = [id_in(self.request.GET.get(name, "")) for name in ("from", "to")]
        if len(numbers) < 2:
            return {"difference": None, "compared": []}
        newest = asked[1] if asked[1] in numbers else numbers[0]
        older = [number for number in numbers if number < newest] or numbers[-1:]
        oldest = asked[0] if asked[0] in numbers else older[0]
        found = difference(self.post_shown, oldest, newest)
        return {"difference": found, "compared": [oldest, newest]}

    def may_restore(self) -> bool:
        post = self.post_shown
        is_changeable = not post.publications.exclude(state__in=EDITABLE).exists()
        return is_changeable and may_change_post(self.access, post)


class Restoration(PostView, ActView):
    """Making the post say again what it said in an older version."""

    mendable = (CannotRestore, CannotChange, StateError)

    def act(self) -> HttpResponse:
        post = self.post_shown
        require_change_post(self.access, post)
        given = self.request.POST
        number = id_in(given.get("number", "")) or 0
        restore_version(
            actor=self.access,
            post=post,
            number=number,
            version=id_in(given.get("version", "")) or 0,
            now=timezone.now(),
        )
        self.say(_("Version %(number)d is back, as a new version.") % {"number": number})
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("post_history", self.post_shown.pk)
