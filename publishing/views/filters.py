"""What the calendar and the list can be narrowed to, as chips and a form that work without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from permissions.guard import OrganizationRequest
from publishing.models import State
from publishing.selectors import (
    Wanted,
    authors_of_visible_posts,
    campaigns_of_visible_posts,
    labels_of_visible_posts,
    profiles_with_visible_posts,
)
from publishing.selectors.organizing import Narrowing, field_filters, fields_offered
from publishing.selectors.publications import OWN_FIELD
from social_accounts.connections import named_in_full, offered_networks

NAMED_CHIPS_MAX: Final = 4  # more than these are told apart by their marks alone, on one line


@dataclass(frozen=True)
class NetworkChip:
    """A network to show alone, or with others; pressing it again takes it out."""

    name: str
    label: str
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """A choice of the form: its name in the address, what it is called, and what may be chosen."""

    name: str
    label: str
    any_label: str
    options: list[tuple[str, str]]
    chosen: str


def filter_context(
    request: OrganizationRequest, wanted: Wanted, *, has_canceled: bool = False
) -> dict[str, Any]:
    """Return what ``publishing/_filters.html`` shows. What is canceled is in the list, and on no calendar."""
    profiles = list(profiles_with_visible_posts(request.access))
    used = {profile.network for profile in profiles} | {*wanted.networks}
    chips = [
        NetworkChip(
            network.name,
            str(network.label),
            wanted.toggling(network.name).query,
            network.name in wanted.networks,
        )
        for network in offered_networks()
        if network.name in used
    ]
    return {
        "wanted": wanted,
        "network_chips": chips if len(chips) > 1 else [],
        "has_many_networks": len(chips) > NAMED_CHIPS_MAX,
        "filter_fields": _fields(
            request,
            wanted,
            profiles=[(str(one.pk), named_in_full(one)) for one in profiles],
            states=[
                (value, str(label))
                for value, label in State.choices
                if has_canceled or value != State.CANCELED
            ],
        ),
    }


def _fields(
    request: OrganizationRequest,
    wanted: Wanted,
    *,
    profiles: list[tuple[str, str]],
    states: list[tuple[str, str]],
) -> list[Field]:
    access, chosen = request.access, dict(wanted.fields)
    authors = [(str(one.pk), str(one)) for one in authors_of_visible_posts(access)]
    labels = [(str(one.pk), one.name) for one in labels_of_visible_posts(access)]
    campaigns = [(str(one.pk), one.name) for one in campaigns_of_visible_posts(access)]
    fields = [
        Field("profile", _("Profile"), _("Every profile"), profiles, chosen.get("profile", "")),
        Field("state", _("State"), _("Every state"), states, chosen.get("state", "")),
        Field("author", _("Author"), _("Everybody"), authors, chosen.get("author", "")),
        Field("label", _("Label"), _("Every label"), labels, chosen.get("label", "")),
        Field("campaign", _("Campaign"), _("Every campaign"), campaigns, chosen.get("campaign", "")),
    ]
    fields += [
        Field(f"{OWN_FIELD}{one.field.pk}", one.field.name, _("Everything"), list(one.options), one.said)
        for one in field_filters(
            fields_offered(access, request.organization), Narrowing(fields=dict(wanted.said))
        )
    ]
    return [field for field in fields if field.options or field.chosen]
