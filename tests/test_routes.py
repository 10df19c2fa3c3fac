"""Every address times every person: answered as the tables say.

What is expected comes from the published tables (through the packs, which are proven cell by cell elsewhere) and from
``HOLDS``, written by hand from the cast: never from the checker that is under test.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.views import PersonView
from orgs.models import (
    AccessRequest,
    Invitation,
    Membership,
    OwnershipTransfer,
    SupportSession,
    Workspace,
)
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.guard import GuardedView
from permissions.packs import PACKS
from publishing.models import (
    Approval,
    CalendarLink,
    Campaign,
    Comment,
    CustomField,
    DraftCategory,
    HashtagList,
    ImportRow,
    Label,
    Post,
    PostImport,
    PostMedia,
    Publication,
    SharedCalendar,
    Workflow,
)
from social_accounts.models import Board, ProfileGroupGrant, ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import (
    add_member,
    assign,
    give,
    make_acme,
    make_agency,
    make_organization,
    make_own_role,
    make_partnership,
    make_person,
    make_profile,
    role,
)
from tests.governance.making import make_governed

FOREIGN = ("allauth.", "django.contrib.staticfiles.", "django.views.static")
PACK = PACKS["standard"]

# Who holds which role where, by hand. Whoever is not named holds nothing there.
ORGANIZATION_ROLE = {
    "olga": "owner",
    "marc": "manager",
    "ana": "member",
    "paul": "member",
    "mina": "member",
    "gus": "member",
    "emil": "member",
}
HOLDS: dict[str, dict[str, str]] = {
    "brand": {"olga": "team_admin", "marc": "team_admin", "ana": "team_admin", "paul": "team_member"},
    "news": {
        "olga": "administrator",
        "marc": "administrator",
        "paul": "editor",
        "mina": "moderator",
        "gus": "guest",
    },
}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        else:
            yield route, entry


def view_of(pattern: URLPattern) -> Any:
    return getattr(pattern.callback, "view_class", pattern.callback)


ROUTES = [
    (route, pattern)
    for route, pattern in routes()
    if not str(getattr(view_of(pattern), "__module__", "")).startswith(FOREIGN)
    and not route.startswith("api/")  # tests/api/test_every_endpoint.py asks these
]
INSIDE = [(route, pattern) for route, pattern in ROUTES if "<slug:organization_slug>" in route]


def test_there_are_routes_to_look_at() -> None:
    assert len(INSIDE) > 50


@pytest.mark.parametrize(("route", "pattern"), ROUTES, ids=[route or "/" for route, _pattern in ROUTES])
def test_every_route_declares_who_may_open_it(route: str, pattern: URLPattern) -> None:
    view = view_of(pattern)
    if isinstance(view, type) and issubclass(view, PersonView):  # accounts lies below permissions
        assert view.declarations() == ["signed_in_only"]
        assert "<slug:organization_slug>" not in route
        return
    inside = "<slug:organization_slug>" in route
    assert isinstance(view, type) and hasattr(view, "declarations"), f"{route} declares nothing"
    assert not inside or issubclass(view, GuardedView), f"{route} is no GuardedView"
    assert len(view.declarations()) == 1, f"{route} declares {view.declarations() or 'nothing'}"
    outside_words = {"signed_in_only", "public"}
    assert (view.declarations()[0] not in outside_words) == inside, f"{route} declares for the wrong place"
    named = (getattr(view, name, "") for name in ("action", "write_action", "listing"))
    for action in {*named, *getattr(view, "any_action", ())} - {""}:
        assert catalogue.get(action).is_available, (
            f"{route} guards with {action}, which is marked as not built"
        )


def holds(person: str, action: str) -> bool:
    """Say by the tables whether the person holds the action on the organization, the team Brand or the profile."""
    what = catalogue.get(action)
    if what.scope is Scope.ORGANIZATION:
        held = {person: ORGANIZATION_ROLE[person]} if person in ORGANIZATION_ROLE else {}
    else:
        held = HOLDS["brand" if what.scope is Scope.TEAM else "news"]
    if person in held and action in PACK.role(what.scope, held[person]).actions:
        return True
    wider = catalogue.ALSO_SERVED_BY.get(action)  # H11: the organization's action opens the same screen
    return wider is not None and holds(person, wider)


def sees(person: str, scope: Scope) -> bool:
    """Say by the tables whether the object exists for the person at all."""
    if scope is Scope.ORGANIZATION:
        return person in ORGANIZATION_ROLE
    return any(holds(person, action.name) for action in catalogue.of_scope(scope))


def expected(view: type[GuardedView], method: str, person: str) -> str:
    """Return ``open``, ``refused`` (403) or ``unseen`` (404)."""
    if person == "mallory":
        return "unseen"
    if person == "sven":
        return "refused or unseen"
    if view.__name__ in BY_HAND:
        return expected_by_hand(view, person)
    if view.listing or view.members_only:
        return "open"
    actions = view.any_action or (
        view.write_action if method == "post" and view.write_action else view.action,
    )
    if not sees(person, catalogue.get(actions[0]).scope):
        return "unseen"
    return "open" if any(holds(person, action) for action in actions) else "refused"


CHANGES_MINAS_POST = {"olga", "marc", "paul", "mina"}  # manage_posts on the profile, or its author (A5)
VIEWS_NEWS = {*CHANGES_MINAS_POST, "gus"}

# Addresses whose rule is about whose thing it is, by hand: {view: (may, sees without being allowed)}.
BY_HAND: dict[str, tuple[set[str], set[str]]] = {
    "OrganizationImage": (set(), set()),  # Acme has no picture: for nobody is there one
    "OwnershipAccept": ({"marc"}, set()),  # it is offered to Marc
    "OwnershipDecline": ({"marc"}, set()),
    "ApiKeyRevoke": ({"olga"}, set()),  # it is Olga's; who manages no other people's keys does not see it
    "ComposerEdit": (CHANGES_MINAS_POST, VIEWS_NEWS),
    "PostDeletion": (CHANGES_MINAS_POST, VIEWS_NEWS),
    "MediaFile": (VIEWS_NEWS, set()),
    # A crop is a file of one's own; who may put it into the post is asked on saving.
    "MediaCrop": (VIEWS_NEWS, set()),
    "IncomingFilePart": (set(), set()),  # nobody has a file on its way
    "UnsavedDeletion": (set(), set()),  # nobody left anything
    # The network has none to ask for; Gus sees the profile and writes nothing.
    "ProfileChoices": (set(), {"gus"}),
    "MentionSuggestions": (CHANGES_MINAS_POST, VIEWS_NEWS),
    "History": (VIEWS_NEWS, set()),
    "Restoration": (CHANGES_MINAS_POST, VIEWS_NEWS),
    "DraftDeletion": (CHANGES_MINAS_POST, VIEWS_NEWS),
    "DraftPlace": (CHANGES_MINAS_POST, VIEWS_NEWS),
    # profile.label_scheduled_posts: those who do not only look.
    "PostLabels": (CHANGES_MINAS_POST, VIEWS_NEWS),
    "QueueOrder": ({"olga", "marc", "paul"}, {"mina", "gus"}),  # who manages queues and publishes there
    "PostCopies": (VIEWS_NEWS, set()),  # the copy is a draft of one's own
    "PostRepetition": (VIEWS_NEWS, set()),
    "RequestAnswer": ({"olga", "marc"}, set()),  # they may give what Mina asks for
    "RequestDecline": ({"olga", "marc"}, set()),
    "RequestWithdraw": ({"mina"}, set()),
    # profile.bulk_import_csv on some profile: Ana and Paul on Sky, through their team. The file is Olga's.
    **dict.fromkeys(("ImportList", "ImportTemplate"), ({"olga", "marc", "paul", "ana"}, {"mina", "gus"})),
    **dict.fromkeys(
        ("ImportDetail", "ImportStart", "ImportDiscard", "ImportProblems", "ImportUndo", "ImportRowEdit"),
        ({"olga"}, {"mina", "gus"}),
    ),
    "CommentDeletion": ({"mina"}, set()),  # it is Mina's; for everybody else there is none to take back
    "ProfileMove": ({"olga", "marc"}, VIEWS_NEWS),  # organization.move_social_profile, on a profile one sees
}


def expected_by_hand(view: type[GuardedView], person: str) -> str:
    may, see = BY_HAND[view.__name__]
    return "open" if person in may else "refused" if person in see else "unseen"


class World:
    """Acme with one of everything that an address can name."""

    def __init__(self) -> None:
        self.acme = acme = make_acme()
        now = timezone.now()
        self.role = make_own_role(
            acme.organization, "Author", ["profile.view_posts", "profile.manage_drafts"]
        )
        with organization_open(acme.organization.pk):
            self.workspace = Workspace.objects.create(slug="empty", name="Empty")
            self.assertion, self.review, self.line = make_governed(acme, now)
            self.member = Membership.objects.get(user=acme.gus)
            self.post = Post.objects.create(workspace=acme.main, author=acme.mina, text="A post of Mina")
            self.publication = Publication.objects.create(
                post=self.post, profile=acme.news, state="waiting", due_at=now, sealed_digest="x"
            )
            self.approval = Approval.objects.create(
                publication=self.publication,
                requested_by=acme.mina,
                requested_at=now,
                content_digest="x",
                due_at=now,
            )
            self.shared = SharedCalendar.objects.create(name="For the client", states=["scheduled"])
            self.calendar_link = CalendarLink.objects.create(
                calendar=self.shared, token_digest="c" * 64, name="Clara", created_by=acme.marc
            )
            self.workflow = Workflow.objects.create(name="Two pairs of eyes", created_at=now)
            self.comment = Comment.objects.create(
                post=self.post, author=acme.mina, author_name="Mina", text="By Mina"
            )
            self.media = PostMedia.objects.create(
                post=self.post, file=ContentFile(b"png", name="n.png"), filename="n.png", content_type="image/png",
                size_bytes=3, width=1, height=1, digest="d",
            )  # fmt: skip
            self.label = Label.objects.create(name="Winter")
            self.campaign = Campaign.objects.create(name="Winter", workspace=acme.main)
            self.post_import = PostImport.objects.create(
                created_by=acme.olga, filename="June.csv", headers=["Profile", "Text"], mode="schedule",
                layout=["profiles", "text"], date_order="day", stage="ready",
            )  # fmt: skip
            self.import_row = ImportRow.objects.create(
                post_import=self.post_import, number=2, cells=["Nobody", "Hello"], state="bad",
                problems=[["profiles", "You have no profile called “Nobody”."]],
            )  # fmt: skip
            self.hashtags = HashtagList.objects.create(name="Winter", hashtags=["winter"])
            self.field = CustomField.objects.create(name="Cost center", kind=CustomField.Kind.TEXT)
            self.category = DraftCategory.objects.create(name="Ideas")
            self.grant = ProfileUserGrant.objects.get(user=acme.gus)
            self.link = ProfileGroupGrant.objects.get(partnership=None)
            self.invitation = Invitation.objects.create(
                email="new@acme.test", token_digest="t" * 64, invited_by=acme.olga, invited_at=now,
                expires_at=now + timedelta(days=7),
                permission_id=role("standard:member", Scope.ORGANIZATION).permission_id,
            )  # fmt: skip
            self.request = AccessRequest.objects.create(
                membership=Membership.objects.get(user=acme.mina), scope="profile", object_id=acme.news.pk,
                object_name=str(acme.news), permission_id=role("standard:editor").permission_id,
                reason="Covers for Paul", asked_at=now,
            )  # fmt: skip
            self.api_key = ApiKey.objects.create(
                user=acme.olga, name="CI", prefix="chorus_1", digest="d" * 64, created_at=now,
                actions=["organization.view_members"],
            )  # fmt: skip
            self.transfer = OwnershipTransfer.objects.create(
                from_user=acme.olga, to_user=acme.marc, offered_at=now, expires_at=now + timedelta(days=7),
                former_owner_permission_id=role("standard:manager", Scope.ORGANIZATION).permission_id,
            )  # fmt: skip

        self.make_partners()
        self.make_boards()

    def make_boards(self) -> None:
        """A profile that has boards, with the roles of News on it."""
        self.pins = make_profile(self.acme.organization, "acme-pins", "pinterest")
        for person, held in (("paul", "editor"), ("mina", "moderator"), ("gus", "guest")):
            give(self.pins, getattr(self.acme, person), f"standard:{held}")
        with organization_open(self.acme.organization.pk):
            self.board = Board.objects.create(profile=self.pins, remote_id="1", name="A", privacy="public")
            self.section = self.board.sections.create(remote_id="2", name="B")

    def make_partners(self) -> None:
        """One partner of each kind: working on Acme's profiles, sharing its own, asking, and asked."""
        acme, agency = self.acme.organization, make_agency()
        self.partnership = make_partnership(acme, agency.organization, {self.acme.news: "standard:editor"})
        with organization_open(acme.pk):
            self.share = ProfileGroupGrant.objects.get(partnership=self.partnership)
        self.guest = agency.abe
        assign(self.partnership, self.acme.news, self.guest, "standard:editor")
        theirs = make_profile(agency.organization, "agency-news")
        self.sharing = make_partnership(agency.organization, acme, {theirs: "standard:editor"})
        self.assignment = assign(self.sharing, theirs, self.acme.gus, "standard:guest")
        wish = {"permission": role("standard:guest").permission_id, "starts_at": None, "expires_at": None}
        open_until = timezone.now() + timedelta(days=7)
        others = [
            make_organization(slug, slug, make_person(slug, f"{slug}@{slug}.test")) for slug in ("one", "two")
        ]
        self.asked = make_partnership(
            acme, others[0], status="requested", offer=[{"profile": None, **wish}], answer_by=open_until
        )
        self.sent = make_partnership(acme, others[1], status="invited", answer_by=open_until)
        with organization_open(acme.pk):
            self.staff = make_person("Vera Vendor", "vera@vendor.test", support_role="support")
            self.support = SupportSession.objects.create(
                user=self.staff, kind="support", ticket="T-1", reason="Help", starts_at=timezone.now(),
                expires_at=timezone.now() + timedelta(hours=1),
            )  # fmt: skip

    def arguments(self, route: str, pattern: URLPattern) -> dict[str, Any]:
        """Return what fills an address: what ``pk`` names is told by the part of the address before it."""
        named = {
            "api-keys/": self.api_key.pk,
            "guardrails/": self.assertion.pk,
            "reviews/": self.review.pk,
            "settings/workspaces/": self.workspace.pk,
            "settings/ownership/": self.transfer.pk,
            "settings/support/": self.support.pk,
            "partners/": self.partnership.pk,
            "partners/sharing/": self.sharing.pk,
            "partners/asked/": self.asked.pk,
            "partners/sent/": self.sent.pk,
            "members/invitations/": self.invitation.pk,
            "members/": self.member.pk,
            "requests/": self.request.pk,
            "teams/": self.acme.brand.pk,
            "roles/": self.role.pk,
            "profiles/": self.acme.news.pk,
            "profiles/<int:pk>/boards/": self.pins.pk,
            "posts/": self.post.pk,
            "drafts/": self.post.pk,
            "labels/": self.label.pk,
            "labels/hashtag-lists/": self.hashtags.pk,
            "labels/custom-fields/": self.field.pk,
            "labels/draft-categories/": self.category.pk,
            "campaigns/": self.campaign.pk,
            "publications/": self.publication.pk,
            "approvals/": self.approval.pk,
            "workflows/": self.workflow.pk,
            "calendar/shared/": self.shared.pk,
            "queues/": self.acme.news.pk,
            "pictures/": self.media.pk,
            "imports/": self.post_import.pk,
        }
        below = route.partition("<slug:organization_slug>/")[2]
        values: dict[str, Any] = {"organization_slug": "acme"}
        for name, converter in pattern.pattern.converters.items():
            if name == "organization_slug":
                continue
            if name == "pk":
                start = max((part for part in named if below.startswith(part)), key=len)
                values[name] = named[start]
            else:
                others = {
                    "network": "mastodon",
                    "choice": UUID(int=0),  # nothing waits to be ticked: said so to whoever may connect
                    "pack": "hootsuite",
                    "grant": self.grant.pk,
                    "grant_pk": self.grant.pk,
                    "link": self.link.pk,
                    "share": self.share.pk,
                    "assignment": self.assignment.pk,
                    "member": Membership.objects.get(user=self.acme.paul).pk,
                    "user_pk": self.acme.paul.pk,
                    "kind": "csv" if route.endswith("report.<slug:kind>") else "at_least",
                    "line": self.line.pk,
                    "upload": UUID(int=0),  # nothing is on its way
                    "comment": self.comment.pk,
                    "board_pk": self.board.pk,
                    "section_pk": self.section.pk,
                    "pin": 1,
                    "number": self.import_row.number,
                    "year": 2026,
                    "month": 11,
                    "day": 22,
                    "calendar_link": self.calendar_link.pk,
                }
                values[name] = others[name]
            assert converter is not None
        return values


