"""What loading a file would do, before it is done: the lines that change, and who gains and loses what by them."""

from __future__ import annotations

from datetime import datetime

from audit.services import record_event
from orgs.models import Organization
from permissions.checker import Access
from permissions.services import begin_act
from permissions.what_if import WhatIf, preview
from social_accounts.access_file.acting import Loaded, load_as
from social_accounts.access_file.state import OrganizationState
from social_accounts.access_file.writing import dump

EXPORT = "organization.export_access_file"


def try_load(
    *, actor: Access, organization: Organization, state: OrganizationState, now: datetime
) -> tuple[Loaded, WhatIf]:
    """Load the file, look at what it did, and undo it. Raises whatever loading it raises."""
    loaded: list[Loaded] = []
    refusals: list[Exception] = []

    def change() -> None:
        here = Organization.objects.get(pk=organization.pk)
        try:
            loaded.append(load_as(actor=actor, organization=here, state=state, now=now))
        except Exception as refusal:
            refusals.append(refusal)
            raise

    what_if = preview(organization_id=organization.pk, change=change, at=now)
    if refusals:
        raise refusals[0]
    return loaded[0], what_if


def export_file(*, actor: Access, organization: Organization, now: datetime) -> str:
    """Return the organization's access file; the audit log keeps that it was taken out."""
    actor = begin_act(actor, now)
    actor.require(EXPORT, organization)
    record_event(actor=actor.user, action=EXPORT, obj=organization, at=now)
    return dump([organization.slug])
