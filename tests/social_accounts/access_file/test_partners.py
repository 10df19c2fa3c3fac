"""Partners in the file: what they are granted and to whom it is handed, loaded, dumped and asked about (R8)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError
from django.utils import timezone

from orgs.models import Partnership
from social_accounts.access_file.asking import Asker, answers
from social_accounts.models import ProfileAssignment, ProfileGroupGrant
from tenancy.context import organization_open
from tests.cast import Acme, Agency, assign, give_team, make_agency, make_partnership, share
from tests.social_accounts.access_file.conftest import run

Load = Callable[..., str]
pytestmark = pytest.mark.django_db
PARTNERS = """\
    partners:
      - organization: agency
        grants:
          - {profile: acme-news, role: standard:editor, expires: 2030-01-01T00:00:00Z}
          - {profile: acme-sky, role: standard:moderator, reason: "the fair"}
        assignments:
          - {person: abe@agency.test, profile: acme-news, role: standard:moderator}
"""


@pytest.fixture
def agency(acme: Acme) -> Agency:
    return make_agency()


def test_load_shares_profiles_and_hands_them_on(load: Load, acme: Acme, agency: Agency) -> None:
    told = load(run("dump", "acme") + PARTNERS)
    assert told.splitlines() == [
        "acme:",
        "  + partner agency",
        "  + partner agency on acme-news: standard:editor (until 2030-01-01T00:00:00Z)",
        "  + partner agency on acme-sky: standard:moderator (reason: the fair)",
        "  + abe@agency.test of partner agency on acme-news: standard:moderator",
    ]
    assert acme.access(agency.abe).can("profile.view_posts", acme.news)
    assert not acme.access(agency.abe).can("profile.publish_posts", acme.news)  # the intersection
    assert not acme.access(agency.asa).can("profile.view_posts", acme.news)  # nothing by itself
    with organization_open(agency.organization.pk):
        assert Partnership.objects.get().is_active


def test_loading_a_dump_of_partners_changes_nothing(load: Load, acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    share(partnership, acme.sky, "standard:guest", expires_at=datetime(2031, 1, 1, tzinfo=UTC))
    assign(partnership, acme.news, agency.asa, "standard:editor", reason="launch")
    give_team(acme.news, acme.brand, "standard:guest")
    text = run("dump", "acme")
    assert "partners:" in text and "asa@agency.test" in text
    assert load(text) == "acme: nothing changes\n"
    both = run("dump", "acme", "agency")
    assert load(both) == "acme: nothing changes\nagency: nothing changes\n"


def test_another_change_leaves_partners_alone(load: Load, acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    row = assign(partnership, acme.news, agency.asa, "standard:editor")
    load(run("dump", "acme").replace("name: Brand", "name: Branding"))
    with organization_open(acme.organization.pk):
        assert ProfileAssignment.objects.get().pk == row.pk
        assert ProfileAssignment.objects.get().granted_at == row.granted_at


def test_a_partner_left_out_has_ended_and_his_people_have_nothing(
    load: Load, acme: Acme, agency: Agency
) -> None:
    load(run("dump", "acme") + PARTNERS)
    text = run("dump", "acme").partition("    partners:")[0]
    assert "- partner agency" in load(text)
    assert not acme.access(agency.abe).can("profile.view_posts", acme.news)
    with organization_open(acme.organization.pk):
        assert Partnership.objects.get().status == "ended" and Partnership.objects.get().ended_at is not None
        assert not ProfileGroupGrant.objects.filter(partnership__isnull=False).exists()
    assert (
        load(text + PARTNERS.replace("agency\n", "agency\n        status: ended\n"))
        == "acme: nothing changes\n"
    )
    assert "+ partner agency" in load(text + PARTNERS)
    assert acme.access(agency.abe).can("profile.view_posts", acme.news)


def test_a_narrowed_grant_narrows_who_it_was_handed_to(load: Load, acme: Acme, agency: Agency) -> None:
    text = run("dump", "acme")
    wide = PARTNERS.replace("role: standard:moderator}", "role: standard:editor}")
    load(text + wide)
    assert acme.access(agency.abe).can("profile.publish_posts", acme.news)
    load(text + wide.replace("role: standard:editor, exp", "role: standard:guest, exp"))
    assert not acme.access(agency.abe).can("profile.publish_posts", acme.news)
    assert acme.access(agency.abe).can("profile.view_posts", acme.news)


def test_an_invitation_offers_and_gives_nothing_yet(load: Load, acme: Acme, agency: Agency) -> None:
    invited = PARTNERS.partition("        assignments")[0].replace(', reason: "the fair"', "")
    invited = invited.replace("agency\n", "agency\n        status: invited\n")
    text = run("dump", "acme")
    assert "+ partner agency: invited" in load(text + invited)
    assert "status: invited" in run("dump", "acme")
    assert load(run("dump", "acme")) == "acme: nothing changes\n"
    with organization_open(acme.organization.pk):
        assert Partnership.objects.get().status == "invited"
        assert not ProfileGroupGrant.objects.filter(partnership__isnull=False).exists()
    told = load(text + PARTNERS)
    assert "~ partner agency: invited -> nothing" in told or "partner agency" in told
    assert acme.access(agency.abe).can("profile.view_posts", acme.news)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PARTNERS.replace("organization: agency", "organization: nowhere"), "no organization “nowhere”"),
        (PARTNERS.replace("organization: agency", "organization: acme"), "is not its own partner"),
        (PARTNERS.replace("abe@agency.test", "mina@acme.test"), "is not among the people of agency"),
        (PARTNERS.replace("abe@agency.test", "nobody@agency.test"), "is not among the people of agency"),
        (PARTNERS.replace("profile: acme-sky", "profile: acme-moon"), "not among the profiles"),
        (PARTNERS.replace("acme-news, role: standard:mod", "acme-quiet, role: standard:mod"), "is not granted"),
        (PARTNERS.replace("standard:editor", "standard:none"), "not None"),
        (PARTNERS.replace("standard:editor", "standard:manager"), "is a role of an organization"),
        (PARTNERS + PARTNERS.partition("\n")[2], "stands here twice"),
        (PARTNERS.replace("agency\n", "agency\n        status: invited\n"), "before the partner has accepted"),
    ],
)  # fmt: skip
def test_a_bad_partner_is_refused_with_line_and_reason(
    load: Load, acme: Acme, agency: Agency, text: str, reason: str
) -> None:
    before = run("dump", "acme")
    with pytest.raises(CommandError, match=rf"line \d+: .*{reason}"):
        load(before + text)
    assert run("dump", "acme") == before


def test_people_of_a_partner_are_checked_against_the_same_file(
    load: Load, acme: Acme, agency: Agency
) -> None:
    text = run("dump", "acme") + PARTNERS + run("dump", "agency").partition("organizations:\n")[2]
    assert "+ abe@agency.test of partner agency" in load(text)
    gone = "".join(line for line in text.splitlines(True) if "- {email: abe@agency.test" not in line)
    with pytest.raises(CommandError, match=r"“abe@agency\.test” is not among the people of agency"):
        load(gone)


def test_questions_know_partners_people(load: Load, acme: Acme, agency: Agency) -> None:
    load(run("dump", "acme") + PARTNERS)
    asker = Asker(timezone.now())
    assert "abe@agency.test" in asker.people_for("profile.view_posts", "profile:acme/acme-news")
    assert asker.objects_of("abe@agency.test", "profile.view_posts") == ["profile:acme/acme-news"]
    question = {
        "person": "abe@agency.test",
        "action": "profile.view_posts",
        "object": "profile:acme/acme-news",
    }
    (answer,) = answers([json.dumps(question)], asker)
    assert answer["allowed"] and "Agency" in answer["why"]
    later = question | {"at": "2030-06-01T00:00:00Z"}
    (over,) = answers([json.dumps(later)], asker)
    assert not over["allowed"]
