"""Pinterest as Connect, Prepare, Publish, Edit, Choices, Measure and Boards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
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
from .boards import BoardsOfPinterest
from .config import LABEL, NAME
from .errors import Call
from .features import (
    BOARD,
    FEATURES,
    alt_text_of,
    board_of,
    board_value,
    content_problems,
    link_of,
    title_of,
    video_of,
)
from .oauth import SCOPES, Token, fetch_token, refresh_token, revoke_token
from .pictures import media_source
from .uploading import next_step, uploaded_id

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
READ_BACK_PAGE = 50
READ_BACK_PAGES_MAX = 4
ANALYTICS_DAYS_MAX = 89
"""Pinterest looks ninety days back, today included: what is older must have been kept."""
METRICS = {
    "impressions": "IMPRESSION",
    "likes": "TOTAL_REACTIONS",
    "comments": "TOTAL_COMMENTS",
    "saves": "SAVE",
    "clicks": "PIN_CLICK",
    "link_clicks": "OUTBOUND_CLICK",
}


class PinterestAdapter(BoardsOfPinterest):
    features = FEATURES

    def __init__(self, homes: tuple[Home, ...]) -> None:
        self._homes = Homes(label=LABEL, homes=homes)

    # --- Connect ---

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Return the operator's own registration: Pinterest has no other."""
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
        """Pinterest knows no PKCE: the state and the secret guard the code."""
        state = new_state()
        url = prepare_grant_uri(
            self._homes.at(app.server).endpoints["web"] + "/oauth/",
            client_id=app.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=",".join(SCOPES),
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
        call = self._call(http, clock, app.server)
        token = fetch_token(call, app, code=code_of(callback), redirect_uri=redirect_uri)
        credentials = _credentials(token, call)
        account = self.identify(http=http, clock=clock, server=app.server, credentials=credentials)
        return account, credentials

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        call = self._call(http, clock, app.server)
        token = refresh_token(call, app, token=credentials.refresh_token)
        return _credentials(token, call, before=credentials)

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        call = self._call(http, clock, app.server)
        for token in (credentials.refresh_token, credentials.access_token):
            if token:
                revoke_token(call, app, token=token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        found = client.get_account(self._call(http, clock, server, credentials))
        home = self._homes.at(server)
        return Account(
            network=NAME,
            server=home.server,
            remote_id=found.id,
            handle=f"@{found.username}",
            display_name=found.name,
            url=f"{home.endpoints['web']}/{found.username}/",
            avatar_url=found.picture,
        )

    # --- Choices ---

    def choices(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, option: str
    ) -> Sequence[tuple[str, str]]:
        """Return the boards, each followed by its sections. Secret ones too: the caller knows who may see them."""
        if option != BOARD:
            return []
        asked = {"http": http, "clock": clock, "credentials": credentials, "account": account}
        found = []
        for board in self.boards(**asked):  # type: ignore[arg-type]
            found.append((board_value(board.remote_id), board.name))
            for section in self.sections(**asked, board_id=board.remote_id):  # type: ignore[arg-type]
                value = board_value(board.remote_id, section.remote_id)
                found.append((value, f"{board.name} › {section.name}"))
        return found

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return TextCount(used=len(content.text), limit=FEATURES.text_limit)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        return next_step(self._call(http, clock, request.account.server, credentials), request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials)
        video_id = uploaded_id(request, call.now)
        body = {**_words(request.content), "media_source": media_source(request.content, video_id)}
        return self._published(client.create_pin(call, body), request.account)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """Pinterest answers a Pin at once, so there is nothing to poll."""
        raise OutcomeUnknown(_("%(host)s was asked about a post it never took into work.", host=LABEL))

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        call = self._call(http, clock, request.account.server, credentials)
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        for pin in _pins_since(call, request.content, since):
            is_of_then = pin.created_at is None or pin.created_at >= since
            if is_of_then and pin.id not in request.known_remote_ids and _is_the_pin(pin, request.content):
                return self._published(pin.id, request.account)
        return None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a Pin; one that is gone already is a success."""
        try:
            client.delete_pin(self._call(http, clock, account.server, credentials), remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise

    # --- Edit ---

    def edit(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        remote_id: str,
    ) -> Published:
        """Change words, destination and board; a right Pinterest gives to some applications only."""
        call = self._call(http, clock, request.account.server, credentials)
        client.update_pin(call, remote_id, _words(request.content, with_empty=True))
        return self._published(remote_id, request.account)

    def edit_problems(self, before: Content, after: Content) -> Sequence[str]:
        found = list(self.problems(after))
        if [_look_of(media) for media in before.media] != [_look_of(media) for media in after.media]:
            found.append(_("What a Pin shows cannot be changed; delete it and publish it anew."))
        return found

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
        """Return each Pin's numbers of the last ninety days; a Pin that is gone has values of None."""
        call = self._call(http, clock, account.server, credentials)
        return [point for pin_id in remote_ids for point in _points(call, pin_id)]

    def _call(
        self, http: httpx.Client, clock: Clock, server: str, credentials: Credentials | None = None
    ) -> Call:
        token = credentials.access_token if credentials else ""
        return Call(http=http, api=self._homes.at(server).endpoints["api"], now=clock(), token=token)

    def _published(self, pin_id: str, account: Account) -> Published:
        web = self._homes.at(account.server).endpoints["web"]
        return Published(remote_id=pin_id, permalink=f"{web}/pin/{pin_id}/")


def _credentials(token: Token, call: Call, *, before: Credentials | None = None) -> Credentials:
    lifetime = token.expires_in_seconds
    return Credentials(
        access_token=token.access_token,
        refresh_token=token.refresh_token or (before.refresh_token if before else ""),
        expires_at=call.now + timedelta(seconds=lifetime) if lifetime else None,
        scopes=token.scopes or (before.scopes if before else ()),
    )


def _words(content: Content, *, with_empty: bool = False) -> dict[str, object]:
    """Return all of a Pin but what it shows. ``with_empty``: name what is empty too, so that it becomes so."""
    board_id, section_id = board_of(content)
    words: dict[str, object] = {
        "title": title_of(content),
        "description": content.text,
        "link": link_of(content),
        "alt_text": alt_text_of(content),
        "board_section_id": section_id or None,
    }
    return {"board_id": board_id, **{name: value for name, value in words.items() if value or with_empty}}


def _look_of(media: object) -> tuple[object, ...]:
    return tuple(getattr(media, name) for name in ("content_type", "size_bytes", "filename"))


def _pins_since(call: Call, content: Content, since: datetime) -> Iterator[client.RemotePin]:
    """Yield the Pins of the board or section, newest first, until a whole page is older than ``since``.

    Raises OutcomeUnknown when there are too many to look at.
    """
    board_id, section_id = board_of(content)
    bookmark = ""
    for _number in range(READ_BACK_PAGES_MAX):
        pins, bookmark = client.list_pins(
            call, board_id, section_id=section_id, page_size=READ_BACK_PAGE, bookmark=bookmark
        )
        yield from pins
        is_past = all(pin.created_at is not None and pin.created_at < since for pin in pins)
        if is_past or not bookmark:
            return
    raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))


def _is_the_pin(pin: client.RemotePin, content: Content) -> bool:
    is_video = pin.kind in ("video", "multiple_videos")
    return (
        plain_form(pin.description) == plain_form(content.text)
        and plain_form(pin.title) == plain_form(title_of(content))
        and pin.link.rstrip("/") == link_of(content).rstrip("/")
        and is_video == (video_of(content) is not None)
    )


def _points(call: Call, pin_id: str) -> list[MetricPoint]:
    today = call.now.date()
    try:
        found = client.get_metrics(
            call,
            pin_id,
            names=list(METRICS.values()),
            start=today - timedelta(days=ANALYTICS_DAYS_MAX),
            end=today,
        )
    except Rejected as refused:
        if refused.reason is not RejectionReason.NOT_FOUND:
            raise
        found = {}
    return [
        MetricPoint(remote_id=pin_id, metric=metric, value=_whole(found.get(name)), measured_at=call.now)
        for metric, name in METRICS.items()
    ]


def _whole(value: object) -> int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return round(value) if is_number else None  # type: ignore[call-overload, no-any-return]
