"""The columns of a file of posts: what each is called in every language, and what a header in a file means.

Headers are a format of files, not words of a page: a file made in French is read whoever uploads it. So their names
stand here, beside each other, and not among the translations.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.models import CustomField, ImportMode
from social_accounts.networks.base import FIRST_COMMENT, Features, Option
from social_accounts.networks.words import translated

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "fr", "pt-br")
PROFILES, DATE, TIME, MODE = "profiles", "date", "time", "mode"
TEXT, LINK, MEDIA, ALT_TEXT = "text", "link", "media", "alt_text"
COMMENT, TITLE, BOARD = "first_comment", "title", "board"
LABELS, CAMPAIGN, NOTE = "labels", "campaign", "note"
PROBLEM: Final = "problem"  # we write it beside rows to correct, and read over it
FIELD, OPTION = "field", "option"
SEPARATOR: Final = ":"
# The options of networks that the plain columns stand for.
PLAIN_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    COMMENT: (FIRST_COMMENT,),
    TITLE: ("title",),
    BOARD: ("board",),
}


@dataclass(frozen=True)
class Column:
    """A column every file may have: its names in ``LANGUAGES``, more that are understood, and what goes into it."""

    key: str
    names: tuple[str, str, str]
    explained: str | Promise
    also: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        return dict(zip(LANGUAGES, self.names, strict=True)).get(language, self.names[0])


COLUMNS: Final = (
    Column(
        PROFILES,
        ("Profiles", "Profils", "Perfis"),
        _("Where it goes: one or more profiles, with “;” between them."),
        ("profile", "account", "accounts", "profil", "compte", "comptes", "perfil", "conta", "contas"),
    ),
    Column(
        DATE,
        ("Date", "Date", "Data"),
        _("The day it goes out, such as 2026-12-24, on the profile’s own clock."),
        ("day", "publish date", "date de publication", "data de publicação", "jour", "dia"),
    ),
    Column(
        TIME,
        ("Time", "Heure", "Hora"),
        _("The time of day, such as 18:00 or 6:00 PM."),
        ("hour", "publish time", "heure de publication", "hora de publicação", "horário"),
    ),
    Column(
        TEXT,
        ("Text", "Texte", "Texto"),
        _("What the post says. It may have several lines."),
        ("message", "post", "caption", "content", "légende", "contenu", "mensagem", "legenda", "conteúdo"),
    ),
    Column(
        LINK,
        ("Link", "Lien", "Link"),
        _("An address the post leads to. With pictures it stands at the end of the text."),
        ("url", "links", "liens"),
    ),
    Column(
        MEDIA,
        ("Pictures", "Images", "Imagens"),
        _(
            "Addresses of pictures, beginning with https, each on a line of its own or with a space between them."
        ),
        (
            "picture",
            "media",
            "image",
            "image url",
            "picture url",
            "médias",
            "photo",
            "photos",
            "imagem",
            "mídia",
        ),
    ),
    Column(
        ALT_TEXT,
        ("Alt text", "Texte alternatif", "Texto alternativo"),
        _("What the pictures show, in words. For several pictures with “|” between them."),
        ("alternative text", "alt", "alt texts", "description des images", "descrição das imagens"),
    ),
    Column(
        COMMENT,
        ("First comment", "Premier commentaire", "Primeiro comentário"),
        _("Said below the post once it is out, on networks that have comments."),
    ),
    Column(
        TITLE,
        ("Title", "Titre", "Título"),
        _("For networks whose posts have a title, such as Pinterest and YouTube."),
    ),
    Column(BOARD, ("Board", "Tableau", "Pasta"), _("For Pinterest: the board, by its name."), ("boards",)),
    Column(
        LABELS,
        ("Labels", "Étiquettes", "Etiquetas"),
        _("Labels of the organization, with “;” between them."),
        ("label", "tags", "étiquette", "libellés", "etiqueta", "rótulos"),
    ),
    Column(
        CAMPAIGN,
        ("Campaign", "Campagne", "Campanha"),
        _("A campaign of the organization."),
    ),
    Column(
        NOTE,
        ("Internal note", "Note interne", "Nota interna"),
        _("For your team; it is never published."),
        ("note", "notes", "nota"),
    ),
    Column(
        MODE,
        ("Action", "Action", "Ação"),
        _("“schedule”, “approval”, “queue” or “draft”. Empty: what you choose when you upload the file."),
        ("mode", "status", "what to do", "modo"),
    ),
)
PROBLEM_NAMES: Final = ("Problem", "Problème", "Problema")
BY_KEY: Final[Mapping[str, Column]] = {column.key: column for column in COLUMNS}
MODES: Final[Mapping[ImportMode, tuple[str, ...]]] = {
    ImportMode.SCHEDULE: (
        "schedule",
        "planifier",
        "agendar",
        "scheduled",
        "programmer",
        "planifié",
        "publish",
    ),
    ImportMode.APPROVE: (
        "approval",
        "validation",
        "aprovação",
        "approve",
        "send for approval",
        "approbation",
    ),
    ImportMode.QUEUE: ("queue", "file", "fila", "add to queue", "file d’attente", "file d'attente"),
    ImportMode.DRAFT: ("draft", "brouillon", "rascunho", "drafts", "save as draft"),
}


def folded(words: str) -> str:
    """Return words as they are compared: no case, no accents, no punctuation at their ends, single spaces."""
    plain = unicodedata.normalize("NFKD", words).casefold()
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[\s_]+", " ", bare.replace("’", "'")).strip(" *:.-()")


_BY_NAME: Final = {
    folded(name): column.key for column in COLUMNS for name in (column.key, *column.names, *column.also)
} | {folded(name): PROBLEM for name in PROBLEM_NAMES}
_MODES: Final = {folded(word): mode for mode, words in MODES.items() for word in words}


def mode_of(cell: str) -> ImportMode | None:
    """Return what is to become of a row, in whatever language it says so; None for what we do not know."""
    return _MODES.get(folded(cell))


def option_key(network: str, option: str) -> str:
    return SEPARATOR.join((OPTION, network, option))


def field_key(field: CustomField) -> str:
    return f"{FIELD}{SEPARATOR}{field.pk}"


class Headers:
    """What headers mean in one organization: the columns of every file, its own fields, its networks' options."""

    def __init__(self, fields: Iterable[CustomField], networks: Iterable[Features]) -> None:
        self.fields = {field_key(field): field for field in fields}
        self.options: dict[str, tuple[Features, Option]] = {
            option_key(network.name, option.name): (network, option)
            for network in networks
            for option in network.options
        }
        self._by_name = dict(_BY_NAME)
        for key, field in self.fields.items():
            self._by_name.setdefault(folded(field.name), key)
        for key, (network, option) in self.options.items():
            for label in {option.name, *labels_of(option)}:
                self._by_name[folded(f"{network.label}: {label}")] = key
                self._by_name[folded(f"{network.label} {label}")] = key

    def key_of(self, header: str) -> str:
        """Return what a header means; empty when nobody knows."""
        return self._by_name.get(folded(header), "")

    def count_known(self, headers: Sequence[str]) -> int:
        return sum(bool(self.key_of(header)) for header in headers)

    def layout(self, headers: Sequence[str]) -> list[str]:
        return [self.key_of(header) for header in headers]

    def name_of(self, key: str, language: str) -> str:
        """Return the header we write for a column."""
        if key in BY_KEY:
            return BY_KEY[key].name(language)
        if key == PROBLEM:
            return PROBLEM_NAMES[LANGUAGES.index(language) if language in LANGUAGES else 0]
        if key in self.fields:
            return self.fields[key].name
        network, option = self.options[key]
        with translation.override(language):
            return f"{network.label}: {translated(option.label, gettext)}"


def labels_of(option: Option) -> set[str]:
    """Return what an option is called in each language."""
    return {translated_in(language, option.label) for language in LANGUAGES}


def choice_of(option: Option, cell: str, choices: Iterable[Sequence[str]]) -> str | None:
    """Return the value of the choice a cell names, by its value or its words in any language; None for none of them."""
    wanted = folded(cell)
    offered = [(str(value), str(label)) for value, label in choices]
    for value, label in offered:
        if value and value.casefold() == cell.strip().casefold():
            return value
        if wanted in {folded(translated_in(language, label)) for language in LANGUAGES}:
            return value
    return None


@lru_cache(maxsize=4096)
def translated_in(language: str, words: str) -> str:
    with translation.override(language):
        return translated(words, gettext)


def spoken(words: str | Promise) -> set[str]:
    """Return words of ours as they are compared, in every language."""
    found = set()
    for language in LANGUAGES:
        with translation.override(language):
            found.add(folded(str(words)))
    return found
