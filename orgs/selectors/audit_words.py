"""What the audit log calls the events of profiles and posts, recorded on floors above, and those of partners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from permissions import catalogue
from permissions.models import SCOPE_CHOICES

EVENTS_OF_CONTENT = {
    "profile.connect": _("Profile connected"),
    "profile.reconnect": _("Profile reconnected"),
    "profile.connected_again": _("Profile answers again"),
    "profile.needs_reconnect": _("Network no longer accepts the profile"),
    "profile.disconnect": _("Profile disconnected"),
    "profile.revoke_unanswered": _("Network did not confirm the end of the connection"),
    "profile.move": _("Profile moved to another workspace"),
    "profile.rename": _("Profile renamed"),
    "profile.time_zone": _("Time zone of a profile changed"),
    "post.create": _("Post written"),
    "post.update": _("Post changed"),
    "post.delete": _("Post deleted"),
    "publication.schedule": _("Post scheduled"),
    "publication.ask_approval": _("Approval asked for"),
    "publication.approve": _("Post approved"),
    "publication.decline": _("Post not approved"),
    "publication.move": _("Post moved to another time"),
    "publication.cancel": _("Publication canceled"),
    "publication.take_over": _("Held post taken over"),
    "publication.resolve": _("Outcome of a post settled"),
    "publication.draft": _("Post back to draft"),
    "publication.waiting": _("Post waits for approval"),
    "publication.scheduled": _("Post scheduled again"),
    "publication.publishing": _("Post on its way"),
    "publication.processing": _("Post in work at the network"),
    "publication.published": _("Post published"),
    "publication.rejected": _("Post refused by the network"),
    "publication.declined": _("Post not approved"),
    "publication.held": _("Post held"),
    "publication.unconfirmed": _("Outcome of a post unknown"),
    "publication.canceled": _("Publication canceled"),
    "publishing.pause": _("Publishing paused"),
    "publishing.resume": _("Publishing resumed"),
    "assertion.create": _("Guardrail stated"),
    "assertion.update": _("Guardrail changed"),
    "assertion.delete": _("Guardrail deleted"),
    "assertion.broken": _("Guardrail broken by time"),
    "review.open": _("Access review opened"),
    "review.decide": _("Decision in an access review"),
    "review.sign": _("Access review signed off"),
    "review.cancel": _("Access review deleted unfinished"),
}
FIELDS_OF_CONTENT = {
    "network": _("Network"),
    "server": _("Server"),
    "handle": _("Handle"),
    "status": _("Connection"),
    "scopes": _("Permissions at the network"),
    "workspace": _("Workspace"),
    "profile": _("Profile"),
    "version": _("Version"),
    "pictures": _("Pictures"),
    "due_at": _("Goes out"),
    "state": _("State"),
    "finding": _("What was found"),
    "permalink": _("Link to the post"),
    "rule": _("Guardrail"),
    "broken_in": _("Broken places"),
    "due_on": _("Due on"),
    "reviewers": _("Reviewers"),
    "lines": _("Lines"),
    "kept": _("Kept"),
    "reduced": _("Reduced"),
    "removed": _("Removed"),
    "fingerprint": _("Fingerprint"),
    "file": _("File"),
    "filters": _("Filters"),
    "events": _("Events"),
    "vouched_by": _("Vouches for it"),
}
EVENTS_OF_PARTNERS = {
    "partner.invite": _("Partner invited"),
    "partner.ask": _("Partner asked for access"),
    "partner.accept": _("Partnership agreed"),
    "partner.decline": _("Partnership declined"),
    "partner.withdraw": _("Proposal of a partnership withdrawn"),
    "partner.share": _("Profiles shared with a partner"),
    "partner.end_share": _("Profile no longer shared with a partner"),
    "partner.assign": _("Partner's profiles assigned"),
    "partner.unassign": _("Assignment of a partner's profile ended"),
    "partner.end": _("Partnership ended"),
    "partner.wrong_id": _("Wrong business id tried"),
    "support.open": _("Support signed in"),
    "support.end": _("Support session ended"),
    "support.access": _("Support access changed"),
}
FIELDS_OF_PARTNERS = {
    "assigned": _("Assigned"),
    "ticket": _("Ticket"),
    "kind": _("Kind of staff"),
    "allows_support": _("Support may sign in"),
}
EVENTS_OF_ROLES = {
    "role.create": _("Role made"),
    "role.edit": _("Role changed"),
    "role.delete": _("Role deleted"),
    "pack.add": _("Role pack added"),
    "pack.remove": _("Role pack removed"),
}
FIELDS_OF_ROLES = {
    "scope": _("Kind of role"),
    "actions": _("Actions"),
    "added": _("Added"),
    "removed": _("Taken out"),
    "copied_from": _("Copied from"),
    "uses": _("In use"),
    "instead": _("Instead"),
}
_OF_ACTIONS = frozenset({"actions", "added", "removed"})  # lists of names from the catalogue
VALUES: Mapping[str, Mapping[str, Any]] = {
    "scope": dict(SCOPE_CHOICES),
    "kind": {"support": _("Support staff"), "team": _("Vendor team")},
    "two_factor": {
        "none": _("Nobody has to"),
        "managers": _("Those who manage members"),
        "everyone": _("Everyone"),
    },
    "status": {
        "connected": _("Connected"),
        "needs_reconnect": _("Needs reconnecting"),
        "disconnected": _("Disconnected"),
        "unconnected": _("Not connected yet"),
    },
    "state": {
        "draft": _("Draft"),
        "waiting": _("Waiting for approval"),
        "scheduled": _("Scheduled"),
        "publishing": _("Publishing"),
        "processing": _("Processing at the network"),
        "published": _("Published"),
        "rejected": _("Refused by the network"),
        "declined": _("Not approved"),
        "held": _("Held"),
        "unconfirmed": _("Unconfirmed"),
        "canceled": _("Canceled"),
    },
    "finding": {
        "there": _("It is there"),
        "send_again": _("It is not there: send it again"),
        "cancel": _("It is not there: leave it so"),
    },
}


def worded(field: str, value: Any) -> Any:
    """Return the words for a value that is stored as a key; any other value as it is."""
    if field in _OF_ACTIONS and isinstance(value, list):
        return [str(catalogue.ACTIONS[name].label) if name in catalogue.ACTIONS else name for name in value]
    return str(VALUES[field].get(value, value)) if field in VALUES and isinstance(value, str) else value
