"""The work on an import, in steps that may be interrupted, repeated and done by two workers at once.

Every step is a transaction that moves rows on: an address is fetched, rows are checked, one row becomes one post or
one post goes. Where it stands is in the rows alone.
"""

from __future__ import annotations

import copy
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from permissions.checker import Access, load_access
from permissions.errors import NotAllowed, Refused
from permissions.services import begin_act
from publishing.bulk.book import Book
from publishing.bulk.checking import Checked, check_row, warn_of_scheduled
from publishing.models import ImportAddress, ImportMode, ImportRow, Post, PostImport
from publishing.notices import tell_imported
from publishing.services.composing import InQueue, Plan, Times, compose
from publishing.services.import_fetching import fetch_next
from publishing.services.import_undoing import standing_of, undo_row
from publishing.services.imports import forget_pictures
from publishing.services.organizing import CannotOrganize
from publishing.services.posts import AlreadySubmitted, CannotChange
from publishing.services.scheduling import CannotSchedule
from publishing.states import StateError
from social_accounts import connections
from tenancy.context import organization_open, unscoped

logger = logging.getLogger(__name__)

SECONDS_AT_ONCE: Final = 5.0  # then other work has its turn
CHECKED_AT_ONCE: Final = 50
STALLED_AFTER: Final = timedelta(minutes=1)
REASON_MAX: Final = 500
Stage = PostImport.Stage
State = ImportRow.State
REFUSALS: Final = (
    NotAllowed,
    Refused,
    CannotSchedule,
    CannotChange,
    CannotOrganize,
    StateError,
)


class Due(NamedTuple):
    organization_id: int
    pk: int


def stalled_imports(now: datetime) -> list[Due]:
    """Return the imports that wait for work nobody does: their message was lost, or their worker died."""
    # Unscoped: the clock is the same for every organization.
    with unscoped():
        rows = PostImport.objects.filter(
            stage__in=(Stage.CHECKING, Stage.MAKING, Stage.UNDOING), worked_at__lt=now - STALLED_AFTER
        )
        return [Due(*row) for row in rows.order_by("pk").values_list("organization_id", "pk")]


def work_on(*, organization_id: int, import_id: int, seconds: float = SECONDS_AT_ONCE) -> bool:
    """Do what can be done in some seconds; say whether there is more. Outside a transaction."""
    until = time.monotonic() + seconds
    shelf = _Shelf()
    steps: dict[str, Callable[[int, int], bool]] = {
        Stage.CHECKING: _check_next,
        Stage.MAKING: partial(_make_next, shelf),
        Stage.UNDOING: _undo_next,
    }
    while True:
        with organization_open(organization_id):
            found = PostImport.objects.filter(pk=import_id).first()
        step = steps.get(found.stage) if found else None
        if step is None:
            return False
        if not fetch_next(organization_id, import_id):
            step(organization_id, import_id)
        if time.monotonic() >= until:
            return True


def _check_next(organization_id: int, import_id: int) -> bool:
    """Check the next rows, or end the checking when there are none."""
    now = connections.clock()
    with organization_open(organization_id):
        post_import = _at(import_id, Stage.CHECKING, lock=True)
        if post_import is None:
            return False
        _note_work(post_import, now)
        rows = list(post_import.rows.filter(state=State.NEW).in_order()[:CHECKED_AT_ONCE])
        with _spoken(post_import):
            actor = _access_of(post_import.created_by, organization_id, now)
            if actor is None:
                return _end_checking(post_import)
            book = Book(actor, post_import.organization, post_import, now)
            checked = [check_row(_values(row, post_import), book) for row in rows]
            book.look_up_scheduled(one.draft.text for one in checked)
            for row, one in zip(rows, checked, strict=True):
                warn_of_scheduled(one, book)
                _note(row, one, post_import)
        ImportRow.objects.bulk_update(rows, CHECKED_FIELDS)
        return bool(rows) or _end_checking(post_import)


CHECKED_FIELDS: Final = [
    "state",
    "problems",
    "warnings",
    "signatures",
    "mode",
    "asks_approval",
    "profile_ids",
    "due_at",
    "time_zone",
]


