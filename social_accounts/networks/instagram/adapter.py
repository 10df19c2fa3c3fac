"""Instagram as Connect, ManyAccounts, Prepare, Publish, Comment and Measure.

Connecting goes by Facebook Login: one consent lists the professional accounts behind a person's pages, to be ticked.
Instagram's own login is not offered beside it: it wants a second application with keys and a review of its own, its
tokens end after sixty days for whoever does not publish meanwhile, and it takes no bytes, so that every video would
have to lie on a public address. Accounts without a page are linked to one in a minute, in Instagram's settings.

Not here, because Instagram has it not: posts of text alone, changing a caption, deleting a post (``delete`` says so).
Places are not offered: finding one wants a further review by Meta (Page Public Metadata Access).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import httpx

from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Connectable,
    Content,
    Credentials,
    CredentialsExpired,
    MetricPoint,
    NetworkError,
    NotSent,
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
from ..meta.containers import CHECK_AGAIN, FINISHED, IN_PROGRESS, PUBLISHED, WORDS_MAX, container_of
from ..meta.graph import Call, NotReady
from ..oauth import code_of
from ..text import plain_form
from ..words import _
from . import client, measuring
from .config import LABEL, NAME
from .errors import DIALECT
from .features import (
    FEATURES,
    LACKING,
    NEEDED,
    SCOPES,
    Kind,
    content_problems,
    count_caption,
    kind_of,
    story_notes,
)
from .preparing import InstagramPreparation

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
READ_BACK_MAX = 50
PROFESSIONAL_ACCOUNT = _("Professional account")
LISTED_AS = {Kind.PICTURE: "IMAGE", Kind.REEL: "VIDEO", Kind.CAROUSEL: "CAROUSEL_ALBUM"}


class InstagramAdapter:
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
            self._homes.at(app.server).endpoints["authorize"],
            app,
            redirect_uri=redirect_uri,
            scopes=self._homes.at(app.server).scopes or SCOPES,
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
        """Return the person: he is no profile himself, but opens the accounts behind his pages (``accounts``)."""
        call = self._call(http, clock, app.server)
        short = login.fetch_user_token(call, app, code=code_of(callback), redirect_uri=redirect_uri)
        token = login.fetch_long_token(call, app, short)
        me = login.get_me(self._call(http, clock, app.server, token))
        person = str(me["id"])
        granted = login.inspect(call, app, token)
        login.require(granted, NEEDED)
        account = Account(
            network=NAME,
            server=app.server,
            remote_id=person,
            handle=str(me.get("name") or person),
            display_name=str(me.get("name") or person),
            url=self._homes.at(app.server).endpoints["web"],
        )
        return account, Credentials(access_token=token, scopes=granted.scopes, grant=person)

    def accounts(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Sequence[Connectable]:
        """Return the professional accounts behind the person's pages; those he unticked are not among them."""
        call = self._call(http, clock, app.server, credentials.access_token)
        found = client.list_accounts(call)
        if not found:
            raise Rejected(
                RejectionReason.OTHER,
                _(
                    "Facebook named no professional Instagram account. It must be linked to a page you may publish"
                    " on, and both must be ticked on Facebook's page."
                ),
            )
        granted = login.inspect(call, app, credentials.access_token)
        return [
            self._connectable(one, granted.on(one.id, one.page_id), app.server, credentials) for one in found
        ]

    def _connectable(
        self, one: client.RemoteAccount, scopes: tuple[str, ...], server: str, credentials: Credentials
    ) -> Connectable:
        is_whole = set(NEEDED) <= set(scopes)
        return Connectable(
            account=self._account(one, server),
            credentials=Credentials(access_token=one.token, scopes=scopes, grant=credentials.grant),
            kind=PROFESSIONAL_ACCOUNT,
            problem=""
            if is_whole
            else _("You did not tick this account and its page for everything on Facebook's page."),
            notes=tuple(words for scope, words in LACKING.items() if scope not in scopes),
        )

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        """The tokens of pages have no end: they come back as they are."""
        return credentials

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        """Give back what concerns Instagram alone: the same consent may carry the person's Facebook pages."""
        call = self._call(http, clock, app.server)
        for scope in SCOPES:
            if credentials.grant and scope.startswith("instagram_"):
                try:
                    login.forget(call, app, credentials.grant, scope)
                except (CredentialsExpired, Rejected):
                    return  # it is gone already

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        return self._account(
            client.get_account(self._call(http, clock, server, credentials.access_token)), server
        )

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return count_caption(content)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def notes(self, content: Content) -> Sequence[str]:
        return story_notes(content)

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        server = request.account.server
        return InstagramPreparation(
            call=self._call(http, clock, server, credentials.access_token),
            request=request,
            upload_base=self._homes.at(server).endpoints["upload"],
            needs_https=server.startswith("https://"),
        ).step()

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        container = container_of(request)
        if not container:
            raise NotSent(_("The files are not at %(network)s yet.", network=LABEL))
        if request.sent_at is not None and client.get_status(call, container).code == PUBLISHED:
            return self._look_for_what_is_out(call, request)
        return self._publish(call, request, container)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """Look at the container and publish it once it is ready. ``poll_token`` is its id."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        status = client.get_status(call, poll_token)
        if status.code == PUBLISHED:
            return self._look_for_what_is_out(call, request)
        if status.code == IN_PROGRESS:
            return Processing(poll_token=poll_token, check_at=call.now + CHECK_AGAIN)
        if status.code == FINISHED:
            return self._publish(call, request, poll_token)
        raise Rejected(
            RejectionReason.MEDIA_INVALID,
            status.words[:WORDS_MAX] or _("%(network)s could not use the files.", network=LABEL),
        )

    def _publish(self, call: Call, request: PublishRequest, container: str) -> Published | Processing:
        try:
            media_id = client.publish_container(call, request.account.remote_id, container)
        except NotReady:
            return Processing(poll_token=container, check_at=call.now + CHECK_AGAIN)
        return Published(remote_id=media_id, permalink=self._permalink(call, media_id))

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        """Ask the container first: it knows for certain whether it went out; the list of media, what it became."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        container = container_of(request)
        code = client.get_status(call, container).code if container else ""
        if code in (FINISHED, IN_PROGRESS):
            return None
        if code == PUBLISHED:
            return self._look_for_what_is_out(call, request)
        return self._find(call, request)

    def _look_for_what_is_out(self, call: Call, request: PublishRequest) -> Published:
        found = self._find(call, request)
        if found is None:
            raise NotSent(_("%(network)s says that it is out, but does not list it yet.", network=LABEL))
        return found

    def _find(self, call: Call, request: PublishRequest) -> Published | None:
        is_story = kind_of(request.content) is Kind.STORY
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        found = client.list_media(
            call, request.account.remote_id, since=since, limit=READ_BACK_MAX, is_story=is_story
        )
        ours = [
            media
            for media in found
            if media.id not in request.known_remote_ids and _is_the_post(media, request.content)
        ]
        if len(found) >= READ_BACK_MAX and not ours:
            raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
        if is_story and len(ours) > 1:
            raise OutcomeUnknown(_("Stories have no text: which of several is this one cannot be told."))
        return Published(remote_id=ours[0].id, permalink=ours[0].permalink) if ours else None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Instagram's interface deletes comments, but no posts."""
        raise Rejected(
            RejectionReason.OTHER,
            _("Instagram lets no other application delete posts. Delete it in Instagram itself."),
        )

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        """A story is gone for everybody after a day, for its owner as well."""
        call = self._call(http, clock, account.server, credentials.access_token)
        try:
            client.get_permalink(call, remote_id)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return False
            raise
        return True

    # --- Comment ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        comment_id = client.create_comment(call, request.remote_id, request.text)
        return Published(remote_id=comment_id, permalink=self._permalink(call, request.remote_id))

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        """Look for our own words below the post. Comments have no address of their own: it is the post's."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        ours = request.account.handle.lstrip("@").casefold()
        for comment in client.list_comments(call, request.remote_id, limit=READ_BACK_MAX):
            is_ours = comment.username.casefold() == ours and comment.id not in request.known_remote_ids
            is_new = comment.created_at is None or comment.created_at >= since
            if is_ours and is_new and plain_form(comment.text) == plain_form(request.text):
                return Published(remote_id=comment.id, permalink=self._permalink(call, request.remote_id))
        return None

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
        call = self._call(http, clock, account.server, credentials.access_token)
        return [point for remote_id in remote_ids for point in measuring.measure(call, remote_id)]

    def _call(self, http: httpx.Client, clock: Clock, server: str, token: str = "") -> Call:
        home = self._homes.at(server)
        return Call(
            http=http,
            api=home.endpoints["graph"],
            now=clock(),
            label=LABEL,
            token=token,
            secret=home.client_secret,
            dialect=DIALECT,
        )

    def _account(self, found: client.RemoteAccount, server: str) -> Account:
        return Account(
            network=NAME,
            server=server,
            remote_id=found.id,
            handle=f"@{found.username}",
            display_name=found.name or found.username,
            url=f"{self._homes.at(server).endpoints['web']}/{found.username}",
            avatar_url=found.picture,
        )

    def _permalink(self, call: Call, media_id: str) -> str:
        """Return the address, empty when Instagram does not tell it: it cannot be made from the id.

        Nothing that goes wrong after the post may look like a failure of it.
        """
        try:
            return client.get_permalink(call, media_id)
        except NetworkError:
            return ""


def _is_the_post(media: client.RemoteMedia, content: Content) -> bool:
    kind = kind_of(content)
    if kind is Kind.STORY:
        return media.kind == ("VIDEO" if content.media and content.media[0].is_video else "IMAGE")
    return media.kind == LISTED_AS[kind] and plain_form(media.caption) == plain_form(content.text)
