"""Approvals in a real browser: two clicks without an account, and pages that look alright for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from publishing.models import HoldReason, Publication, State
from tenancy.context import organization_open
from tests.cast import Acme, make_acme
from tests.publishing.approvals.making import CLIENT, ask, fresh, link_in, make_workflow, say_yes, step
from tests.publishing.pages import send, url
from tests.ui.test_browser import open_page, problems, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = (1440, 900), (390, 844)


@pytest.fixture
def house() -> Acme:
    acme = make_acme()
    make_workflow(
        acme,
        step("Words", acme.paul, acme.olga, escalate_after_hours=8, escalate_to=acme.marc),
        step("Client", outsiders=[CLIENT]),
    )
    return acme


@pytest.fixture(params=[(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def look(request: Any, browser: Browser) -> Iterator[tuple[Page, int]]:
    (width, height), scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield open_page(context), width
    context.close()


def test_client_approves_with_one_click_on_the_page_of_the_mailed_link(
    house: Acme, live_server: Any, look: tuple[Page, int]
) -> None:
    page, width = look
    approval = ask(house, text="The autumn collection is here")
    say_yes(house, house.paul, approval)
    page.goto(live_server.url + link_in(mail.outbox[-1]))
    expect(page.get_by_text("The autumn collection is here")).to_be_visible()
    assert problems(page, width) == []
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("You approved it")).to_be_visible()
    assert problems(page, width) == []
    assert fresh(house, approval.publication).state == State.SCHEDULED


def test_pages_of_approvals_are_accessible_and_keep_the_policy(
    house: Acme, live_server: Any, look: tuple[Page, int]
) -> None:
    page, width = look
    approval = ask(house)
    held = send(house, house.paul, house.sky, text="Left behind")
    with organization_open(house.organization.pk):
        Publication.objects.filter(pk=held.pk).update(
            state=State.HELD, hold_reason=HoldReason.LATE, due_at=timezone.now() - timedelta(days=1)
        )
    sign_in(page, live_server.url)
    found: dict[str, list[str]] = {}
    for path in (
        url("approval_detail", approval.pk),
        url("workflow_list"),
        url("workflow_new"),
        url("handover"),
    ):
        page.goto(live_server.url + path)
        found[path] = problems(page, width)
    page.goto(live_server.url + url("approval_detail", approval.pk))
    page.get_by_role("button", name="Decide for everybody").press("Enter")
    expect(page.get_by_label("Reason")).to_be_visible()
    found["forcing"] = problems(page, width)
    page.keyboard.press("Escape")
    expect(page.get_by_label("Reason")).to_be_hidden()
    assert not {path: list_ for path, list_ in found.items() if list_}
