"""What the tests of organizing share: making words as a person would, and reading rows back."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import Campaign, CustomField, DraftCategory, HashtagList, Label, Post
from publishing.services.posts import Draft, update_post
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import url


def make_label(acme: Acme, name: str = "Winter", color: int = 1) -> Label:
    return _made(acme, Label, name=name, color=color)


def make_campaign(acme: Acme, name: str = "Winter sale", **fields: Any) -> Campaign:
    return _made(acme, Campaign, name=name, workspace=fields.pop("workspace", acme.main), **fields)


def make_hashtag_list(acme: Acme, name: str = "Cycling") -> HashtagList:
    return _made(acme, HashtagList, name=name, hashtags=["BikeToWork", "NoCar"])


def make_category(acme: Acme, name: str = "Ideas") -> DraftCategory:
    return _made(acme, DraftCategory, name=name)


def make_field(acme: Acme, name: str = "Cost center", kind: str = "text", **fields: Any) -> CustomField:
    return _made(acme, CustomField, name=name, kind=kind, **fields)


def _made(acme: Acme, model: Any, **fields: Any) -> Any:
    with organization_open(acme.organization.pk):
        return model.objects.create(**fields)


def rows(acme: Acme, model: type[models.Model], **narrowed: Any) -> list[Any]:
    with organization_open(acme.organization.pk):
        return list(model._default_manager.filter(**narrowed).order_by("pk"))


def fresh(acme: Acme, post: Post) -> Post:
    with organization_open(acme.organization.pk):
        return Post.objects.get(pk=post.pk)


def label_names(acme: Acme, post: Post) -> list[str]:
    with organization_open(acme.organization.pk):
        return list(post.labels.order_by("name").values_list("name", flat=True))


def put_labels(client: Client, acme: Acme, post: Post, *labels: Label, version: int | None = None) -> Any:
    """Choose these labels on the post's own page of labels."""
    typed = {
        "labels": [label.pk for label in labels],
        "version": fresh(acme, post).version if version is None else version,
    }
    return client.post(url("post_labels", post.pk), typed)


def edit(acme: Acme, actor: User, post: Post, **draft: Any) -> Post:
    """Save the post again with other content, on the profiles it has."""
    with organization_open(acme.organization.pk):
        post = Post.objects.get(pk=post.pk)
        profiles = [one.profile for one in post.publications.select_related("profile")]
        return update_post(
            actor=acme.access(actor),
            post=post,
            profiles=profiles,
            draft=Draft(**({"text": post.text} | draft)),
            version=post.version,
            now=timezone.now(),
        )
