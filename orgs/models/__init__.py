"""Organizations, and who belongs to them how."""

from orgs.models.endings import EndAnnouncement, EndAnnouncementManager, EndAnnouncementQuerySet
from orgs.models.grants import OrganizationUserGrant, TeamUserGrant
from orgs.models.offers import Invitation, InvitationManager, InvitationQuerySet, OwnershipTransfer
from orgs.models.organizations import (
    PUBLIC_ID_ALPHABET,
    RESERVED_SLUGS,
    Membership,
    MembershipManager,
    MembershipQuerySet,
    Organization,
    Team,
    Workspace,
    WorkspaceAccess,
    default_packs,
    new_public_id,
    slug_validator,
)
from orgs.models.partnerships import Partnership, PartnershipManager, PartnershipQuerySet
from orgs.models.requests import AccessRequest, AccessRequestManager, AccessRequestQuerySet
from orgs.models.support import SupportSession, SupportSessionManager, SupportSessionQuerySet
from orgs.models.view_as import ViewAs, ViewAsManager, ViewAsQuerySet

__all__ = [
    "PUBLIC_ID_ALPHABET",
    "RESERVED_SLUGS",
    "AccessRequest",
    "AccessRequestManager",
    "AccessRequestQuerySet",
    "EndAnnouncement",
    "EndAnnouncementManager",
    "EndAnnouncementQuerySet",
    "Invitation",
    "InvitationManager",
    "InvitationQuerySet",
    "Membership",
    "MembershipManager",
    "MembershipQuerySet",
    "Organization",
    "OrganizationUserGrant",
    "OwnershipTransfer",
    "Partnership",
    "PartnershipManager",
    "PartnershipQuerySet",
    "SupportSession",
    "SupportSessionManager",
    "SupportSessionQuerySet",
    "Team",
    "TeamUserGrant",
    "ViewAs",
    "ViewAsManager",
    "ViewAsQuerySet",
    "Workspace",
    "WorkspaceAccess",
    "default_packs",
    "new_public_id",
    "slug_validator",
]