def address_of(world: World, route: str, pattern: URLPattern) -> str:
    with organization_open(world.acme.organization.pk):
        address = reverse(pattern.name, kwargs=world.arguments(route, pattern))
    return f"{address}?action=profile.view_posts" if address.endswith("/why/") else address


def answer(client: Client, view: type[GuardedView], method: str, address: str) -> int:
    """Ask in a savepoint that is undone, so that one request does not change the world of the next."""
    if not view.opens_organization:
        return ask(client, method, address)
    with transaction.atomic():
        status = ask(client, method, address)
        transaction.set_rollback(True)
    return status


def ask(client: Client, method: str, address: str) -> int:
    response = getattr(client, method)(address)
    if response.streaming:
        b"".join(response.streaming_content)  # to its end, where the test client closes it
    return int(response.status_code)


MEANS = {"open": lambda s: s not in (403, 404), "refused": lambda s: s == 403, "unseen": lambda s: s == 404}


@pytest.mark.django_db
@pytest.mark.parametrize("person", [*ORGANIZATION_ROLE, "sven", "mallory"])
def test_every_address_answers_each_person_as_the_tables_say(person: str) -> None:
    world = World()
    user: User = getattr(world.acme, person)
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="accounts.backends.SignInBackend")
    wrong, asked = [], 0
    for route, pattern in INSIDE:
        view = view_of(pattern)
        address = address_of(world, route, pattern)
        for method in ("get", "post"):
            if not hasattr(view, method):
                continue
            status = answer(client, view, method, address)
            want = expected(view, method, person)
            asked += 1
            if not any(MEANS[way](status) for way in want.split(" or ")) or status >= 500:
                wrong.append(f"{person} {method.upper()} {address}: {status}, the tables say {want}")
    assert not wrong, "\n".join(wrong)
    assert asked > 80


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["guest", "staff"])
def test_no_address_breaks_for_a_partners_person_or_staff(visitor: str) -> None:
    """Neither has a membership: each address answers or refuses, and none takes one for granted."""
    world = World()
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, visitor), backend="accounts.backends.SignInBackend")
    broken, opened = [], 0
    for route, pattern in INSIDE:
        view, address = view_of(pattern), address_of(world, route, pattern)
        for method in ("get", "post"):
            if hasattr(view, method):
                status = answer(client, view, method, address)
                opened += status == 200
                if status >= 500:
                    broken.append(f"{method.upper()} {address}: {status}")
    assert not broken, "\n".join(broken)
    assert opened > 10


