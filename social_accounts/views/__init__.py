from __future__ import annotations

from social_accounts.views.connecting import ConnectCallback
from social_accounts.views.papers import BlueskyClientMetadata, BlueskyKeys

__all__ = ["BlueskyClientMetadata", "BlueskyKeys", "ConnectCallback"]
