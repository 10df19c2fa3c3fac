"""The networks' own options as a row says them: title, board, first comment, and every other by its full name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from publishing.bulk.book import Book
from publishing.bulk.columns import BOARD, COMMENT, PLAIN_OPTIONS, TITLE, choice_of, option_key
from publishing.network_options import kept_name
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Features, Option
from social_accounts.networks.words import translated

WITHOUT: Final[Mapping[str, Promise]] = {
    COMMENT: gettext_lazy("%(networks)s: there is no first comment, so it is left out there."),
    TITLE: gettext_lazy("%(networks)s: posts have no title, so it is left out there."),
    BOARD: gettext_lazy("%(networks)s: there are no boards, so it is left out there."),
}
NAMED_MAX: Final = 12  # choices a sentence lists
COLUMN_OF: Final = {option: column for column, options in PLAIN_OPTIONS.items() for option in options}


class Options:
    """The options of one row. ``chosen`` is what the post keeps, by network and the name an option is kept under."""

    def __init__(self, values: Mapping[str, str], profiles: Sequence[SocialProfile], book: Book) -> None:
        self.values, self.book = values, book
        self.chosen: dict[str, dict[str, str]] = {}
        self.problems: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []
        by_network: dict[str, list[SocialProfile]] = {}
        for profile in profiles:
            by_network.setdefault(profile.network, []).append(profile)
        for network, its_profiles in by_network.items():
            for option in book.networks[network].options:
                self._read(book.networks[network], option, its_profiles)
        self._warn_of_left_out([book.networks[network] for network in by_network])

    def column(self, network: str, option: str) -> str:
        """Return the column of the file that says this option; empty when none does."""
        full, plain = option_key(network, option), COLUMN_OF.get(option, "")
        if full in self.book.columns and (
            self.values.get(full, "").strip() or plain not in self.book.columns
        ):
            return full
        return plain if plain in self.book.columns else ""

    def _read(self, network: Features, option: Option, profiles: Sequence[SocialProfile]) -> None:
        column = self.column(network.name, option.name)
        cell = self.values.get(column, "").strip()
        if option.is_asked:
            for profile in profiles:
                self._read_asked(network, option, profile, column, cell)
            return
        value: str | None = cell or option.default
        if cell and option.choices:
            value = choice_of(option, cell, option.choices)
            if value is None:
                self.problems.append((column, self._unknown(option, cell, option.choices)))
                return
        if value:
            self.chosen.setdefault(network.name, {})[option.name] = value

    def _read_asked(
        self, network: Features, option: Option, profile: SocialProfile, column: str, cell: str
    ) -> None:
        """Read a choice that only the network knows, such as a board of this profile."""
        if not cell:
            return
        choices, problem = self.book.choices(profile, option)
        value = choice_of(option, cell, choices)
        if value is not None:
            self.chosen.setdefault(network.name, {})[kept_name(option, profile.pk)] = value
        elif problem:
            self.problems.append((column, f"{profile}: {problem}"))
        else:
            self.problems.append((column, f"{profile}: {self._unknown(option, cell, choices)}"))

    def _unknown(self, option: Option, cell: str, choices: Sequence[Sequence[str]]) -> str:
        said = {"option": translated(option.label, gettext), "cell": cell[:80]}
        labels = [words for _value, label in choices if (words := translated(label, gettext))]
        if not labels or len(labels) > NAMED_MAX:
            return _("%(option)s: there is no choice “%(cell)s”.") % said
        return _("%(option)s: there is no choice “%(cell)s”. There are: %(choices)s.") % {
            **said,
            "choices": "; ".join(labels),
        }

    def _warn_of_left_out(self, networks: Sequence[Features]) -> None:
        for column, names in PLAIN_OPTIONS.items():
            if not self.values.get(column, "").strip():
                continue
            without = [
                network.label
                for network in networks
                if not any(option.name in names for option in network.options)
            ]
            if without:
                self.warnings.append((column, str(WITHOUT[column]) % {"networks": ", ".join(without)}))
