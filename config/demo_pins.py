"""The demo's boards and a Pin on one of them, made as an editor would make them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from orgs.models import Organization
from permissions.checker import Access
from publishing.services.media import add_media
from publishing.services.posts import Draft, create_post
from publishing.services.scheduling import schedule_post
from social_accounts.boards.changing import create_board, create_section
from social_accounts.boards.models import Board
from social_accounts.boards.reading import read_boards
from social_accounts.models import SocialProfile
from social_accounts.networks.boards import BoardDraft
from tenancy.context import organization_open

CITY_RIDES: Final = "City rides"
BOARDS: Final = (
    BoardDraft(name=CITY_RIDES, description="Short ways through town, by day and by night."),
    BoardDraft(name="In the workshop", description="Hands, sparks and a lot of oil."),
    BoardDraft(name="Spring launch", description="Not before March.", is_secret=True),
)


def load_pins(
    *,
    organization: Organization,
    author: User,
    profile: SocialProfile,
    picture: SimpleUploadedFile,
    access_of: Callable[[User], Access],
    now: datetime,
) -> None:
    """Make three boards, one of them secret and one divided, and let a Pin go out. Outside a transaction."""
    read_boards(profile=profile, now=now)
    for draft in BOARDS:
        create_board(actor=access_of(author), profile=profile, draft=draft, now=now)
    with organization_open(organization.pk):
        board = Board.objects.select_related("profile").get(profile=profile, name=CITY_RIDES)
    for name in ("To work", "Along the river"):
        create_section(actor=access_of(author), board=board, name=name, now=now)
    _pin(organization, author, profile, board, picture, access_of, now)


def _pin(
    organization: Organization,
    author: User,
    profile: SocialProfile,
    board: Board,
    picture: SimpleUploadedFile,
    access_of: Callable[[User], Access],
    now: datetime,
) -> None:
    actor = access_of(author)
    options = {
        f"board:{profile.pk}": board.remote_id,
        "title": "The bridge at dawn",
        "link": "https://northwind.test/city",
    }
    with organization_open(organization.pk):
        media = add_media(actor=actor, upload=picture, now=now)
        post = create_post(
            actor=actor,
            workspace=profile.workspace,
            profiles=[profile],
            draft=Draft(
                text="Twelve minutes from door to desk, and the sun comes up on the way.",
                network_options={"pinterest": options},
                language="en",
                media=[(media.pk, "Two people cycle over a bridge while the sun rises behind them")],
            ),
            now=now,
        )
        due = {publication.pk: now for publication in post.publications.all()}
        schedule_post(actor=access_of(author), post=post, due=due, now=now)
