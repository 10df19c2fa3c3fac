from __future__ import annotations

from social_accounts.views.access import (
    ProfileAccess,
    ProfileAccessEnd,
    ProfileAccessEndSeveral,
    ProfileAccessGive,
    ProfileAccessPerson,
)
from social_accounts.views.choosing import ConnectAccounts
from social_accounts.views.connecting import (
    ConnectCallback,
    ConnectChoose,
    ConnectConsent,
    ConnectLeave,
    ConnectNetwork,
)
from social_accounts.views.lists import ProfileList
from social_accounts.views.papers import BlueskyClientMetadata, BlueskyKeys
from social_accounts.views.pausing import ProfilePausing
from social_accounts.views.profile import (
    ProfileCheck,
    ProfileDisconnect,
    ProfileMove,
    ProfilePage,
    ProfileReconnect,
    ProfileReconnectLeave,
    ProfileRename,
    ProfileTimeZone,
)

__all__ = [
    "BlueskyClientMetadata",
    "BlueskyKeys",
    "ConnectAccounts",
    "ConnectCallback",
    "ConnectChoose",
    "ConnectConsent",
    "ConnectLeave",
    "ConnectNetwork",
    "ProfileAccess",
    "ProfileAccessEnd",
    "ProfileAccessEndSeveral",
    "ProfileAccessGive",
    "ProfileAccessPerson",
    "ProfileCheck",
    "ProfileDisconnect",
    "ProfileList",
    "ProfileMove",
    "ProfilePage",
    "ProfilePausing",
    "ProfileReconnect",
    "ProfileReconnectLeave",
    "ProfileRename",
    "ProfileTimeZone",
]
