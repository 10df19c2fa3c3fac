"""What Threads says beside the codes of the Graph API.

Source: developers.facebook.com/documentation/threads/troubleshooting.
"""

from __future__ import annotations

from dataclasses import replace

from ..base import RejectionReason
from ..meta.graph import Dialect

NOT_THERE = 24  # of a container: it is worked on still; of a post: it is gone
FETCHING = frozenset({2207003, 2207052, 2207053, 2207082})
_MEDIA = frozenset({2207004, 2207005, 2207009, 2207023, 2207026, 2207028})

DIALECT = Dialect(
    reasons={
        **dict.fromkeys(_MEDIA, RejectionReason.MEDIA_INVALID),
        NOT_THERE: RejectionReason.NOT_FOUND,
        4279013: RejectionReason.ACCOUNT_RESTRICTED,
        2207050: RejectionReason.ACCOUNT_RESTRICTED,
        2207051: RejectionReason.POLICY,
    },
    not_sent=FETCHING | {2207008, 2207020},
    faults=frozenset({-1, 2207032}),
    quota=frozenset({2207042}),
)
# While a container is published, 24 means "not yet".
PUBLISHING = replace(
    DIALECT,
    reasons={code: reason for code, reason in DIALECT.reasons.items() if code != NOT_THERE},
    not_ready=frozenset({NOT_THERE, 2207027}),
)
