"""What a network would say against a row, and which column of the file it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from publishing.bulk.columns import LINK, MEDIA, TEXT
from publishing.bulk.options import Options
from publishing.content import assembled, problems_in
from publishing.models import PostMedia
from publishing.services.posts import Draft
from publishing.tracking import values_for
from social_accounts import connections
from social_accounts.connections import features, limits_of
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Content, Option


def of_network(
    draft: Draft, files: Sequence[PostMedia], profile: SocialProfile, options: Options
) -> Iterator[tuple[str, str]]:
    """Yield (column or "", sentence) for everything the profile's network would refuse the post for."""
    content = _content(draft, files, profile)
    sentences = problems_in(content, profile)
    if not sentences:
        return
    columns = _columns(content, profile, options)
    for sentence in sentences:
        yield columns.get(sentence) or _column_of_rest(content, profile), sentence


def _content(draft: Draft, files: Sequence[PostMedia], profile: SocialProfile) -> Content:
    network = profile.network
    campaign = draft.organizing.campaign if draft.organizing else None
    return assembled(
        text=draft.network_texts.get(network) or draft.text,
        media=files,
        link_card=draft.link_card,
        language=draft.language,
        options=draft.network_options.get(network, {}),
        profile_id=profile.pk,
        tracking=values_for(draft.tracking, campaign.tracking if campaign else {}, network),
    )


def _columns(content: Content, profile: SocialProfile, options: Options) -> Mapping[str, str]:
    """Return which column each sentence is about: that without which, or with which filled in, it is not said."""
    found: dict[str, str] = {}
    said = set(problems_in(content, profile))
    for column, other in _variants(content, profile, options):
        for sentence in said - set(problems_in(other, profile)):
            found.setdefault(sentence, column)
    return found


def _variants(content: Content, profile: SocialProfile, options: Options) -> Iterator[tuple[str, Content]]:
    for option in features(profile.network).options:
        column = options.column(profile.network, option.name)
        value = content.options.get(option.name, "")
        if value:
            without = {name: kept for name, kept in content.options.items() if name != option.name}
            yield column, replace(content, options=without)
        elif option.is_required:
            yield column, replace(content, options={**content.options, option.name: _some_value(option)})
    if content.media:
        yield MEDIA, replace(content, media=())
    if content.link_card:
        yield LINK, replace(content, link_card=None)


def _some_value(option: Option) -> str:
    return next((value for value, _label in option.choices if value), "1")


def _column_of_rest(content: Content, profile: SocialProfile) -> str:
    """Return the column of a sentence that no change explains: what is too long, or what the network needs."""
    count = connections.adapter(profile.network).count(content, limits_of(profile))
    if count.is_over:
        return TEXT
    if not content.media and features(profile.network).images_min:
        return MEDIA
    return "" if content.text.strip() else TEXT