def _note(row: ImportRow, checked: Checked, post_import: PostImport) -> None:
    """Write down what was found about a row."""
    if len(row.cells) > len(post_import.headers):
        checked.wrong("", _("This row has more cells than there are columns. Is a quotation mark missing?"))
    row.problems = [list(said) for said in checked.problems]
    row.warnings = [list(said) for said in checked.warnings]
    row.signatures, row.mode = checked.signatures, checked.mode
    row.asks_approval = checked.asks_approval
    row.profile_ids = [profile.pk for profile in checked.profiles]
    row.due_at, row.time_zone = None, ""
    for profile in checked.profiles:
        if profile.pk in checked.due:
            row.due_at, row.time_zone = checked.due[profile.pk], profile.time_zone
            break
    row.state = State.BAD if row.problems else State.GOOD


def _end_checking(post_import: PostImport) -> bool:
    """Tell rows that say what an earlier one says, now that all are read; then the file is ready."""
    first: dict[str, int] = {}
    changed = []
    rows = post_import.rows.in_order().only("number", "signatures", "same_as", "problems", "state")
    for row in rows:
        same = min((first[one] for one in row.signatures if one in first), default=None)
        state = State.BAD if row.problems or same or row.state == State.NEW else State.GOOD
        if (row.same_as, row.state) != (same, state):
            row.same_as, row.state = same, state
            changed.append(row)
        for one in row.signatures:
            first.setdefault(one, row.number)
    ImportRow.objects.bulk_update(changed, ["same_as", "state"], batch_size=500)
    post_import.stage = Stage.READY
    post_import.save(update_fields=["stage"])
    return False


def _make_next(shelf: _Shelf, organization_id: int, import_id: int) -> bool:
    """Make the next good row into a post, whole or not at all; end the import when there is none."""
    now = connections.clock()
    with organization_open(organization_id):
        post_import = _at(import_id, Stage.MAKING)
        if post_import is None:
            return False
        actor = _access_of(post_import.created_by, organization_id, now)
        if actor is not None:
            actor = begin_act(actor, now)
        row = _next_row(post_import, State.GOOD)
        if row is None:
            if post_import.rows.filter(state=State.GOOD).exists():
                return True  # another worker had it; the next is ours
            return _end_making(post_import, now)
        with _spoken(post_import):
            if actor is None:
                post, reason = None, _("Whoever uploaded the file is no longer here.")
            else:
                post, reason = _try(lambda: _make(shelf.book(actor, post_import, now), row, now), row)
        row.state, row.reason = (State.MADE, "") if post else (State.FAILED, reason[:REASON_MAX])
        row.post, row.made_as = post, standing_of(post) if post else {}
        row.save(update_fields=["state", "reason", "post", "made_as"])
        _note_work(post_import, now)
        return True


class _Shelf:
    """The book of a few seconds' work: names are looked up once for many rows, rights for every single one."""

    def __init__(self) -> None:
        self._book: Book | None = None

    def book(self, actor: Access, post_import: PostImport, now: datetime) -> Book:
        if self._book is None:
            self._book = Book(actor, post_import.organization, post_import, now)
        self._book.access, self._book.post_import, self._book.now = actor, post_import, now
        return self._book


def _make(book: Book, row: ImportRow, now: datetime) -> Post:
    """Return the post a row becomes. Everything is asked again: rights, clock and network may have changed."""
    actor, post_import = book.access, book.post_import
    checked = check_row(_values(row, post_import), book)
    if checked.problems:
        raise CannotSchedule(" ".join(sentence for _column, sentence in checked.problems))
    draft = replace(checked.draft, media=[(_copied(one, actor, now), alt) for one, alt in checked.pictures])
    plan: Plan | InQueue | Times
    if checked.mode == ImportMode.QUEUE:
        plan = InQueue(note=draft.internal_note)
    elif checked.mode == ImportMode.DRAFT:
        plan = Times(due=checked.due, is_changed=bool(checked.due))
    else:
        asks = checked.mode == ImportMode.APPROVE
        plan = Plan(due=checked.due, asks_approval=asks, note=draft.internal_note)
    try:
        return compose(
            actor=actor,
            post=None,
            version=0,
            workspace=checked.profiles[0].workspace,
            profiles=checked.profiles,
            draft=draft,
            plan=plan,
            now=now,
            submission=hashlib.sha256(f"import {post_import.pk} row {row.number}".encode()).hexdigest(),
        )
    except AlreadySubmitted as before:
        return before.post


