"""What the tests of the publishing screens share: addresses, presses of buttons, small pictures, rows."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import User
from publishing.models import Post, Publication
from publishing.services.posts import Draft, create_post
from publishing.services.scheduling import schedule_post
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme

LOCAL = "%Y-%m-%dT%H:%M"


def url(route: str, *args: Any) -> str:
    return reverse(route, args=["acme", *args])


def in_days(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).strftime(LOCAL)


def typed(*profiles: SocialProfile, text: str = "Hello, world", **more: Any) -> dict[str, Any]:
    return {"text": text, "profile": [profile.pk for profile in profiles], "language": "en", **more}


def press(client: Client, act: str, *profiles: SocialProfile, post: Post | None = None, **more: Any) -> Any:
    """Fill in the composer and press a button."""
    address = url("post_edit", post.pk) if post else url("post_new")
    return client.post(address, typed(*profiles, act=act, **more))


def picture(name: str = "bridge.png", size: tuple[int, int] = (40, 30)) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/png")


def upload(client: Client, file: SimpleUploadedFile | None = None) -> int:
    """Bring in a picture as the page's script does, and return its id."""
    answer = client.post(url("media_upload"), {"pictures": file or picture()})
    assert answer.status_code == 201, answer.content
    found = re.search(r'name="media" value="(\d+)"', answer.content.decode())
    assert found
    return int(found[1])


def words(response: HttpResponseBase) -> str:
    return re.sub(r"\s+", " ", response.content.decode())  # type: ignore[attr-defined]


def write(acme: Acme, author: User, *profiles: SocialProfile, text: str = "Hello, world") -> Post:
    with organization_open(acme.organization.pk):
        return create_post(
            actor=acme.access(author),
            workspace=acme.main,
            profiles=profiles,
            draft=Draft(text=text),
            now=timezone.now(),
        )


def publications(acme: Acme, **narrowed: Any) -> list[Publication]:
    with organization_open(acme.organization.pk):
        rows = Publication.objects.select_related("profile", "post", "vouched_by").filter(**narrowed)
        return list(rows.order_by("pk"))


def send(
    acme: Acme,
    sender: User,
    *profiles: SocialProfile,
    text: str = "Hello, world",
    due_at: datetime | None = None,
    **more: Any,
) -> Publication:
    """Write a post and send it on its way; returns its first publication."""
    post = write(acme, sender, *profiles, text=text)
    now = timezone.now()
    with organization_open(acme.organization.pk):
        due = {one.pk: due_at or now + timedelta(days=1) for one in post.publications.all()}
        return schedule_post(actor=acme.access(sender), post=post, due=due, now=now, **more)[0]
