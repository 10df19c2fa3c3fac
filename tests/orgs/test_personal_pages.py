"""Pages that are a person's own lie outside every organization, and lead back to each he can go to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from notifications.telling import notify
from publishing.notice_kinds import POST_REJECTED
from tenancy.context import organization_open
from tests.cast import Acme, Agency, assign, make_partnership, make_person

SignIn = Callable[[User], Client]
PERSONAL = ["/notifications/", "/notifications/choices/", "/accounts/settings/"]


def nav_on(client: Client, address: str) -> dict[str, list[str]]:
    groups = client.get(address).context["shell"]["nav"]
    return {group.title: [link.href for link in group.links] for group in groups}


@pytest.mark.parametrize("address", PERSONAL)
def test_personal_page_leads_back_to_ones_own_organizations_and_to_those_shared_with_one(
    address: str, acme: Acme, agency: Agency, signed_in: SignIn
) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")

    nav = nav_on(signed_in(agency.abe), address)

    assert nav[""] == ["/notifications/", "/accounts/settings/"]
    assert nav["Your organizations"] == ["/o/agency/"]
    assert nav["Shared with you"] == ["/o/acme/"]
    assert "Shared with you" not in nav_on(signed_in(agency.asa), address)


def test_what_was_told_in_an_organization_shared_with_one_counts_as_unread(
    acme: Acme, agency: Agency, signed_in: SignIn
) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")
    with organization_open(acme.organization.pk):
        notify([agency.abe, agency.asa], POST_REJECTED, subject="One", gist="One", topic="News")

    unread = {
        person: signed_in(person).get("/accounts/settings/").context["shell"]["unread"]
        for person in (agency.abe, agency.asa)
    }

    assert unread == {agency.abe: 1, agency.asa: 0}


def test_page_on_which_one_is_says_so(acme: Acme, signed_in: SignIn) -> None:
    page = signed_in(acme.paul).get("/notifications/")
    here = [link.href for group in page.context["shell"]["nav"] for link in group.links if link.is_current]
    assert here == ["/notifications/"]


def test_who_belongs_nowhere_is_led_nowhere(db: None, signed_in: SignIn) -> None:
    assert nav_on(signed_in(make_person("Nina New")), "/accounts/settings/") == {}
