"""What every network adapter speaks: frozen values in and out, five errors, small protocols.

No Django in here and below: an adapter is handed an HTTP client and a clock, keeps nothing, sleeps
never, retries never. What a network cannot do is simply not implemented. To add a network: copy the
smallest folder, pass the contract suite in ``tests/social_accounts/networks``, add one line to
``registry.py``.
"""

from __future__ import annotations

from .errors import (
    CredentialsExpired,
    LimitLevel,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectionReason,
    Trouble,
)
from .features import (
    FIRST_COMMENT,
    Features,
    Option,
    PictureForm,
    ScopeLine,
    ServerLimits,
)
from .protocols import (
    Choices,
    Comment,
    Connect,
    Edit,
    Limits,
    ManyAccounts,
    Measure,
    Prepare,
    Presence,
    Publish,
    SignInWithPassword,
)
from .values import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Connectable,
    Content,
    Credentials,
    LinkCard,
    Media,
    MetricPoint,
    Prepared,
    Preparing,
    Processing,
    Published,
    PublishRequest,
    TextCount,
    utc_now,
)

__all__ = [
    "FIRST_COMMENT",
    "Account",
    "AppRegistration",
    "AuthorizationStart",
    "Choices",
    "Clock",
    "Comment",
    "CommentRequest",
    "Connect",
    "Connectable",
    "Content",
    "Credentials",
    "CredentialsExpired",
    "Edit",
    "Features",
    "LimitLevel",
    "Limits",
    "LinkCard",
    "ManyAccounts",
    "Measure",
    "Media",
    "MetricPoint",
    "NetworkError",
    "NotSent",
    "Option",
    "OutcomeUnknown",
    "PictureForm",
    "Prepare",
    "Prepared",
    "Preparing",
    "Presence",
    "Processing",
    "Publish",
    "PublishRequest",
    "Published",
    "RateLimited",
    "Rejected",
    "RejectionReason",
    "ScopeLine",
    "ServerLimits",
    "SignInWithPassword",
    "TextCount",
    "Trouble",
    "utc_now",
]
