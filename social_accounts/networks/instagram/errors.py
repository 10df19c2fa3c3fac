"""What Instagram says beside the codes of the Graph API.

Source: developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes.
"""

from __future__ import annotations

from dataclasses import replace

from ..base import RejectionReason
from ..meta.graph import Dialect

MEDIA = frozenset(
    {36000, 36001, 36003, 2207004, 2207005, 2207009, 2207023, 2207026, 2207028, 2207057}
)  # size, format, aspect ratio, kind, video, carousel, cover
# Instagram could not fetch or read the file just now: with the next container it may.
FETCHING = frozenset({2207003, 2207052, 2207053, 2207082})
CONTAINER_GONE = frozenset({2207008, 2207020})

DIALECT = Dialect(
    reasons={
        **dict.fromkeys(MEDIA, RejectionReason.MEDIA_INVALID),
        36004: RejectionReason.TOO_LONG,
        2207010: RejectionReason.TOO_LONG,
        2207040: RejectionReason.OTHER,  # too many mentions or tags
        2207006: RejectionReason.NOT_FOUND,
        2207050: RejectionReason.ACCOUNT_RESTRICTED,
        2207051: RejectionReason.POLICY,
        2207001: RejectionReason.POLICY,
    },
    not_sent=FETCHING | CONTAINER_GONE,
    not_ready=frozenset({2207027}),
    faults=frozenset({-1, 2207032}),
    quota=frozenset({2207042}),
)
# While numbers are read, 10 means that too few have seen it to tell them: of stories, fewer than five.
TELLING = replace(DIALECT, reasons={**DIALECT.reasons, 10: RejectionReason.OTHER})
