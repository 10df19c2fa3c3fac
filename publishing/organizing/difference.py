"""The readable difference between two versions of a post: words by network, pictures, options, everything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _

from publishing.models import Post, PostVersion
from publishing.organizing.values import shown_value
from social_accounts.connections import features
from social_accounts.networks.registry import UnknownNetwork
from social_accounts.networks.words import translated

TOKENS: Final = re.compile(r"\s+|\w+|[^\w\s]")
EXACT_UP_TO: Final = 1_000_000  # pairs of words; beyond, frequent words are passed over to stay fast
OWN_TEXT: Final = ""  # the text of every network that has none of its own


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Piece:
    """Some words of a text: as before, added, or removed."""

    change: Change
    text: str


@dataclass(frozen=True)
class TextChange:
    """A text that reads differently. ``network`` is empty for the text of all that have none of their own."""

    network: str
    label: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class PictureChange:
    """A picture that came, went, or is described differently. ``media_id`` may be gone for good."""

    change: Change
    media_id: int
    filename: str
    is_video: bool
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class FactChange:
    """Anything with a name and a value: an option, the link, the campaign, a field of the organization's own."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """What changed from one version to another."""

    texts: Sequence[TextChange] = ()
    pictures: Sequence[PictureChange] = ()
    is_reordered: bool = False
    facts: Sequence[FactChange] = ()
    labels_added: Sequence[str] = ()
    labels_removed: Sequence[str] = ()
    summary: Sequence[str] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not self.summary


def difference(post: Post, from_version: int, to_version: int) -> Difference:
    """Return what changed between two versions of the post, each the newest up to that number.

    A number before the first version means an empty post.
    """
    numbers = (from_version, to_version)
    rows = list(post.versions.filter(number__lte=max(numbers)).order_by("-number"))
    nothing: Mapping[str, Any] = {}
    before, after = (
        next((row.content for row in rows if row.number <= number), nothing) for number in numbers
    )
    return difference_of(before, after)


def steps_of(versions: Sequence[PostVersion]) -> list[tuple[PostVersion, Difference]]:
    """Return each version, newest first, with what it changed; the oldest is all new."""
    newest_first = sorted(versions, key=lambda version: -version.number)
    steps = [
        (after, difference_of(before.content, after.content)) for after, before in pairwise(newest_first)
    ]
    return [*steps, *((one, difference_of({}, one.content)) for one in newest_first[-1:])]


def difference_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Return what changed between what two versions hold (``PostVersion.content``)."""
    texts = list(_texts(before, after))
    pictures = list(_pictures(before.get("media", []), after.get("media", [])))
    kept = [[one["pk"] for one in content.get("media", [])] for content in (before, after)]
    both = set(kept[0]) & set(kept[1])
    is_reordered = [pk for pk in kept[0] if pk in both] != [pk for pk in kept[1] if pk in both]
    options, facts = list(_options(before, after)), list(_facts(before, after))
    names = [[one["name"] for one in content.get("labels", [])] for content in (before, after)]
    added = [name for name in names[1] if name not in names[0]]
    removed = [name for name in names[0] if name not in names[1]]
    found = {
        _("text"): texts,
        _("pictures"): pictures or is_reordered,
        _("options"): options,
        _("labels"): added or removed,
        _("details"): facts,
    }
    return Difference(
        texts=texts,
        pictures=pictures,
        is_reordered=is_reordered,
        facts=[*options, *facts],
        labels_added=added,
        labels_removed=removed,
        summary=[name for name, changed in found.items() if changed],
    )


def words_between(before: str, after: str) -> list[Piece]:
    """Return the texts as one, word by word: what both say, what only the first said, what only the second says."""
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    pieces: list[Piece] = []
    is_long = len(old) * len(new) > EXACT_UP_TO
    matcher = SequenceMatcher(a=old, b=new, autojunk=is_long)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Change.SAME, "".join(old[old_from:old_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece(Change.REMOVED, "".join(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece(Change.ADDED, "".join(new[new_from:new_to])))
    return pieces


def _texts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[TextChange]:
    if before.get("text", "") != after.get("text", ""):
        pieces = words_between(before.get("text", ""), after.get("text", ""))
        yield TextChange(OWN_TEXT, _("Text"), pieces)
    old, new = before.get("network_texts", {}), after.get("network_texts", {})
    for network in sorted({*old, *new}):
        if old.get(network, "") != new.get(network, ""):
            pieces = words_between(old.get(network, ""), new.get(network, ""))
            yield TextChange(network, _label_of(network), pieces)


def _pictures(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[PictureChange]:
    before, after = {one["pk"]: one for one in old}, {one["pk"]: one for one in new}
    for pk, one in before.items():
        if pk not in after:
            yield _picture(Change.REMOVED, one, before=one["alt_text"])
    for pk, one in after.items():
        if pk not in before:
            yield _picture(Change.ADDED, one, after=one["alt_text"])
        elif before[pk]["alt_text"] != one["alt_text"]:
            yield _picture(Change.CHANGED, one, before=before[pk]["alt_text"], after=one["alt_text"])


def _picture(change: Change, one: Mapping[str, Any], before: str = "", after: str = "") -> PictureChange:
    is_video = str(one["content_type"]).startswith("video/")
    return PictureChange(change, one["pk"], one["filename"], is_video, before, after)


def _options(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FactChange]:
    old, new = before.get("network_options", {}), after.get("network_options", {})
    for network in sorted({*old, *new}):
        had, has = old.get(network, {}), new.get(network, {})
        usual = _defaults_of(network)  # what was left as the network has it is no choice
        for name in sorted({*had, *has}):
            values = [chosen.get(name) or usual.get(name, "") for chosen in (had, has)]
            if values[0] != values[1]:
                yield _option(network, name, values[0], values[1])


def _defaults_of(network: str) -> dict[str, str]:
    """Return what each option says where nobody chose: its default, or the first there is to choose."""
    options = features(network).options if _is_known(network) else ()
    return {
        option.name: option.default or (option.choices[0][0] if option.choices else "") for option in options
    }


def _option(network: str, name: str, before: Any, after: Any) -> FactChange:
    """Name the option and its choices as the composer does; one the network no longer has keeps its own name."""
    known = {option.name: option for option in features(network).options} if _is_known(network) else {}
    option = known.get(name)
    label = translated(option.label, _) if option else name
    choices = {value: translated(words, _) for value, words in option.choices} if option else {}
    values = [choices.get(str(value), _plain(value)) for value in (before, after)]
    return FactChange(f"{_label_of(network)} · {label}", values[0], values[1])


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FactChange]:
    old, new = dict(_named(before)), dict(_named(after))
    for label in dict.fromkeys([*old, *new]):
        if old.get(label, "") != new.get(label, ""):
            yield FactChange(label, old.get(label, ""), new.get(label, ""))


def _named(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, words) of everything in a version that is neither text nor picture nor option nor label."""
    card = content.get("link_card") or {}
    yield _("Link card"), card.get("url", "")
    yield _("Title of the link card"), card.get("title", "")
    yield _("Description of the link card"), card.get("description", "")
    yield _("Tracking of links"), _plain(content.get("tracking"))
    yield _("Language"), content.get("language", "")
    yield _("Internal note"), content.get("internal_note", "")
    yield _("Campaign"), (content.get("campaign") or {}).get("name", "")
    for one in content.get("fields", []):
        yield one["name"], shown_value(one["kind"], one["value"])


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value else ""


def _is_known(network: str) -> bool:
    try:
        features(network)
    except UnknownNetwork:
        return False
    return True


def _label_of(network: str) -> str:
    return str(features(network).label) if _is_known(network) else network.title()
