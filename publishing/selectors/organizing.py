"""Reads of what keeps posts in order: filters, drawers of drafts, who uses what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Count, Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import pgettext

from accounts.models import User
from orgs.models import Organization
from permissions.checker import Access
from publishing.label_rights import SEE_FIELDS, SEE_LABELS, may_label
from publishing.models import (
    Campaign,
    CustomField,
    CustomValue,
    DraftCategory,
    DraftStatus,
    HashtagList,
    Label,
    Post,
    PostLabel,
    PostMedia,
    Publication,
    State,
)
from publishing.models.organizing import NO, YES
from publishing.selectors.publications import OWN_FIELD, said_in, visible_media, visible_posts
from social_accounts.selectors import reachable_workspaces
from ui.addresses import id_in

Rows = TypeVar("Rows", bound=Model)

SEE_DRAFTS = "organization.view_draft"
DRAFTS = frozenset({State.DRAFT, State.DECLINED})
# Fields whose value is looked for inside what posts say; of the others it is the whole value.
SEARCHED = frozenset({CustomField.Kind.TEXT})


def filter_posts(
    rows: QuerySet[Rows],
    *,
    path: str = "",
    label: int | None = None,
    campaign: int | None = None,
    author: int | None = None,
    category: int | None = None,
    status: str = "",
    fields: Mapping[int, str] | None = None,
) -> QuerySet[Rows]:
    """Return the rows whose post matches; what is not named narrows nothing.

    ``path`` leads from a row to its post: "" for posts, "post" for publications. ``fields`` are values of the
    organization's own fields by their id.
    """
    prefix = f"{path}__" if path else ""
    wanted: dict[str, Any] = {
        "campaign": campaign,
        "author": author,
        "draft_category": category,
        "draft_status": status,
    }
    rows = rows.filter(**{prefix + name: value for name, value in wanted.items() if value})
    of_post = {"post": OuterRef(f"{prefix}pk")}
    if label:
        rows = rows.filter(Exists(PostLabel.objects.filter(label=label, **of_post)))
    for pk, value in (fields or {}).items():
        said = CustomValue.objects.filter(field=pk, **of_post)
        is_text = Q(field__kind__in=SEARCHED, value__icontains=value)
        rows = rows.filter(Exists(said.filter(is_text | Q(value=value))))
    return rows


@dataclass(frozen=True)
class Narrowing:
    """What a list of posts is narrowed to, as an address spells it: ``?label=3&status=ready&field_7=yes``."""

    label: int | None = None
    campaign: int | None = None
    author: int | None = None
    category: int | None = None
    status: str = ""
    fields: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: QueryDict) -> Narrowing:
        status = given.get("status", "")
        return cls(
            label=id_in(given.get("label", "")),
            campaign=id_in(given.get("campaign", "")),
            author=id_in(given.get("author", "")),
            category=id_in(given.get("category", "")),
            status=status if status in DraftStatus.values else "",
            fields=dict(said_in(given)),
        )

    @property
    def is_filtered(self) -> bool:
        return any((self.label, self.campaign, self.author, self.category, self.status, self.fields))

    @property
    def query(self) -> str:
        """Return it as it stands in an address, without the "?"."""
        plain = {
            "label": self.label,
            "campaign": self.campaign,
            "author": self.author,
            "category": self.category,
            "status": self.status,
        }
        fields = {f"{OWN_FIELD}{pk}": value for pk, value in self.fields.items()}
        return urlencode({name: value for name, value in (plain | fields).items() if value})

    def of(self, rows: QuerySet[Rows], path: str = "") -> QuerySet[Rows]:
        return filter_posts(
            rows,
            path=path,
            label=self.label,
            campaign=self.campaign,
            author=self.author,
            category=self.category,
            status=self.status,
            fields=self.fields,
        )


def readable_posts(access: Access, organization: Organization) -> QuerySet[Post]:
    """Return the visible posts and, for who sees drafts (AO17), those of colleagues that have no profile yet."""
    posts = visible_posts(access)
    if not access.can(SEE_DRAFTS, organization):
        return posts
    of_colleagues = Post.objects.filter(
        publications=None, workspace__in=reachable_workspaces(access), deleted_at=None
    )
    return Post.objects.filter(Q(pk__in=posts.values("pk")) | Q(pk__in=of_colleagues.values("pk")))


def readable_media(access: Access, organization: Organization) -> QuerySet[PostMedia]:
    """Return the files of readable posts, those their older versions show, and the person's own without a post."""
    drafts = readable_posts(access, organization)
    of_drafts = PostMedia.objects.filter(Q(post__in=drafts) | Q(kept_for__in=drafts))
    return PostMedia.objects.filter(
        Q(pk__in=visible_media(access).values("pk")) | Q(pk__in=of_drafts.values("pk"))
    )


