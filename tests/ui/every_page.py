"""Every page there is, opened as Olga sees it, in a language and in several looks; what is wrong with each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.conf import settings as project
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from notifications.links import stop_address
from notifications.models import Notification
from notifications.telling import notify
from publishing.models import Publication
from publishing.notice_kinds import COMMENT_MENTION, POST_HELD, POST_REJECTED
from tenancy.context import organization_open
from tests.chromium import RULES
from tests.test_routes import INSIDE, World, address_of, view_of
from tests.ui.conftest import LISTEN

Look = tuple[str, int]  # color scheme, width
LOOKS: list[Look] = [("light", 1440), ("dark", 390)]  # each color scheme and each width once
IN_LIGHT: list[Look] = [("light", 1440), ("light", 390)]  # words change no color
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let round = 0; round < 3; round += 1) {
    await frame(); await frame();
    const ending = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
    if (!ending.length) return;
    const late = new Promise((resolve) => setTimeout(resolve, 2000));  // one that is paused never ends either
    await Promise.race([Promise.all(ending.map((one) => one.finished.catch(() => null))), late]);
  }
}"""
NO_PAGE = {
    "OrganizationImage",
    "MediaFile",
    "ConnectLeave",
    "HashtagsToInsert",
    "ProfileReconnectLeave",
}  # a file, or the way out
PERSONAL = [
    "/accounts/settings/",
    "/accounts/sessions/",
    "/organizations/new/",
    "/accounts/2fa/",
    "/accounts/email/",
    "/notifications/",
    "/notifications/choices/",
]


def pages_of(world: World, client: Client) -> Iterator[str]:
    """Yield every address that answers Olga, who owns Acme, with a page."""
    for route, pattern in INSIDE:
        view = view_of(pattern)
        if hasattr(view, "get") and view.__name__ not in NO_PAGE:
            address = address_of(world, route, pattern)
            response = client.get(address)
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                yield address
    yield from PERSONAL
    yield stop_address(world.acme.olga.pk, "post_held").removeprefix(project.BASE_URL)


def tell_olga(world: World) -> None:
    """Let her list hold one of every look: unread and read, several in one, and one she may not see any more."""
    acme = world.acme
    with organization_open(acme.organization.pk):
        for title in ("One", "Two"):
            notify([acme.olga], POST_REJECTED, subject=title, gist=title, topic="News")
        notify(
            [acme.olga],
            COMMENT_MENTION,
            subject="Mina mentions you",
            gist="A word " * 60,
            about=world.comment,
        )
        gone = Publication(pk=world.publication.pk + 1000)
        notify([acme.olga], POST_HELD, subject="Gone", about=gone)
        Notification.objects.filter(kind=COMMENT_MENTION.name).update(read_at=timezone.now())


def violations_on(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations"
        ".flatMap((v) => v.nodes.slice(0, 3).map((n) => v.id + ': ' + n.html.slice(0, 160)))",
        RULES,
    )
    return found


def overflow_of(page: Page, width: int) -> list[str]:
    overflow = page.evaluate("document.documentElement.scrollWidth") - width
    return [f"{overflow}px too wide"] if overflow > 0 else []


def problems_of_every_page(
    browser: Browser, server: str, language: str, *, looks: Sequence[Look], judged: Collection[Look]
) -> list[str]:
    """Return what is wrong: too wide, not accessible (in the looks ``judged``), a broken policy, an error."""
    world = World()
    world.acme.olga.language = language
    world.acme.olga.save()
    tell_olga(world)
    client = Client()
    client.force_login(world.acme.olga, backend="accounts.backends.SignInBackend")
    addresses = list(pages_of(world, client))
    assert len(addresses) > 35
    context = browser.new_context(reduced_motion="reduce")
    session = client.cookies[project.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": project.SESSION_COOKIE_NAME, "value": session, "url": server}])
    page = context.new_page()
    page.add_init_script(LISTEN)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    axe = (project.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text() + ";0"
    problems: list[str] = []
    for number, address in enumerate(addresses):
        answer = page.goto(server + address)
        assert answer is not None and answer.ok, address
        assert page.evaluate("document.documentElement.lang") == language, address
        # through the protocol, because the policy rightly refuses a script of ours
        if judged:
            context.new_cdp_session(page).send("Runtime.evaluate", {"expression": axe})
        # A page is opened in the look in which the one before it was left.
        for scheme, width in looks if number % 2 == 0 else reversed(looks):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 900})
            # colors glide from one scheme to the other: look at where they arrive
            page.evaluate(SETTLED)
            wrong = overflow_of(page, width) + (violations_on(page) if (scheme, width) in judged else [])
            problems += [f"{address} {scheme} {width}: {one}" for one in wrong]
        problems += [f"{address}: {one}" for one in [*complaints, *page.evaluate("violations")]]
        complaints.clear()
    context.close()
    return list(dict.fromkeys(problems))
