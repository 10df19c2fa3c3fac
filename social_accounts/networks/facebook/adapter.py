"""Facebook Pages as Connect, ManyAccounts, Prepare, Publish and Measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import httpx

from ..answers import list_of
from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    Connectable,
    Content,
    Credentials,
    CredentialsExpired,
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
from ..homes import Home, Homes
from ..meta import login
from ..meta.graph import Call
from ..oauth import code_of
from ..text import plain_form
from ..words import _
from . import client
from .config import LABEL, NAME
from .features import FEATURES, SCOPES, content_problems

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
READ_BACK_MAX = 50
PAGE = _("Page")


class FacebookAdapter:
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
        return login.start_consent(
            self._homes.at(app.server).endpoints["authorize"], app, redirect_uri=redirect_uri, scopes=SCOPES
        )

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
        """Return the person: he is no profile himself, but opens his pages (``accounts``)."""
        call = self._call(http, clock, app.server)
        short = login.fetch_user_token(call, app, code=code_of(callback), redirect_uri=redirect_uri)
        token = login.fetch_long_token(call, app, short)
        me = login.get_me(self._call(http, clock, app.server, token))
        person = str(me["id"])
        credentials = Credentials(access_token=token, scopes=SCOPES, grant=person)
        account = Account(
            network=NAME,
            server=app.server,
            remote_id=person,
            handle=str(me.get("name") or person),
            display_name=str(me.get("name") or person),
            url=self._homes.at(app.server).endpoints["web"],
        )
        return account, credentials

    def accounts(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Sequence[Connectable]:
        """Return the pages the person may publish on; those he unticked on Facebook's page are not among them."""
        call = self._call(http, clock, app.server, credentials.access_token)
        pages = [page for page in client.list_pages(call) if page.token and login.CAN_PUBLISH in page.tasks]
        if not pages:
            raise Rejected(
                RejectionReason.OTHER,
                _("Facebook named no page you may publish on. On its page, tick the pages Chorus may use."),
            )
        return [
            Connectable(
                account=self._account(page, app.server),
                credentials=Credentials(
                    access_token=page.token, scopes=credentials.scopes, grant=credentials.grant
                ),
                kind=PAGE,
            )
            for page in pages
        ]

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        """Page tokens have no end: they come back as they are."""
        return credentials

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        try:
            client.revoke_permissions(self._call(http, clock, app.server, credentials.access_token))
        except (CredentialsExpired, Rejected):
            return  # it is gone already, or a page's token may not end the person's consent

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        call = self._call(http, clock, server, credentials.access_token)
        found = login.get_me(call, "id,name,username,link,picture{url}")
        return self._account(client.as_page(found), server)

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return TextCount(used=len(content.text), limit=FEATURES.text_limit)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        """Put up the next photo, unseen. One whose answer was lost stays unseen for ever."""
        done = [item for item in list_of(request.prepared, "ids") if isinstance(item, str)]
        media = request.content.media
        if len(done) < len(media):
            call = self._call(http, clock, request.account.server, credentials.access_token)
            done.append(client.upload_photo(call, request.account.remote_id, media[len(done)]))
        made = {"ids": done}
        return Prepared(progress=made) if len(done) == len(media) else Preparing(progress=made)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        content = request.content
        post_id = client.create_post(
            call,
            request.account.remote_id,
            message=content.text,
            link=content.link_card.url if content.link_card else "",
            photo_ids=[item for item in list_of(request.prepared, "ids") if isinstance(item, str)],
        )
        return Published(remote_id=post_id, permalink=self._permalink(call, post_id, request.account))

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """A post of text and photos is there at once, so there is nothing to poll."""
        raise OutcomeUnknown(_("%(host)s was asked about a post it never took into work.", host=LABEL))

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        found = client.list_posts(call, request.account.remote_id, since=since, limit=READ_BACK_MAX)
        for post in found:
            if post.id not in request.known_remote_ids and _is_the_post(post, request):
                return Published(
                    remote_id=post.id,
                    permalink=post.permalink or self._fallback_link(post.id, request.account),
                )
        if len(found) >= READ_BACK_MAX:
            raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
        return None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post. "Gone" and "you may not" look alike at Facebook, so a refusal is checked by looking."""
        call = self._call(http, clock, account.server, credentials.access_token)
        try:
            client.delete_post(call, remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise
            try:
                client.get_permalink(call, remote_id)
            except Rejected:
                return
            raise

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
        """Return reactions, comments, shares and views of each post; a post that is gone has values of None."""
        call = self._call(http, clock, account.server, credentials.access_token)
        points = []
        for remote_id in remote_ids:
            values: dict[str, int | None] = dict.fromkeys(("likes", "comments", "shares", "impressions"))
            try:
                values |= client.get_counts(call, remote_id)
                values["impressions"] = client.get_views(call, remote_id)
            except Rejected:
                pass  # it is gone, or Facebook does not tell this number of it
            points += [
                MetricPoint(remote_id=remote_id, metric=metric, value=value, measured_at=call.now)
                for metric, value in values.items()
            ]
        return points

    def _call(self, http: httpx.Client, clock: Clock, server: str, token: str = "") -> Call:
        home = self._homes.at(server)
        return Call(
            http=http,
            api=home.endpoints["graph"],
            now=clock(),
            label=LABEL,
            token=token,
            secret=home.client_secret,
        )

    def _account(self, page: client.Page, server: str) -> Account:
        web = self._homes.at(server).endpoints["web"]
        return Account(
            network=NAME,
            server=server,
            remote_id=page.id,
            handle=f"@{page.username}" if page.username else page.name,
            display_name=page.name,
            url=page.link or f"{web}/{page.id}",
            avatar_url=page.picture,
        )

    def _permalink(self, call: Call, post_id: str, account: Account) -> str:
        """Return the post's address. Nothing that goes wrong after the post may look like a failure of it."""
        try:
            return client.get_permalink(call, post_id) or self._fallback_link(post_id, account)
        except NetworkError:
            return self._fallback_link(post_id, account)

    def _fallback_link(self, post_id: str, account: Account) -> str:
        return f"{self._homes.at(account.server).endpoints['web']}/{post_id}"


def _is_the_post(post: client.RemotePost, request: PublishRequest) -> bool:
    is_same_text = plain_form(post.message) == plain_form(request.content.text)
    return is_same_text and post.photo_count == len(request.content.media)
