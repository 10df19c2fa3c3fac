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


COUNT_CLICKS = """addEventListener("click", (e) => {
  if (e.isTrusted) sessionStorage.setItem("clicks", String(Number(sessionStorage.getItem("clicks") ?? 0) + 1));
}, true);"""


def test_client_approves_without_an_account_in_two_clicks(
    house: Acme, live_server: Any, look: tuple[Page, int]
) -> None:
    """One click on the link in her mail, one on the page: the browser counts both, and nothing is typed."""
    page, width = look
    approval = ask(house, text="The autumn collection is here")
    say_yes(house, house.paul, approval)
    [mailed] = [one for one in mail.outbox if one.to == [CLIENT[1]]]
    page.add_init_script(COUNT_CLICKS)
    page.goto(f"{live_server.url}/robots.txt")
    page.set_content(f'<a href="{live_server.url}{link_in(mailed)}">{link_in(mailed)}</a>')
    page.evaluate(COUNT_CLICKS)
    page.get_by_role("link").click()
    expect(page.get_by_text("The autumn collection is here")).to_be_visible()
    assert problems(page, width) == []
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("You approved it")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('clicks')") == "2"
    assert problems(page, width) == []
    publication = fresh(house, approval.publication)
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, house.paul)


def test_somebody_of_the_team_is_called_on_by_keyboard(
    house: Acme, live_server: Any, look: tuple[Page, int]
) -> None:
    page, width = look
    publication = send(house, house.paul, house.news)
    sign_in(page, live_server.url)
    page.goto(live_server.url + url("publication_detail", publication.pk))
    box, suggested = page.get_by_label("Your comment"), page.get_by_role("listbox", name="People to mention")
    box.press_sequentially("Right, @mi")
    expect(suggested.get_by_role("option")).to_have_text(["Mina Moderator"])
    expect(box).to_have_attribute("aria-controls", "people-to-mention")
    assert problems(page, width) == []
    box.press("Escape")
    expect(suggested).to_be_hidden()
    expect(box).not_to_have_attribute("aria-activedescendant", "people-to-mention-0")
    box.press("Backspace")
    expect(suggested.get_by_role("option")).to_have_count(2)  # Mina, and Marc
    box.press("ArrowDown")
    expect(suggested.get_by_role("option", selected=True)).to_have_text("Mina Moderator")
    expect(box).to_have_attribute("aria-activedescendant", "people-to-mention-1")
    box.press("Enter")
    expect(box).to_have_value("Right, @Mina Moderator ")
    page.get_by_role("button", name="Comment", exact=True).press("Enter")
    expect(page.get_by_text("Told: Mina Moderator.")).to_be_visible()
    expect(page.get_by_text("Right, @Mina Moderator")).to_be_visible()
    page.get_by_label("People outside as well").check()
    expect(page.get_by_role("button", name="Comment for people outside")).to_be_visible()
    assert problems(page, width) == []


def test_reviewer_approves_on_the_page_of_the_request(
    house: Acme, live_server: Any, look: tuple[Page, int]
) -> None:
    page, width = look
    approval = ask(house, text="Doors open at nine")
    sign_in(page, live_server.url)
    page.goto(live_server.url + url("approval_list"))
    assert problems(page, width) == []
    page.get_by_role("link", name="Doors open at nine").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Your answer is noted")).to_be_visible()
    assert fresh(house, approval.publication).state == State.WAITING, "the client is asked next"


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
