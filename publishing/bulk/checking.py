"""One row of a file: what it says, what would become of it, and what is wrong with it in plain sentences."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from publishing.bulk.book import Book
from publishing.bulk.cells import Wrong, addresses_in, names_in, texts_in, when_in
from publishing.bulk.columns import (
    ALT_TEXT,
    CAMPAIGN,
    DATE,
    LABELS,
    LINK,
    MEDIA,
    MODE,
    NOTE,
    PROFILES,
    TEXT,
    TIME,
    folded,
    mode_of,
    spoken,
)
from publishing.bulk.options import Options
from publishing.bulk.verdicts import of_network
from publishing.forms import ALT_TEXT_MAX, LANGUAGE_CODE_LENGTH, TEXT_MAX
from publishing.models import Campaign, CustomField, ImportAddress, ImportMode, PostMedia
from publishing.organizing.post_form import form_field
from publishing.organizing.values import spelled
from publishing.services.organizing import Organizing
from publishing.services.posts import Draft
from publishing.services.scheduling import GRACE
from publishing.times import to_local
from social_accounts.models import SocialProfile

NOTE_MAX: Final = 500
ADDRESS_MAX: Final = 1000
PICTURES_MAX: Final = 20  # more than any network takes
NOTE_ROW: Final = "#"  # a row whose profile begins so explains the template, and is no post
PINTEREST: Final = "pinterest"
_is_address = URLValidator(schemes=["http", "https"])

Said = tuple[str, str]  # (column or "", sentence)


@dataclass
class Checked:
    """What a row says. Without problems it can be made into a post by the services the composer uses."""

    mode: ImportMode
    profiles: list[SocialProfile] = field(default_factory=list)
    due: dict[int, datetime] = field(default_factory=dict)
    draft: Draft = field(default_factory=lambda: Draft(text=""))
    pictures: list[tuple[ImportAddress, str]] = field(default_factory=list)
    problems: list[Said] = field(default_factory=list)
    warnings: list[Said] = field(default_factory=list)
    asks_approval: bool = False
    signatures: list[str] = field(default_factory=list)

    def wrong(self, column: str, sentence: str) -> None:
        if (column, sentence) not in self.problems:
            self.problems.append((column, sentence))

    def warn(self, column: str, sentence: str) -> None:
        if (column, sentence) not in self.warnings:
            self.warnings.append((column, sentence))


def is_note(values: Mapping[str, str]) -> bool:
    """Say whether the row explains the template instead of being a post."""
    return values.get(PROFILES, "").strip().startswith(NOTE_ROW)


def check_row(values: Mapping[str, str], book: Book) -> Checked:
    """Return what the row says, as its person's rights, the networks and the clock have it now."""
    said = mode_of(values.get(MODE, "")) if values.get(MODE, "").strip() else None
    row = Checked(mode=said or ImportMode(book.post_import.mode))
    if said is None and values.get(MODE, "").strip():
        row.wrong(MODE, _("Write “schedule”, “approval”, “queue” or “draft”, or leave it empty."))
    _read_profiles(row, values, book)
    _read_time(row, values, book)
    _read_content(row, values, book)
    row.signatures = [_signature(row, profile, values) for profile in row.profiles]
    return row


def _read_profiles(row: Checked, values: Mapping[str, str], book: Book) -> None:
    row.profiles, problems = book.names.read(values.get(PROFILES, ""))
    for sentence in problems:
        row.wrong(PROFILES, sentence)
    if not row.profiles and not problems:
        row.wrong(PROFILES, _("Name at least one profile."))
    for profile in row.profiles:
        if not book.may_import(profile):
            row.wrong(PROFILES, _("You may not import posts for %(profile)s.") % {"profile": profile})
        elif not book.may_compose(profile):
            row.wrong(PROFILES, _("You may not write posts for %(profile)s.") % {"profile": profile})
        elif not profile.is_connected:
            row.wrong(
                PROFILES,
                _("%(profile)s is not connected to its network, so nothing can go out there now.")
                % {"profile": profile},
            )
        elif row.mode != ImportMode.DRAFT:
            _check_sending(row, profile, book, book.campaigns.get(folded(values.get(CAMPAIGN, ""))))


