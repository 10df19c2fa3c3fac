"""The networks' own options: fixed choices, texts, choices that only the network knows, and accounts to mention."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from publishing.content import content_for
from publishing.models import Post
from publishing.shown_options import shown_options
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Credentials, CredentialsExpired, NetworkError, NotSent
from social_accounts.networks.youtube.adapter import YouTubeAdapter
from social_accounts.vault import store_credentials
from tenancy.context import organization_open
from tests.cast import Acme, give, make_profile
from tests.publishing.pages import in_days, press, publications, url, words

SignIn = Callable[[User], Client]
PLAYLISTS = [("PL1", "Winter rides"), ("PL2", "How to")]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


@pytest.fixture
def channels(acme: Acme) -> list[SocialProfile]:
    """Two channels of a network that is asked for its playlists, both Paul's to publish on."""
    made = [make_profile(acme.organization, name, "youtube") for name in ("acme-films", "acme-kids")]
    for profile in made:
        give(profile, acme.paul, "standard:editor")
        with organization_open(acme.organization.pk):
            store_credentials(profile, Credentials(access_token="token"))
    return made


@dataclass
class Asked:
    """What the network answers when it is asked for playlists, and how often it was."""

    answer: Sequence[tuple[str, str]] | NetworkError
    times: int = 0

    def choices(self, **asked: Any) -> Sequence[tuple[str, str]]:
        self.times += 1
        assert asked["credentials"].access_token == "token" and asked["option"] == "playlist"
        if isinstance(self.answer, NetworkError):
            raise self.answer
        return self.answer


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked(PLAYLISTS)
    monkeypatch.setattr(YouTubeAdapter, "choices", lambda _self, **given: asked.choices(**given))
    return asked


def ask(client: Client, profile: SocialProfile, option: str = "playlist") -> Any:
    return client.get(url("profile_choices", profile.pk), {"option": option})


# --- choices that only the network knows -----------------------------------------------------------------------------


def test_network_is_asked_for_its_choices_and_the_page_remembers_them(
    acme: Acme, paul: Client, channels: list[SocialProfile], network: Asked
) -> None:
    answers = [ask(paul, channels[0]).json() for _time in range(2)]
    assert answers[0] == answers[1]
    assert network.times == 2  # whoever asks gets a fresh answer; the page is made from the one before
    assert answers[0] == {"choices": [["PL1", "Winter rides"], ["PL2", "How to"]]}
    page = words(paul.get(url("post_new")))
    assert '<option value="PL1">Winter rides</option>' in page


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (NotSent("the-network.test cannot be reached."), "the-network.test cannot be reached."),
        (CredentialsExpired("It no longer accepts this connection."), "no longer accepts this connection"),
    ],
)
def test_network_that_does_not_answer_is_said_in_words(
    acme: Acme,
    paul: Client,
    channels: list[SocialProfile],
    network: Asked,
    failure: NetworkError,
    sentence: str,
) -> None:
    network.answer = failure
    refused = ask(paul, channels[0])
    assert refused.status_code == 422
    problem = refused.json()["problem"]
    assert problem.startswith("YouTube did not tell its choices") and sentence in problem
    assert paul.get(url("post_new")).status_code == 200


@pytest.mark.parametrize("option", ["visibility", "unheard_of", ""])
def test_only_what_the_network_knows_is_asked(
    acme: Acme, paul: Client, channels: list[SocialProfile], network: Asked, option: str
) -> None:
    assert ask(paul, channels[0], option).status_code == 404
    assert network.times == 0


def test_choices_are_told_only_to_those_who_write_there(
    acme: Acme, channels: list[SocialProfile], network: Asked, signed_in: SignIn
) -> None:
    give(channels[0], acme.gus, "standard:guest")
    assert ask(signed_in(acme.gus), channels[0]).status_code == 403
    assert ask(signed_in(acme.emil), channels[0]).status_code == 404
    assert ask(signed_in(acme.mallory), channels[0]).status_code == 404
    assert network.times == 0