@pytest.mark.django_db
def test_nobody_signed_in_is_led_to_the_sign_in_page_from_every_address() -> None:
    world = World()
    for route, pattern in INSIDE:
        address = address_of(world, route, pattern)
        response = Client().get(address)
        assert response.status_code == 302 and response["Location"].startswith("/accounts/login/"), address


@pytest.mark.django_db
def test_ids_of_another_organization_are_not_found() -> None:
    """Olga may do everything in Acme; the ids are Acme's, the address is that of an organization she is in as well."""
    world = World()
    add_member(world.acme.elsewhere, world.acme.olga, "standard:co_owner")
    client = Client(raise_request_exception=False)
    client.force_login(world.acme.olga, backend="accounts.backends.SignInBackend")
    for route, pattern in INSIDE:
        if "<int:pk>" not in route:
            continue
        with organization_open(world.acme.organization.pk):
            arguments = world.arguments(route, pattern)
        address = reverse(pattern.name, kwargs={**arguments, "organization_slug": "elsewhere"})
        view = view_of(pattern)
        for method in ("get", "post"):
            if hasattr(view, method):
                # 403 where a co-owner is refused before anything is looked for
                wants = (403, 404) if "transfer_ownership" in view.action else (404,)
                assert answer(client, view, method, address) in wants, (method, address)


def test_unknown_token_of_an_invitation_opens_nothing(db: None, client: Client) -> None:
    assert client.get(reverse("invitation_accept", args=[uuid.uuid4().hex])).status_code == 410
