"""The door: who is told, in which way, in which words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications import kinds
from notifications.choices import Choice, choose, next_digest
from notifications.keeping import forget_old, settle
from notifications.models import ByMail, Notification
from notifications.words import Lines, Moment, kept, said, shown
from orgs.notices import OWNERSHIP
from publishing.models import Post
from publishing.notice_kinds import POST_PUBLISHED, POST_REJECTED
from tenancy.context import NoTenantOpen, organization_open, unscoped
from tests.cast import Acme
from tests.notifications.conftest import Tell, age, fresh
from ui.templatetags.ui import icon_names


def test_each_person_is_told_once_and_nobody_who_has_left(acme: Acme, tell: Tell) -> None:
    acme.mina.is_active = False
    acme.mina.save()
    rows = tell(acme.paul, acme.marc, acme.paul, acme.mina)
    assert [row.person for row in rows] == [acme.paul, acme.marc]
    assert all(row.is_listed and row.mail == ByMail.NOW and row.mail_due_at for row in rows)


def test_nobody_is_told_of_what_was_undone(acme: Acme, tell: Tell) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(acme.paul)
        raise ZeroDivisionError
    with unscoped():
        assert not Notification.objects.exists()


def test_who_tells_opens_an_organization(acme: Acme) -> None:
    with pytest.raises(NoTenantOpen):
        Notification.objects.count()


def test_choices_decide_and_a_kind_nobody_asked_for_writes_nothing(acme: Acme, tell: Tell) -> None:
    assert tell(acme.paul, kind=POST_PUBLISHED) == []
    choose(actor=acme.paul, choices={"post_published": Choice(True, ByMail.NEVER)}, muted=[])
    acme.paul.refresh_from_db()
    [row] = tell(acme.paul, kind=POST_PUBLISHED)
    assert (row.is_listed, row.mail, row.mail_due_at) == (True, ByMail.NEVER, None)


def test_choice_that_is_the_usual_one_is_not_kept_so_a_better_usual_one_reaches_everybody(acme: Acme) -> None:
    choose(
        actor=acme.paul,
        choices={
            "post_rejected": Choice(True, ByMail.NOW),
            "post_held": Choice(True, ByMail.DAILY),
            "ownership": Choice(False, ByMail.NEVER),
        },
        muted=[],
    )
    acme.paul.refresh_from_db()
    assert acme.paul.notification_choices == {"post_held": {"listed": True, "mail": "daily"}}


def test_muted_organization_tells_nothing_but_who_owns_it(acme: Acme, tell: Tell) -> None:
    choose(actor=acme.paul, choices={}, muted=[acme.organization.pk])
    acme.paul.refresh_from_db()
    assert tell(acme.paul) == []
    [row] = tell(acme.paul, kind=OWNERSHIP)
    assert row.is_listed and row.mail == ByMail.NOW


def test_words_are_read_in_the_readers_language_and_on_his_clock() -> None:
    moment = datetime(2027, 3, 10, 17, 0, tzinfo=UTC)
    stored = kept(
        said(
            _("%(people)s: %(what)s, %(moment)s"),
            people=["Ana", "Gus"],
            what=said(_("%(role)s on %(object)s"), role=_("Editor"), object="News"),
            moment=Moment(moment),
        )
    )
    assert shown(stored) == "Ana and Gus: Editor on News, March 10, 2027, 5 p.m. (UTC)"
    with translation.override("fr"), timezone.override(ZoneInfo("Europe/Paris")):
        assert shown(stored) == "Ana et Gus: Éditeur sur News, 10 mars 2027 18:00 (Europe/Paris)"
        assert shown(kept(Lines(_("Editor"), "as typed"))) == "Éditeur\nas typed"
        assert shown(kept(said("%(day)s", day=date(2027, 3, 10)))) == "10 mars 2027"
    with translation.override("fr"):
        assert kept(_("Editor")) == {"said": "Editor", "with": {}}


def test_words_of_people_are_never_taken_for_templates() -> None:
    assert shown(kept("100% sure, %(name)s")) == "100% sure, %(name)s"
    assert shown(kept(said(_("Note: %(note)s"), note="50%(off)s"))) == "Note: 50%(off)s"


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("Europe/Paris", datetime(2026, 7, 1, 5, 59, tzinfo=UTC), datetime(2026, 7, 1, 6, 0, tzinfo=UTC)),
        ("Europe/Paris", datetime(2026, 7, 1, 6, 0, tzinfo=UTC), datetime(2026, 7, 2, 6, 0, tzinfo=UTC)),
        ("America/Sao_Paulo", datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 2, 11, tzinfo=UTC)),
        # the clock is put back in the night between
        ("Europe/Paris", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
    ],
)
def test_daily_mail_is_due_at_eight_on_the_persons_clock(zone: str, now: datetime, due: datetime) -> None:
    assert next_digest(User(time_zone=zone), now) == due


def test_what_was_settled_asks_nobody_any_more(acme: Acme, tell: Tell) -> None:
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.paul, text="Hello")
        other = Post.objects.create(workspace=acme.main, author=acme.paul, text="Other")
    [row], [beside] = tell(acme.paul, about=post), tell(acme.paul, about=other)
    with organization_open(acme.organization.pk):
        settle(post)
    assert fresh(row).read_at is not None and fresh(row).mail_due_at is None
    assert fresh(beside).read_at is None and fresh(beside).mail_due_at is not None


def test_notifications_are_forgotten_after_ninety_days(acme: Acme, tell: Tell) -> None:
    old, young = tell(acme.paul), tell(acme.paul)
    age(old, days=91)
    age(young, days=89)
    assert forget_old(now=timezone.now()) == 1
    with unscoped():
        assert list(Notification.objects.all()) == young


def test_every_kind_can_be_drawn_and_kept(db: Any) -> None:
    every = [kind for _group, found in kinds.kinds_by_group() for kind in found]
    assert POST_REJECTED in every and OWNERSHIP not in every
    for kind in every:
        assert kind.icon in icon_names(), kind.name
        assert len(kind.name) <= Notification._meta.get_field("kind").max_length, kind.name
        if kind.together is not None:
            assert "2" in kind.together(2, "News") and "News" in kind.together(2, "News"), kind.name
