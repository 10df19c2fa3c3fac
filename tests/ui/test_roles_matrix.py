"""The matrix of roles in a browser: keys, search, the panel of changes, saving, a state somebody else saved over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from permissions.models import Role
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme, make_acme, make_own_role
from tests.ui.conftest import LISTEN
from tests.ui.test_browser import problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE_MS = 20_000  # an answer of the server, on a machine that has more to do
HELD = ["profile.view_profile", "profile.view_posts", "profile.manage_drafts", "profile.send_for_approval"]


@pytest.fixture
def acme(transactional_db: None) -> Acme:
    return make_acme()


@pytest.fixture
def author(acme: Acme) -> Role:
    """A role that Emil has on the news."""
    role = make_own_role(acme.organization, "Author", HELD)
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.create(
            content_object=acme.news, user=acme.emil, permission_id=role.permission_id, granted_at=LONG_AGO
        )
    return role


def signed_in_context(browser: Browser, acme: Acme, base: str, **options: Any) -> BrowserContext:
    client = Client()
    client.force_login(acme.olga, backend="accounts.backends.SignInBackend")
    context = browser.new_context(reduced_motion="reduce", **options)
    session = client.cookies[project.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": project.SESSION_COOKIE_NAME, "value": session, "url": base}])
    return context


@pytest.fixture
def matrix(browser: Browser, acme: Acme, author: Role, live_server: Any) -> Iterator[Page]:
    """The matrix of profile roles, on a desk; a script that throws or a broken policy fails the test."""
    context = signed_in_context(browser, acme, live_server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(LISTEN)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{live_server.url}/o/acme/roles/?scope=profile")
    yield page
    page.wait_for_load_state(
        "networkidle"
    )  # a request still at work would hold the tables that are emptied next
    broken = page.evaluate("violations")
    context.close()
    assert not errors and not broken


def box(page: Page, role: Role, codename: str) -> Any:
    return page.locator(f'input[value="{role.pk}.{codename}"]')


def now_allows(role: Role) -> set[str]:
    with organization_open(role.organization_id):
        return set(Role.objects.get(pk=role.pk).actions)


def test_arrows_move_through_boxes_and_text_alike_in_one_tab_stop(matrix: Page, author: Role) -> None:
    assert matrix.locator('role-matrix tbody [tabindex="0"]').count() == 1
    box(matrix, author, "view_posts").focus()
    matrix.keyboard.press("ArrowDown")
    expect(box(matrix, author, "manage_drafts")).to_be_focused()
    matrix.keyboard.press("ArrowRight")
    row = matrix.locator('tr[data-name="profile.manage_drafts"]')
    expect(row.locator("td").nth(1)).to_be_focused()
    matrix.keyboard.press("End")
    expect(row.locator("td").last).to_be_focused()
    matrix.keyboard.press("Home")
    matrix.keyboard.press("PageDown")
    expect(matrix.locator("tr[data-action]").nth(11).locator("td").first.locator("input")).to_be_focused()
    matrix.keyboard.press("Control+Home")
    expect(box(matrix, author, "view_posts")).to_be_focused()
    assert matrix.locator('role-matrix tbody [tabindex="0"]').count() == 1


def test_space_on_a_builtin_cell_says_where_it_comes_from_and_gives_the_focus_back(
    matrix: Page, author: Role
) -> None:
    box(matrix, author, "publish_posts").focus()
    matrix.keyboard.press("ArrowRight")
    cell = matrix.locator('tr[data-name="profile.publish_posts"] td').nth(1)
    expect(cell).to_have_attribute("title", re.compile(r"^Agorapulse's table of profile roles, .* row AP\d+"))
    matrix.keyboard.press("Space")
    pop = matrix.locator("#cell")
    expect(pop).to_be_visible(timeout=PATIENCE_MS)
    expect(pop).to_contain_text("The role Administrator allows it.", timeout=PATIENCE_MS)
    expect(pop).to_contain_text("Built-in roles cannot be changed.", timeout=PATIENCE_MS)
    matrix.keyboard.press("Escape")
    expect(pop).to_be_hidden()
    expect(cell).to_be_focused()


def test_search_and_chips_narrow_the_rows(matrix: Page, author: Role) -> None:
    count = matrix.locator("#matrix-count")
    expect(count).to_have_text("60")
    matrix.locator("h1").click()
    matrix.keyboard.press("/")
    expect(matrix.locator("#matrix-q")).to_be_focused()
    matrix.keyboard.type("publish posts")
    expect(count).to_have_text("1")
    matrix.fill("#matrix-q", "zzz")
    expect(matrix.locator("#matrix-none")).to_be_visible()
    matrix.click("[data-clear]")
    expect(count).to_have_text("60")
    expect(matrix.locator("#matrix-q")).to_be_focused()
    matrix.get_by_role("button", name="Sensitive", exact=True).click()
    sensitive = int(count.inner_text())
    assert 0 < sensitive < 60 == matrix.locator("tr[data-action]").count()
    assert matrix.locator("tr[data-action]:visible").count() == sensitive
    matrix.get_by_role("button", name="Sensitive", exact=True).click()
    matrix.get_by_role("button", name="Not available yet").click()
    assert matrix.locator("tr[data-action]:visible:not([data-pending])").count() == 0
    matrix.get_by_role("button", name="Not available yet").click()
    box(matrix, author, "publish_posts").click()
    matrix.get_by_role("button", name="Changed").click()
    expect(count).to_have_text("1")


def test_group_folds_and_is_granted_as_a_whole(matrix: Page, author: Role) -> None:
    first = matrix.locator("role-matrix tbody").first
    fold = first.get_by_role("button", name="Posts and drafts").first
    fold.click()
    expect(box(matrix, author, "view_posts")).to_be_hidden()
    fold.click()
    first.get_by_role("button", name=re.compile("Author: grant or revoke all")).click()
    expect(first.locator("[data-all] b")).to_have_text("11")
    expect(matrix.locator("#diff")).to_contain_text("9 unsaved", timeout=PATIENCE_MS)


def test_panel_shows_what_the_server_says_and_saves_it(matrix: Page, author: Role) -> None:
    panel = matrix.locator("#diff")
    expect(panel).to_contain_text("Nothing changed yet", timeout=PATIENCE_MS)
    box(matrix, author, "publish_posts").focus()
    matrix.keyboard.press("Space")
    expect(panel).to_contain_text("1 unsaved", timeout=PATIENCE_MS)
    expect(panel).to_contain_text("Emil Employee", timeout=PATIENCE_MS)
    matrix.fill("#reason", "From December")
    box(matrix, author, "manage_drafts").click()
    expect(panel).to_contain_text("2 unsaved", timeout=PATIENCE_MS)
    expect(matrix.locator("#reason")).to_have_value("From December")  # typed text outlives the panel's update
    matrix.get_by_role("button", name="Undo Write drafts for Author").click()
    expect(panel).to_contain_text("1 unsaved", timeout=PATIENCE_MS)
    expect(box(matrix, author, "manage_drafts")).to_be_focused()
    matrix.get_by_role("button", name="Save changes").click()
    expect(matrix.locator(".toast [data-text]")).to_have_text("1 role saved.", timeout=PATIENCE_MS)
    expect(box(matrix, author, "publish_posts")).to_be_checked()
    assert now_allows(author) == {*HELD, "profile.publish_posts"}


def test_nothing_is_saved_that_was_not_shown(matrix: Page, author: Role) -> None:
    """The panel speaks of the first tick only: the answer about the second never comes."""
    box(matrix, author, "view_approvals").click()
    expect(matrix.locator("#diff")).to_contain_text("1 unsaved", timeout=PATIENCE_MS)
    matrix.route("**/roles/changes/*", lambda route: route.abort())
    box(matrix, author, "publish_posts").click()
    matrix.get_by_role("button", name="Save changes").click()
    expect(matrix.locator(".toast [data-text]").first).to_have_text(
        "No connection. Nothing was changed.", timeout=PATIENCE_MS
    )
    assert now_allows(author) == set(HELD)
    matrix.unroute("**/roles/changes/*")
    matrix.get_by_role("button", name="Undo See approvals for Author").click()
    expect(matrix.locator("#diff")).to_contain_text("Publish posts", timeout=PATIENCE_MS)
    matrix.get_by_role("button", name="Save changes").click()
    expect(matrix.locator(".toast [data-text]")).to_have_text("1 role saved.", timeout=PATIENCE_MS)
    assert now_allows(author) == {*HELD, "profile.publish_posts"}


def test_discard_puts_everything_back(matrix: Page, author: Role) -> None:
    box(matrix, author, "publish_posts").click()
    box(matrix, author, "view_posts").click()
    expect(matrix.locator("#diff")).to_contain_text("2 unsaved", timeout=PATIENCE_MS)
    matrix.get_by_role("button", name="Discard").click()
    expect(matrix.locator("#diff")).to_contain_text("Nothing changed yet", timeout=PATIENCE_MS)
    expect(box(matrix, author, "view_posts")).to_be_checked()
    expect(matrix.locator("td[data-changed]")).to_have_count(0)


def test_who_edits_a_state_somebody_saved_over_is_told_and_keeps_his_ticks(
    matrix: Page, acme: Acme, author: Role, live_server: Any
) -> None:
    box(matrix, author, "publish_posts").click()
    matrix.fill("#reason", "Mine")
    other = Client()
    other.force_login(acme.marc, backend="accounts.backends.SignInBackend")
    assert author.edited_at is not None
    data = {
        "changes": f"{author.pk}.view_approvals+",
        "versions": f"{author.pk}@{author.edited_at.isoformat()}",
        "reason": "His",
    }
    assert other.post("/o/acme/roles/?scope=profile", data).status_code == 303
    matrix.get_by_role("button", name="Save changes").click()
    expect(matrix.get_by_role("alert")).to_contain_text(
        "Somebody saved while you were editing", timeout=PATIENCE_MS
    )
    expect(matrix.get_by_role("alert")).to_contain_text("Marc Manager", timeout=PATIENCE_MS)
    expect(box(matrix, author, "publish_posts")).to_be_checked()
    expect(box(matrix, author, "view_approvals")).to_be_checked()
    expect(matrix.locator('td[data-changed="added"]')).to_have_count(1)
    expect(matrix.locator("#reason")).to_have_value("Mine")
    assert "profile.publish_posts" not in now_allows(author)
    matrix.get_by_role("button", name="Save changes").click()
    expect(matrix.locator(".toast [data-text]")).to_have_text("1 role saved.", timeout=PATIENCE_MS)
    assert {"profile.publish_posts", "profile.view_approvals"} <= now_allows(author)


def test_link_from_elsewhere_leads_to_the_row_of_the_action(
    matrix: Page, author: Role, live_server: Any
) -> None:
    matrix.goto(f"{live_server.url}/o/acme/roles/?action=profile.edit_profile_cover#a-edit_profile_cover")
    expect(box(matrix, author, "edit_profile_cover")).to_be_focused()
    expect(box(matrix, author, "edit_profile_cover")).to_be_in_viewport()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_matrix_with_changes_is_accessible_and_fits(
    browser: Browser, acme: Acme, author: Role, live_server: Any, width: int, scheme: Any
) -> None:
    context = signed_in_context(
        browser, acme, live_server.url, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    page.add_init_script(LISTEN)
    page.goto(f"{live_server.url}/o/acme/roles/?scope=profile")
    box(page, author, "publish_posts").click()
    box(page, author, "send_for_approval").click()
    expect(page.locator("#diff")).to_contain_text("2 unsaved", timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    found = problems(page, width)
    for path in (f"{author.pk}/actions/", f"{author.pk}/delete/", "compare/?left=1&right=2", "packs/"):
        page.goto(f"{live_server.url}/o/acme/roles/{path}")
        found += [f"{path}: {one}" for one in problems(page, width)]
    context.close()
    assert not found


def test_phone_shows_one_role_at_a_time(browser: Browser, acme: Acme, author: Role, live_server: Any) -> None:
    context = signed_in_context(browser, acme, live_server.url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/o/acme/roles/?scope=profile")
    expect(box(page, author, "view_posts")).to_be_visible()
    assert page.locator("role-matrix thead th[data-role]:visible").count() == 1
    page.select_option("#matrix-role", label="Guest")
    expect(box(page, author, "view_posts")).to_be_hidden()
    expect(page.locator("role-matrix thead th[data-role]:visible")).to_contain_text("Guest")
    expect(page.locator('tr[data-name="profile.view_posts"] td:visible')).to_have_attribute(
        "title", re.compile("row AP")
    )
    page.select_option("#matrix-role", label="Author")
    box(page, author, "publish_posts").click()
    expect(page.get_by_role("link", name="Look at the changes")).to_be_visible()
    expect(page.locator("#diff")).to_contain_text("1 unsaved", timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    context.close()


def test_without_javascript_a_role_is_edited_on_its_own_page(
    browser: Browser, acme: Acme, author: Role, live_server: Any
) -> None:
    context = signed_in_context(browser, acme, live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/o/acme/roles/?scope=profile")
    expect(page.locator("main")).to_contain_text("Ticking in the matrix needs JavaScript")
    page.get_by_role("link", name="Author").click()
    page.get_by_role("link", name="Edit : actions").or_(
        page.get_by_role("link", name="Edit: actions")
    ).click()
    page.check('input[value="profile.publish_posts"]')
    page.get_by_role("button", name="See what changes").click()
    expect(page.locator("#what-if")).to_contain_text("Emil Employee", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".toast")).to_contain_text("The role Author is saved.", timeout=PATIENCE_MS)
    context.close()
    assert "profile.publish_posts" in now_allows(author)
