from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from django.db.models import Model

    from permissions.explanation import Decision


class NotAllowed(PermissionDenied):
    """Somebody asked for what he may not do. Carries the derivation, which the 403 page and the API show.

    ``obj`` is what the action was asked of, so that the page can offer to ask for it.
    """

    def __init__(self, decision: Decision, obj: Model | None = None) -> None:
        super().__init__(decision.summary)
        self.decision = decision
        self.obj = obj


class WouldEscalate(PermissionDenied):
    """R9: the change would give more than its maker holds, or changes his own rights."""


class Refused(ValueError):
    """A service does not do what it was asked to, though the right is there. The message is for the person."""


class BreaksAssertion(WouldEscalate):
    """A rule that the organization states about itself held before the change and would not after it.

    A kind of WouldEscalate, so that every door that shows refusals of R9 shows this one. The message names the rule.
    """
