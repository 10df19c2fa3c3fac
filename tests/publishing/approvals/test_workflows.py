"""Making, changing and ending workflows on their pages (AO08 to AO10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from permissions.models import Role
from publishing.models import Outsider, Workflow
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, role
from tests.publishing.approvals.making import make_workflow, step
from tests.publishing.pages import url, words

SignIn = Callable[[User], Client]


def typed(acme: Acme, **more: Any) -> dict[str, Any]:
    """Two steps as the form sends them: Paul or the client, then everybody of the team Brand and the editors."""
    return {
        "name": "Autumn",
        "profiles": [acme.news.pk],
        "step": ["s0", "s4"],
        "s0-name": "Words",
        "s0-rule": "any",
        "s0-people": [acme.paul.pk],
        "s0-outsiders": "Claire Client <claire@client.test>\nlaw@client.test",
        "s4-rule": "all",
        "s4-teams": [acme.brand.pk],
        "s4-roles": [role("standard:editor").id],
        "s4-answer_within_hours": "24",
        "s4-escalate_after_hours": "48",
        "s4-escalate_to": acme.olga.pk,
        "act": "save",
        **more,
    }


def workflows(acme: Acme) -> list[Workflow]:
    with organization_open(acme.organization.pk):
        return list(Workflow.objects.standing().order_by("pk"))


def test_workflow_is_made_and_shown_as_it_was_typed(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    answer = olga.post(url("workflow_new"), typed(acme))
    [workflow] = workflows(acme)
    assert answer.status_code == 302 and answer["Location"] == url("workflow_detail", workflow.pk)
    page = words(olga.get(answer["Location"]))
    for shown in (
        "Words",
        "Paul Editor",
        "Claire Client",
        "Step 2",
        "Brand",
        "Editor",
        "24 hours",
        "48 hours",
    ):
        assert shown in page, shown
    with organization_open(acme.organization.pk):
        known = dict(Outsider.objects.values_list("email", "name"))
        told = AuditEvent.objects.get(action="workflow.create")
    assert known == {"claire@client.test": "Claire Client", "law@client.test": "law"}
    assert told.after["profiles"] == [str(acme.news)] and len(told.after["steps"]) == 2
    assert "Autumn" in words(olga.get(url("workflow_list")))


def test_form_brings_back_what_is_stored(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    olga.post(url("workflow_new"), typed(acme))
    [workflow] = workflows(acme)
    form = olga.get(url("workflow_edit", workflow.pk)).context["form"]
    first, second = form.steps
    assert first["people"].value() == [acme.paul.pk]
    assert "Claire Client <claire@client.test>" in first["outsiders"].value()
    assert second["teams"].value() == [acme.brand.pk] and second["escalate_to"].value() == acme.olga.pk


def test_steps_come_go_and_move_without_being_saved(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)

    def keys(act: str) -> list[str]:
        answer = olga.post(url("workflow_new"), typed(acme, act=act))
        assert answer.status_code == 200
        form = answer.context["form"]
        assert form["name"].value() == "Autumn"
        return list(form.keys)

    assert keys("add") == ["s0", "s4", "s5"]
    assert keys("remove:s0") == ["s4"]
    assert keys("up:s4") == ["s4", "s0"]
    assert keys("up:s0") == ["s0", "s4"], "the first stays where it is"
    assert workflows(acme) == []


def test_workflow_that_cannot_work_is_refused_with_the_reason(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    client = {"step": ["s0"], "s0-people": [], "s0-outsiders": "claire@client.test"}
    for change, reason in (
        ({"name": " "}, "Give the workflow a name."),
        ({"step": []}, "A workflow needs at least one step."),
        ({"s4-teams": [], "s4-roles": []}, "Step 2 asks nobody."),
        (client, "At least one step must ask somebody of your team"),
        ({"s4-escalate_to": ""}, "Step 2: say both after how many hours"),
        ({"s0-outsiders": "no address"}, "is no address"),
    ):
        answer = olga.post(url("workflow_new"), typed(acme) | change)
        assert answer.status_code == 422 and reason in words(answer), reason
    assert workflows(acme) == []


def test_profile_takes_one_workflow_only(acme: Acme, signed_in: SignIn) -> None:
    make_workflow(acme, step("Words", acme.paul), name="First")
    answer = signed_in(acme.olga).post(url("workflow_new"), typed(acme))
    assert answer.status_code == 422 and "takes the workflow “First” already" in words(answer)


def test_step_nobody_may_answer_is_pointed_out(acme: Acme, signed_in: SignIn) -> None:
    workflow = make_workflow(acme, step("Words", acme.paul))
    olga = signed_in(acme.olga)
    assert "Nobody this step names" not in words(olga.get(url("workflow_detail", workflow.pk)))
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    assert "Nobody this step names" in words(olga.get(url("workflow_detail", workflow.pk)))
    assert "Nobody may answer a step" in words(olga.get(url("workflow_list")))


def test_members_see_workflows_and_only_who_may_changes_them(acme: Acme, signed_in: SignIn) -> None:
    workflow = make_workflow(acme, step("Words", acme.paul))
    mina = signed_in(acme.mina)
    assert "Two pairs of eyes" in words(mina.get(url("workflow_list")))
    page = words(mina.get(url("workflow_detail", workflow.pk)))
    assert url("workflow_edit", workflow.pk) not in page
    for address in (
        url("workflow_new"),
        url("workflow_edit", workflow.pk),
        url("workflow_deletion", workflow.pk),
    ):
        assert mina.post(address, typed(acme)).status_code == 403
    assert len(workflows(acme)) == 1


def test_deleted_workflow_is_gone_and_its_profile_free(acme: Acme, signed_in: SignIn) -> None:
    workflow = make_workflow(acme, step("Words", acme.paul))
    olga = signed_in(acme.olga)
    assert olga.post(url("workflow_deletion", workflow.pk)).status_code == 302
    assert workflows(acme) == []
    assert olga.get(url("workflow_detail", workflow.pk)).status_code == 404
    assert olga.post(url("workflow_new"), typed(acme, name="Two pairs of eyes")).status_code == 302


def test_roles_offered_are_those_that_review(acme: Acme, signed_in: SignIn) -> None:
    form = signed_in(acme.olga).get(url("workflow_new")).context["form"]
    with organization_open(acme.organization.pk):
        offered = {row.slug for row in Role.objects.filter(pk__in=form.steps[0].fields["roles"].queryset)}
    assert "editor" in offered and not offered & {"moderator", "guest", "none"}
