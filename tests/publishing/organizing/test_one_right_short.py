"""Each right of planning (AO05-AO26) opens what it names and no other does: who has all but one is refused there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from orgs.models import OrganizationUserGrant
from permissions.catalogue import Scope
from permissions.catalogue.flags import AVAILABLE
from publishing.models import CustomField, HashtagList, State
from publishing.services.sharing import Selection, create_shared_calendar
from publishing.services.workflows import Plan, PlannedStep, create_workflow
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, make_own_role, make_person
from tests.publishing.organizing.shelves import make_category, make_hashtag_list, make_label, rows
from tests.publishing.pages import url, write

SignIn = Callable[[User], Client]
PLANNING: Final = frozenset(
    f"organization.{name}"
    for name in (
        "create_hashtag_list",
        "view_hashtag_lists",
        "manage_hashtag_lists",
        "create_approval_workflows",
        "edit_or_delete_approval_workflows",
        "view_approval_workflows",
        "create_custom_fields",
        "view_custom_fields",
        "create_shared_calendars",
        "edit_or_delete_shared_calendars",
        "view_shared_calendars",
        "create_draft",
        "view_draft",
        "delete_draft",
        "toggle_draft_status",
        "create_or_edit_draft_category",
        "delete_draft_category",
        "manage_queues",
        "add_publishing_labels",
        "view_labels",
    )
)


@pytest.fixture
def nora(acme: Acme) -> User:
    """Somebody who writes on one profile, with a role of the organization that each test cuts to size."""
    person = make_person("Nora New")
    add_member(acme.organization, person, "standard:member")
    give(acme.news, person, "standard:editor")
    return person


def requests(acme: Acme, nora: User) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield an action, and a request that only it stands in the way of: method, address, form."""
    olga, now = acme.access(acme.olga), timezone.now()
    with organization_open(acme.organization.pk):
        step = PlannedStep(name="Brand", people=[acme.marc])
        workflow = create_workflow(
            actor=olga,
            organization=acme.organization,
            plan=Plan(name="Brand", profiles=[acme.sky], steps=[step]),
            now=now,
        )
        shared = create_shared_calendar(
            actor=olga,
            organization=acme.organization,
            selection=Selection(name="Press", profiles=[acme.news], states=[State.SCHEDULED]),
            now=now,
        )
    tags, drawer, label = make_hashtag_list(acme), make_category(acme), make_label(acme)
    idea, other = write(acme, nora, text="An idea"), write(acme, acme.paul, text="A colleague's")
    tagged = {"name": "Winter rides", "hashtags": "#Ice"}
    field = {"name": "Cost center", "kind": CustomField.Kind.TEXT}
    yield "create_hashtag_list", "post", url("hashtag_list_list"), tagged
    yield "view_hashtag_lists", "get", url("hashtag_list_list"), {}
    yield "manage_hashtag_lists", "post", url("hashtag_list_edit", tags.pk), tagged | {"name": "Changed"}
    yield "create_approval_workflows", "get", url("workflow_new"), {}
    yield "edit_or_delete_approval_workflows", "get", url("workflow_edit", workflow.pk), {}
    yield "view_approval_workflows", "get", url("workflow_list"), {}
    yield "create_custom_fields", "post", url("custom_field_list"), field
    yield "view_custom_fields", "get", url("custom_field_list"), {}
    yield "create_shared_calendars", "get", url("shared_calendar_new"), {}
    yield "edit_or_delete_shared_calendars", "get", url("shared_calendar_edit", shared.pk), {}
    yield "view_shared_calendars", "get", url("shared_calendar_list"), {}
    yield "create_draft", "post", url("post_new"), {"text": "For nobody yet", "act": "save"}
    yield "view_draft", "get", url("draft_category_list"), {}
    yield "toggle_draft_status", "post", url("draft_place", idea.pk), {"status": "ready"}
    yield "add_publishing_labels", "post", url("post_labels", idea.pk), {"labels": [label.pk], "version": 1}
    yield "delete_draft", "post", url("draft_deletion", other.pk), {}
    yield "create_or_edit_draft_category", "post", url("draft_category_list"), {"name": "Later"}
    yield "delete_draft_category", "post", url("draft_category_deletion", drawer.pk), {}
    yield "manage_queues", "post", url("queue_order", acme.news.pk), {"act": "shuffle"}
    yield "view_labels", "get", url("label_list"), {}


def test_who_has_all_rights_of_planning_but_one_is_refused_where_it_is_asked(
    acme: Acme, nora: User, signed_in: SignIn
) -> None:
    assert PLANNING <= AVAILABLE
    client = signed_in(nora)
    whole = make_own_role(acme.organization, "Planner", PLANNING, Scope.ORGANIZATION)

    def answer(role: Any, method: str, address: str, form: dict[str, Any]) -> int:
        with organization_open(acme.organization.pk):
            OrganizationUserGrant.objects.filter(user=nora).update(permission_id=role.permission_id)
        return int(getattr(client, method)(address, form).status_code)

    asked = set()
    for name, method, address, form in requests(acme, nora):
        asked.add(f"organization.{name}")
        short = make_own_role(
            acme.organization, f"No {name}", PLANNING - {f"organization.{name}"}, Scope.ORGANIZATION
        )
        assert answer(short, method, address, form) in (403, 404), name
        assert answer(whole, method, address, form) in (200, 302, 303), name
    assert asked == PLANNING
    assert {one.name for one in rows(acme, HashtagList)} == {"Winter rides", "Changed"}
