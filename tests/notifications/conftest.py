"""A way to tell somebody something, as any floor does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.kinds import NotificationKind
from notifications.models import Notification
from notifications.telling import notify
from notifications.words import said
from publishing.notice_kinds import POST_REJECTED
from tenancy.context import organization_open, unscoped
from tests.cast import Acme

Tell = Callable[..., list[Notification]]


@pytest.fixture
def tell(acme: Acme) -> Tell:
    """Tell people of Acme something, and return the rows."""

    def told(*people: User, kind: NotificationKind = POST_REJECTED, **more: Any) -> list[Notification]:
        given: dict[str, Any] = {
            "subject": said(_("%(profile)s: your post did not go out"), profile="Acme News"),
            "told": [said(_("Post: %(title)s"), title="Spring sale")],
            "link": "/o/acme/calendar/",
            "topic": "Acme News",
        }
        with organization_open(acme.organization.pk):
            before = set(Notification.objects.values_list("pk", flat=True))
            notify(people, kind, **(given | more))
            return list(Notification.objects.exclude(pk__in=before).order_by("pk"))

    return told


def age(rows: list[Notification], **by: float) -> None:
    """Let the rows be older than they are."""
    with unscoped():
        for row in rows:
            Notification.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(**by))


def fresh(row: Notification) -> Notification:
    with unscoped():
        return Notification.objects.get(pk=row.pk)