def _copied(address: ImportAddress, actor: Access, now: datetime) -> int:
    """Make a row of its own for a fetched picture and return its id: several posts may show the same."""
    assert address.media is not None, "checked"
    media = copy.copy(address.media)
    media.pk, media.post, media.uploaded_by, media.created_at = None, None, actor.user, now
    media._state.adding = True
    media.save()
    return int(media.pk)


def _end_making(post_import: PostImport, now: datetime) -> bool:
    ended = PostImport.objects.filter(pk=post_import.pk, stage=Stage.MAKING)
    if ended.update(stage=Stage.DONE, finished_at=now):  # another worker may end it at the same time
        forget_pictures(post_import)
        made = post_import.rows.filter(state=State.MADE).count()
        tell_imported(post_import, made=made, left=post_import.rows.count() - made)
    return False


def _undo_next(organization_id: int, import_id: int) -> bool:
    """Delete the next post of the import that nobody touched, or write down why it stays."""
    now = connections.clock()
    with organization_open(organization_id):
        post_import = _at(import_id, Stage.UNDOING)
        if post_import is None:
            return False
        actor = _access_of(post_import.undone_by, organization_id, now)
        if actor is not None:
            actor = begin_act(actor, now)
        row = _next_row(post_import, State.MADE)
        if row is None:
            if post_import.rows.filter(state=State.MADE).exists():
                return True
            post_import.stage = Stage.UNDONE
            post_import.save(update_fields=["stage"])
            return False
        with _spoken(post_import, post_import.undone_by):
            if actor is None:
                reason = _("Whoever wanted it undone is no longer here.")
            else:
                kept, refused = _try(lambda: undo_row(actor=actor, row=row, now=now), row)
                reason = refused or kept or ""
        row.refresh_from_db(fields=["post"])  # gone with its post
        row.state, row.reason = (State.KEPT, reason[:REASON_MAX]) if reason else (State.UNDONE, "")
        row.save(update_fields=["state", "reason"])
        _note_work(post_import, now)
        return True


def _try(act: Callable[[], Any], row: ImportRow) -> tuple[Any, str]:
    """Do it whole or not at all; return what came of it, or why nothing did.

    What we did not foresee stops one row and not the file: it is in the log, and the row says so.
    """
    try:
        with transaction.atomic():
            return act(), ""
    except REFUSALS as problem:
        return None, str(problem) or gettext("You may not do that here.")
    except Exception:
        logger.exception("row %s of an import broke", row.pk)
        return None, gettext("Something went wrong on our side. Upload this row again.")


def _at(import_id: int, stage: str, *, lock: bool = False) -> PostImport | None:
    """Return the import where it is still at that stage.

    Locked only where no rights are held: whoever acts takes those first, and the import after them.
    """
    rows = PostImport.objects.filter(pk=import_id, stage=stage)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found: PostImport | None = rows.select_related("created_by", "undone_by", "organization").first()
    return found


def _note_work(post_import: PostImport, now: datetime) -> None:
    PostImport.objects.filter(pk=post_import.pk).update(worked_at=now)


def _next_row(post_import: PostImport, state: str) -> ImportRow | None:
    """Lock and return the next row; None as well where another worker was faster."""
    rows = post_import.rows.filter(state=state).in_order()
    found: ImportRow | None = rows.select_for_update(of=("self",)).first()
    return found


def _access_of(person: Any, organization_id: int, now: datetime) -> Access | None:
    if person is None or not person.is_active:
        return None
    return load_access(user=person, organization_id=organization_id, at=now)


def _spoken(post_import: PostImport, person: Any = None) -> Any:
    """Speak the language of the person whose work it is."""
    person = person or post_import.created_by
    return translation.override(person.language if person else None)


def _values(row: ImportRow, post_import: PostImport) -> dict[str, str]:
    cells = zip(post_import.layout, row.cells, strict=False)
    return {key: cell for key, cell in cells if key}
