"""What a person does not see is not named to him either: not in filters, not in explanations."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import Acme, make_team

SignIn = Callable[[User], Client]


def test_own_access_names_no_profile_or_team_one_does_not_see(acme: Acme, signed_in: SignIn) -> None:
    make_team(acme.organization, "secret", "Secret project")
    emil = signed_in(acme.emil)
    pages = [emil.get(reverse("my_access", args=["acme"]))]
    for action in ("profile.publish_posts", "team.view_team"):
        for on in ("", acme.quiet.pk):
            pages.append(emil.get(reverse("my_access_why", args=["acme"]), {"action": action, "on": on}))
    for page in pages:
        text = page.content.decode()
        assert acme.quiet.handle not in text and "Secret project" not in text and "Brand" not in text


def test_own_access_names_what_one_sees(acme: Acme, signed_in: SignIn) -> None:
    text = signed_in(acme.paul).get(reverse("my_access", args=["acme"])).content.decode()
    assert acme.news.handle in text and acme.sky.handle in text and acme.quiet.handle not in text


def test_access_of_a_member_names_everything_to_who_manages(acme: Acme, signed_in: SignIn) -> None:
    from tests.orgs.test_members import at

    text = signed_in(acme.marc).get(at(acme, "member_access", acme.emil)).content.decode()
    assert acme.quiet.handle in text
