"""LinkedIn as Connect, ManyAccounts, Prepare, Publish, Comment, Edit and Measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from ..answers import Json, list_of, number_of, text_of
from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Connectable,
    Content,
    Credentials,
    MetricPoint,
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
from ..homes import Home, Homes
from ..oauth import code_of, new_state
from ..text import plain_form
from ..words import _
from . import client
from .commentary import as_commentary, as_text
from .config import LABEL, NAME
from .errors import Call
from .features import FEATURES, content_problems, count_text, edit_problems
from .oauth import SCOPES, Token, fetch_token, refresh_token, revoke_token
from .uploading import next_step

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
READ_BACK_MAX = 20
COMMENTS_MAX = 50
PERSON, PAGE = "urn:li:person:", "urn:li:organization:"
MEMBER_WORD, PAGE_WORD = _("Person"), _("Page")
METRICS = {
    "likes": "likeCount",
    "comments": "commentCount",
    "shares": "shareCount",
    "impressions": "impressionCount",
    "reach": "uniqueImpressionsCount",
    "clicks": "clickCount",
}


class LinkedInAdapter:
    features = FEATURES

    def __init__(self, homes: tuple[Home, ...]) -> None:
        self._homes = Homes(label=LABEL, homes=homes)

    # --- Connect ---

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Return the operator's own registration."""
        return self._homes.registration_at(server)

    def start(
        self,
        *,
        http: httpx.Client,
        app: AppRegistration,
        redirect_uri: str,
        login_hint: str = "",
        clock: Clock = utc_now,
    ) -> AuthorizationStart:
        """LinkedIn offers PKCE to native applications only: the state and the secret guard ours."""
        state = new_state()
        url = prepare_grant_uri(
            self._homes.at(app.server).endpoints["oauth"] + "/authorization",
            client_id=app.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=" ".join(self._homes.at(app.server).scopes or SCOPES),
            state=state,
        )
        return AuthorizationStart(url=str(url), state=state, keep={})

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
        call, oauth = self._call(http, clock, app.server), self._homes.at(app.server).endpoints["oauth"]
        token = fetch_token(
            call, oauth, app, code=code_of(_declined_in_our_words(callback)), redirect_uri=redirect_uri
        )
        member = client.get_member(self._call(http, clock, app.server, token.access_token))
        return self._member(member, app.server), _credentials(token, call, grant=member.id)

    def accounts(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Sequence[Connectable]:
        """Return the member himself and the pages he administers: one token serves them all."""
        call = self._call(http, clock, app.server, credentials.access_token)
        member = self._member(client.get_member(call), app.server)
        return [
            Connectable(account=member, credentials=credentials, kind=MEMBER_WORD),
            *(
                Connectable(
                    account=self._page(organization, app.server),
                    credentials=replace(credentials, extra={"organization": organization.id}),
                    kind=PAGE_WORD,
                )
                for organization in client.list_organizations(call)
            ),
        ]

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        call, oauth = self._call(http, clock, app.server), self._homes.at(app.server).endpoints["oauth"]
        token = refresh_token(call, oauth, app, token=credentials.refresh_token)
        return _credentials(token, call, grant=credentials.grant, before=credentials)

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        call, oauth = self._call(http, clock, app.server), self._homes.at(app.server).endpoints["oauth"]
        for token in (credentials.refresh_token, credentials.access_token):
            if token:
                revoke_token(call, oauth, app, token=token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        """Return the page these credentials were kept for, or the member himself."""
        call = self._call(http, clock, server, credentials.access_token)
        organization_id = text_of(credentials.extra, "organization")
        if organization_id:
            return self._page(client.get_organization(call, organization_id), server)
        return self._member(client.get_member(call), server)

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return count_text(content.text, FEATURES.text_limit)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        return next_step(call, request, request.account.remote_id)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        options = request.content.options
        urn = client.create_post(
            call,
            author=request.account.remote_id,
            commentary=as_commentary(request.content.text),
            content=_content(request),
            visibility=options.get("visibility") or "PUBLIC",
            may_be_reshared=options.get("reshare") != "off",
        )
        return self._published(urn, request.account)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """LinkedIn answers a post at once, so there is nothing to poll."""
        raise OutcomeUnknown(_("%(host)s was asked about a post it never took into work.", host=LABEL))

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        if request.account.remote_id.startswith(PERSON):
            raise OutcomeUnknown(_("LinkedIn shows nobody a person's posts, so Chorus cannot look for it."))
        call = self._call(http, clock, request.account.server, credentials.access_token)
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        found = client.list_posts(call, request.account.remote_id, limit=READ_BACK_MAX)
        for post in found:
            is_free = post.urn not in request.known_remote_ids
            is_in = (
                post.created_at is not None and since <= post.created_at <= call.now + CLOCK_DIFFERENCE_MAX
            )
            if is_free and is_in and _is_the_post(post, request):
                return self._published(post.urn, request.account)
        oldest = found[-1].created_at if found else None
        if len(found) >= READ_BACK_MAX and (oldest is None or oldest >= since):
            raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
        return None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post; one that is gone already is a success."""
        try:
            client.delete_post(self._call(http, clock, account.server, credentials.access_token), remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise

    # --- Comment and Edit ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        actor = request.account.remote_id
        urn = client.create_comment(call, request.remote_id, actor=actor, text=request.text)
        return self._commented(urn, request)

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        if request.account.remote_id.startswith(PERSON):
            raise OutcomeUnknown(_("LinkedIn shows nobody a person's posts, so Chorus cannot look for it."))
        call = self._call(http, clock, request.account.server, credentials.access_token)
        found = client.list_comments(call, request.remote_id, limit=COMMENTS_MAX)
        for comment in found:
            is_ours = (
                comment.actor == request.account.remote_id and comment.urn not in request.known_remote_ids
            )
            if is_ours and plain_form(comment.text) == plain_form(request.text):
                return self._commented(comment.urn, request)
        if len(found) >= COMMENTS_MAX:
            raise OutcomeUnknown(_("The post has too many comments to find this one by itself."))
        return None

    def edit(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        remote_id: str,
    ) -> Published:
        """Change the text: nothing else of a post that is out may change."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        client.edit_post(call, remote_id, commentary=as_commentary(request.content.text))
        return self._published(remote_id, request.account)

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
        """Return a page's numbers; of a person's posts LinkedIn tells none, so every value is None."""
        call = self._call(http, clock, account.server, credentials.access_token)
        wanted = list(remote_ids)
        found: Mapping[str, Json] = {}
        if account.remote_id.startswith(PAGE):
            found = client.get_statistics(call, account.remote_id, wanted)
        return [
            MetricPoint(
                remote_id=urn, metric=metric, value=number_of(found.get(urn), field), measured_at=call.now
            )
            for urn in wanted
            for metric, field in METRICS.items()
        ]

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        if account.remote_id.startswith(PERSON):
            return None  # LinkedIn shows nobody a person's posts
        call = self._call(http, clock, account.server, credentials.access_token)
        try:
            client.get_post(call, remote_id)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return False
            raise
        return True

    def _call(self, http: httpx.Client, clock: Clock, server: str, token: str = "") -> Call:
        return Call(http=http, api=self._homes.at(server).endpoints["api"], now=clock(), token=token)

    def _member(self, member: client.Member, server: str) -> Account:
        return Account(
            network=NAME,
            server=server,
            remote_id=PERSON + member.id,
            handle=member.name or member.id,
            display_name=member.name or member.id,
            url=self._homes.at(server).endpoints["web"] + "/in/me",
            avatar_url=member.picture,
        )

    def _page(self, organization: client.Organization, server: str) -> Account:
        web = self._homes.at(server).endpoints["web"]
        return Account(
            network=NAME,
            server=server,
            remote_id=PAGE + organization.id,
            handle=organization.vanity_name or organization.name,
            display_name=organization.name or organization.id,
            url=f"{web}/company/{organization.vanity_name or organization.id}",
        )

    def _published(self, urn: str, account: Account) -> Published:
        web = self._homes.at(account.server).endpoints["web"]
        return Published(remote_id=urn, permalink=f"{web}/feed/update/{urn}/")

    def _commented(self, urn: str, request: CommentRequest) -> Published:
        """Return a comment; LinkedIn shows it below its post, which is where its link leads."""
        return replace(self._published(request.remote_id, request.account), remote_id=urn)


def _declined_in_our_words(callback: Mapping[str, str]) -> Mapping[str, str]:
    """Return the callback with LinkedIn's own words for what OAuth has words of.

    https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow
    """
    error = callback.get("error", "")
    if error in ("user_cancelled_login", "user_cancelled_authorize"):
        return {**callback, "error": "access_denied"}
    if error == "unauthorized_scope_error":
        raise Rejected(
            RejectionReason.OTHER,
            _(
                "LinkedIn did not give the application of this Chorus every permission it asks for. Its operator must"
                " name those it has (docs/operations.md, CHORUS_LINKEDIN_SCOPES)."
            ),
        )
    return callback


def _content(request: PublishRequest) -> Json:
    """Return what the post shows beside its text."""
    urns = [item for item in list_of(request.prepared, "urns") if isinstance(item, str)]
    media = request.content.media
    card = request.content.link_card
    if len(urns) > 1:
        images = [{"id": urn, "altText": one.alt_text} for urn, one in zip(urns, media, strict=True)]
        return {"multiImage": {"images": images}}
    if urns:
        alt_text = {"altText": media[0].alt_text} if media[0].alt_text else {}
        title = request.content.options.get("video_title", "") if media[0].is_video else ""
        return {"media": {"id": urns[0], **alt_text, **({"title": title} if title else {})}}
    if card is not None:
        return {
            "article": {"source": card.url, "title": card.title or card.url, "description": card.description}
        }
    return {}


def _is_the_post(post: client.RemotePost, request: PublishRequest) -> bool:
    is_same_text = plain_form(as_text(post.commentary)) == plain_form(request.content.text)
    return is_same_text and post.media_count == len(request.content.media) and not post.is_reshare


def _credentials(token: Token, call: Call, *, grant: str, before: Credentials | None = None) -> Credentials:
    lifetime = token.expires_in_seconds
    return Credentials(
        access_token=token.access_token,
        refresh_token=token.refresh_token or (before.refresh_token if before else ""),
        expires_at=call.now + timedelta(seconds=lifetime) if lifetime else None,
        scopes=token.scopes or (before.scopes if before else SCOPES),
        grant=grant,
        extra=before.extra if before else {},
    )
