"""Who may do what on a profile: shown with its origin, given and ended by the rules of R9."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from permissions.catalogue import Scope
from permissions.models import Role
from permissions.roles import builtin_role
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, give_team, make_person

SignIn = Callable[[User], Client]


def url(acme: Acme, path: str = "") -> str:
    return f"/o/acme/profiles/{acme.news.pk}/access/{path}"


def role_id(slug: str) -> int:
    return builtin_role(f"standard:{slug}", Scope.PROFILE).id


def grants(acme: Acme, person: User) -> set[str]:
    with organization_open(acme.organization.pk):
        rows = ProfileUserGrant.objects.filter(content_object=acme.news, user=person)
        return set(rows.values_list("permission__role__slug", flat=True))


def test_the_page_names_each_persons_roles_and_where_they_come_from(acme: Acme, signed_in: SignIn) -> None:
    page = signed_in(acme.olga).get(f"/o/acme/profiles/{acme.sky.pk}/access/").content.decode()
    assert "by the organization role Manager" in page
    assert "through the team Brand" in page
    assert "Emil Employee" not in page
    page = signed_in(acme.olga).get(url(acme)).content.decode()
    assert "Mina Moderator" in page and "given directly" in page
    found = signed_in(acme.olga).get(url(acme), {"q": "mina"}).content.decode()
    assert "Mina Moderator" in found and "Paul Editor" not in found


def test_who_may_not_see_the_access_is_refused(acme: Acme, signed_in: SignIn) -> None:
    for path in ("", "give/", f"person/{acme.mina.pk}/"):
        assert signed_in(acme.paul).get(url(acme, path)).status_code == 403
        assert signed_in(acme.emil).get(url(acme, path)).status_code == 404


def test_several_people_get_a_role_at_once_with_a_window(acme: Acme, signed_in: SignIn) -> None:
    end = timezone.now() + timedelta(days=7)
    answer = signed_in(acme.marc).post(
        url(acme, "give/"),
        {
            "people": [acme.emil.pk, acme.ana.pk],
            "role": role_id("editor"),
            "expires_at": f"{end:%Y-%m-%dT%H:%M}",
            "reason": "Summer campaign",
        },
        follow=True,
    )
    page = answer.content.decode()
    assert "2 people have the role Editor now." in page
    assert "until" in page
    assert grants(acme, acme.emil) == grants(acme, acme.ana) == {"editor"}
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="access.grant", reason="Summer campaign").count() == 2
        grant = ProfileUserGrant.objects.get(content_object=acme.news, user=acme.emil)
    assert grant.expires_at is not None and abs(grant.expires_at - end) < timedelta(minutes=1)


def test_a_direct_none_closes_the_profile_and_ending_it_opens_it_again(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    client.post(url(acme, "give/"), {"people": [acme.paul.pk], "role": role_id("none")})
    assert signed_in(acme.paul).get(f"/o/acme/profiles/{acme.news.pk}/").status_code == 404
    assert "No access now" in client.get(url(acme), {"q": "Paul"}).content.decode()
    with organization_open(acme.organization.pk):
        closed = ProfileUserGrant.objects.get(
            content_object=acme.news, user=acme.paul, permission__role__slug="none"
        )
    asked = client.get(url(acme, f"{closed.pk}/end/"))
    assert "None closes Acme News for this person." in asked.content.decode()
    assert client.post(url(acme, f"{closed.pk}/end/"), {"reason": "Back"}).status_code == 303
    assert signed_in(acme.paul).get(f"/o/acme/profiles/{acme.news.pk}/").status_code == 200


def test_nobody_gives_himself_a_role_or_ends_his_own(acme: Acme, signed_in: SignIn) -> None:
    own = give(acme.news, acme.emil, "standard:administrator")
    client = signed_in(acme.emil)
    typed = {"people": [acme.emil.pk], "role": role_id("editor")}
    assert client.post(url(acme, "give/"), typed).status_code == 422
    assert client.post(url(acme, f"{own.pk}/end/")).status_code == 403
    assert grants(acme, acme.emil) == {"administrator"}


def test_all_or_nobody_gets_the_role(acme: Acme, signed_in: SignIn) -> None:
    outsider = make_person("Otto Outside")
    typed = {"people": [acme.emil.pk, outsider.pk], "role": role_id("editor")}
    answer = signed_in(acme.marc).post(url(acme, "give/"), typed)
    assert answer.status_code == 422
    assert grants(acme, acme.emil) == set()


def test_only_roles_the_giver_holds_are_offered_and_taken(acme: Acme, signed_in: SignIn) -> None:
    give(acme.news, acme.emil, "standard:administrator")
    page = signed_in(acme.emil).get(url(acme, "give/")).content.decode()
    assert f'value="{role_id("administrator")}"' in page
    advanced = builtin_role("hootsuite:advanced", Scope.PROFILE).id
    assert f'value="{advanced}"' not in page
    typed = {"people": [acme.paul.pk], "role": advanced}
    assert signed_in(acme.emil).post(url(acme, "give/"), typed).status_code == 422


def test_a_window_that_is_over_keeps_everything_typed(acme: Acme, signed_in: SignIn) -> None:
    typed = {
        "people": [acme.emil.pk],
        "role": role_id("editor"),
        "expires_at": "2020-01-01T10:00",
        "reason": "Why not",
    }
    answer = signed_in(acme.marc).post(url(acme, "give/"), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The end lies in the past" in page
    assert "Why not" in page and "2020-01-01T10:00" in page
    assert f'value="{acme.emil.pk}" id="id_people_' in page and "checked" in page
    assert grants(acme, acme.emil) == set()


def give_own_role(profile: SocialProfile, person: User, *actions: str) -> None:
    """Give a role of the organization's own making."""
    with organization_open(profile.organization_id):
        permission = Permission.objects.create(
            codename="role:doorkeeper",
            name="doorkeeper",
            content_type=ContentType.objects.get_for_model(SocialProfile),
        )
        Role.objects.create(
            organization_id=profile.organization_id,
            permission=permission,
            scope=Scope.PROFILE.value,
            slug="doorkeeper",
            actions=list(actions),
        )
        ProfileUserGrant.objects.create(
            content_object=profile, user=person, permission=permission, granted_at=timezone.now()
        )


