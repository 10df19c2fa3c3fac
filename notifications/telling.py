"""The one door through which a person is told something, in Chorus and by mail as he chose.

It writes a row inside the transaction of what happened and nothing else: what was undone tells nobody, and no mail
server stands in anybody's way. Mails are sent afterwards, from the rows (``notifications/mailing.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from notifications.choices import choice_of, next_digest, wants_to_know
from notifications.kinds import NotificationKind, about_of
from notifications.models import ByMail, Notification
from notifications.words import Words, kept
from tenancy.context import open_organization_id

TOPIC_MAX = 200


def notify(
    people: Iterable[User | None],
    kind: NotificationKind,
    *,
    subject: Words,
    told: Sequence[Words] = (),
    gist: Words = "",
    link: str = "",
    about: Model | None = None,
    topic: str = "",
) -> None:
    """Tell the people. Their organization must be open; nobody is told twice, and whoever has left not at all.

    ``subject`` is the line in Chorus and the mail's subject, ``told`` the mail's paragraphs, ``link`` a path of ours.
    ``gist`` stands below the line in Chorus and tells it from others of its kind; without it the first paragraph.
    ``about``: what it is about; whoever may not see that any more by the time he would read it reads nothing.
    ``topic``: what several of a kind have in common, such as a profile's name, to be told together.
    """
    organization_id = open_organization_id()
    assert organization_id is not None, "somebody is told something about one organization"
    now = timezone.now()
    about_type, about_id = about_of(about)
    words = {"subject": kept(subject), "told": [kept(one) for one in told], "gist": kept(gist)}
    rows = []
    for person in {one.pk: one for one in people if one is not None and one.is_active}.values():
        if not wants_to_know(person, kind, organization_id):
            continue
        choice = choice_of(person, kind, organization_id)
        due = {ByMail.NOW: now + kind.waits, ByMail.DAILY: next_digest(person, now)}.get(choice.mail)
        rows.append(
            Notification(
                person=person,
                kind=kind.name,
                words=words,
                topic=topic[:TOPIC_MAX],
                link=link,
                about_type=about_type,
                about_id=about_id,
                created_at=now,
                is_listed=choice.is_listed,
                mail=choice.mail,
                mail_due_at=due,
            )
        )
    Notification.objects.bulk_create(rows)
