"""Reads of imports: whose they are, how far they are, and their rows as a page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from permissions.checker import Access
from publishing.bulk.cells import addresses_in
from publishing.bulk.columns import LABELS, MEDIA, PROFILES, TEXT
from publishing.bulk.files import header_names
from publishing.models import ImportMode, ImportProfile, ImportRow, PostImport, Publication
from publishing.models import State as PostState
from publishing.rights import MANAGE
from social_accounts.models import SocialProfile

TEXT_SHOWN: Final = 160
State = ImportRow.State
Stage = PostImport.Stage
ALL, WRONG, WARNED = "all", "problems", "warnings"


def visible_imports(access: Access) -> QuerySet[PostImport]:
    """Return the person's own imports, and those begun by others on profiles whose posts he manages, all of them."""
    managed = access.filter(SocialProfile.objects.all(), MANAGE).values("pk")
    links = ImportProfile.objects.filter(post_import=OuterRef("pk"))
    of_others = Q(Exists(links), ~Exists(links.exclude(profile__in=managed)), started_at__isnull=False)
    return PostImport.objects.filter(Q(created_by=access.user) | of_others)


def listed_imports(access: Access) -> QuerySet[PostImport]:
    """Return the imports as the list shows them, the latest first, with what became of their rows."""
    return (
        visible_imports(access)
        .select_related("created_by")
        .annotate(
            row_count=Count("rows"),
            made_count=Count("rows", filter=Q(rows__state__in=(State.MADE, State.KEPT))),
            wrong_count=Count("rows", filter=Q(rows__state__in=(State.BAD, State.FAILED))),
        )
        .order_by("-created_at", "-pk")
    )


@dataclass(frozen=True)
class Progress:
    """How far an import is, in numbers."""

    counts: Mapping[str, int]
    warned: int
    addresses: int
    fetched: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def checked(self) -> int:
        return self.total - self.counts.get(State.NEW, 0)

    @property
    def good(self) -> int:
        return self.counts.get(State.GOOD, 0)

    @property
    def wrong(self) -> int:
        return self.counts.get(State.BAD, 0) + self.counts.get(State.FAILED, 0)

    @property
    def made(self) -> int:
        return self.counts.get(State.MADE, 0)

    @property
    def failed(self) -> int:
        return self.counts.get(State.FAILED, 0)

    @property
    def undone(self) -> int:
        return self.counts.get(State.UNDONE, 0)

    @property
    def kept(self) -> int:
        return self.counts.get(State.KEPT, 0)

    @property
    def to_make(self) -> int:
        """Return how many rows the import was begun with."""
        return self.good + self.made + self.failed

    @property
    def done(self) -> int:
        return self.made + self.failed

    @property
    def to_undo(self) -> int:
        return self.made + self.undone + self.kept


def progress_of(post_import: PostImport) -> Progress:
    counted = post_import.rows.order_by().values_list("state").annotate(Count("pk"))
    addresses = post_import.addresses.aggregate(
        total=Count("pk"), fetched=Count("pk", filter=Q(fetched_at__isnull=False))
    )
    return Progress(
        counts=dict(counted),
        warned=post_import.rows.exclude(warnings=[]).exclude(state__in=(State.BAD, State.FAILED)).count(),
        addresses=addresses["total"],
        fetched=addresses["fetched"],
    )


def rows_shown(post_import: PostImport, show: str) -> QuerySet[ImportRow]:
    rows = post_import.rows.in_order()
    if show == WRONG:
        return rows.wrong()
    if show == WARNED:
        return rows.exclude(warnings=[]).exclude(state__in=(State.BAD, State.FAILED))
    return rows


@dataclass(frozen=True)
class RowLine:
    """One row as the preview and the result show it."""

    row: ImportRow
    profiles: Sequence[SocialProfile]
    profiles_typed: str
    when_typed: str
    text: str
    pictures: int
    labels: str
    problems: Sequence[tuple[str, str]]  # (header or "", sentence)
    warnings: Sequence[tuple[str, str]]
    wrong_columns: frozenset[str]
    publications: Sequence[Publication] = ()

    @property
    def becomes(self) -> str:
        """Return in a word what the row is to become."""
        if self.row.mode == ImportMode.DRAFT:
            return str(PostState.DRAFT.label)
        if self.row.asks_approval:
            return str(PostState.WAITING.label)
        if self.row.mode == ImportMode.QUEUE:
            return _("In the queue")
        return str(PostState.SCHEDULED.label)


def row_lines(post_import: PostImport, rows: Sequence[ImportRow]) -> list[RowLine]:
    """Return rows ready to be shown, their profiles and what became of their posts read at once."""
    wanted = {pk for row in rows for pk in row.profile_ids}
    profiles = {profile.pk: profile for profile in SocialProfile.objects.filter(pk__in=wanted)}
    made: dict[int, list[Publication]] = {}
    posts = [row.post_id for row in rows if row.post_id]
    for publication in Publication.objects.filter(post__in=posts).select_related("profile").order_by("pk"):
        made.setdefault(publication.post_id, []).append(publication)
    return [_line(post_import, row, profiles, made.get(row.post_id or 0, ())) for row in rows]


def _line(
    post_import: PostImport,
    row: ImportRow,
    profiles: Mapping[int, SocialProfile],
    publications: Sequence[Publication],
) -> RowLine:
    values = dict(zip(post_import.layout, row.cells, strict=False))
    names = header_names(post_import)
    problems = [(names.get(column, ""), sentence) for column, sentence in row.problems]
    if row.same_as:
        problems.append(("", _("It says the same as row %(number)d.") % {"number": row.same_as}))
    if row.reason:
        problems.append(("", row.reason))
    text = " ".join(values.get(TEXT, "").split())
    return RowLine(
        row=row,
        profiles=[profiles[pk] for pk in row.profile_ids if pk in profiles],
        profiles_typed=values.get(PROFILES, ""),
        when_typed=" ".join(part for key in ("date", "time") if (part := values.get(key, "").strip())),
        text=text if len(text) <= TEXT_SHOWN else f"{text[: TEXT_SHOWN - 1].rstrip()}…",
        pictures=len(addresses_in(values.get(MEDIA, ""))),
        labels=values.get(LABELS, ""),
        problems=problems,
        warnings=[(names.get(column, ""), sentence) for column, sentence in row.warnings],
        wrong_columns=frozenset(column for column, _sentence in row.problems),
        publications=publications,
    )
