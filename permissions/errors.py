from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from permissions.explanation import Decision


class NotAllowed(PermissionDenied):
    """Somebody asked for what he may not do. Carries the derivation, which the 403 page and the API show."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.summary)
        self.decision = decision


class WouldEscalate(PermissionDenied):
    """R9: the change would give more than its maker holds, or changes his own rights."""
