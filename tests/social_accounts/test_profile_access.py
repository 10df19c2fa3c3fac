"""A profile's people, teams and partners (P9): asked by action, given and ended several at once, shown before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Partnership
from permissions.catalogue import Scope
from permissions.roles import builtin_role
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme, give, give_team, make_organization, make_person

SignIn = Callable[[User], Client]
PUBLISH = "profile.publish_posts"


def url(acme: Acme, path: str = "") -> str:
    return f"/o/acme/profiles/{acme.news.pk}/access/{path}"


def shared_with_agency(acme: Acme, role: str = "standard:editor") -> User:
    """Share the profile with an agency, which has handed it on to Ada."""
    ada = make_person("Ada Handed", "ada@handed.test")
    agency = make_organization("handed", "Handed & Co", ada)
    far = datetime.now(UTC) + timedelta(days=300)
    with organization_open(acme.organization.pk):
        people = Group.objects.create(name="partner:handed#people")
        partnership = Partnership.objects.create(
            partner=agency, status="active", people_group=people, proposed_at=LONG_AGO, answer_by=far
        )
        permission = builtin_role(role, Scope.PROFILE).permission_id
        link = ProfileGroupGrant.objects.create(
            content_object=acme.news, group=people, partnership=partnership, permission_id=permission,
            granted_at=LONG_AGO, granted_by=acme.marc,
        )  # fmt: skip
        ProfileAssignment.objects.create(
            grant=link, user=ada, permission_id=permission, granted_at=LONG_AGO, expires_at=far
        )
    return ada


def test_who_may_one_thing_is_answered_with_members_and_partners_people(
    acme: Acme, signed_in: SignIn
) -> None:
    ada = shared_with_agency(acme)
    page = signed_in(acme.marc).get(url(acme), {"action": PUBLISH})
    assert [line.person for line in page.context["lines"]] == [ada, acme.marc, acme.olga, acme.paul]
    found = signed_in(acme.marc).get(url(acme), {"action": PUBLISH, "q": "paul"})
    assert [line.person for line in found.context["lines"]] == [acme.paul]
    nobody = signed_in(acme.marc).get(url(acme), {"action": PUBLISH, "q": "mina"})
    assert "Nobody may do this here" in nobody.content.decode()
    unknown = signed_in(acme.marc).get(url(acme), {"action": "team.view_team"})
    assert unknown.context["asked"] is None


def test_partner_is_named_with_what_was_granted_and_to_whom_it_was_handed_on(
    acme: Acme, signed_in: SignIn
) -> None:
    ada = shared_with_agency(acme)
    give_team(acme.news, acme.brand, "standard:guest")
    page = signed_in(acme.marc).get(url(acme)).content.decode()
    assert "Handed &amp; Co" in page and "At most Editor" in page and "Ada Handed" in page
    assert "Brand" in page
    person = signed_in(acme.marc).get(url(acme, f"person/{ada.pk}/"), {"action": PUBLISH})
    assert person.status_code == 200 and person.context["decision"].allowed
    with organization_open(acme.organization.pk):
        ProfileAssignment.objects.all().delete()
    page = signed_in(acme.marc).get(url(acme)).content.decode()
    assert "Handed on to nobody yet" in page
    assert signed_in(acme.marc).get(url(acme, f"person/{ada.pk}/")).status_code == 404


def test_giving_shows_what_it_changes_and_saves_nothing_until_it_is_confirmed(
    acme: Acme, signed_in: SignIn
) -> None:
    client = signed_in(acme.marc)
    typed = {"people": [acme.emil.pk, acme.ana.pk], "role": builtin_role("standard:editor", Scope.PROFILE).id}
    look = client.post(url(acme, "give/"), typed | {"step": "look"})
    assert look.status_code == 200
    assert set(look.context["told"].what_if.people) == {acme.emil.pk, acme.ana.pk}
    assert "Give the role" in look.content.decode()
    assert not acme.access(acme.emil).can(PUBLISH, acme.news)
    panel = client.post(url(acme, "give/"), typed | {"step": "look"}, headers={"HX-Request": "true"})
    assert "<html" not in panel.content.decode() and "Emil Employee" in panel.content.decode()
    assert client.post(url(acme, "give/"), typed).status_code == 303
    assert acme.access(acme.emil).can(PUBLISH, acme.news)


def test_a_role_that_takes_more_than_it_gives_says_so_before(acme: Acme, signed_in: SignIn) -> None:
    """A direct role decides before what a team gives: Guest for Ana, who edits through her team."""
    give_team(acme.news, acme.brand, "standard:editor")
    typed = {
        "people": [acme.ana.pk],
        "role": builtin_role("standard:guest", Scope.PROFILE).id,
        "step": "look",
    }
    told = signed_in(acme.marc).post(url(acme, "give/"), typed).context["told"]
    assert any(triple.action == PUBLISH for triple in told.what_if.lost())


def test_several_roles_are_ended_at_once_after_it_was_shown_what_goes(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    with organization_open(acme.organization.pk):
        rows = ProfileUserGrant.objects.filter(user__in=[acme.paul, acme.mina], content_object=acme.news)
        ids = [row.pk for row in rows]
    page = client.get(url(acme, "end/"), {"grant": ids})
    assert page.status_code == 200 and "End 2 roles on Acme News?" in page.content.decode()
    assert page.context["told"].what_if.lost_count > 0
    assert acme.access(acme.paul).can(PUBLISH, acme.news)
    assert client.post(url(acme, "end/"), {"grant": ids, "reason": "Desk closed"}).status_code == 303
    assert not acme.access(acme.paul).can(PUBLISH, acme.news)
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="access.end", reason="Desk closed").count() == 2


def test_several_ends_are_all_or_none_and_never_of_another_profile(acme: Acme, signed_in: SignIn) -> None:
    own = give(acme.news, acme.emil, "standard:administrator")
    other = give(acme.sky, acme.gus, "standard:editor")
    with organization_open(acme.organization.pk):
        of_paul = ProfileUserGrant.objects.get(user=acme.paul, content_object=acme.news)
    client = signed_in(acme.emil)
    look = client.get(url(acme, "end/"), {"grant": [own.pk, of_paul.pk]})
    assert look.context["told"].what_if.is_refused
    assert client.post(url(acme, "end/"), {"grant": [own.pk, of_paul.pk]}).status_code == 403
    assert acme.access(acme.paul).can(PUBLISH, acme.news)
    told = client.post(url(acme, "end/"), {"grant": [other.pk, "x"]}, follow=True)
    assert "Choose the roles that shall end first." in told.content.decode()
    with organization_open(acme.organization.pk):
        assert ProfileUserGrant.objects.filter(pk=other.pk).exists()


def test_who_may_not_manage_the_access_ends_nothing(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        of_mina = ProfileUserGrant.objects.get(user=acme.mina, content_object=acme.news)
    assert signed_in(acme.paul).post(url(acme, "end/"), {"grant": [of_mina.pk]}).status_code == 403
    assert signed_in(acme.emil).post(url(acme, "end/"), {"grant": [of_mina.pk]}).status_code == 404