def _check_sending(row: Checked, profile: SocialProfile, book: Book, campaign: Campaign | None) -> None:
    is_free = book.publishes_alone(profile, campaign)
    if not is_free and not book.may_send(profile):
        row.wrong(
            PROFILES,
            _("You may neither publish on %(profile)s nor send posts for approval. Choose “draft”.")
            % {"profile": profile},
        )
    elif row.mode == ImportMode.APPROVE and not profile.has_approval:
        row.wrong(
            MODE,
            _("%(profile)s: this network knows no approval. Who may publish there publishes directly.")
            % {"profile": profile},
        )
    if row.mode == ImportMode.APPROVE or not is_free:
        row.asks_approval = True
    if row.mode == ImportMode.QUEUE and profile.pk not in book.queues:
        row.wrong(
            MODE,
            _("%(profile)s: its queue has no times yet. Choose them first, or choose a time for this post.")
            % {"profile": profile},
        )


def _read_time(row: Checked, values: Mapping[str, str], book: Book) -> None:
    typed = (values.get(DATE, ""), values.get(TIME, ""))
    if row.mode == ImportMode.QUEUE:
        if any(cell.strip() for cell in typed):
            row.warn(DATE, _("The queue chooses the time; the one in the file is left out."))
        return
    try:
        when = when_in(*typed, book.post_import.date_order)
    except Wrong as problem:
        row.wrong(problem.column, str(problem))
        return
    if when is None:
        if row.mode != ImportMode.DRAFT:
            row.wrong(DATE, _("Write a day and a time, or choose “queue” or “draft”."))
        return
    for profile in row.profiles:
        try:
            row.due[profile.pk] = when.moment_in(profile.time_zone)
        except Wrong as problem:
            row.wrong(problem.column, str(problem))
            continue
        if row.due[profile.pk] < book.now - GRACE:
            row.wrong(DATE, _("That time is past. Choose a later one."))


def _read_content(row: Checked, values: Mapping[str, str], book: Book) -> None:
    text = values.get(TEXT, "").strip()
    if len(text) > TEXT_MAX:
        row.wrong(TEXT, _("The text is longer than any network takes."))
        return
    note = values.get(NOTE, "").strip()
    if len(note) > NOTE_MAX:
        row.wrong(NOTE, _("A note has at most %(limit)d characters.") % {"limit": NOTE_MAX})
    _read_pictures(row, values, book)
    options = Options(values, row.profiles, book)
    for column, sentence in options.problems:
        row.wrong(column, sentence)
    for column, sentence in options.warnings:
        row.warn(column, sentence)
    draft = Draft(
        text=text,
        network_options=options.chosen,
        language=(get_language() or "en")[:LANGUAGE_CODE_LENGTH],
        internal_note=note[:NOTE_MAX],
        organizing=_organizing(row, values, book),
    )
    row.draft = _with_link(row, draft, values.get(LINK, "").strip(), book)
    if any(column == MEDIA for column, _sentence in row.problems):
        return  # what the network would say of a post without its pictures misleads
    files = [_shown(address.media, alt_text) for address, alt_text in row.pictures if address.media]
    if not text and not files:
        row.wrong(TEXT, _("Write a text, or name a picture."))
        return
    for profile in row.profiles:
        for column, sentence in of_network(row.draft, files, profile, options):
            column = column if column in book.columns else ""
            said = f"{book.names.written(profile)}: {sentence}" if len(row.profiles) > 1 else sentence
            if row.mode == ImportMode.DRAFT:
                row.warn(column, said)
            else:
                row.wrong(column, said)


def _read_pictures(row: Checked, values: Mapping[str, str], book: Book) -> None:
    addresses, alt_texts = addresses_in(values.get(MEDIA, "")), texts_in(values.get(ALT_TEXT, ""))
    if len(addresses) > PICTURES_MAX:
        row.wrong(MEDIA, _("A post has at most %(limit)d pictures.") % {"limit": PICTURES_MAX})
        return
    if len(alt_texts) > max(len(addresses), 1) or (alt_texts and not addresses):
        row.wrong(ALT_TEXT, _("There are more texts than pictures."))
    if any(len(alt_text) > ALT_TEXT_MAX for alt_text in alt_texts):
        row.wrong(ALT_TEXT, _("An alt text has at most %(limit)d characters.") % {"limit": ALT_TEXT_MAX})
    for number, address in enumerate(addresses):
        if problem := address_problem(address):
            row.wrong(MEDIA, problem)
            continue
        found = book.addresses.get((ImportAddress.Kind.PICTURE, address))
        if found is None or found.problem:
            row.wrong(
                MEDIA, found.problem if found else _("%(address)s was not fetched.") % {"address": address}
            )
            continue
        row.pictures.append((found, alt_texts[number] if number < len(alt_texts) else ""))


def address_problem(address: str) -> str:
    """Return why something cannot be the address of a picture; empty when it can."""
    if not address.lower().startswith(("https://", "http://")):
        return _(
            "“%(name)s” is no address. Write one that begins with https, or add the picture in the composer."
        ) % {"name": address[:80]}
    return "" if is_address(address) else _("“%(name)s” is no address.") % {"name": address[:80]}


