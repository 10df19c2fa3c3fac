"""The shell, the parts and the error pages, drawn without a database."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory

from ui.headers import set_reason, set_toast
from ui.views import SampleDecision, StatesView

NOBODY: dict[str, Any] = {
    "organization": None,
    "organizations": [],
    "nav": [],
    "person": None,
    "urls": {},
    "can_create_organization": False,
}


def olga_at_acme(theme: str = "") -> dict[str, Any]:
    acme = SimpleNamespace(name="Acme", slug="acme")
    links = [
        SimpleNamespace(icon="users", label="Members", href="/o/acme/members/", is_current=True, count=None),
        SimpleNamespace(
            icon="checkbox", label="Approvals", href="/o/acme/approvals/", is_current=False, count=4
        ),
    ]
    return {
        "organization": acme,
        "organizations": [{"name": "Acme", "slug": "acme", "url": "/o/acme/", "is_current": True}],
        "nav": [SimpleNamespace(title="Organization", links=links)],
        "person": SimpleNamespace(name="Olga Owner", email="olga@acme.test", theme=theme),
        "urls": {
            "settings": "/accounts/settings/",
            "sign_out": "/accounts/logout/",
            "privacy": "/accounts/privacy/",
            "create_organization": "/organizations/new/",
        },
        "can_create_organization": True,
    }


def draw(template: str, shell: dict[str, Any], **context: Any) -> str:
    request = RequestFactory().get("/somewhere/")
    return render_to_string(template, {"shell": shell, "request": request, **context})


def test_shell_marks_where_one_is_and_counts_what_waits() -> None:
    html = draw("404.html", olga_at_acme())
    assert '<a class="side-link" href="/o/acme/members/" aria-current="page">' in html
    assert re.search(r'<span class="count"><span class="sr-only">, </span>4', html)


def test_shell_signs_out_by_post() -> None:
    assert '<form method="post" action="/accounts/logout/">' in draw("404.html", olga_at_acme())


def test_theme_comes_from_the_person() -> None:
    assert '<html lang="en" data-theme="dark">' in draw("404.html", olga_at_acme("dark"))
    assert '<html lang="en">' in draw("404.html", olga_at_acme())


def test_visitor_gets_no_navigation() -> None:
    html = draw("404.html", NOBODY)
    assert 'id="side"' not in html
    assert "There is nothing here" in html


def test_messages_are_in_the_page_before_any_script_runs() -> None:
    messages = [
        type("M", (), {"level_tag": tag, "__str__": lambda self: "Saved."})() for tag in ("success", "error")
    ]
    html = draw("404.html", olga_at_acme(), messages=messages)
    assert re.findall(r'class="toast" data-tone="(\w+)"', html) == ["ok", "bad"]
    assert html.count("Saved.") == 2


def test_refusal_names_the_action_the_reasons_and_whom_to_ask() -> None:
    html = draw(
        "403.html",
        olga_at_acme(),
        decision=SampleDecision(),
        reason="",
        people_to_ask=["Olga Owner", "Marc Manager"],
    )
    for part in [
        "You cannot do this: Publish posts",
        "No role grants it",
        "profile.publish_posts",
        "Marc Manager",
    ]:
        assert part in html
    assert html.count('class="trace-ok"') == 2
    assert html.count('class="trace-no"') == 1


def test_refusal_without_a_decision_gives_its_reason() -> None:
    html = draw(
        "403.html", olga_at_acme(), decision=None, reason="Your membership is suspended.", people_to_ask=[]
    )
    assert "Your membership is suspended." in html
    assert "An owner of Acme can give you access." in html


def test_failure_page_needs_nothing() -> None:
    html = render_to_string("500.html")
    assert "Something failed on our side" in html
    assert "<script" not in html


@pytest.mark.parametrize("template", ["400.html", "403_csrf.html", "404.html", "429.html"])
@pytest.mark.parametrize("shell", [NOBODY, olga_at_acme()], ids=["visitor", "Olga"])
def test_error_page_has_one_heading_and_a_way_out(template: str, shell: dict[str, Any]) -> None:
    html = draw(template, shell)
    assert html.count("<h1") == 1
    assert "Go to the start page" in html


def states() -> str:
    view = StatesView()
    view.setup(RequestFactory().get("/_states/"))
    return draw("ui/states.html", olga_at_acme(), **view.get_context_data())


def test_every_part_draws() -> None:
    html = states()
    for name in [
        "btn-primary",
        "badge-ok",
        "notice-warn",
        "avatar-lg",
        "net-bluesky",
        "pagination",
        "trace-no",
    ]:
        assert name in html
    assert "<c-" not in html


def test_identifiers_are_unique_and_references_lead_somewhere() -> None:
    html = states()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for reference in re.findall(r'(?:popovertarget|commandfor|aria-labelledby|for)="([^"]+)"', html):
        assert reference in ids


def test_field_tells_its_help_and_its_error_to_screen_readers() -> None:
    html = states()
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<label class="check" for="id_notify">' in html
    assert "Message <span" in html  # only what may stay empty is marked


def test_blocked_button_stays_reachable_and_says_why() -> None:
    html = states()
    assert '<button type="button" aria-disabled="true" popovertarget="blocked-example"' in html
    assert "You need “Publish posts” on this profile." in html


def test_reason_survives_the_way_through_a_header() -> None:
    response = set_reason(HttpResponse(status=403), "Não é permitido")
    assert response["X-Reason"] == "N%C3%A3o%20%C3%A9%20permitido"


def test_toast_keeps_the_other_events() -> None:
    response = HttpResponse()
    response["HX-Trigger"] = '{"matrix:saved": true}'
    assert set_toast(response, "Saved.", "ok")["HX-Trigger"] == (
        '{"matrix:saved": true, "toast": {"text": "Saved.", "tone": "ok"}}'
    )
