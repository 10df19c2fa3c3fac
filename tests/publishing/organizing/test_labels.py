from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from publishing.models import Approval, Label, Post, PostLabel, Publication, State
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, make_person
from tests.publishing.organizing.shelves import fresh, label_names, make_label, put_labels, rows
from tests.publishing.pages import publications, send, url, words, write

SignIn = Callable[[User], Client]


@pytest.fixture
def winter(acme: Acme) -> Label:
    return make_label(acme)


def publish(acme: Acme, publication: Publication) -> None:
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=publication.pk).update(
            state=State.PUBLISHED, published_at=timezone.now()
        )


def test_a_label_is_added_renamed_and_deleted_and_the_log_tells_of_it(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    assert olga.post(url("label_list"), {"name": "Winter", "color": 3}).status_code == 303
    label = rows(acme, Label)[0]
    assert (label.name, label.color, label.created_by_id) == ("Winter", 3, acme.olga.pk)
    assert olga.post(url("label_edit", label.pk), {"name": "Snow", "color": 3}).status_code == 303
    assert "Snow" in words(olga.get(url("label_list")))
    assert olga.post(url("label_deletion", label.pk)).status_code == 303
    assert rows(acme, Label) == []
    with organization_open(acme.organization.pk):
        told = list(AuditEvent.objects.filter(action__startswith="label.").order_by("sequence"))
    assert [event.action for event in told] == ["label.create", "label.update", "label.delete"]
    assert told[1].before == {"name": "Winter", "color": "orange"}
    assert told[1].after == {"name": "Snow", "color": "orange"}


def test_a_name_is_given_once_whatever_the_case_of_its_letters(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    answer = signed_in(acme.olga).post(url("label_list"), {"name": "WINTER", "color": 1})
    assert answer.status_code == 422
    assert "exists already" in words(answer)
    assert len(rows(acme, Label)) == 1


def test_the_page_of_a_label_says_how_many_posts_lose_it_with_it(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    post = write(acme, acme.paul, acme.news)
    put_labels(signed_in(acme.paul), acme, post, winter)
    assert "1 post uses it" in words(signed_in(acme.olga).get(url("label_edit", winter.pk)))
    signed_in(acme.olga).post(url("label_deletion", winter.pk))
    assert fresh(acme, post).text == "Hello, world"
    assert rows(acme, PostLabel) == []


def test_who_lacks_the_right_sees_the_labels_and_changes_none(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    nora = make_person("Nora New")
    add_member(acme.organization, nora, "hootsuite:default")  # HO06 keeps the labels for admins
    client = signed_in(nora)
    page = words(client.get(url("label_list")))
    assert "Winter" in page and "New label" not in page and "Edit" not in page
    assert client.post(url("label_list"), {"name": "Snow", "color": 1}).status_code == 403
    assert client.post(url("label_deletion", winter.pk)).status_code == 403
    assert [label.name for label in rows(acme, Label)] == ["Winter"]


def test_a_label_a_moderator_adds_to_a_scheduled_post_sends_it_for_approval_again(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    scheduled = send(acme, acme.paul, acme.news)
    mina = signed_in(acme.mina)
    page = words(mina.get(url("post_labels", scheduled.post_id)))
    assert "sends the post for approval again" in page
    put_labels(mina, acme, scheduled.post, winter)
    asked = publications(acme)[0]
    assert (asked.state, asked.vouched_by, asked.due_at) == (State.WAITING, None, scheduled.due_at)
    approval = rows(acme, Approval, answer="")[0]
    assert (approval.requested_by_id, approval.publication_id) == (acme.mina.pk, scheduled.pk)
    assert approval.content_digest == asked.sealed_digest
    assert label_names(acme, scheduled.post) == ["Winter"]


def test_a_label_taken_away_or_added_by_who_may_publish_leaves_the_schedule_as_it_is(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    scheduled = send(acme, acme.paul, acme.news)
    paul = signed_in(acme.paul)
    assert "for approval again" not in words(paul.get(url("post_labels", scheduled.post_id)))
    put_labels(paul, acme, scheduled.post, winter)
    assert publications(acme)[0].state == State.SCHEDULED
    put_labels(signed_in(acme.mina), acme, scheduled.post)
    assert label_names(acme, scheduled.post) == []
    assert publications(acme)[0].state == State.SCHEDULED


def test_only_the_profiles_where_one_may_not_publish_ask_for_approval_again(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    give(acme.quiet, acme.mina, "standard:editor")
    scheduled = send(acme, acme.olga, acme.news, acme.quiet)
    put_labels(signed_in(acme.mina), acme, scheduled.post, winter)
    states = {one.profile_id: one.state for one in publications(acme)}
    assert states == {acme.news.pk: State.WAITING, acme.quiet.pk: State.SCHEDULED}


def test_labels_of_a_published_post_need_their_own_right(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    out = send(acme, acme.paul, acme.news)
    publish(acme, out)
    assert signed_in(acme.mina).get(url("post_labels", out.post_id)).status_code == 403
    assert put_labels(signed_in(acme.mina), acme, out.post, winter).status_code == 403
    assert label_names(acme, out.post) == []
    assert put_labels(signed_in(acme.paul), acme, out.post, winter).status_code == 303
    assert label_names(acme, out.post) == ["Winter"]
    assert publications(acme)[0].state == State.PUBLISHED


def test_who_only_looks_at_posts_labels_none(acme: Acme, signed_in: SignIn, winter: Label) -> None:
    scheduled = send(acme, acme.paul, acme.news)
    assert put_labels(signed_in(acme.gus), acme, scheduled.post, winter).status_code == 403
    assert put_labels(signed_in(acme.emil), acme, scheduled.post, winter).status_code == 404
    assert label_names(acme, scheduled.post) == []


def test_labels_chosen_over_somebody_elses_save_change_nothing(
    acme: Acme, signed_in: SignIn, winter: Label
) -> None:
    post = write(acme, acme.paul, acme.news)
    put_labels(signed_in(acme.paul), acme, post, winter)
    answer = put_labels(signed_in(acme.olga), acme, post, version=1)
    assert answer.status_code == 422 and "meanwhile" in words(answer)
    assert label_names(acme, post) == ["Winter"]


def test_labels_are_counted_in_a_fixed_number_of_queries(
    acme: Acme, signed_in: SignIn, django_assert_max_num_queries: Callable[..., object], winter: Label
) -> None:
    for number in range(8):
        make_label(acme, f"Label {number}")
    olga = signed_in(acme.olga)
    olga.get(url("label_list"))
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        assert "Label 7" in words(olga.get(url("label_list")))


def test_another_organizations_label_is_not_found(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.elsewhere.pk):
        theirs = Label.objects.create(name="Theirs")
    post = write(acme, acme.paul, acme.news)
    assert signed_in(acme.olga).get(url("label_edit", theirs.pk)).status_code == 404
    assert put_labels(signed_in(acme.paul), acme, post, theirs).status_code == 422
    assert label_names(acme, Post(pk=post.pk, organization=acme.organization)) == []
