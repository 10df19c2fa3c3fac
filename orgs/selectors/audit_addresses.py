"""Where an entry of the audit log leads: to the member it names and to the page of its object, if they still exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from urllib.parse import urlencode

from django.apps import apps
from django.urls import reverse

from audit.models import AuditEvent
from orgs.models import Membership, Organization

# The page of an object, by its kind: floors above are known by the names of their addresses.
PAGES = {
    "orgs.membership": "member_access",
    "orgs.team": "team_detail",
    "orgs.workspace": "workspace_detail",
    "social_accounts.socialprofile": "profile",
    "publishing.publication": "publication_detail",
    "publishing.post": "post_history",
    "publishing.campaign": "campaign",
    "publishing.label": "label_edit",
    "publishing.hashtaglist": "hashtag_list_edit",
    "publishing.draftcategory": "draft_category_edit",
    "publishing.customfield": "custom_field_edit",
    "publishing.workflow": "workflow_detail",
    "governance.review": "review_detail",
    "governance.assertion": "assertion_detail",
}


class AddressesOf:
    """The addresses that some events lead to: one query for people and one for each kind of object among them."""

    def __init__(self, events: Collection[AuditEvent], organization: Organization) -> None:
        self._slug = organization.slug
        named = {event.actor_id for event in events}
        for event in events:
            for values in (event.before, event.after):
                if isinstance(values, dict) and isinstance(values.get("person_id"), int):
                    named.add(values["person_id"])
        self._member_of = dict(
            Membership.objects.filter(user__in=named - {None}).values_list("user_id", "pk")
        )
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for event in events:
            if event.object_type in PAGES:
                wanted[event.object_type].add(event.object_id)
        self._existing = {kind: _existing(kind, ids) for kind, ids in sorted(wanted.items())}

    def person(self, user_id: int | None) -> str:
        """Return the page of the member, or an empty text for who is none (any more)."""
        pk = self._member_of.get(user_id) if user_id is not None else None
        return reverse("member_access", args=[self._slug, pk]) if pk is not None else ""

    def object(self, event: AuditEvent) -> str:
        if event.object_id not in self._existing.get(event.object_type, ()):
            return ""
        return reverse(PAGES[event.object_type], args=[self._slug, event.object_id])

    def log_of(self, event: AuditEvent) -> str:
        """Return the log of this object alone; the organization's own is the whole log."""
        if event.object_type in ("", Organization._meta.label_lower):
            return ""
        query = urlencode({"object": f"{event.object_type}:{event.object_id}"})
        return f"{reverse('audit_log', args=[self._slug])}?{query}"


def _existing(kind: str, ids: Collection[str]) -> set[str]:
    rows = apps.get_model(kind)._default_manager.filter(pk__in=ids)
    return {str(pk) for pk in rows.values_list("pk", flat=True)}
