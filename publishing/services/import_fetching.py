"""What an import needs from outside: pictures, what pages say of themselves, choices only a network knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from permissions.checker import load_access
from publishing.asked_choices import NothingToAsk, fetch_choices
from publishing.bulk.book import Names, choices_key
from publishing.bulk.columns import OPTION, PLAIN_OPTIONS, PROFILES, SEPARATOR
from publishing.bulk.fetching import fetch_picture
from publishing.errors import UnusableMedia
from publishing.link_preview import fetch_preview
from publishing.models import ImportAddress, PostImport
from publishing.services.media import add_media
from social_accounts import connections
from social_accounts.boards.choosing import keep_boards_known
from social_accounts.models import SocialProfile
from social_accounts.networks.base import NetworkError
from social_accounts.networks.words import translated
from social_accounts.selectors import visible_profiles
from tenancy.context import organization_open

PROBLEM_MAX = 500


def fetch_next(organization_id: int, import_id: int) -> bool:
    """Fetch one thing that is still to be had; say whether there was one. Outside a transaction, safe to repeat."""
    now = connections.clock()
    with organization_open(organization_id):
        post_import = PostImport.objects.filter(pk=import_id).select_related("created_by").first()
        if post_import is None or post_import.created_by is None:
            return False
        if post_import.stage not in (PostImport.Stage.CHECKING, PostImport.Stage.MAKING):
            return False
        language = post_import.created_by.language
        address = post_import.addresses.filter(fetched_at=None).order_by("pk").first()
        is_checking = post_import.stage == PostImport.Stage.CHECKING
        to_ask = _next_to_ask(post_import, now) if is_checking and address is None else None
    with translation.override(language):
        if address is not None:
            _fetch(organization_id, post_import, address, now)
        elif to_ask is not None:
            _ask(organization_id, post_import, *to_ask, now)
    return address is not None or to_ask is not None


def _fetch(organization_id: int, post_import: PostImport, address: ImportAddress, now: datetime) -> None:
    found: dict[str, Any] = {}
    upload = None
    try:
        if address.kind == ImportAddress.Kind.PICTURE:
            upload = fetch_picture(address.address)
        else:
            preview = fetch_preview(address.address)
            found = {"title": preview.title, "description": preview.description}
    except NetworkError as problem:
        found = {"problem": translated(problem, gettext)[:PROBLEM_MAX]}
    with organization_open(organization_id):
        if upload is not None:
            actor = load_access(user=post_import.created_by, organization_id=organization_id, at=now)  # type: ignore[arg-type]
            try:
                found = {"media": add_media(actor=actor, upload=upload, now=now)}
            except UnusableMedia as problem:
                found = {"problem": str(problem)[:PROBLEM_MAX]}
            finally:
                upload.close()
        ImportAddress.objects.filter(pk=address.pk).update(fetched_at=now, **found)
        PostImport.objects.filter(pk=post_import.pk).update(worked_at=now)


def _next_to_ask(post_import: PostImport, now: datetime) -> tuple[SocialProfile, str] | None:
    """Return a profile and an option whose choices a row names and the network has not been asked for yet."""
    options = _asked_options(post_import)
    if not options:
        return None
    access = load_access(user=post_import.created_by, organization_id=post_import.organization_id, at=now)  # type: ignore[arg-type]
    networks = {one.name: one for one in connections.offered_networks()}
    profiles = visible_profiles(access, post_import.organization)
    names = Names(
        [one for one in profiles.order_by("name", "pk") if one.network in networks],
        {name: features.label for name, features in networks.items()},
    )
    named = f"cells__{post_import.layout.index(PROFILES)}"
    for cell in sorted(set(post_import.rows.values_list(named, flat=True).distinct())):
        for profile in names.read(cell)[0]:
            for option in networks[profile.network].options:
                is_wanted = option.name in options and option.is_asked
                if is_wanted and choices_key(profile.pk, option.name) not in post_import.choices:
                    return profile, option.name
    return None


def _asked_options(post_import: PostImport) -> set[str]:
    """Return the names of the options for which the file has a column."""
    found = set()
    for key in post_import.layout:
        if key.startswith(f"{OPTION}{SEPARATOR}"):
            found.add(key.rpartition(SEPARATOR)[2])
        found.update(PLAIN_OPTIONS.get(key, ()))
    return found


def _ask(
    organization_id: int, post_import: PostImport, profile: SocialProfile, option: str, now: datetime
) -> None:
    answer: dict[str, Any] = {"choices": [], "problem": ""}
    try:
        answer["choices"] = [list(one) for one in fetch_choices(profile=profile, option=option, now=now)]
        keep_boards_known(profile=profile, now=now)
    except NetworkError as problem:
        answer["problem"] = translated(problem, gettext)[:PROBLEM_MAX]
    except NothingToAsk:
        pass
    with organization_open(organization_id):
        locked = PostImport.objects.select_for_update(of=("self",)).filter(pk=post_import.pk).first()
        if locked is None:  # discarded meanwhile
            return
        locked.choices[choices_key(profile.pk, option)] = answer
        locked.worked_at = now
        locked.save(update_fields=["choices", "worked_at"])
