"""An organization's own roles: made, edited in the matrix and box by box, renamed, deleted; and every refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import OrganizationUserGrant
from permissions.catalogue import Scope
from permissions.models import Role
from permissions.packs import PACKS
from permissions.roles import builtin_role
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme, make_own_role

SignIn = Callable[[User], Client]
MATRIX = "/o/acme/roles/?scope=profile"
CHANGES = "/o/acme/roles/changes/?scope=profile"


@pytest.fixture
def author(acme: Acme) -> Role:
    """A role that Emil has on the news: he writes drafts and sends them for approval."""
    held = [
        "profile.view_profile",
        "profile.view_posts",
        "profile.manage_drafts",
        "profile.send_for_approval",
    ]
    role = make_own_role(acme.organization, "Author", held)
    hold(acme, acme.emil, role)
    return role


def reread(role: Role) -> Role:
    """Return the role as it is in the database, whichever organization it belongs to."""
    with organization_open(role.organization_id):
        return Role.objects.get(pk=role.pk)


def own_roles(acme: Acme) -> list[Role]:
    with organization_open(acme.organization.pk):
        return list(Role.objects.filter(organization=acme.organization))


def hold(acme: Acme, person: User, role: Role, profile: Any = None) -> None:
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.create(
            content_object=profile or acme.news,
            user=person,
            permission_id=role.permission_id,
            granted_at=LONG_AGO,
        )


def ticks(role: Role, *changes: str, seen: Role | None = None, reason: str = "") -> dict[str, str]:
    """Return the form of the matrix with these changes: ``publish_posts+``."""
    state = (seen or role).edited_at
    assert state is not None
    return {
        "changes": " ".join(f"{role.pk}.{change}" for change in changes),
        "versions": f"{role.pk}@{state.isoformat()}",
        "reason": reason,
    }


def events(acme: Acme) -> list[AuditEvent]:
    with organization_open(acme.organization.pk):
        return list(AuditEvent.objects.order_by("sequence"))


def told(response: Any) -> str:
    return " ".join(response.content.decode().split())


# -- the matrix -------------------------------------------------------------------------------------------------------


def test_saving_the_matrix_changes_what_everybody_with_the_role_may_do(
    acme: Acme, author: Role, signed_in: SignIn
) -> None:
    assert not acme.access(acme.emil).can("profile.publish_posts", acme.news)
    data = ticks(author, "publish_posts+", "send_for_approval-", reason="Authors publish from December")
    response = signed_in(acme.marc).post(MATRIX, data)
    assert (response.status_code, response["Location"]) == (303, MATRIX)
    author = reread(author)
    assert "profile.publish_posts" in author.actions and "profile.send_for_approval" not in author.actions
    assert acme.access(acme.emil).can("profile.publish_posts", acme.news)
    event = events(acme)[-1]
    assert (event.action, event.reason) == ("role.edit", "Authors publish from December")
    assert event.object_id == str(author.pk)


def test_panel_tells_who_gains_and_loses_and_saves_nothing(
    acme: Acme, author: Role, signed_in: SignIn
) -> None:
    data = ticks(author, "publish_posts+", "manage_drafts-")
    response = signed_in(acme.olga).post(CHANGES, data)
    page = told(response)
    assert response.status_code == 200
    assert "2 unsaved" in page and "Emil Employee" in page
    assert "Undo Publish posts for Author" in page and "Save changes" in page
    assert "Sensitive:" in page
    author = reread(author)
    assert "profile.publish_posts" not in author.actions and author.edited_at == LONG_AGO
    assert events(acme) == []


def test_panel_says_a_refusal_before_anything_is_saved(acme: Acme, author: Role, signed_in: SignIn) -> None:
    """Ana manages roles here, and holds nothing on the news: whoever has the role would get what she lacks."""
    desk = make_own_role(acme.organization, "Desk", _organization_actions(), Scope.ORGANIZATION)
    _becomes(acme, acme.ana, desk)
    page = told(signed_in(acme.ana).post(CHANGES, ticks(author, "publish_posts+")))
    assert "This would be refused" in page
    assert "Whoever has this role would get “Publish posts” on" in page
    assert 'type="submit"' not in page  # the button tells the reason instead
    response = signed_in(acme.ana).post(MATRIX, ticks(author, "publish_posts+", reason="Just because"))
    page = told(response)
    assert response.status_code == 422
    assert "which you do not hold there yourself" in page
    assert "Just because" in page and f'data-restore="{author.pk}.publish_posts+"' in page
    author = reread(author)
    assert "profile.publish_posts" not in author.actions
    assert [(event.action, event.outcome) for event in events(acme)] == [("access.refused", "refused")]


def test_nobody_edits_a_role_so_that_he_gains_himself(acme: Acme, author: Role, signed_in: SignIn) -> None:
    """Paul edits the news directly; as somebody who manages roles he puts more into the one he has on the quiet one."""
    desk = make_own_role(acme.organization, "Desk", _organization_actions(), Scope.ORGANIZATION)
    _becomes(acme, acme.paul, desk)
    hold(acme, acme.paul, author, acme.quiet)
    response = signed_in(acme.paul).post(MATRIX, ticks(author, "publish_posts+"))
    assert response.status_code == 422
    author = reread(author)
    assert "profile.publish_posts" not in author.actions


def test_who_may_not_manage_roles_sees_the_matrix_and_changes_nothing(
    acme: Acme, author: Role, signed_in: SignIn
) -> None:
    client = signed_in(acme.emil)
    page = told(client.get(MATRIX))
    assert "Author" in page and 'type="checkbox"' not in page
    for address in (MATRIX, CHANGES):
        assert client.post(address, ticks(author, "publish_posts+")).status_code == 403
    author = reread(author)
    assert "profile.publish_posts" not in author.actions


def test_stale_editor_is_told_and_loses_nothing(acme: Acme, author: Role, signed_in: SignIn) -> None:
    before = reread(author)
    assert (
        signed_in(acme.marc).post(MATRIX, ticks(author, "view_approvals+", reason="For Emil")).status_code
        == 303
    )
    data = ticks(author, "publish_posts+", seen=before, reason="Olga's reason")
    assert "Load what was saved" in told(signed_in(acme.olga).post(CHANGES, data))
    response = signed_in(acme.olga).post(MATRIX, data)
    page = told(response)
    assert response.status_code == 409
    assert "Somebody saved while you were editing" in page
    assert "Marc Manager" in page and "For Emil" in page
    assert f'data-restore="{author.pk}.publish_posts+"' in page and "Olga&#x27;s reason" in page
    author = reread(author)
    assert "profile.view_approvals" in author.actions and "profile.publish_posts" not in author.actions
    # the page carries the new state, so saving again works, and Marc's change stays
    again = ticks(author, "publish_posts+")
    assert again["versions"] in page
    assert signed_in(acme.olga).post(MATRIX, again).status_code == 303
    author = reread(author)
    assert {"profile.view_approvals", "profile.publish_posts"} <= set(author.actions)


def test_several_roles_are_saved_together_or_not_at_all(acme: Acme, author: Role, signed_in: SignIn) -> None:
    reader = make_own_role(acme.organization, "Reader", ["profile.view_posts"])
    seen = author.edited_at
    assert seen is not None
    data = {
        "changes": f"{author.pk}.view_approvals+ {reader.pk}.view_approvals+",
        "versions": f"{author.pk}@{seen.isoformat()} {reader.pk}@{(seen - timedelta(days=1)).isoformat()}",
    }
    assert signed_in(acme.olga).post(MATRIX, data).status_code == 409
    author = reread(author)
    assert "profile.view_approvals" not in author.actions
    data["versions"] = f"{author.pk}@{seen.isoformat()} {reader.pk}@{seen.isoformat()}"
    response = signed_in(acme.olga).post(MATRIX, data, follow=True)
    assert "2 roles saved." in told(response)
    for role in (author, reader):
        role = reread(role)
        assert "profile.view_approvals" in role.actions


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("{author}.publish_everything+", "There is no action “profile.publish_everything”."),
        ("{author}.publish_post+", "Did you mean “profile.publish_posts”?"),
        ("{builtin}.publish_posts-", "is built in and cannot be changed"),
        ("999999.publish_posts+", "not there any more"),
        ("{foreign}.publish_posts+", "not there any more"),
        ("drop table", "“drop” is no change of a role"),
    ],
)
def test_matrix_refuses_what_cannot_be_meant(
    change: str, sentence: str, acme: Acme, author: Role, signed_in: SignIn
) -> None:
    foreign = make_own_role(acme.elsewhere, "Theirs", ["profile.view_posts"])
    builtin = builtin_role("standard:editor", Scope.PROFILE)
    word = change.format(author=author.pk, builtin=builtin.id, foreign=foreign.pk)
    data = {"changes": word, "versions": ""}
    for address, status in ((CHANGES, 200), (MATRIX, 422)):
        response = signed_in(acme.olga).post(address, data)
        assert response.status_code == status
        assert sentence in told(response)
    foreign = reread(foreign)
    assert foreign.actions == ["profile.view_posts"]
    assert events(acme) == []


def test_changes_that_come_to_nothing_save_nothing(acme: Acme, author: Role, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    assert "Nothing changed yet" in told(client.post(CHANGES, ticks(author, "view_posts+")))
    assert client.post(MATRIX, ticks(author, "view_posts+")).status_code == 303
    assert events(acme) == []


# -- one role at a time -----------------------------------------------------------------------------------------------


def test_role_is_edited_box_by_box_without_the_matrix(acme: Acme, author: Role, signed_in: SignIn) -> None:
    client, address = signed_in(acme.olga), reverse("role_actions", args=["acme", author.pk])
    page = told(client.get(address))
    assert page.count('name="actions"') == 60 and page.count('value="profile.view_posts" checked') == 1
    data = {
        "actions": ["profile.view_profile", "profile.view_posts", "profile.publish_posts"],
        "seen": LONG_AGO.isoformat(),
        "reason": "Shorter",
    }
    look = client.post(address, {**data, "step": "look"})
    assert "Emil Employee" in told(look) and "Save changes" in told(look)
    author = reread(author)
    assert "profile.manage_drafts" in author.actions
    assert client.post(address, data)["Location"] == reverse("role_detail", args=["acme", author.pk])
    author = reread(author)
    assert author.actions == sorted(data["actions"])


def test_boxes_of_a_stale_editor_are_kept(acme: Acme, author: Role, signed_in: SignIn) -> None:
    address = reverse("role_actions", args=["acme", author.pk])
    signed_in(acme.marc).post(MATRIX, ticks(author, "view_approvals+"))
    data = {"actions": ["profile.view_posts"], "seen": LONG_AGO.isoformat()}
    response = signed_in(acme.olga).post(address, data)
    page = told(response)
    author = reread(author)
    assert author.edited_at is not None and "profile.view_approvals" in author.actions
    assert response.status_code == 422
    assert "Somebody saved “Author” while you were editing." in page
    assert (
        'value="profile.view_posts" checked' in page and 'value="profile.manage_drafts" checked' not in page
    )
    assert author.edited_at.isoformat().replace("+", "&#x2B;") in page or author.edited_at.isoformat() in page


def test_unknown_box_is_refused(acme: Acme, author: Role, signed_in: SignIn) -> None:
    address = reverse("role_actions", args=["acme", author.pk])
    data = {"actions": ["team.view_team"], "seen": LONG_AGO.isoformat()}
    response = signed_in(acme.olga).post(address, data)
    assert response.status_code == 422 and "team.view_team is not one of the available choices" in told(
        response
    )


def test_new_actions_stay_out_until_somebody_ticks_them(acme: Acme, author: Role, signed_in: SignIn) -> None:
    """T4."""
    with organization_open(acme.organization.pk):
        known = [name for name in author.known_actions if name not in NEW]
        Role.objects.filter(pk=author.pk).update(known_actions=known)
    client, page_of_role = signed_in(acme.olga), reverse("role_detail", args=["acme", author.pk])
    page = told(client.get(page_of_role))
    assert "New since it was last edited" in page and page.count('name="actions"') == len(NEW)
    address = reverse("role_actions", args=["acme", author.pk])
    adding = {"fresh": "1", "step": "look", "seen": LONG_AGO.isoformat(), "actions": [NEW[0]]}
    look = told(client.post(address, adding))
    assert f'value="{NEW[0]}" checked' in look and f'value="{NEW[1]}" checked' not in look
    assert 'value="profile.view_posts" checked' in look and "Emil Employee" in look
    saved = client.post(address, {"actions": [*author.actions, NEW[0]], "seen": LONG_AGO.isoformat()})
    assert saved.status_code == 303
    author = reread(author)
    assert NEW[0] in author.actions and NEW[1] not in author.actions
    assert "New since it was last edited" not in told(client.get(page_of_role))


NEW = ("profile.view_approvals", "profile.pause_profile")


# -- making, renaming, deleting ---------------------------------------------------------------------------------------


def test_copy_of_a_builtin_role_starts_with_its_actions(acme: Acme, signed_in: SignIn) -> None:
    editor = builtin_role("standard:editor", Scope.PROFILE)
    client, address = signed_in(acme.marc), reverse("role_new", args=["acme"])
    page = told(client.get(address, {"copy": editor.id}))
    assert "Copy of Editor" in page and f'value="{editor.id}" selected' in page
    data = {"start": editor.id, "name": "Brand editor", "description": "Edits our brand."}
    response = client.post(address, data)
    [role] = own_roles(acme)
    assert response["Location"] == f"/o/acme/roles/?scope=profile&role={role.pk}"
    assert (role.name, role.scope, role.copied_from) == ("Brand editor", "profile", "standard:editor")
    assert frozenset(role.actions) == PACKS["standard"].role(Scope.PROFILE, "editor").actions
    assert "Copied from" in told(client.get(reverse("role_detail", args=["acme", role.pk])))


def test_empty_role_is_made_at_each_level(acme: Acme, signed_in: SignIn) -> None:
    for scope in Scope:
        data = {"start": scope.value, "name": "Fresh", "description": ""}
        assert signed_in(acme.olga).post(reverse("role_new", args=["acme"]), data).status_code == 303
    assert {(role.scope, tuple(role.actions)) for role in own_roles(acme)} == {
        ("organization", ()),
        ("team", ()),
        ("profile", ()),
    }


def test_name_of_another_role_is_refused_and_what_was_typed_kept(
    acme: Acme, author: Role, signed_in: SignIn
) -> None:
    client = signed_in(acme.olga)
    data = {"start": "profile", "name": "  author ", "description": "A second one"}
    response = client.post(reverse("role_new", args=["acme"]), data)
    assert response.status_code == 422
    assert "There is a role called “author” already." in told(response) and "A second one" in told(response)
    reader = make_own_role(acme.organization, "Reader", ["profile.view_posts"])
    renamed = client.post(
        reverse("role_edit", args=["acme", reader.pk]), {"name": "Author", "description": ""}
    )
    assert renamed.status_code == 422
    assert reread(reader).name == "Reader"


def test_nobody_copies_a_role_that_holds_more_than_he_does(acme: Acme, signed_in: SignIn) -> None:
    co_owner = builtin_role("standard:co_owner", Scope.ORGANIZATION)
    data = {"start": co_owner.id, "name": "As good as the owner", "description": ""}
    response = signed_in(acme.marc).post(reverse("role_new", args=["acme"]), data)
    assert response.status_code == 422 and "into a role: you do not hold it yourself" in told(response)
    assert not own_roles(acme)
    assert [event.outcome for event in events(acme)] == ["refused"]


def test_role_is_renamed_and_its_history_says_so(acme: Acme, author: Role, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    data = {"name": "Writer", "description": "Writes, and asks before it goes out."}
    response = client.post(reverse("role_edit", args=["acme", author.pk]), data)
    assert response["Location"] == reverse("role_detail", args=["acme", author.pk])
    page = told(client.get(response["Location"]))
    assert "Writer" in page and "Writes, and asks before it goes out." in page
    history = told(client.get(reverse("role_history", args=["acme", author.pk])))
    assert "Role changed" in history and "Olga Owner" in history and "Writer" in history


def test_role_in_use_is_deleted_only_with_another_one_instead(
    acme: Acme, author: Role, signed_in: SignIn
) -> None:
    client, address = signed_in(acme.olga), reverse("role_delete", args=["acme", author.pk])
    assert "Roles given to people" in told(client.get(address))
    assert client.post(address, {}).status_code == 422
    guest = builtin_role("standard:guest", Scope.PROFILE)
    look = told(client.post(address, {"replacement": guest.permission_id, "step": "look"}))
    assert "Emil Employee" in look and "Delete role" in look
    assert own_roles(acme) == [author]
    response = client.post(address, {"replacement": guest.permission_id, "reason": "Not needed"})
    assert response["Location"] == reverse("role_list", args=["acme"])
    assert own_roles(acme) == []
    access = acme.access(acme.emil)
    assert [source.role.key for source in access.sources(acme.news)] == ["standard:guest"]
    assert events(acme)[-1].action == "role.delete"


def test_role_nobody_has_is_deleted_after_one_look(acme: Acme, signed_in: SignIn) -> None:
    role = make_own_role(acme.organization, "Idle", ["profile.view_posts"])
    client, address = signed_in(acme.olga), reverse("role_delete", args=["acme", role.pk])
    page = told(client.get(address))
    assert "Nobody gains or loses anything by this." in page and "Role instead" not in page
    assert client.post(address, {"reason": ""}).status_code == 303
    assert own_roles(acme) == []


@pytest.mark.parametrize("route", ["role_edit", "role_actions", "role_delete"])
def test_builtin_role_and_a_strangers_cannot_be_opened_for_editing(
    route: str, acme: Acme, signed_in: SignIn
) -> None:
    foreign = make_own_role(acme.elsewhere, "Theirs", ["profile.view_posts"])
    editor = builtin_role("standard:editor", Scope.PROFILE)
    for pk in (editor.id, foreign.pk):
        assert signed_in(acme.olga).get(reverse(route, args=["acme", pk])).status_code == 404
        assert signed_in(acme.olga).post(reverse(route, args=["acme", pk])).status_code == 404


def _organization_actions() -> set[str]:
    return set(PACKS["standard"].role(Scope.ORGANIZATION, "member").actions) | {"organization.manage_roles"}


def _becomes(acme: Acme, person: User, role: Role) -> None:
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=person).update(permission=role.permission_id)
