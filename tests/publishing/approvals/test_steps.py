"""A request takes the steps of its profile's workflow, in their order, and nobody approves his own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from permissions.errors import NotAllowed
from permissions.models import Role
from permissions.stranding import Losses
from publishing.models import Approval, ApprovalLink, HoldReason, Post, State, StepRule
from publishing.reviewers import may_answer
from publishing.selectors.approvals import approvals_waiting_for
from publishing.services.approvals import CannotAnswer, approve_from_outside, decline
from publishing.services.posts import Draft, update_post
from publishing.services.scheduling import reschedule, schedule_post
from publishing.services.workflows import Plan, delete_workflow, update_workflow
from publishing.stranded import find_stranded_publications
from social_accounts.models import ProfileUserGrant
from tests.cast import Acme, give, put_in_team, role
from tests.publishing.approvals.making import CLIENT, ask, fresh, make_workflow, open_step, say_yes, step


def test_steps_are_answered_one_after_the_other(inside: Acme) -> None:
    make_workflow(inside, step("Words", inside.paul), step("Last look", inside.marc))
    approval = ask(inside)
    with pytest.raises(CannotAnswer, match="other people"):
        say_yes(inside, inside.marc, approval)
    assert say_yes(inside, inside.paul, approval).state == State.WAITING
    publication = say_yes(inside, inside.marc, approval)
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, inside.marc)


def test_all_of_them_waits_for_each(inside: Acme) -> None:
    make_workflow(inside, step("Both", inside.paul, inside.marc, rule=StepRule.ALL))
    approval = ask(inside)
    assert say_yes(inside, inside.paul, approval).state == State.WAITING
    with pytest.raises(CannotAnswer, match="already"):
        say_yes(inside, inside.paul, approval)
    assert say_yes(inside, inside.marc, approval).state == State.SCHEDULED


def test_one_speaks_for_his_team_and_for_a_role_on_the_profile(inside: Acme) -> None:
    editors = step("Team and role", rule=StepRule.ALL, teams=[inside.brand], roles=[_role("standard:editor")])
    make_workflow(inside, editors)
    approval = ask(inside)
    assert not may_answer(inside.access(inside.marc), approval), "he is in no team and no editor"
    publication = say_yes(inside, inside.paul, approval)  # of the team Brand, and editor of Acme News
    assert publication.state == State.SCHEDULED


def test_any_no_sends_it_back_at_once(inside: Acme) -> None:
    make_workflow(inside, step("Both", inside.paul, inside.marc, rule=StepRule.ALL))
    approval = ask(inside)
    say_yes(inside, inside.paul, approval)
    publication = decline(
        actor=inside.access(inside.marc), approval=approval, now=timezone.now(), note="Wrong year"
    )
    assert (publication.state, publication.vouched_by) == (State.DECLINED, None)


@pytest.mark.parametrize("way", ["named", "team", "role"])
def test_nobody_approves_his_own_whatever_names_him(way: str, inside: Acme) -> None:
    put_in_team(inside.brand, inside.marc)
    ways = {
        "named": step("Him", inside.paul, inside.marc),
        "team": step("Team", teams=[inside.brand]),
        "role": step("Role", roles=[_role("standard:editor")]),
    }
    make_workflow(inside, ways[way])
    approval = ask(inside, inside.paul, asks_approval=True)
    assert not may_answer(inside.access(inside.paul), approval)
    with pytest.raises(CannotAnswer, match="own"):
        say_yes(inside, inside.paul, approval)


def test_who_changed_the_words_last_does_not_approve_them(inside: Acme) -> None:
    """The author sends on what a reviewer wrote into his post: those are the reviewer's own words."""
    post = ask(inside).publication.post
    _edit(inside, inside.marc, post, "Words of Marc")
    publication = post.publications.get()
    now = timezone.now()
    due = {publication.pk: now + timedelta(days=1)}
    schedule_post(actor=inside.access(inside.mina), post=post, due=due, now=now)
    approval = Approval.objects.get(answer="")
    with pytest.raises(CannotAnswer, match="own words"):
        say_yes(inside, inside.marc, approval)
    assert not approvals_waiting_for(inside.access(inside.marc)).exists()
    assert say_yes(inside, inside.olga, approval).state == State.SCHEDULED


def test_edit_voids_every_step_that_was_answered(inside: Acme) -> None:
    make_workflow(inside, step("Words", inside.paul), step("Last look", inside.marc))
    approval = ask(inside)
    say_yes(inside, inside.paul, approval)
    _edit(inside, inside.mina, approval.publication.post, "Other words")
    approval.refresh_from_db()
    assert approval.answer == Approval.Answer.VOID
    with pytest.raises(CannotAnswer, match="withdrawn"):
        say_yes(inside, inside.marc, approval)
    assert fresh(inside, approval.publication).state == State.DRAFT


def test_move_begins_again_with_the_first_step(inside: Acme) -> None:
    make_workflow(inside, step("Words", inside.paul), step("Last look", inside.marc))
    first = ask(inside)
    say_yes(inside, inside.paul, first)
    now = timezone.now()
    reschedule(
        actor=inside.access(inside.marc),
        publication=first.publication,
        due_at=now + timedelta(days=3),
        now=now,
    )
    second = Approval.objects.get(answer="")
    found = open_step(inside, second)
    assert found is not None and found.name == "Words"
    assert second.seal != first.seal, "the seal holds the time"


