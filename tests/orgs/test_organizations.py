from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership, Organization, OrganizationUserGrant, Workspace
from tenancy.context import organization_open
from tests.cast import Acme, access_of, add_member, make_person, make_profile

SignIn = Callable[[User], Client]
Send = Callable[..., Any]


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", stream.getvalue(), content_type=f"image/{kind.lower()}")


def founding(**more: str | list[str]) -> dict[str, str | list[str]]:
    return {"name": "Blue Bakery", "slug": "", "time_zone": "Europe/Paris", "packs": ["standard"]} | more


@pytest.mark.parametrize(
    ("packs", "owner_role"),
    [
        (["standard"], "standard:owner"),
        (["hootsuite"], "hootsuite:paying_super_admin"),
        (["actito"], "standard:owner"),
        (["standard", "hootsuite", "pinterest"], "standard:owner"),
    ],
)
def test_founder_owns_the_organization_with_its_first_workspace(
    packs: list[str], owner_role: str, db: None, signed_in: SignIn, send: Send
) -> None:
    nora = make_person("Nora New")
    response = send(signed_in(nora), reverse("organization_new"), founding(packs=packs))
    assert response["Location"] == "/o/blue-bakery/"
    organization = Organization.objects.get(slug="blue-bakery")
    assert organization.packs == packs
    role = access_of(nora, organization).organization_role
    assert role is not None and role.key == owner_role
    with organization_open(organization.pk):
        assert Workspace.objects.count() == 1
        assert OrganizationUserGrant.objects.get().is_owner
        assert AuditEvent.objects.get().action == "organization.found"
    settings = signed_in(nora).get("/o/blue-bakery/settings/").content.decode()
    assert organization.public_id in settings
    assert "Next steps" in signed_in(nora).get("/o/blue-bakery/").content.decode()


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [("acme", "is taken"), ("api", "is kept for Chorus itself"), ("no spaces", "Use small letters")],
)
def test_founding_refuses_an_address_that_cannot_be(
    slug: str, sentence: str, acme: Acme, signed_in: SignIn, send: Send
) -> None:
    response = send(signed_in(acme.emil), reverse("organization_new"), founding(slug=slug))
    assert response.status_code == 422
    assert sentence in response.content.decode() and "Blue Bakery" in response.content.decode()


def test_founding_finds_a_free_address_and_asks_for_sign_in(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    response = send(signed_in(acme.emil), reverse("organization_new"), founding(name="Acme"))
    assert response["Location"] == "/o/acme-2/"
    response = send(signed_in(acme.emil), reverse("organization_new"), founding(name="API"))
    assert response["Location"] == "/o/api-2/"
    assert Client().get(reverse("organization_new")).status_code == 302


def test_settings_change_name_and_picture_and_draw_the_picture_anew(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    url = reverse("organization_settings", args=["acme"])
    data = {"name": "Acme Inc", "time_zone": "Europe/Lisbon", "image": picture()}
    assert send(signed_in(acme.mina), url, data).status_code == 403
    data["image"] = picture()
    assert send(signed_in(acme.marc), url, data).status_code == 303
    acme.organization.refresh_from_db()
    assert acme.organization.name == "Acme Inc"
    response = signed_in(acme.emil).get(reverse("organization_image", args=["acme"]))
    shown = Image.open(io.BytesIO(response.content))
    assert (shown.format, shown.size) == ("WEBP", (512, 171))
    assert signed_in(acme.mallory).get(reverse("organization_image", args=["acme"])).status_code == 404
    removed = {"name": "Acme Inc", "time_zone": "Europe/Lisbon", "removes_image": "on"}
    assert send(signed_in(acme.marc), url, removed).status_code == 303
    assert signed_in(acme.emil).get(reverse("organization_image", args=["acme"])).status_code == 404


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("logo.png", b"#!/bin/sh\necho no", content_type="image/png"), "valid image"),
        (picture("BMP", (10, 10)), "Choose a PNG, JPEG, WebP or GIF picture."),
        (SimpleUploadedFile("big.png", picture().read() + b"0" * 2_100_000), "larger than 2 MB"),
    ],
)
def test_settings_refuse_a_file_that_is_no_picture_and_keep_the_rest(
    file: SimpleUploadedFile, sentence: str, acme: Acme, signed_in: SignIn, send: Send
) -> None:
    url = reverse("organization_settings", args=["acme"])
    file.seek(0)
    response = send(signed_in(acme.marc), url, {"name": "Kept", "time_zone": "UTC", "image": file})
    assert response.status_code == 422
    assert sentence in response.content.decode() and "Kept" in response.content.decode()
    acme.organization.refresh_from_db()
    assert acme.organization.name == "Acme" and not acme.organization.image