def is_address(text: str) -> bool:
    try:
        _is_address(text)
    except ValidationError:
        return False
    return len(text) <= ADDRESS_MAX


def _with_link(row: Checked, draft: Draft, link: str, book: Book) -> Draft:
    """Return the draft with its link: a card below a text alone, the end of the text beside pictures."""
    if not link:
        return draft
    if not is_address(link):
        row.wrong(
            LINK, _("“%(name)s” is no address. Write one that begins with https.") % {"name": link[:80]}
        )
        return draft
    if not row.pictures:
        found = book.addresses.get((ImportAddress.Kind.LINK, link))
        title = (found.title if found else "") or (urlsplit(link).hostname or link)
        if found is not None and found.problem:
            row.warn(LINK, _("Its preview shows no title: %(problem)s") % {"problem": found.problem})
        description = found.description if found else ""
        return replace(draft, link_card={"url": link, "title": title, "description": description})
    options = {network: dict(chosen) for network, chosen in draft.network_options.items()}
    texts = {}
    if any(profile.network == PINTEREST for profile in row.profiles):  # a Pin leads to it by itself
        options.setdefault(PINTEREST, {}).setdefault("link", link)
        texts[PINTEREST] = draft.text
    text = draft.text if link in draft.text else f"{draft.text}\n\n{link}".lstrip()
    return replace(draft, text=text, network_texts=texts, network_options=options)


def _organizing(row: Checked, values: Mapping[str, str], book: Book) -> Organizing:
    labels = []
    for name in dict.fromkeys(names_in(values.get(LABELS, ""))):
        for piece in [name] if folded(name) in book.labels else name.split(","):
            label = book.labels.get(folded(piece))
            if label is not None:
                labels.append(label)
            elif piece.strip():
                row.wrong(LABELS, _("There is no label “%(name)s”.") % {"name": piece.strip()[:80]})
    if labels and not book.may_label(row.profiles):
        row.wrong(LABELS, _("You may not label these posts."))
    return Organizing(
        campaign=_campaign(row, values.get(CAMPAIGN, "").strip(), book),
        labels=labels or None,
        values=_custom_values(row, values, book),
    )


def _campaign(row: Checked, name: str, book: Book) -> Campaign | None:
    campaign = book.campaigns.get(folded(name)) if name else None
    if name and campaign is None:
        row.wrong(CAMPAIGN, _("There is no campaign “%(name)s”.") % {"name": name[:80]})
    return campaign


def _custom_values(row: Checked, values: Mapping[str, str], book: Book) -> dict[int, str]:
    found = {}
    for key, custom in book.headers.fields.items():
        try:
            value = _custom_value(custom, values.get(key, "").strip())
        except ValidationError as problem:
            row.wrong(key, " ".join(problem.messages))
            continue
        if value:
            found[custom.pk] = value
        elif custom.is_required and row.mode != ImportMode.DRAFT:
            row.wrong(
                key if key in book.columns else "",
                _("Fill in first: %(fields)s.") % {"fields": custom.name},
            )
    return found


def _custom_value(custom: CustomField, cell: str) -> str:
    """Return what a cell says as the field keeps it. Raises ValidationError."""
    asked = form_field(custom, is_sent=False, present="")
    choices = [(value, label) for value, label in getattr(asked, "choices", ()) if value]
    if choices and cell:
        wanted = folded(cell)
        cell = next((value for value, label in choices if wanted in (folded(value), *spoken(label))), cell)
    elif custom.kind == CustomField.Kind.NUMBER and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    return spelled(asked.clean(cell))


def _shown(media: PostMedia, alt_text: str) -> PostMedia:
    shown = copy.copy(media)
    shown.alt_text = alt_text
    return shown


def _signature(row: Checked, profile: SocialProfile, values: Mapping[str, str]) -> str:
    """Return what two rows share that would put the same post on this profile at the same time."""
    said = (
        profile.pk,
        row.mode,
        row.due.get(profile.pk),
        row.draft.text,
        [address.address for address, _alt in row.pictures],
        values.get(LINK, "").strip(),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def warn_of_scheduled(row: Checked, book: Book) -> None:
    """Warn where the same text waits to go out on a profile already; the book was asked for the texts before."""
    for profile in row.profiles:
        due_at = book.scheduled.get((profile.pk, row.draft.text))
        if due_at is not None:
            local = to_local(due_at, profile.time_zone)
            row.warn(
                TEXT,
                _("%(profile)s: the same text waits to go out already, on %(day)s at %(time)s.")
                % {"profile": profile, "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"},
            )