def test_request_keeps_its_steps_when_the_workflow_changes_or_ends(inside: Acme) -> None:
    workflow = make_workflow(inside, step("Words", inside.paul), step("Last look", inside.marc))
    approval = ask(inside)
    update_workflow(
        actor=inside.access(inside.olga),
        workflow=workflow,
        plan=Plan(name="Other", profiles=[inside.news], steps=[step("Only Olga", inside.olga)]),
        now=timezone.now(),
    )
    assert [one.name for one in approval.steps.order_by("position")] == ["Words", "Last look"]
    delete_workflow(actor=inside.access(inside.olga), workflow=workflow, now=timezone.now())
    say_yes(inside, inside.paul, approval)
    assert say_yes(inside, inside.marc, approval).state == State.SCHEDULED
    assert not ask(inside).steps.exists(), "without a workflow anybody who may review answers"


def test_reviewer_who_lost_the_right_is_refused(inside: Acme) -> None:
    make_workflow(inside, step("Words", inside.paul))
    approval = ask(inside)
    ProfileUserGrant.objects.filter(user=inside.paul).update(permission=role("standard:guest").permission_id)
    with pytest.raises(NotAllowed):
        say_yes(inside, inside.paul, approval)
    assert fresh(inside, approval.publication).state == State.WAITING


def test_post_is_held_when_all_who_approved_lost_the_right_before_the_last_answer(inside: Acme) -> None:
    """The last answer comes from outside: then somebody of the team who approved must still be able to vouch."""
    outside = step("Client", outsiders=[CLIENT])
    make_workflow(inside, step("Words", inside.paul), outside)
    approval = ask(inside)
    say_yes(inside, inside.paul, approval)
    ProfileUserGrant.objects.filter(user=inside.paul).delete()
    link = ApprovalLink.objects.select_related("step__approval", "outsider").get()
    publication = approve_from_outside(link=link, digest=approval.content_digest, now=timezone.now())
    assert (publication.state, publication.hold_reason) == (State.HELD, HoldReason.RIGHT_LOST)


def test_waiting_list_shows_exactly_what_one_may_answer_now(inside: Acme) -> None:
    put_in_team(inside.brand, inside.marc)
    make_workflow(
        inside,
        step("Role", roles=[_role("standard:editor")]),
        step("Team", teams=[inside.brand], rule=StepRule.ALL),
        step("Olga", inside.olga),
    )
    approval = ask(inside)
    people = inside.everybody.values()
    for answers in (inside.paul, inside.marc, inside.olga, None):
        for person in people:
            access = inside.access(person)
            listed = approvals_waiting_for(access).filter(pk=approval.pk).exists()
            may = not approval.answer and may_answer(access, approval)
            assert listed is may, (person, answers)
        if answers is not None:
            say_yes(inside, answers, approval)
            approval.refresh_from_db()
    assert fresh(inside, approval.publication).state == State.SCHEDULED


def test_each_answer_is_in_the_audit_log_with_its_step(inside: Acme) -> None:
    make_workflow(inside, step("Words", inside.paul), step("Last look", inside.marc))
    approval = ask(inside)
    say_yes(inside, inside.paul, approval)
    say_yes(inside, inside.marc, approval)
    told = AuditEvent.objects.filter(action__startswith="publication.approve").order_by("sequence")
    assert [(one.action, one.actor_id, one.after["step"]) for one in told] == [
        ("publication.approve_step", inside.paul.pk, "Words"),
        ("publication.approve", inside.marc.pk, "Last look"),
    ]


def test_role_named_by_a_step_counts_where_it_is_held(inside: Acme) -> None:
    make_workflow(inside, step("Editors", roles=[_role("standard:editor")]))
    approval = ask(inside)
    assert not may_answer(inside.access(inside.gus), approval)
    ProfileUserGrant.objects.filter(user=inside.gus).delete()
    give(inside.news, inside.gus, "standard:editor")
    assert may_answer(inside.access(inside.gus), approval)


def _role(key: str) -> Role:
    return Role.objects.get(pk=role(key).id)


def _edit(acme: Acme, editor: User, post: Post, text: str) -> None:
    post.refresh_from_db()
    update_post(
        actor=acme.access(editor),
        post=post,
        profiles=[acme.news],
        draft=Draft(text=text),
        version=post.version,
        now=timezone.now(),
    )


class PaulLoses(Losses):
    """Paul loses his right to review, and these people still hold it."""

    def __init__(self, acme: Acme, *left: User) -> None:
        super().__init__([], lambda action, profiles, at: {pk: {one.pk for one in left} for pk in profiles})
        self.paul = acme.paul.pk

    def losing(self, action: str, object_id: int, at: datetime) -> set[int]:
        return {self.paul} if action == "profile.review_posts" else set()


def test_loss_of_the_only_one_a_step_names_leaves_the_request_behind(inside: Acme) -> None:
    """Others may review there, but the step does not ask them."""
    now = timezone.now()
    ask(inside)
    others = PaulLoses(inside, inside.marc, inside.olga)
    assert not list(find_stranded_publications(others, now)), "without steps anybody who may review answers"
    make_workflow(inside, step("Words", inside.paul), step("Last look", inside.marc))
    approval = ask(inside)
    assert [one.key for one in find_stranded_publications(others, now)] == [approval.pk]


def test_loss_of_one_of_all_who_must_approve_leaves_the_request_behind(inside: Acme) -> None:
    """Nobody takes his place by himself: unless he has answered already, the step could never be finished."""
    now = timezone.now()
    make_workflow(inside, step("Both", inside.paul, inside.marc, rule=StepRule.ALL))
    approval = ask(inside)
    others = PaulLoses(inside, inside.marc, inside.olga)
    assert [one.key for one in find_stranded_publications(others, now)] == [approval.pk]
    say_yes(inside, inside.paul, approval)
    assert not list(find_stranded_publications(others, now))
