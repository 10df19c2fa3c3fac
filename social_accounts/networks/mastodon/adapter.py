"""Mastodon as Connect, Prepare, Publish, Comment, Edit, Measure and Limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx

from ..answers import Json, number_of, object_of
from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Content,
    Credentials,
    MetricPoint,
    NetworkError,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Processing,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
    ServerLimits,
    TextCount,
    utc_now,
)
from ..oauth import code_of, consent_url, kept, new_state, new_verifier
from ..servers import typed_origin
from ..words import _
from . import client
from .errors import Call, is_over_a_named_limit
from .features import (
    DEFAULT_LIMITS,
    FEATURES,
    NAME,
    content_problems,
    count_text,
    edit_problems,
    outgoing_text,
)
from .oauth import fetch_token, refresh_token, revoke_token
from .people import FindsAccounts
from .reading_back import find_reply, find_status
from .uploading import next_step, uploaded_ids

PUBLISHING_SCOPES = ("read:statuses", "write:statuses", "write:media")
IDENTITY_SCOPE = "profile"
IDENTITY_SCOPE_BEFORE_4_3 = "read:accounts"
METRICS = {"likes": "favourites_count", "comments": "replies_count", "shares": "reblogs_count"}


@dataclass(frozen=True, kw_only=True)
class MastodonConfig:
    """``client_name`` and ``website`` are what people see of us on a server's consent page.

    ``trusted_origins`` may be plain http and private: the sandbox and test servers.
    """

    client_name: str = "Chorus"
    website: str = ""
    trusted_origins: frozenset[str] = frozenset()


class MastodonAdapter(FindsAccounts):
    """One object for all servers; it keeps nothing but its configuration."""

    features = FEATURES

    def __init__(self, config: MastodonConfig) -> None:
        self._config = config

    # --- Connect ---

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        origin, account = typed_origin(server, trusted_origins=self._config.trusted_origins)
        call = Call(http=http, server=origin, now=clock())
        call = Call(http=http, server=_server_behind(call, account), now=clock())
        metadata = client.get_oauth_metadata(call)
        if metadata is not None:
            call = Call(http=http, server=metadata.server, now=clock())
        knows_profile = metadata is not None and IDENTITY_SCOPE in metadata.scopes
        scopes = " ".join(
            (IDENTITY_SCOPE if knows_profile else IDENTITY_SCOPE_BEFORE_4_3, *PUBLISHING_SCOPES)
        )
        application = self._create_app(call, redirect_uri, scopes, takes_list=metadata is not None)
        extra: dict[str, object] = {"scopes": scopes}
        if metadata is not None:
            extra["authorization_endpoint"] = metadata.authorization_endpoint
            extra["token_endpoint"] = metadata.token_endpoint
            extra["revocation_endpoint"] = metadata.revocation_endpoint
        return AppRegistration(
            server=call.server,
            client_id=application.client_id,
            client_secret=application.client_secret,
            extra=extra,
        )

    def start(
        self,
        *,
        http: httpx.Client,
        app: AppRegistration,
        redirect_uri: str,
        login_hint: str = "",
        clock: Clock = utc_now,
    ) -> AuthorizationStart:
        state, verifier = new_state(), new_verifier()
        url = consent_url(
            str(app.extra.get("authorization_endpoint") or app.server + "/oauth/authorize"),
            client_id=app.client_id,
            redirect_uri=redirect_uri,
            scope=str(app.extra.get("scopes", "")),
            state=state,
            verifier=verifier,
        )
        return AuthorizationStart(url=url, state=state, keep={"verifier": verifier})

    def finish(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        app: AppRegistration,
        redirect_uri: str,
        keep: Mapping[str, object],
        callback: Mapping[str, str],
    ) -> tuple[Account, Credentials]:
        call = Call(http=http, server=app.server, now=clock())
        token = fetch_token(
            call, app, code=code_of(callback), redirect_uri=redirect_uri, verifier=kept(keep, "verifier")
        )
        credentials = _credentials(token, call)
        account = self.identify(http=http, clock=clock, server=app.server, credentials=credentials)
        return account, credentials

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        """Mastodon's tokens do not expire: they come back as they are. Some of its kin rotate theirs."""
        if not credentials.refresh_token:
            return credentials
        call = Call(http=http, server=app.server, now=clock())
        token = refresh_token(call, app, token=credentials.refresh_token)
        return _credentials(token, call, before=credentials)

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        call = Call(http=http, server=app.server, now=clock())
        revoke_token(call, app, token=credentials.access_token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        call = Call(http=http, server=server, now=clock(), token=credentials.access_token)
        found = client.get_account(call)
        return Account(
            network=NAME,
            server=server,
            remote_id=found.id,
            handle=f"@{found.username}@{call.host}",
            display_name=found.display_name or found.username,
            url=found.url,
            avatar_url=found.avatar,
        )

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        spoiler_text = content.options.get("spoiler_text", "")
        return count_text(outgoing_text(content), limits or DEFAULT_LIMITS, spoiler_text)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, limits or DEFAULT_LIMITS)

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        return next_step(_call(http, clock, credentials, request.account), request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = _call(http, clock, credentials, request.account)
        content = request.content
        try:
            status = client.create_status(
                call,
                idempotency_key=request.key,
                text=outgoing_text(content),
                media_ids=uploaded_ids(call, request),
                visibility=content.options.get("visibility", ""),
                spoiler_text=content.options.get("spoiler_text", ""),
                language=content.language,
            )
        except Rejected as refused:
            _tell_too_long(refused, self.count(content))
            raise
        return Published(remote_id=status.id, permalink=status.url)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """A server answers a post at once, so there is nothing to poll: its files were waited for before."""
        raise OutcomeUnknown(
            _("%(host)s was asked about a post it never took into work.", host=FEATURES.label)
        )

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        found = find_status(_call(http, clock, credentials, request.account), request)
        return Published(remote_id=found.id, permalink=found.url) if found is not None else None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post; one that is gone already is a success."""
        try:
            client.delete_status(_call(http, clock, credentials, account), remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise

    # --- Comment and Edit ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        """Reply to one's own post, seen by those who see the post."""
        call = _call(http, clock, credentials, request.account)
        parent = client.get_status(call, request.remote_id)
        try:
            status = client.create_status(
                call,
                idempotency_key=request.key,
                text=request.text,
                media_ids=(),
                visibility=parent.visibility,
                spoiler_text=parent.spoiler_text,
                language=parent.language,
                in_reply_to_id=request.remote_id,
            )
        except Rejected as refused:
            _tell_too_long(refused, count_text(request.text, DEFAULT_LIMITS))
            raise
        return Published(remote_id=status.id, permalink=status.url)

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        found = find_reply(_call(http, clock, credentials, request.account), request)
        return Published(remote_id=found.id, permalink=found.url) if found is not None else None

    def edit(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        remote_id: str,
    ) -> Published:
        """Change text, warning, language and descriptions. The files stay: the server is told their ids again."""
        call = _call(http, clock, credentials, request.account)
        content = request.content
        media_ids = client.get_status(call, remote_id).media_ids
        if len(media_ids) != len(content.media):
            raise Rejected(
                RejectionReason.MEDIA_INVALID,
                _("The pictures and videos of a post that is out stay as they are; change its text."),
            )
        try:
            status = client.edit_status(
                call,
                remote_id,
                text=outgoing_text(content),
                spoiler_text=content.options.get("spoiler_text", ""),
                language=content.language,
                media_ids=media_ids,
                descriptions=[media.alt_text for media in content.media],
            )
        except Rejected as refused:
            _tell_too_long(refused, self.count(content))
            raise
        return Published(remote_id=remote_id, permalink=status.url)

    def edit_problems(self, before: Content, after: Content) -> Sequence[str]:
        return edit_problems(before, after)

    # --- Measure ---

    def measure(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        remote_ids: Iterable[str],
    ) -> list[MetricPoint]:
        """Return likes, comments and shares of each post; a post that is gone has values of None."""
        call = _call(http, clock, credentials, account)
        points = []
        for remote_id in remote_ids:
            counts: Mapping[str, int | None] = {}
            try:
                counts = client.get_status(call, remote_id).counts
            except Rejected as refused:
                if refused.reason is not RejectionReason.NOT_FOUND:
                    raise
            points += [
                MetricPoint(remote_id=remote_id, metric=metric, value=counts.get(field), measured_at=call.now)
                for metric, field in METRICS.items()
            ]
        return points

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        try:
            client.get_status(_call(http, clock, credentials, account), remote_id)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return False
            raise
        return True

    # --- Limits ---

    def server_limits(self, *, http: httpx.Client, clock: Clock, server: str) -> ServerLimits:
        """Ask one server what it allows; what it does not say is the network's usual."""
        call = Call(http=http, server=server, now=clock())
        try:
            found = client.get_instance_configuration(call)
        except Rejected:
            found = client.get_instance_configuration_v1(call)
        return _limits(found)

    def _create_app(
        self, call: Call, redirect_uri: str, scopes: str, *, takes_list: bool
    ) -> client.Application:
        name, website = self._config.client_name, self._config.website
        not_one = _("%(host)s does not answer like a Mastodon server.", host=call.host)
        forms: list[Sequence[str] | str] = [[redirect_uri], redirect_uri] if takes_list else [redirect_uri]
        for form in forms:
            try:
                return client.create_app(
                    call, client_name=name, redirect_uris=form, scopes=scopes, website=website
                )
            except Rejected as refused:
                # Some servers describe themselves as 4.3 and later do, but know only the older form.
                if form is not forms[-1] and refused.reason is RejectionReason.OTHER:
                    continue
                raise Rejected(RejectionReason.NOT_FOUND, not_one) from refused
        raise AssertionError("a form either works or raises")


def _call(http: httpx.Client, clock: Clock, credentials: Credentials, account: Account) -> Call:
    return Call(http=http, server=account.server, now=clock(), token=credentials.access_token)


def _tell_too_long(refused: Rejected, count: TextCount) -> None:
    """Raise the refusal as too long where it names a number of characters that the text exceeds."""
    if refused.reason is RejectionReason.OTHER and is_over_a_named_limit(str(refused), count.used):
        raise Rejected(RejectionReason.TOO_LONG, str(refused)) from refused


def _server_behind(call: Call, account: str) -> str:
    """Return the origin to talk to: where the domain says the account lives, else the domain itself."""
    if not account:
        return call.server
    try:
        return client.get_webfinger_server(call, account) or call.server
    except NetworkError:
        return call.server


def _credentials(token: client.Token, call: Call, *, before: Credentials | None = None) -> Credentials:
    lifetime = token.expires_in_seconds if token.refresh_token else None
    return Credentials(
        access_token=token.access_token,
        refresh_token=token.refresh_token,
        expires_at=call.now + timedelta(seconds=lifetime) if lifetime else None,
        scopes=token.scopes or (before.scopes if before else ()),
    )


def _limits(found: Json) -> ServerLimits:
    statuses, media = object_of(found, "statuses"), object_of(found, "media_attachments")
    usual = DEFAULT_LIMITS
    return ServerLimits(
        text_limit=number_of(statuses, "max_characters") or usual.text_limit,
        url_length=number_of(statuses, "characters_reserved_per_url") or usual.url_length,
        images_max=number_of(statuses, "max_media_attachments") or usual.images_max,
        image_bytes_max=number_of(media, "image_size_limit") or usual.image_bytes_max,
        alt_text_max=number_of(media, "description_limit") or usual.alt_text_max,
        video_bytes_max=number_of(media, "video_size_limit") or usual.video_bytes_max,
    )
