"""Finding a post whose answer was lost among an account's newest posts.

Servers differ in how they honor ``Idempotency-Key``, so a lost answer is settled by looking: same text
as a reader sees it, same content warning, same number of media, created in the window.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html.parser import HTMLParser

from ..base import CommentRequest, OutcomeUnknown, PublishRequest
from ..text import plain_form
from ..words import _
from .client import Status, list_account_statuses
from .errors import Call
from .features import outgoing_text

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
PAGE_SIZE = 40
PAGES_MAX = 5


def find_status(call: Call, request: PublishRequest) -> Status | None:
    """Return the post this request left, None when it certainly left none.

    Raises OutcomeUnknown when the account posted so much since that the window could not be read to its end.
    """
    return _find(call, request, lambda status: _is_the_post(status, request))


def find_reply(call: Call, request: CommentRequest) -> Status | None:
    """Return the comment this request left below its post, as ``find_status`` does for a post."""
    return _find(
        call,
        request,
        lambda status: status.in_reply_to_id == request.remote_id and _says(status, request.text),
    )


def _find(
    call: Call, request: PublishRequest | CommentRequest, is_it: Callable[[Status], bool]
) -> Status | None:
    since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
    until = call.now + CLOCK_DIFFERENCE_MAX
    max_id = ""
    for _page in range(PAGES_MAX):
        page = list_account_statuses(call, request.account.remote_id, limit=PAGE_SIZE, max_id=max_id)
        for status in page:
            is_free = status.id not in request.known_remote_ids
            if is_free and _is_in(status, since, until) and is_it(status):
                return status
        if not page or page[-1].created_at is None or page[-1].created_at < since or page[-1].id == max_id:
            return None
        max_id = page[-1].id
    raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))


def visible_text(html: str) -> str:
    """Return the text a reader sees; lines and paragraphs become newlines."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "p", "li"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _is_in(status: Status, since: datetime, until: datetime) -> bool:
    return status.created_at is not None and since <= status.created_at <= until


def _says(status: Status, text: str) -> bool:
    seen = status.visible_text or visible_text(status.content)
    return plain_form(seen) == plain_form(text) and not status.is_reblog


def _is_the_post(status: Status, request: PublishRequest) -> bool:
    content = request.content
    return (
        _says(status, outgoing_text(content))
        and not status.in_reply_to_id  # a first comment of the same words is no post
        and plain_form(status.spoiler_text) == plain_form(content.options.get("spoiler_text", ""))
        and len(status.media_ids) == len(content.media)
    )
