"""H7, H9, H10 and A5 through the pages people use, word by word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import Approval, Label, Post, PostLabel, State
from publishing.services import scheduling
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, give, make_own_role, make_profile
from tests.publishing.approvals.making import ask, fresh, make_workflow, say_yes, step
from tests.publishing.organizing.shelves import make_label, put_labels
from tests.publishing.pages import in_days, press, publications, send, url, words

SignIn = Callable[[User], Client]


def test_moderator_is_not_offered_publishing_now_and_is_refused_it(acme: Acme, signed_in: SignIn) -> None:
    """A5: "Moderators cannot choose Publish now: their post goes for approval." """
    mina = signed_in(acme.mina)
    page = words(mina.get(url("post_new")))
    assert 'value="now"' not in page and 'value="ask"' in page
    assert "You may not publish without approval here" in page, (
        "the button is there, and says why it does not work"
    )
    assert press(mina, "now", acme.news).status_code == 403 and publications(acme) == []
    for act in ("schedule", "ask"):
        press(mina, act, acme.news, text=f"Sent by {act}", when=in_days(2))
    assert {one.state for one in publications(acme)} == {State.WAITING}


def test_moderator_edits_and_deletes_his_own_scheduled_posts_and_no_others(
    acme: Acme, signed_in: SignIn
) -> None:
    """A5: "They edit and delete only their own scheduled posts." """
    own = say_yes(acme, acme.paul, ask(acme))
    other = send(acme, acme.paul, acme.news)
    mina = signed_in(acme.mina)
    for route, pk in (
        ("post_edit", other.post_id),
        ("post_deletion", other.post_id),
        ("publication_move", other.pk),
        ("cancellation", other.pk),
    ):
        typed = {"act": "save", "when": in_days(4)}
        assert mina.post(url(route, pk), typed).status_code == 403, route
    assert fresh(acme, other).state == State.SCHEDULED
    assert press(mina, "save", acme.news, post=own.post, text="Mended", version=1).status_code == 302
    assert fresh(acme, own).state == State.DRAFT, "his edit voids the approval"
    assert mina.post(url("post_deletion", own.post_id)).status_code == 302
    with organization_open(acme.organization.pk):
        assert list(Post.objects.all()) == [other.post]


def test_label_of_a_moderator_sends_a_scheduled_post_for_approval_again(
    acme: Acme, signed_in: SignIn
) -> None:
    """A5: "Labels they add to a scheduled post send it for approval again." Those of an editor do not."""
    own = say_yes(acme, acme.paul, ask(acme))
    label, other = make_label(acme), make_label(acme, "Summer", 2)
    put_labels(signed_in(acme.paul), acme, own.post, other)
    assert fresh(acme, own).state == State.SCHEDULED
    mina = signed_in(acme.mina)
    answer = put_labels(mina, acme, own.post, other, label)
    assert answer.status_code == 303
    assert "waits for approval again" in words(mina.get(answer["Location"]))
    assert fresh(acme, own).state == State.WAITING
    with organization_open(acme.organization.pk):
        assert Label.objects.count() == PostLabel.objects.count() == 2


def test_custom_role_replies_directly_and_has_its_posts_approved(acme: Acme, signed_in: SignIn) -> None:
    """H9, as far as there are posts: the composer offers such a person sending for approval, and nothing else."""
    actions = [
        "profile.view_profile",
        "profile.view_posts",
        "profile.manage_drafts",
        "profile.send_for_approval",
        "profile.publish_replies",
    ]
    responder = make_own_role(acme.organization, "Responder", actions)
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.gus).update(permission=responder.permission_id)
    gus = signed_in(acme.gus)
    assert 'value="now"' not in words(gus.get(url("post_new")))
    press(gus, "schedule", acme.news, when=in_days(2))
    assert [one.state for one in publications(acme)] == [State.WAITING]
    assert acme.access(acme.gus).can("profile.publish_replies", acme.news)


def test_none_on_the_profile_ends_answering_whatever_names_the_person(acme: Acme, signed_in: SignIn) -> None:
    """H7: "None means no access even where something else would give it." """
    make_workflow(acme, step("Him", acme.paul, teams=[acme.brand]), profiles=[acme.sky])
    give(acme.sky, acme.mina, "standard:moderator")
    asked = send(acme, acme.mina, acme.sky)
    with organization_open(acme.organization.pk):
        approval = Approval.objects.get(publication=asked)
    paul, answer = signed_in(acme.paul), {"answer": "approve", "digest": approval.content_digest}
    assert paul.get(url("approval_detail", approval.pk)).status_code == 200
    give(acme.sky, acme.paul, "hootsuite:none")
    assert paul.post(url("approval_detail", approval.pk), answer).status_code == 404
    assert fresh(acme, asked).state == State.WAITING


def test_youtube_is_closed_to_who_needs_approval_and_has_none_for_others(
    acme: Acme, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H10, through the composer and the page of workflows."""
    monkeypatch.setattr(scheduling, "problems_of", lambda publication: [])  # the video is not the matter here
    tube = make_profile(acme.organization, "acme-tube", "youtube")
    give(tube, acme.mina, "standard:moderator")
    mina = signed_in(acme.mina)
    assert "acme-tube" not in words(mina.get(url("post_new")))
    assert press(mina, "ask", tube, when=in_days(2)).status_code == 403
    refused = press(signed_in(acme.olga), "ask", tube, when=in_days(2))
    assert refused.status_code == 422 and "knows no approval" in words(refused)
    form = signed_in(acme.olga).get(url("workflow_new")).context["form"]
    assert tube not in form.fields["profiles"].queryset
