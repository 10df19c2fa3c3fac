"""Writes that may be sent again: the sender chooses a key, and the same key never does the same thing twice.

The answer is written in the transaction of the write itself, so a crash leaves both or neither; an advisory lock that
ends with that transaction tells a second request that the first is still under way. Only successes are kept: a refused
request did nothing, and may be sent again as it is or mended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiKey, User
from api.models import GivenAnswer
from api.problems import Problem
from tenancy.context import unscoped

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
LONGEST: Final = 255
KEPT: Final = timedelta(hours=24)


class Once:
    """One write under the key its sender chose. Use inside the write's own transaction."""

    def __init__(self, request: Request, *, organization_id: int, user: User, api_key: ApiKey | None) -> None:
        self.chosen_key = str(request.headers.get(HEADER, ""))
        self.user = user
        self.api_key = api_key
        self.organization_id = organization_id
        if len(self.chosen_key) > LONGEST or not self.chosen_key.isprintable():
            raise Problem(
                400, _("An idempotency key has at most %(longest)d plain characters.") % {"longest": LONGEST}
            )
        self.digest = _digest(request) if self.chosen_key else ""

    def answered_before(self) -> Response | None:
        """Return the answer this write got when it was sent before.

        Raises Problem: 409 while the first is under way, 422 when the key was used for another request.
        """
        if not self.chosen_key:
            return None
        if not self._lock():
            raise Problem(
                409, _("A request with this idempotency key is under way. Ask again in a moment."), "conflict"
            )
        given = GivenAnswer.objects.filter(
            user=self.user, api_key=self.api_key, chosen_key=self.chosen_key
        ).first()
        if given is None:
            return None
        if given.request_digest != self.digest:
            raise Problem(
                422, _("This idempotency key was used for another request already."), "other-request"
            )
        return Response(given.body, status=given.status, headers={REPLAYED: "true"})

    def keep(self, response: Response, *, now: datetime, shown_once: Collection[str]) -> None:
        """Remember a success. What may be shown only once (a secret) is not kept."""
        if not self.chosen_key:
            return
        body: Any = response.data
        if shown_once and isinstance(body, dict):
            body = {name: None if name in shown_once else value for name, value in body.items()}
        GivenAnswer.objects.create(
            user=self.user,
            api_key=self.api_key,
            chosen_key=self.chosen_key,
            request_digest=self.digest,
            status=response.status_code,
            body=body,
            given_at=now,
        )

    def _lock(self) -> bool:
        who = f"key {self.api_key.pk}" if self.api_key else f"person {self.user.pk}"
        name = f"idempotency {self.organization_id} {who} {self.chosen_key}"
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
            (is_ours,) = cursor.fetchone()
        return bool(is_ours)


def _digest(request: Request) -> str:
    parts = [
        str(request.method).encode(),
        request.get_full_path().encode(),
        str(request.content_type).encode(),
        request._request.body,
    ]
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def forget_old_answers(*, now: datetime) -> int:
    """Delete what was answered more than a day ago, everywhere; return how many."""
    with unscoped():  # periodic work goes through every organization
        count, _by_table = GivenAnswer.objects.older_than(now - KEPT).delete()
    return int(count)
