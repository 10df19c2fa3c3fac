"""Refusals of connecting, each with a sentence for the person and the status of the answer."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext as _


class ConnectRefused(Exception):
    """Connecting ended before anything was kept."""

    status: HTTPStatus = HTTPStatus.BAD_REQUEST


class UnknownAttempt(ConnectRefused):
    def __init__(self) -> None:
        super().__init__(
            _("Chorus did not start this connection, so nothing was connected. Please start again.")
        )


class ForeignAttempt(ConnectRefused):
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            _(
                "This connection was started by somebody else or in another browser, so nothing was connected. "
                "Please start again here."
            )
        )


class AttemptUsed(ConnectRefused):
    def __init__(self) -> None:
        super().__init__(_("This connection was completed or given up already. Please start again."))


class AttemptExpired(ConnectRefused):
    def __init__(self) -> None:
        super().__init__(_("The way to the network and back took too long. Please start again."))


class WrongAccount(ConnectRefused):
    status = HTTPStatus.CONFLICT

    def __init__(self, *, wanted: str, got: str) -> None:
        super().__init__(
            _(
                "This profile is %(wanted)s, but you signed in as %(got)s, so nothing was changed. Sign in to the "
                "network as %(wanted)s, or connect %(got)s as a profile of its own."
            )
            % {"wanted": wanted, "got": got}
        )


class AlreadyAProfile(ConnectRefused):
    status = HTTPStatus.CONFLICT

    def __init__(self, *, handle: str) -> None:
        super().__init__(
            _("%(handle)s is another profile of this organization already.") % {"handle": handle}
        )