def test_refused_escalation_is_said_in_the_form_and_kept_in_the_audit_log(
    acme: Acme, signed_in: SignIn
) -> None:
    give_team(acme.news, acme.brand, "standard:editor")
    give(acme.news, acme.ana, "standard:none")
    give_own_role(acme.news, acme.emil, "profile.manage_profile_access", "profile.view_profile")
    typed = {
        "people": [acme.ana.pk],
        "role": role_id("none"),
        "expires_at": (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    }
    answer = signed_in(acme.emil).post(url(acme, "give/"), typed)
    assert answer.status_code == 422
    assert "do more on" in answer.content.decode()
    with organization_open(acme.organization.pk):
        refusal = AuditEvent.objects.get(outcome=AuditEvent.Outcome.REFUSED)
    assert (refusal.actor_id, refusal.action) == (acme.emil.pk, "profile.manage_profile_access")
    assert refusal.object_id == str(acme.news.pk)


def test_nobody_chosen_is_said(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.marc).post(url(acme, "give/"), {"role": role_id("editor")})
    assert answer.status_code == 422
    assert "Choose at least one person." in answer.content.decode()


def test_a_grant_of_another_profile_cannot_be_ended_here(acme: Acme, signed_in: SignIn) -> None:
    other = give(acme.sky, acme.emil, "standard:editor")
    assert signed_in(acme.marc).post(url(acme, f"{other.pk}/end/")).status_code == 404


def test_why_explains_one_action_for_one_person(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    where = url(acme, f"person/{acme.mina.pk}/")
    page = client.get(where, {"action": "profile.publish_posts"}).content.decode()
    assert "Moderator does not include it" in page
    page = client.get(where, {"action": "profile.view_profile"}).content.decode()
    assert "Moderator grants it" in page
    assert client.get(where, {"action": "profile.no_such_action"}).status_code == 200
    assert client.get(url(acme, f"person/{acme.mallory.pk}/")).status_code == 404


def test_the_page_costs_the_same_queries_however_many_people(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    client.get(url(acme))
    with CaptureQueriesContext(connection) as few:
        client.get(url(acme))
    for number in range(15):
        person = make_person(f"Person{number} More")
        add_member(acme.organization, person, "standard:member")
        give(acme.news, person, "standard:guest")
    with CaptureQueriesContext(connection) as many:
        client.get(url(acme))
    assert len(many) == len(few) <= 30
