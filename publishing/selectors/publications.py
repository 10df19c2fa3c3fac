"""Posts and publications a person may see, and what a list of them is narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict

from accounts.models import User
from orgs.models import Organization
from permissions.checker import Access
from publishing.models import (
    Campaign,
    CustomValue,
    Label,
    Post,
    PostMedia,
    Publication,
    PublishingPause,
    State,
)
from publishing.rights import VIEW
from social_accounts.models import SocialProfile
from ui.addresses import id_in

OWN_FIELD: Final = "field_"  # before the id of one of the organization's own fields, in an address


def visible_publications(access: Access) -> QuerySet[Publication]:
    """Return the publications on profiles whose posts the person may view, ready to be shown."""
    publications: QuerySet[Publication] = Publication.objects.select_related(
        "post", "profile", "post__author"
    )
    return access.filter(publications, VIEW, path="profile")


def visible_posts(access: Access) -> QuerySet[Post]:
    """Return the person's own posts and those with a visible publication."""
    on_profiles = access.filter(Publication.objects.all(), VIEW, path="profile").values("post")
    return Post.objects.filter(Q(author=access.user) | Q(pk__in=on_profiles), deleted_at=None)


def visible_media(access: Access) -> QuerySet[PostMedia]:
    """Return the files of visible posts, and those the person brought in for none yet; with what they are cut from."""
    own = Q(post=None, kept_for=None, uploaded_by=access.user)
    posts = visible_posts(access)
    shown = own | Q(post__in=posts) | Q(kept_for__in=posts)
    return PostMedia.objects.filter(shown | Q(pk__in=PostMedia.objects.filter(shown).values("original")))


def drafts_without_profile(access: Access) -> QuerySet[Post]:
    return Post.objects.filter(author=access.user, publications=None, deleted_at=None).order_by("-updated_at")


def profiles_with_visible_posts(access: Access) -> QuerySet[SocialProfile]:
    return access.filter(SocialProfile.objects.order_by("name", "pk"), VIEW)


def authors_of_visible_posts(access: Access) -> QuerySet[User]:
    """Return the people who wrote what the person may see, by name."""
    return User.objects.filter(pk__in=_on_visible(access, "post__author")).order_by("name", "pk")


def labels_of_visible_posts(access: Access) -> QuerySet[Label]:
    return Label.objects.filter(pk__in=_on_visible(access, "post__post_labels__label")).order_by("name")


def campaigns_of_visible_posts(access: Access) -> QuerySet[Campaign]:
    return Campaign.objects.filter(pk__in=_on_visible(access, "post__campaign")).order_by("name")


def _on_visible(access: Access, path: str) -> Any:
    return access.filter(Publication.objects.all(), VIEW, path="profile").values(path)


def pause_of(organization: Organization) -> PublishingPause | None:
    return PublishingPause.objects.filter(organization=organization).select_related("paused_by").first()


def said_in(given: QueryDict) -> tuple[tuple[int, str], ...]:
    """Return what an address says of the organization's own fields: ``?field_7=yes``."""
    found = {
        pk: str(value).strip()
        for name, value in given.items()
        if name.startswith(OWN_FIELD) and (pk := id_in(name.removeprefix(OWN_FIELD))) is not None
    }
    return tuple(sorted((pk, value) for pk, value in found.items() if value))


@dataclass(frozen=True)
class Wanted:
    """What a list or calendar is narrowed to, as its address says it. An empty field narrows nothing."""

    state: str = ""
    profile_id: int | None = None
    networks: tuple[str, ...] = ()
    author_id: int | None = None
    label_id: int | None = None
    campaign_id: int | None = None
    # Values of the organization's own fields, by their id.
    said: tuple[tuple[int, str], ...] = ()

    @classmethod
    def read(cls, given: QueryDict, networks: Sequence[str] = ()) -> Wanted:
        """Return the filters of an address or form; what is no filter is left out."""
        state = given.get("state", "")
        return cls(
            state=state if state in State.values else "",
            profile_id=id_in(given.get("profile", "")),
            networks=tuple(sorted({name for name in given.getlist("network") if name in networks})),
            author_id=id_in(given.get("author", "")),
            label_id=id_in(given.get("label", "")),
            campaign_id=id_in(given.get("campaign", "")),
            said=said_in(given),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.fields)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return the filters as the fields of a form or address: only those that narrow."""
        single = [
            ("profile", self.profile_id),
            ("state", self.state),
            ("author", self.author_id),
            ("label", self.label_id),
            ("campaign", self.campaign_id),
        ]
        found = [(name, str(value)) for name, value in single if value]
        found += [(f"{OWN_FIELD}{pk}", value) for pk, value in self.said]
        return [*found, *(("network", name) for name in self.networks)]

    @property
    def query(self) -> str:
        """Return the filters for an address, with its question mark; empty when nothing is narrowed."""
        query = QueryDict(mutable=True)
        for name, value in self.fields:
            query.appendlist(name, value)
        return f"?{query.urlencode()}" if query else ""

    @property
    def count_chosen(self) -> int:
        """Return how many of the filters behind the button are set; the networks are in sight beside it."""
        return len([name for name, _value in self.fields if name != "network"])

    def toggling(self, network: str) -> Wanted:
        """Return the filters with the network added, or taken out where it is in."""
        return replace(self, networks=tuple(sorted({*self.networks} ^ {network})))

    def of(self, publications: QuerySet[Publication]) -> QuerySet[Publication]:
        if self.state:
            publications = publications.filter(state=self.state)
        if self.profile_id:
            publications = publications.filter(profile=self.profile_id)
        if self.networks:
            publications = publications.filter(profile__network__in=self.networks)
        if self.author_id:
            publications = publications.filter(post__author=self.author_id)
        if self.label_id:
            publications = publications.filter(post__post_labels__label=self.label_id)
        if self.campaign_id:
            publications = publications.filter(post__campaign=self.campaign_id)
        for pk, value in self.said:
            publications = publications.filter(
                post__custom_values__field=pk, post__custom_values__value=value
            )
        return publications


def listed_publications(access: Access, wanted: Wanted) -> QuerySet[Publication]:
    """Return publications for the list: what is to come or undecided first, then the past, latest first."""
    at = Coalesce("published_at", "due_at", "created_at")
    found = wanted.of(visible_publications(access)).order_by(at.desc(), "-pk")
    values = CustomValue.objects.select_related("field").order_by("field__name")
    return found.prefetch_related(
        Prefetch("post__labels", Label.objects.order_by("name")), Prefetch("post__custom_values", values)
    )


def moving_with(access: Access, publication: Publication, wanted: Wanted) -> list[Publication]:
    """Return the publications on the publication's card, itself among them, on a calendar narrowed like this."""
    together = visible_publications(access).filter(
        post=publication.post_id, due_at=publication.due_at, state=publication.state
    )
    return list(wanted.of(together).order_by("pk"))


def siblings_of(access: Access, post: Post, publication: Publication) -> list[Publication]:
    """Return the post's other publications that the person may see."""
    found = visible_publications(access).filter(post=post).exclude(pk=publication.pk)
    return list(found.order_by("profile__name", "pk"))
