from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import User
from publishing.models import Post
from publishing.selectors.organizing import filter_posts
from publishing.services.organizing import Organizing
from tenancy.context import organization_open
from tests.cast import Acme, add_member, make_person
from tests.publishing.organizing.shelves import (
    edit,
    fresh,
    make_campaign,
    make_category,
    make_field,
    make_label,
)
from tests.publishing.pages import publications, send, url, words, write

SignIn = Callable[[User], Client]


def drafts(client: Client, **wanted: Any) -> str:
    return words(client.get(url("draft_list"), wanted))


def test_drafts_lie_in_their_drawers_and_what_is_on_its_way_is_none(acme: Acme, signed_in: SignIn) -> None:
    sorted_one = write(acme, acme.paul, acme.news, text="Sorted one")
    write(acme, acme.paul, acme.news, text="Loose one")
    send(acme, acme.paul, acme.news, text="Scheduled one")
    paul = signed_in(acme.paul)
    category = make_category(acme)
    typed = {"category": category.pk, "status": "ready"}
    assert paul.post(url("draft_place", sorted_one.pk), typed).status_code == 303
    page = drafts(paul)
    assert page.index("Ideas") < page.index("Sorted one") < page.index("Without a category")
    assert page.index("Without a category") < page.index("Loose one")
    assert "Scheduled one" not in page and "Ready" in page


def test_a_colleagues_draft_without_profile_is_seen_but_not_sorted(acme: Acme, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, text="Only an idea")
    emil = signed_in(acme.emil)
    page = drafts(emil)
    assert "Only an idea" in page and url("post_history", post.pk) in page
    assert emil.get(url("post_history", post.pk)).status_code == 200
    category = make_category(acme)
    emil.post(url("draft_place", post.pk), {"category": category.pk, "status": ""})
    assert fresh(acme, post).draft_category_id is None


def test_who_may_not_see_drafts_sees_only_those_of_his_profiles(acme: Acme, signed_in: SignIn) -> None:
    write(acme, acme.paul, text="Only an idea")
    ada = make_person("Ada Agency", "ada@agency.test")
    add_member(acme.elsewhere, ada, "standard:member")
    assert signed_in(ada).get(url("draft_list")).status_code == 404


def test_sorting_is_for_who_may_edit_the_draft(acme: Acme, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news)
    typed = {"category": "", "status": "idea"}
    assert signed_in(acme.mina).post(url("draft_place", post.pk), typed).status_code == 403
    assert fresh(acme, post).draft_status == ""
    scheduled = send(acme, acme.paul, acme.news)
    signed_in(acme.paul).post(url("draft_place", scheduled.post_id), typed)
    assert fresh(acme, scheduled.post).draft_status == ""


def test_drafts_are_narrowed_by_everything_they_are_sorted_by(acme: Acme, signed_in: SignIn) -> None:
    label, campaign, category = make_label(acme), make_campaign(acme), make_category(acme)
    field = make_field(acme, kind="choice", choices=["North", "South"])
    found = write(acme, acme.paul, acme.news, text="Found one")
    write(acme, acme.olga, acme.news, text="Other one")
    edit(
        acme,
        acme.paul,
        found,
        organizing=Organizing(
            campaign=campaign, category=category, labels=[label], status="idea", values={field.pk: "North"}
        ),
    )
    paul = signed_in(acme.paul)
    for wanted in (
        {"label": label.pk},
        {"campaign": campaign.pk},
        {"category": category.pk},
        {"status": "idea"},
        {"author": acme.paul.pk},
        {f"field_{field.pk}": "North"},
    ):
        page = drafts(paul, **wanted)
        assert "Found one" in page and "Other one" not in page, wanted
    nothing = drafts(paul, **{f"field_{field.pk}": "South"})
    assert "No draft matches" in nothing and "Clear the filter" in nothing


def test_filter_posts_narrows_publications_as_well(acme: Acme) -> None:
    label = make_label(acme)
    found = write(acme, acme.paul, acme.news, text="Found one")
    write(acme, acme.paul, acme.news, text="Other one")
    edit(acme, acme.paul, found, organizing=Organizing(labels=[label]))
    with organization_open(acme.organization.pk):
        rows = type(publications(acme)[0]).objects.all()
        assert [one.post_id for one in filter_posts(rows, path="post", label=label.pk)] == [found.pk]
        assert filter_posts(Post.objects.all()).count() == 2


def test_the_drafts_are_read_in_a_fixed_number_of_queries(
    acme: Acme, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    label = make_label(acme)
    for number in range(6):
        post = write(acme, acme.paul, acme.news, acme.sky, text=f"Draft {number}")
        edit(acme, acme.paul, post, organizing=Organizing(labels=[label]))
    paul = signed_in(acme.paul)
    drafts(paul)
    with django_assert_max_num_queries(32):
        assert "Draft 5" in drafts(paul)


def test_a_draft_nobody_needs_is_deleted_by_who_may_delete_drafts(acme: Acme, signed_in: SignIn) -> None:
    idea, on_news = write(acme, acme.paul, text="Only an idea"), write(acme, acme.paul, acme.news)
    emil, gus = signed_in(acme.emil), signed_in(acme.gus)
    assert url("draft_deletion", idea.pk) in drafts(emil)
    assert url("draft_deletion", on_news.pk) not in drafts(gus)
    assert emil.post(url("draft_deletion", on_news.pk)).status_code == 404
    assert gus.post(url("draft_deletion", on_news.pk)).status_code == 403
    assert emil.post(url("draft_deletion", idea.pk)).status_code == 303
    with organization_open(acme.organization.pk):
        assert list(Post.objects.values_list("pk", flat=True)) == [on_news.pk]
