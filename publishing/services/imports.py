"""Files of posts: taken in, begun, discarded, undone. The work itself is done step by step in ``import_work``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Organization
from permissions.checker import Access
from permissions.services import begin_act
from publishing.bulk.book import importable_profiles
from publishing.bulk.cells import addresses_in
from publishing.bulk.checking import address_problem, is_address, is_note
from publishing.bulk.columns import LINK, MEDIA, PROBLEM, PROFILES, TEXT, Headers
from publishing.bulk.reading import Table, Unreadable, check_size, read_table
from publishing.models import ImportAddress, ImportMode, ImportProfile, ImportRow, PostImport, PostMedia
from publishing.rights import IMPORT
from publishing.selectors.organizing import fields_offered
from publishing.services.media import forget
from social_accounts.connections import offered_networks
from social_accounts.models import SocialProfile
from social_accounts.selectors import visible_profiles

ADDRESSES_MAX: Final = 500
ROWS_AT_ONCE: Final = 1000
PREVIEW_KEPT: Final = timedelta(days=30)  # a file nobody imported
Stage = PostImport.Stage
State = ImportRow.State


class CannotImport(Exception):
    """Nothing was changed. The message says why and is for the person."""


def headers_of(access: Access, organization: Organization) -> Headers:
    """Return what headers mean to this person in his organization."""
    return Headers(fields_offered(access, organization), offered_networks())


def require_importing(actor: Access, organization: Organization) -> None:
    """Raise NotAllowed unless the person may import posts for some profile (AP12)."""
    if importable_profiles(actor).exists():
        return
    profile = visible_profiles(actor, organization).order_by("pk").first()
    if profile is None:
        raise SocialProfile.DoesNotExist
    actor.require(IMPORT, profile)


@transaction.atomic
def begin_import(
    *,
    actor: Access,
    organization: Organization,
    filename: str,
    content: bytes,
    mode: ImportMode,
    date_order: str,
    now: datetime,
    replaces: PostImport | None = None,
) -> PostImport:
    """Take in a file, to be checked row by row. Makes no post. Raises NotAllowed, Unreadable.

    ``replaces`` is the person's file that this one is the corrected form of; what was not begun of it is forgotten.
    """
    actor = begin_act(actor, now)
    require_importing(actor, organization)
    check_size(len(content))
    headers = headers_of(actor, organization)
    table = read_table(content, headers.count_known)
    layout = headers.layout(table.headers)
    _check_columns(headers, table, layout)
    rows = [(number, _fitted(cells, table)) for number, cells in table.rows]
    rows = [(number, cells) for number, cells in rows if not is_note(dict(zip(layout, cells, strict=False)))]
    if not rows:
        raise Unreadable(
            _("The file has no rows with posts. Rows that begin with “#” only explain the columns.")
        )
    made = PostImport.objects.create(
        created_by=actor.user,
        filename=filename[-200:],
        headers=table.headers,
        layout=layout,
        delimiter=table.delimiter,
        mode=mode,
        date_order=date_order,
        created_at=now,
        worked_at=now,
    )
    ImportRow.objects.bulk_create(
        (ImportRow(post_import=made, number=number, cells=cells) for number, cells in rows),
        batch_size=ROWS_AT_ONCE,
    )
    note_addresses(made, [cells for _number, cells in rows])
    if replaces is not None:
        _forget(replaces)
    for stale in PostImport.objects.filter(
        created_by=actor.user, started_at=None, created_at__lt=now - PREVIEW_KEPT
    ):
        _forget(stale)
    return made


def note_addresses(post_import: PostImport, rows: Sequence[Sequence[str]]) -> None:
    """Write down which pictures and pages the rows name, each once, to be fetched. Raises Unreadable for too many."""
    wanted: set[tuple[str, str]] = set()
    for cells in rows:
        values = dict(zip(post_import.layout, cells, strict=False))
        pictures = addresses_in(values.get(MEDIA, ""))
        wanted |= {(ImportAddress.Kind.PICTURE, one) for one in pictures if not address_problem(one)}
        link = values.get(LINK, "").strip()
        if is_address(link):
            wanted.add((ImportAddress.Kind.LINK, link))
    if len(wanted) > ADDRESSES_MAX:
        raise Unreadable(
            ngettext(
                "The file names more than %(count)d address of pictures and links. Split it into several files.",
                "The file names more than %(count)d addresses of pictures and links. Split it into several files.",
                ADDRESSES_MAX,
            )
            % {"count": ADDRESSES_MAX}
        )
    known = set(post_import.addresses.values_list("kind", "address"))
    ImportAddress.objects.bulk_create(
        ImportAddress(post_import=post_import, kind=kind, address=address)
        for kind, address in sorted(wanted - known)
    )


@transaction.atomic
def start_import(*, actor: Access, post_import: PostImport, only_good: bool, now: datetime) -> PostImport:
    """Let the rows become posts. Again changes nothing. Raises NotAllowed, CannotImport."""
    actor = begin_act(actor, now)
    require_importing(actor, post_import.organization)
    post_import = _locked(post_import)
    if post_import.created_by_id != actor.user.pk:
        raise CannotImport(_("Whoever uploaded the file imports it."))
    if post_import.stage in (Stage.MAKING, Stage.DONE):
        return post_import
    if post_import.stage != Stage.READY:
        raise CannotImport(_("The file is not ready to be imported. Wait until it is checked."))
    good = post_import.rows.filter(state=State.GOOD)
    if not only_good and post_import.rows.wrong().exists():
        raise CannotImport(_("Some rows have problems. Correct them, or import only the good ones."))
    count = good.count()
    if not count:
        raise CannotImport(_("No row is good yet. Correct the file and upload it again."))
    profiles = {pk for ids in good.values_list("profile_ids", flat=True) for pk in ids}
    ImportProfile.objects.bulk_create(
        ImportProfile(post_import=post_import, profile_id=pk) for pk in sorted(profiles)
    )
    # A picture that nobody wanted for a week is forgotten: then it is fetched once more.
    post_import.addresses.filter(kind=ImportAddress.Kind.PICTURE, media=None, problem="").update(
        fetched_at=None
    )
    post_import.stage, post_import.started_at, post_import.worked_at = Stage.MAKING, now, now
    post_import.save(update_fields=["stage", "started_at", "worked_at"])
    record_event(
        actor=actor.user,
        action="post_import.start",
        obj=post_import,
        at=now,
        after={"posts": count, "profiles": sorted(map(str, SocialProfile.objects.filter(pk__in=profiles)))},
    )
    return post_import


@transaction.atomic
def discard_import(*, actor: Access, post_import: PostImport, now: datetime) -> None:
    """Forget a file of which nothing was imported. Raises CannotImport."""
    actor = begin_act(actor, now)
    post_import = _locked(post_import)
    if post_import.created_by_id != actor.user.pk or post_import.started_at is not None:
        raise CannotImport(_("This file was imported, so it stays in the list. You can undo the import."))
    _forget(post_import)


@transaction.atomic
def correct_row(*, actor: Access, row: ImportRow, cells: Sequence[str], now: datetime) -> PostImport:
    """Change the cells of one row and check it again, with whatever its new addresses name. Raises CannotImport."""
    actor = begin_act(actor, now)
    post_import = _locked(row.post_import)
    if post_import.created_by_id != actor.user.pk or post_import.stage not in (Stage.READY, Stage.CHECKING):
        raise CannotImport(_("This row can no longer be changed."))
    try:
        note_addresses(post_import, [cells])
    except Unreadable as problem:
        raise CannotImport(str(problem)) from problem
    ImportRow.objects.filter(pk=row.pk).update(cells=list(cells), state=State.NEW)
    post_import.stage, post_import.worked_at = Stage.CHECKING, now
    post_import.save(update_fields=["stage", "worked_at"])
    return post_import


@transaction.atomic
def undo_import(*, actor: Access, post_import: PostImport, now: datetime) -> PostImport:
    """Let every post of the import be deleted that nobody has touched since. Again changes nothing.

    Each post asks whether this person may change it. Raises CannotImport.
    """
    actor = begin_act(actor, now)
    post_import = _locked(post_import)
    if post_import.stage in (Stage.UNDOING, Stage.UNDONE):
        return post_import
    if post_import.stage != Stage.DONE:
        raise CannotImport(_("Wait until the import is done, then undo it."))
    post_import.stage, post_import.undone_by = Stage.UNDOING, actor.user
    post_import.undone_at = post_import.worked_at = now
    post_import.save(update_fields=["stage", "undone_by", "undone_at", "worked_at"])
    record_event(actor=actor.user, action="post_import.undo", obj=post_import, at=now)
    return post_import


def forget_pictures(post_import: PostImport) -> None:
    """Forget the pictures as they were fetched; posts have copies of their own."""
    fetched = post_import.addresses.exclude(media=None).values("media")
    forget(PostMedia.objects.filter(pk__in=fetched, post=None, kept_for=None))


def _check_columns(headers: Headers, table: Table, layout: Sequence[str]) -> None:
    """Raise Unreadable where the columns cannot make posts."""
    language = get_language() or "en"
    if PROFILES not in layout:
        raise Unreadable(
            _(
                "The file has no column “%(name)s”. Its first row has to name the columns, as the template does."
            )
            % {"name": headers.name_of(PROFILES, language)}
        )
    if TEXT not in layout and MEDIA not in layout:
        raise Unreadable(
            _(
                "The file has neither a column “%(text)s” nor a column “%(pictures)s”, so there is nothing to post."
            )
            % {"text": headers.name_of(TEXT, language), "pictures": headers.name_of(MEDIA, language)}
        )
    several = [key for key, count in Counter(layout).items() if key and key != PROBLEM and count > 1]
    if several:
        names = [name for name, key in zip(table.headers, layout, strict=True) if key == several[0]]
        raise Unreadable(
            _("The columns %(names)s mean the same. Keep one of them.")
            % {"names": ", ".join(f"“{name}”" for name in names)}
        )


def _fitted(cells: Sequence[str], table: Table) -> list[str]:
    """Return as many cells as there are columns; what stands beside the last stays, to be told."""
    wanted = len(table.headers)
    more = list(cells[wanted:])
    while more and not more[-1].strip():
        more.pop()
    return [*cells[:wanted], *[""] * (wanted - len(cells)), *more]


def _locked(post_import: PostImport) -> PostImport:
    return PostImport.objects.select_for_update(of=("self",)).get(pk=post_import.pk)


def _forget(post_import: PostImport) -> None:
    if post_import.started_at is None:
        forget_pictures(post_import)
        post_import.delete()
