"""A5, H9 and H10, each to the letter; and what a reviewer is shown the second time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from permissions.errors import NotAllowed
from publishing.models import Approval, Post, Publication, State
from publishing.selectors.differences import Piece, difference, pieces
from publishing.services import scheduling
from publishing.services.posts import Draft, create_post, delete_post, update_post
from publishing.services.scheduling import CannotSchedule, cancel, schedule_post
from publishing.services.workflows import CannotPlan
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, give, make_own_role, make_profile
from tests.publishing.approvals.making import ask, fresh, make_workflow, say_yes, step
from tests.publishing.pages import press, publications, send, url, words

SignIn = Callable[[User], Client]


def test_moderator_cannot_publish_now_and_his_post_goes_for_approval(acme: Acme, signed_in: SignIn) -> None:
    mina = signed_in(acme.mina)
    assert press(mina, "now", acme.news).status_code in (403, 422)
    assert publications(acme) == []
    press(mina, "ask", acme.news, when="2027-06-01T09:00")
    assert [one.state for one in publications(acme)] == [State.WAITING]


def test_moderator_edits_and_deletes_only_his_own_scheduled_posts(inside: Acme) -> None:
    own = say_yes(inside, inside.paul, ask(inside))
    other = send(inside, inside.paul, inside.news)
    mina, now = inside.access(inside.mina), timezone.now()
    with pytest.raises(NotAllowed):
        cancel(actor=mina, publication=other, now=now)
    with pytest.raises(NotAllowed):
        delete_post(actor=mina, post=other.post, now=now)
    edited = update_post(
        actor=mina, post=own.post, profiles=[inside.news], draft=Draft(text="New"), version=1, now=now
    )
    assert fresh(inside, own).state == State.DRAFT, "his edit voids the approval"
    delete_post(actor=mina, post=edited, now=now)
    assert list(Post.objects.all()) == [other.post]


def test_role_may_publish_replies_directly_while_its_posts_need_approval(inside: Acme) -> None:
    """H9: the rights side; the inbox asks ``profile.publish_replies``."""
    actions = [
        "profile.view_posts",
        "profile.manage_drafts",
        "profile.send_for_approval",
        "profile.publish_replies",
    ]
    responder = make_own_role(inside.organization, "Responder", actions)
    ProfileUserGrant.objects.filter(user=inside.gus).update(permission=responder.permission_id)
    gus = inside.access(inside.gus)
    assert gus.can("profile.publish_replies", inside.news)
    assert not gus.can("profile.publish_posts", inside.news)
    assert send(inside, inside.gus, inside.news).state == State.WAITING


def test_role_that_needs_approval_gives_no_access_on_youtube(inside: Acme) -> None:
    """H10: the moderator sees nothing there; an editor publishes without anybody's yes."""
    tube = make_profile(inside.organization, "acme-tube", "youtube")
    give(tube, inside.mina, "standard:moderator")
    give(tube, inside.paul, "standard:editor")
    assert not inside.access(inside.mina).sees(tube)
    with pytest.raises(NotAllowed):
        create_post(
            actor=inside.access(inside.mina),
            workspace=inside.main,
            profiles=[tube],
            draft=Draft(text="Hello"),
            now=timezone.now(),
        )
    assert inside.access(inside.paul).can("profile.publish_posts", tube)


def test_nobody_asks_for_approval_on_youtube_and_no_workflow_is_for_it(
    inside: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "problems_of", lambda publication: [])  # the video is not the matter here
    tube = make_profile(inside.organization, "acme-tube", "youtube")
    now = timezone.now()
    post = create_post(
        actor=inside.access(inside.olga),
        workspace=inside.main,
        profiles=[tube],
        draft=Draft(text="Hello"),
        now=now,
    )
    due = {post.publications.get().pk: now}
    with pytest.raises(CannotSchedule, match="knows no approval"):
        schedule_post(actor=inside.access(inside.olga), post=post, due=due, now=now, asks_approval=True)
    assert Publication.objects.get(post=post).state == State.DRAFT
    inside.news = tube
    with pytest.raises(CannotPlan, match="knows no approval"):
        make_workflow(inside, step("Words", inside.paul))


def test_reviewer_is_shown_only_what_changed_since_he_last_said_yes(acme: Acme, signed_in: SignIn) -> None:
    make_workflow(acme, step("Words", acme.paul), step("Last look", acme.marc))
    first = ask(acme, text="Open until six on Friday")
    say_yes(acme, acme.paul, first)
    mina = signed_in(acme.mina)
    press(
        mina,
        "ask",
        acme.news,
        post=first.publication.post,
        text="Open until eight on Friday",
        version=1,
        when="2027-06-01T09:00",
    )
    second = _open(acme)
    paul = words(signed_in(acme.paul).get(url("approval_detail", second.pk)))
    assert "Changed since you approved it" in paul
    gone, come = ('<span class="sr-only">removed: </span>six', '<span class="sr-only">added: </span>eight')
    assert f"<del>{gone}</del><ins>{come}</ins>" in paul
    marc = words(signed_in(acme.marc).get(url("approval_detail", second.pk)))
    assert "Changed since you approved it" not in marc, "he has approved nothing yet"


def test_reviewer_who_said_no_is_shown_what_was_mended_since(acme: Acme, signed_in: SignIn) -> None:
    first = ask(acme, text="Open until six on Friday")
    marc = signed_in(acme.marc)
    said = marc.post(url("approval_detail", first.pk), {"answer": "decline", "note": "Until eight!"})
    assert said.status_code == 302
    mended = {"text": "Open until eight on Friday", "version": 1, "when": "2027-06-01T09:00"}
    press(signed_in(acme.mina), "ask", acme.news, post=first.publication.post, **mended)
    page = words(marc.get(url("approval_detail", _open(acme).pk)))
    assert "Changed since you did not approve it" in page and "Until eight!" in page
    assert "<del>" in page and page.index("<del>") < page.index("The whole post")


def test_difference_names_each_thing_that_changed() -> None:
    old = {
        "text": "One two three",
        "options": {"visibility": "public"},
        "link_card": None,
        "language": "en",
        "media": [
            {"digest": "a", "alt_text": "A red bike", "filename": "a.png"},
            {"digest": "b", "alt_text": "", "filename": "b.png"},
        ],
        "profile": {"pk": 1, "name": "@acme"},
        "due_at": "2026-11-01T10:00:00+00:00",
    }
    new = old | {
        "text": "One 2 three",
        "options": {"visibility": "unlisted"},
        "media": [
            {"digest": "a", "alt_text": "A blue bike", "filename": "a.png"},
            {"digest": "c", "alt_text": "", "filename": "c.png"},
        ],
        "due_at": "2026-11-02T10:00:00+00:00",
    }
    changes = {change.label: change for change in difference(old, new)}
    assert set(changes) == {
        "Text",
        "Picture taken out",
        "Picture added",
        "Description of a.png",
        "Goes out",
        "visibility",
    }
    assert changes["visibility"].before == "public" and changes["visibility"].after == "unlisted"
    assert difference(old, dict(old)) == []


def test_pieces_put_the_new_text_together_again() -> None:
    found = pieces("Red, green and blue.", "Red and very blue!")
    assert "".join(one.text for one in found if one.how != "removed") == "Red and very blue!"
    assert "".join(one.text for one in found if one.how != "added") == "Red, green and blue."
    assert Piece("added", "!") in found


def _open(acme: Acme) -> Approval:
    with organization_open(acme.organization.pk):
        return Approval.objects.get(answer="")
