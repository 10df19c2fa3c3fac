"""A post's options on one profile in words, for whoever reads it."""

from __future__ import annotations

from django.utils.translation import gettext

from permissions.checker import Access
from publishing.asked_choices import words_for
from publishing.models import Post
from publishing.network_options import options_for
from publishing.tracking import tracking_of
from social_accounts.boards.choosing import told_choice
from social_accounts.connections import features
from social_accounts.models import SocialProfile
from social_accounts.networks.words import translated


def shown_options(post: Post, profile: SocialProfile, access: Access | None = None) -> list[tuple[str, str]]:
    """Return the label and what was chosen or typed for each option, in the network's order.

    ``access`` is the reader's, None for somebody from outside: what he may not see is not named.
    """
    network = profile.network
    kept = options_for(post.network_options.get(network, {}), profile.pk, tracking_of(post, network))
    found = []
    for option in features(network).options:
        value = kept.get(option.name, "")
        if value:
            words = dict(option.choices).get(value, value)
            said = translated(words, gettext)
            if option.is_asked:
                asked = words_for(profile, option.name, value)
                said = told_choice(access, profile, option.name, value, asked)
            found.append((translated(option.label, gettext), said))
    return found
