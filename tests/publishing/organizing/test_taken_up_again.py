"""What was chosen beside the text comes back with it, where somebody left the composer without saving."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import User
from tests.cast import Acme
from tests.publishing.organizing.shelves import make_campaign, make_category, make_field, make_label
from tests.publishing.pages import typed, url, words, write
from tests.publishing.test_composer_keeping import KEY, keep, leave

SignIn = Callable[[User], Client]


def test_labels_campaign_fields_and_drawer_are_taken_up_again(acme: Acme, signed_in: SignIn) -> None:
    label, other = make_label(acme), make_label(acme, "Summer", 2)
    campaign, category = make_campaign(acme, utm_campaign="winter"), make_category(acme)
    text, number = make_field(acme), make_field(acme, "Budget", "number")
    chosen = {
        "organizing": "1",
        "labels": [label.pk],
        "campaign": campaign.pk,
        "category": category.pk,
        "status": "idea",
        f"field_{text.pk}": "4711",
        f"field_{number.pk}": "half a num",
    }
    paul = signed_in(acme.paul)
    for address, post in ((url("post_new"), None), ("", write(acme, acme.paul, acme.news))):
        address = address or url("post_edit", post.pk)  # type: ignore[union-attr]
        keep(paul, post=post, **typed(acme.news, text="Look: https://acme.test/sale", **chosen))
        leave(acme)
        page = paul.get(f"{address}?restore={KEY}")
        form = page.context["organizing"]
        shown = {name: form[name].value() for name in form.fields}
        assert shown["labels"] == [str(label.pk)] and str(other.pk) not in shown["labels"]
        assert (shown["campaign"], shown["category"]) == (str(campaign.pk), str(category.pk))
        assert (shown["status"], shown[f"field_{text.pk}"]) == ("idea", "4711")
        assert shown[f"field_{number.pk}"] == "half a num", "also what cannot be saved yet"
        assert "utm_campaign=winter" in words(page), "the links are shown as the campaign makes them"