def test_each_profile_gets_its_own_choice(
    acme: Acme, paul: Client, channels: list[SocialProfile], network: Asked
) -> None:
    films, kids = channels
    ask(paul, films)
    chosen = {
        "option_youtube_title": "Seven fixes",
        f"option_youtube_playlist:{films.pk}": "PL1",
        f"option_youtube_playlist:{kids.pk}": "PL2",
        "option_youtube_playlist:999": "PL9",
    }
    press(paul, "save", films, kids, **chosen)
    with organization_open(acme.organization.pk):
        post = Post.objects.get()
        assert f"playlist:{films.pk}" in post.network_options["youtube"]
        assert "playlist:999" not in post.network_options["youtube"]
        given = [content_for(post, profile).options for profile in channels]
        assert [(one["title"], one["playlist"]) for one in given] == [
            ("Seven fixes", "PL1"),
            ("Seven fixes", "PL2"),
        ]
        assert dict(shown_options(post, films))["Playlist"] == "Winter rides"
        before = post.content_digest("youtube")
        post.network_options["youtube"][f"playlist:{kids.pk}"] = "PL1"
        assert post.content_digest("youtube") != before
    page = words(paul.get(url("post_edit", post.pk)))
    assert '<option value="PL1" selected>Winter rides</option>' in page
    assert '<option value="PL2" selected>' in page


# --- texts and what is required --------------------------------------------------------------------------------------


def test_first_comment_is_kept_and_goes_out_with_line_breaks_as_typed(acme: Acme, paul: Client) -> None:
    press(paul, "save", acme.news, option_mastodon_first_comment="First line\r\nsecond line")
    (publication,) = publications(acme)
    assert publication.post.network_options["mastodon"]["first_comment"] == "First line\nsecond line"
    page = words(paul.get(url("publication_detail", publication.pk)))
    assert "First comment" in page and "second line" in page


def test_first_comment_that_is_too_long_is_kept_and_refused_with_its_number(acme: Acme, paul: Client) -> None:
    long = "c" * 600
    refused = press(paul, "schedule", acme.news, when=in_days(1), option_mastodon_first_comment=long)
    assert refused.status_code == 422
    assert long in words(refused) and "500" in words(refused)


def test_what_a_network_requires_is_said_beside_it(
    acme: Acme, paul: Client, channels: list[SocialProfile]
) -> None:
    page = words(press(paul, "upload", channels[0]))
    assert "“Title” is missing." in page
    assert press(paul, "schedule", channels[0], when=in_days(1)).status_code == 422


def test_choice_the_network_does_not_have_is_left_out(acme: Acme, paul: Client) -> None:
    press(paul, "save", acme.news, option_mastodon_visibility="everybody_and_his_dog")
    (publication,) = publications(acme)
    assert "visibility" not in publication.post.network_options.get("mastodon", {})


# --- accounts to mention ---------------------------------------------------------------------------------------------


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path == "/api/v2/search":
            found = [
                {"acct": "lab@social.test", "display_name": "Commute Lab"},
                {"acct": "", "display_name": "?"},
            ]
            return httpx.Response(200, json={"accounts": found, "statuses": [], "hashtags": []})
        if request.url.path == "/xrpc/app.bsky.actor.searchActorsTypeahead":
            return httpx.Response(
                200, json={"actors": [{"handle": "lab.test", "displayName": "Commute Lab"}]}
            )
        return httpx.Response(500)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(connections, "http", lambda: client)
    yield asked
    client.close()


def suggest(client: Client, profile: SocialProfile, beginning: str) -> Any:
    return client.get(url("mention_suggestions", profile.pk), {"q": beginning})


@pytest.mark.parametrize(("profile", "handle"), [("news", "lab@social.test"), ("sky", "lab.test")])
def test_accounts_are_suggested_as_their_network_knows_them(
    acme: Acme, paul: Client, answers: list[httpx.Request], profile: str, handle: str
) -> None:
    for _time in range(2):
        said = suggest(paul, getattr(acme, profile), "@lab").json()
        assert said == {"accounts": [{"handle": handle, "name": "Commute Lab"}]}
    (request,) = answers  # asked once, remembered for the next letter
    assert request.url.params["q"] == "lab" and "Authorization" not in request.headers


def test_one_letter_is_too_little_to_ask(acme: Acme, paul: Client, answers: list[httpx.Request]) -> None:
    assert suggest(paul, acme.news, "@l").json() == {"accounts": []}
    assert not answers


def test_network_without_a_search_or_an_answer_suggests_nothing(
    acme: Acme, paul: Client, channels: list[SocialProfile], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(503)))
    monkeypatch.setattr(connections, "http", lambda: broken)
    assert suggest(paul, channels[0], "lab").json() == {"accounts": []}
    assert suggest(paul, acme.news, "lab").json() == {"accounts": []}
    broken.close()


def test_suggestions_are_for_those_who_write_there(
    acme: Acme, answers: list[httpx.Request], signed_in: SignIn
) -> None:
    assert suggest(signed_in(acme.gus), acme.news, "lab").status_code == 403
    assert suggest(signed_in(acme.emil), acme.news, "lab").status_code == 404
    assert not answers
