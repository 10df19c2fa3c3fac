"""Founding an organization and changing what belongs to all of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from accounts.models import User
from audit.services import record_event
from orgs.models import Membership, Organization, OrganizationUserGrant, Workspace
from permissions.catalogue import Scope
from permissions.checker import MANAGES_ACCESS, Access
from permissions.errors import Refused
from permissions.packs import PACKS
from permissions.roles import builtin_role
from permissions.services import begin_act, begin_change
from tenancy.context import organization_open

IMAGE_SIDE_PIXELS = 512


class AddressTaken(Refused):
    """Somebody else took the address first. The message is for the person."""


class SecondFactorMissing(Refused):
    """Whoever asks others for a second factor must use one himself, or he locks himself out."""


def found_organization(
    *, user: User, name: str, slug: str, time_zone: str, packs: Sequence[str], now: datetime
) -> Organization:
    """Create an organization with its first workspace; whoever creates it owns it (A1, H2). Raises AddressTaken."""
    with transaction.atomic():
        organization, is_new = Organization.objects.get_or_create(
            slug=slug,
            defaults={"name": name, "time_zone": time_zone, "packs": list(packs), "created_at": now},
        )
        if not is_new:
            raise AddressTaken(_("“%(slug)s” is taken.") % {"slug": slug})
        with organization_open(organization.pk):
            Workspace.objects.create(slug="main", name=_("Main"))
            Membership.objects.create(user=user, joined_at=now)
            owner = builtin_role(PACKS[packs[0]].owner_role, Scope.ORGANIZATION)
            OrganizationUserGrant.objects.create(
                content_object=organization,
                user=user,
                permission_id=owner.permission_id,
                is_owner=True,
                granted_at=now,
            )
            record_event(
                actor=user,
                action="organization.found",
                obj=organization,
                at=now,
                after={"name": name, "slug": slug, "packs": list(packs), "role": owner.key},
            )
    return organization


@transaction.atomic
def update_organization(
    *,
    actor: Access,
    organization: Organization,
    name: str,
    time_zone: str,
    now: datetime,
    image: UploadedFile[Any] | None = None,
    removes_image: bool = False,
) -> None:
    """Change name, time zone and picture. The picture is drawn anew, so nothing hides in the file."""
    actor = begin_act(actor, now)
    actor.require("organization.update_name_and_image", organization)
    old_image = organization.image.name
    before = {"name": organization.name, "time_zone": organization.time_zone, "image": bool(old_image)}
    organization.name, organization.time_zone = name, time_zone
    if image is not None:
        organization.image.save("image.webp", redrawn(image), save=False)
    elif removes_image:
        organization.image = ""  # type: ignore[assignment]
    organization.save(update_fields=["name", "time_zone", "image"])
    if old_image and old_image != organization.image.name:
        storage = organization.image.storage
        transaction.on_commit(lambda: storage.delete(old_image))
    after = {"name": name, "time_zone": time_zone, "image": bool(organization.image)}
    record_event(
        actor=actor.user, action="organization.update", obj=organization, at=now, before=before, after=after
    )


def redrawn(image: UploadedFile[Any]) -> ContentFile[bytes]:
    """Return the picture as WebP, upright, at most 512 pixels a side and without its metadata."""
    image.seek(0)
    with Image.open(image) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGBA")
    picture.thumbnail((IMAGE_SIDE_PIXELS, IMAGE_SIDE_PIXELS))
    stream = io.BytesIO()
    picture.save(stream, "WEBP")
    return ContentFile(stream.getvalue())


@transaction.atomic
def set_two_factor_policy(*, actor: Access, organization: Organization, policy: str, now: datetime) -> None:
    """Decide who needs a second factor (P11). It counts from everybody's next request."""
    actor = begin_change(actor, now)
    actor.require("organization.set_up_two_factor", organization)
    role = actor.organization_role
    covers_actor = policy == Organization.TwoFactor.EVERYONE or (
        policy == Organization.TwoFactor.MANAGERS and role is not None and MANAGES_ACCESS in role.actions
    )
    if covers_actor and actor.has_second_factor is False:
        raise SecondFactorMissing(
            _("Sign in with a second step yourself first: this rule would lock you out at once.")
        )
    before = {"two_factor": organization.two_factor}
    organization.two_factor = policy
    organization.save(update_fields=["two_factor"])
    record_event(
        actor=actor.user,
        action="organization.two_factor",
        obj=organization,
        at=now,
        before=before,
        after={"two_factor": policy},
    )
