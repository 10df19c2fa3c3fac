"""The drafts, in their drawers."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.views.base import ActView, OrganizationView, see_other
from publishing.label_rights import SET_STATUS
from publishing.models import DraftCategory, DraftStatus, Post
from publishing.rights import may_change
from publishing.selectors.organizing import (
    Narrowing,
    authors_of,
    categories,
    drafts_of,
    field_filters,
    fields_offered,
    labels_offered,
    organized,
    readable_posts,
    visible_campaigns,
)
from publishing.services.organizing import CannotOrganize, sort_draft
from publishing.services.posts import CannotChange, delete_post
from publishing.views.common import next_or
from ui.addresses import id_in

DRAFTS_PER_PAGE = 60


@dataclass(frozen=True)
class DraftCard:
    post: Post
    may_edit: bool
    may_delete: bool


@dataclass
class Drawer:
    """A category with its drafts; ``category`` None holds those without one."""

    category: DraftCategory | None
    cards: list[DraftCard] = field(default_factory=list)


class Drafts(OrganizationView):
    """Every draft the person may see, grouped by category, narrowed by the address."""

    listing = "profile.view_posts"
    template_name = "publishing/organizing/drafts.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        everything = drafts_of(self.access, self.organization)
        wanted = Narrowing.read(request.GET)
        found = organized(wanted.of(everything), self.access, self.organization)
        page = Paginator(found, DRAFTS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            page=page,
            drawers=self.drawers(list(page.object_list)),
            wanted=wanted,
            categories=list(categories()),
            statuses=DraftStatus.choices,
            authors=list(authors_of(everything)),
            labels=list(labels_offered(self.access, self.organization)),
            campaigns=list(visible_campaigns(self.access)),
            fields=field_filters(fields_offered(self.access, self.organization), wanted),
            may_set_status=self.access.can(SET_STATUS, self.organization),
            may_see_categories=self.may("view_draft"),
            here=request.get_full_path(),
        )

    def drawers(self, posts: list[Post]) -> list[Drawer]:
        """Return the drawers that hold something, by name, what lies in none last."""
        drawers: dict[int | None, Drawer] = {}
        may_delete_any = self.may("delete_draft")
        for post in posts:
            drawer = drawers.setdefault(post.draft_category_id, Drawer(post.draft_category))
            may_edit = self._may_edit(post)
            may_delete = may_edit or (may_delete_any and not post.publications.all())
            drawer.cards.append(DraftCard(post, may_edit, may_delete))
        return sorted(
            drawers.values(),
            key=lambda one: (one.category is None, one.category.name if one.category else ""),
        )

    def _may_edit(self, post: Post) -> bool:
        """Say what ``may_change_post`` says, from the publications that are read already."""
        publications = list(post.publications.all())
        if not publications:
            return bool(post.author_id == self.access.user.pk)
        for publication in publications:
            publication.post = post
        return all(may_change(self.access, publication) for publication in publications)


class DraftDeletion(ActView):
    """Deleting a draft nobody needs any more: one's own, or with the right to (AO18) a colleague's."""

    listing = "profile.view_posts"
    mendable = (CannotChange,)

    def act(self) -> HttpResponse:
        post = get_object_or_404(readable_posts(self.access, self.organization), pk=self.kwargs["pk"])
        delete_post(actor=self.access, post=post, now=timezone.now())
        self.say(_("The draft is deleted."))
        return self.back()

    def back(self) -> HttpResponse:
        return see_other(next_or(self.request, "draft_list"))


class DraftPlace(ActView):
    """Putting one draft into another drawer, or saying how far it is."""

    listing = "profile.view_posts"
    mendable = (CannotOrganize,)

    def act(self) -> HttpResponse:
        post = get_object_or_404(readable_posts(self.access, self.organization), pk=self.kwargs["pk"])
        given = self.request.POST
        category = DraftCategory.objects.filter(pk=id_in(given.get("category", "")) or 0).first()
        sort_draft(
            actor=self.access,
            post=post,
            category=category if "category" in given else post.draft_category,
            status=given.get("status", post.draft_status),
            now=timezone.now(),
        )
        self.say(_("The draft is sorted."))
        return self.back()

    def back(self) -> HttpResponse:
        return see_other(next_or(self.request, "draft_list"))