def test_second_factor_rule_is_refused_to_whom_it_would_lock_out(
    acme: Acme, signed_in: SignIn, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("organization_security", args=["acme"])
    assert send(signed_in(acme.marc), url, {"policy": "none"}).status_code == 403, "AO53: co-owners and up"
    refused = send(signed_in(acme.olga), url, {"policy": "everyone"})
    assert refused.status_code == 422
    assert "would lock you out" in refused.content.decode()
    monkeypatch.setattr("orgs.middleware.has_second_factor", lambda request: request.user == acme.olga)
    assert send(signed_in(acme.olga), url, {"policy": "everyone"}).status_code == 303
    blocked = send(signed_in(acme.emil), reverse("organization_leave", args=["acme"]))
    assert blocked.status_code == 403
    assert "asks for a second factor" in blocked.content.decode()


def test_workspace_is_made_renamed_and_deleted_only_when_empty(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    listing = reverse("workspace_list", args=["acme"])
    assert send(signed_in(acme.marc), listing, {"name": "Asia"}).status_code == 403, "AO62"
    assert send(signed_in(acme.olga), listing, {"name": "Asia"}).status_code == 303
    with organization_open(acme.organization.pk):
        asia = Workspace.objects.get(name="Asia")
    detail = reverse("workspace_detail", args=["acme", asia.pk])
    assert send(signed_in(acme.marc), detail, {"name": "Asia Pacific"}).status_code == 303
    make_profile(acme.organization, "asia-news", workspace=asia)
    delete = reverse("workspace_delete", args=["acme", asia.pk])
    assert send(signed_in(acme.olga), delete)["Location"] == detail
    with organization_open(acme.organization.pk):
        assert Workspace.objects.filter(pk=asia.pk).exists()
        asia.profiles.all().delete()
    assert send(signed_in(acme.marc), delete).status_code == 403
    assert send(signed_in(acme.olga), delete)["Location"] == listing
    last = reverse("workspace_delete", args=["acme", acme.main.pk])
    send(signed_in(acme.olga), last)
    with organization_open(acme.organization.pk):
        assert list(Workspace.objects.all()) == [acme.main]


def test_workspaces_in_reach_close_and_open_profiles(acme: Acme, signed_in: SignIn, send: Send) -> None:
    with organization_open(acme.organization.pk):
        us = Workspace.objects.create(slug="us", name="United States")
        paul = Membership.objects.get(user=acme.paul)
    url = reverse("member_workspaces", args=["acme", paul.pk])
    assert send(signed_in(acme.mina), url, {"reach": "all"}).status_code == 403
    assert send(signed_in(acme.marc), url, {"reach": "some"}).status_code == 422
    assert send(signed_in(acme.marc), url, {"reach": "some", "workspaces": [us.pk]}).status_code == 303
    assert not acme.access(acme.paul).can("profile.view_posts", acme.news)
    uma = make_person("Uma Us")
    add_member(acme.organization, uma, "standard:manager", workspaces=[us])
    assert send(signed_in(uma), url, {"reach": "all"}).status_code == 403, "she does not reach them herself"
    assert send(signed_in(acme.marc), url, {"reach": "all"}).status_code == 303
    assert acme.access(acme.paul).can("profile.view_posts", acme.news)