def organized(posts: QuerySet[Post], access: Access, organization: Organization) -> QuerySet[Post]:
    """Return the posts with what a list shows of them, in a fixed number of queries."""
    publications = Publication.objects.select_related("profile").order_by("due_at", "pk")
    values = CustomValue.objects.select_related("field").order_by("field__name")
    if not access.can(SEE_FIELDS, organization):
        values = values.none()
    return posts.select_related("author", "campaign", "draft_category").prefetch_related(
        Prefetch("labels", Label.objects.order_by("name")),
        Prefetch("custom_values", values),
        Prefetch("publications", publications),
    )


def drafts_of(access: Access, organization: Organization) -> QuerySet[Post]:
    """Return the readable posts of which nothing is on its way yet, those changed last first."""
    publications = Publication.objects.filter(post=OuterRef("pk"))
    is_draft = Q(publications=None) | Exists(publications.filter(state__in=DRAFTS))
    posts = readable_posts(access, organization).filter(
        is_draft, ~Exists(publications.exclude(state__in={*DRAFTS, State.CANCELED}))
    )
    return posts.order_by("-updated_at", "-pk").distinct()


def visible_campaigns(access: Access) -> QuerySet[Campaign]:
    """Return the campaigns of the workspaces the person reaches (R7)."""
    return Campaign.objects.filter(workspace__in=reachable_workspaces(access)).order_by("name", "pk")


def campaign_publications(access: Access, campaign: Campaign) -> QuerySet[Publication]:
    return access.filter(
        Publication.objects.filter(post__campaign=campaign).select_related("post", "post__author", "profile"),
        "profile.view_posts",
        path="profile",
    )


def labels_offered(access: Access, organization: Organization) -> QuerySet[Label]:
    labels = Label.objects.order_by("name", "pk")
    return labels if access.can(SEE_LABELS, organization) else labels.none()


def fields_offered(access: Access, organization: Organization) -> QuerySet[CustomField]:
    fields = CustomField.objects.order_by("name", "pk")
    return fields if access.can(SEE_FIELDS, organization) else fields.none()


def hashtag_lists() -> QuerySet[HashtagList]:
    return HashtagList.objects.select_related("created_by").order_by("name", "pk")


def categories() -> QuerySet[DraftCategory]:
    return DraftCategory.objects.order_by("name", "pk")


def with_post_counts(rows: QuerySet[Rows], path: str = "posts") -> QuerySet[Any]:
    """Add ``use_count``: how many posts use each."""
    return rows.annotate(use_count=Count(path, distinct=True))


def authors_of(posts: QuerySet[Post]) -> QuerySet[User]:
    return User.objects.filter(pk__in=posts.order_by().values("author")).order_by("name", "pk")


def campaign_states(publications: QuerySet[Publication]) -> list[tuple[State, int]]:
    """Return how many of the publications stand in each state, in the order of a post's life, without the empty."""
    counted = dict(publications.order_by().values_list("state").annotate(Count("pk")))
    return [(state, counted[state]) for state in State if counted.get(state)]


@dataclass(frozen=True)
class FieldFilter:
    """One of the organization's own fields to narrow a list by; ``options`` empty means typed."""

    field: CustomField
    said: str
    options: Sequence[tuple[str, str]]


def field_filters(fields: Iterable[CustomField], wanted: Narrowing) -> list[FieldFilter]:
    yes_no = [(YES, pgettext("answer", "Yes")), (NO, pgettext("answer", "No"))]
    return [
        FieldFilter(
            one,
            wanted.fields.get(one.pk, ""),
            yes_no if one.kind == CustomField.Kind.YES_NO else [(choice, choice) for choice in one.choices],
        )
        for one in fields
    ]


@dataclass(frozen=True)
class OrganizingOfPost:
    """What a page about one post says of its order."""

    labels: Sequence[Label]
    campaign: Campaign | None
    values: Sequence[CustomValue]
    may_label: bool


def organizing_of(access: Access, organization: Organization, post: Post) -> OrganizingOfPost:
    """Return it as far as the person may see it; the campaign only where he reaches its workspace."""
    values = post.custom_values.select_related("field").order_by("field__name")
    return OrganizingOfPost(
        labels=list(post.labels.order_by("name")),
        campaign=visible_campaigns(access).filter(pk=post.campaign_id).first() if post.campaign_id else None,
        values=list(values) if access.can(SEE_FIELDS, organization) else [],
        may_label=may_label(access, post) and access.can(SEE_LABELS, organization),
    )
